// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/analysis/design/closed_testing.hpp>
#include <angiotrial/analysis/design/re_estimation.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "count_trials.hpp"
#include "procedure.hpp"

/// Trials in two stages: level, interval and estimate after stopping, sizes chosen again.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double planned_effect = 0.5;  ///< difference of the means in standard deviations

AdaptiveDesign two_looks(StageRule rule) {
  AdaptivePlan plan;
  plan.rule = rule;
  plan.information = {0.5, 1.0};
  return plan_adaptive(plan);
}

double effect_of(const Setting& s) { return s.null ? 0.0 : planned_effect; }

/// z of a stage with n an arm, spread 1 and known: N(delta sqrt(n / 2), 1).
double stage_z(random::Stream& draw, double n, double delta) {
  return delta * std::sqrt(0.5 * n) + draw.normal();
}

double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// The design's statistic where the trial stopped, with its roots of information by stage.
struct Stopped {
  std::size_t stage = 0;
  double statistic = 0.0;
  std::vector<double> root;
};

/// n an arm in the second stage: as planned, or for a conditional power of 0.8 at the observed
/// effect, from half to four times as many.
double second_size(const AdaptiveDesign& design, double z, double n) {
  UnblindedPlan plan;
  plan.least = n;
  plan.most = 8.0 * n;
  return 0.5 * review_unblinded(design, 0, z, 2.0 * n, plan).size;
}

Stopped run_two_stages(const AdaptiveDesign& design, random::Stream& draw, const Setting& s,
                       bool again) {
  const double n = 0.5 * s.per_arm;
  const double delta = effect_of(s);
  const double z1 = stage_z(draw, n, delta);
  Stopped out{0, z1, {std::sqrt(0.5 * n)}};
  if (rejects(design, 0, z1)) return out;
  const double n2 = again ? second_size(design, z1, n) : n;
  const double z2 = stage_z(draw, n2, delta);
  const double w1 = design.weights[0], w2 = design.weights[1];
  out.stage = 1;
  // With sizes as planned this is the z of all data, so that one line serves both rules.
  out.statistic = w1 * z1 + w2 * z2;
  out.root.push_back(w1 * std::sqrt(0.5 * n) + w2 * std::sqrt(0.5 * n2));
  return out;
}

Procedure sequential(std::string name, StageRule rule, bool again) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "two means, spread known, two looks; treatment better by half a standard deviation";
  p.claim = Claim::exact;
  p.error = 0.025;
  p.run = [design = two_looks(rule), again](random::Stream& draw, const Setting& s) {
    const Stopped at = run_two_stages(design, draw, s, again);
    const auto e = estimate_after(design, at.stage, at.statistic, at.root);
    if (!e) return Verdict{true};
    const double truth = effect_of(s);
    return Verdict{false, rejects(design, at.stage, at.statistic),
                   e->lower <= truth && truth <= e->upper};
  };
  return p;
}

/// "Rejected" is an estimate above the truth: one half, also where the trial stops early.
Procedure median_unbiased() {
  Procedure p;
  p.name = "median-unbiased estimate above the truth, group sequential";
  p.trial = "two means, spread known, two looks";
  p.claim = Claim::exact;
  p.error = 0.5;
  p.coverage = -1.0;
  p.run = [design = two_looks(StageRule::group_sequential)](random::Stream& draw,
                                                            const Setting& s) {
    const Stopped at = run_two_stages(design, draw, s, false);
    const auto e = estimate_after(design, at.stage, at.statistic, at.root);
    if (!e) return Verdict{true};
    return Verdict{false, e->median_unbiased > effect_of(s), true};
  };
  return p;
}

