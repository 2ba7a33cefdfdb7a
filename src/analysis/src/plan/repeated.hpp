// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/regression.hpp"
#include "plan/task.hpp"
#include "plan/term_design.hpp"

/// What methods for repeated measurements share in plan files: visits, covariance structures, and
/// the degrees of freedom of a mixed model.
namespace angiotrial::analysis {

/// In the order of CovarianceStructure.
inline constexpr std::array<std::string_view, 11> structure_names{
    "unstructured",      "heterogeneous_toeplitz", "toeplitz",    "heterogeneous_ante_dependence",
    "ante_dependence",   "heterogeneous_ar1",      "ar1",         "heterogeneous_compound_symmetry",
    "compound_symmetry", "spatial_exponential",    "random_slope"};
inline constexpr std::array<std::string_view, 2> criterion_names{"reml", "ml"};

struct CovarianceOptions {
  CovarianceStructure covariance = CovarianceStructure::unstructured;
  std::vector<std::string> fallback;
  Criterion criterion = Criterion::reml;
};
/// The keys covariance, fallback and criterion.
void describe_covariance(schema::Visitor& visit, CovarianceOptions& o);
/// None, with a problem, where a name is no structure.
[[nodiscard]] std::optional<std::vector<CovarianceStructure>> fallbacks_of(
    const CovarianceOptions& o, const Task& task);
/// Whether the structure changes when visits change places.
[[nodiscard]] bool order_matters(CovarianceStructure structure);
/// What became of the structures tried before the one fitted; empty where none was.
[[nodiscard]] std::string fall_back_note(const MixedFit& fit);
/// Says why there is no fit.
void refuse_fit(const MixedFit& fit, std::span<const std::string> columns, const Task& task,
                bool may_fall_back = true);

/// What the order of visits in time decides: nothing, a covariance (which two visits have in either
/// order), or more, such as which of them are after an event.
enum class VisitOrder { free, of_covariance, of_time };
/// Keeps the rows at these visits (empty: all found) and names them in order: as listed, by number,
/// or by the column of their number (AVISITN, VISITNUM). Where nothing tells the order and it
/// matters they must be listed; else they are sorted. None, with problems.
[[nodiscard]] std::optional<VisitCodes> keep_visits(Frame& frame, const std::string& column,
                                                    const std::vector<std::string>& listed,
                                                    VisitOrder order, const Task& task);
/// The codes anew, after rows went.
void code_again(Frame& frame, VisitCodes& visits);
/// Problems where a subject has two rows at one visit, or stands in two arms. False if any.
bool require_one_row_per_visit(const Frame& frame, const VisitCodes& visits);
bool require_one_arm_per_subject(const Frame& frame);

/// `; criterion: REML; `.
[[nodiscard]] std::string criterion_words(Criterion criterion);

enum class DegreesOfFreedom {
  preset,
  satterthwaite,
  kenward_roger,
  kenward_roger_exact,
  between_within,
  residual
};
enum class MixedVariance { preset, model, cr0, cr2, cr3 };

struct InferenceOptions {
  DegreesOfFreedom df = DegreesOfFreedom::preset;
  MixedVariance variance = MixedVariance::preset;
};
/// The keys df and variance.
void describe_inference(schema::Visitor& visit, InferenceOptions& o);

/// An estimate, or why there is no more than that.
struct MixedAnswer : Effect {
  std::string_view refusal;  ///< empty: none
};

/// Estimates and joint tests of a fit with the degrees of freedom that the plan asks for.
class MixedAnswers {
 public:
  /// None, with a problem, where options do not go together.
  [[nodiscard]] static std::optional<MixedAnswers> of(const InferenceOptions& o,
                                                      Criterion criterion, const Task& task);
  /// Between-within degrees of freedom from the model fitted, whose first column is the intercept.
  /// False, with a refusal, where none are left.
  bool set_model(MixedWorkspace& workspace, const RepeatedModel& model, const Task& task);

  [[nodiscard]] MixedAnswer estimate(std::span<const double> weights) const;
  /// Of rows that may depend on each other.
  [[nodiscard]] JointTest joint(const std::vector<std::vector<double>>& rows) const;
  /// `variance: model; degrees of freedom: Kenward-Roger (linear); reference: t`.
  [[nodiscard]] std::string words() const;
  /// The sandwich form; cr2 where the variance is that of the model.
  [[nodiscard]] MixedInference sandwich() const;
  [[nodiscard]] std::string_view sandwich_words() const;  ///< `cr2`

 private:
  [[nodiscard]] double fixed_df(std::span<const double> weights) const;
  [[nodiscard]] bool has_fixed_df() const { return df_ >= DegreesOfFreedom::between_within; }

  MixedInference inference_ = MixedInference::kenward_roger;
  DegreesOfFreedom df_ = DegreesOfFreedom::kenward_roger;
  MixedVariance variance_ = MixedVariance::model;
  double level_ = 0.95;
  MixedWorkspace* workspace_ = nullptr;
  std::vector<bool> within_;  ///< by column
  double between_df_ = 0.0, within_df_ = 0.0, residual_df_ = 0.0;
};

/// Rows of an effect, or of a mean where `reference` is empty, with the degrees of freedom; where
/// there is a refusal, or the variance is not positive, only the estimate, with a note.
void put_estimate(Task& task, std::string_view arm, std::string_view reference,
                  const Effect& effect, std::string_view name, std::string_view refusal = "");
void put_estimate(Task& task, std::string_view arm, std::string_view reference,
                  const MixedAnswer& answer, std::string_view name);
/// f, numerator_df, denominator_df and p_value under this group; a note where there is no test.
void put_joint_test(Task& task, std::string_view group, const JointTest& test);

/// residual_sd and residual_correlation by visit; `groups` empty: one covariance.
void put_covariance(Task& task, const MixedFit& fit, std::span<const std::string> visits,
                    std::span<const std::string> groups);
/// log_likelihood, aic, bic, n, n_rows, n_missing.
void put_fit(Task& task, const MixedFit& fit, const Frame& frame, std::size_t missing);

/// The first row of each subject that has one, in the order of rows.
[[nodiscard]] std::vector<std::size_t> first_rows(const Frame& frame);
/// How many subjects have a row.
[[nodiscard]] std::size_t subjects_left(const Frame& frame);

}  // namespace angiotrial::analysis
