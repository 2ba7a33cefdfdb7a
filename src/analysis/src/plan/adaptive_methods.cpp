// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/stage_options.hpp"

/// The analysis of trials that run in stages, from their summaries, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Endpoint { means, rates, survival };
constexpr std::array<std::string_view, 3> endpoints{"means", "rates", "survival"};
constexpr std::array<std::string_view, 2> directions{"larger", "smaller"};

struct AdaptiveOptions {
  Endpoint endpoint = Endpoint::means;
  RuleOptions rule;
  Favours favours = Favours::larger;
  std::vector<double> next_sizes;
  EffectChoice effect = EffectChoice::observed;
  double allocation = 1.0;
  StagesOfMeans means;
  StagesOfRates rates;
  StagesOfSurvival survival;
};

void describe(schema::Visitor& visit, AdaptiveOptions& o) {
  visit("endpoint", o.endpoint, endpoints,
        "what is compared; its stages stand in the table of that name", analyst);
  describe_rule(visit, o.rule);
  visit("favours", o.favours, directions,
        "effects that favour the treatment (survival: of the hazard ratio)", analyst);
  visit("next_sizes", o.next_sizes, {.least = 0.0, .most = 1e9},
        "patients (survival: events) of both arms in each stage to come, for conditional power; "
        "empty: none is computed",
        analyst);
  visit("effect", o.effect, effect_names, "effect for conditional power", analyst);
  visit("allocation", o.allocation, {.least = 0.01, .most = 100.0},
        "patients treated for each control in the stages to come", analyst);
  visit.group("means", o.means);
  visit.group("rates", o.rates);
  visit.group("survival", o.survival);
}

/// Problems with what only a trial with controls reads. False if any.
bool check_single_arm(const AdaptiveOptions& o, const Task& task) {
  const std::vector<double>& controls =
      o.endpoint == Endpoint::means ? o.means.n_control : o.rates.n_control;
  if (o.endpoint == Endpoint::survival || !controls.empty()) return true;
  return none_given(
      task,
      {{"allocation", o.allocation != 1.0},
       {"rates.assumed_control", o.effect == EffectChoice::assumed &&
                                     o.rates.assumed_control != StagesOfRates{}.assumed_control}},
      "controls");
}

/// Problems with what another endpoint or another effect would read, or sizes to come. False if
/// any.
bool check(const AdaptiveOptions& o, const Task& task) {
  const StagesOfMeans means;
  const StagesOfRates rates;
  const StagesOfSurvival survival;
  const std::array said{!(o.means == means), !(o.rates == rates), !(o.survival == survival)};
  if (!check_tables(task, endpoints, said, static_cast<std::size_t>(o.endpoint))) return false;
  if (o.next_sizes.empty() && !none_given(task,
                                          {{"effect", o.effect == EffectChoice::assumed},
                                           {"allocation", o.allocation != 1.0}},
                                          "next_sizes")) {
    return false;
  }
  if (!check_single_arm(o, task)) return false;
  if (o.effect == EffectChoice::assumed) return true;
  return none_given(
      task,
      {{"means.assumed_difference", o.means.assumed_difference != means.assumed_difference},
       {"means.assumed_sd", o.means.assumed_sd != means.assumed_sd},
       {"rates.assumed_treatment", o.rates.assumed_treatment != rates.assumed_treatment},
       {"rates.assumed_control", o.rates.assumed_control != rates.assumed_control},
       {"survival.assumed_ratio", o.survival.assumed_ratio != survival.assumed_ratio}},
      with_assumed);
}

FinalScale final_scale(const Task& task) {
  return task.preset() == Preset::r ? FinalScale::pooled_spread : FinalScale::of_the_test;
}

/// An analysis with what its rows are called.
struct Answer {
  AdaptiveAnalysis analysis;
  std::vector<double> power;
  std::string_view name, unit;
  std::string test;
};

