// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "ordinal/markov_layout.hpp"
#include "plan/condition.hpp"
#include "plan/diary.hpp"
#include "plan/did_you_mean.hpp"

/// The courses along which occupancy is asked, and its scores.
namespace angiotrial::analysis {
namespace {

/// Covariates that the plan holds at a value: column of a design and value.
struct Held {
  std::vector<std::pair<std::size_t, double>> proportional, nominal;
};

bool hold(const Design& design, std::size_t first, const Condition& condition, double value,
          std::vector<std::pair<std::size_t, double>>& out) {
  for (std::size_t c = first; c < design.columns(); ++c) {
    if (design.names[c] != condition.column) continue;
    out.emplace_back(c, value);
    return true;
  }
  return false;
}

/// The first product that has the column as a factor; empty: none. Holding the column would leave
/// the product at each subject's own value.
std::string product_of(const Diary& diary, const std::string& column) {
  for (const Design* design : {&diary.data.proportional, &diary.data.nominal}) {
    for (const std::string& name : design->names) {
      const std::string within = ":" + name + ":";
      if (name != column && within.find(":" + column + ":") != std::string::npos) return name;
    }
  }
  return {};
}

std::optional<Held> read_held(const Diary& diary, const DiaryOptions& options, const Task& task) {
  Held held;
  const OrdinalData& data = diary.data;
  const std::size_t arms = data.frame.arms().size() - 1;
  for (const std::string& text : options.at) {
    const auto condition = read_condition(text);
    const auto number = condition ? formats::cell_number(condition->value) : std::nullopt;
    if (!number || condition->relation != Condition::Relation::equal) {
      task.bad_option("at", text, "must read COLUMN = NUMBER");
      return std::nullopt;
    }
    if (!hold(data.proportional, data.arm_nominal ? 0 : arms, *condition, *number,
              held.proportional) &&
        !hold(data.nominal, data.arm_nominal ? arms : 0, *condition, *number, held.nominal)) {
      task.bad_option("at", text, "names no column of the design",
                      did_you_mean(condition->column, data.proportional.names));
      return std::nullopt;
    }
    if (const std::string product = product_of(diary, condition->column); !product.empty()) {
      task.bad_option("at", text, "would leave " + product + " at the value of each subject",
                      "a column of its own for the product, held as well");
      return std::nullopt;
    }
  }
  return held;
}

std::vector<double> row_of(const Design& design, std::size_t row,
                           const std::vector<std::pair<std::size_t, double>>& held) {
  const auto begin = design.values.begin() + static_cast<std::ptrdiff_t>(row * design.columns());
  std::vector<double> out(begin, begin + static_cast<std::ptrdiff_t>(design.columns()));
  for (const auto& [column, value] : held) out[column] = value;
  return out;
}

/// The first covariate that changes over the rows of a subject; empty: none.
std::string changing(const Diary& diary, const std::pair<Design, Design>& designs,
                     const Held& held) {
  std::map<int, std::size_t> first;
  const auto& subject = diary.data.frame.subject();
  for (std::size_t i = 0; i < subject.size(); ++i) {
    const std::size_t to = first.emplace(subject[i], i).first->second;
    for (const auto& [design, fixed] : {std::pair{&designs.first, &held.proportional},
                                        std::pair{&designs.second, &held.nominal}}) {
      const auto a = row_of(*design, i, *fixed), b = row_of(*design, to, *fixed);
      const auto differ = std::ranges::mismatch(a, b);
      if (differ.in1 != a.end()) {
        return design->names[static_cast<std::size_t>(differ.in1 - a.begin())];
      }
    }
  }
  return "";
}

Courses courses_of(const Diary& diary, const std::pair<Design, Design>& designs, const Held& held,
                   int start) {
  Courses out;
  const std::size_t states = diary.data.y.names.size();
  out.times = static_cast<std::size_t>(diary.last_day - diary.first_day + 1.0 + 1e-9);
  std::map<std::vector<double>, std::size_t> known;
  for (std::size_t s = 0; s < diary.first_row.size(); ++s) {
    const auto p = row_of(designs.first, diary.first_row[s], held.proportional);
    const auto n = row_of(designs.second, diary.first_row[s], held.nominal);
    const int state = start >= 0 ? start : diary.first_state[s];
    std::vector<double> key(p);
    key.insert(key.end(), n.begin(), n.end());
    key.push_back(state);
    ++out.subjects;
    const auto [at, fresh] = known.emplace(std::move(key), out.weights.size());
    if (!fresh) {
      out.weights[at->second] += 1.0;
      continue;
    }
    out.weights.push_back(1.0);
    out.start.resize(out.start.size() + states, 0.0);
    out.start[out.start.size() - states + static_cast<std::size_t>(state)] = 1.0;
    for (std::size_t t = 0; t < out.times; ++t) {
      diary.append_covariates(p, n, diary.first_day + static_cast<double>(t), out.covariates);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::optional<std::vector<Courses>> courses_of_arms(const Diary& diary, const DiaryOptions& options,
                                                    const Task& task) {
  const auto held = read_held(diary, options, task);
  if (!held) return std::nullopt;
  const auto start = options.start.empty() ? -1 : diary.data.y.find(options.start);
  if (!options.start.empty() && start < 0) {
    task.bad_option("start", options.start, "is not one of the categories",
                    did_you_mean(options.start, diary.data.y.names));
    return std::nullopt;
  }
  std::vector<Courses> out;
  for (std::size_t arm = 0; arm < diary.data.frame.arms().size(); ++arm) {
    const auto designs = diary.data.designs_in_arm(arm);
    const std::string column = arm == 0 ? changing(diary, designs, *held) : "";
    if (!column.empty()) {
      task.bad_option("occupancy", "true",
                      column + " changes over the days of a subject, so its course is not known",
                      "hold it with at = [\"" + column + " = ...\"], or occupancy = false");
      return std::nullopt;
    }
    out.push_back(courses_of(diary, designs, *held, static_cast<int>(start)));
  }
  return out;
}

std::optional<std::vector<DayScore>> day_scores(const Diary& diary, const DiaryOptions& options,
                                                const Task& task) {
  const Categories& y = diary.data.y;
  std::vector<DayScore> out{{"days above " + y.names.front(), "days", {}}};
  out[0].scores.assign(y.names.size(), options.day_states.empty() ? 1.0 : 0.0);
  if (options.day_states.empty()) out[0].scores[0] = 0.0;
  if (!options.day_states.empty()) out[0].group = "days in " + joined(options.day_states);
  if (options.day_states.empty() && !diary.absorbing.empty()) {
    task.bad_option("day_states", "",
                    "must say whose days count, as some categories are absorbing");
    return std::nullopt;
  }
  for (const std::string& name : options.day_states) {
    const auto at = y.find(name);
    if (at < 0) {
      task.bad_option("day_states", name, "is not one of the categories",
                      did_you_mean(name, y.names));
      return std::nullopt;
    }
    out[0].scores[static_cast<std::size_t>(at)] = 1.0;
  }
  if (!options.scores.empty() && options.scores.size() != y.names.size()) {
    task.bad_option(
        "scores", std::to_string(options.scores.size()) + " numbers",
        "must hold one for each of the " + std::to_string(y.names.size()) + " categories");
    return std::nullopt;
  }
  const auto& scores = options.scores.empty() ? y.numbers : options.scores;
  if (scores.empty()) return out;
  out.push_back({"total score", task.analysis.unit, scores});
  out.push_back({"mean score a day", task.analysis.unit, scores});
  const double days = std::floor(diary.last_day - diary.first_day + 1.0 + 1e-9);
  for (double& score : out.back().scores) score /= days;
  return out;
}

}  // namespace

std::vector<std::size_t> Diary::arm_parameters() const {
  std::set<std::size_t> found;
  for (const ArmContrast& contrast : contrasts()) {
    for (std::size_t i = 0; i < contrast.weights.size(); ++i) {
      if (contrast.weights[i] != 0.0) found.insert(i);
    }
  }
  return {found.begin(), found.end()};
}

std::string Diary::refusal_of(const CumulativeFit& fit) const {
  const MarkovLayout layout(transitions());
  std::vector<std::string> apart, common;  // columns with a coefficient a threshold, and with one
  auto& states = dependence == PreviousState::by_threshold ? apart : common;
  for (std::size_t l = 1; l <= layout.levels; ++l) {
    for (std::size_t k = 0; k < data.y.names.size(); ++k) {
      if (!layout.absorbing[k] && layout.level[k] == l) {
        states.push_back("category before " + data.y.names[k]);
      }
    }
  }
  apart.insert(apart.end(), data.nominal.names.begin(), data.nominal.names.end());
  common.insert(common.end(), data.proportional.names.begin(), data.proportional.names.end());
  common.resize(layout.proportional_columns(), "day");
  apart.insert(apart.end(), common.begin(), common.end());
  std::string words(name_of(fit.status)), sep = ": ";
  for (const std::size_t column : fit.aliased) {
    words += sep + apart[column];
    sep = ", ";
  }
  return words;
}

std::optional<Asked> asked_of(const Diary& diary, const DiaryOptions& options, const Task& task) {
  Asked out;
  if (!options.occupancy) return out;
  auto scores = day_scores(diary, options, task);
  if (!scores) return std::nullopt;
  auto courses = courses_of_arms(diary, options, task);
  if (!courses) return std::nullopt;
  out.scores = std::move(*scores);
  out.courses = std::move(*courses);
  return out;
}

}  // namespace angiotrial::analysis
