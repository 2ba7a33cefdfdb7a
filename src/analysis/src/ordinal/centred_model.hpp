// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "linear/column_scales.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// A model whose columns of x and z are centred and scaled where they stand far from 0 for their
/// spread, or in a unit so large or small that products of them leave no digits. Thresholds take up
/// the centres:
///   beta_a = beta'_a / s_a,   gamma_jc = gamma'_jc / s_c,
///   theta_j = theta'_j + sum over a of beta_a m_a - sum over c of gamma_jc m_c     (at_most)
class CentredModel {
 public:
  /// The model to fit in place of `model`; refers to it and to this object.
  [[nodiscard]] CumulativeModel of(const CumulativeModel& model);
  /// Whether any column was moved: if not, the two that follow change nothing.
  [[nodiscard]] bool moved() const { return proportional_.moved || nominal_.moved; }

  /// Takes parameters (sign at_most; any that follow stay) to the columns as they are, and the
  /// covariance of all of them.
  void restore(Eigen::VectorXd& parameters, Eigen::MatrixXd& covariance) const;
  /// Takes parameters of the columns as they are to those of the centred ones.
  void centre(Eigen::VectorXd& parameters) const;
  /// The part of `restore` that is the covariance's.
  void restore_covariance(Eigen::MatrixXd& covariance) const;

 private:
  struct Columns {
    bool moved = false;
    ColumnScales scales;  ///< 0 and 1 of columns that stay
    std::vector<double> values;

    [[nodiscard]] std::span<const double> read(std::span<const double> from, std::size_t columns);
  };
  [[nodiscard]] Eigen::Index beta(std::size_t a) const;
  [[nodiscard]] Eigen::Index gamma(std::size_t c, Eigen::Index j) const;

  Columns proportional_, nominal_;
  Eigen::Index thresholds_ = 0;
};

}  // namespace angiotrial::analysis