std::optional<Answer> analyse(const StagesOfMeans& o, const AdaptiveOptions& all,
                              const AdaptiveDesign& design, const Task& task) {
  constexpr std::array<std::string_view, 3> tests{"t test, one variance", "Welch's t test",
                                                  "z test, spread known"};
  const std::size_t before = task.problems.size();
  const auto stages = stages_of(o, task);
  if (task.problems.size() > before) return std::nullopt;
  const StageVariance variance = chosen_variance(o, task.preset());
  const MeansTrial trial{stages, o.null_difference, all.favours, variance};
  Answer a{analyse_stages(design, trial, final_scale(task)),
           {},
           "difference",
           task.analysis.unit,
           std::string(tests[static_cast<std::size_t>(variance)])};
  if (a.analysis.status != StageStatus::analysed) return a;
  const ObservedMeans seen = observed(stages);
  const bool assumed = all.effect == EffectChoice::assumed;
  const FurtherMeans further{all.next_sizes, assumed ? o.assumed_difference : seen.difference,
                             assumed ? o.assumed_sd : seen.sd, all.allocation};
  if (further.sd > 0.0) a.power = conditional_power(design, trial, a.analysis, further);
  return a;
}

std::optional<Answer> analyse(const StagesOfRates& o, const AdaptiveOptions& all,
                              const AdaptiveDesign& design, const Task& task) {
  const std::size_t before = task.problems.size();
  const auto stages = stages_of(o, task);
  if (task.problems.size() > before) return std::nullopt;
  const RatesTrial trial{stages, o.null_difference, all.favours};
  Answer a{analyse_stages(design, trial, final_scale(task)),
           {},
           "risk_difference",
           "probability",
           "score test, variance under the null"};
  if (a.analysis.status != StageStatus::analysed || all.next_sizes.empty()) return a;
  FurtherRates further{all.next_sizes, o.assumed_treatment, o.assumed_control, all.allocation};
  if (all.effect == EffectChoice::observed) {
    RatesStage sum;
    for (const RatesStage& s : stages) {
      sum.n1 += s.n1;
      sum.n2 += s.n2;
      sum.events1 += s.events1;
      sum.events2 += s.events2;
    }
    further.rate1 = sum.events1 / sum.n1;
    further.rate2 = sum.n2 > 0.0 ? sum.events2 / sum.n2 : 0.0;
  }
  const auto inside = [](double p) { return p > 0.0 && p < 1.0; };
  if (!inside(further.rate1) || (stages[0].n2 > 0.0 && !inside(further.rate2))) {
    task.out.row.note = "no conditional power: a rate of 0 or 1";
    return a;
  }
  a.power = conditional_power(design, trial, a.analysis, further);
  return a;
}

std::optional<Answer> analyse(const StagesOfSurvival& o, const AdaptiveOptions& all,
                              const AdaptiveDesign& design, const Task& task) {
  const std::size_t before = task.problems.size();
  const auto stages = stages_of(o, task);
  if (task.problems.size() > before) return std::nullopt;
  const SurvivalTrial trial{stages, o.null_ratio, all.favours};
  Answer a{analyse_stages(design, trial, final_scale(task)),
           {},
           "hazard_ratio",
           "ratio",
           "log-rank test"};
  if (a.analysis.status != StageStatus::analysed) return a;
  const double ratio =
      all.effect == EffectChoice::assumed ? o.assumed_ratio : a.analysis.stages.back().estimate;
  a.power = conditional_power(design, trial, a.analysis,
                              FurtherSurvival{all.next_sizes, ratio, all.allocation});
  return a;
}

