// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "survival/cox_state.hpp"
#include "survival/newton.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

constexpr int most_iterations = 60;
constexpr int most_halvings = 30;
/// The penalised iteration takes its curvature from differences: it stops a little later.
constexpr double last_penalised_decrement = 1.0e-20;
constexpr double curvature_step = 1.0e-4;

Index ix(std::size_t i) { return static_cast<Index>(i); }

/// log |I| / 2, or minus infinity. Leaves the factor in s.cholesky.
double half_log_determinant(CoxState& s) {
  s.cholesky.compute(s.information);
  if (s.cholesky.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  double sum = 0.0;
  for (Index a = 0; a < s.information.rows(); ++a) {
    sum += std::log(s.cholesky.matrixLLT()(a, a));
  }
  return sum;
}

/// Evaluates at beta; with the penalty, its value and its gradient are added, in the unit of the
/// weights.
void evaluate_penalised(CoxState& s, const Eigen::VectorXd& beta, bool firth) {
  evaluate(s, beta);
  if (!firth) return;
  s.log_likelihood += half_log_determinant(s) / s.unit;
  if (!std::isfinite(s.log_likelihood)) return;
  s.covariance = s.cholesky.solve(Eigen::MatrixXd::Identity(ix(s.p), ix(s.p)));
  firth_penalty(s, s.covariance);
  s.penalty /= s.unit;
  s.score += s.penalty;
}

/// Weight of all events.
double event_weight(const CoxState& s) {
  double weight = 0.0;
  for (const EventTime& at : s.times) {
    for (std::size_t i = at.first; i < at.last; ++i) weight += s.weight[i];
  }
  return weight;
}

/// Takes the longest of the steps 1, 1/2, 1/4 ... that does not lower the likelihood.
bool advance(CoxState& s, bool firth) {
  const double before = s.log_likelihood;
  const double slack = 1.0e-13 * (1.0 + std::fabs(before));
  double share = 1.0;
  for (int half = 0; half < most_halvings; ++half, share *= 0.5) {
    s.trial = s.beta + share * s.step;
    evaluate_penalised(s, s.trial, firth);
    if (!(s.log_likelihood >= before - slack)) continue;
    s.beta = s.trial;
    return true;
  }
  return false;
}

/// I less the derivatives of the penalty, by central differences; I where that is not positive
/// definite. Leaves the factor in s.cholesky and the state at beta.
void factor_curvature(CoxState& s, bool firth) {
  s.cholesky.compute(s.information);
  if (!firth) return;
  Eigen::MatrixXd& curvature = s.scratch.curvature;
  curvature = s.information;
  for (Index a = 0; a < ix(s.p); ++a) {
    for (const double side : {1.0, -1.0}) {
      s.trial = s.beta;
      s.trial[a] += side * curvature_step;
      evaluate_penalised(s, s.trial, true);
      curvature.col(a) -= (0.5 * side / curvature_step) * s.penalty;
    }
  }
  evaluate_penalised(s, s.beta, true);
  s.cholesky.compute(0.5 * (curvature + curvature.transpose()));
  if (s.cholesky.info() != Eigen::Success) s.cholesky.compute(s.information);
}

/// Newton from beta = 0, where everything is evaluated already.
CoxStatus climb(CoxState& s, bool firth) {
  const double enough = firth ? last_penalised_decrement : last_decrement;
  for (s.fit.iterations = 1; s.fit.iterations <= most_iterations; ++s.fit.iterations) {
    factor_curvature(s, firth);
    if (s.cholesky.info() != Eigen::Success) return CoxStatus::separated;
    s.step = s.score;
    s.cholesky.solveInPlace(s.step);
    const double decrement = s.step.dot(s.score);
    const bool last = decrement < enough;
    if (!firth && decrement < monotone_decrement && furthest_move(s.x, s.step) > monotone_move) {
      return CoxStatus::separated;
    }
    if (!advance(s, firth)) return last ? CoxStatus::fitted : CoxStatus::not_converged;
    if (last) return CoxStatus::fitted;
  }
  return CoxStatus::not_converged;
}

/// Whether a sum of squared score residuals has an inverse, and not one of rounding errors.
bool has_inverse(const Eigen::MatrixXd& squares, const Eigen::MatrixXd& information,
                 ExplainedScratch& scratch) {
  for (Index a = 0; a < squares.rows(); ++a) {
    if (!(squares(a, a) > no_variance * information(a, a))) return false;
  }
  return !any_explained(squares, 0.0, scratch);
}

/// Test of u'M^-1 u with M = s.scratch.meat. Leaves the factor in s.cholesky.
ChiSquareTest test_by_meat(CoxState& s, const Eigen::VectorXd& u) {
  s.cholesky.compute(s.scratch.meat);
  s.step = u;
  s.cholesky.solveInPlace(s.step);
  return chi_square_test(u.dot(s.step), static_cast<int>(s.p));
}

/// Robust covariance of scaled coefficients: V (sum over clusters of score residuals) V.
CoxStatus add_robust(const CoxData& data, CoxState& s) {
  std::vector<double>& residuals = s.scratch.residuals;
  Eigen::MatrixXd& meat = s.scratch.meat;
  s.trial.setZero(ix(s.p));
  evaluate(s, s.trial);
  score_residuals(data, s, residuals, nullptr);
  clustered_gram(s, residuals, data.cluster);
  if (has_inverse(meat, s.information, s.explained)) {
    s.fit.robust_score = test_by_meat(s, s.null_score);
  }
  evaluate(s, s.beta);
  score_residuals(data, s, residuals, nullptr);
  clustered_gram(s, residuals, data.cluster);
  // b' (V M V)^-1 b = (I b)' M^-1 (I b), with the information I = V^-1
  s.fit.wald = {};
  if (has_inverse(meat, s.information, s.explained)) {
    s.trial.noalias() = s.information * s.beta;
    s.fit.wald = test_by_meat(s, s.trial);
  }
  s.scratch.product.noalias() = s.covariance * meat;
  meat.noalias() = s.scratch.product * s.covariance;
  s.fit.robust_covariance.resize(s.p * s.p);
  s.fit.se_robust.resize(s.p);
  for (std::size_t a = 0; a < s.p; ++a) {
    for (std::size_t b = 0; b < s.p; ++b) {
      s.fit.robust_covariance[a * s.p + b] = meat(ix(a), ix(b)) / (s.scale[a] * s.scale[b]);
    }
    s.fit.se_robust[a] = std::sqrt(s.fit.robust_covariance[a * s.p + a]);
    if (!(meat(ix(a), ix(a)) > no_variance * s.covariance(ix(a), ix(a)))) {
      return CoxStatus::no_robust_variance;
    }
  }
  return CoxStatus::fitted;
}

/// Coefficients and their covariance in the units of the data, and the tests.
void report(const CoxData& data, const CoxOptions& options, CoxState& s) {
  CoxFit& fit = s.fit;
  const int df = static_cast<int>(s.p);
  const double rise = s.unit * (s.log_likelihood - fit.log_likelihood_null);
  double constant = -s.unit * std::log(s.unit) * event_weight(s);
  for (std::size_t a = 0; options.firth && a < s.p; ++a) {
    constant += std::log(s.scale[a] * std::sqrt(s.unit));  // log|I| / 2 in the units of the data
  }
  fit.log_likelihood = s.unit * s.log_likelihood + constant;
  fit.log_likelihood_null = s.unit * fit.log_likelihood_null + constant;
  s.cholesky.compute(s.information);
  s.covariance = s.cholesky.solve(Eigen::MatrixXd::Identity(ix(s.p), ix(s.p)));
  fit.wald = chi_square_test(s.unit * s.beta.dot(s.information.lazyProduct(s.beta)), df);
  fit.likelihood_ratio = chi_square_test(2.0 * rise, df);
  fit.coefficients.resize(s.p);
  fit.se.resize(s.p);
  fit.covariance.resize(s.p * s.p);
  for (std::size_t a = 0; a < s.p; ++a) {
    fit.coefficients[a] = s.beta[ix(a)] / s.scale[a];
    for (std::size_t b = 0; b < s.p; ++b) {
      fit.covariance[a * s.p + b] = s.covariance(ix(a), ix(b)) / (s.scale[a] * s.scale[b] * s.unit);
    }
    fit.se[a] = std::sqrt(fit.covariance[a * s.p + a]);
  }
  if (options.robust) fit.status = add_robust(data, s);
}

CoxStatus fit_loaded(const CoxOptions& options, CoxState& s) {
  s.beta.setZero(ix(s.p));
  evaluate(s, s.beta);
  if (any_explained(s.information, event_weight(s), s.explained)) {
    s.fit.aliased = explained_columns(s.information, event_weight(s));
    if (!s.fit.aliased.empty()) return CoxStatus::collinear;
  }
  s.null_score = s.score;
  s.cholesky.compute(s.information);
  s.step = s.score;
  s.cholesky.solveInPlace(s.step);
  s.fit.score = chi_square_test(s.unit * s.score.dot(s.step), static_cast<int>(s.p));
  if (options.firth) evaluate_penalised(s, s.beta, true);
  s.fit.log_likelihood_null = s.log_likelihood;
  return climb(s, options.firth);
}

void clear(CoxFit& fit) {
  fit.status = CoxStatus::invalid_input;
  fit.rows = fit.events = 0;
  fit.iterations = 0;
  fit.aliased.clear();
  for (auto* values :
       {&fit.coefficients, &fit.covariance, &fit.se, &fit.robust_covariance, &fit.se_robust}) {
    values->clear();
  }
  fit.log_likelihood_null = fit.log_likelihood = 0.0;
  fit.score = fit.likelihood_ratio = fit.wald = fit.robust_score = {};
}

void check_sizes(const CoxData& data) {
  const std::size_t n = data.stop.size();
  const auto fits = [n](std::size_t size) { return size == 0 || size == n; };
  ANGIOTRIAL_EXPECT(data.columns > 0, "at least one column");
  ANGIOTRIAL_EXPECT(data.design.size() == n * data.columns, "a row of the design a row");
  ANGIOTRIAL_EXPECT(data.event.size() == n, "an outcome a row");
  ANGIOTRIAL_EXPECT(fits(data.start.size()), "a start a row, or none");
  ANGIOTRIAL_EXPECT(fits(data.stratum.size()), "a stratum a row, or none");
  ANGIOTRIAL_EXPECT(fits(data.weight.size()), "a weight a row, or none");
  ANGIOTRIAL_EXPECT(fits(data.offset.size()), "an offset a row, or none");
  ANGIOTRIAL_EXPECT(fits(data.cluster.size()), "a cluster a row, or none");
}

}  // namespace

