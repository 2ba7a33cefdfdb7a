// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "ordinal/intercept_kernel.hpp"

#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Rows of a cumulative logit by group and, within a group, by category. With a = theta_y +
/// z'gamma_y
/// - x'beta and b the same of y - 1,
///
///   log p_y(s) = a - s + log(1 - e^-(a - b)) - log(1 + e^(a - s)) - log(1 + e^(b - s))
///
/// Rows that agree in x and z share a pattern: predictors and exponentials are taken once each.
class InterceptRows {
 public:
  InterceptRows(const CumulativeModel& model, std::span<const int> group);

  [[nodiscard]] Eigen::Index thresholds() const { return thresholds_; }
  /// Thresholds, gamma and beta.
  [[nodiscard]] Eigen::Index coefficients() const { return coefficients_; }
  [[nodiscard]] std::size_t groups() const { return below_top_.size(); }
  [[nodiscard]] InterceptGroup group(std::size_t g) const {
    const std::size_t at = first_[g];
    return {&upper_[at], &lower_[at], &weight_[at], first_[g + 1] - at};
  }
  /// Rows of the largest group, padded.
  [[nodiscard]] std::size_t longest() const { return longest_; }
  [[nodiscard]] bool unit_weights() const { return unit_weights_; }
  /// Weight of a group's rows below the top category.
  [[nodiscard]] double below_top(std::size_t g) const { return below_top_[g]; }
  /// The largest e^a or e^b of any row.
  [[nodiscard]] double largest() const { return largest_; }
  /// What the rows add to the log-likelihood whatever the intercepts.
  [[nodiscard]] double constant() const { return constant_; }

  /// Reads predictors; false where the thresholds of a row cross.
  bool read(const Eigen::VectorXd& parameters);
  /// By row of a group: the slopes in a and b of what depends on the intercepts.
  void add(std::size_t g, const double* in_a, const double* in_b);
  /// The gradient in the coefficients of all that was read and added.
  void finish(Eigen::VectorXd& gradient) const;

 private:
  struct Gap {
    double log = 0.0;
    double slope = 0.0;
  };
  static Gap gap(double d);
  void sort(const CumulativeModel& model, std::span<const int> group);
  void read_patterns(const CumulativeModel& model);
  [[nodiscard]] bool common_thresholds() const { return z_.cols() == 0; }
  bool take_common_thresholds(const Eigen::VectorXd& parameters);
  bool take_own_thresholds(const Eigen::VectorXd& parameters);
  void spread_common(const Eigen::VectorXd& parameters);
  void spread_own();
  void add_common(std::size_t g, const double* in_a, const double* in_b);
  void add_own(std::size_t g, const double* in_a, const double* in_b);

  Eigen::Index thresholds_ = 0;
  Eigen::Index coefficients_ = 0;
  Eigen::MatrixXd x_, z_;                 ///< by pattern
  Eigen::ArrayXXd count_;                 ///< weight by pattern and category
  Eigen::ArrayXd pattern_below_top_;      ///< weight by pattern
  Eigen::ArrayXd totals_;                 ///< weight by category
  std::vector<Eigen::Index> pattern_;     ///< by row
  std::vector<std::size_t> origin_;       ///< row of the model, padding left out
  std::vector<std::size_t> first_;        ///< row of a group; one past the last
  std::vector<std::size_t> segment_;      ///< groups x categories: first row
  std::vector<std::size_t> segment_end_;  ///< one past the last
  std::vector<double> weight_, upper_, lower_, below_top_;
  std::size_t longest_ = 0;
  bool unit_weights_ = true;

  Eigen::ArrayXd eta_;
  Eigen::ArrayXd scale_;           ///< e^-eta by pattern, where all share the thresholds
  Eigen::ArrayXXd factor_;         ///< otherwise 0, e^threshold_0 .. e^threshold_(K-2), 0
  Eigen::ArrayXXd slope_;          ///< by pattern and threshold; summed over these where shared
  Eigen::VectorXd theta_slope_;    ///< of the thresholds, where all share them
  Eigen::VectorXd below_top_sum_;  ///< x' below top
  double constant_ = 0.0;
  double largest_ = 0.0;
};

}  // namespace angiotrial::analysis
