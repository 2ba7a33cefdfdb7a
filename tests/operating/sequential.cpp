// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/design/adaptive.hpp>
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/design/re_estimation.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "count_trials.hpp"
#include "procedure.hpp"

/// Group-sequential trials with three and five looks, with looks off the plan, and of counts.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double alpha = 0.025;
constexpr double planned_effect = 0.5;  ///< difference of the means in standard deviations

double effect_of(const Setting& s) { return s.null ? 0.0 : planned_effect; }

/// Equal steps, Pocock spending; the trial must stop where z is below 0 or, from the second look
/// on, 0.3.
AdaptiveDesign pocock(std::size_t looks) {
  AdaptivePlan plan;
  plan.rule = StageRule::group_sequential;
  plan.information.clear();
  for (std::size_t k = 1; k <= looks; ++k) {
    plan.information.push_back(static_cast<double>(k) / static_cast<double>(looks));
    if (k < looks) plan.futility.push_back(k == 1 ? 0.0 : 0.3);
  }
  plan.spending.kind = SpendingKind::pocock;
  plan.binding = true;
  return plan_adaptive(plan);
}

/// Where a trial stopped: z of all data there, and the root of the information of every look so
/// far.
struct Stopped {
  std::size_t look = 0;
  double z = 0.0;
  std::vector<double> root;
};

/// z_k = (delta I_k + W(I_k)) / sqrt(I_k), W with independent normal increments.
Stopped run(const AdaptiveDesign& design, random::Stream& draw, double information, double delta) {
  const auto& t = design.plan.information;
  Stopped at;
  double score = 0.0, before = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double now = information * t[k];
    score += delta * (now - before) + std::sqrt(now - before) * draw.normal();
    before = now;
    at.look = k;
    at.z = score / std::sqrt(now);
    at.root.push_back(std::sqrt(now));
    if (at.z >= design.critical[k]) break;
    if (k + 1 < t.size() && at.z < design.plan.futility[k]) break;
  }
  return at;
}

Procedure procedure(std::string name, std::string trial) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.claim = Claim::exact;
  p.error = alpha;
  return p;
}

/// The truth lies in the stage-wise interval where its p-value there is between alpha and 1 -
/// alpha: one evaluation in place of three roots.
Procedure many_looks(std::size_t looks) {
  Procedure p = procedure("group sequential, " + std::to_string(looks) +
                              " looks, Pocock spending, binding futility, stage-wise interval",
                          "two means, spread known; better by half a standard deviation");
  p.run = [design = pocock(looks)](random::Stream& draw, const Setting& s) {
    const double truth = effect_of(s);
    const Stopped at = run(design, draw, 0.5 * s.per_arm, truth);
    std::vector<double> mean;
    for (const double root : at.root) mean.push_back(truth * root);
    const double tail = stagewise_p_value(design, at.look, at.z, mean);
    return Verdict{false, rejects(design, at.look, at.z), alpha <= tail && tail <= 1.0 - alpha};
  };
  return p;
}

/// The interval itself, and the median-unbiased estimate inside it.
Procedure estimated() {
  Procedure p =
      procedure("group sequential, 3 looks, Pocock spending, binding futility, interval from roots",
                "two means, spread known; better by half a standard deviation");
  p.run = [design = pocock(3)](random::Stream& draw, const Setting& s) {
    const double truth = effect_of(s);
    const Stopped at = run(design, draw, 0.5 * s.per_arm, truth);
    const auto e = estimate_after(design, at.look, at.z, at.root);
    if (!e || !(e->lower <= e->median_unbiased && e->median_unbiased <= e->upper)) {
      return Verdict{true};
    }
    return Verdict{false, rejects(design, at.look, at.z), e->lower <= truth && truth <= e->upper};
  };
  return p;
}

/// A trial whose looks came early or late and whose last one has not the information planned.
/// Interim looks spend by their share of the plan; the last bound is solved for what is left.
struct OffPlan {
  std::vector<double> fractions, bounds;
};

OffPlan off_plan(std::vector<double> information) {
  std::vector<double> planned(information.begin(), information.end() - 1);
  planned.push_back(1.0);  // what the interim looks were told of the end
  const std::vector<double> spent = spending_bounds(planned, alpha, {SpendingKind::pocock, 0.0});
  OffPlan out;
  for (const double i : information) out.fractions.push_back(i / information.back());
  const auto interim = std::span(spent).first(spent.size() - 1);
  out.bounds.assign(interim.begin(), interim.end());
  out.bounds = last_bound(out.bounds, out.fractions, alpha);
  return out;
}

