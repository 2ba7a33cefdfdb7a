// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Shortest decimal text that reads back to the same double. Whole numbers below 1e15 print
/// without an exponent; a negative zero is `-0.0`. Expects a finite value.
[[nodiscard]] std::string shortest(double value);

/// The same to six significant digits: for numbers that were computed and stand within a sentence.
[[nodiscard]] std::string six_digits(double value);

/// The whole text as a finite number, independent of the locale; none for anything else.
[[nodiscard]] std::optional<double> finite_number(std::string_view text);

}  // namespace angiotrial::formats
