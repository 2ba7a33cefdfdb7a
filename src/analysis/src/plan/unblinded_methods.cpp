// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/re_estimation.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/stage_options.hpp"

/// A second stage's size from unblinded results, and what such a rule does over many trials.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range a_size{.least = 0.0, .most = 1e9};

struct UnblindedOptions {
  RuleOptions rule;
  double statistic = 0.0, observed = 0.0;
  double target = 0.8, least = 0.0, most = 0.0, promising = 0.0;
  EffectChoice effect = EffectChoice::observed;
  double assumed = 0.0;
};

void describe(schema::Visitor& visit, UnblindedOptions& o) {
  describe_rule(visit, o.rule);
  visit("statistic", o.statistic, {.least = -40.0, .most = 40.0},
        "of the look before the last, as the rule defines it (fisher: the product)", analyst);
  visit("observed", o.observed, a_size, "patients of both arms so far", analyst);
  visit("target", o.target, {.least = 0.01, .most = 0.9999}, "conditional power aimed at", analyst);
  visit("least", o.least, a_size, "fewest patients of the last stage", analyst);
  visit("most", o.most, a_size, "most patients of the last stage", analyst);
  visit("promising", o.promising, {.least = 0.0, .most = 1.0},
        "below this conditional power at `least`, `least` is kept", analyst);
  visit("effect", o.effect, effect_names, "effect for conditional power", analyst);
  visit("assumed", o.assumed, {.least = -100.0, .most = 100.0},
        "for effect = \"assumed\": drift of the stage's z for each square root of a patient "
        "(means, 1:1: difference / (2 sd))",
        analyst);
}

void run(const UnblindedOptions& o, Task& task) {
  task.out.row.method = "unblinded sample size review";
  if (!combines_stages(o.rule, task)) return;
  if (o.effect == EffectChoice::observed &&
      !none_given(task, {{"assumed", o.assumed != 0.0}}, with_assumed)) {
    return;
  }
  const auto design = rule_design(o.rule, task);
  if (!design) return;
  if (design->critical.size() < 2) {
    task.bad_option("information", listed(o.rule.looks.information), "needs two looks or more");
    return;
  }
  if (o.rule.rule == StageRule::fisher && !(o.statistic >= 0.0 && o.statistic <= 1.0)) {
    task.bad_option("statistic", formats::shortest(o.statistic), "a product of p-values");
    return;
  }
  task.out.row.conventions = rule_in_words(o.rule, design->plan, task.preset()) + "; effect: " +
                             std::string(effect_names[static_cast<std::size_t>(o.effect)]);
  UnblindedPlan plan{o.target, o.least, o.most, std::nullopt, o.promising};
  if (o.effect == EffectChoice::assumed) plan.effect = o.assumed;
  const UnblindedReview r =
      review_unblinded(*design, design->critical.size() - 2, o.statistic, o.observed, plan);
  if (r.status == ReviewStatus::trial_stopped) {
    task.refuse(std::string(name_of(r.status)));
    return;
  }
  if (r.status != ReviewStatus::revised) {
    task.refuse("sizes must be positive and rise, and Fisher's product needs an assumed effect");
    return;
  }
  const auto& futility = design->plan.futility;
  if (o.rule.rule != StageRule::fisher && !futility.empty() && o.statistic <= futility.back()) {
    task.out.row.note = "the statistic is at its futility bound, which does not bind";
  }
  task.out.put("size", r.size, "subjects");
  task.out.put("size_for_target", std::isfinite(r.wanted) ? std::optional(r.wanted) : std::nullopt,
               "subjects");
  task.out.put("conditional_power", r.conditional_power, "probability");
  task.out.put("conditional_power_at_least", r.power_at_least, "probability");
}

enum class Endpoint { means, rates };
constexpr std::array<std::string_view, 2> endpoints{"means", "rates"};

struct SimulationOptions {
  RuleOptions rule;
  Endpoint endpoint = Endpoint::means;
  int trials = 10000;
  int seed = -1;
  double first = 0.0, second = 0.0, allocation = 1.0;
  double difference = 0.0, sd = 1.0, treatment = 0.0, control = 0.0;
  bool again = false;
  double target = 0.8, least = 0.0, most = 0.0;
  EffectChoice effect = EffectChoice::observed;
  double assumed = 0.0;
};

