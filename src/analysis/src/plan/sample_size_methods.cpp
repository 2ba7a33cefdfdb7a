// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/survival_trial.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>
#include <functional>

#include "plan/method.hpp"
#include "plan/sample_size_options.hpp"

/// Sample sizes, and the power of a size, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Endpoint { means, rates, counts, survival };
constexpr std::array<std::string_view, 4> endpoints{"means", "rates", "counts", "survival"};

struct SampleSizeOptions {
  Endpoint endpoint = Endpoint::means;
  LookOptions looks{.information = {1.0}};
  std::vector<double> futility;
  bool binding = false;
  double power = 0.9;
  double given_size = 0.0;
  double allocation = 1.0;
  SizeOfMeans means;
  SizeOfRates rates;
  SizeOfCounts counts;
  SizeOfSurvival survival;
};

void describe(schema::Visitor& visit, SampleSizeOptions& o) {
  visit("endpoint", o.endpoint, endpoints,
        "what is compared; its numbers stand in the table of that name", analyst);
  describe_looks(visit, o.looks);
  visit("futility", o.futility, {.least = -40.0, .most = 40.0},
        "z below which each interim look stops; empty: never", analyst);
  visit("binding", o.binding, "futility must be obeyed, and the bounds count on it", analyst);
  visit("power", o.power, {.least = 0.01, .most = 0.9999}, "power that the size gives", analyst);
  visit("given_size", o.given_size, {.least = 0.0, .most = 1e9},
        "patients of both arms whose power is wanted; 0: the size for `power`", analyst);
  visit("allocation", o.allocation, {.least = 0.01, .most = 100.0},
        "patients treated for each control", analyst);
  visit.group("means", o.means);
  visit.group("rates", o.rates);
  visit.group("counts", o.counts);
  visit.group("survival", o.survival);
}

/// A size with looks, whatever the endpoint.
struct Answer {
  SizeStatus status = SizeStatus::invalid_parameter;
  double subjects = 0.0;                         ///< largest, both arms
  std::optional<double> events, information;     ///< largest
  std::optional<double> n_treatment, n_control;  ///< where they are whole by themselves
  std::vector<double> at_look, calendar, effect;
  std::string_view look_name = "size", look_unit = "subjects";
  std::string_view effect_name = "critical_difference", effect_unit;
  std::optional<TrialSize> of_size;  ///< means and rates: fixed and expected sizes
};

Answer from(const TrialSize& size, std::string_view effect_unit) {
  Answer a;
  a.status = size.status;
  a.subjects = size.largest;
  a.at_look = size.at_look;
  a.effect = size.critical_effect;
  a.effect_unit = effect_unit;
  a.of_size = size;
  return a;
}

using Given = std::optional<double>;  ///< a size, where it is not that of the power

Answer size_of_means(const SampleSizeOptions& o, const PlanningErrors& errors,
                     const AdaptiveDesign* looks, Given size, std::string_view unit) {
  Answer a = from(plan_means(of_means(o.means, o.allocation), errors, looks, size), unit);
  // Planned as if larger were better: the sign is the plan's.
  for (double& effect : a.effect) effect = std::copysign(effect, o.means.difference);
  return a;
}

Answer size_of_rates(const SampleSizeOptions& o, const PlanningErrors& errors,
                     const AdaptiveDesign* looks, Given size) {
  return from(plan_rates({o.rates.treatment, o.rates.control, o.rates.margin, o.allocation}, errors,
                         looks, size),
              "probability");
}

Answer size_of_counts(const SampleSizeOptions& o, const PlanningErrors& errors,
                      const AdaptiveDesign* looks, Given given) {
  const CountTrialSize size = plan_counts(of_counts(o.counts, o.allocation), errors, looks, given);
  Answer a;
  a.status = size.status;
  a.subjects = size.n_control + size.n_treatment;
  a.n_treatment = size.n_treatment;
  a.n_control = size.n_control;
  a.information = size.needed;
  a.calendar = size.calendar;
  return a;
}

