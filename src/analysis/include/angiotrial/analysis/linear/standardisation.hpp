// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Standardisation (g-computation): the mean outcome had all patients been in one arm, from a
/// working model of the outcome, and effects between arms on any scale.
namespace angiotrial::analysis {

enum class MarginalStatus {
  computed = 0,
  few_patients,   ///< an arm of fewer than two patients has no variance of its own
  outside_scale,  ///< a mean not above 0 for a ratio, not within 0 to 1 for an odds ratio
  no_variation    ///< nothing is left that varies: no standard error
};
[[nodiscard]] std::string_view name_of(MarginalStatus status);

struct MarginalMeans {
  std::vector<double> mean;        ///< by arm
  std::vector<double> covariance;  ///< arms x arms
  MarginalStatus status = MarginalStatus::computed;
  int thin_strata = 0;  ///< strata from which StratumMeans::corrected takes nothing
};

/// How the mean residual of an arm in a stratum enters what permuted blocks take from the variance.
enum class StratumMeans {
  as_published,  ///< squared as it is, its own noise with it: for strata of many patients
  corrected      ///< less the variance of that mean, s^2 / n; strata that have a patient or none in
                 ///< some arm, where s is unknown, take nothing
};

/// A trial with what a working model predicts for each patient in each arm.
struct StandardisedTrial {
  std::span<const double> response;
  std::span<const int> arm;             ///< 0 to arms - 1
  std::span<const double> predictions;  ///< one row a patient, `arms` numbers each
  int arms = 0;
  /// Strata of a stratified permuted-block randomisation, 0 upwards; empty: simple randomisation.
  std::span<const int> stratum;
  StratumMeans stratum_means = StratumMeans::as_published;
};

/// Mean prediction plus the mean residual of the arm, with the covariance of Ye, Shao, Yi and Zhao
/// (2023): valid whether or not the working model is right. Under permuted blocks the part of the
/// variance that the blocks remove is subtracted. Refused where an arm has fewer than two patients.
[[nodiscard]] MarginalMeans standardise(const StandardisedTrial& trial);

/// Buffers of standardisation, for many trials one after the other. Not for two threads at once.
class StandardisationWorkspace {
 public:
  StandardisationWorkspace();
  ~StandardisationWorkspace();
  StandardisationWorkspace(StandardisationWorkspace&&) noexcept;
  StandardisationWorkspace& operator=(StandardisationWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
/// The result lives in the workspace until its next use. Once warm it asks for no memory, but under
/// permuted blocks.
const MarginalMeans& standardise(const StandardisedTrial& trial,
                                 StandardisationWorkspace& workspace);

/// What the model predicts for each patient in each arm. `designs` holds the arms one after the
/// other, each a design of all patients; the offset is the patient's own.
[[nodiscard]] std::vector<double> predict_arms(const LinearModel& model, const LinearFit& fit,
                                               std::span<const double> designs, int arms);

/// Mean predictions with the delta-method covariance J V J', V the covariance of the coefficients:
/// conditional on the covariates of the patients there are. To HC errors rows of leverage 1 add
/// nothing: `share_of_self_fitting_rows` says how much rests on them.
[[nodiscard]] MarginalMeans standardise_by_delta(const LinearModel& model, const LinearFit& fit,
                                                 std::span<const double> designs, int arms,
                                                 LinearVariance variance);

enum class EffectScale { difference, log_ratio, log_odds_ratio };

struct MarginalEffect {
  double estimate = 0.0;
  double se = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< two-sided, normal reference
  MarginalStatus status = MarginalStatus::computed;
};

/// Arm against reference. Refused where the scale is not defined at both means, above 0 for a ratio
/// and within 0 to 1 for an odds ratio (all is NaN), or the difference has no variance (all but
/// it).
[[nodiscard]] MarginalEffect marginal_effect(const MarginalMeans& means, int arm, int reference,
                                             EffectScale scale, double level = 0.95);

}  // namespace angiotrial::analysis
