// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/negative_binomial_state.hpp"
#include "reference_distributions.hpp"

#include <boost/math/tools/roots.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace angiotrial::analysis {
namespace {

using State = NegativeBinomialWorkspace::State;
constexpr double infinity = std::numeric_limits<double>::infinity();

double upper_tail(double statistic, int df) {
  if (df == 0) return 1.0;
  return chi_square_tail(df, statistic);
}

double quantile(double level) { return chi_square_quantile(1.0, level); }

/// Position of a column among those kept, if it was.
std::optional<std::size_t> position(const State& s, std::size_t column) {
  const auto at = std::find(s.kept.begin(), s.kept.end(), column);
  if (at == s.kept.end()) return std::nullopt;
  return static_cast<std::size_t>(at - s.kept.begin());
}

/// The root of `excess`, which is negative at `inside`, by steps from there that double. Infinite
/// where it is still negative at `farthest`.
template <class Excess>
double crossing(Excess&& excess, double inside, double step, double farthest) {
  double near = inside;
  double far = inside + step;
  double at_near = excess(near);
  double at_far = excess(far);
  while (at_far < 0.0) {
    if (std::fabs(far - inside) > farthest) return std::copysign(infinity, step);
    near = far;
    at_near = at_far;
    step *= 2.0;
    far += step;
    at_far = excess(far);
  }
  if (at_near > at_far) return near;
  std::uintmax_t evaluations = 60;
  const boost::math::tools::eps_tolerance<double> digits(42);
  const bool rising = near < far;
  const auto bracket = rising ? boost::math::tools::toms748_solve(excess, near, far, at_near,
                                                                  at_far, digits, evaluations)
                              : boost::math::tools::toms748_solve(excess, far, near, at_far,
                                                                  at_near, digits, evaluations);
  return 0.5 * (bracket.first + bracket.second);
}

/// sqrt(2 (l - l_p)) less the normal quantile: nearly linear away from the estimate.
double excess_of(double full, double profile, double bound) {
  return std::sqrt(2.0 * std::max(full - profile, 0.0)) - bound;
}

}  // namespace

CountSummary summarise_counts(const CountModel& model, const NegativeBinomialFit& fit,
                              NegativeBinomialWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  State& s = workspace.state();
  load_at(model, fit, s);
  evaluate(s, s.beta, s.phi);
  CountSummary out;
  const bool boundary = fit.status == FitStatus::poisson_boundary;
  out.aic = 2.0 * (static_cast<double>(s.k) + (boundary ? 0.0 : 1.0) - fit.log_likelihood);
  for (std::size_t i = 0; i < s.n; ++i) {
    const double y = s.y[i];
    const double mu = s.mu[i];
    const double d = 1.0 + s.phi * mu;
    if (y > 0.0) out.deviance += 2.0 * y * std::log(y / mu);
    // (y + theta) ln {(y + theta) / (mu + theta)}, and its limit y - mu.
    out.deviance -=
        2.0 * (boundary ? y - mu : (y + 1.0 / s.phi) * std::log1p(s.phi * (y - mu) / d));
    out.pearson += (y - mu) * (y - mu) / (mu * d);
  }
  // d2l/dtheta2 = phi^4 d2l/dphi2 where dl/dphi is 0.
  if (!boundary) out.se_theta = 1.0 / (s.phi * s.phi * std::sqrt(-s.curvature_phi));
  return out;
}

CountLikelihoodRatio count_likelihood_ratio(const CountModel& model, const NegativeBinomialFit& fit,
                                            std::span<const std::size_t> columns,
                                            NegativeBinomialWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  State& s = workspace.state();
  const double full = fit.log_likelihood;
  load_at(model, fit, s);
  for (const std::size_t column : columns) {
    ANGIOTRIAL_EXPECT(column < model.columns, "a column of the model");
    const auto at = position(s, column);
    if (!at) continue;
    s.held.push_back(*at);
    s.beta[ix(*at)] = 0.0;
  }
  CountLikelihoodRatio out;
  out.status = climb_holding(s);
  if (!usable(out.status)) return out;
  out.df = static_cast<int>(s.held.size());
  out.statistic = std::max(2.0 * (full - s.log_likelihood), 0.0);
  out.p_value = upper_tail(out.statistic, out.df);
  return out;
}

LikelihoodInterval count_profile_interval(const CountModel& model, const NegativeBinomialFit& fit,
                                          std::size_t column, NegativeBinomialWorkspace& workspace,
                                          double level) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  ANGIOTRIAL_EXPECT(column < model.columns, "a column of the model");
  State& s = workspace.state();
  load_at(model, fit, s);
  LikelihoodInterval out;
  out.status = FitStatus::collinear;
  const auto at = position(s, column);
  if (!at) return out;
  out.status = FitStatus::fitted;
  s.held.assign(1, *at);
  const Eigen::VectorXd top = s.beta;
  const double full = fit.log_likelihood;
  const double bound = std::sqrt(quantile(level));
  const auto excess = [&](double value) {
    s.beta[ix(*at)] = value;
    if (climb_holding(s) == FitStatus::not_converged) out.status = FitStatus::not_converged;
    return excess_of(full, s.log_likelihood, bound);
  };
  const double centre = top[ix(*at)];
  const double step = bound * fit.se_expected[column];
  const double farthest = 1.0e3 * step;
  out.lower = crossing(excess, centre, -step, farthest);
  s.beta = top;
  s.phi = fit.dispersion;
  out.upper = crossing(excess, centre, step, farthest);
  return out;
}

DispersionInference count_dispersion(const CountModel& model, const NegativeBinomialFit& fit,
                                     NegativeBinomialWorkspace& workspace, double level) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  State& s = workspace.state();
  load_at(model, fit, s);
  const double top = fit.dispersion;
  const double full = fit.log_likelihood;
  const double se = fit.se_log_theta;
  const double bound = std::sqrt(quantile(level));
  DispersionInference out;
  out.status = FitStatus::fitted;
  const auto excess = [&](double phi) {
    if (!usable(climb_given_dispersion(s, phi))) out.status = FitStatus::not_converged;
    return excess_of(full, s.log_likelihood, bound);
  };
  const bool poisson_allowed = excess(0.0) < 0.0;
  if (top > 0.0) out.poisson_statistic = std::max(2.0 * (full - s.log_likelihood), 0.0);
  if (out.poisson_statistic > 0.0) {
    out.poisson_p_value = 0.5 * upper_tail(out.poisson_statistic, 1);
  }
  // On ln phi, where the profile is nearest to a parabola; from a small phi where the top is 0.
  constexpr double farthest = 40.0;
  const auto on_log = [&](double psi) { return excess(std::exp(psi)); };
  double small = 1.0e-4;
  while (top == 0.0 && small > 1.0e-15 && !(excess(small) < 0.0)) small *= 0.1;
  const double centre = std::log(top > 0.0 ? top : small);
  const double step = std::clamp(bound * se, 0.05, 2.0);
  take_coefficients(fit, s);
  if (!poisson_allowed) out.lower = std::exp(crossing(on_log, centre, -step, farthest));
  take_coefficients(fit, s);
  out.upper = std::exp(crossing(on_log, centre, step, farthest));
  return out;
}

}  // namespace angiotrial::analysis
