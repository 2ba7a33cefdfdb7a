// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "passes.hpp"
#include "vectors.hpp"

/// What the passes do to eight cells of a row, to be inlined into each clone.
namespace angiotrial::numerics {

/// Sums in a fixed number of lanes, whatever vectors the machine has.
struct LaneSums {
  Doubles squares{}, total{};

  ANGIOTRIAL_ALWAYS_INLINE void add(const Doubles& value) {
    squares += value * value;
    total += value;
  }
  [[nodiscard]] ANGIOTRIAL_ALWAYS_INLINE PlaneSums sums() const {
    PlaneSums result;
    for (int l = 0; l < chunk; ++l) {
      result.squares += squares[l];
      result.total += total[l];
    }
    return result;
  }
};

/// Row (j, k) of an array in the grid's order, or zeros beyond the box.
template <class T>
ANGIOTRIAL_ALWAYS_INLINE const T* row_or_zeros(const Layout& layout, const Equation& equation,
                                               const T* array, int j, int k) {
  const bool within = j >= 0 && j < layout.ny && k >= 0 && k < layout.nz;
  return within ? array + layout.natural(j, k) : reinterpret_cast<const T*>(equation.zeros.data());
}

/// One row and what its residual needs.
template <class Real>
struct Row {
  const Real *source, *c, *south, *north, *below, *above;
  const double* diagonal;
  double coupling;
  int nx;
};

/// Faces of one row, for a geometry with cut cells.
struct RowFaces {
  const float *volume, *east, *north, *above, *south, *below;
};

ANGIOTRIAL_ALWAYS_INLINE RowFaces faces_of_row(const Layout& layout, const Equation& equation,
                                               int j, int k) {
  const std::ptrdiff_t at = layout.natural(j, k);
  return {equation.volume.data() + at,
          equation.face[0].data() + at,
          equation.face[1].data() + at,
          equation.face[2].data() + at,
          row_or_zeros(layout, equation, equation.face[1].data(), j - 1, k),
          row_or_zeros(layout, equation, equation.face[2].data(), j, k - 1)};
}

/// Sum of f over the six faces of cells i .. i + 7.
ANGIOTRIAL_ALWAYS_INLINE void links_of(const RowFaces& f, int i, int nx, Doubles& out) {
  Doubles west, east, south, north, below, above;
  load_of_row(f.east, i, nx, east);
  load_before(f.east, i, nx, east, west);
  load_of_row(f.south, i, nx, south);
  load_of_row(f.north, i, nx, north);
  load_of_row(f.below, i, nx, below);
  load_of_row(f.above, i, nx, above);
  out = ((((west + east) + south) + north) + below) + above;
}

/// sum f c of the neighbours.
template <bool Cut, class Real>
ANGIOTRIAL_ALWAYS_INLINE void around(const Row<Real>& row, const RowFaces& f, int i,
                                     const Doubles& own, Doubles& out) {
  const int nx = row.nx;
  Doubles west, east, south, north, below, above;
  load_before(row.c, i, nx, own, west);
  load_after(row.c, i, nx, own, east);
  load_of_row(row.south, i, nx, south);
  load_of_row(row.north, i, nx, north);
  load_of_row(row.below, i, nx, below);
  load_of_row(row.above, i, nx, above);
  if constexpr (Cut) {
    Doubles to_west, to_east, to_south, to_north, to_below, to_above;
    load_of_row(f.east, i, nx, to_east);
    load_before(f.east, i, nx, to_east, to_west);
    load_of_row(f.south, i, nx, to_south);
    load_of_row(f.north, i, nx, to_north);
    load_of_row(f.below, i, nx, to_below);
    load_of_row(f.above, i, nx, to_above);
    out = ((to_west * west + to_east * east) + (to_south * south + to_north * north)) +
          (to_below * below + to_above * above);
  } else {
    out = ((west + east) + (south + north)) + (below + above);
  }
}

/// s V, 0 in solid cells.
template <bool Cut, class Real>
ANGIOTRIAL_ALWAYS_INLINE void source_of_cells(const Row<Real>& row, const RowFaces& f, int i,
                                              const Doubles& diagonal, Doubles& out) {
  load_of_row(row.source, i, row.nx, out);
  if constexpr (Cut) {
    Doubles volume;
    load_of_row(f.volume, i, row.nx, volume);
    out *= volume;
  }
  Masks open;
  find_positive(diagonal, open);
  keep_where(open, out);
}

template <bool Cut, class Real>
ANGIOTRIAL_ALWAYS_INLINE void residual_of_cells(const Row<Real>& row, const RowFaces& f, int i,
                                                bool blank, Doubles& out) {
  Doubles diagonal;
  load_of_row(row.diagonal, i, row.nx, diagonal);
  source_of_cells<Cut>(row, f, i, diagonal, out);
  if (blank) return;
  Doubles own, sum;
  load_of_row(row.c, i, row.nx, own);
  around<Cut>(row, f, i, own, sum);
  out = (out - diagonal * own) + row.coupling * sum;
  Masks open;
  find_positive(diagonal, open);
  keep_where(open, out);
}

}  // namespace angiotrial::numerics
