// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

/// Exact Euclidean distances on a grid. Private.
namespace angiotrial::heart {

/// Distance in mm from each cell's centre to the nearest centre of a cell that is a source; 1e9
/// where there is none. Separable lower envelopes of parabolas (Felzenszwalb and Huttenlocher 2012,
/// Theory of Computing 8:415), one axis after the other.
[[nodiscard]] std::vector<float> distances_mm(const std::array<int, 3>& cells,
                                              const std::array<double, 3>& spacing_mm,
                                              const std::function<bool(std::size_t)>& is_source);

}  // namespace angiotrial::heart
