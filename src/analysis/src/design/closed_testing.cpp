// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/closed_testing.hpp>

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <algorithm>
#include <cmath>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::size_t most_arms = 10;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

double upper_tail(double t, double df) {
  if (!std::isfinite(df)) return quadrature::normal_cdf(-t);
  return student_tail(df, t);
}

double simes(std::vector<double> p) {
  std::sort(p.begin(), p.end());
  const auto m = static_cast<double>(p.size());
  double least = 1.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    least = std::min(least, p[i] * m / static_cast<double>(i + 1));
  }
  return least;
}

/// p-value of the intersection of the treatments in `set` that are still there.
double intersection_p(const ClosedStage& stage, unsigned set, IntersectionTest test) {
  std::vector<double> p, lambda;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < stage.statistic.size(); ++i) {
    if ((set >> i & 1U) == 0 || std::isnan(stage.statistic[i])) continue;
    p.push_back(upper_tail(stage.statistic[i], stage.df));
    largest = std::max(largest, stage.statistic[i]);
    if (test == IntersectionTest::dunnett) lambda.push_back(stage.lambda[i]);
  }
  if (p.empty()) return 1.0;
  const double least = *std::min_element(p.begin(), p.end());
  if (p.size() == 1) return least;
  const auto m = static_cast<double>(p.size());
  switch (test) {
    case IntersectionTest::bonferroni:
      return std::min(1.0, m * least);
    case IntersectionTest::sidak:
      return -std::expm1(m * std::log1p(-least));
    case IntersectionTest::simes:
      return simes(std::move(p));
    case IntersectionTest::dunnett:
      return product_max_t_p_value(largest, lambda, stage.df, Sides::one);
  }
  return 1.0;
}

ClosedStatus check(const AdaptiveDesign& design, std::span<const ClosedStage> stages,
                   IntersectionTest test) {
  if (design.status != DesignStatus::planned || design.plan.rule == StageRule::group_sequential) {
    return ClosedStatus::design_not_planned;
  }
  if (stages.empty()) return ClosedStatus::no_stage;
  if (stages.size() > design.critical.size()) return ClosedStatus::too_many_stages;
  const std::size_t arms = stages[0].statistic.size();
  if (arms > most_arms) return ClosedStatus::too_many_arms;
  for (std::size_t k = 0; k < stages.size(); ++k) {
    const ClosedStage& s = stages[k];
    if (s.status != ClosedStatus::tested) return s.status;
    const bool with_lambda = test != IntersectionTest::dunnett || s.lambda.size() == arms;
    if (arms == 0 || s.statistic.size() != arms || !with_lambda || !(s.df > 0.0)) {
      return ClosedStatus::invalid_stage;
    }
    for (std::size_t i = 0; i < arms; ++i) {
      const bool gone = std::isnan(s.statistic[i]);
      if (k > 0 && !gone && std::isnan(stages[k - 1].statistic[i])) {
        return ClosedStatus::invalid_stage;
      }
      const bool used = test == IntersectionTest::dunnett && !gone;
      if (used && !(s.lambda[i] > 0.0 && s.lambda[i] < 1.0)) return ClosedStatus::invalid_stage;
    }
  }
  return ClosedStatus::tested;
}

/// What has become of an intersection. What an interim look rejected stays rejected; what it
/// stopped for futility, where that binds, stays accepted.
enum class Fate { open, rejected, accepted };

bool futile(const AdaptiveDesign& d, std::size_t k, double combination, double stage_p) {
  if (k >= d.plan.futility.size()) return false;
  return d.plan.rule == StageRule::fisher ? stage_p >= d.plan.futility[k]
                                          : combination <= d.plan.futility[k];
}

/// Fills what depends on the combinations of the sets that hold each treatment.
void judge_treatments(const AdaptiveDesign& design, std::size_t k, std::size_t arms,
                      const std::vector<Fate>& fate, ClosedStageResult& out) {
  const std::size_t sets = out.combination.size();
  std::vector<double> repeated(sets), error(sets);
  std::vector<bool> below(sets);
  const bool last = k + 1 == design.critical.size();
  for (std::size_t s = 0; s < sets; ++s) {
    const double c = out.combination[s];
    const bool never = !std::isfinite(c) || fate[s] == Fate::accepted;
    repeated[s] = never ? 0.5 : repeated_p_value(design, k, c).value_or(missing);
    if (!last) {
      error[s] = fate[s] == Fate::rejected ? 1.0
                 : never                   ? 0.0
                                           : conditional_rejection_probability(design, k, c);
    }
    below[s] = fate[s] == Fate::accepted ||
               (fate[s] == Fate::open && futile(design, k, c, out.stage_p[s]));
  }
  for (std::size_t i = 0; i < arms; ++i) {
    bool all = true;
    bool stops = false;
    double p = 0.0;
    double least = 1.0;
    for (std::size_t s = 0; s < sets; ++s) {
      if (((s + 1) >> i & 1U) == 0) continue;
      all = all && fate[s] == Fate::rejected;
      stops = stops || below[s];
      p = std::isnan(repeated[s]) || std::isnan(p) ? missing : std::max(p, repeated[s]);
      least = std::min(least, error[s]);
    }
    out.rejected.push_back(all);
    out.futile.push_back(stops);
    out.repeated_p.push_back(p);
    if (!last) out.conditional_rejection.push_back(least);
  }
}

}  // namespace