void describe(schema::Visitor& visit, SimulationOptions& o) {
  describe_rule(visit, o.rule);
  visit("endpoint", o.endpoint, endpoints, "what is compared", analyst);
  visit("trials", o.trials, {.least = 1.0, .most = 1e7}, "trials to simulate", analyst);
  visit("seed", o.seed, {.least = -1.0, .most = 2147483647.0},
        "seed of the random numbers, 0 or above: must be given", analyst);
  visit("first", o.first, a_size, "patients of both arms in the first stage", analyst);
  visit("second", o.second, a_size, "patients planned in the second", analyst);
  visit("allocation", o.allocation, {.least = 0.01, .most = 100.0},
        "patients treated for each control", analyst);
  visit("difference", o.difference, {.least = -1e9, .most = 1e9}, "means: true difference",
        analyst);
  visit("sd", o.sd, {.least = 0.0, .most = 1e9}, "means: standard deviation, known", analyst);
  visit("treatment", o.treatment, {.least = 0.0, .most = 1.0}, "rates: true, treated", analyst);
  visit("control", o.control, {.least = 0.0, .most = 1.0}, "rates: true, controls", analyst);
  visit("again", o.again, "the second stage's size follows from conditional power", analyst);
  visit("target", o.target, {.least = 0.01, .most = 0.9999}, "conditional power aimed at", analyst);
  visit("least", o.least, a_size, "fewest patients of the second stage", analyst);
  visit("most", o.most, a_size, "most patients of the second stage", analyst);
  visit("effect", o.effect, effect_names, "effect for conditional power", analyst);
  visit("assumed", o.assumed, {.least = -1e9, .most = 1e9}, "difference for effect = \"assumed\"",
        analyst);
}

/// Problems with keys of another endpoint, or of a second stage whose size does not change. False
/// if any.
bool check_keys(const SimulationOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const SimulationOptions unsaid;
  if (o.endpoint == Endpoint::means) {
    none_given(
        task,
        {{"treatment", o.treatment != unsaid.treatment}, {"control", o.control != unsaid.control}},
        "endpoint = \"rates\"");
  } else {
    none_given(task, {{"difference", o.difference != unsaid.difference}, {"sd", o.sd != unsaid.sd}},
               "endpoint = \"means\"");
  }
  if (!o.again) {
    none_given(task,
               {{"target", o.target != unsaid.target},
                {"least", o.least != unsaid.least},
                {"most", o.most != unsaid.most},
                {"effect", o.effect != unsaid.effect},
                {"assumed", o.assumed != unsaid.assumed}},
               "again = true");
  } else if (o.effect == EffectChoice::observed) {
    none_given(task, {{"assumed", o.assumed != unsaid.assumed}}, with_assumed);
  }
  return task.problems.size() == before;
}

void run(const SimulationOptions& o, Task& task) {
  task.out.row.method = "simulation of trials in two stages";
  if (!check_keys(o, task)) return;
  if (o.seed < 0) {
    task.bad_option("seed", std::to_string(o.seed), "must be given, 0 or above");
    return;
  }
  const auto design = rule_design(o.rule, task);
  if (!design) return;
  TwoStagePlan plan{*design, o.first, o.second, o.allocation, std::nullopt};
  if (o.again) {
    plan.again = SecondStageRule{o.target, o.least, o.most, std::nullopt};
    if (o.effect == EffectChoice::assumed) plan.again->assumed = o.assumed;
  }
  task.out.row.conventions =
      rule_in_words(o.rule, design->plan, task.preset()) +
      (o.again ? "; second stage: re-estimated" : "; second stage: planned") +
      "; seed: " + std::to_string(o.seed);
  const auto seed = static_cast<std::uint64_t>(o.seed);
  const TwoStageOutcome r =
      o.endpoint == Endpoint::means
          ? simulate(TwoStageMeans{plan, o.difference, o.sd}, o.trials, seed)
          : simulate(TwoStageRates{plan, o.treatment, o.control}, o.trials, seed);
  if (r.status != SimulationStatus::simulated) {
    task.refuse(std::string(name_of(r.status)));
    return;
  }
  const auto put = [&](std::string_view name, double value, std::optional<double> mcse,
                       std::string_view unit) {
    task.out.row.mcse = mcse;
    task.out.put(name, value, unit);
    task.out.row.mcse.reset();
  };
  put("rejected", r.rejected, r.se_rejected, "probability");
  put("rejected_first", r.rejected_first, std::nullopt, "probability");
  put("stopped_for_futility", r.futile, std::nullopt, "probability");
  put("expected_size", r.expected_size, r.se_size, "subjects");
}

}  // namespace

std::vector<MethodEntry> unblinded_methods() {
  return {method<SimulationOptions>("two_stage_simulation",
                                    "level, power and size of trials in two stages, simulated"),
          method<UnblindedOptions>("unblinded_review",
                                   "size of the last stage from unblinded results")};
}

}  // namespace angiotrial::analysis
