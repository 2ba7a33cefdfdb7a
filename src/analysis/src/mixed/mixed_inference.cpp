// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_sandwich.hpp"
#include "mixed/mixed_state.hpp"
#include "reference_distributions.hpp"
#include "symmetric_eigen.hpp"

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

/// P_i in these coordinates.
Eigen::Map<const MatrixXd> p_tilde(const State& s, Index i) {
  return {s.p_tilde.col(i).data(), s.p, s.p};
}

/// Sum of W_ij d2 Sigma / dtheta_i dtheta_j of a class.
MatrixXd second_derivatives(State& s, std::size_t group, const MatrixXd& w) {
  MatrixXd out(s.m, s.m), unit, curvature;
  for (Index a = 0; a < s.m; ++a) {
    for (Index b = 0; b <= a; ++b) {
      unit.setZero(s.m, s.m);
      unit(a, b) += 0.5;
      unit(b, a) += 0.5;
      s.structures[group].contract(unit, curvature);
      out(a, b) = out(b, a) = curvature.cwiseProduct(w).sum();
    }
  }
  return out;
}

/// Adds sum of W_ij X'V S_i V S_j V X, less a quarter of the second-derivative term, to `half`.
void add_curvature(State& s, VisitPattern& pattern, const MatrixXd& w, const MatrixXd& second,
                   bool exact) {
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
    MatrixXd part;
    restrict_to(pattern, second, part);
    inner -= 0.25 * part;
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
    const MatrixXd second = exact ? second_derivatives(s, g, s.group_covariance) : MatrixXd();
    for (VisitPattern& pattern : s.patterns) {
      if (pattern.group == g) add_curvature(s, pattern, s.group_covariance, second, exact);
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

/// 2 v^2 / var(v), v = z'z the variance of a contrast: Fai and Cornelius 1996.
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
      s.sandwich = sandwich(s, inference);
      return s.sandwich;
  }
}

bool is_sandwich(MixedInference inference) {
  return inference == MixedInference::cr0 || inference == MixedInference::cr2 ||
         inference == MixedInference::cr3;
}

JointTest f_test(double f, double numerator, double denominator) {
  JointTest out;
  out.numerator_df = static_cast<int>(numerator);
  out.denominator_df = denominator;
  out.f = f;
  out.p_value = f_tail(numerator, denominator, f);
  return out;
}

/// Fai and Cornelius 1996: independent directions, each with its own degrees of freedom; with a
/// sandwich the directions are its own and the degrees of freedom Bell and McCaffrey's.
JointTest directions_f(State& s, const MatrixXd& rows, const VectorXd& beta,
                       MixedInference inference) {
  const Index l = rows.rows();
  const MatrixXd& covariance = covariance_by(s, inference);
  const SymmetricEigen solver(rows * covariance * rows.transpose());
  double sum = 0.0, f = 0.0, least = 0.0, most = 0.0;
  for (Index i = 0; i < l; ++i) {
    const VectorXd c = rows.transpose() * solver.eigenvectors().col(i);
    const double t = c.dot(beta);
    f += t * t / solver.eigenvalues()[i] / static_cast<double>(l);
    const VectorXd z = s.cholesky.matrixL().solve(c);
    const double df =
        is_sandwich(inference) ? sandwich_df(s, z, inference) : satterthwaite_df(s, z);
    if (df > 2.0) sum += df / (df - 2.0);
    least = i == 0 ? df : std::min(least, df);
    most = i == 0 ? df : std::max(most, df);
  }
  const auto count = static_cast<double>(l);
  if (most - least < 1.0e-8 * most) return f_test(f, count, least);
  // Where too few directions have more than 2 degrees of freedom the match does not exist; 2 is
  // the convention of the R packages.
  const double denominator = sum > count ? 2.0 * sum / (sum - count) : 2.0;
  return f_test(f, count, denominator);
}

/// Kenward and Roger 1997, section 3: F is scaled so that it has two moments of an F distribution.
JointTest kenward_roger_f(const State& s, const MatrixXd& rows, const VectorXd& beta,
                          const MatrixXd& adjusted) {
  const Index l = rows.rows();
  const auto count = static_cast<double>(l);
  MatrixXd y = s.cholesky.matrixL().solve(rows.transpose());
  const Eigen::LLT<MatrixXd> gram(y.transpose() * y);
  y = gram.matrixL().solve(y.transpose()).transpose();
  MatrixXd parts(l * l, s.theta.size());
  VectorXd traces(s.theta.size());
  for (Index i = 0; i < s.theta.size(); ++i) {
    const MatrixXd part = y.transpose() * p_tilde(s, i) * y;
    parts.col(i) = Eigen::Map<const VectorXd>(part.data(), l * l);
    traces[i] = part.trace();
  }
  const double a1 = traces.dot(s.theta_covariance * traces);
  const double a2 = (parts * s.theta_covariance).cwiseProduct(parts).sum();
  const double b = (a1 + 6.0 * a2) / (2.0 * count);
  const double g = ((count + 1.0) * a1 - (count + 4.0) * a2) / ((count + 2.0) * a2);
  const double c = 3.0 * count + 2.0 * (1.0 - g);
  const double c1 = g / c;
  const double c2 = (count - g) / c;
  const double c3 = (count + 2.0 - g) / c;
  const double mean = 1.0 / (1.0 - a2 / count);
  const double variance =
      2.0 / count * (1.0 + c1 * b) / (std::pow(1.0 - c2 * b, 2) * (1.0 - c3 * b));
  const double rho = variance / (2.0 * mean * mean);
  const double m = 4.0 + (count + 2.0) / (count * rho - 1.0);
  const double scale = m / (mean * (m - 2.0));
  const VectorXd difference = rows * beta;
  const MatrixXd spread = rows * adjusted * rows.transpose();
  return f_test(scale / count * difference.dot(spread.llt().solve(difference)), count, m);
}

}  // namespace

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
  s.turned.noalias() = covariance_by(s, inference) * c;
  const double variance = c.dot(s.turned);
  out.positive_variance = variance > 0.0;
  if (!out.positive_variance) {
    out.se = out.df = out.lower = out.upper = out.statistic = out.p_value =
        std::numeric_limits<double>::quiet_NaN();
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

JointTest test_jointly(MixedWorkspace& workspace, std::span<const double> rows,
                       MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(!rows.empty() && rows.size() % at(s.p) == 0, "rows of weights");
  const auto count = static_cast<Index>(rows.size()) / s.p;
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>
      matrix(rows.data(), count, s.p);
  const VectorXd beta = s.least_squares + s.beta;
  if (is_sandwich(inference) || inference == MixedInference::satterthwaite) {
    return directions_f(s, matrix, beta, inference);
  }
  if (count == 1) {
    const MixedEstimate one = estimate_contrast(workspace, rows, inference);
    return f_test(one.statistic * one.statistic, 1.0, one.df);
  }
  return kenward_roger_f(s, matrix, beta, covariance_by(s, inference));
}

std::vector<double> coefficient_covariance(MixedWorkspace& workspace, MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  const MatrixXd& covariance = covariance_by(s, inference);
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
