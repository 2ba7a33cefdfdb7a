// SPDX-License-Identifier: Apache-2.0
#include "counts/negative_binomial_state.hpp"

#include <algorithm>
#include <cmath>

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
/// Enough of a fit to see which way dl/dphi goes.
constexpr double first_decrement = 1.0e-3;
/// Dispersion below which the fit is the Poisson fit to eight digits.
constexpr double least_dispersion = 1.0e-8;
/// A fitted rate this far below the largest means that the likelihood rises without end.
constexpr double separated_ratio = 1.0e-8;

/// Weighted least squares on log(y + 1/2): the usual start of iterations.
void start(State& s) {
  const RowsMap y = rows_of(s.y);
  RowsMap w = rows_of(s.w);
  RowsMap z = rows_of(s.r);
  w = y + 0.5;
  z = w * (w.log() - rows_of(s.offset));
  weighted_gram(design_of(s), s.w, s.gram);
  cross_product(design_of(s), s.r, s.beta);
  s.cholesky.compute(s.gram);
  s.cholesky.solveInPlace(s.beta);
}

/// What rounding does to the log-likelihood, whose terms are as large as the sum of log y!.
double rounding(const State& s) {
  return 1.0e-13 * (1.0 + std::fabs(s.log_likelihood)) + 2.0e-15 * s.log_factorials;
}

/// Takes the longest of the steps 1, 1/2, 1/4 ... that does not lower the likelihood. `psi` is the
/// step of ln phi (0 keeps phi). Returns whether there was one.
bool advance(State& s, double psi) {
  const double before = s.log_likelihood;
  const double slack = rounding(s);
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

/// A coefficient that is held takes no step: its row and column become those of the identity.
void hold(State& s, Eigen::MatrixXd& matrix) {
  for (const std::size_t a : s.held) {
    matrix.row(ix(a)).setZero();
    matrix.col(ix(a)).setZero();
    matrix(ix(a), ix(a)) = 1.0;
    s.step[ix(a)] = 0.0;
  }
}

enum class Ascent { done, stuck };

/// s.step of beta by Newton at the present (beta, phi), and its squared decrement; below 0 where
/// the information is not positive definite.
double beta_step(State& s) {
  s.step.resize(ix(s.k) + 1);
  auto step = s.step.head(ix(s.k));
  step = s.score;
  hold(s, s.information);
  s.cholesky.compute(s.information);
  if (s.cholesky.info() != Eigen::Success) return -1.0;
  s.cholesky.solveInPlace(step);
  return std::max(step.dot(s.score), 0.0);
}

/// Newton on beta at a given phi until the squared decrement is below `last_decrement`.
Ascent given_dispersion(State& s, double phi) {
  s.phi = phi;
  evaluate(s, s.beta, phi);
  for (; s.iterations < most_iterations; ++s.iterations) {
    const double decrement = beta_step(s);
    if (decrement < 0.0) return Ascent::stuck;
    if (!advance(s, 0.0)) return decrement < last_decrement ? Ascent::done : Ascent::stuck;
    if (decrement < last_decrement) return Ascent::done;
  }
  return Ascent::stuck;
}

/// The same until dl/dphi at the top is known to a few hundredths of its standard deviation:
/// `slope` is d l(beta(phi), phi) / dphi, to first order in the step to beta(phi) that is not
/// taken.
Ascent near_dispersion(State& s, double phi, double& slope) {
  s.phi = phi;
  evaluate(s, s.beta, phi);
  for (; s.iterations < most_iterations; ++s.iterations) {
    const double decrement = beta_step(s);
    if (decrement < 0.0) return Ascent::stuck;
    if (decrement < first_decrement) {
      slope = s.score_phi + s.cross.dot(s.step.head(ix(s.k)));
      return Ascent::done;
    }
    if (!advance(s, 0.0)) return Ascent::stuck;
  }
  return Ascent::stuck;
}

}  // namespace

void joint_information(State& s) {
  const Index k = ix(s.k);
  s.joint.resize(k + 1, k + 1);
  s.joint.topLeftCorner(k, k) = s.information;
  s.joint.col(k).head(k) = -s.phi * s.cross;
  s.joint.row(k).head(k) = s.joint.col(k).head(k).transpose();
  s.joint(k, k) = -(s.phi * s.phi * s.curvature_phi + s.phi * s.score_phi);
}

