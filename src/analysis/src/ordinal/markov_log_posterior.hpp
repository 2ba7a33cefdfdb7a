// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>

#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/random_intercept_likelihood.hpp"

#include <Eigen/Core>
#include <optional>
#include <span>

namespace angiotrial::analysis {

/// log posterior in unconstrained coordinates:
///   phi_0 = theta_0, phi_j = log(theta_j - theta_(j-1)), then gamma and beta as they are, then
///   log sigma where there are patients; Jacobians included.
class MarkovLogPosterior {
 public:
  /// `cells` outlive this object.
  MarkovLogPosterior(const CumulativeModel& cells, std::span<const int> patient, int nodes,
                     const MarkovPriors& priors);

  [[nodiscard]] Eigen::Index dimension() const { return dimension_; }
  double evaluate(const Eigen::VectorXd& phi, Eigen::VectorXd& gradient);
  /// Thresholds, coefficients and sigma.
  void natural(std::span<const double> phi, std::span<double> parameters) const;
  /// A first guess: observed shares of the categories, no effects.
  [[nodiscard]] Eigen::VectorXd guess() const;
  void keep_modes();

 private:
  double add_priors(const Eigen::VectorXd& phi);

  CumulativeRows rows_;
  std::optional<RandomInterceptLikelihood> mixed_;
  Eigen::Index thresholds_ = 0;
  Eigen::Index coefficients_ = 0;
  Eigen::Index dimension_ = 0;
  double intercept_scale_ = 1.0;
  Eigen::ArrayXd precision_;  ///< of the priors of thresholds and coefficients
  Eigen::VectorXd parameters_, slope_;
  Eigen::MatrixXd unused_;
};

}  // namespace angiotrial::analysis
