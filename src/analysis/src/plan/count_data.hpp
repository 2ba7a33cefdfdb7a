// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/regression.hpp"

/// What the count methods of a plan share: counts, contrasts of arms, references.
namespace angiotrial::analysis {

/// Columns of a design brought about 0 and to spread 1, so that a covariate of 10^5 +- 1 or of
/// 10^-8 is fitted as one of 0 +- 1. The first column, the intercept, takes up the shifts; it and
/// the columns of `kept` stay as they are, and so do constant columns, to be refused as collinear.
class ColumnScale {
 public:
  ColumnScale() = default;
  ColumnScale(std::span<const double> design, std::size_t columns,
              std::span<const std::size_t> kept = {});
  void apply(std::span<double> design) const;

 private:
  std::vector<double> shift_, scale_;
};

/// Arms against the reference at the mean of the covariates:
///
///   w_a = mean over rows of x_i(arm a) - mean over rows of x_i(reference)
///
/// In a design without products of the arm, w_a picks the coefficient of arm a.
class ArmContrasts {
 public:
  explicit ArmContrasts(const RegressionData& data);

  [[nodiscard]] const std::vector<double>& weights(std::size_t arm) const { return weights_[arm]; }
  [[nodiscard]] const std::vector<double>& mean_row(std::size_t arm) const { return rows_[arm]; }
  [[nodiscard]] bool products() const { return products_; }  ///< some w_a mixes coefficients

  /// The same model with products of the arm centred, so that the coefficient of arm a is w_a'beta:
  /// x_c loses w_a,c times the indicator of arm a. Other columns than those of arms are scaled.
  [[nodiscard]] std::vector<double> centred(std::span<const double> design) const;
  /// w_a in the centred design: 1 for the coefficient of arm a.
  [[nodiscard]] std::vector<double> pick(std::size_t arm) const;

 private:
  /// Products of the arm centred, nothing scaled.
  [[nodiscard]] std::vector<double> swept(std::span<const double> design) const;

  std::vector<std::vector<double>> rows_, weights_;
  std::vector<std::size_t> arm_columns_;
  ColumnScale scale_;
  bool products_ = false;
};

/// Whether each arm has two rows.
[[nodiscard]] bool two_in_each_arm(const RegressionData& data);

/// w'beta with its error from the covariance of beta; t where df is given.
[[nodiscard]] Effect contrast_effect(std::span<const double> weights,
                                     std::span<const double> coefficients,
                                     std::span<const double> covariance, double level,
                                     std::optional<double> df);

/// Names of columns that depend on earlier ones, of a count model that was refused for it.
[[nodiscard]] std::string collinear_names(const CountModel& model,
                                          std::span<const std::string> names);

/// normal, or t with a number of units less the number of coefficients; preset: t, but normal for
/// the conventions of R and SAS.
enum class Reference { preset, normal, t };
void describe_reference(schema::Visitor& visit, Reference& reference, std::string_view units,
                        std::string_view more = "");
[[nodiscard]] std::optional<double> reference_df(Reference reference, Preset preset,
                                                 std::size_t units, std::size_t coefficients);
/// `reference: t (54 df)` or `reference: normal`.
[[nodiscard]] std::string in_words(const std::optional<double>& df);

/// Marginal means by arm under `name`, with `name`_ratio and `name`_difference against the
/// reference; no ratio where a mean is not above 0. Normal reference. Interval, error and test of
/// both begin with their names, of the ratio not where it is the `main` effect of the arm.
void put_marginal(const Frame& frame, const MarginalMeans& means, const std::string& name,
                  bool main, Task& task);

/// A count model that needs one row a subject says so. False if subjects repeat.
[[nodiscard]] bool one_row_a_subject(const RegressionData& data, std::string hint, Task& task);

}  // namespace angiotrial::analysis
