// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "passes.hpp"
#include "vector_clones.hpp"

#include <algorithm>

/// What the passes do to one row, to be inlined into each clone.
namespace angiotrial::numerics {

/// Sums in a fixed number of lanes, whatever vectors the machine has.
struct LaneSums {
  double squares[chunk] = {}, total[chunk] = {};

  ANGIOTRIAL_ALWAYS_INLINE void add(const double* value, int count) {
    int i = 0;
    for (; i + chunk <= count; i += chunk) {
      for (int l = 0; l < chunk; ++l) {
        squares[l] += value[i + l] * value[i + l];
        total[l] += value[i + l];
      }
    }
    for (int l = 0; i < count; ++i, ++l) {
      squares[l] += value[i] * value[i];
      total[l] += value[i];
    }
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

/// One row and what its residual needs.
template <class Real>
struct Row {
  const Real *source, *c, *south, *north, *below, *above;
  const double* diagonal;
  double coupling;
};

/// Faces of one row, for a geometry with cut cells.
struct RowFaces {
  const float *volume, *east, *north, *above, *south, *below;
};

/// Residuals of cells [begin, end). Pointers and the factor are copied so that the compiler knows
/// that they stay; the first and the last cell have a neighbour fewer.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void row_residual(const Row<Real>& row, int begin, int end, int nx,
                                           double* __restrict out) {
  const Real *const s = row.source, *const c = row.c;
  const Real *const south = row.south, *const north = row.north;
  const Real *const below = row.below, *const above = row.above;
  const double *const diagonal = row.diagonal, q = row.coupling;
  const auto at = [=](int i, double west, double east) ANGIOTRIAL_ALWAYS_INLINE_LAMBDA {
    const double sum = ((west + east) + (double{south[i]} + double{north[i]})) +
                       (double{below[i]} + double{above[i]});
    return (double{s[i]} - diagonal[i] * double{c[i]}) + q * sum;
  };
  const int inner_begin = std::max(begin, 1), inner_end = std::min(end, nx - 1);
  for (int i = inner_begin; i < inner_end; ++i) {
    out[i - begin] = at(i, double{c[i - 1]}, double{c[i + 1]});
  }
  if (begin == 0) out[0] = at(0, 0.0, nx > 1 ? double{c[1]} : 0.0);
  if (end == nx && nx > 1) out[nx - 1 - begin] = at(nx - 1, double{c[nx - 2]}, 0.0);
  for (int i = begin; i < end; ++i) out[i - begin] = diagonal[i] > 0.0 ? out[i - begin] : 0.0;
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void cut_row_residual(const Row<Real>& row, const RowFaces& f, int begin,
                                               int end, int nx, double* __restrict out) {
  const Real *const s = row.source, *const c = row.c;
  const Real *const south = row.south, *const north = row.north;
  const Real *const below = row.below, *const above = row.above;
  const double *const diagonal = row.diagonal, q = row.coupling;
  const float *const volume = f.volume, *const to_east = f.east;
  const float *const to_south = f.south, *const to_north = f.north;
  const float *const to_below = f.below, *const to_above = f.above;
  const auto at = [=](int i, double west, double east) ANGIOTRIAL_ALWAYS_INLINE_LAMBDA {
    const double across =
        double{to_south[i]} * double{south[i]} + double{to_north[i]} * double{north[i]};
    const double upright =
        double{to_below[i]} * double{below[i]} + double{to_above[i]} * double{above[i]};
    const double sum = ((west + east) + across) + upright;
    return (double{volume[i]} * double{s[i]} - diagonal[i] * double{c[i]}) + q * sum;
  };
  const auto link = [=](int i, int neighbour) ANGIOTRIAL_ALWAYS_INLINE_LAMBDA {
    return double{to_east[std::min(i, neighbour)]} * double{c[neighbour]};
  };
  const int inner_begin = std::max(begin, 1), inner_end = std::min(end, nx - 1);
  for (int i = inner_begin; i < inner_end; ++i) {
    out[i - begin] =
        at(i, double{to_east[i - 1]} * double{c[i - 1]}, double{to_east[i]} * double{c[i + 1]});
  }
  if (begin == 0) out[0] = at(0, 0.0, nx > 1 ? link(0, 1) : 0.0);
  if (end == nx && nx > 1) out[nx - 1 - begin] = at(nx - 1, link(nx - 1, nx - 2), 0.0);
  for (int i = begin; i < end; ++i) out[i - begin] = diagonal[i] > 0.0 ? out[i - begin] : 0.0;
}

/// s V of cells [begin, end), 0 in solid ones.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void row_source(const Real* s, const float* volume, const double* diagonal,
                                         int begin, int end, double* __restrict out) {
  if (volume != nullptr) {
    for (int i = begin; i < end; ++i) {
      out[i - begin] = diagonal[i] > 0.0 ? double{volume[i]} * double{s[i]} : 0.0;
    }
  } else {
    for (int i = begin; i < end; ++i) out[i - begin] = diagonal[i] > 0.0 ? double{s[i]} : 0.0;
  }
}

/// Clears c in solid cells of [begin, end) and counts the cells that are not 0.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE int clear_row(const double* diagonal, int begin, int end,
                                       Real* __restrict c) {
  int nonzero = 0;
  for (int i = begin; i < end; ++i) {
    c[i] = diagonal[i] > 0.0 ? c[i] : Real{0};
    nonzero += c[i] != Real{0} ? 1 : 0;
  }
  return nonzero;
}

}  // namespace angiotrial::numerics
