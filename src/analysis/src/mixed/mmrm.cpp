// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_state.hpp"
#include "mixed/mixed_times.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedWorkspace::State;

constexpr int most_iterations = 100;
constexpr int most_halvings = 30;
/// Longest step in log standard deviations and in phi.
constexpr double longest_step = 2.0;
/// Squared Newton decrement at which theta is exact to rounding ...
constexpr double last_decrement = 1.0e-18;
/// ... and below which a decrement that no longer falls is rounding.
constexpr double rounding_decrement = 1.0e-10;
/// Least eigenvalue of a correlation matrix, and of the scaled information, that is no boundary.
constexpr double boundary = 1.0e-7;

double least_correlation_eigenvalue(State& s) {
  double least = std::numeric_limits<double>::infinity();
  for (const Structure& structure : s.structures) {
    const MatrixXd& sigma = structure.covariance();
    s.visit_scale = sigma.diagonal().cwiseSqrt().cwiseInverse();
    s.correlation = s.visit_scale.asDiagonal() * sigma * s.visit_scale.asDiagonal();
    if (!s.correlation.allFinite()) return 0.0;
    s.correlation_spectrum.compute(s.correlation, false);
    least = std::min(least, s.correlation_spectrum.eigenvalues()[0]);
  }
  return least;
}

/// Evaluates at a start; pulls phi to 0 until Sigma is positive definite.
bool start(State& s) {
  const Index k = s.per_group();
  s.trial.resize(k * static_cast<Index>(s.groups));
  const Index scales = s.structures[0].scales();
  for (std::size_t g = 0; g < s.groups; ++g) {
    take_residual_moments(s, g);
    s.typical.start(s.moments, s.trial.data() + static_cast<Index>(g) * k);
  }
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (evaluate(s, s.trial)) return true;
    for (Index g = 0; g < static_cast<Index>(s.groups); ++g) {
      s.trial.segment(g * k + scales, k - scales) *= 0.7;
    }
  }
  return false;
}

/// The longest of the steps 1, 1/2, 1/4 ... that does not raise -2 log-likelihood.
bool descend(State& s, const VectorXd& step) {
  s.from = s.theta;
  const double before = s.minus_two_log_likelihood;
  const double slack = 1.0e-13 * (1.0 + std::fabs(before));
  double share = std::min(1.0, longest_step / step.cwiseAbs().maxCoeff());
  for (int half = 0; half < most_halvings; ++half, share *= 0.5) {
    s.trial = s.from + share * step;
    if (evaluate(s, s.trial) && s.minus_two_log_likelihood <= before + slack) {
      return true;
    }
  }
  const bool back = evaluate(s, s.from);
  ANGIOTRIAL_EXPECT(back, "the point before the step was valid");
  return false;
}

/// Newton on the observed Hessian where that is positive definite, Fisher scoring elsewhere.
MixedStatus climb(State& s) {
  double previous = std::numeric_limits<double>::infinity();
  Eigen::LLT<MatrixXd>& llt = s.newton;
  for (s.fit.iterations = 0; s.fit.iterations < most_iterations; ++s.fit.iterations) {
    differentiate(s);
    llt.compute(s.hessian);
    const bool newton = llt.info() == Eigen::Success;
    if (!newton) llt.compute(expected_hessian(s));
    if (llt.info() != Eigen::Success) return MixedStatus::singular_covariance;
    s.step = -s.gradient;
    llt.solveInPlace(s.step);
    const double decrement = -s.step.dot(s.gradient);
    s.fit.decrement = decrement;
    if (!std::isfinite(decrement)) return MixedStatus::not_converged;
    const bool rounding = decrement < rounding_decrement && decrement > 0.25 * previous;
    if (decrement < last_decrement || rounding) {
      return newton ? MixedStatus::fitted : MixedStatus::singular_covariance;
    }
    if (!descend(s, s.step)) {
      differentiate(s);
      return decrement < rounding_decrement && newton ? MixedStatus::fitted
                                                      : MixedStatus::not_converged;
    }
    previous = decrement;
  }
  return MixedStatus::not_converged;
}

