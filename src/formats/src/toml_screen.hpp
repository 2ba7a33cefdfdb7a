// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Looks over a TOML text before the library sees it, and returns the first thing the library
/// would choke on (an assert, a stack overflow, quadratic time) rather than report:
///
///   control characters, a carriage return alone, non-ASCII outside quotes and comments,
///   strings and brackets that do not close or do not match, nesting deeper than 64, a name of
///   more than 16 parts, more than 10 000 table headers and dotted names, a header without a name
///
/// Expects valid UTF-8 without a byte-order mark.
[[nodiscard]] std::optional<diagnostics::Problem> screen_toml(std::string_view text,
                                                              const std::string& file);

}  // namespace angiotrial::formats
