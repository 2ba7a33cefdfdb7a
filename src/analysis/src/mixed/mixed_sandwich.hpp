// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include "mixed/mixed_state.hpp"

namespace angiotrial::analysis {

/// a becomes R^-T a R^-1 of a symmetric matrix, K = X'VX = R R'.
void untransform(const MixedState& s, Eigen::MatrixXd& a);

/// Covariance of the coefficients by patient: CR0, CR2 or CR3.
/// X_i'V_i A_i r_i of a patient in the coordinates of R; A_i by the form.
[[nodiscard]] Eigen::VectorXd patient_score(MixedState& s, const PatientRows& patient,
                                            MixedInference inference);
[[nodiscard]] Eigen::MatrixXd sandwich(MixedState& s, MixedInference inference);

/// Whether a contrast with coordinates z = R^-1 c rests on one patient alone (leverage 1): then no
/// sandwich has an error for it.
[[nodiscard]] bool rests_on_one(MixedState& s, const Eigen::VectorXd& z);

/// Its degrees of freedom for the contrast whose coordinates are z = R^-1 c.
[[nodiscard]] double sandwich_df(MixedState& s, const Eigen::VectorXd& z, MixedInference inference);

}  // namespace angiotrial::analysis
