// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/negative_binomial_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using State = NegativeBinomialWorkspace::State;
using Eigen::Index;

constexpr int most_iterations = 100;
constexpr int most_halvings = 30;
/// Longest step of ln phi: beyond, the quadratic model is not to be trusted.
constexpr double longest_psi_step = 2.0;
/// Newton's decrement squared at which one more quadratic step is exact to rounding.
constexpr double last_decrement = 1.0e-10;
/// Enough of a Poisson fit to see that counts are clearly more variable than Poisson.
constexpr double first_decrement = 1.0e-3;
/// Dispersion below which the fit is the Poisson fit to eight digits.
constexpr double least_dispersion = 1.0e-8;
/// A fitted rate this far below the largest means that the likelihood rises without end.
constexpr double separated_ratio = 1.0e-8;

/// Weighted least squares on log(y + 1/2): the usual start of iterations.
void start(State& s) {
  weighted_gram(s, [&](std::size_t i) { return s.y[i] + 0.5; }, s.gram);
  s.beta.setZero(ix(s.k));
  for (std::size_t i = 0; i < s.n; ++i) {
    const double wz = (s.y[i] + 0.5) * (std::log(s.y[i] + 0.5) - s.offset[i]);
    for (std::size_t a = 0; a < s.k; ++a) s.beta[ix(a)] += wz * s.x[i * s.k + a];
  }
  s.cholesky.compute(s.gram);
  s.cholesky.solveInPlace(s.beta);
}

/// Takes the longest of the steps 1, 1/2, 1/4 ... that does not lower the likelihood. `psi` is the
/// step of ln phi (0 keeps phi). Returns whether there was one.
bool advance(State& s, double psi) {
  const double before = s.log_likelihood;
  const double slack = 1.0e-13 * (1.0 + std::fabs(before));
  double share = 1.0;
  for (int half = 0; half < most_halvings; ++half, share *= 0.5) {
    s.trial_beta = s.beta + share * s.step.head(ix(s.k));
    const double phi = psi == 0.0 ? s.phi : s.phi * std::exp(share * psi);
    evaluate(s, s.trial_beta, phi);
    if (!(s.log_likelihood >= before - slack)) continue;
    s.beta = s.trial_beta;
    s.phi = phi;
    return true;
  }
  return false;
}

enum class Ascent { done, stuck };

/// Newton on beta at phi = 0 until the squared decrement is below `enough`.
Ascent poisson(State& s, double enough) {
  s.phi = 0.0;
  evaluate(s, s.beta, 0.0);
  for (; s.fit.iterations < most_iterations; ++s.fit.iterations) {
    s.cholesky.compute(s.information);
    if (s.cholesky.info() != Eigen::Success) return Ascent::stuck;
    s.step = s.score;
    s.cholesky.solveInPlace(s.step);
    const double decrement = s.step.dot(s.score);
    if (!advance(s, 0.0)) return decrement < enough ? Ascent::done : Ascent::stuck;
    if (decrement < enough) return Ascent::done;
  }
  return Ascent::stuck;
}

/// -d2l of (beta, psi), psi = ln phi; the last row and column belong to psi.
void joint_information(State& s) {
  const Index k = ix(s.k);
  s.joint.resize(k + 1, k + 1);
  s.joint.topLeftCorner(k, k) = s.information;
  s.joint.col(k).head(k) = -s.phi * s.cross;
  s.joint.row(k).head(k) = s.joint.col(k).head(k).transpose();
  s.joint(k, k) = -(s.phi * s.phi * s.curvature_phi + s.phi * s.score_phi);
}

