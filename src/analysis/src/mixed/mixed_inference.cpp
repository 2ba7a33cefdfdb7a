// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_sandwich.hpp"
#include "mixed/mixed_state.hpp"

#include <Eigen/Eigenvalues>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>

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
MatrixXd second_derivatives(const State& s, std::size_t group, const MatrixXd& w) {
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
void add_curvature(const State& s, const VisitPattern& pattern, const MatrixXd& w,
                   const MatrixXd& second, bool exact, MatrixXd& half) {
  const Index k = w.rows();
  const Structure& structure = s.structures[pattern.group];
  std::vector<MatrixXd> d(at(k));
  for (Index i = 0; i < k; ++i) restrict_to(pattern, structure.derivatives()[at(i)], d[at(i)]);
  const auto size = static_cast<Index>(pattern.visits.size());
  MatrixXd inner = MatrixXd::Zero(size, size);
  MatrixXd weighted(size, size);
  for (Index j = 0; j < k; ++j) {
    weighted.setZero();
    for (Index i = 0; i < k; ++i) weighted += w(i, j) * d[at(i)];
    inner.noalias() += weighted * pattern.v * d[at(j)];
  }
  if (exact) {
    MatrixXd part;
    restrict_to(pattern, second, part);
    inner -= 0.25 * part;
  }
  const MatrixXd whole = pattern.v * inner * pattern.v;
  add_weighted(s, pattern, 0.5 * (whole + whole.transpose()), half);
}

/// Phi_A = Phi + 2 Phi { sum W_ij (Q_ij - P_i Phi P_j - R_ij / 4) } Phi: Kenward and Roger 1997,
/// equation 3; the linear form (2009) leaves R out.
MatrixXd kenward_roger(const State& s, bool exact) {
  ANGIOTRIAL_EXPECT(s.criterion == Criterion::reml, "Kenward-Roger needs REML");
  const Index k = s.per_group();
  MatrixXd half = MatrixXd::Zero(s.p + 1, s.p + 1);
  for (std::size_t g = 0; g < s.classes; ++g) {
    const MatrixXd w = s.theta_covariance.block(s.theta_at(g), s.theta_at(g), k, k);
    const MatrixXd second = exact ? second_derivatives(s, g, w) : MatrixXd();
    for (const VisitPattern& pattern : s.patterns) {
      if (pattern.group == g) add_curvature(s, pattern, w, second, exact, half);
    }
  }
  MatrixXd inner = (half + half.transpose()).topLeftCorner(s.p, s.p);
  const auto root = s.cholesky.matrixL();
  root.solveInPlace(inner);
  inner.transposeInPlace();
  root.solveInPlace(inner);
  const MatrixXd weighted = s.p_tilde * s.theta_covariance;
  for (Index i = 0; i < s.theta.size(); ++i) {
    const Eigen::Map<const MatrixXd> other(weighted.col(i).data(), s.p, s.p);
    inner.noalias() -= p_tilde(s, i) * other;
  }
  inner *= 2.0;
  inner.diagonal().array() += 1.0;
  return untransform(s, inner);
}

/// 2 v^2 / var(v), v = z'z the variance of a contrast: Fai and Cornelius 1996.
double satterthwaite_df(const State& s, const VectorXd& z) {
  VectorXd slope(s.theta.size());
  for (Index i = 0; i < slope.size(); ++i) slope[i] = z.dot(p_tilde(s, i) * z);
  const double v = z.squaredNorm();
  return 2.0 * v * v / slope.dot(s.theta_covariance * slope);
}

MatrixXd covariance_by(State& s, MixedInference inference) {
  switch (inference) {
    case MixedInference::satterthwaite:
      return s.phi;
    case MixedInference::kenward_roger:
      if (s.kr_linear.size() == 0) s.kr_linear = kenward_roger(s, false);
      return s.kr_linear;
    case MixedInference::kenward_roger_exact:
      if (s.kr_exact.size() == 0) s.kr_exact = kenward_roger(s, true);
      return s.kr_exact;
    default:
      return sandwich(s, inference);
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
  const boost::math::fisher_f_distribution<double> distribution(numerator, denominator);
  out.p_value = cdf(complement(distribution, f));
  return out;
}

/// Fai and Cornelius 1996: independent directions, each with its own degrees of freedom; with a
/// sandwich the directions are its own and the degrees of freedom Bell and McCaffrey's.
JointTest directions_f(State& s, const MatrixXd& rows, const VectorXd& beta,
                       MixedInference inference) {
  const Index l = rows.rows();
  const MatrixXd covariance = covariance_by(s, inference);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(rows * covariance * rows.transpose());
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
  const VectorXd z = s.cholesky.matrixL().solve(c);
  MixedEstimate out;
  out.estimate = c.dot(s.least_squares + s.beta);
  const double variance = c.dot(covariance_by(s, inference) * c);
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
  const boost::math::students_t_distribution<double> t(out.df);
  const double width = quantile(complement(t, 0.5 * (1.0 - level))) * out.se;
  out.lower = out.estimate - width;
  out.upper = out.estimate + width;
  out.p_value = 2.0 * cdf(complement(t, std::fabs(out.statistic)));
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
  const MatrixXd covariance = covariance_by(s, inference);
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
