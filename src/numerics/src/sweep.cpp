// SPDX-License-Identifier: Apache-2.0
#include "sweep.hpp"

#include "vector_clones.hpp"

namespace angiotrial::numerics {
namespace {

/// Any float's address will do for these; `auto` would forget that.
using Lanes [[gnu::vector_size(chunk * sizeof(float)), gnu::aligned(4), gnu::may_alias]] = float;

inline const Lanes& load(const float* from) { return *reinterpret_cast<const Lanes*>(from); }

/// Pointers of a half sweep held in registers: a store through Lanes may alias anything else. The
/// chunks of neighbouring rows follow each other, so that short rows cost no branches.
struct Rows {
  Rows(const Sweep& sweep, int colour, int k, int first, int last)
      : own(static_cast<std::size_t>(colour)),
        parity(static_cast<std::uint32_t>(colour)),
        e(sweep.field[own]),
        other(sweep.field[1 - own]),
        b(sweep.right[own]),
        inverse(sweep.inverse[own]),
        up(sweep.layout->row),
        top(sweep.layout->plane) {
    const Layout& layout = *sweep.layout;
    const std::uint32_t* const of_row =
        layout.first_chunk.data() + static_cast<std::ptrdiff_t>(k) * layout.ny;
    begin = layout.chunks.data() + of_row[first];
    end = layout.chunks.data() + of_row[last];
  }

  std::size_t own;
  std::uint32_t parity;
  float* e;
  const float* other;
  const float* b;
  const float* inverse;
  std::ptrdiff_t up, top;
  const std::uint32_t *begin, *end;
};

}  // namespace

ANGIOTRIAL_VECTOR_CLONES void sweep_rows(const Sweep& sweep, int colour, int k, int first, int last,
                                         float omega) {
  const Rows rows(sweep, colour, k, first, last);
  const std::ptrdiff_t up = rows.up, top = rows.top;
  const Lanes q = sweep.coupling - Lanes{}, weight = omega - Lanes{};
  for (const std::uint32_t* at = rows.begin; at != rows.end; ++at) {
    const std::ptrdiff_t m = *at >> 1U;
    const std::ptrdiff_t side = 2 * static_cast<std::ptrdiff_t>((*at ^ rows.parity) & 1U) - 1;
    const float* n = rows.other + m;
    const Lanes sum = ((load(n) + load(n + side)) + (load(n - up) + load(n + up))) +
                      (load(n - top) + load(n + top));
    Lanes& e = *reinterpret_cast<Lanes*>(rows.e + m);
    const Lanes relaxed = load(rows.inverse + m) * (load(rows.b + m) + q * sum);
    e += weight * (relaxed - e);
  }
}

ANGIOTRIAL_VECTOR_CLONES void sweep_cut_rows(const Sweep& sweep, int colour, int k, int first,
                                             int last, float omega) {
  const Rows rows(sweep, colour, k, first, last);
  const std::ptrdiff_t up = rows.up, top = rows.top;
  const std::array<const float*, 3> mine = sweep.face[rows.own], theirs = sweep.face[1 - rows.own];
  const Lanes q = sweep.coupling - Lanes{}, weight = omega - Lanes{};
  for (const std::uint32_t* at = rows.begin; at != rows.end; ++at) {
    const std::ptrdiff_t m = *at >> 1U;
    const std::ptrdiff_t right = static_cast<std::ptrdiff_t>((*at ^ rows.parity) & 1U);
    const std::ptrdiff_t left = right - 1;
    const float* n = rows.other + m;
    const Lanes sum =
        ((load(theirs[0] + m + left) * load(n + left) + load(mine[0] + m) * load(n + right)) +
         (load(theirs[1] + m - up) * load(n - up) + load(mine[1] + m) * load(n + up))) +
        (load(theirs[2] + m - top) * load(n - top) + load(mine[2] + m) * load(n + top));
    Lanes& e = *reinterpret_cast<Lanes*>(rows.e + m);
    const Lanes relaxed = load(rows.inverse + m) * (load(rows.b + m) + q * sum);
    e += weight * (relaxed - e);
  }
}

}  // namespace angiotrial::numerics
