// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <angiotrial/analysis/design/sample_size.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/final_effect.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// In a binding design the effects that stopping would have accepted belong to the interval.
double futility_bound(const AdaptiveDesign& d, const StageEvidence& evidence,
                      const StageStatistic& statistic, std::size_t k, double sign, double bound) {
  if (!d.plan.binding) return bound;
  for (std::size_t j = 0; j < std::min(k, d.plan.futility.size()); ++j) {
    std::optional<double> at;
    if (!statistic.fisher()) {
      at = statistic.solve(j, d.plan.futility[j], sign);
    } else if (d.plan.futility[j] < 1.0) {
      const double z = quadrature::upper_quantile(d.plan.futility[j]);
      at = monotone_root([&](double theta) { return sign * evidence.stage_z(j, theta) - z; },
                         evidence.estimate(j), evidence.standard_error(j));
    }
    if (at) bound = sign > 0.0 ? std::min(bound, *at) : std::max(bound, *at);
  }
  return bound;
}

bool futile(const AdaptiveDesign& d, std::size_t k, double statistic, double p) {
  if (k >= d.plan.futility.size()) return false;
  return d.plan.rule == StageRule::fisher ? p >= d.plan.futility[k]
                                          : statistic <= d.plan.futility[k];
}

StageAnalysis analyse_stage(const AdaptiveDesign& d, const StageEvidence& evidence, std::size_t k,
                            double null, double sign) {
  const StageStatistic statistic(d, evidence);
  StageAnalysis out;
  out.estimate = evidence.estimate(k);
  out.p_value = quadrature::normal_cdf(-sign * evidence.stage_z(k, null));
  out.overall_p = quadrature::normal_cdf(-sign * evidence.overall_z(k, null));
  out.statistic = statistic.as_planned(statistic(k, null, sign));
  out.rejected = rejects(d, k, out.statistic);
  out.futile = futile(d, k, out.statistic, out.p_value);
  if (k + 1 < d.critical.size()) {
    out.conditional_rejection = conditional_rejection_probability(d, k, out.statistic);
  }
  out.lower = statistic.solve(k, d.critical[k], 1.0).value_or(-infinity);
  out.upper = statistic.solve(k, d.critical[k], -1.0).value_or(infinity);
  double& tested = sign > 0.0 ? out.lower : out.upper;
  tested = futility_bound(d, evidence, statistic, k, sign, tested);
  if (out.lower > out.upper) out.lower = out.upper = std::numeric_limits<double>::quiet_NaN();
  out.repeated_p = repeated_p_value(d, k, out.statistic);
  return out;
}

/// What a stage still says once the trial has obeyed a stop for futility.
void close(StageAnalysis& s) {
  s.after_futility = true;
  s.rejected = s.futile = false;
  s.repeated_p.reset();
}

AdaptiveAnalysis analyse(const AdaptiveDesign& d, const StageEvidence* evidence, std::size_t stages,
                         double null, Favours favours, FinalScale scale) {
  AdaptiveAnalysis out;
  if (d.status != DesignStatus::planned) {
    out.status = StageStatus::design_not_planned;
  } else if (stages == 0) {
    out.status = StageStatus::no_stage;
  } else if (stages > d.critical.size()) {
    out.status = StageStatus::too_many_stages;
  } else {
    out.status = evidence == nullptr ? StageStatus::invalid_data : StageStatus::analysed;
  }
  if (out.status != StageStatus::analysed) return out;
  const double sign = favours == Favours::larger ? 1.0 : -1.0;
  bool over = false;
  for (std::size_t k = 0; k < stages; ++k) {
    out.stages.push_back(analyse_stage(d, *evidence, k, null, sign));
    StageAnalysis& s = out.stages.back();
    if (over) close(s);
    const bool obeyed = s.futile && d.plan.binding && !s.rejected;
    const bool stops = s.rejected || obeyed || k + 1 == d.critical.size();
    if (stops && !out.stopped) {
      over = obeyed;
      out.stopped = FinalAnalysis{k, obeyed, stagewise_p_value(d, k, s.statistic),
                                  final_effect({d, *evidence, k, null, sign}, scale)};
    }
    if (over && s.conditional_rejection) s.conditional_rejection = 0.0;
  }
  return out;
}

std::vector<double> power_from(const AdaptiveDesign& d, const AdaptiveAnalysis& analysis,
                               std::vector<double> shift) {
  if (analysis.status != StageStatus::analysed) return {};
  if (analysis.stopped && analysis.stopped->for_futility) return {};
  const std::size_t k = analysis.stages.size() - 1;
  if (k + 1 >= d.critical.size() || shift.size() != d.critical.size() - k - 1) return {};
  return conditional_power(d, k, analysis.stages[k].statistic, shift);
}

double sign_of(Favours favours) { return favours == Favours::larger ? 1.0 : -1.0; }

}  // namespace

