// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "layout.hpp"

namespace angiotrial::numerics {

/// One half sweep, in single precision, of the scaled equation
///
///   e <- e + omega [ (b + q sum f e_neighbour)/d - e ]   on one colour
///
/// Everything in chessboard storage; `face` is null where every face between open cells is open.
struct Sweep {
  const Layout* layout = nullptr;
  std::array<float*, 2> field{};                      ///< e
  std::array<const float*, 2> right{};                ///< b, 0 in solid cells
  std::array<const float*, 2> inverse{};              ///< 1/d, 0 in solid cells
  std::array<std::array<const float*, 3>, 2> face{};  ///< f towards +x, +y, +z
  float coupling = 0.0F;                              ///< q
};

/// Rows [first, last) of plane k.
void sweep_rows(const Sweep& sweep, int colour, int k, int first, int last, float omega);
void sweep_cut_rows(const Sweep& sweep, int colour, int k, int first, int last, float omega);

}  // namespace angiotrial::numerics
