// SPDX-License-Identifier: Apache-2.0
#include "plan/diary.hpp"
#include "plan/did_you_mean.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ordinal/markov_layout.hpp"
#include "plan/repeated.hpp"

/// Transitions from the rows of a diary.
namespace angiotrial::analysis {
namespace {

constexpr double most_days = 10000.0;

/// Rows in the order of subject and day; false, with a problem, for two rows of one day.
bool order_rows(const Diary& diary, const std::string& day, std::vector<std::size_t>& order) {
  const Frame& frame = diary.data.frame;
  order.resize(frame.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    const int s = frame.subject()[a], t = frame.subject()[b];
    return s != t ? s < t : diary.row_day[a] < diary.row_day[b];
  };
  std::ranges::stable_sort(order, before);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (before(order[i - 1], order[i])) continue;
    frame.add_problem(order[i], day, diary.row_day[order[i]],
                      "the subject has another row of this day");
    return false;
  }
  return true;
}

bool whole_days(const Diary& diary, const std::string& day) {
  for (std::size_t i = 0; i < diary.row_day.size(); ++i) {
    if (diary.row_day[i] == std::floor(diary.row_day[i])) continue;
    diary.data.frame.add_problem(i, day, diary.row_day[i],
                                 "must be a whole number where days follow one another",
                                 "gaps = \"previous_record\" takes records as they follow");
    return false;
  }
  return true;
}

/// Walks the rows of a diary in order and gathers transitions.
class Gatherer {
 public:
  Gatherer(const DiaryOptions& options, Diary& diary) : options_(options), diary_(diary) {
    Frame& frame = diary.data.frame;
    if (!options.previous.empty()) given_ = codes_in(diary.data.y, frame, options.previous);
    if (!options.baseline.empty()) baseline_ = codes_in(diary.data.y, frame, options.baseline);
    earliest_ = diary.row_day.empty() ? 0.0 : std::ranges::min(diary.row_day);
  }

  void walk(const std::vector<std::size_t>& order) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t row = order[i];
      const auto& subject = diary_.data.frame.subject();
      const bool first = i == 0 || subject[order[i - 1]] != subject[row];
      const int from = first ? start(row) : next(order[i - 1], row);
      if (from >= 0) add(from, row);
    }
  }

 private:
  [[nodiscard]] int state(std::size_t row) const { return diary_.data.y.codes[row]; }

  /// The state before a subject's first row, -1 where the row itself begins the chain.
  int start(std::size_t row) {
    int from = -1;
    if (!given_.empty()) {
      from = given_[row];
    } else if (!baseline_.empty() && follows(earliest_ - 1.0, row)) {
      from = baseline_[row];
    }
    diary_.first_row.push_back(row);
    diary_.first_state.push_back(from >= 0 ? from : state(row));
    return from;
  }

  int next(std::size_t last, std::size_t row) {
    if (!given_.empty()) return given_[row];
    return follows(diary_.row_day[last], row) ? state(last) : -1;
  }

  /// Whether the state of `last_day` is the one before the row.
  bool follows(double last_day, std::size_t row) {
    if (options_.gaps == Gaps::previous_record) return true;
    if (diary_.row_day[row] == last_day + 1.0) return true;
    ++diary_.gaps;
    if (diary_.first_gap < 0) diary_.first_gap = static_cast<std::ptrdiff_t>(row);
    return false;
  }

  void add(int from, std::size_t row) {
    const int to = state(row);
    if (std::ranges::find(diary_.absorbing, from) != diary_.absorbing.end()) {
      if (to == from) return;
      diary_.data.frame.add_problem(row, options_.terms.response,
                                    diary_.data.y.names[static_cast<std::size_t>(to)],
                                    "the subject has left an absorbing category");
      return;
    }
    diary_.previous.push_back(from);
    diary_.current.push_back(to);
    diary_.subject.push_back(diary_.data.frame.subject()[row]);
    diary_.day.push_back(diary_.row_day[row]);
    diary_.transition_row.push_back(row);
  }

  const DiaryOptions& options_;
  Diary& diary_;
  std::vector<int> given_, baseline_;
  double earliest_ = 0.0;
};

/// The codes of the categories that an option lists.
bool find_categories(const std::vector<std::string>& names, std::string_view key,
                     const Categories& y, const Task& task, std::vector<int>& out) {
  for (const std::string& name : names) {
    out.push_back(static_cast<int>(y.find(name)));
    if (out.back() >= 0) continue;
    task.bad_option(key, name, "is not one of the categories", did_you_mean(name, y.names));
    return false;
  }
  return true;
}

bool gaps_allowed(const Diary& diary, const DiaryOptions& options, Task& task) {
  if (options.gaps != Gaps::refuse || diary.gaps == 0) return true;
  const Frame& frame = diary.data.frame;
  const auto row = static_cast<std::size_t>(diary.first_gap);
  task.refuse("records do not follow on the day before in " + std::to_string(diary.gaps) +
                  " places, first in line " + std::to_string(frame.line(row)) + " (subject " +
                  frame.subject_name(static_cast<std::size_t>(frame.subject()[row])) + ", day " +
                  formats::shortest(diary.row_day[row]) + ")",
              "gaps = \"break_chain\" uses transitions between consecutive days only");
  return false;
}

