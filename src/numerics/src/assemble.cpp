// SPDX-License-Identifier: Apache-2.0
#include "passes.hpp"
#include "vector_clones.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// Cells taken at a time, so that what is known of them stays at hand.
constexpr int block = 64 * chunk;

/// Diagonal and scaled inverse of one row's cells [begin, begin + count); the largest quotient of
/// links to diagonal and the least decay are kept.
template <class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_row(const DecayPass& pass, const Decay& decay,
                                           std::ptrdiff_t at, int count, double* __restrict values,
                                           double& most, double& least) {
  const float* const volume = pass.equation->volume.data() + at;
  const double* const links = pass.equation->links.data() + at;
  double* const diagonal = pass.equation->diagonal.data() + at;
  const double q = pass.equation->coupling, unit = pass.unit;
  double quotient[block], kept[block];
  for (int i = 0; i < count; ++i) {
    const double given = decay(at + i), open = volume[i] > 0.0F ? 1.0 : 0.0;
    const double k = open > 0.0 ? given : pass.typical;
    const double value = (k * double{volume[i]} + q * links[i]) * open;
    const double inverse = unit / (value + (1.0 - open)) * open;
    diagonal[i] = value;
    values[i] = inverse;
    quotient[i] = q * links[i] * inverse;
    kept[i] = k;
  }
  for (int i = 0; i < count; ++i) most = std::max(most, quotient[i]);
  for (int i = 0; i < count; ++i) least = std::min(least, kept[i]);
}

template <class Decay>
ANGIOTRIAL_ALWAYS_INLINE void assemble_all(DecayPass& pass, const Decay& decay) {
  const Layout& layout = *pass.layout;
  double values[block], most = 0.0, least = pass.typical;
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
  pass.rho = most / pass.unit;
  pass.least = least;
}

ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, double decay) {
  assemble_all(pass, [decay](std::ptrdiff_t) { return decay; });
}
ANGIOTRIAL_VECTOR_CLONES void assemble_of(DecayPass& pass, const float* decay) {
  assemble_all(pass, [decay](std::ptrdiff_t at) { return double{decay[at]}; });
}

}  // namespace

void assemble(DecayPass& pass, double decay) { assemble_of(pass, decay); }
void assemble(DecayPass& pass, const float* decay) { assemble_of(pass, decay); }

}  // namespace angiotrial::numerics