/// One of six courses by chance, independent of the data.
Procedure looks_off_plan() {
  Procedure p = procedure(
      "group sequential, looks and last information off the plan, bounds spent again",
      "two means, spread known, two to four looks; last information 0.8 to 1.2 of the plan");
  p.coverage = -1.0;
  std::vector<OffPlan> courses;
  for (const auto& course : std::vector<std::vector<double>>{{0.2, 0.8, 1.1},
                                                             {0.45, 0.6, 0.9},
                                                             {0.3, 0.7, 1.0},
                                                             {0.5, 0.8},
                                                             {0.1, 0.3, 0.85, 1.2},
                                                             {0.33, 0.75, 1.05}}) {
    courses.push_back(off_plan(course));
  }
  p.run = [courses](random::Stream& draw, const Setting& s) {
    const OffPlan& course =
        courses[static_cast<std::size_t>(draw.uniform() * static_cast<double>(courses.size()))];
    double score = 0.0, before = 0.0;
    for (std::size_t k = 0; k < course.bounds.size(); ++k) {
      const double now = 0.5 * s.per_arm * course.fractions[k];
      score += effect_of(s) * (now - before) + std::sqrt(now - before) * draw.normal();
      before = now;
      if (score / std::sqrt(now) >= course.bounds[k]) return Verdict{false, true, true};
    }
    return Verdict{};
  };
  return p;
}

/// Half the plan, then the size that conditional power asks for, up to twice the plan; the pooled z
/// against the bound that keeps the level.
Procedure promising() {
  Procedure p = procedure("promising zone, pooled statistic, adjusted critical value",
                          "two means, spread known, one interim look");
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double n = s.per_arm, interim = 0.5 * n;
    const double first = effect_of(s) * std::sqrt(0.5 * interim) + draw.normal();
    PromisingZonePlan plan;
    plan.interim = interim;
    plan.planned = n;
    plan.largest = 2.0 * n;
    const PromisingZone zone = promising_zone(first, plan);
    const double more = zone.size - interim;
    const double second = effect_of(s) * std::sqrt(0.5 * more) + draw.normal();
    const double pooled =
        (std::sqrt(interim) * first + std::sqrt(more) * second) / std::sqrt(zone.size);
    return Verdict{false, pooled >= zone.adjusted_critical, true};
  };
  return p;
}

struct CountLook {
  double z = 0.0;  ///< large for fewer events
  double information = 0.0;
};

std::optional<CountLook> look_at(const CountArms& t) {
  const std::vector<double> offset(t.counts.size(), 0.0);
  thread_local NegativeBinomialWorkspace workspace;
  const auto& fit =
      fit_negative_binomial({t.design, 2, t.counts, offset, Aliased::refuse}, workspace);
  if (!usable(fit.status) || !(fit.se_observed[1] > 0.0)) return std::nullopt;
  const double se = fit.se_observed[1];
  return CountLook{-fit.coefficients[1] / se, 1.0 / (se * se)};
}

/// Patients of either arm after the review: what the pooled counts ask for, up to twice the plan.
std::optional<int> reviewed(const CountArms& t, int planned) {
  const std::vector<double> exposure(t.counts.size(), 1.0);
  CountsDesign plan;
  plan.rate_ratio = 0.65;
  const SizeReview review = review_counts(t.counts, exposure, plan, {alpha, 0.8});
  if (review.status != ReviewStatus::revised) return std::nullopt;
  const int wanted = static_cast<int>(std::ceil(0.5 * std::min(review.total, 1.0e6)));
  return std::clamp(wanted, planned / 2 + 1, 2 * planned);
}

/// Half the plan; a blinded review sets the size; an O'Brien-Fleming type look at the share of
/// patients that are in, and the last bound at the share of information there was.
Procedure counts_with_review() {
  Procedure p = procedure(
      "negative binomial, two looks, O'Brien-Fleming type spending, size from a blinded review",
      "negative binomial counts, 5 a patient, dispersion 0.8, rate ratio 0.65");
  p.claim = Claim::asymptotic;
  p.coverage = -1.0;
  // Wald's z of a dispersion estimated with two rates: 2 / 84 too much information at the first
  // look, 1 % in its error, which moves a tail of 2.5 % by some 0.12 points, and the normal
  // reference by as much again; the review feeds on the same counts.
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double ratio = s.null ? 1.0 : 0.65;
    CountArms t;
    const int half = s.per_arm / 2;
    t.draw_pairs(draw, half, ratio);
    const auto first = look_at(t);
    const auto size = reviewed(t, s.per_arm);
    if (!first || !size) return Verdict{true};
    const double share = static_cast<double>(half) / *size;
    const std::vector<double> planned{share, 1.0};
    const std::vector<double> interim{
        spending_bounds(planned, alpha, {SpendingKind::obrien_fleming, 0.0}).front()};
    if (first->z >= interim[0]) return Verdict{false, true, true};
    t.draw_pairs(draw, *size - half, ratio);
    const auto last = look_at(t);
    if (!last) return Verdict{true};
    const double fraction = std::clamp(first->information / last->information, 0.01, 0.99);
    const std::vector<double> information{fraction, 1.0};
    return Verdict{false, last->z >= last_bound(interim, information, alpha).back(), true};
  };
  return p;
}

}  // namespace

std::vector<Procedure> sequential_procedures() {
  return {many_looks(3),    many_looks(5), estimated(),
          looks_off_plan(), promising(),   counts_with_review()};
}

}  // namespace angiotrial::operating
