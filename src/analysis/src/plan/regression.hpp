// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/task.hpp"

/// What every regression of a plan begins with: response, exposure and terms of complete rows.
namespace angiotrial::analysis {

struct RegressionTerms {
  std::string response;
  std::string exposure;  ///< its logarithm is the offset; empty: none
  std::vector<std::string> covariates, classes;
  std::vector<std::string> also_complete;  ///< columns that other options name; no key
  std::string visit;                       ///< where subjects have a row a visit; no key
};

/// The keys response, exposure, covariates and classes.
void describe_terms(schema::Visitor& visit, RegressionTerms& terms);

struct RegressionData {
  Frame frame;
  Design design;  ///< intercept, arms, covariates
  std::vector<double> response, offset;
  std::vector<std::string> covariates, classes;
  std::size_t missing = 0;   ///< rows left out for a missing value
  bool repeated = false;     ///< some subject has more than one row
  std::size_t subjects = 0;  ///< of the rows that are left

  /// The design with every row put into `arm`, row by row.
  [[nodiscard]] std::vector<double> design_in_arm(std::size_t arm) const;
};

/// None, with problems, where a column is missing or wrong, or an arm has no row.
[[nodiscard]] std::optional<RegressionData> regression_data(const RegressionTerms& terms,
                                                            Task& task);

/// A problem where an exposure is named for a response whose mean is not in proportion to it: any
/// but counts. False if so.
[[nodiscard]] bool check_exposure(const RegressionTerms& terms, Family family, const Task& task);

/// Adds a problem for each response that the family cannot have. False if any.
bool check_range(const RegressionData& data, const std::string& column, Family family);

/// Adds a problem for each subject with several rows, as for errors that the plan leaves open.
/// False if any. `errors` are those to hint at.
bool one_row_unless_said(const RegressionData& data, const std::string& errors);

/// Responses as counts from 0 to 10^6; problems for others.
[[nodiscard]] std::vector<int> counts_of(const RegressionData& data, const std::string& column);

/// Where the data are and, if one column of the design alone leaves a likelihood of counts or of
/// proportions without a maximum, which: for a refusal.
[[nodiscard]] std::string where_separated(const RegressionData& data, Family family);

/// Why there is no error by subject.
inline constexpr std::string_view rests_on_one_subject =
    "it rests on one subject alone, of whose error a sandwich by subject tells nothing";

/// Why there is no error robust to unequal variances.
inline constexpr std::string_view rests_on_own_row =
    "it rests on a row that determines its own fitted value";

/// The rows of an adjusted mean; where it has no error only the mean, and why in a note.
void put_adjusted_mean(Task& task, std::string_view arm, const Effect& mean,
                       std::string_view why = rests_on_one_subject);

/// Rows n and n_missing.
void put_counts(const RegressionData& data, Task& task);

}  // namespace angiotrial::analysis
