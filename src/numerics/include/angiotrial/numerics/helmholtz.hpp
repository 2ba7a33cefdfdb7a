// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/grid.hpp>

#include <memory>
#include <span>

/// The quasi-steady field of a diffusing, decaying substance in tissue with closed walls:
///
///   div( D grad c ) - k c + s = 0,   n . D grad c = 0 at walls
///
/// by finite volumes on seven points. Rounds of single-precision sweeps on the correction, with the
/// residual in double precision between them. Red-black sweeps with Chebyshev weights known in
/// advance: no sums over the grid, so the same bytes at any number of threads and after any
/// restart.
namespace angiotrial::numerics {

/// When to stop: after `sweeps` if above 0, else when the residual is below `tolerance` of the
/// source, both in the root of the sum of squares. A tolerance beyond what Real can hold (about
/// 1e-6 for float) ends when a round gains less than a factor of 2; the certificate tells.
struct Stop {
  double tolerance = 1.0e-8;
  int sweeps = 0;
};

/// Proof kept with a solution, computed in double precision.
struct Certificate {
  double relative_residual = 0.0;  ///< |s - k c + div D grad c| / |s|, 0 for no source
  double balance_error = 0.0;      ///< |sum k c V / sum s V - 1|
  int sweeps = 0;
};

/// Real is float or double. Decay and source may change from solve to solve.
template <class Real>
class Helmholtz {
 public:
  /// Expects walls of the grid's size and diffusivity >= 0.
  Helmholtz(const Grid& grid, const Walls& walls, double diffusivity);
  ~Helmholtz();
  Helmholtz(Helmholtz&&) noexcept;
  Helmholtz& operator=(Helmholtz&&) noexcept;

  /// Takes another geometry, as if built anew but in the memory that is there; decay is to be set.
  void rebuild(const Grid& grid, const Walls& walls, double diffusivity);

  /// k per unit of time, everywhere or in each cell; > 0 in open cells.
  void set_decay(double decay);
  void set_decay(std::span<const float> decay);

  /// `source` per unit of tissue volume and time in each cell (ignored in solid cells); `field`
  /// holds a first guess on entry and c on leaving, 0 in solid cells. Far from any source c may be
  /// below 0 by the tolerance. Arrays in the grid's order. Expects finite numbers in open cells.
  Certificate solve(std::span<const Real> source, std::span<Real> field, const Stop& stop,
                    int threads = 1);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class Helmholtz<float>;
extern template class Helmholtz<double>;

}  // namespace angiotrial::numerics