/// The step by observed joint information; where that is not positive definite, beta and psi each
/// by a positive curvature of its own (expected information is block diagonal).
double joint_step(State& s) {
  const Index k = ix(s.k);
  joint_information(s);
  s.step.resize(k + 1);
  s.step.head(k) = s.score;
  s.step[k] = s.phi * s.score_phi;
  s.cholesky.compute(s.joint);
  if (s.cholesky.info() != Eigen::Success) {
    s.joint.col(k).head(k).setZero();
    s.joint.row(k).head(k).setZero();
    s.joint(k, k) = std::max(std::fabs(s.joint(k, k)), std::fabs(s.step[k]));
    s.cholesky.compute(s.joint);
  }
  s.cholesky.solveInPlace(s.step);
  const double decrement = s.step.head(k).dot(s.score) + s.step[k] * s.phi * s.score_phi;
  if (std::fabs(s.step[k]) > longest_psi_step) s.step *= longest_psi_step / std::fabs(s.step[k]);
  return decrement;
}

/// Newton on (beta, ln phi) from a moment estimate of phi.
Ascent negative_binomial(State& s) {
  s.phi = std::clamp(2.0 * s.score_phi / s.boundary_spread, 0.02, 20.0);
  evaluate(s, s.beta, s.phi);
  for (; s.fit.iterations < most_iterations; ++s.fit.iterations) {
    const double decrement = joint_step(s);
    const double psi = s.step[ix(s.k)];
    if (!advance(s, psi)) return decrement < last_decrement ? Ascent::done : Ascent::stuck;
    if (decrement < last_decrement) return Ascent::done;
    if (s.phi < least_dispersion) return Ascent::done;
  }
  return Ascent::stuck;
}

bool separated(const State& s) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0.0;
  for (std::size_t i = 0; i < s.n; ++i) {
    const double rate = s.mu[i] * std::exp(-s.offset[i]);
    least = std::min(least, rate);
    most = std::max(most, rate);
  }
  return !(least > separated_ratio * most);
}

/// Climbs to the maximum and says which kind it is.
FitStatus climb(State& s) {
  start(s);
  Ascent ascent = poisson(s, first_decrement);
  // The score of phi at 0 has standard deviation sqrt(sum mu^2 / 2).
  const bool clear = s.score_phi > 3.0 * std::sqrt(0.5 * s.boundary_spread);
  if (ascent == Ascent::done && !clear) ascent = poisson(s, last_decrement);
  FitStatus status = FitStatus::poisson_boundary;
  if (ascent == Ascent::done && s.score_phi > 0.0) {
    status = FitStatus::fitted;
    ascent = negative_binomial(s);
    if (ascent == Ascent::done && s.phi < least_dispersion) {
      ascent = poisson(s, last_decrement);
      status = FitStatus::poisson_boundary;
    }
  }
  if (separated(s)) return FitStatus::separated;
  return ascent == Ascent::done ? status : FitStatus::not_converged;
}

/// diag(V M V) of a symmetric V into `out`, as square roots.
void robust_errors(State& s, std::vector<double>& out) {
  const auto score = [&](std::size_t i) {
    const double r = (s.y[i] - s.mu[i]) / (1.0 + s.phi * s.mu[i]);
    return r * r;
  };
  weighted_gram(s, score, s.gram);
  s.work.resize(ix(s.k), ix(s.k));
  s.work.noalias() = s.covariance * s.gram;
  for (std::size_t a = 0; a < s.k; ++a) {
    out[s.kept[a]] = std::sqrt(s.work.row(ix(a)).dot(s.covariance.col(ix(a))));
  }
}

void observed_errors(State& s) {
  const Index k = ix(s.k);
  const bool boundary = s.fit.status == FitStatus::poisson_boundary;
  if (boundary) {
    s.joint = s.information;
  } else {
    joint_information(s);
  }
  s.cholesky.compute(s.joint);
  s.work.setIdentity(s.joint.rows(), s.joint.cols());
  s.cholesky.solveInPlace(s.work);
  for (std::size_t a = 0; a < s.k; ++a) {
    s.fit.se_observed[s.kept[a]] = std::sqrt(s.work(ix(a), ix(a)));
  }
  s.fit.se_log_theta = boundary ? 0.0 : std::sqrt(s.work(k, k));
}

