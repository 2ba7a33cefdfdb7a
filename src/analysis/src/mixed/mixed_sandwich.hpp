// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include "mixed/mixed_state.hpp"

/// Errors by patient: CR0, CR2 and CR3. Coordinates: K = X'VX = R R'; a contrast c becomes
/// z = R^-1 c.
namespace angiotrial::analysis {

/// a becomes R^-T a R^-1 of a symmetric matrix.
void untransform(const MixedState& s, Eigen::MatrixXd& a);

/// X_i'V_i A_i r_i of a patient in the coordinates of R; A_i by the form. Valid until the next
/// call.
[[nodiscard]] const Eigen::VectorXd& patient_score(MixedState& s, Eigen::Index patient,
                                                   MixedInference inference);
/// Covariance of the coefficients: Phi { sum X_i'V_i A_i r_i r_i' A_i' V_i X_i } Phi.
void take_sandwich(MixedState& s, MixedInference inference, Eigen::MatrixXd& out);

/// Whether a contrast rests on one patient alone (leverage 1): then no sandwich has an error for
/// it.
[[nodiscard]] bool rests_on_one(MixedState& s, const Eigen::VectorXd& z);
/// NaN in rows and columns of coefficients that do, after a sandwich.
void strike_out(MixedState& s, Eigen::MatrixXd& covariance);

/// Its degrees of freedom for a contrast.
[[nodiscard]] double sandwich_df(MixedState& s, const Eigen::VectorXd& z, MixedInference inference);

}  // namespace angiotrial::analysis