Answer size_of_survival(const SampleSizeOptions& o, const PlanningErrors& errors,
                        const AdaptiveDesign* looks, Given given) {
  const SurvivalTrialSize size = plan_survival(of_survival(o.survival, o.allocation),
                                               o.survival.formula, errors, looks, given);
  Answer a;
  a.status = size.status;
  a.subjects = size.subjects;
  a.events = size.events;
  a.at_look = size.events_at_look;
  a.look_name = "events";
  a.look_unit = "events";
  a.calendar = size.calendar;
  a.effect = size.critical_ratio;
  a.effect_name = "critical_hazard_ratio";
  a.effect_unit = "ratio";
  return a;
}

using Sizes = std::function<Answer(double power, Given size)>;
/// Powers are not told apart above this one.
constexpr double most_power = 1.0 - 1e-9;

/// The largest power that fits; none where even a coin's throw above the level does not.
std::optional<double> largest_power(const std::function<bool(double power)>& fits, double alpha) {
  double low = alpha * 1.001;
  double high = most_power;
  if (!fits(low)) return std::nullopt;
  if (fits(high)) return high;
  for (int i = 0; i < 45; ++i) (fits(0.5 * (low + high)) ? low : high) = 0.5 * (low + high);
  return low;
}

/// The power for which the size would be as given; size rises with power.
std::optional<double> power_of(const Sizes& sizes, double given, double alpha) {
  const auto fits = [&](double power) {
    const Answer a = sizes(power, std::nullopt);
    return a.status == SizeStatus::planned && a.subjects <= given;
  };
  return largest_power(fits, alpha);
}

/// The same of counts, from the information that the patients bring: their exposures are summed
/// once, not for every power.
std::optional<double> power_of_counts(const SampleSizeOptions& o, const AdaptiveDesign& design,
                                      const Answer& at_size) {
  if (at_size.status != SizeStatus::planned) return std::nullopt;
  const CountTrial trial = of_counts(o.counts, o.allocation);
  const AdaptiveDesign* looks = design.critical.size() > 1 ? &design : nullptr;
  const auto fits = [&](double power) {
    const auto needed = count_information_for(trial, {design.plan.alpha, power}, looks);
    return needed && *needed <= *at_size.information;
  };
  return largest_power(fits, design.plan.alpha);
}

void put_answer(const Answer& a, double power, double allocation, Task& task) {
  if (power >= most_power) task.out.row.note = "the power is at least this";
  task.out.put("power", power, "probability");
  task.out.row.note.clear();
  const double treated = a.subjects * allocation / (1.0 + allocation);
  task.out.put("size", a.subjects, "subjects");
  task.out.put("n_treatment", a.n_treatment.value_or(std::ceil(treated - 1e-9)), "subjects");
  task.out.put("n_control", a.n_control.value_or(std::ceil(a.subjects - treated - 1e-9)),
               "subjects");
  if (a.events) task.out.put("events", *a.events, "events");
  if (a.information) task.out.put("information", *a.information, "1");
  if (!a.of_size) return;
  if (power < most_power) task.out.put("fixed_size", a.of_size->fixed, "subjects");
  task.out.put("expected_size_null", a.of_size->expected_null, "subjects");
  task.out.put("expected_size_half", a.of_size->expected_half, "subjects");
  task.out.put("expected_size_alternative", a.of_size->expected_alternative, "subjects");
}

void put_looks(const Answer& a, const AdaptiveDesign& design, Task& task) {
  for (std::size_t k = 0; k < design.critical.size(); ++k) {
    put_in(task, look(k), "critical_value", design.critical[k], "z");
    if (k < a.at_look.size()) put_in(task, look(k), a.look_name, a.at_look[k], a.look_unit);
    if (k < a.effect.size() && std::isfinite(a.effect[k])) {
      put_in(task, look(k), a.effect_name, a.effect[k], a.effect_unit);
    }
    if (k < a.calendar.size()) put_in(task, look(k), "calendar_time", a.calendar[k], "time");
  }
}

Sizes sizes_of(const SampleSizeOptions& o, const AdaptiveDesign* design, Task& task) {
  return [&o, design, &task](double power, Given size) {
    const PlanningErrors errors{design->plan.alpha, power};
    const AdaptiveDesign* looks = design->critical.size() > 1 ? design : nullptr;
    switch (o.endpoint) {
      case Endpoint::means:
        return size_of_means(o, errors, looks, size, task.analysis.unit);
      case Endpoint::rates:
        return size_of_rates(o, errors, looks, size);
      case Endpoint::counts:
        return size_of_counts(o, errors, looks, size);
      case Endpoint::survival:
        return size_of_survival(o, errors, looks, size);
    }
    return Answer{};
  };
}

