// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include <optional>

#include "plan/regression.hpp"

/// Linear and generalised linear models fitted to the rows of a plan.
namespace angiotrial::analysis {

/// A fitted model with what it was fitted to.
struct FittedRegression {
  RegressionData data;
  LinearModel model;
  LinearFit fit;

  /// Gaussian: whether nothing is left of the responses but rounding.
  [[nodiscard]] bool fits_exactly() const;
};
inline constexpr std::string_view no_variation =
    "no standard error: a row determines its own fitted value, or there is no variation";

/// None where the model was refused, or data or options were bad.
[[nodiscard]] std::optional<FittedRegression> fit_regression(const RegressionTerms& terms,
                                                             Family family, Task& task);

}  // namespace angiotrial::analysis
