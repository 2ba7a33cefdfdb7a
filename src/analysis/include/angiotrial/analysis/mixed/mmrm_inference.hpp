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
  kenward_roger,        ///< linear form: without second derivatives of Sigma
  kenward_roger_exact,  ///< with them, in theta; depends on how theta is chosen
  cr0,                  ///< sandwich by patient, Satterthwaite (Bell and McCaffrey 2002)
  cr2,                  ///< its bias-reduced form
  cr3                   ///< its jackknife form
};

struct MixedEstimate {
  double estimate = 0.0;
  double se = 0.0;
  double df = 0.0;
  double lower = 0.0;  ///< NaN, as upper and p_value, where df is not finite and above 0
  double upper = 0.0;
  double statistic = 0.0;  ///< t
  double p_value = 1.0;    ///< two-sided, of 0
  /// False where the corrected variance (Kenward-Roger's can) comes out at or below 0: then only
  /// the estimate holds, and the rest is NaN.
  bool positive_variance = true;
  /// True where a sandwich was asked for and the combination rests on one patient alone (leverage
  /// 1), whose error nobody tells: only the estimate holds, as above.
  bool rests_on_one = false;
};

struct JointTest {
  int numerator_df = 0;
  double denominator_df = 0.0;
  double f = 0.0;
  double p_value = 1.0;
  bool rests_on_one = false;  ///< as in MixedEstimate, of any combination: f and p_value are NaN
  /// True where a sandwich has fewer independent directions than there are combinations, as with
  /// more contrasts than patients less arms: NaN too.
  bool too_many_directions = false;
};

/// A linear combination of the coefficients of the workspace's fit, which must be `fitted`.
/// Kenward-Roger needs REML.
[[nodiscard]] MixedEstimate estimate_contrast(
    MixedWorkspace& workspace, std::span<const double> weights,
    MixedInference inference = MixedInference::kenward_roger, double level = 0.95);

/// That all combinations are 0; `rows` holds them one after the other, linearly independent.
/// f and p_value are NaN where the corrected variance is not positive definite. Kenward-Roger:
/// their scaled F; the others: Fai and Cornelius's match over independent directions.
[[nodiscard]] JointTest test_jointly(MixedWorkspace& workspace, std::span<const double> rows,
                                     MixedInference inference = MixedInference::kenward_roger);

/// Columns x columns; of the sandwiches NaN for coefficients that rest on one patient alone.
[[nodiscard]] std::vector<double> coefficient_covariance(MixedWorkspace& workspace,
                                                         MixedInference inference);

/// What a patient's outcomes say of its random effects: G Z' Sigma_i^-1 (y_i - X_i beta).
struct RandomEffects {
  bool defined = false;  ///< false: an unknown patient, or a structure without random effects
  std::vector<double> effects;  ///< intercept; for random_slope also the slope
};
/// For random_slope, random_intercept, and for compound_symmetry with a correlation of 0 or above
/// (a random intercept). By the patient's label in the model.
[[nodiscard]] RandomEffects predict_random_effects(MixedWorkspace& workspace, int patient);

/// Means over a population of what the model predicts if everybody were in one arm (g-computation).
struct StandardisedMeans {
  std::vector<double> estimate;    ///< one an arm
  std::vector<double> covariance;  ///< arms x arms
  /// Whether the mean of an arm (a, a), or the difference of two (a, b), rests on one patient
  /// alone: then the covariance holds no error of it. Arms x arms.
  std::vector<char> rests_on_one;
};
/// `rows` holds, arm by arm, one design row for each of `population` (labels of patients, each
/// once). The variance is that of the influence function: of the coefficients by the sandwich form
/// (cr0, cr2 or cr3) and of the covariates in the population, with what the two share.
[[nodiscard]] StandardisedMeans standardise_means(MixedWorkspace& workspace,
                                                  std::span<const double> rows,
                                                  std::span<const int> population,
                                                  MixedInference inference = MixedInference::cr2);

/// Wald's test that all combinations of standardised means are 0; `rows` holds a weight a mean, row
/// by row, linearly independent. NaN where their covariance is singular.
struct StandardisedTest {
  int df = 0;
  double chi_square = 0.0;
  double p_value = 1.0;
};
[[nodiscard]] StandardisedTest test_standardised(const StandardisedMeans& means,
                                                 std::span<const double> rows);

/// Weights of a least-squares mean: the weighted average of rows of a reference grid. Equal weights
/// (empty `weights`) give R's and SAS's default; frequencies give observed margins.
[[nodiscard]] std::vector<double> average_rows(std::span<const double> rows, std::size_t columns,
                                               std::span<const double> weights = {});

}  // namespace angiotrial::analysis
