// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <optional>
#include <string_view>

/// Cells of tables as values that may be missing: a missing number is NaN, a missing flag empty.
namespace angiotrial::dataset {

[[nodiscard]] inline std::optional<double> maybe(double x) {
  return std::isnan(x) ? std::nullopt : std::optional(x);
}
[[nodiscard]] inline std::optional<int> maybe_int(double x) {
  return std::isnan(x) ? std::nullopt : std::optional(static_cast<int>(x));
}
template <class Quantity>
[[nodiscard]] std::optional<Quantity> maybe_quantity(double x) {
  return std::isnan(x) ? std::nullopt : std::optional(Quantity(x));
}
[[nodiscard]] inline std::optional<bool> maybe_flag(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text == "Y");
}

}  // namespace angiotrial::dataset
