// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cstdint>
#include <vector>

#include "composites/win_moments.hpp"

namespace angiotrial::analysis {
namespace wins {

/// A tier as whole numbers: patient i beats j where above[i] > event[j], and loses where
/// after[j] > below[i]. Margins, censoring and missing values are all in the numbers.
template <class Code>
struct TierCodes {
  std::vector<Code> above, below, event, after;
};

/// Buffers of one width of code.
template <class Code>
struct Buffers {
  std::vector<TierCodes<Code>> tiers;
  std::vector<Code> event, after;  ///< of the columns, tier by tier
  std::vector<Code> open, column_wins, column_losses;
};

struct Keyed {
  double value = 0.0;
  std::int32_t patient = 0;
};

}  // namespace wins

struct WinWorkspace::State {
  std::vector<wins::Keyed> sorted;
  wins::Buffers<std::int16_t> narrow;
  wins::Buffers<std::int32_t> wide;
  std::vector<std::int32_t> rows, columns;  ///< patients of the present stratum
  /// Tier by tier, then row or column: pairs that the row won or lost on that tier.
  std::vector<std::int32_t> row_wins, row_losses, column_wins, column_losses;
  std::vector<wins::Moments> moments;  ///< of the hierarchy cut after each tier
  WinStatistics result;
};

namespace wins {

/// Numbers finite (or missing where that is allowed), codes 0 or 1, sizes equal (a contract).
[[nodiscard]] bool valid(const WinTrial& trial, const WinOptions& options);

/// Codes of all tiers for all patients. Codes stay below 2 N + 2.
template <class Code>
void encode(const WinTrial& trial, const WinOptions& options, std::vector<Keyed>& sorted,
            std::vector<TierCodes<Code>>& out);

/// Rows: the treated of stratum h, or all of it; columns likewise.
void choose(const WinTrial& trial, int h, bool everyone, WinWorkspace::State& state);

/// Compares the state's rows with its columns; fills the sums of rows, and of columns where asked.
void compare(const WinTrial& trial, bool with_columns, WinWorkspace::State& state);

/// The sums of each tier become those of all tiers up to it.
inline void cumulate(std::vector<std::int32_t>& sums, std::size_t width) {
  for (std::size_t i = width; i < sums.size(); ++i) sums[i] += sums[i - width];
}

/// Chooses the width and encodes.
void prepare(const WinTrial& trial, const WinOptions& options, WinWorkspace::State& state);

}  // namespace wins
}  // namespace angiotrial::analysis
