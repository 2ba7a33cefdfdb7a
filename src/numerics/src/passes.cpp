// SPDX-License-Identifier: Apache-2.0
#include "passes.hpp"

#include "rows.hpp"
#include "vector_clones.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

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
          equation.coupling,
          layout.nx};
}

/// Residuals of eight cells at `place` of both half rows, and the first half sweep to e.
ANGIOTRIAL_ALWAYS_INLINE void split_cells(const Correction& to, const Doubles& values,
                                          std::ptrdiff_t place, std::size_t even) {
  const Doubles scaled = values * to.right_scale;
  store_split(scaled, to.right[even] + place, to.right[1 - even] + place);
  const auto& inverse = *reinterpret_cast<const HalfAnywhere*>(to.inverse[0] + place);
  const auto& right = *reinterpret_cast<const HalfAnywhere*>(to.right[0] + place);
  *reinterpret_cast<HalfAnywhere*>(to.field[0] + place) = inverse * right;
  *reinterpret_cast<HalfAnywhere*>(to.field[1] + place) = HalfAnywhere{};
}

/// Short rows end before the machine has guessed what comes: it is told, some rows before. An
/// address beyond the arrays does no harm. In double precision no gain was seen.
constexpr int ahead = 3;
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void fetch_ahead(const Row<Real>& row, const Correction& to, int i,
                                          std::ptrdiff_t place) {
  const std::ptrdiff_t next = i + static_cast<std::ptrdiff_t>(ahead) * row.nx;
  __builtin_prefetch(row.source + next);
  __builtin_prefetch(row.diagonal + next);
  __builtin_prefetch(row.above + next);
  __builtin_prefetch(to.inverse[0] + place);
  for (std::size_t colour = 0; colour < 2; ++colour) {
    __builtin_prefetch(to.right[colour] + place, 1);
    __builtin_prefetch(to.field[colour] + place, 1);
  }
}

template <bool Cut, class Real>
ANGIOTRIAL_ALWAYS_INLINE PlaneSums residual_plane_of(const Layout& layout, const Equation& equation,
                                                     const Real* source, const Real* field,
                                                     bool blank, const Correction& given, int k) {
  const Correction correction = given;
  LaneSums sums;
  for (int j = 0; j < layout.ny; ++j) {
    const Row<Real> row = row_of(layout, equation, source, field, j, k);
    const RowFaces faces = Cut ? faces_of_row(layout, equation, j, k) : RowFaces{};
    const auto even = static_cast<std::size_t>((j + k) & 1);
    const std::ptrdiff_t at = layout.at(j, k);
    for (const Run& run : layout.runs_of(j, k)) {
      const int end = std::min(2 * run.end, row.nx);
      for (int i = 2 * run.begin; i < end; i += chunk) {
        Doubles values;
        if constexpr (sizeof(Real) == sizeof(float)) {
          fetch_ahead(row, correction, i, at + i / 2 + ahead * layout.row);
        }
        residual_of_cells<Cut>(row, faces, i, blank, values);
        sums.add(values);
        split_cells(correction, values, at + i / 2, even);
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
      const int end = std::min(2 * run.end, layout.nx);
      for (int i = 2 * run.begin; i < end; i += chunk) {
        Doubles more, own;
        load_joined(first + i / 2, second + i / 2, more);
        load_of_row(c, i, layout.nx, own);
        own += scale * more;
        store_of_row(own, i, layout.nx, c);
      }
    }
  }
}

template <bool Cut, class Real>
ANGIOTRIAL_ALWAYS_INLINE PlaneSums source_plane_of(const Layout& layout, const Equation& equation,
                                                   const Real* source, Real* field, int k) {
  LaneSums sums;
  Masks nonzero{};
  for (int j = 0; j < layout.ny; ++j) {
    const Row<Real> row = row_of(layout, equation, source, field, j, k);
    const RowFaces faces = Cut ? faces_of_row(layout, equation, j, k) : RowFaces{};
    Real* const c = field + layout.natural(j, k);
    int cleared = 0;  // cells before the first run, and between runs, are solid
    for (const Run& run : layout.runs_of(j, k)) {
      std::fill(c + cleared, c + 2 * run.begin, Real{0});
      cleared = std::min(2 * run.end, layout.nx);
      for (int i = 2 * run.begin; i < cleared; i += chunk) {
        Doubles diagonal, values, own;
        Masks open;
        load_of_row(row.diagonal, i, row.nx, diagonal);
        source_of_cells<Cut>(row, faces, i, diagonal, values);
        sums.add(values);
        load_of_row(c, i, row.nx, own);
        find_positive(diagonal, open);
        keep_where(open, own);
        nonzero |= reinterpret_cast<Masks>(own + 0.0);  // -0 becomes 0
        store_of_row(own, i, row.nx, c);
      }
    }
    std::fill(c + cleared, c + layout.nx, Real{0});
  }
  PlaneSums result = sums.sums();
  for (int l = 0; l < chunk; ++l) result.nonzero = result.nonzero || nonzero[l] != 0;
  return result;
}

// A clone cannot be a template: one pair of entries for each precision.
ANGIOTRIAL_VECTOR_CLONES PlaneSums source_of(const Layout& layout, const Equation& equation,
                                             const float* source, float* field, int k) {
  return equation.cut ? source_plane_of<true>(layout, equation, source, field, k)
                      : source_plane_of<false>(layout, equation, source, field, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums source_of(const Layout& layout, const Equation& equation,
                                             const double* source, double* field, int k) {
  return equation.cut ? source_plane_of<true>(layout, equation, source, field, k)
                      : source_plane_of<false>(layout, equation, source, field, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums residual_of(const Layout& layout, const Equation& equation,
                                               const float* source, const float* field, bool blank,
                                               const Correction& correction, int k) {
  return equation.cut
             ? residual_plane_of<true>(layout, equation, source, field, blank, correction, k)
             : residual_plane_of<false>(layout, equation, source, field, blank, correction, k);
}
ANGIOTRIAL_VECTOR_CLONES PlaneSums residual_of(const Layout& layout, const Equation& equation,
                                               const double* source, const double* field,
                                               bool blank, const Correction& correction, int k) {
  return equation.cut
             ? residual_plane_of<true>(layout, equation, source, field, blank, correction, k)
             : residual_plane_of<false>(layout, equation, source, field, blank, correction, k);
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
