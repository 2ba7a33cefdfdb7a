// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_times.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// At one time the spatial form has a correlation of 1; random slopes leave independent residuals.
bool needs_distinct_times(CovarianceStructure structure) {
  return structure == CovarianceStructure::spatial_exponential;
}

}  // namespace

void choose_time_scale(const RepeatedModel& model, MixedState& s) {
  constexpr double far = 100.0;      // standard deviations from 0
  constexpr double shortest = 0.02;  // reach below which slopes are large and correlations vanish
  s.time_origin = 0.0;
  s.time_unit = 1.0;
  const std::span<const double> times = model.row_times.empty() ? model.times : model.row_times;
  if (times.empty()) return;
  const Eigen::Map<const Eigen::ArrayXd> t(times.data(), static_cast<Index>(times.size()));
  const double mean = t.mean();
  const double sd = std::sqrt((t - mean).square().mean());
  if (sd > 0.0 && std::fabs(mean) > far * sd) s.time_origin = mean;
  const double reach = (t - s.time_origin).abs().maxCoeff();
  if (reach > 0.0 && reach < shortest) s.time_unit = reach;
}

std::size_t class_of(const RepeatedModel& model, MixedState& s, const PatientRows& rows,
                     std::size_t group) {
  if (model.row_times.empty()) return group;
  // Visits that the patient has not play no part: any times that no other visit has.
  std::vector<double> times(at(s.m), std::numeric_limits<double>::quiet_NaN());
  double filler = 0.0;
  for (Index i = rows.first; i < rows.first + rows.rows; ++i) {
    const double time = (model.row_times[s.order[at(i)]] - s.time_origin) / s.time_unit;
    if (std::find(times.begin(), times.end(), time) != times.end()) s.tied_times = true;
    times[at(s.row_visit[at(i)])] = time;
    filler = std::max(filler, std::fabs(time));
  }
  for (double& time : times) {
    if (std::isnan(time)) time = filler += 1.0;
  }
  s.times.push_back(std::move(times));
  s.group_of.push_back(group);
  return s.times.size() - 1;
}

bool has_ties(std::span<const double> times) {
  for (std::size_t a = 0; a < times.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (times[a] == times[b]) return true;
    }
  }
  return false;
}

bool only_distinct_times(const RepeatedModel& model) {
  return needs_distinct_times(model.structure) &&
         std::all_of(model.fallbacks.begin(), model.fallbacks.end(), needs_distinct_times);
}

bool barred_by_ties(const MixedState& s, CovarianceStructure structure) {
  return s.tied_times && needs_distinct_times(structure);
}

void take_mean_times(const RepeatedModel& model, MixedState& s) {
  s.typical_times.assign(model.times.begin(), model.times.end());
  if (!model.row_times.empty()) {
    s.typical_times.assign(at(s.m), 0.0);
    std::vector<double> count(at(s.m), 0.0);
    for (Index i = 0; i < s.n; ++i) {
      s.typical_times[at(s.row_visit[at(i)])] += model.row_times[s.order[at(i)]];
      count[at(s.row_visit[at(i)])] += 1.0;
    }
    for (std::size_t v = 0; v < count.size(); ++v) s.typical_times[v] /= std::max(count[v], 1.0);
  }
  for (double& time : s.typical_times) time = (time - s.time_origin) / s.time_unit;
}

//   Z_u L_u = Z_t L_t:  intercept_t = intercept_u - slope_u c / d,  slope_t = slope_u / d
void restore_time_scale(const MixedState& s, double* theta) {
  if (s.time_origin == 0.0 && s.time_unit == 1.0) return;
  if (s.fit.structure == CovarianceStructure::spatial_exponential) {
    // rho_t = rho_u^(1 / d), rho = 1 / (1 + exp(-theta)).
    const double log_rho = -std::log1p(std::exp(-theta[1])) / s.time_unit;
    theta[1] = log_rho - std::log(-std::expm1(log_rho));
  } else if (s.fit.structure == CovarianceStructure::random_slope) {
    const double shift = s.time_origin / s.time_unit;
    const double row[2][2] = {{theta[1] - shift * theta[2], -shift * theta[3]},
                              {theta[2] / s.time_unit, theta[3] / s.time_unit}};
    // Turned into a lower triangle.
    const double length = std::hypot(row[0][0], row[0][1]);
    if (!(length > 0.0)) return;
    theta[1] = length;
    theta[2] = (row[1][0] * row[0][0] + row[1][1] * row[0][1]) / length;
    theta[3] = (row[1][1] * row[0][0] - row[1][0] * row[0][1]) / length;
  }
}

void restore_time_scale(const MixedState& s, Eigen::VectorXd& effects) {
  if (effects.size() < 2) return;
  effects[1] /= s.time_unit;
  effects[0] -= effects[1] * s.time_origin;
}

}  // namespace angiotrial::analysis
