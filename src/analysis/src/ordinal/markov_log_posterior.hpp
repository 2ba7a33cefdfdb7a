// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>

#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/random_intercept_likelihood.hpp"
#include "ordinal/threshold_terms.hpp"

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
  /// From here on the modes of the intercepts are foretold from those at `about` and a step along
  /// each column of `root` on both sides, and the gradient is that of the integral.
  void follow_modes(const Eigen::VectorXd& about, const Eigen::MatrixXd& root);

 private:
  /// As the likelihood takes them: log sigma as it is.
  void read(const Eigen::VectorXd& phi);
  double likelihood();
  double add_priors(const Eigen::VectorXd& phi);

  CumulativeRows rows_;
  std::optional<RandomInterceptLikelihood> mixed_;
  std::optional<ThresholdTerms> terms_;  ///< where they are fewer than the rows
  Eigen::Index thresholds_ = 0;
  Eigen::Index coefficients_ = 0;
  Eigen::Index dimension_ = 0;
  double intercept_scale_ = 1.0;
  Eigen::ArrayXd precision_;  ///< of the priors of thresholds and coefficients
  Eigen::VectorXd parameters_, slope_;
  Eigen::MatrixXd unused_;
};

}  // namespace angiotrial::analysis