/// Scale-free condition of the observed information; infinity where it is not positive definite.
double information_condition(State& s) {
  s.information_scale = s.hessian.diagonal().cwiseSqrt().cwiseInverse();
  s.scaled_information =
      s.information_scale.asDiagonal() * s.hessian * s.information_scale.asDiagonal();
  if (!s.scaled_information.allFinite()) return std::numeric_limits<double>::infinity();
  s.information_spectrum.compute(s.scaled_information, false);
  const VectorXd& values = s.information_spectrum.eigenvalues();
  if (!(values[0] > 0.0)) return std::numeric_limits<double>::infinity();
  return values[values.size() - 1] / values[0];
}

/// Newton from the present point, and whether it ended inside the parameter space.
MixedStatus settle(State& s) {
  const MixedStatus status = climb(s);
  s.fit.least_eigenvalue = least_correlation_eigenvalue(s);
  s.fit.condition = information_condition(s);
  s.fit.largest_gradient = s.gradient.cwiseAbs().maxCoeff();
  if (s.fit.least_eigenvalue < boundary || s.fit.condition > 1.0 / boundary) {
    return MixedStatus::singular_covariance;
  }
  return status;
}

/// The columns give the response, or at a visit with a variance of its own, but for rounding.
bool without_residuals(const State& s, CovarianceStructure structure) {
  constexpr double rounding = 1e-22;
  return s.unexplained < rounding ||
         (has_visit_variances(structure) && s.least_unexplained < rounding);
}

/// Whether the likelihood of compound symmetry falls from a correlation of 0 on.
bool below_independence(State& s) {
  for (std::size_t g = 0; g < s.groups; ++g) {
    s.typical.set(s.theta.data() + static_cast<Index>(g) * s.per_group());
    if (s.m > 1 && s.typical.covariance()(1, 0) < 0.0) return true;
  }
  return false;
}

MixedStatus fit_structure(CovarianceStructure structure, State& s) {
  if (barred_by_ties(s, structure)) return MixedStatus::repeated_visit;
  if (!estimable(s, structure)) return MixedStatus::not_estimable;
  if (without_residuals(s, structure)) return MixedStatus::singular_covariance;
  const bool bounded = structure == CovarianceStructure::random_intercept;
  // Each group would have a bound of its own.
  if (bounded && s.groups > 1) return MixedStatus::invalid_input;
  choose_structures(s, bounded ? CovarianceStructure::compound_symmetry : structure);
  if (!start(s)) return MixedStatus::singular_covariance;
  const MixedStatus status = settle(s);
  if (!bounded || !below_independence(s)) return status;
  choose_structures(s, structure);
  return start(s) ? settle(s) : MixedStatus::singular_covariance;
}

void report(State& s) {
  MixedFit& fit = s.fit;
  const auto parameters = static_cast<double>(s.theta.size());
  fit.log_likelihood = -0.5 * s.minus_two_log_likelihood;
  const double penalised =
      parameters + (s.criterion == Criterion::ml ? static_cast<double>(s.p) : 0.0);
  fit.aic = s.minus_two_log_likelihood + 2.0 * penalised;
  fit.bic =
      s.minus_two_log_likelihood + penalised * std::log(static_cast<double>(s.patients.size()));
  fit.theta.assign(s.theta.data(), s.theta.data() + s.theta.size());
  for (std::size_t g = 0; g < s.groups; ++g) {
    restore_time_scale(s, fit.theta.data() + static_cast<Index>(g) * s.per_group());
  }
  for (std::size_t g = 0; g < s.groups; ++g) {
    s.typical.set(s.theta.data() + static_cast<Index>(g) * s.per_group());
    const MatrixXd& sigma = s.typical.covariance();
    fit.sigma.insert(fit.sigma.end(), sigma.data(), sigma.data() + sigma.size());
  }
  for (Index c = 0; c < s.p; ++c) {
    fit.coefficients.push_back(s.least_squares[c] + s.beta[c]);
    fit.se.push_back(std::sqrt(s.phi(c, c)));
  }
  fit.covariance.assign(s.phi.data(), s.phi.data() + s.phi.size());
  s.newton.compute(s.hessian);
  s.theta_covariance.setIdentity(s.theta.size(), s.theta.size());
  s.newton.solveInPlace(s.theta_covariance);
  s.theta_covariance *= 2.0;
}

