// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Repeated counts of patients with a normal random intercept, log link.
///
///   y_gi | b_g ~ family with mean mu_gi,   log mu_gi = o_gi + x_gi' beta + b_g,
///   b_g ~ N(0, sigma^2)
///
/// Maximum likelihood in (beta, log sigma, log phi); the integral over b_g by adaptive
/// Gauss-Hermite quadrature (Liu and Pierce 1994) about the mode of each patient.
namespace angiotrial::analysis {

enum class CountFamily {
  poisson,       ///< variance mu
  quadratic_nb,  ///< NB2: mu + phi mu^2, phi = 1 / theta
  linear_nb      ///< NB1: mu (1 + phi)
};

enum class InterceptStatus {
  fitted = 0,
  no_patient_variance = 1,  ///< the likelihood is highest at sigma 0: the fit without intercepts
  poisson_boundary = 2,     ///< highest at phi 0: the Poisson fit with intercepts
  both_boundaries = 3,      ///< sigma and phi 0: plain Poisson
  too_few_rows = 4,         ///< rows no more than parameters, or fewer than two patients
  separated = 5,
  collinear = 6,
  invalid_input = 7,
  not_converged = 8
};
[[nodiscard]] constexpr bool usable(InterceptStatus status) {
  return status <= InterceptStatus::both_boundaries;
}
[[nodiscard]] std::string_view name_of(InterceptStatus status);

struct InterceptModel {
  CountModel counts;             ///< collinear columns are refused, whatever `aliased` says
  std::span<const int> patient;  ///< any labels, one a count
  CountFamily family = CountFamily::quadratic_nb;
  int points = 15;  ///< quadrature points, 1 (Laplace) to 101
};

struct InterceptFit {
  InterceptStatus status = InterceptStatus::invalid_input;
  int points = 0;
  int evaluations = 0;  ///< of the likelihood and its gradient
  int patients = 0;
  double log_likelihood = 0.0;  ///< with all constants
  double sigma = 0.0;
  double dispersion = 0.0;    ///< phi; 0 for Poisson
  double se_log_sigma = 0.0;  ///< 0 where sigma is 0
  double se_log_dispersion = 0.0;
  std::vector<double> coefficients;
  std::vector<double> se;          ///< from `covariance`
  std::vector<double> covariance;  ///< of coefficients: joint observed information, inverted
  std::vector<double> effects;     ///< conditional mode of b_g, patients in order of their labels
  /// Test of sigma = 0: under it 0 or chi-square of 1 df, half of the time each.
  double variance_statistic = 0.0;
  double variance_p_value = 1.0;

  [[nodiscard]] double theta() const;  ///< 1 / phi of NB2; infinite at phi 0
};

/// Buffers, kept between fits: a fit of the same columns, on data no larger than before, allocates
/// nothing, but for what NLopt takes for a search.
class InterceptWorkspace {
 public:
  InterceptWorkspace();
  ~InterceptWorkspace();
  InterceptWorkspace(InterceptWorkspace&&) noexcept;
  InterceptWorkspace& operator=(InterceptWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// A refusal is a status, never an exception; only mismatched sizes and a number of points outside
/// its range violate the contract.
[[nodiscard]] InterceptFit fit_random_intercept(const InterceptModel& model);
/// The same; the result lives in the workspace until its next use.
const InterceptFit& fit_random_intercept(const InterceptModel& model,
                                         InterceptWorkspace& workspace);

/// Log-likelihood and gradient at (beta, log sigma, log phi); `log_phi` is ignored for Poisson. The
/// gradient has columns + 2 numbers, the last 0 for Poisson.
struct InterceptGradient {
  double log_likelihood = 0.0;
  std::vector<double> gradient;
};
[[nodiscard]] InterceptGradient random_intercept_likelihood(const InterceptModel& model,
                                                            std::span<const double> beta,
                                                            double log_sigma, double log_phi);

}  // namespace angiotrial::analysis