void put_stage(const Answer& a, std::size_t k, double level, const Task& task) {
  const StageAnalysis& s = a.analysis.stages[k];
  const std::string note = task.out.row.note;
  if (s.after_futility) {
    task.out.row.note = "after a binding stop for futility: nothing is rejected any more";
  }
  const auto put = [&](std::string_view name, std::optional<double> value, std::string_view unit) {
    put_in(task, look(k), name, value, unit);
  };
  put(a.name, s.estimate, a.unit);
  put("stage_p_value", s.p_value, "probability");
  put("overall_p_value", s.overall_p, "probability");
  put("statistic", s.statistic, "1");
  put("rejected", s.rejected ? 1.0 : 0.0, "1");
  put("stops_for_futility", s.futile ? 1.0 : 0.0, "1");
  if (s.conditional_rejection) {
    put("conditional_rejection_probability", *s.conditional_rejection, "probability");
  }
  task.out.row.level = level;
  const bool contradict = std::isnan(s.lower);
  const std::string so_far = task.out.row.note;
  if (contradict) task.out.row.note = "the stages contradict each other: no effect is left";
  const auto bound = [&](double value) { return contradict ? std::nullopt : std::optional(value); };
  put("repeated_lower", bound(s.lower), a.unit);
  put("repeated_upper", bound(s.upper), a.unit);
  task.out.row.note = so_far;
  task.out.row.level.reset();
  if (!s.repeated_p && !s.after_futility) {
    task.out.row.note = "the bound of this look is the same at every level";
  }
  put("repeated_p_value", s.repeated_p, "probability");
  task.out.row.note = note;
}

void put_final(const Answer& a, double level, const Task& task) {
  if (!a.analysis.stopped) return;
  const FinalAnalysis& f = *a.analysis.stopped;
  task.out.put("stopped_at", static_cast<double>(f.stage + 1), "look");
  task.out.put("p_value", f.p_value, "probability");
  if (!f.effect) return;
  task.out.put("median_unbiased", f.effect->median_unbiased, a.unit);
  task.out.row.level = level;
  task.out.put("lower", f.effect->lower, a.unit);
  task.out.put("upper", f.effect->upper, a.unit);
  task.out.row.level.reset();
  task.out.put("bias_adjusted", f.effect->bias_adjusted, a.unit);
}

/// Flat prior of the drift, planned fractions: only with one look to come, and a z statistic.
void put_predictive(const Answer& a, const AdaptiveDesign& design, const Task& task) {
  if (a.analysis.stopped && a.analysis.stopped->for_futility) return;
  const std::size_t k = a.analysis.stages.size() - 1;
  if (k + 2 != design.critical.size() || design.plan.rule == StageRule::fisher) return;
  put_in(task, look(k), "predictive_power",
         predictive_power(a.analysis.stages[k].statistic, design.plan.information[k],
                          design.critical.back()),
         "probability");
}

void run(const AdaptiveOptions& o, Task& task) {
  task.out.row.method = "analysis of a trial in stages";
  if (!check(o, task)) return;
  const auto design = rule_design(o.rule, task);
  if (!design) return;
  const auto a = o.endpoint == Endpoint::means   ? analyse(o.means, o, *design, task)
                 : o.endpoint == Endpoint::rates ? analyse(o.rates, o, *design, task)
                                                 : analyse(o.survival, o, *design, task);
  if (!a) return;
  task.out.row.conventions =
      rule_in_words(o.rule, design->plan, task.preset()) + "; stage test: " + a->test +
      "; order after stopping: stage-wise; interval after stopping: " +
      (final_scale(task) == FinalScale::pooled_spread ? "normal, pooled spread, as rpact"
                                                      : "the stage tests inverted") +
      "; p-values: one-sided, a " + std::string(directions[static_cast<std::size_t>(o.favours)]) +
      (o.endpoint == Endpoint::survival ? " hazard ratio" : " difference") +
      " favours the treatment";
  if (a->analysis.status != StageStatus::analysed) {
    task.refuse(std::string(name_of(a->analysis.status)));
    return;
  }
  const std::size_t seen = a->analysis.stages.size();
  const std::size_t to_come = design->critical.size() - seen;
  if (!o.next_sizes.empty() && !has_size(task, "next_sizes", o.next_sizes, to_come)) return;
  const double level = 1.0 - 2.0 * design->plan.alpha;
  for (std::size_t k = 0; k < seen; ++k) put_stage(*a, k, level, task);
  for (std::size_t j = 0; j < a->power.size(); ++j) {
    put_in(task, look(seen + j), "conditional_power", a->power[j], "probability");
  }
  put_predictive(*a, *design, task);
  put_final(*a, level, task);
}

}  // namespace

std::vector<MethodEntry> adaptive_methods() {
  return {method<AdaptiveOptions>("adaptive_analysis",
                                  "interim and final analysis of a trial in stages")};
}

}  // namespace angiotrial::analysis