void expect_sizes(const RepeatedModel& model) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.design.size() == rows * model.columns, "a design row a response");
  ANGIOTRIAL_EXPECT(model.patient.size() == rows, "a patient a response");
  ANGIOTRIAL_EXPECT(model.visit.size() == rows, "a visit a response");
  ANGIOTRIAL_EXPECT(model.group.empty() || model.group.size() == rows, "a group a response");
  bool times = needs_times(model.structure);
  for (const CovarianceStructure structure : model.fallbacks) times |= needs_times(structure);
  ANGIOTRIAL_EXPECT(model.row_times.empty() || model.row_times.size() == rows, "a time a row");
  ANGIOTRIAL_EXPECT(!times || !model.row_times.empty() ||
                        model.times.size() == static_cast<std::size_t>(model.visits),
                    "a time a visit");
}

}  // namespace

void clear(MixedFit& fit) {
  MixedFit fresh;
  fresh.attempts.swap(fit.attempts);
  fresh.attempts.clear();
  fresh.aliased.swap(fit.aliased);
  fresh.aliased.clear();
  for (const auto values : {&MixedFit::theta, &MixedFit::sigma, &MixedFit::coefficients,
                            &MixedFit::covariance, &MixedFit::se}) {
    (fresh.*values).swap(fit.*values);
    (fresh.*values).clear();
  }
  fit = std::move(fresh);
}

void choose_structures(State& s, CovarianceStructure structure) {
  s.structures.resize(s.classes);
  for (std::size_t g = 0; g < s.classes; ++g) s.structures[g].choose(structure, s.m, s.times[g]);
  s.typical.choose(structure, s.m, s.typical_times);
}

MixedStatus refit(MixedState& s, const VectorXd& start) {
  return evaluate(s, start) ? settle(s) : MixedStatus::singular_covariance;
}

MixedWorkspace::MixedWorkspace() : state_(std::make_unique<State>()) {}
MixedWorkspace::~MixedWorkspace() = default;
MixedWorkspace::MixedWorkspace(MixedWorkspace&&) noexcept = default;
MixedWorkspace& MixedWorkspace::operator=(MixedWorkspace&&) noexcept = default;

const MixedFit& fit_mixed_model(const RepeatedModel& model, MixedWorkspace& workspace) {
  expect_sizes(model);
  State& s = workspace.state();
  clear(s.fit);
  s.fit.structure = model.structure;
  s.has_kr_linear = s.has_kr_exact = s.has_whitened = false;
  s.fit.status = load(model, s);
  s.fit.patients = s.patients.size();
  s.fit.patterns = s.patterns.size();
  if (s.fit.status != MixedStatus::fitted) return s.fit;
  std::size_t next = 0;
  for (CovarianceStructure structure = model.structure;;) {
    s.fit.structure = structure;
    s.fit.status = fit_structure(structure, s);
    s.fit.attempts.push_back({structure, s.fit.status});
    if (s.fit.status == MixedStatus::fitted || next == model.fallbacks.size()) break;
    structure = model.fallbacks[next++];
  }
  if (s.fit.status == MixedStatus::fitted) report(s);
  return s.fit;
}

}  // namespace angiotrial::analysis
