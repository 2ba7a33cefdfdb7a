// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/grid.hpp>

#include <span>
#include <vector>

/// The equation of helmholtz.hpp once more: plain loops in the grid's order, double precision, no
/// colours, no weights. Slow, and short enough to be checked by eye; the fast solver is held to it.
namespace angiotrial::numerics {

/// An equation to be solved; arrays in the grid's order, `decay` > 0 in open cells.
struct ReferenceEquation {
  Grid grid;
  const Walls* walls = nullptr;
  double diffusivity = 0.0;
  std::span<const double> decay;
};

/// k V c - sum over faces of D/h^2 f (c_neighbour - c), per unit of cell volume; 0 in solid cells.
[[nodiscard]] std::vector<double> reference_apply(const ReferenceEquation& equation,
                                                  std::span<const double> field);

/// |s V - A c| / |s V| in the root of the sum of squares; expects a source.
[[nodiscard]] double reference_residual(const ReferenceEquation& equation,
                                        std::span<const double> source,
                                        std::span<const double> field);

/// Conjugate gradients from 0 until reference_residual is below `tolerance`, 10 000 steps at most.
[[nodiscard]] std::vector<double> reference_solve(const ReferenceEquation& equation,
                                                  std::span<const double> source, double tolerance);

}  // namespace angiotrial::numerics
