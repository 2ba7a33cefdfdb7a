// SPDX-License-Identifier: Apache-2.0
#include "passes.hpp"

#include "vector_clones.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// Cells taken at a time, so that what is known of them stays at hand.
constexpr int block = 64 * chunk;

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

/// Diagonal and scaled inverse of one row's cells [begin, begin + count); the largest quotient of
/// links to diagonal and the least decay are kept by lane.
template <class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_row(const DecayPass& pass, const Decay& decay,
                                           std::ptrdiff_t at, int count, double* values,
                                           double* most, double* least) {
  const float* const volume = pass.equation->volume.data() + at;
  const double* const links = pass.equation->links.data() + at;
  double* const diagonal = pass.equation->diagonal.data() + at;
  const double q = pass.equation->coupling, unit = pass.unit;
  for (int i = 0; i < count; ++i) {
    const double open = volume[i] > 0.0F ? 1.0 : 0.0;
    const double k = open > 0.0 ? decay(at + i) : pass.largest;
    const double value = (k * double{volume[i]} + q * links[i]) * open;
    const double inverse = unit / (value + (1.0 - open)) * open;
    diagonal[i] = value;
    values[i] = inverse;
    most[i % chunk] = std::max(most[i % chunk], q * links[i] * inverse);
    least[i % chunk] = std::min(least[i % chunk], k);
  }
}

template <class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_all(DecayPass& pass, const Decay& decay) {
  const Layout& layout = *pass.layout;
  double values[block], most[chunk] = {}, least[chunk];
  std::fill(least, least + chunk, pass.largest);
  for (int k = 0; k < layout.nz; ++k) {
    for (int j = 0; j < layout.ny; ++j) {
      const auto even = static_cast<std::size_t>((j + k) & 1);
      float* const first = pass.inverse[even] + layout.at(j, k);
      float* const second = pass.inverse[1 - even] + layout.at(j, k);
      for (const Run& run : layout.runs_of(j, k)) {
        const int run_end = std::min(2 * run.end, layout.nx);
        for (int begin = 2 * run.begin; begin < run_end; begin += block) {
          const int n = std::min(block, run_end - begin);
          assemble_row(pass, decay, layout.natural(j, k) + begin, n, values, most, least);
          for (int m = 0; m < n / 2; ++m) {
            first[begin / 2 + m] = static_cast<float>(values[2 * m]);
            second[begin / 2 + m] = static_cast<float>(values[2 * m + 1]);
          }
          if (n % 2 != 0) first[(begin + n) / 2] = static_cast<float>(values[n - 1]);
        }
      }
    }
  }
  pass.rho = *std::max_element(most, most + chunk) / pass.unit;
  pass.least = *std::min_element(least, least + chunk);
}

ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, double decay) {
  assemble_all(pass, [decay](std::ptrdiff_t) { return decay; });
}
ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, const float* decay) {
  assemble_all(pass, [decay](std::ptrdiff_t at) { return double{decay[at]}; });
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

void assemble(DecayPass& pass, double decay) { assemble_of(pass, decay); }
void assemble(DecayPass& pass, const float* decay) { assemble_of(pass, decay); }

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
