// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/task.hpp"

/// What every model of ordered categories in a plan begins with.
namespace angiotrial::analysis {

enum class SignOption { preset, r, rms };
enum class OddsOf { higher, lower };

struct OrdinalTerms {
  std::string response;
  std::vector<std::string> levels, covariates, classes, nominal;
  std::vector<std::string> scale;  ///< described by the methods that have scale effects
  SignOption sign = SignOption::preset;
  OddsOf odds = OddsOf::higher;
};

void describe_ordinal(schema::Visitor& visit, OrdinalTerms& terms);
[[nodiscard]] ThresholdSign sign_of(const OrdinalTerms& terms, Preset preset);
/// `; `-joined conventions that every such model has.
[[nodiscard]] std::string ordinal_conventions(const OrdinalTerms& terms, Preset preset);

/// Ordered categories and the one of each row.
struct Categories {
  std::vector<std::string> names;
  std::vector<double> numbers;  ///< of the names; empty where they are texts
  std::vector<int> codes;

  [[nodiscard]] std::ptrdiff_t find(std::string_view name) const;  ///< -1: no such category
};

struct OrdinalData {
  Frame frame;
  Categories y;
  /// Without intercept. The arms (but the reference) are the first columns of one of the two.
  Design proportional, nominal;
  bool arm_nominal = false;
  Design scale;             ///< without intercept; may hold arms
  std::size_t missing = 0;  ///< rows left out for a missing value
  bool repeated = false;    ///< some subject has more than one row
  OrdinalTerms terms;

  /// Designs of every row put into `arm`: proportional, then nominal.
  [[nodiscard]] std::pair<Design, Design> designs_in_arm(std::size_t arm) const;
};

/// None, with problems, where a column is missing or wrong, or an arm has no row. `also`: further
/// columns without which a row is not complete.
[[nodiscard]] std::optional<OrdinalData> ordinal_data(const OrdinalTerms& terms,
                                                      std::span<const std::string> also,
                                                      const Task& task);
/// Codes of another column with the same categories, -1 where missing; problems for others.
[[nodiscard]] std::vector<int> codes_in(const Categories& y, Frame& frame,
                                        const std::string& column);

/// A log odds ratio of an arm as a weighted sum of the coefficients of a fit.
struct ArmContrast {
  std::size_t arm = 0;
  std::string group;  ///< threshold or day it holds for; empty: all
  std::vector<double> weights;
};
/// Where the columns of a design stand among the parameters.
struct ParameterPlaces {
  std::size_t parameters = 0;
  std::size_t nominal = 0;       ///< first of the nominal covariates
  std::size_t proportional = 0;  ///< first of the proportional covariates
};
[[nodiscard]] std::vector<ArmContrast> arm_contrasts(const OrdinalData& data, ThresholdSign sign,
                                                     const ParameterPlaces& places);

/// Whether each arm has two subjects: with one, its scores sum to 0 and the sandwich has no
/// variance for it. False with a refusal.
[[nodiscard]] bool enough_clusters(const OrdinalData& data, const Task& task);

/// Wald test that all these parameters are 0: chi-squared with as many degrees of freedom.
[[nodiscard]] LikelihoodRatioTest joint_wald_test(std::span<const double> coefficients,
                                                  std::span<const double> covariance,
                                                  std::span<const std::size_t> parameters);

/// Rows `chi_squared`, df and p_value of a test named by `group`.
void put_test(const LikelihoodRatioTest& test, std::string_view group, Task& task);
/// `unit` of the scale of the link.
void put_thresholds(const OrdinalData& data, ThresholdSign sign,
                    std::span<const double> coefficients, std::span<const double> covariance,
                    std::size_t parameters, Task& task, std::string_view unit = "ln odds");
/// `status: columns` for a refusal.
[[nodiscard]] std::string refusal_of(const CumulativeFit& fit, const OrdinalData& data);

/// What a scale multiplies the spread of the latent variable by: rows scale_ratio, and the test
/// against the model without it. `fit` has the coefficients of the scale last.
void put_scale(const OrdinalData& data, const CumulativeFit& location, const CumulativeFit& fit,
               Task& task);
/// Likelihood ratio against the model without the arms.
void put_test_of_arms(const OrdinalData& data, const CumulativeModel& model,
                      const CumulativeFit& fit, Task& task);
/// Likelihood ratio of a coefficient a threshold for the arms against one for all thresholds.
void put_test_of_proportional_odds(const OrdinalData& data, const CumulativeModel& model,
                                   const CumulativeFit& fit, Task& task);

}  // namespace angiotrial::analysis
