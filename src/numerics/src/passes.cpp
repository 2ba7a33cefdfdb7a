// SPDX-License-Identifier: Apache-2.0
#include "passes.hpp"

#include "rows.hpp"
#include "vector_clones.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// Cells taken at a time, so that what is known of them stays at hand.
constexpr int block = 64 * chunk;

/// Row (j, k) of an array in the grid's order, or zeros beyond the box.
template <class T>
ANGIOTRIAL_ALWAYS_INLINE const T* row_or_zeros(const Layout& layout, const Equation& equation,
                                               const T* array, int j, int k) {
  const bool within = j >= 0 && j < layout.ny && k >= 0 && k < layout.nz;
  return within ? array + layout.natural(j, k) : reinterpret_cast<const T*>(equation.zeros.data());
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE Row<Real> row_of(const Layout& layout, const Equation& equation,
                                          const Real* source, const Real* c, int j, int k) {
  const std::ptrdiff_t at = layout.natural(j, k);
  return {source + at,
          c + at,
          row_or_zeros(layout, equation, c, j - 1, k),
          row_or_zeros(layout, equation, c, j + 1, k),
          row_or_zeros(layout, equation, c, j, k - 1),
          row_or_zeros(layout, equation, c, j, k + 1),
          equation.diagonal.data() + at,
          equation.coupling};
}

ANGIOTRIAL_ALWAYS_INLINE RowFaces faces_of(const Layout& layout, const Equation& equation, int j,
                                           int k) {
  const std::ptrdiff_t at = layout.natural(j, k);
  return {equation.volume.data() + at,
          equation.face[0].data() + at,
          equation.face[1].data() + at,
          equation.face[2].data() + at,
          row_or_zeros(layout, equation, equation.face[1].data(), j - 1, k),
          row_or_zeros(layout, equation, equation.face[2].data(), j, k - 1)};
}

/// Null where shares are all 0 or 1.
ANGIOTRIAL_ALWAYS_INLINE const float* volume_of(const Layout& layout, const Equation& equation,
                                                int j, int k) {
  return equation.cut ? equation.volume.data() + layout.natural(j, k) : nullptr;
}

/// Residuals of cells 2 begin .. to b at places begin .. of both half rows, and the first half
/// sweep to e. A last cell without a partner leaves the partner's place at 0.
ANGIOTRIAL_ALWAYS_INLINE void split_row(const Correction& to, const double* values, int begin,
                                        int count, std::ptrdiff_t at, std::size_t even) {
  const std::size_t odd = 1 - even;
  float* b[2] = {to.right[even] + at + begin, to.right[odd] + at + begin};
  const double scale = to.right_scale;
  const int pairs = count / 2;
  for (int m = 0; m < pairs; ++m) {
    b[0][m] = static_cast<float>(values[2 * m] * scale);
    b[1][m] = static_cast<float>(values[2 * m + 1] * scale);
  }
  if (count % 2 != 0) b[0][pairs] = static_cast<float>(values[count - 1] * scale);
  const int places = (count + 1) / 2;
  const float* const inverse = to.inverse[0] + at + begin;
  const float* right = to.right[0] + at + begin;
  float* e = to.field[0] + at + begin;
  for (int m = 0; m < places; ++m) e[m] = inverse[m] * right[m];
  float* rest = to.field[1] + at + begin;
  for (int m = 0; m < places; ++m) rest[m] = 0.0F;
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE PlaneSums residual_plane_of(const Layout& layout, const Equation& equation,
                                                     const Real* source, const Real* field,
                                                     bool blank, const Correction& correction,
                                                     int k) {
  double values[block];
  LaneSums sums;
  for (int j = 0; j < layout.ny; ++j) {
    const std::span<const Run> runs = layout.runs_of(j, k);
    if (runs.empty()) continue;
    const Row<Real> row = row_of(layout, equation, source, field, j, k);
    const float* volume = volume_of(layout, equation, j, k);
    for (const Run& run : runs) {
      const int run_end = std::min(2 * run.end, layout.nx);
      for (int begin = 2 * run.begin; begin < run_end; begin += block) {
        const int count = std::min(block, run_end - begin);
        if (blank) {
          row_source(row.source, volume, row.diagonal, begin, begin + count, values);
        } else if (volume != nullptr) {
          cut_row_residual(row, faces_of(layout, equation, j, k), begin, begin + count, layout.nx,
                           values);
        } else {
          row_residual(row, begin, begin + count, layout.nx, values);
        }
        sums.add(values, count);
        split_row(correction, values, begin / 2, count, layout.at(j, k),
                  static_cast<std::size_t>((j + k) & 1));
      }
    }
  }
  return sums.sums();
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void correct_plane_of(const Layout& layout, const Correction& correction,
                                               Real* field, int k) {
  const double scale = correction.field_scale;
  for (int j = 0; j < layout.ny; ++j) {
    const auto even = static_cast<std::size_t>((j + k) & 1);
    const float* first = correction.field[even] + layout.at(j, k);
    const float* second = correction.field[1 - even] + layout.at(j, k);
    Real* c = field + layout.natural(j, k);
    for (const Run& run : layout.runs_of(j, k)) {
      const int pairs_end = std::min(run.end, layout.nx / 2);
      for (int m = run.begin; m < pairs_end; ++m) {
        c[2 * m] = static_cast<Real>(double{c[2 * m]} + scale * double{first[m]});
        c[2 * m + 1] = static_cast<Real>(double{c[2 * m + 1]} + scale * double{second[m]});
      }
      if (pairs_end < run.end && layout.nx % 2 != 0) {
        Real& last = c[layout.nx - 1];
        last = static_cast<Real>(double{last} + scale * double{first[layout.nx / 2]});
      }
    }
  }
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE PlaneSums source_plane_of(const Layout& layout, const Equation& equation,
                                                   const Real* source, Real* field, int k) {
  double values[block];
  LaneSums sums;
  bool nonzero = false;
  for (int j = 0; j < layout.ny; ++j) {
    const std::ptrdiff_t at = layout.natural(j, k);
    const double* diagonal = equation.diagonal.data() + at;
    const float* volume = volume_of(layout, equation, j, k);
    int cleared = 0;  // cells before the first run, and between runs, are solid
    for (const Run& run : layout.runs_of(j, k)) {
      std::fill(field + at + cleared, field + at + 2 * run.begin, Real{0});
      cleared = std::min(2 * run.end, layout.nx);
      for (int begin = 2 * run.begin; begin < cleared; begin += block) {
        const int count = std::min(block, cleared - begin);
        row_source(source + at, volume, diagonal, begin, begin + count, values);
        nonzero = clear_row(diagonal, begin, begin + count, field + at) > 0 || nonzero;
        sums.add(values, count);
      }
    }
    std::fill(field + at + cleared, field + at + layout.nx, Real{0});
  }
  PlaneSums result = sums.sums();
  result.nonzero = nonzero;
  return result;
}

// A clone cannot be a template: one pair of entries for each precision.
ANGIOTRIAL_VECTOR_CLONES PlaneSums source_of(const Layout& layout, const Equation& equation,
                                             const float* source, float* field, int k) {
  return source_plane_of(layout, equation, source, field, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums source_of(const Layout& layout, const Equation& equation,
                                             const double* source, double* field, int k) {
  return source_plane_of(layout, equation, source, field, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums residual_of(const Layout& layout, const Equation& equation,
                                               const float* source, const float* field, bool blank,
                                               const Correction& correction, int k) {
  return residual_plane_of(layout, equation, source, field, blank, correction, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums residual_of(const Layout& layout, const Equation& equation,
                                               const double* source, const double* field,
                                               bool blank, const Correction& correction, int k) {
  return residual_plane_of(layout, equation, source, field, blank, correction, k);
}
ANGIOTRIAL_VECTOR_CLONES void correct_of(const Layout& layout, const Correction& correction,
                                         float* field, int k) {
  correct_plane_of(layout, correction, field, k);
}
ANGIOTRIAL_VECTOR_CLONES void correct_of(const Layout& layout, const Correction& correction,
                                         double* field, int k) {
  correct_plane_of(layout, correction, field, k);
}

}  // namespace

template <class Real>
PlaneSums source_plane(const Layout& layout, const Equation& equation, const Real* source,
                       Real* field, int k) {
  return source_of(layout, equation, source, field, k);
}

template <class Real>
PlaneSums residual_plane(const Layout& layout, const Equation& equation, const Real* source,
                         const Real* field, bool blank, const Correction& correction, int k) {
  return residual_of(layout, equation, source, field, blank, correction, k);
}

template <class Real>
void correct_plane(const Layout& layout, const Correction& correction, Real* field, int k) {
  correct_of(layout, correction, field, k);
}

template PlaneSums source_plane(const Layout&, const Equation&, const float*, float*, int);
template PlaneSums source_plane(const Layout&, const Equation&, const double*, double*, int);
template PlaneSums residual_plane(const Layout&, const Equation&, const float*, const float*, bool,
                                  const Correction&, int);
template PlaneSums residual_plane(const Layout&, const Equation&, const double*, const double*,
                                  bool, const Correction&, int);
template void correct_plane(const Layout&, const Correction&, float*, int);
template void correct_plane(const Layout&, const Correction&, double*, int);

}  // namespace angiotrial::numerics
