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

JointTest no_test(Index directions) {
  JointTest out;
  out.numerator_df = static_cast<int>(directions);
  out.f = out.denominator_df = out.p_value = std::numeric_limits<double>::quiet_NaN();
  return out;
}

/// Z = R^-1 L', a column a contrast.
void take_coordinates(State& s) {
  s.joint.coordinates = s.joint.rows.transpose();
  s.cholesky.matrixL().solveInPlace(s.joint.coordinates);
}

bool any_rests_on_one(State& s) {
  for (Index i = 0; i < s.joint.coordinates.cols(); ++i) {
    s.joint.contrast = s.joint.coordinates.col(i);
    if (rests_on_one(s, s.joint.contrast)) return true;
  }
  return false;
}

/// L C L' of the contrasts, C the covariance of the coefficients.
void take_covariance(JointParts& j, const MatrixXd& covariance) {
  j.by_coefficient.noalias() = j.rows * covariance;
  j.covariance.noalias() = j.by_coefficient * j.rows.transpose();
}

/// Whether some direction has no variance by the sandwich, beside that of the model: scores add up
/// to 0 over the patients of an arm with visits of its own, so that they span fewer directions than
/// there are patients.
bool has_empty_direction(JointParts& j) {
  constexpr double rounding = 1.0e-10;
  j.gram.noalias() = j.coordinates.transpose() * j.coordinates;
  j.llt.compute(j.gram);
  j.scaled = j.covariance;
  j.llt.matrixL().solveInPlace(j.scaled);
  j.scaled.transposeInPlace();
  j.llt.matrixL().solveInPlace(j.scaled);
  j.gram = 0.5 * (j.scaled + j.scaled.transpose());
  j.spectrum.compute(j.gram);
  const VectorXd& values = j.spectrum.eigenvalues();
  return !(values.minCoeff() > rounding * values.maxCoeff());
}

/// Fai and Cornelius 1996: independent directions, each with its own degrees of freedom; with a
/// sandwich the directions are its own and the degrees of freedom Bell and McCaffrey's.
JointTest directions_f(State& s, MixedInference inference) {
  JointParts& j = s.joint;
  const Index l = j.rows.rows();
  JointTest none = no_test(l);
  take_coordinates(s);
  none.rests_on_one = is_sandwich(inference) && any_rests_on_one(s);
  if (none.rests_on_one) return none;
  take_covariance(j, covariance_by(s, inference));
  none.too_many_directions = is_sandwich(inference) && has_empty_direction(j);
  if (none.too_many_directions) return none;
  j.spectrum.compute(j.covariance);
  double sum = 0.0, f = 0.0, least = 0.0, most = 0.0;
  for (Index i = 0; i < l; ++i) {
    j.direction.noalias() = j.rows.transpose() * j.spectrum.eigenvectors().col(i);
    const double t = j.direction.dot(j.beta);
    f += t * t / j.spectrum.eigenvalues()[i] / static_cast<double>(l);
    s.cholesky.matrixL().solveInPlace(j.direction);
    const double df = is_sandwich(inference) ? sandwich_df(s, j.direction, inference)
                                             : satterthwaite_df(s, j.direction);
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

/// A1 = sum W_ij tr(Y'P_i Y) tr(Y'P_j Y), A2 = sum W_ij tr(Y'P_i Y Y'P_j Y), Y an orthonormal basis
/// of the contrasts' coordinates.
struct Moments {
  double a1 = 0.0, a2 = 0.0;
};

Moments kenward_roger_moments(State& s) {
  JointParts& j = s.joint;
  const Index l = j.rows.rows();
  take_coordinates(s);
  j.gram.noalias() = j.coordinates.transpose() * j.coordinates;
  j.llt.compute(j.gram);
  j.turned = j.coordinates.transpose();
  j.llt.matrixL().solveInPlace(j.turned);  // Y'
  j.parts.resize(l * l, s.theta.size());
  j.traces.resize(s.theta.size());
  for (Index i = 0; i < s.theta.size(); ++i) {
    j.by_coefficient.noalias() = j.turned * p_tilde(s, i);
    j.part.noalias() = j.by_coefficient * j.turned.transpose();
    j.parts.col(i) = Eigen::Map<const VectorXd>(j.part.data(), l * l);
    j.traces[i] = j.part.trace();
  }
  j.weighted_traces.noalias() = s.theta_covariance * j.traces;
  j.weighted_parts.noalias() = j.parts * s.theta_covariance;
  return {j.traces.dot(j.weighted_traces), j.weighted_parts.cwiseProduct(j.parts).sum()};
}

/// Kenward and Roger 1997, section 3: F is scaled so that it has two moments of an F distribution.
JointTest kenward_roger_f(State& s, const MatrixXd& adjusted) {
  JointParts& j = s.joint;
  const auto count = static_cast<double>(j.rows.rows());
  const auto [a1, a2] = kenward_roger_moments(s);
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
  take_covariance(j, adjusted);
  j.llt.compute(j.covariance);
  if (j.llt.info() != Eigen::Success) return no_test(j.rows.rows());
  j.difference.noalias() = j.rows * j.beta;
  j.solved = j.difference;
  j.llt.solveInPlace(j.solved);
  return f_test(scale / count * j.difference.dot(j.solved), count, m);
}

}  // namespace

JointTest test_jointly(MixedWorkspace& workspace, std::span<const double> rows,
                       MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(!rows.empty() && rows.size() % static_cast<std::size_t>(s.p) == 0,
                    "rows of weights");
  const auto count = static_cast<Index>(rows.size()) / s.p;
  s.joint.rows =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          rows.data(), count, s.p);
  s.joint.beta = s.least_squares + s.beta;
  if (is_sandwich(inference) || inference == MixedInference::satterthwaite) {
    return directions_f(s, inference);
  }
  if (count == 1) {
    const MixedEstimate one = estimate_contrast(workspace, rows, inference);
    return f_test(one.statistic * one.statistic, 1.0, one.df);
  }
  return kenward_roger_f(s, covariance_by(s, inference));
}

}  // namespace angiotrial::analysis