std::string_view name_of(ClosedStatus status) {
  switch (status) {
    case ClosedStatus::tested:
      return "tested";
    case ClosedStatus::design_not_planned:
      return "the design was refused, or does not combine stages";
    case ClosedStatus::no_stage:
      return "no stage";
    case ClosedStatus::too_many_stages:
      return "more stages than the design has";
    case ClosedStatus::too_many_arms:
      return "more than ten treatments";
    case ClosedStatus::invalid_stage:
      return "a stage without control, of other treatments, with one that came back, or with more "
             "events than patients";
    case ClosedStatus::no_spread:
      return "a stage whose patients do not vary, or a treatment without any event, its control "
             "included, or with nothing else";
  }
  return "unknown";
}

ClosedStage closed_stage_of_means(std::span<const ArmSummary> arms) {
  ClosedStage out;
  double squares = 0.0;
  double df = 0.0;
  for (const ArmSummary& a : arms) {
    if (!(a.size >= 1.0)) continue;
    squares += (a.size - 1.0) * a.sd * a.sd;
    df += a.size - 1.0;
  }
  const bool control = !arms.empty() && arms[0].size >= 1.0;
  out.df = df;
  if (!control) {
    out.status = ClosedStatus::invalid_stage;
  } else if (!(squares > 0.0)) {
    out.status = ClosedStatus::no_spread;
  }
  for (std::size_t i = 1; i < arms.size(); ++i) {
    const double n0 = arms[0].size;
    const double n = arms[i].size;
    const bool there = control && n >= 1.0;
    const double se = std::sqrt(squares / df * (1.0 / n + 1.0 / n0));
    out.statistic.push_back(there ? (arms[i].mean - arms[0].mean) / se : missing);
    out.lambda.push_back(there ? std::sqrt(n / (n + n0)) : missing);
  }
  return out;
}

ClosedStage closed_stage_of_rates(std::span<const ArmSummary> arms) {
  ClosedStage out;
  const bool control = !arms.empty() && arms[0].size >= 1.0;
  const bool above_all = std::ranges::any_of(arms, [](const auto& a) { return a.mean > 1.0; });
  if (!control || above_all) out.status = ClosedStatus::invalid_stage;
  for (std::size_t i = 1; i < arms.size(); ++i) {
    const double n0 = arms[0].size;
    const double n = arms[i].size;
    const bool there = control && n >= 1.0;
    const double pooled = (arms[i].mean * n + arms[0].mean * n0) / (n + n0);
    const double se = std::sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / n0));
    const bool varies = se > 0.0;
    if (there && !varies && out.status == ClosedStatus::tested) {
      out.status = ClosedStatus::no_spread;
    }
    out.statistic.push_back(there && varies ? (arms[i].mean - arms[0].mean) / se : missing);
    out.lambda.push_back(there ? std::sqrt(n / (n + n0)) : missing);
  }
  return out;
}

ClosedAnalysis analyse_closed(const AdaptiveDesign& design, std::span<const ClosedStage> stages,
                              IntersectionTest test) {
  ClosedAnalysis out;
  out.status = check(design, stages, test);
  if (out.status != ClosedStatus::tested) return out;
  const std::size_t arms = stages[0].statistic.size();
  const std::size_t sets = (std::size_t{1} << arms) - 1;
  std::vector<std::vector<double>> history(sets);
  std::vector<Fate> fate(sets, Fate::open);
  for (std::size_t k = 0; k < stages.size(); ++k) {
    ClosedStageResult r;
    for (const double t : stages[k].statistic) {
      r.separate_p.push_back(std::isnan(t) ? missing : upper_tail(t, stages[k].df));
    }
    for (std::size_t s = 0; s < sets; ++s) {
      const double p = intersection_p(stages[k], static_cast<unsigned>(s + 1), test);
      history[s].push_back(p);
      r.stage_p.push_back(p);
      r.combination.push_back(combine(design, history[s]));
      if (fate[s] != Fate::open) continue;
      if (rejects(design, k, r.combination[s])) {
        fate[s] = Fate::rejected;
      } else if (design.plan.binding && futile(design, k, r.combination[s], p)) {
        fate[s] = Fate::accepted;
      }
    }
    judge_treatments(design, k, arms, fate, r);
    out.stages.push_back(std::move(r));
  }
  return out;
}

}  // namespace angiotrial::analysis