Procedure fisher() {
  Procedure p;
  p.name = "Fisher's combination, second stage from conditional power";
  p.trial = "two means, spread known, two looks";
  p.claim = Claim::exact;
  p.error = 0.025;
  p.coverage = -1.0;
  p.run = [design = two_looks(StageRule::fisher)](random::Stream& draw, const Setting& s) {
    const double n = 0.5 * s.per_arm;
    const double z1 = stage_z(draw, n, effect_of(s));
    std::vector<double> stage_p{upper_tail(z1)};
    if (rejects(design, 0, combine(design, stage_p))) return Verdict{false, true, true};
    UnblindedPlan plan;
    plan.least = n;
    plan.most = 8.0 * n;
    plan.effect = 0.5 * std::max(z1 / std::sqrt(0.5 * n), 0.1);
    const double n2 =
        0.5 * review_unblinded(design, 0, combine(design, stage_p), 2.0 * n, plan).size;
    stage_p.push_back(upper_tail(stage_z(draw, n2, effect_of(s))));
    return Verdict{false, rejects(design, 1, combine(design, stage_p)), true};
  };
  return p;
}

/// Mean and standard deviation of n normal values about `centre`.
std::pair<double, double> sample(random::Stream& draw, int n, double centre, double sd) {
  double mean = 0.0, squares = 0.0;
  for (int i = 1; i <= n; ++i) {
    const double step = centre + sd * draw.normal() - mean;
    mean += step / i;
    squares += step * step * (i - 1.0) / i;
  }
  return {mean, std::sqrt(squares / (n - 1.0))};
}

MeansStage means_stage(random::Stream& draw, int n, double delta, double ratio) {
  const auto [m1, s1] = sample(draw, n, delta, ratio);
  const auto [m2, s2] = sample(draw, n, 0.0, 1.0);
  const double size = n;
  return {size, size, m1, m2, s1, s2};
}

/// Spread estimated in each stage; both stages are analysed together once the second is in.
Procedure of_t_tests(std::string name, StageVariance variance, double ratio) {
  Procedure p;
  p.name = std::move(name);
  p.trial = ratio == 1.0 ? "two means, two stages" : "two means, two stages; spreads 1 and 2";
  p.claim = Claim::corrected;
  p.error = 0.025;
  p.slack = 0.005;
  p.run = [design = two_looks(StageRule::inverse_normal), variance, ratio](random::Stream& draw,
                                                                           const Setting& s) {
    const int n = s.per_arm / 2;
    const double truth = effect_of(s);
    std::vector<MeansStage> stages{means_stage(draw, n, truth, ratio)};
    AdaptiveAnalysis a = analyse_stages(design, MeansTrial{stages, 0.0, Favours::larger, variance});
    if (a.status == StageStatus::analysed && !a.stopped) {
      stages.push_back(means_stage(draw, n, truth, ratio));
      a = analyse_stages(design, MeansTrial{stages, 0.0, Favours::larger, variance});
    }
    if (a.status != StageStatus::analysed || !a.stopped) return Verdict{true};
    const StageAnalysis& last = a.stages.back();
    return Verdict{false, last.rejected, last.lower <= truth && truth <= last.upper};
  };
  return p;
}

/// Two treatments; the one with the smaller statistic is dropped after the first stage.
Procedure closed_dunnett() {
  Procedure p;
  p.name = "closed Dunnett, inverse normal, the worse of two arms dropped";
  p.trial = "three means, two stages; family-wise error";
  p.claim = Claim::exact;
  p.error = 0.025;
  p.coverage = -1.0;
  p.run = [design = two_looks(StageRule::inverse_normal)](random::Stream& draw, const Setting& s) {
    const int n = s.per_arm / 2;
    std::vector<ClosedStage> stages;
    bool keep[3] = {true, true, true};
    for (int k = 0; k < 2; ++k) {
      std::vector<ArmSummary> arms;
      for (int i = 0; i < 3; ++i) {
        const auto [m, sd] = sample(draw, n, i == 2 ? effect_of(s) : 0.0, 1.0);
        arms.push_back({keep[i] ? static_cast<double>(n) : 0.0, m, sd});
      }
      stages.push_back(closed_stage_of_means(arms));
      const auto& t = stages.back().statistic;
      if (k == 0) keep[t[0] < t[1] ? 1 : 2] = false;
    }
    const ClosedAnalysis a = analyse_closed(design, stages, IntersectionTest::dunnett);
    if (a.status != ClosedStatus::tested) return Verdict{true};
    const auto& rejected = a.stages.back().rejected;
    return Verdict{false, s.null ? rejected[0] || rejected[1] : rejected[1], true};
  };
  return p;
}

