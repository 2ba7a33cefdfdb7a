// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include "mixed/mixed_state.hpp"

/// What contrasts and joint tests share. Coordinates: K = X'VX = R R'; a contrast c becomes
/// z = R^-1 c, so that c'Phi c = z'z.
namespace angiotrial::analysis {

/// P_i in these coordinates.
[[nodiscard]] inline Eigen::Map<const Eigen::MatrixXd> p_tilde(const MixedState& s,
                                                               Eigen::Index i) {
  return {s.p_tilde.col(i).data(), s.p, s.p};
}

[[nodiscard]] bool is_sandwich(MixedInference inference);

/// Of the coefficients; lives in the state until its next use.
[[nodiscard]] const Eigen::MatrixXd& covariance_by(MixedState& s, MixedInference inference);

/// 2 v^2 / var(v), v = z'z the variance of a contrast: Fai and Cornelius 1996.
[[nodiscard]] double satterthwaite_df(MixedState& s, const Eigen::VectorXd& z);

}  // namespace angiotrial::analysis
