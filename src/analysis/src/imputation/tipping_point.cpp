// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/tipping_point.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "imputation/imputation_state.hpp"
#include "imputation/student_limits.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = ImputationState;

/// The jackknife replicates of one contrast and their slopes in the deltas; entry 0 is of all
/// patients.
struct Lines {
  VectorXd base;
  std::array<VectorXd, 2> slope;
};

bool moves(const VectorXd& slope) { return slope.cwiseAbs().maxCoeff() > 0.0; }

VectorXd slopes(State& s, Index parameter, std::span<const double> direction, DeltaScope scope) {
  MatrixXd shift;
  spread_delta(s, direction, scope, shift);
  const auto n = static_cast<Index>(s.patients);
  VectorXd out(n + 1), values(s.parameters());
  for (Index i = 0; i <= n; ++i) {
    analyse_visits(s, shift, static_cast<std::ptrdiff_t>(i) - 1, values);
    out[i] = values[parameter];
  }
  return out;
}

Lines lines_of(State& s, int visit, int arm, std::span<const double> first,
               std::span<const double> second, DeltaScope scope) {
  const Index parameter = visit * (s.arms - 1) + arm - 1;
  return {s.replicates.row(parameter).transpose(),
          {slopes(s, parameter, first, scope), slopes(s, parameter, second, scope)}};
}

TippingRow row_at(const Lines& lines, double first, double second, double alpha) {
  const VectorXd values = lines.base + first * lines.slope[0] + second * lines.slope[1];
  const Index n = values.size() - 1;
  const auto jackknife = values.tail(n).array();
  const auto count = static_cast<double>(n);
  TippingRow out;
  out.delta = first;
  out.estimate = values[0];
  out.se = std::sqrt((count - 1.0) / count * (jackknife - jackknife.mean()).square().sum());
  const StudentLimits limits =
      student_limits(out.estimate, out.se, std::numeric_limits<double>::infinity(), 1.0 - alpha);
  out.statistic = limits.statistic;
  out.p_value = limits.p_value;
  out.significant = out.p_value < alpha;
  return out;
}

/// Roots of c2 x^2 + 2 c1 x + c0 as shares of the way from 0 to `limit`, the least in (0, 1].
double first_root(const Lines& lines, double limit, double alpha) {
  const auto n = lines.base.size() - 1;
  const auto count = static_cast<double>(n);
  const VectorXd q = lines.base.tail(n).array() - lines.base.tail(n).mean();
  const VectorXd g = lines.slope[0].tail(n).array() - lines.slope[0].tail(n).mean();
  const double z = quantile(complement(boost::math::normal_distribution<double>(), 0.5 * alpha));
  const double scale = z * z * (count - 1.0) / count;
  // (Q + x limit g)^2 = z^2 se^2
  const double to = limit * lines.slope[0][0];
  const double c0 = lines.base[0] * lines.base[0] - scale * q.squaredNorm();
  const double c1 = lines.base[0] * to - scale * limit * q.dot(g);
  const double c2 = to * to - scale * limit * limit * g.squaredNorm();
  double best = std::numeric_limits<double>::infinity();
  const auto offer = [&](double x) {
    if (x > 0.0 && x <= 1.0) best = std::min(best, x);
  };
  const double inside = c1 * c1 - c2 * c0;
  if (inside < 0.0) return best;
  const double w = -(c1 + std::copysign(std::sqrt(inside), c1));
  if (c2 != 0.0) offer(w / c2);
  if (w != 0.0) offer(c0 / w);
  return best;
}

bool same_size(const IncompleteTrial& trial, std::span<const double> direction) {
  return direction.size() ==
         static_cast<std::size_t>(trial.arms) * static_cast<std::size_t>(trial.visits);
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool valid_target(const IncompleteTrial& trial, int visit, int arm, double alpha) {
  return visit >= 0 && visit < trial.visits && arm >= 1 && arm < trial.arms && alpha > 0.0 &&
         alpha < 1.0;
}

}  // namespace

TippingResult find_tipping_point(const IncompleteTrial& trial, const TippingPointPlan& plan,
                                 ImputationWorkspace& workspace) {
  TippingResult out;
  if (!valid_target(trial, plan.visit, plan.arm, plan.alpha) || plan.points < 2 ||
      !std::isfinite(plan.limit) || plan.limit == 0.0 || !finite(plan.direction)) {
    return out;
  }
  ANGIOTRIAL_EXPECT(same_size(trial, plan.direction), "a direction an arm and visit");
  out.imputation = impute_conditional_means(trial, workspace).status;
  out.status = TippingStatus::not_imputed;
  if (out.imputation != ImputationStatus::imputed) return out;
  State& s = workspace.state();
  Lines lines = lines_of(s, plan.visit, plan.arm, plan.direction, {}, plan.scope);
  for (int i = 0; i < plan.points; ++i) {
    const double delta = plan.limit * i / (plan.points - 1);
    out.table.push_back(row_at(lines, delta, 0.0, plan.alpha));
  }
  out.status = TippingStatus::nothing_imputed;
  if (!moves(lines.slope[0])) return out;
  const double share = first_root(lines, plan.limit, plan.alpha);
  out.status = std::isfinite(share) ? TippingStatus::found : TippingStatus::none_in_range;
  if (std::isfinite(share)) out.tipping = row_at(lines, share * plan.limit, 0.0, plan.alpha);
  return out;
}

DeltaTable tabulate_deltas(const IncompleteTrial& trial, const DeltaTablePlan& plan,
                           ImputationWorkspace& workspace) {
  DeltaTable out;
  if (!valid_target(trial, plan.visit, plan.arm, plan.alpha) || !finite(plan.first) ||
      !finite(plan.second) || !finite(plan.first_deltas) || !finite(plan.second_deltas)) {
    return out;
  }
  ANGIOTRIAL_EXPECT(same_size(trial, plan.first) && same_size(trial, plan.second),
                    "a direction an arm and visit");
  out.imputation = impute_conditional_means(trial, workspace).status;
  out.status = TippingStatus::not_imputed;
  if (out.imputation != ImputationStatus::imputed) return out;
  const Lines lines =
      lines_of(workspace.state(), plan.visit, plan.arm, plan.first, plan.second, plan.scope);
  out.status = TippingStatus::nothing_imputed;
  if (!moves(lines.slope[0]) && !moves(lines.slope[1])) return out;
  for (const double first : plan.first_deltas) {
    for (const double second : plan.second_deltas) {
      out.rows.push_back(row_at(lines, first, second, plan.alpha));
    }
  }
  out.status = TippingStatus::found;
  return out;
}

}  // namespace angiotrial::analysis