/// Problems with the endpoint's table, and with tables of others. False if any.
bool check_tables(const SampleSizeOptions& o, Task& task) {
  const std::size_t before = task.problems.size();
  const auto which = static_cast<std::size_t>(o.endpoint);
  const std::array said{!(o.means == SizeOfMeans{}), !(o.rates == SizeOfRates{}),
                        !(o.counts == SizeOfCounts{}), !(o.survival == SizeOfSurvival{})};
  check_tables(task, endpoints, said, which);
  const std::array offences{offence(o.means), offence(o.rates), offence(o.counts),
                            offence(o.survival)};
  if (const auto& own = offences[which]) {
    task.bad_option(std::string(endpoints[which]) + "." + std::string(own->key), own->value,
                    own->rule);
  }
  return task.problems.size() == before;
}

/// The power of the given size; none with a problem or a refusal.
std::optional<double> power_of_given(const SampleSizeOptions& o, const Sizes& sizes,
                                     const AdaptiveDesign& design, const Task& task) {
  std::optional<double> power;
  if (o.endpoint == Endpoint::counts) {
    const Answer at_size = sizes(o.power, o.given_size);
    if (at_size.status == SizeStatus::invalid_parameter && o.given_size >= 2.0) {
      task.bad_option("given_size", formats::shortest(o.given_size), "is too large to plan counts");
      return std::nullopt;
    }
    power = power_of_counts(o, design, at_size);
  } else {
    power = power_of(sizes, o.given_size, design.plan.alpha);
  }
  if (!power) task.refuse("no power above the level with so few patients");
  return power;
}

/// A problem with a power beside the size whose power is asked for. False if so.
bool check_power(const SampleSizeOptions& o, const Task& task) {
  return o.given_size == 0.0 ||
         none_given(task, {{"power", o.power != SampleSizeOptions{}.power}}, "given_size = 0");
}

void run(const SampleSizeOptions& o, Task& task) {
  constexpr std::array<std::string_view, 4> tests{
      "two means, t test (non-central t)", "two rates, normal approximation (Farrington-Manning)",
      "negative binomial counts, information of each patient's exposure",
      "survival, log-rank test"};
  const auto which = static_cast<std::size_t>(o.endpoint);
  task.out.row.method = "sample size: " + std::string(tests[which]);
  if (!check_tables(o, task) || !check_looks(o.looks, task) || !check_power(o, task)) return;
  AdaptivePlan plan = one_sided_plan(o.looks, task.preset());
  plan.rule = StageRule::group_sequential;
  plan.futility = o.futility;
  plan.binding = o.binding;
  const auto design = planned_design(plan, task);
  if (!design) return;
  const Sizes sizes = sizes_of(o, &*design, task);
  task.out.row.conventions = looks_in_words(o.looks, plan, task.preset()) +
                             "; sides: one; sizes: of both arms, not rounded unless n_";
  const Answer asked = sizes(o.power, std::nullopt);
  if (asked.status == SizeStatus::invalid_parameter || asked.status == SizeStatus::no_effect ||
      asked.status == SizeStatus::invalid_level) {
    task.bad_option(asked.status == SizeStatus::invalid_level ? "power" : endpoints[which], "",
                    std::string(name_of(asked.status)));
    return;
  }
  double power = o.power;
  Given given;
  if (o.given_size > 0.0) {
    const auto reached = power_of_given(o, sizes, *design, task);
    if (!reached) return;
    power = *reached;
    given = o.given_size;
  }
  const Answer answer = sizes(power, given);
  if (answer.status != SizeStatus::planned) {
    task.refuse(std::string(name_of(answer.status)));
    return;
  }
  put_answer(answer, power, o.allocation, task);
  put_looks(answer, *design, task);
}

}  // namespace

std::vector<MethodEntry> sample_size_methods() {
  return {method<SampleSizeOptions>(
      "sample_size", "size or power of a two-arm trial: means, rates, counts or survival")};
}

}  // namespace angiotrial::analysis
