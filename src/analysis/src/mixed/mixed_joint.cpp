// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_contrast.hpp"
#include "mixed/mixed_sandwich.hpp"
#include "reference_distributions.hpp"
#include "symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedWorkspace::State;

JointTest f_test(double f, double numerator, double denominator) {
  JointTest out;
  out.numerator_df = static_cast<int>(numerator);
  out.denominator_df = denominator;
  const bool known = f >= 0.0 && std::isfinite(f) && denominator > 0.0;
  out.f = known ? f : std::numeric_limits<double>::quiet_NaN();
  out.p_value = known ? f_tail(numerator, denominator, f) : out.f;
  return out;
}

bool any_rests_on_one(State& s, const MatrixXd& rows) {
  const MatrixXd z = s.cholesky.matrixL().solve(rows.transpose());
  for (Index i = 0; i < z.cols(); ++i) {
    if (rests_on_one(s, z.col(i))) return true;
  }
  return false;
}

JointTest no_test(Index directions) {
  JointTest out;
  out.numerator_df = static_cast<int>(directions);
  out.f = out.denominator_df = out.p_value = std::numeric_limits<double>::quiet_NaN();
  return out;
}

/// Whether some direction has no variance by the sandwich, beside that of the model: scores add up
/// to 0 over the patients of an arm with visits of its own, so that they span fewer directions than
/// there are patients.
bool has_empty_direction(State& s, const MatrixXd& rows, const MatrixXd& covariance) {
  constexpr double rounding = 1.0e-10;
  const MatrixXd y = s.cholesky.matrixL().solve(rows.transpose());
  const Eigen::LLT<MatrixXd> model(y.transpose() * y);
  const MatrixXd half = model.matrixL().solve(rows * covariance * rows.transpose());
  const MatrixXd scaled = model.matrixL().solve(half.transpose());
  const SymmetricEigen solver(0.5 * (scaled + scaled.transpose()));
  return !(solver.eigenvalues().minCoeff() > rounding * solver.eigenvalues().maxCoeff());
}

/// Fai and Cornelius 1996: independent directions, each with its own degrees of freedom; with a
/// sandwich the directions are its own and the degrees of freedom Bell and McCaffrey's.
JointTest directions_f(State& s, const MatrixXd& rows, const VectorXd& beta,
                       MixedInference inference) {
  const Index l = rows.rows();
  JointTest none = no_test(l);
  none.rests_on_one = is_sandwich(inference) && any_rests_on_one(s, rows);
  if (none.rests_on_one) return none;
  const MatrixXd& covariance = covariance_by(s, inference);
  none.too_many_directions = is_sandwich(inference) && has_empty_direction(s, rows, covariance);
  if (none.too_many_directions) return none;
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
  // With 2 degrees of freedom the mean of F is infinite, and what follows 0 / 0 with the limit 1
  // (Halekoh and Hojsgaard 2014).
  const double by_mean = 1.0 - a2 / count;
  const bool two = std::fabs(by_mean) < 1.0e-6;
  const double ratio = two ? 1.0 : by_mean / (1.0 - c2 * b);
  const double rho = ratio * ratio * (1.0 + c1 * b) / (count * (1.0 - c3 * b));
  const double m = 4.0 + (count + 2.0) / (count * rho - 1.0);
  const double scale = two ? 1.0 : m * by_mean / (m - 2.0);
  const VectorXd difference = rows * beta;
  const Eigen::LLT<MatrixXd> spread(rows * adjusted * rows.transpose());
  if (spread.info() != Eigen::Success) return no_test(l);
  return f_test(scale / count * difference.dot(spread.solve(difference)), count, m);
}

}  // namespace

JointTest test_jointly(MixedWorkspace& workspace, std::span<const double> rows,
                       MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(!rows.empty() && rows.size() % static_cast<std::size_t>(s.p) == 0,
                    "rows of weights");
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

}  // namespace angiotrial::analysis
