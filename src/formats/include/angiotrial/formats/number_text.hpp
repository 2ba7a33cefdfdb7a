// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace angiotrial::formats {

/// Shortest decimal text that reads back to the same double. Whole numbers below 1e15 print
/// without an exponent; a negative zero is `-0.0`. Expects a finite value.
[[nodiscard]] std::string shortest(double value);

}  // namespace angiotrial::formats
