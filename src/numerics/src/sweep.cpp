// SPDX-License-Identifier: Apache-2.0
#include "sweep.hpp"

#include "vector_clones.hpp"

namespace angiotrial::numerics {
namespace {

/// Any float's address will do for these; `auto` would forget that.
using Lanes [[gnu::vector_size(chunk * sizeof(float)), gnu::aligned(4), gnu::may_alias]] = float;

inline const Lanes& load(const float* from) { return *reinterpret_cast<const Lanes*>(from); }

/// Pointers of a half sweep held in registers: a store through Lanes may alias anything else.
struct Rows {
  Rows(const Sweep& sweep, int colour, int k)
      : own(static_cast<std::size_t>(colour)),
        e(sweep.field[own]),
        other(sweep.field[1 - own]),
        b(sweep.right[own]),
        inverse(sweep.inverse[own]),
        runs(sweep.layout->runs.data()),
        first_run(sweep.layout->first_run.data() +
                  static_cast<std::ptrdiff_t>(k) * sweep.layout->ny),
        up(sweep.layout->row),
        top(sweep.layout->plane) {}

  std::size_t own;
  float* e;
  const float* other;
  const float* b;
  const float* inverse;
  const Run* runs;
  const std::uint32_t* first_run;
  std::ptrdiff_t up, top;
};

}  // namespace

ANGIOTRIAL_VECTOR_CLONES void sweep_rows(const Sweep& sweep, int colour, int k, int first, int last,
                                         float omega) {
  const Rows rows(sweep, colour, k);
  const std::ptrdiff_t up = rows.up, top = rows.top;
  const Lanes q = sweep.coupling - Lanes{}, weight = omega - Lanes{};
  for (std::ptrdiff_t j = first; j < last; ++j) {
    const std::ptrdiff_t side = ((colour + j + k) & 1) != 0 ? 1 : -1;
    const std::ptrdiff_t base = (k + 1) * top + (j + 1) * up + chunk;
    const Run* const end = rows.runs + rows.first_run[j + 1];
    for (const Run* run = rows.runs + rows.first_run[j]; run != end; ++run) {
      const std::ptrdiff_t run_end = base + run->end;
      for (std::ptrdiff_t m = base + run->begin; m < run_end; m += chunk) {
        const float* n = rows.other + m;
        const Lanes sum = ((load(n) + load(n + side)) + (load(n - up) + load(n + up))) +
                          (load(n - top) + load(n + top));
        Lanes& e = *reinterpret_cast<Lanes*>(rows.e + m);
        const Lanes relaxed = load(rows.inverse + m) * (load(rows.b + m) + q * sum);
        e += weight * (relaxed - e);
      }
    }
  }
}

ANGIOTRIAL_VECTOR_CLONES void sweep_cut_rows(const Sweep& sweep, int colour, int k, int first,
                                             int last, float omega) {
  const Rows rows(sweep, colour, k);
  const std::ptrdiff_t up = rows.up, top = rows.top;
  const std::array<const float*, 3> mine = sweep.face[rows.own], theirs = sweep.face[1 - rows.own];
  const Lanes q = sweep.coupling - Lanes{}, weight = omega - Lanes{};
  for (std::ptrdiff_t j = first; j < last; ++j) {
    const bool odd = ((colour + j + k) & 1) != 0;
    const std::ptrdiff_t left = odd ? 0 : -1, right = odd ? 1 : 0;
    const std::ptrdiff_t base = (k + 1) * top + (j + 1) * up + chunk;
    const Run* const end = rows.runs + rows.first_run[j + 1];
    for (const Run* run = rows.runs + rows.first_run[j]; run != end; ++run) {
      const std::ptrdiff_t run_end = base + run->end;
      for (std::ptrdiff_t m = base + run->begin; m < run_end; m += chunk) {
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
  }
}

}  // namespace angiotrial::numerics
