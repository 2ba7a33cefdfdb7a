// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::analysis {

/// A hint with the nearest candidate; empty where none is near.
[[nodiscard]] inline std::string did_you_mean(std::string_view word,
                                              const std::vector<std::string>& candidates) {
  const auto near = diagnostics::nearest(word, candidates);
  return near ? "did you mean " + *near + "?" : "";
}

}  // namespace angiotrial::analysis
