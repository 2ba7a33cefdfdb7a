// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "passes.hpp"
#include "sweep.hpp"

#include <optional>

namespace angiotrial::numerics {

/// What a Helmholtz solver keeps between solves, whatever its precision.
struct Problem {
  Problem(const Grid& grid, const Walls& walls, double diffusivity);

  /// As if built anew, in the memory that is there.
  void rebuild(const Grid& grid, const Walls& walls, double diffusivity);

  /// Expects k > 0 in open cells; one value, or one for each cell.
  void set_decay(double decay);
  void set_decay(std::span<const float> decay);

  /// Its arrays as a half sweep needs them.
  [[nodiscard]] Sweep sweep();

  Layout layout;
  Equation equation;
  Chessboard inverse, right, field;
  std::vector<Chessboard> face;  ///< three where cells are cut, else none
  std::vector<PlaneSums> sums;   ///< of each plane
  std::vector<float> before;     ///< smoothed_rho's, kept for its memory
  double unit = 1.0;             ///< the scaled equation is the true one over this
  double rho = 0.0;              ///< bound on the spectral radius of Jacobi's iteration
  bool ready = false;            ///< decay is set

 private:
  void fill(const Grid& grid, const Walls& walls, double diffusivity);
  void keep_faces(const Walls& walls);
  void split_faces();
  void count_links();
  double smoothed_rho();
  template <class Decay>
  void assemble_for(Decay decay, double typical);
};

}  // namespace angiotrial::numerics