std::string_view name_of(StageStatus status) {
  switch (status) {
    case StageStatus::analysed:
      return "analysed";
    case StageStatus::design_not_planned:
      return "the design itself was refused";
    case StageStatus::no_stage:
      return "no stage";
    case StageStatus::too_many_stages:
      return "more stages than the design has";
    case StageStatus::invalid_data:
      return "sizes, spreads or events outside their range";
  }
  return "unknown";
}

AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design, const MeansTrial& trial,
                                FinalScale scale) {
  const auto evidence = evidence_of(trial);
  return analyse(design, evidence.get(), trial.stages.size(), trial.null_difference, trial.favours,
                 scale);
}

AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design, const RatesTrial& trial,
                                FinalScale scale) {
  const auto evidence = evidence_of(trial);
  AdaptiveAnalysis out = analyse(design, evidence.get(), trial.stages.size(), trial.null_difference,
                                 trial.favours, scale);
  const double least = trial.stages.empty() || trial.stages[0].n2 > 0.0 ? -1.0 : 0.0;
  for (StageAnalysis& s : out.stages) {
    s.lower = std::max(s.lower, least);
    s.upper = std::min(s.upper, 1.0);
  }
  if (out.stopped && out.stopped->effect) {
    SequentialEstimate& e = *out.stopped->effect;
    for (double* value : {&e.median_unbiased, &e.lower, &e.upper, &e.bias_adjusted}) {
      *value = std::clamp(*value, least, 1.0);
    }
  }
  return out;
}

AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design, const SurvivalTrial& trial,
                                FinalScale scale) {
  const auto evidence = evidence_of(trial);
  AdaptiveAnalysis out = analyse(design, evidence.get(), trial.stages.size(),
                                 std::log(trial.null_ratio), trial.favours, scale);
  for (StageAnalysis& s : out.stages) {
    for (double* value : {&s.estimate, &s.lower, &s.upper}) *value = std::exp(*value);
  }
  if (out.stopped && out.stopped->effect) {
    SequentialEstimate& e = *out.stopped->effect;
    for (double* value : {&e.median_unbiased, &e.lower, &e.upper, &e.bias_adjusted}) {
      *value = std::exp(*value);
    }
  }
  return out;
}

std::vector<double> conditional_power(const AdaptiveDesign& design, const MeansTrial& trial,
                                      const AdaptiveAnalysis& analysis,
                                      const FurtherMeans& further) {
  const double r = further.allocation;
  const bool single = !trial.stages.empty() && trial.stages[0].n2 == 0.0;
  const double share = single ? 1.0 : std::sqrt(r) / (1.0 + r);
  const double effect =
      sign_of(trial.favours) * (further.difference - trial.null_difference) / further.sd;
  std::vector<double> shift;
  for (const double n : further.sizes) shift.push_back(effect * share * std::sqrt(n));
  return power_from(design, analysis, std::move(shift));
}

// The test's variance is the null's: its critical value is met by z sqrt(V_0 / V_1) on the scale
// where the drift is effect / sqrt(V_1).
std::vector<double> conditional_power(const AdaptiveDesign& design, const RatesTrial& trial,
                                      const AdaptiveAnalysis& analysis,
                                      const FurtherRates& further) {
  if (analysis.status != StageStatus::analysed) return {};
  const auto& error = analysis.stages.back().conditional_rejection;
  if (!error) return {};
  const double r = further.allocation;
  const bool single = trial.stages[0].n2 == 0.0;
  const double null = trial.null_difference;
  const auto spread = [&](double p1, double p2) {
    return std::sqrt(p1 * (1.0 - p1) + (single ? 0.0 : r * p2 * (1.0 - p2)));
  };
  double total = 0.0;
  for (const double n : further.sizes) total += n;
  double null_spread = spread(null, 0.0);
  if (!single) {
    const auto [r1, r2] = restricted_rates({further.rate1, further.rate2, null, r});
    null_spread = spread(r1, r2);
  }
  const double planned = spread(further.rate1, further.rate2);
  const double share = single ? 1.0 : std::sqrt(r) / (1.0 + r);
  const double adjustment = *error < 1.0e-12 || *error >= 1.0
                                ? 0.0
                                : quadrature::upper_quantile(*error) *
                                      (1.0 - null_spread / planned) / (share * std::sqrt(total));
  const double effect = sign_of(trial.favours) *
                            (further.rate1 - (single ? 0.0 : further.rate2) - null) / planned *
                            (single ? 1.0 : std::sqrt(1.0 + r)) +
                        adjustment;
  std::vector<double> shift;
  for (const double n : further.sizes) shift.push_back(effect * share * std::sqrt(n));
  return power_from(design, analysis, std::move(shift));
}

std::vector<double> conditional_power(const AdaptiveDesign& design, const SurvivalTrial& trial,
                                      const AdaptiveAnalysis& analysis,
                                      const FurtherSurvival& further) {
  const double r = further.allocation;
  const double effect = sign_of(trial.favours) * std::log(further.hazard_ratio / trial.null_ratio);
  std::vector<double> shift;
  for (const double d : further.events) {
    shift.push_back(effect * std::sqrt(d * r) / (1.0 + r));
  }
  return power_from(design, analysis, std::move(shift));
}

}  // namespace angiotrial::analysis
