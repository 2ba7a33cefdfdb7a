// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Imputation of a continuous outcome at repeated visits, on the means and the covariance of a
/// mixed model for repeated measures, under an assumption on what follows an intercurrent event;
/// then an analysis of covariance at each visit.
///
/// Carpenter, Roger and Kenward 2013, J Biopharm Stat 23:1352 (the assumptions); Wolbers et al.
/// 2022, Pharm Stat 21:1246 (conditional means and jackknife). Conventions of the R package rbmi.
namespace angiotrial::analysis {

/// Mean of a patient of arm a at visits t from the event's on; before it, that of arm a. mu is the
/// model's mean with the patient's own covariates, r the reference of arm a, e the last visit
/// before the event.
enum class ImputationStrategy {
  missing_at_random = 0,         ///< mu_a(t)
  jump_to_reference = 1,         ///< mu_r(t)
  copy_reference = 2,            ///< mu_r at every visit, also before the event
  copy_increments = 3,           ///< mu_a(e) + mu_r(t) - mu_r(e)
  last_mean_carried_forward = 4  ///< mu_a(e)
};
[[nodiscard]] std::string_view name_of(ImputationStrategy strategy);

enum class ImputationStatus {
  imputed = 0,
  invalid_input = 1,         ///< a covariate that is not finite, a label out of range, ...
  no_model = 2,              ///< `fit` says why
  collinear_analysis = 3,    ///< the analysis of covariance is not of full rank
  not_without_patient = 4,   ///< `patient` left out, there is no model or analysis
  too_many_failed_draws = 5  ///< more than one draw in five had no model
};
[[nodiscard]] std::string_view name_of(ImputationStatus status);

enum class DeltaScope {
  after_event,   ///< missing values from the patient's event on
  every_missing  ///< all missing values
};

struct IncompleteTrial {
  std::size_t patients = 0;
  int visits = 0;                   ///< 1 to 64
  std::span<const double> outcome;  ///< patients x visits; NaN: missing
  std::span<const int> arm;         ///< 0 to arms - 1; arm 0 is the comparator of the analysis
  int arms = 2;
  std::span<const int> reference;  ///< by arm; empty: arm 0
  /// Baseline covariates of the model, with a coefficient at each visit; patients x columns.
  std::span<const double> by_visit;
  std::size_t by_visit_columns = 0;
  /// Baseline covariates of the model with one coefficient at all visits.
  std::span<const double> constant;
  std::size_t constant_columns = 0;
  /// Covariates of the analysis of the completed data.
  std::span<const double> adjustment;
  std::size_t adjustment_columns = 0;
  /// First visit after the intercurrent event, `visits`: no event. Empty: none has one.
  std::span<const int> event_visit;
  /// By patient, or one for all; empty: missing at random. Without an event it means nothing.
  std::span<const ImputationStrategy> strategy;
  CovarianceStructure structure = CovarianceStructure::unstructured;
  std::span<const CovarianceStructure> fallbacks;  ///< as in RepeatedModel
  bool covariance_by_arm = false;
  Criterion criterion = Criterion::reml;
  /// Added to imputed values, arms x visits; empty: nothing.
  std::span<const double> delta;
  DeltaScope delta_scope = DeltaScope::after_event;
  std::span<const int>
      label;  ///< of patients, distinct, 0 or above: key of their draws; empty: row
  double level = 0.95;
};

struct ImputedEstimate {
  int visit = 0;
  int arm = 0;  ///< of a contrast: this arm less arm 0
  double estimate = 0.0;
  double se = 0.0;
  double df = 0.0;  ///< infinite: normal reference
  double lower = 0.0;
  double upper = 0.0;
  double statistic = 0.0;
  double p_value = 1.0;              ///< two-sided, of 0
  double missing_information = 0.0;  ///< of multiple imputation
};

struct ImputationResult {
  ImputationStatus status = ImputationStatus::invalid_input;
  MixedFit fit;                            ///< of all patients
  std::size_t patient = 0;                 ///< of the refusal
  int failed_draws = 0;                    ///< drawn again
  std::vector<ImputedEstimate> contrasts;  ///< visit by visit, arms 1 to arms - 1
  std::vector<ImputedEstimate> means;  ///< visit by visit, arms 0 to arms - 1, at mean covariates
  std::vector<double> completed;       ///< patients x visits; missing: conditional or drawn means
};

/// How the parameters of an imputation are drawn.
enum class ParameterDraw {
  bootstrap,            ///< refit to patients resampled within arms (rbmi's approximate Bayes)
  normal_approximation  ///< theta normal at the maximum, then the coefficients given theta
};

struct MultipleImputation {
  int imputations = 0;  ///< 2 to 65535
  ParameterDraw draw = ParameterDraw::bootstrap;
  std::uint32_t replicate = 0;  ///< of a simulated trial
};

/// Keeps its memory between calls.
class ImputationWorkspace {
 public:
  ImputationWorkspace();
  ~ImputationWorkspace();
  ImputationWorkspace(ImputationWorkspace&&) noexcept;
  ImputationWorkspace& operator=(ImputationWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Conditional means, deterministic, with the jackknife over patients: the model is refitted
/// without each. Normal reference. The result lives in the workspace until its next use. A refusal
/// is a status, never an exception; only mismatched sizes violate the contract.
const ImputationResult& impute_conditional_means(const IncompleteTrial& trial,
                                                 ImputationWorkspace& workspace);

/// Draws from the conditional distribution, pooled by Rubin's rules with Barnard and Rubin's
/// degrees of freedom.
const ImputationResult& impute_multiply(const IncompleteTrial& trial,
                                        const MultipleImputation& plan, std::uint64_t seed,
                                        ImputationWorkspace& workspace);

}  // namespace angiotrial::analysis
