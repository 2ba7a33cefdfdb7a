// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_contrast.hpp"
#include "mixed/mixed_sandwich.hpp"
#include "mixed/mixed_state.hpp"
#include "reference_distributions.hpp"

#include <cmath>
#include <limits>

// Coordinates: K = X'VX = R R'. A contrast c becomes z = R^-1 c, so that c'Phi c = z'z.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedWorkspace::State;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Sum of W_ij d2 Sigma / dtheta_i dtheta_j of a class, into s.second.
void take_second_derivatives(State& s, std::size_t group, const MatrixXd& w) {
  s.second.resize(s.m, s.m);
  for (Index a = 0; a < s.m; ++a) {
    for (Index b = 0; b <= a; ++b) {
      s.unit.setZero(s.m, s.m);
      s.unit(a, b) += 0.5;
      s.unit(b, a) += 0.5;
      s.structures[group].contract(s.unit, s.unit_curvature);
      s.second(a, b) = s.second(b, a) = s.unit_curvature.cwiseProduct(w).sum();
    }
  }
}

/// Adds sum of W_ij X'V S_i V S_j V X, less a quarter of the second-derivative term, to `half`.
void add_curvature(State& s, VisitPattern& pattern, const MatrixXd& w, bool exact) {
  const Index k = w.rows();
  const Structure& structure = s.structures[pattern.group];
  const auto size = static_cast<Index>(pattern.visits.size());
  auto& d = pattern.derivatives;
  d.resize(at(k));
  for (Index i = 0; i < k; ++i) restrict_to(pattern, structure.derivatives()[at(i)], d[at(i)]);
  MatrixXd& inner = pattern.inner;
  MatrixXd& weighted = pattern.spread;
  inner.setZero(size, size);
  weighted.resize(size, size);
  for (Index j = 0; j < k; ++j) {
    weighted.setZero();
    for (Index i = 0; i < k; ++i) weighted += w(i, j) * d[at(i)];
    pattern.product.noalias() = weighted * pattern.v;
    inner.noalias() += pattern.product * d[at(j)];
  }
  if (exact) {
    restrict_to(pattern, s.second, pattern.product);
    inner -= 0.25 * pattern.product;
  }
  pattern.product.noalias() = pattern.v * inner;
  inner.noalias() = pattern.product * pattern.v;
  weighted = 0.5 * (inner + inner.transpose());
  add_weighted(s, pattern, weighted, s.half);
}

/// Phi_A = Phi + 2 Phi { sum W_ij (Q_ij - P_i Phi P_j - R_ij / 4) } Phi: Kenward and Roger 1997,
/// equation 3; the linear form (2009) leaves R out.
void kenward_roger(State& s, bool exact, MatrixXd& out) {
  ANGIOTRIAL_EXPECT(s.criterion == Criterion::reml, "Kenward-Roger needs REML");
  const Index k = s.per_group();
  s.half.setZero(s.p + 1, s.p + 1);
  for (std::size_t g = 0; g < s.classes; ++g) {
    s.group_covariance = s.theta_covariance.block(s.theta_at(g), s.theta_at(g), k, k);
    if (exact) take_second_derivatives(s, g, s.group_covariance);
    for (VisitPattern& pattern : s.patterns) {
      if (pattern.group == g) add_curvature(s, pattern, s.group_covariance, exact);
    }
  }
  MatrixXd& inner = out;
  inner = (s.half + s.half.transpose()).topLeftCorner(s.p, s.p);
  const auto root = s.cholesky.matrixL();
  root.solveInPlace(inner);
  inner.transposeInPlace();
  root.solveInPlace(inner);
  s.by_theta.noalias() = s.p_tilde * s.theta_covariance;
  for (Index i = 0; i < s.theta.size(); ++i) {
    const Eigen::Map<const MatrixXd> other(s.by_theta.col(i).data(), s.p, s.p);
    inner.noalias() -= p_tilde(s, i) * other;
  }
  inner *= 2.0;
  inner.diagonal().array() += 1.0;
  untransform(s, inner);
}

}  // namespace