namespace {

/// The step by observed joint information; where that is not positive definite, beta and psi each
/// by a positive curvature of its own (expected information is block diagonal).
double joint_step(State& s) {
  const Index k = ix(s.k);
  joint_information(s);
  s.step.resize(k + 1);
  s.step.head(k) = s.score;
  s.step[k] = s.phi * s.score_phi;
  hold(s, s.joint);
  s.joint_cholesky.compute(s.joint);
  if (s.joint_cholesky.info() != Eigen::Success) {
    s.joint.col(k).head(k).setZero();
    s.joint.row(k).head(k).setZero();
    s.joint(k, k) = std::max(std::fabs(s.joint(k, k)), std::fabs(s.step[k]));
    s.joint_cholesky.compute(s.joint);
  }
  s.joint_cholesky.solveInPlace(s.step);
  const double decrement = s.step.head(k).dot(s.score) + s.step[k] * s.phi * s.score_phi;
  if (std::fabs(s.step[k]) > longest_psi_step) s.step *= longest_psi_step / std::fabs(s.step[k]);
  return decrement;
}

/// Standard deviation of dl/dphi at phi = 0 if counts are Poisson about the present mu.
double poisson_deviation(State& s) { return std::sqrt(0.5 * rows_of(s.mu).square().sum()); }

/// Whether counts are clearly more variable than Poisson about the present mu: dl/dphi at phi = 0,
/// sum of ((y - mu)^2 - y) / 2, beyond three of its standard deviations sqrt(sum mu^2 / 2).
bool clearly_dispersed(State& s) {
  const RowsMap y = rows_of(s.y), mu = rows_of(s.mu);
  return 0.5 * ((y - mu).square() - y).sum() > 3.0 * poisson_deviation(s);
}

/// The phi at which Pearson's statistic, sum of (y - mu)^2 / (mu + phi mu^2), has its degrees of
/// freedom; nearly so, from where the score at phi = 0 has its mean.
double moment_dispersion(State& s) {
  constexpr double least = 0.02, most = 20.0;
  constexpr int rounds = 4;
  const RowsMap y = rows_of(s.y), mu = rows_of(s.mu);
  RowsMap r = rows_of(s.r), d = rows_of(s.d);
  r = (y - mu).square() / mu;
  const double df = static_cast<double>(s.n) - static_cast<double>(s.k);
  double phi = std::clamp((r * mu - y).sum() / mu.square().sum(), least, most);
  for (int round = 0; round < rounds; ++round) {
    d = (1.0 + phi * mu).inverse();
    const double excess = (r * d).sum() - df;
    const double slope = (r * mu * d.square()).sum();
    const double next = std::clamp(phi + excess / slope, least, most);
    if (!std::isfinite(next)) break;
    phi = next;
  }
  return phi;
}

/// Newton on (beta, ln phi) from the present beta and a given phi > 0.
Ascent negative_binomial(State& s, double phi) {
  s.phi = phi;
  evaluate(s, s.beta, s.phi);
  for (; s.iterations < most_iterations; ++s.iterations) {
    const double decrement = joint_step(s);
    const double psi = s.step[ix(s.k)];
    if (!advance(s, psi)) return decrement < last_decrement ? Ascent::done : Ascent::stuck;
    if (decrement < last_decrement) return Ascent::done;
    if (s.phi < least_dispersion) return Ascent::done;
  }
  return Ascent::stuck;
}

bool separated(State& s) {
  const double range = (rows_of(s.eta) - rows_of(s.offset)).maxCoeff() -
                       (rows_of(s.eta) - rows_of(s.offset)).minCoeff();
  return !(range < -std::log(separated_ratio));
}

/// Straight to the maximum in (beta, phi) from a phi far from 0; false where that does not lead to
/// a dispersion above 1e-4, so that phi = 0 has to be looked at.
bool climb_directly(State& s, double phi) {
  constexpr double far_from_boundary = 1.0e-4;
  s.start_beta = s.beta;
  if (negative_binomial(s, phi) == Ascent::done && s.phi > far_from_boundary) return true;
  s.beta = s.start_beta;
  return false;
}

/// Climbs from the present beta. Where dl/dphi at phi = 0 is above 0 beyond doubt the Poisson fit
/// is not needed to its last digit.
FitStatus climb_on(State& s) {
  constexpr double beyond_doubt = 0.2;
  double slope = 0.0;
  Ascent ascent = near_dispersion(s, 0.0, slope);
  if (ascent == Ascent::done && !(slope > beyond_doubt * poisson_deviation(s))) {
    ascent = given_dispersion(s, 0.0);
    slope = s.score_phi;
  }
  FitStatus status = FitStatus::poisson_boundary;
  if (ascent == Ascent::done && slope > 0.0) {
    status = FitStatus::fitted;
    ascent = negative_binomial(s, moment_dispersion(s));
    if (ascent == Ascent::done && s.phi < least_dispersion) {
      ascent = given_dispersion(s, 0.0);
      status = FitStatus::poisson_boundary;
    }
  }
  if (separated(s)) return FitStatus::separated;
  return ascent == Ascent::done ? status : FitStatus::not_converged;
}

/// From the present (beta, phi) to a top, which becomes `s.top` where it is higher.
void climb_from_here(State& s) {
  s.iterations = 0;
  if (negative_binomial(s, s.phi) != Ascent::done || s.phi < least_dispersion) return;
  if (separated(s) || !(s.log_likelihood > s.top.log_likelihood)) return;
  s.top = {s.phi, s.log_likelihood, s.iterations};
  s.top_beta = s.beta;
}

/// Tops between values of phi a step apart, from where the largest mean feels phi to where all do.
/// At each phi the likelihood has one top in beta, which is concave; between two of them is a top
/// in phi where dl/dphi changes from above to below 0.
void climb_between(State& s) {
  constexpr double least = 1.0e-6, most = 0.1, end = 50.0, step = 5.0;
  const double known = s.top.phi;
  bool rising = false;
  for (double phi = std::clamp(1.0 / rows_of(s.mu).maxCoeff(), least, most);; phi *= step) {
    s.iterations = 0;
    double slope = 0.0;
    const bool there = near_dispersion(s, phi, slope) == Ascent::done;
    const bool new_top = rising && !(known > phi / step && known < phi);
    rising = there && slope > 0.0;
    if (there && (rising ? phi > end : new_top)) climb_from_here(s);
    if (phi > end) return;
  }
}

/// The likelihood may have two tops in phi: rows of large counts that are fitted exactly speak for
/// phi = 0, the others for their own variation. Unless counts are clearly more variable than
/// Poisson, the highest top is looked for and becomes the present (beta, phi).
FitStatus highest(State& s, FitStatus found) {
  if (!usable(found) || clearly_dispersed(s)) return found;
  s.top = {s.phi, s.log_likelihood, s.iterations};
  s.top_beta = s.beta;
  climb_between(s);
  s.beta = s.top_beta;
  s.phi = s.top.phi;
  s.iterations = s.top.iterations;
  evaluate(s, s.beta, s.phi);
  return s.phi > 0.0 ? FitStatus::fitted : FitStatus::poisson_boundary;
}

}  // namespace