void report(const CountModel& model, State& s) {
  const std::size_t p = model.columns;
  NegativeBinomialFit& fit = s.fit;
  fit.dispersion = s.phi;
  fit.log_likelihood = s.log_likelihood;
  weighted_gram(s, [&](std::size_t i) { return s.mu[i] / (1.0 + s.phi * s.mu[i]); }, s.gram);
  s.cholesky.compute(s.gram);
  s.covariance.setIdentity(ix(s.k), ix(s.k));
  s.cholesky.solveInPlace(s.covariance);
  for (std::size_t a = 0; a < s.k; ++a) {
    const std::size_t c = s.kept[a];
    fit.dropped[c] = false;
    fit.coefficients[c] = s.beta[ix(a)];
    fit.se_expected[c] = std::sqrt(s.covariance(ix(a), ix(a)));
    for (std::size_t b = 0; b < s.k; ++b) {
      fit.covariance_expected[c * p + s.kept[b]] = s.covariance(ix(a), ix(b));
    }
  }
  robust_errors(s, fit.se_robust);
  observed_errors(s);
}

/// An empty result of the right size.
void clear(const CountModel& model, NegativeBinomialFit& fit) {
  const std::size_t p = model.columns;
  for (auto* values : {&fit.coefficients, &fit.se_expected, &fit.se_observed, &fit.se_robust}) {
    values->assign(p, 0.0);
  }
  fit.covariance_expected.assign(p * p, 0.0);
  fit.dropped.assign(p, true);
  fit.dispersion = fit.log_likelihood = fit.se_log_theta = 0.0;
  fit.iterations = 0;
}

FitStatus fit_status(const CountModel& model, State& s) {
  if (!valid(model)) return FitStatus::invalid_input;
  if (model.counts.size() < model.columns + 2) return FitStatus::too_few_rows;
  const bool independent = keep_independent(model, s);
  if (!independent && (model.aliased == Aliased::refuse || s.k == 0)) return FitStatus::collinear;
  load_counts(model, s);
  if (s.tail.empty()) return FitStatus::separated;
  return climb(s);
}

}  // namespace

std::string_view name_of(FitStatus status) {
  switch (status) {
    case FitStatus::fitted:
      return "fitted";
    case FitStatus::poisson_boundary:
      return "Poisson boundary";
    case FitStatus::too_few_rows:
      return "too few rows";
    case FitStatus::separated:
      return "a group without events";
    case FitStatus::collinear:
      return "collinear columns";
    case FitStatus::invalid_input:
      return "invalid input";
    case FitStatus::not_converged:
      return "not converged";
  }
  return "";
}

double NegativeBinomialFit::theta() const {
  return dispersion > 0.0 ? 1.0 / dispersion : std::numeric_limits<double>::infinity();
}

NegativeBinomialWorkspace::NegativeBinomialWorkspace() : state_(std::make_unique<State>()) {}
NegativeBinomialWorkspace::~NegativeBinomialWorkspace() = default;
NegativeBinomialWorkspace::NegativeBinomialWorkspace(NegativeBinomialWorkspace&&) noexcept =
    default;
NegativeBinomialWorkspace& NegativeBinomialWorkspace::operator=(
    NegativeBinomialWorkspace&&) noexcept = default;

const NegativeBinomialFit& fit_negative_binomial(const CountModel& model,
                                                 NegativeBinomialWorkspace& workspace) {
  const std::size_t n = model.counts.size();
  ANGIOTRIAL_EXPECT(model.columns > 0, "a model has columns");
  ANGIOTRIAL_EXPECT(model.design.size() == n * model.columns, "the design has a row a count");
  ANGIOTRIAL_EXPECT(model.offset.size() == n, "the offset has a number a count");
  State& s = workspace.state();
  clear(model, s.fit);
  s.fit.status = fit_status(model, s);
  if (usable(s.fit.status)) report(model, s);
  return s.fit;
}

}  // namespace angiotrial::analysis
