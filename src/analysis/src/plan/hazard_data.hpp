// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/survival_data.hpp"

/// What the regressions of hazards and times share: terms, design, and rows of their effects.
namespace angiotrial::analysis {

enum class TiesChoice { preset, efron, breslow, exact };
inline constexpr std::array<std::string_view, 4> ties_names{"preset", "efron", "breslow", "exact"};
[[nodiscard]] CoxTies ties_of(TiesChoice choice, Preset preset);
[[nodiscard]] std::string_view name_of(CoxTies ties);

struct HazardTerms {
  std::vector<std::string> covariates, classes;
};
/// The keys covariates and classes.
void describe_terms(schema::Visitor& visit, HazardTerms& terms);

/// A design of arms and covariates, with an intercept or without.
struct HazardDesign {
  std::vector<double> values;
  std::vector<std::string> names;
  std::vector<int> term;                ///< of each column: 0 the arms, then the covariates
  std::vector<std::string> term_names;  ///< the arms are `arm`
  std::size_t intercept = 0;            ///< columns before those of the arms: 0 or 1

  [[nodiscard]] std::size_t columns() const { return names.size(); }
};
[[nodiscard]] HazardDesign hazard_design(Frame& frame, const HazardTerms& terms,
                                         bool with_intercept = false);

/// For the conventions where some term is a product with the arm; else empty.
[[nodiscard]] std::string words_of_products(const HazardTerms& terms);

/// A problem for each row that begins before an earlier one of its subject and stratum has ended.
bool check_overlap(const TimeData& data, const std::string& column);

/// The ratio of each arm to the reference, and of each covariate as a group of its name.
void put_ratios(const Frame& frame, const HazardDesign& design,
                std::span<const double> coefficients, std::span<const double> se,
                std::string_view name, Task& task);

/// Whether there are estimates, with errors or without.
[[nodiscard]] inline bool has_maximum(CoxStatus status) {
  return status == CoxStatus::fitted || status == CoxStatus::no_robust_variance;
}

/// Says why there is no fit: the status, and the columns that others explain.
void refuse_fit(CoxStatus status, std::span<const std::size_t> aliased, const HazardDesign& design,
                Task& task, std::string hint = "");

}  // namespace angiotrial::analysis
