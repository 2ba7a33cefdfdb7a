// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// What is kept of all cells, in a fixed number of lanes.
struct Extremes {
  double quotient[chunk] = {}, decay[chunk];
};

/// Diagonal and scaled inverse of cells i .. i + 7; keeps the largest quotient of links to diagonal
/// and the least decay.
ANGIOTRIAL_ALWAYS_INLINE void assemble_cells(const DecayPass& pass, const Doubles& volume,
                                             const Doubles& links, const Doubles& decay,
                                             Doubles& diagonal, Doubles& inverse, Extremes& kept) {
  Masks open;
  find_positive(volume, open);
  Doubles k;
  choose(open, decay, Doubles{} + pass.typical, k);
  const Doubles coupled = pass.equation->coupling * links;
  const Doubles value = k * volume + coupled;
  diagonal = value;
  keep_where(open, diagonal);
  inverse = pass.unit / value;
  keep_where(open, inverse);
  const Doubles quotient = coupled * inverse;
  for (int l = 0; l < chunk; ++l) kept.quotient[l] = std::max(kept.quotient[l], quotient[l]);
  for (int l = 0; l < chunk; ++l) kept.decay[l] = std::min(kept.decay[l], k[l]);
}

/// `decay(i, out)` gives the decay of cells i .. i + 7 of row (j, k).
template <bool Cut, class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_row(const DecayPass& pass, int j, int k, const Decay& decay,
                                           Extremes& kept) {
  const Layout& layout = *pass.layout;
  Equation& equation = *pass.equation;
  const std::ptrdiff_t at = layout.natural(j, k);
  const RowFaces faces = Cut ? faces_of_row(layout, equation, j, k) : RowFaces{};
  const auto even = static_cast<std::size_t>((j + k) & 1);
  float* const first = pass.inverse[even] + layout.at(j, k);
  float* const second = pass.inverse[1 - even] + layout.at(j, k);
  for (const Run& run : layout.runs_of(j, k)) {
    const int end = std::min(2 * run.end, layout.nx);
    for (int i = 2 * run.begin; i < end; i += chunk) {
      Doubles volume, links, given, diagonal, inverse;
      load_of_row(equation.volume.data() + at, i, layout.nx, volume);
      if constexpr (Cut) {
        links_of(faces, i, layout.nx, links);
      } else {
        load_of_row(equation.links.data() + at, i, layout.nx, links);
      }
      decay(at, i, given);
      assemble_cells(pass, volume, links, given, diagonal, inverse, kept);
      store_of_row(diagonal, i, layout.nx, equation.diagonal.data() + at);
      store_split(inverse, first + i / 2, second + i / 2);
    }
  }
}

template <class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_all(DecayPass& pass, const Decay& decay) {
  const Layout& layout = *pass.layout;
  Extremes kept;
  std::fill_n(kept.decay, chunk, pass.typical);
  for (int k = 0; k < layout.nz; ++k) {
    for (int j = 0; j < layout.ny; ++j) {
      if (pass.equation->cut) {
        assemble_row<true>(pass, j, k, decay, kept);
      } else {
        assemble_row<false>(pass, j, k, decay, kept);
      }
    }
  }
  pass.rho = 0.0;
  pass.least = pass.typical;
  for (int l = 0; l < chunk; ++l) {
    pass.rho = std::max(pass.rho, kept.quotient[l] / pass.unit);
    pass.least = std::min(pass.least, kept.decay[l]);
  }
}

ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, double decay) {
  assemble_all(pass, [decay](std::ptrdiff_t, int, Doubles& out)
                         ANGIOTRIAL_ALWAYS_INLINE_LAMBDA { out = Doubles{} + decay; });
}
ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, const float* decay) {
  const int nx = pass.layout->nx;
  assemble_all(pass, [decay, nx](std::ptrdiff_t at, int i, Doubles& out)
                         ANGIOTRIAL_ALWAYS_INLINE_LAMBDA { load_of_row(decay + at, i, nx, out); });
}

}  // namespace

void assemble(DecayPass& pass, double decay) { assemble_of(pass, decay); }
void assemble(DecayPass& pass, const float* decay) { assemble_of(pass, decay); }

}  // namespace angiotrial::numerics
