// SPDX-License-Identifier: Apache-2.0
#include "plan/stage_options.hpp"

#include <array>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source lehmacher_wassmer{
    schema::Provenance::recalled,
    "Lehmacher W, Wassmer G. Adaptive sample size calculations in group sequential trials. "
    "Biometrics 1999",
    "10.1111/j.0006-341X.1999.01286.x"};
constexpr std::array<std::string_view, 3> rules{"group_sequential", "inverse_normal", "fisher"};
constexpr std::array<std::string_view, 2> level_names{"equal", "full"};
constexpr std::array<std::string_view, 4> variances{"preset", "pooled", "welch", "known"};
constexpr schema::Range a_size{.least = 0.0, .most = 1e9};
constexpr schema::Range a_value{.least = -1e12, .most = 1e12};

}  // namespace

void describe_rule(schema::Visitor& visit, RuleOptions& o) {
  visit("rule", o.rule, rules,
        "all data so far; or stages combined by the inverse normal or by Fisher's product, which "
        "let later sizes follow from earlier data",
        lehmacher_wassmer);
  describe_looks(visit, o.looks);
  visit("fisher_levels", o.fisher_levels, level_names,
        "Fisher: every stage's product has the same level; or the last keeps Fisher's own value",
        analyst);
  visit("futility", o.futility, {.least = -40.0, .most = 40.0},
        "each interim look stops below this z (fisher: above this p-value of the stage); empty: "
        "never",
        analyst);
  visit("binding", o.binding, "futility must be obeyed, and the bounds count on it", analyst);
}

std::optional<AdaptiveDesign> rule_design(const RuleOptions& o, const Task& task) {
  if (o.rule != StageRule::fisher && o.fisher_levels != FisherLevels::equal) {
    task.bad_option("fisher_levels",
                    std::string(level_names[static_cast<std::size_t>(o.fisher_levels)]),
                    "is used with rule = \"fisher\" alone");
    return std::nullopt;
  }
  const LookOptions unsaid;
  if (o.rule == StageRule::fisher &&
      !none_given(task,
                  {{"bounds", o.looks.bounds != unsaid.bounds},
                   {"parameter", o.looks.parameter != unsaid.parameter}},
                  "rule = \"group_sequential\" or \"inverse_normal\"")) {
    return std::nullopt;
  }
  if (o.rule != StageRule::fisher && !check_looks(o.looks, task)) return std::nullopt;
  AdaptivePlan plan = one_sided_plan(o.looks, task.preset());
  plan.rule = o.rule;
  plan.fisher_levels = o.fisher_levels;
  plan.futility = o.futility;
  plan.binding = o.binding;
  return planned_design(std::move(plan), task);
}

bool combines_stages(const RuleOptions& o, const Task& task) {
  if (o.rule != StageRule::group_sequential) return true;
  task.bad_option("rule", "group_sequential", "stages must be combined",
                  "use inverse_normal or fisher");
  return false;
}

std::string rule_in_words(const RuleOptions& o, const AdaptivePlan& plan, Preset preset) {
  constexpr std::array<std::string_view, 3> words{"group sequential", "inverse normal",
                                                  "Fisher's product"};
  std::string out = "stages: " + std::string(words[static_cast<std::size_t>(o.rule)]);
  if (o.rule == StageRule::fisher) {
    out += o.fisher_levels == FisherLevels::equal ? ", equal levels" : ", full last level";
  }
  out += "; " + looks_in_words(o.looks, plan, preset) + " one-sided";
  if (!plan.futility.empty())
    out += plan.binding ? "; futility: binding" : "; futility: non-binding";
  return out;
}

void describe(schema::Visitor& visit, StagesOfMeans& o) {
  visit("n_treatment", o.n_treatment, a_size, "treated patients of each stage", analyst);
  visit("n_control", o.n_control, a_size, "controls of each stage; empty: a single arm", analyst);
  visit("mean_treatment", o.mean_treatment, a_value, "mean of the treated, by stage", analyst);
  visit("mean_control", o.mean_control, a_value, "mean of the controls, by stage", analyst);
  visit("sd_treatment", o.sd_treatment, a_size, "standard deviation of the treated", analyst);
  visit("sd_control", o.sd_control, a_size, "standard deviation of the controls", analyst);
  visit("null_difference", o.null_difference, a_value,
        "difference under the null hypothesis; single arm: the mean", analyst);
  visit("variance", o.variance, variances,
        "t test with one variance, Welch's, or the sd taken as known; preset: welch, but pooled "
        "for \"r\" (as rpact) and \"sas\"",
        analyst);
  visit("assumed_difference", o.assumed_difference, a_value,
        "for conditional power with effect = \"assumed\"", analyst);
  visit("assumed_sd", o.assumed_sd, a_size, "standard deviation that goes with it", analyst);
}

