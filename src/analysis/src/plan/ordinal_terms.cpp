// SPDX-License-Identifier: Apache-2.0
#include "plan/ordinal_terms.hpp"
#include "plan/did_you_mean.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 3> signs{"preset", "r", "rms"};
constexpr std::array<std::string_view, 2> odds_names{"higher", "lower"};
constexpr std::string_view arm_term = "arm";

bool contains(std::span<const std::string> list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool asked(const EventStrategies& events, Strategy strategy) {
  return events.death == strategy || events.revascularisation == strategy ||
         events.missed_injection == strategy || events.rescue == strategy;
}

/// The strategy that puts numbers in place of responses; empty: none does.
std::string replacing(const EventStrategies& events) {
  if (asked(events, Strategy::composite)) return "composite";
  return asked(events, Strategy::while_on_treatment) ? "while_on_treatment" : "";
}

/// Categories in the order of the plan, or all numbers of the data in ascending order.
bool name_categories(const OrdinalTerms& terms, Frame& frame, const Task& task, Categories& y) {
  const std::vector<std::string> found = frame.factor(terms.response).levels;
  y.names = terms.levels.empty() ? found : terms.levels;
  for (const std::string& name : y.names) {
    if (const auto number = formats::cell_number(name)) y.numbers.push_back(*number);
  }
  const bool numbers = y.numbers.size() == y.names.size();
  if (!numbers) y.numbers.clear();
  if (std::set(y.names.begin(), y.names.end()).size() < y.names.size()) {
    task.bad_option("levels", "", "names a category twice");
    return false;
  }
  if (!numbers && terms.levels.empty()) {
    task.bad_option("levels", "", "must list the categories, lowest first, as they are texts");
    return false;
  }
  const std::string strategy = replacing(task.analysis.estimand.events);
  if (!numbers && !strategy.empty()) {
    task.bad_option("estimand.events", strategy, "needs categories that are numbers");
    return false;
  }
  if (!numbers || !terms.levels.empty()) return true;
  // A composite value may be a category that no row holds otherwise.
  const std::vector<double> values = frame.response(terms.response);
  const std::set<double> distinct(values.begin(), values.end());
  y.numbers.assign(distinct.begin(), distinct.end());
  y.names.clear();
  for (const double value : y.numbers) y.names.push_back(formats::shortest(value));
  return true;
}

std::vector<int> codes_of_numbers(const Categories& y, const std::vector<double>& values,
                                  const Frame& frame, const std::string& column) {
  std::vector<int> codes(values.size(), -1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const auto at = std::ranges::find(y.numbers, values[i]);
    if (at == y.numbers.end()) {
      frame.add_problem(i, column, values[i], "is not one of the categories");
    } else {
      codes[i] = static_cast<int>(at - y.numbers.begin());
    }
  }
  return codes;
}

std::vector<int> codes_of_texts(const Categories& y, Frame& frame, const std::string& column) {
  const Factor factor = frame.factor(column);
  std::vector<int> codes(factor.codes.size(), -1);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (factor.codes[i] < 0) continue;
    const std::string& name = factor.levels[static_cast<std::size_t>(factor.codes[i])];
    codes[i] = static_cast<int>(y.find(name));
    if (codes[i] < 0) {
      frame.add_problem(i, column, name, "is not one of the categories",
                        did_you_mean(name, y.names));
    }
  }
  return codes;
}

/// Products with the arm would leave no single odds ratio an arm.
bool terms_valid(const OrdinalTerms& terms, const Task& task) {
  if (terms.response.empty()) {
    task.bad_option("response", "", "must name the column of the ordered categories");
    return false;
  }
  std::vector<std::string> categories = terms.covariates;
  categories.insert(categories.end(), terms.nominal.begin(), terms.nominal.end());
  categories.insert(categories.end(), terms.scale.begin(), terms.scale.end());
  if (!task.check_classes(terms.classes, categories)) return false;
  for (const auto& [key, list] :
       {std::pair{"covariates", &terms.covariates}, std::pair{"nominal", &terms.nominal},
        std::pair{"scale", &terms.scale}}) {
    for (const std::string& term : *list) {
      const bool product = term.find(':') != std::string::npos;
      if (product && (term.starts_with("arm:") || term.ends_with(":arm") ||
                      term.find(":arm:") != std::string::npos)) {
        task.bad_option(key, term, "products with the arm are not offered here");
        return false;
      }
    }
  }
  return true;
}

std::vector<std::string> without(std::span<const std::string> list,
                                 std::span<const std::string> others) {
  std::vector<std::string> out;
  for (const std::string& name : list) {
    if (name != arm_term && !contains(others, name)) out.push_back(name);
  }
  return out;
}

/// A design without its column of ones.
Design slopes(Design design) {
  const std::size_t columns = design.columns();
  std::vector<double> values;
  for (std::size_t i = 0; i < design.values.size(); ++i) {
    if (i % columns != 0) values.push_back(design.values[i]);
  }
  design.names.erase(design.names.begin());
  design.values = std::move(values);
  return design;
}