/// Size from the pooled counts of the first half, up to twice the plan; then the Wald test.
Procedure blinded_counts() {
  Procedure p;
  p.name = "negative binomial, Wald, size from a blinded review";
  p.trial = "negative binomial counts, 5 a patient, dispersion 0.8; half the patients reviewed";
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double ratio = s.null ? 1.0 : 0.65;
    CountArms t;
    t.draw_pairs(draw, s.per_arm / 2, ratio);
    const std::vector<double> exposure(t.counts.size(), 1.0);
    CountsDesign plan;
    plan.rate_ratio = 0.65;
    const SizeReview review = review_counts(t.counts, exposure, plan, {0.025, 0.8});
    if (review.status != ReviewStatus::revised) return Verdict{true};
    const int wanted = static_cast<int>(std::ceil(0.5 * std::min(review.total, 1.0e6)));
    t.draw_pairs(draw, std::clamp(wanted, s.per_arm / 2, 2 * s.per_arm) - s.per_arm / 2, ratio);
    const std::vector<double> offset(t.counts.size(), 0.0);
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit =
        fit_negative_binomial({t.design, 2, t.counts, offset, Aliased::refuse}, workspace);
    if (!usable(fit.status)) return Verdict{true};
    const double half = 1.959963984540054 * fit.se_observed[1];
    return Verdict{false, std::fabs(fit.coefficients[1]) > half,
                   std::fabs(fit.coefficients[1] - std::log(ratio)) <= half};
  };
  return p;
}

/// The truth is drawn from the prior: credible intervals then cover exactly, whatever the size.
Procedure robust_prior() {
  Procedure p;
  p.name = "robust mixture prior of a rate, credible interval";
  p.trial = "rate drawn from the prior, binomial events";
  p.claim = Claim::exact;
  p.error = -1.0;
  const Mixture map{MixtureFamily::beta, {{0.6, 8.0, 22.0}, {0.4, 2.2, 5.6}}, 1.0};
  p.run = [prior = robustify(map, {0.2, 0.5, 1.0}).mixture](random::Stream& draw,
                                                            const Setting& s) {
    const double truth = quantile(prior, draw.uniform());
    double events = 0.0;
    for (int i = 0; i < s.per_arm; ++i) events += draw.bernoulli(truth) ? 1.0 : 0.0;
    const MixtureUpdate after = update(prior, {events, static_cast<double>(s.per_arm)});
    if (after.status != MixtureStatus::valid) return Verdict{true};
    return Verdict{
        false, false,
        quantile(after.posterior, 0.025) <= truth && truth <= quantile(after.posterior, 0.975)};
  };
  return p;
}

}  // namespace

std::vector<Procedure> design_procedures() {
  return {sequential("group sequential, O'Brien-Fleming type spending, stage-wise interval",
                     StageRule::group_sequential, false),
          sequential("inverse normal, second stage from conditional power, stage-wise interval",
                     StageRule::inverse_normal, true),
          median_unbiased(),
          fisher(),
          of_t_tests("inverse normal of t tests, repeated interval", StageVariance::pooled, 1.0),
          of_t_tests("inverse normal of Welch tests, repeated interval", StageVariance::welch, 2.0),
          closed_dunnett(),
          blinded_counts(),
          robust_prior()};
}

}  // namespace angiotrial::operating