void describe(schema::Visitor& visit, StagesOfRates& o) {
  visit("n_treatment", o.n_treatment, a_size, "treated patients of each stage", analyst);
  visit("n_control", o.n_control, a_size, "controls of each stage; empty: a single arm", analyst);
  visit("events_treatment", o.events_treatment, a_size, "of the treated, by stage", analyst);
  visit("events_control", o.events_control, a_size, "of the controls, by stage", analyst);
  visit("null_difference", o.null_difference, {.least = -1.0, .most = 1.0},
        "difference under the null hypothesis; single arm: the rate", analyst);
  visit("assumed_treatment", o.assumed_treatment, {.least = 0.0, .most = 1.0},
        "rate for conditional power with effect = \"assumed\"", analyst);
  visit("assumed_control", o.assumed_control, {.least = 0.0, .most = 1.0}, "rate that goes with it",
        analyst);
}

void describe(schema::Visitor& visit, StagesOfSurvival& o) {
  visit("events", o.events, a_size, "of both arms up to each stage", analyst);
  visit("log_rank", o.log_rank, a_value,
        "z of all data up to each stage, positive where the treated have the larger hazard",
        analyst);
  visit("allocation", o.allocation, {.least = 0.01, .most = 100.0},
        "patients treated for each control", analyst);
  visit("null_ratio", o.null_ratio, {.least = 0.01, .most = 100.0},
        "hazard ratio under the null hypothesis", analyst);
  visit("assumed_ratio", o.assumed_ratio, {.least = 0.01, .most = 100.0},
        "for conditional power with effect = \"assumed\"", analyst);
}

StageVariance chosen_variance(const StagesOfMeans& o, Preset preset) {
  if (o.variance == VarianceChoice::preset) {
    return preset == Preset::recommended ? StageVariance::welch : StageVariance::pooled;
  }
  return static_cast<StageVariance>(static_cast<int>(o.variance) - 1);
}

std::vector<MeansStage> stages_of(const StagesOfMeans& o, const Task& task) {
  const std::size_t stages = o.n_treatment.size();
  const bool single = o.n_control.empty();
  bool ok = has_size(task, "means.mean_treatment", o.mean_treatment, stages) &&
            has_size(task, "means.sd_treatment", o.sd_treatment, stages);
  if (single) {
    ok = none_given(task,
                    {{"means.mean_control", !o.mean_control.empty()},
                     {"means.sd_control", !o.sd_control.empty()}},
                    "means.n_control") &&
         ok;
  } else {
    ok = has_size(task, "means.n_control", o.n_control, stages) &&
         has_size(task, "means.mean_control", o.mean_control, stages) &&
         has_size(task, "means.sd_control", o.sd_control, stages) && ok;
  }
  std::vector<MeansStage> out;
  for (std::size_t k = 0; ok && k < stages; ++k) {
    MeansStage s{o.n_treatment[k], 0.0, o.mean_treatment[k], 0.0, o.sd_treatment[k], 0.0};
    if (!single) {
      s.n2 = o.n_control[k];
      s.mean2 = o.mean_control[k];
      s.sd2 = o.sd_control[k];
    }
    out.push_back(s);
  }
  return out;
}

std::vector<RatesStage> stages_of(const StagesOfRates& o, const Task& task) {
  const std::size_t stages = o.n_treatment.size();
  const bool single = o.n_control.empty();
  bool ok = has_size(task, "rates.events_treatment", o.events_treatment, stages);
  if (single) {
    ok = none_given(task, {{"rates.events_control", !o.events_control.empty()}},
                    "rates.n_control") &&
         ok;
  } else {
    ok = has_size(task, "rates.n_control", o.n_control, stages) &&
         has_size(task, "rates.events_control", o.events_control, stages) && ok;
  }
  std::vector<RatesStage> out;
  for (std::size_t k = 0; ok && k < stages; ++k) {
    out.push_back({o.n_treatment[k], single ? 0.0 : o.n_control[k], o.events_treatment[k],
                   single ? 0.0 : o.events_control[k]});
  }
  return out;
}

std::vector<SurvivalStage> stages_of(const StagesOfSurvival& o, const Task& task) {
  std::vector<SurvivalStage> out;
  if (!has_size(task, "survival.log_rank", o.log_rank, o.events.size())) return out;
  for (std::size_t k = 0; k < o.events.size(); ++k) {
    out.push_back({o.events[k], o.log_rank[k], o.allocation});
  }
  return out;
}

namespace {

/// Mean and sum of squares about it of one arm, stages joined.
struct Joined {
  double n = 0.0, mean = 0.0, squares = 0.0;

  void add(double size, double average, double sd) {
    if (!(size > 0.0)) return;
    const double step = average - mean;
    squares += (size - 1.0) * sd * sd + step * step * n * size / (n + size);
    mean += step * size / (n + size);
    n += size;
  }
};

}  // namespace

ObservedMeans observed(const std::vector<MeansStage>& stages) {
  Joined treated, controls;
  for (const MeansStage& s : stages) {
    treated.add(s.n1, s.mean1, s.sd1);
    controls.add(s.n2, s.mean2, s.sd2);
  }
  const double df = treated.n + controls.n - (controls.n > 0.0 ? 2.0 : 1.0);
  return {treated.mean - controls.mean, std::sqrt((treated.squares + controls.squares) / df)};
}

}  // namespace angiotrial::analysis
