// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep.hpp"
#include "team.hpp"

#include <span>

namespace angiotrial::numerics {

/// Carries out half sweeps `first` .. weights.size() - 1 of a sweep, several at a time while their
/// rows are in the cache. Half sweep h works on plane z - h when the front is at plane z, and on
/// rows shifted by h against the border of its block, so that every cell meets its neighbours in
/// just the state that plain half sweeps would leave. Blocks of rows follow each other as a
/// pipeline; which thread owns a block changes nothing.
class Wavefront {
 public:
  Wavefront(const Sweep& sweep, std::span<const float> weights, int first, Team& team,
            Progress& progress);

  /// Number of blocks that `progress` must have room for.
  [[nodiscard]] static int most_blocks(const Sweep& sweep, int team_size);

  /// Called by every member of the team; ends with a barrier. Steps are counted from `base` on; the
  /// count to go on from is returned.
  std::int64_t run(int member, std::int64_t base);

 private:
  void block(int index, int half, int depth, std::int64_t base);

  Sweep sweep_;
  std::span<const float> weights_;
  int first_;
  Team& team_;
  Progress& progress_;
};

}  // namespace angiotrial::numerics