std::pair<Design, Design> designs(Frame& frame, const OrdinalTerms& terms) {
  const bool arm_nominal = contains(terms.nominal, arm_term);
  const std::vector<std::string> proportional = without(terms.covariates, terms.nominal);
  const std::vector<std::string> nominal = without(terms.nominal, {});
  std::vector<std::string> all = proportional;
  all.insert(all.end(), nominal.begin(), nominal.end());
  all.emplace_back(arm_term);
  return {slopes(frame.design(proportional, terms.classes, !arm_nominal, all)),
          slopes(frame.design(nominal, terms.classes, arm_nominal, all))};
}

bool has_repeats(const Frame& frame) {
  const std::set<int> distinct(frame.subject().begin(), frame.subject().end());
  return distinct.size() < frame.rows();
}

}  // namespace

void describe_ordinal(schema::Visitor& visit, OrdinalTerms& t) {
  visit("response", t.response, "column of the ordered categories: numbers, or texts with `levels`",
        analyst);
  visit("levels", t.levels, "categories, lowest first; empty: the numbers in the data", analyst);
  visit("covariates", t.covariates, "terms besides the arm: columns, a:b for products", analyst);
  visit("classes", t.classes, "number columns to be taken as categories", analyst);
  visit("nominal", t.nominal,
        "terms with a coefficient a threshold (partial proportional odds); may name arm", analyst);
  visit("sign", t.sign, signs,
        "sign of thresholds: r (polr, clm: of at most a category) or rms (lrm: of at least one); "
        "preset: r, but rms for \"sas\" (descending)",
        analyst);
  visit("odds", t.odds, odds_names, "whether odds ratios are of a higher or of a lower category",
        analyst);
}

ThresholdSign sign_of(const OrdinalTerms& terms, Preset preset) {
  if (terms.sign == SignOption::r) return ThresholdSign::at_most;
  if (terms.sign == SignOption::rms) return ThresholdSign::at_least;
  return preset == Preset::sas ? ThresholdSign::at_least : ThresholdSign::at_most;
}

std::string ordinal_conventions(const OrdinalTerms& terms, Preset preset) {
  return std::string("effect: of a ") +
         std::string(odds_names[static_cast<std::size_t>(terms.odds)]) + " category; thresholds: " +
         (sign_of(terms, preset) == ThresholdSign::at_most ? "of at most a category (r)"
                                                           : "of at least a category (rms)");
}

std::ptrdiff_t Categories::find(std::string_view name) const {
  const auto at = std::ranges::find(names, name);
  return at == names.end() ? -1 : at - names.begin();
}

std::pair<Design, Design> OrdinalData::designs_in_arm(std::size_t arm) const {
  Frame moved = frame;
  moved.put_all_in(arm);
  return designs(moved, terms);
}

std::vector<int> codes_in(const Categories& y, Frame& frame, const std::string& column) {
  if (y.numbers.empty()) return codes_of_texts(y, frame, column);
  return codes_of_numbers(y, frame.numbers(column), frame, column);
}

std::optional<OrdinalData> ordinal_data(const OrdinalTerms& terms,
                                        std::span<const std::string> also, const Task& task) {
  if (!terms_valid(terms, task)) return std::nullopt;
  std::vector<std::string> needed{terms.response};
  for (const auto* list : {&terms.covariates, &terms.nominal, &terms.scale}) {
    for (std::string& column : Frame::columns_of(*list)) needed.push_back(std::move(column));
  }
  needed.insert(needed.end(), also.begin(), also.end());
  auto frame =
      task.frame({.response = terms.response, .response_of_numbers = false, .columns = needed});
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_every_arm()) return std::nullopt;
  OrdinalData data{std::move(*frame), {},    {},   {}, contains(terms.nominal, arm_term), {},
                   missing,           false, terms};
  if (!name_categories(terms, data.frame, task, data.y)) return std::nullopt;
  data.y.codes = data.y.numbers.empty()
                     ? codes_of_texts(data.y, data.frame, terms.response)
                     : codes_of_numbers(data.y, data.frame.response(terms.response), data.frame,
                                        terms.response);
  std::tie(data.proportional, data.nominal) = designs(data.frame, terms);
  if (!terms.scale.empty()) {
    data.scale = slopes(data.frame.design(terms.scale, terms.classes, false));
  }
  data.repeated = has_repeats(data.frame);
  if (!data.frame.ok()) return std::nullopt;
  if (data.y.names.size() < 2) {
    task.refuse("the response has a single category");
    return std::nullopt;
  }
  return data;
}

std::vector<ArmContrast> arm_contrasts(const OrdinalData& data, ThresholdSign sign,
                                       const ParameterPlaces& places) {
  const std::size_t thresholds = data.y.names.size() - 1;
  const double up = data.terms.odds == OddsOf::higher ? 1.0 : -1.0;
  std::vector<ArmContrast> out;
  for (std::size_t arm = 0; arm < data.frame.arms().size(); ++arm) {
    if (arm == data.frame.reference()) continue;
    const std::size_t column = data.frame.arm_column(arm) - 1;
    const std::vector<double> none(places.parameters, 0.0);
    if (!data.arm_nominal) {
      out.push_back({arm, "", none});
      out.back().weights[places.proportional + column] = up;
      continue;
    }
    for (std::size_t j = 0; j < thresholds; ++j) {
      out.push_back({arm, "above " + data.y.names[j], none});
      out.back().weights[places.nominal + column * thresholds + j] =
          sign == ThresholdSign::at_most ? -up : up;
    }
  }
  return out;
}

}  // namespace angiotrial::analysis