std::string_view name_of(CoxStatus status) {
  switch (status) {
    case CoxStatus::fitted:
      return "fitted";
    case CoxStatus::invalid_input:
      return "invalid input";
    case CoxStatus::no_events:
      return "no events";
    case CoxStatus::collinear:
      return "collinear";
    case CoxStatus::separated:
      return "separated";
    case CoxStatus::not_converged:
      return "not converged";
    case CoxStatus::no_robust_variance:
      return "no robust variance";
  }
  return "unknown";
}

CoxWorkspace::CoxWorkspace() : state_(std::make_unique<State>()) {}
CoxWorkspace::~CoxWorkspace() = default;
CoxWorkspace::CoxWorkspace(CoxWorkspace&& other) noexcept = default;
CoxWorkspace& CoxWorkspace::operator=(CoxWorkspace&& other) noexcept = default;

ChiSquareTest chi_square_test(double chi_square, int df) {
  const double positive = std::max(0.0, chi_square);
  return {positive, df, boost::math::gamma_q(0.5 * df, 0.5 * positive)};
}

const CoxFit& fit_cox(const CoxData& data, const CoxOptions& options, CoxWorkspace& workspace) {
  check_sizes(data);
  CoxState& s = workspace.state();
  CoxFit& fit = s.fit;
  clear(fit);
  if (!valid(data, options)) return fit;
  const bool varied = load(data, options, s);
  fit.rows = s.n;
  for (const EventTime& at : s.times) fit.events += at.last - at.first;
  if (fit.events == 0) {
    fit.status = CoxStatus::no_events;
  } else if (!varied) {
    fit.status = CoxStatus::collinear;
  } else {
    fit.status = fit_loaded(options, s);
    if (fit.status == CoxStatus::fitted) report(data, options, s);
  }
  return fit;
}

}  // namespace angiotrial::analysis
