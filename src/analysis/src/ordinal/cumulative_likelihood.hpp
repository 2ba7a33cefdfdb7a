// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// Which derivatives an evaluation is asked for.
enum class Order { value, gradient, information };

/// Rows of a cumulative link model in blocks of `lanes`, each block of one category and stored
/// column by column; the last block of a category is filled up with rows of weight 0.
class CumulativeRows {
 public:
  static constexpr std::size_t lanes = 32;
  using Lane = Eigen::Array<double, static_cast<int>(lanes), 1>;

  /// The order of the rows of a category: by weight costs a sort and saves logarithms later.
  enum class Packing { as_given, by_weight };

  void read(const CumulativeModel& model, Packing packing = Packing::as_given);

  [[nodiscard]] std::size_t thresholds() const { return thresholds_; }
  [[nodiscard]] std::size_t nominal() const { return nominal_; }
  [[nodiscard]] std::size_t proportional() const { return proportional_; }
  [[nodiscard]] std::size_t parameters() const {
    return thresholds_ * (1 + nominal_) + proportional_;
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t blocks() const { return category_.size(); }
  [[nodiscard]] CumulativeLink link() const { return link_; }

  [[nodiscard]] std::size_t category(std::size_t block) const { return category_[block]; }
  /// The row of the model in this place; of those that fill up, any.
  [[nodiscard]] std::size_t origin(std::size_t block, std::size_t lane) const {
    return origin_[block * lanes + lane];
  }
  [[nodiscard]] const double* weight(std::size_t block) const { return &weight_[block * lanes]; }
  [[nodiscard]] const double* x(std::size_t block, std::size_t column) const {
    return &x_[(block * proportional_ + column) * lanes];
  }
  [[nodiscard]] const double* z(std::size_t block, std::size_t column) const {
    return &z_[(block * nominal_ + column) * lanes];
  }
  [[nodiscard]] double outermost() const { return outermost_; }
  /// Weight by category.
  [[nodiscard]] const std::vector<double>& totals() const { return totals_; }

 private:
  void fill_up();

  std::size_t rows_ = 0;
  std::size_t thresholds_ = 0;
  std::size_t nominal_ = 0;
  std::size_t proportional_ = 0;
  CumulativeLink link_ = CumulativeLink::logit;
  double outermost_ = 0.0;
  std::vector<std::size_t> category_, origin_, order_, next_;
  std::vector<double> weight_, x_, z_, totals_;
};

/// Log-likelihood of parameters in the order of CumulativeFit, sign at_most; -infinity where the
/// thresholds of a row cross. `gradient` and `information` (minus the Hessian, both triangles) are
/// of the right size already and are written as far as `order` asks.
[[nodiscard]] double cumulative_likelihood(const CumulativeRows& rows,
                                           const Eigen::VectorXd& parameters, Order order,
                                           Eigen::VectorXd& gradient, Eigen::MatrixXd& information);

/// The score of each row, rows x parameters, weights included.
[[nodiscard]] Eigen::MatrixXd cumulative_scores(const CumulativeRows& rows,
                                                const Eigen::VectorXd& parameters);

}  // namespace angiotrial::analysis
