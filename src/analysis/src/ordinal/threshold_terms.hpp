// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "ordinal/gauss_rule.hpp"

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <vector>

namespace angiotrial::analysis {

/// The likelihood of a cumulative logit without nominal columns as a sum over thresholds. With n_y
/// the weight of category y and S the sum of w x below the top category,
///
///   log L = sum_y n_y (theta_y + log(1 - e^-(theta_y - theta_(y-1)))) - S'beta
///           - sum_i w_i log(1 + e^(theta_j(i) - x_i'beta))
///
/// A row of category y enters the last sum at the thresholds y and y - 1. At each threshold, rows
/// that agree in all columns but one, called time here, are a discrete measure over time. Where it
/// has more than `nodes` points its Gauss rule stands for it. The terms are analytic in time as
/// long as the predictor stays within a strip of half width pi, so the error is that of a
/// polynomial of degree 2 nodes - 1 there: below 1e-13 of the sum where the predictor moves by no
/// more than twice `largest_half_width` over the measure.
class ThresholdTerms {
 public:
  static constexpr std::size_t nodes = 12;
  static constexpr double largest_half_width = 1.5;

  /// Logit link, no nominal columns, `outermost` infinite.
  explicit ThresholdTerms(const CumulativeModel& model);

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(weight_.size()); }
  /// Value and gradient in (theta, beta); -infinity where thresholds cross; nothing where the rule
  /// or an exponential could fail.
  [[nodiscard]] std::optional<double> evaluate(const Eigen::VectorXd& parameters,
                                               Eigen::VectorXd& gradient);

 private:
  /// Columns of x, by term, while they are gathered.
  struct Terms {
    std::vector<std::vector<double>> x;
    std::vector<double> weight;
  };
  void sum_linear_parts(const CumulativeModel& model);
  void append(const double* x, std::size_t time, const DiscreteMeasure& measure, Terms& terms);

  Eigen::Index thresholds_ = 0;
  Eigen::Index time_ = 0;
  double half_width_ = 0.0;          ///< of the widest measure that a rule stands for
  Eigen::ArrayXd totals_;            ///< n
  Eigen::VectorXd below_top_;        ///< S
  std::vector<Eigen::Index> first_;  ///< term of a threshold; one past the last
  Eigen::MatrixXd x_;
  Eigen::ArrayXd weight_, power_, mean_;
};

}  // namespace angiotrial::analysis