/// Functions of the day, once the transitions are there.
bool make_basis(const DiaryOptions& options, Diary& diary, const Task& task) {
  diary.first_day = std::ceil(std::ranges::min(diary.day));
  diary.last_day = std::floor(std::ranges::max(diary.day));
  if (!options.days.empty()) {
    if (options.days.size() != 2 || !(options.days[0] <= options.days[1])) {
      task.bad_option("days", "", "must be the first and the last day");
      return false;
    }
    diary.first_day = options.days[0];
    diary.last_day = options.days[1];
  }
  if (diary.last_day - diary.first_day > most_days) {
    task.bad_option("days", "", "are more than " + formats::shortest(most_days));
    return false;
  }
  if (options.time == TimeTerms::log &&
      !(std::min(diary.first_day, std::ranges::min(diary.day)) > 0.0)) {
    task.bad_option("time", "log", "needs days above 0");
    return false;
  }
  diary.basis = TimeBasis(options.time, options.knots, diary.day);
  const auto& knots = diary.basis.knots();
  if (options.time == TimeTerms::spline &&
      (knots.size() < 3 ||
       std::ranges::adjacent_find(knots, std::greater_equal()) != knots.end())) {
    task.bad_option("knots", "", "must be three days or more in ascending order");
    return false;
  }
  return true;
}

bool options_valid(const DiaryOptions& options, const OrdinalData& data, const Task& task) {
  if (!options.previous.empty() && !options.baseline.empty()) {
    task.bad_option("baseline", options.baseline, "says nothing where `previous` is given");
    return false;
  }
  if (options.arm_by_time && (data.arm_nominal || options.time == TimeTerms::none)) {
    task.bad_option("arm_by_time", "true", "needs time terms and an arm that is not nominal");
    return false;
  }
  return true;
}

}  // namespace

std::optional<Diary> read_diary(const DiaryOptions& options, Task& task) {
  const std::string day = options.day.empty() ? task.plan.columns.day : options.day;
  std::vector<std::string> also{day};
  if (!options.previous.empty()) also.push_back(options.previous);
  auto data = ordinal_data(options.terms, also, task);
  if (!data || !options_valid(options, *data, task)) return std::nullopt;
  if (!require_one_arm_per_subject(data->frame)) return std::nullopt;
  std::optional<Diary> out(std::move(*data));
  Diary& diary = *out;
  diary.sign = sign_of(options.terms, task.preset());
  diary.dependence = options.dependence;
  diary.arm_by_time = options.arm_by_time;
  diary.row_day = diary.data.frame.numbers(day);
  if (!find_categories(options.absorbing, "absorbing", diary.data.y, task, diary.absorbing)) {
    return std::nullopt;
  }
  std::vector<std::size_t> order;
  const bool chained = options.previous.empty() && options.gaps != Gaps::previous_record;
  if (!order_rows(diary, day, order) || (chained && !whole_days(diary, day))) return std::nullopt;
  Gatherer(options, diary).walk(order);
  if (!diary.data.frame.ok() || !gaps_allowed(diary, options, task)) return std::nullopt;
  if (diary.current.empty()) {
    task.refuse("no subject has two records that follow one another");
    return std::nullopt;
  }
  if (!make_basis(options, diary, task)) return std::nullopt;
  const Design &p = diary.data.proportional, &n = diary.data.nominal;
  for (std::size_t i = 0; i < diary.current.size(); ++i) {
    const std::size_t row = diary.transition_row[i];
    diary.append_covariates(std::span(p.values).subspan(row * p.columns(), p.columns()),
                            std::span(n.values).subspan(row * n.columns(), n.columns()),
                            diary.day[i], diary.covariates);
  }
  diary.columns = diary.covariates.size() / diary.current.size();
  for (std::size_t c = diary.columns - n.columns(); c < diary.columns; ++c) {
    diary.by_threshold.push_back(c);
  }
  return out;
}

void Diary::append_covariates(std::span<const double> proportional, std::span<const double> nominal,
                              double at_day, std::vector<double>& out) const {
  out.insert(out.end(), proportional.begin(), proportional.end());
  std::vector<double> time;
  basis.append(at_day, time);
  out.insert(out.end(), time.begin(), time.end());
  for (std::size_t a = 0; arm_by_time && a + 1 < data.frame.arms().size(); ++a) {
    for (const double value : time) out.push_back(proportional[a] * value);
  }
  out.insert(out.end(), nominal.begin(), nominal.end());
}

MarkovTransitions Diary::transitions() const {
  MarkovTransitions t;
  t.previous = previous;
  t.current = current;
  t.states = static_cast<int>(data.y.names.size());
  t.covariates = covariates;
  t.columns = columns;
  t.absorbing = absorbing;
  t.dependence = dependence;
  t.by_threshold = by_threshold;
  t.sign = sign;
  return t;
}

ParameterPlaces Diary::places() const {
  const MarkovLayout layout(transitions());
  const std::size_t thresholds = data.y.names.size() - 1;
  const std::size_t apart = dependence == PreviousState::by_threshold ? layout.levels : 0;
  const std::size_t states = dependence == PreviousState::proportional ? layout.levels : 0;
  const std::size_t proportional = thresholds * (1 + layout.nominal_columns());
  return {proportional + layout.proportional_columns(), thresholds * (1 + apart),
          proportional + states};
}

std::vector<ArmContrast> Diary::contrasts() const {
  const ParameterPlaces at = places();
  std::vector<ArmContrast> plain = arm_contrasts(data, sign, at);
  if (!arm_by_time) return plain;
  std::vector<ArmContrast> out;
  for (const ArmContrast& contrast : plain) {
    const std::size_t arm = data.frame.arm_column(contrast.arm) - 1;
    const std::size_t products =
        at.proportional + data.proportional.columns() + (1 + arm) * basis.columns();
    for (const double when : {first_day, last_day}) {
      out.push_back(contrast);
      out.back().group = "day " + formats::shortest(when);
      std::vector<double> time;
      basis.append(when, time);
      for (std::size_t c = 0; c < time.size(); ++c) {
        out.back().weights[products + c] = contrast.weights[at.proportional + arm] * time[c];
      }
    }
  }
  return out;
}

}  // namespace angiotrial::analysis
