// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/ventricle.hpp>

#include <array>
#include <span>

namespace angiotrial::heart {

/// Mass-weighted mean of a field over each AHA segment; element 0 is segment 1. Expects one value
/// per microregion.
[[nodiscard]] std::array<double, segment_count> segment_means(const Ventricle& ventricle,
                                                              std::span<const double> field);

}  // namespace angiotrial::heart
