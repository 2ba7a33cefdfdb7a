// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "layout.hpp"

namespace angiotrial::numerics {

/// The equation in double precision, in the grid's own order, per cell and unit of cell volume:
///
///   diagonal c - q sum f c_neighbour = s V,   diagonal = k V + q sum f,   q = D/h^2
struct Equation {
  std::vector<float> links;                ///< sum f over the six faces; empty if cut
  std::vector<double> diagonal;            ///< 0 in solid cells
  std::vector<float> volume;               ///< V
  std::array<std::vector<float>, 3> face;  ///< f towards +, 0 at solid cells; empty if not cut
  std::vector<double> zeros;               ///< a row beyond the box
  double coupling = 0.0;                   ///< q
  bool cut = false;                        ///< some share is neither 0 nor 1
};

/// What passes find out, per plane, so that totals never depend on who worked on which plane.
struct PlaneSums {
  double squares = 0.0, total = 0.0;
  bool nonzero = false;
};

/// Correction and right-hand side in chessboard storage, both times `scale`.
struct Correction {
  std::array<float*, 2> field{};
  std::array<float*, 2> right{};
  std::array<const float*, 2> inverse{};
  double right_scale = 1.0;  ///< residual to b
  double field_scale = 1.0;  ///< e to c
};

/// Sets the diagonal and 1/diagonal for one decay, or for one in each cell.
struct DecayPass {
  const Layout* layout = nullptr;
  Equation* equation = nullptr;
  std::array<float*, 2> inverse{};  ///< in chessboard storage, times `unit`
  double unit = 1.0;
  double typical = 1.0;  ///< decay, of any open cell
  double least = 0.0;    ///< out: decay of open cells
  double rho = 0.0;      ///< out: largest quotient of q sum f to diagonal
};
void assemble(DecayPass& pass, double decay);
void assemble(DecayPass& pass, const float* decay);

/// Sums of s V over plane k; clears c in solid cells; `nonzero` tells whether any c is not 0.
template <class Real>
PlaneSums source_plane(const Layout& layout, const Equation& equation, const Real* source,
                       Real* field, int k);

/// Residual of plane k, left in `right`; `field` is set to the first half sweep from e = 0, which
/// is b/d on colour 0. `blank` says that c is 0.
template <class Real>
PlaneSums residual_plane(const Layout& layout, const Equation& equation, const Real* source,
                         const Real* field, bool blank, const Correction& correction, int k);

/// c <- c + e
template <class Real>
void correct_plane(const Layout& layout, const Correction& correction, Real* field, int k);

}  // namespace angiotrial::numerics