void take_coefficients(const NegativeBinomialFit& fit, State& s) {
  s.beta.resize(ix(s.k));
  for (std::size_t a = 0; a < s.k; ++a) s.beta[ix(a)] = fit.coefficients[s.kept[a]];
}

void load_at(const CountModel& model, const NegativeBinomialFit& fit, State& s) {
  keep_independent(model, s);
  load_counts(model, s);
  s.held.clear();
  take_coefficients(fit, s);
  s.phi = fit.dispersion;
}

FitStatus climb(State& s) {
  s.held.clear();
  s.iterations = 0;
  start(s);
  evaluate_means(s, s.beta);
  // Straight up where that is safe: about the means it ends at, phi = 0 is still out of question.
  if (clearly_dispersed(s) && climb_directly(s, moment_dispersion(s))) {
    if (clearly_dispersed(s)) return separated(s) ? FitStatus::separated : FitStatus::fitted;
    s.beta = s.start_beta;
  }
  s.iterations = 0;
  return highest(s, climb_on(s));
}

FitStatus climb_holding(State& s) {
  s.iterations = 0;
  if (s.phi > 0.0 && climb_directly(s, s.phi)) return highest(s, FitStatus::fitted);
  return highest(s, climb_on(s));
}

FitStatus climb_given_dispersion(State& s, double phi) {
  s.held.clear();
  s.iterations = 0;
  const Ascent ascent = given_dispersion(s, phi);
  return ascent == Ascent::done ? FitStatus::fitted : FitStatus::not_converged;
}

}  // namespace angiotrial::analysis