double satterthwaite_df(State& s, const VectorXd& z) {
  s.slope.resize(s.theta.size());
  for (Index i = 0; i < s.slope.size(); ++i) {
    s.turned.noalias() = p_tilde(s, i) * z;
    s.slope[i] = z.dot(s.turned);
  }
  const double v = z.squaredNorm();
  s.weighted_slope.noalias() = s.theta_covariance * s.slope;
  return 2.0 * v * v / s.slope.dot(s.weighted_slope);
}

bool is_sandwich(MixedInference inference) {
  return inference == MixedInference::cr0 || inference == MixedInference::cr2 ||
         inference == MixedInference::cr3;
}

const MatrixXd& covariance_by(State& s, MixedInference inference) {
  switch (inference) {
    case MixedInference::satterthwaite:
      return s.phi;
    case MixedInference::kenward_roger:
      if (!s.has_kr_linear) kenward_roger(s, false, s.kr_linear);
      s.has_kr_linear = true;
      return s.kr_linear;
    case MixedInference::kenward_roger_exact:
      if (!s.has_kr_exact) kenward_roger(s, true, s.kr_exact);
      s.has_kr_exact = true;
      return s.kr_exact;
    default:
      take_sandwich(s, inference, s.sandwich);
      return s.sandwich;
  }
}

MixedEstimate estimate_contrast(MixedWorkspace& workspace, std::span<const double> weights,
                                MixedInference inference, double level) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(weights.size() == at(s.p), "a weight a coefficient");
  const Eigen::Map<const VectorXd> c(weights.data(), s.p);
  VectorXd& z = s.coordinates;
  z = c;
  s.cholesky.matrixL().solveInPlace(z);
  MixedEstimate out;
  out.estimate = c.dot(s.least_squares + s.beta);
  out.rests_on_one = is_sandwich(inference) && rests_on_one(s, z);
  s.turned.noalias() = covariance_by(s, inference) * c;
  const double variance = c.dot(s.turned);
  out.positive_variance = variance > 0.0;
  out.lower = out.upper = out.p_value = std::numeric_limits<double>::quiet_NaN();
  if (out.rests_on_one || !out.positive_variance) {
    out.se = out.df = out.statistic = out.p_value;
    return out;
  }
  out.se = std::sqrt(variance);
  out.df = is_sandwich(inference) ? sandwich_df(s, z, inference) : satterthwaite_df(s, z);
  out.statistic = out.estimate / out.se;
  if (!std::isfinite(out.df) || !(out.df > 0.0) || !std::isfinite(out.statistic)) return out;
  const double width = student_tail_quantile(out.df, 0.5 * (1.0 - level)) * out.se;
  out.lower = out.estimate - width;
  out.upper = out.estimate + width;
  out.p_value = 2.0 * student_tail(out.df, std::fabs(out.statistic));
  return out;
}

std::vector<double> coefficient_covariance(MixedWorkspace& workspace, MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  MatrixXd covariance = covariance_by(s, inference);
  if (is_sandwich(inference)) {
    strike_out(s, covariance);
  }
  return {covariance.data(), covariance.data() + covariance.size()};
}

std::vector<double> average_rows(std::span<const double> rows, std::size_t columns,
                                 std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(columns > 0 && !rows.empty() && rows.size() % columns == 0, "whole rows");
  const std::size_t count = rows.size() / columns;
  ANGIOTRIAL_EXPECT(weights.empty() || weights.size() == count, "a weight a row");
  std::vector<double> out(columns, 0.0);
  double total = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i];
    total += weight;
    for (std::size_t c = 0; c < columns; ++c) out[c] += weight * rows[i * columns + c];
  }
  ANGIOTRIAL_EXPECT(total > 0.0, "a positive sum of weights");
  for (double& value : out) value /= total;
  return out;
}

}  // namespace angiotrial::analysis
