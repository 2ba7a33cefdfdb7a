// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// What to say of the coefficients of a mixed model that has been fitted.
namespace angiotrial::analysis {

/// Covariance of the coefficients, and degrees of freedom, by one method.
enum class MixedInference {
  satterthwaite,        ///< model-based covariance
  kenward_roger,        ///< linear form: without second derivatives of Sigma; SAS's default
  kenward_roger_exact,  ///< with them, in theta; depends on how theta is chosen
  cr0,                  ///< sandwich by patient, Satterthwaite (Bell and McCaffrey 2002)
  cr2,                  ///< its bias-reduced form
  cr3                   ///< its jackknife form
};

struct MixedEstimate {
  double estimate = 0.0;
  double se = 0.0;
  double df = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double statistic = 0.0;  ///< t
  double p_value = 1.0;    ///< two-sided, of 0
  /// False where the corrected variance (Kenward-Roger's can) comes out at or below 0: then only
  /// the estimate holds, and the rest is NaN.
  bool positive_variance = true;
};

struct JointTest {
  int numerator_df = 0;
  double denominator_df = 0.0;
  double f = 0.0;
  double p_value = 1.0;
};

/// A linear combination of the coefficients of the workspace's fit, which must be `fitted`.
/// Kenward-Roger needs REML.
[[nodiscard]] MixedEstimate estimate_contrast(
    MixedWorkspace& workspace, std::span<const double> weights,
    MixedInference inference = MixedInference::kenward_roger, double level = 0.95);

/// That all combinations are 0; `rows` holds them one after the other, linearly independent. Not
/// for the sandwich forms.
[[nodiscard]] JointTest test_jointly(MixedWorkspace& workspace, std::span<const double> rows,
                                     MixedInference inference = MixedInference::kenward_roger);

/// Columns x columns.
[[nodiscard]] std::vector<double> coefficient_covariance(MixedWorkspace& workspace,
                                                         MixedInference inference);

/// Weights of a least-squares mean: the weighted average of rows of a reference grid. Equal weights
/// (empty `weights`) give R's and SAS's default; frequencies give observed margins.
[[nodiscard]] std::vector<double> average_rows(std::span<const double> rows, std::size_t columns,
                                               std::span<const double> weights = {});

}  // namespace angiotrial::analysis
