// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <span>
#include <vector>

/// Cumulative logit with a normal random intercept, by maximum likelihood.
///
///   P(Y_i <= j | u) = F(theta_j + z_i' gamma_j - x_i' beta - sigma u_g(i)),   u_g ~ N(0, 1)
///
/// The integral over each u is adaptive Gauss-Hermite quadrature about its mode (Liu and Pierce
/// 1994); one node is the Laplace approximation.
namespace angiotrial::analysis {

struct RandomInterceptModel {
  CumulativeModel fixed;       ///< logit link; `outermost` infinite
  std::span<const int> group;  ///< a label a row, of any values
  int nodes = 10;              ///< 1 to 101
};

struct RandomInterceptFit {
  OrdinalStatus status = OrdinalStatus::invalid_input;
  double log_likelihood = 0.0;
  double sd = 0.0;  ///< sigma; 0 where the status is `no_variance`
  double se_log_sd = 0.0;
  std::vector<double> coefficients;  ///< in the order of CumulativeFit
  std::vector<double> se;
  /// Of coefficients and log sigma, inverse observed information of the approximated likelihood;
  /// under `no_variance` of the coefficients alone.
  std::vector<double> covariance;
  std::vector<double> intercepts;  ///< sigma times the mode of u, by group in ascending label
  int evaluations = 0;
};

/// `no_variance`: the likelihood falls as sigma leaves 0; the fit is then that of the fixed model.
/// `coarse_quadrature`: twice the nodes (at least 21; above 50 half of them) move the
/// log-likelihood at the maximum by 0.01 or more, or leave it so far below that without intercepts;
/// of one node the second only is asked. A refusal is a status; only mismatched sizes violate the
/// contract.
[[nodiscard]] RandomInterceptFit fit_random_intercept(const RandomInterceptModel& model);

}  // namespace angiotrial::analysis
