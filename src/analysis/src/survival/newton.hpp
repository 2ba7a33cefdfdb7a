// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>

#include "linear/column_scales.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Newton's decrement squared at which one more quadratic step is exact to rounding.
inline constexpr double last_decrement = 1.0e-12;
/// With less than this gain to come and a linear predictor that still moves so far, the
/// likelihood has no maximum: a step of a regular fit would be of the order of its root.
inline constexpr double monotone_decrement = 1.0e-9;
inline constexpr double monotone_move = 0.03;

/// A robust variance below this share of the model's is rounding of 0.
inline constexpr double no_variance = 1.0e-12;

/// Columns that earlier ones explain: what they leave of a column's information is below 1e-10 of
/// it, or there is hardly any against `weight`, the weight of all events.
[[nodiscard]] std::vector<std::size_t> explained_columns(const Eigen::MatrixXd& information,
                                                         double weight);
/// Memory of the question whether there are any, kept between calls.
struct ExplainedScratch {
  Eigen::VectorXd root;
  Eigen::MatrixXd correlation;
  Eigen::LLT<Eigen::MatrixXd> cholesky;
};
[[nodiscard]] bool any_explained(const Eigen::MatrixXd& information, double weight,
                                 ExplainedScratch& scratch);
/// Largest |x'step| over the rows of `x`, one after the other.
[[nodiscard]] double furthest_move(std::span<const double> x, const Eigen::VectorXd& step);

}  // namespace angiotrial::analysis
