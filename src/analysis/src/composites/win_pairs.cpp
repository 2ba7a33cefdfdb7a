// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "composites/win_state.hpp"

namespace angiotrial::analysis::wins {
namespace {

/// Up to here codes (below 2 N + 2) and sums fit in 16 bits.
constexpr std::size_t narrow_limit = 16000;
/// Columns come in whole blocks, the last filled up with patients who never win nor lose.
constexpr std::size_t block = 16;

template <class Code>
struct RowSums {
  Code wins = 0;
  Code losses = 0;
};

/// One row against all columns on one tier, without branches: 16 or 8 pairs an instruction.
template <class Code, bool Columns>
RowSums<Code> compare_row(Code above, Code below, const Code* __restrict event,
                          const Code* __restrict after, Code* __restrict open,
                          Code* __restrict column_wins, Code* __restrict column_losses,
                          std::size_t blocks) {
  Code wins = 0;
  Code losses = 0;
  for (std::size_t j = 0; j < blocks * block; ++j) {
    const Code win = static_cast<Code>((above > event[j] ? 1 : 0) & open[j]);
    const Code loss = static_cast<Code>((after[j] > below ? 1 : 0) & open[j]);
    open[j] = static_cast<Code>(open[j] & ~(win | loss));
    if constexpr (Columns) {
      column_wins[j] = static_cast<Code>(column_wins[j] + win);
      column_losses[j] = static_cast<Code>(column_losses[j] + loss);
    }
    wins = static_cast<Code>(wins + win);
    losses = static_cast<Code>(losses + loss);
  }
  return {wins, losses};
}

template <class Code>
void gather_columns(const std::vector<std::int32_t>& columns, std::size_t padded,
                    Buffers<Code>& buffers) {
  const std::size_t tiers = buffers.tiers.size();
  constexpr Code never = std::numeric_limits<Code>::max();
  buffers.event.assign(tiers * padded, never);
  buffers.after.assign(tiers * padded, static_cast<Code>(-never));
  for (std::size_t k = 0; k < tiers; ++k) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto patient = static_cast<std::size_t>(columns[j]);
      buffers.event[k * padded + j] = buffers.tiers[k].event[patient];
      buffers.after[k * padded + j] = buffers.tiers[k].after[patient];
    }
  }
  buffers.open.resize(padded);
  buffers.column_wins.assign(tiers * padded, 0);
  buffers.column_losses.assign(tiers * padded, 0);
}

template <class Code, bool Columns>
void compare_all(WinWorkspace::State& state, Buffers<Code>& buffers) {
  const std::size_t rows = state.rows.size();
  const std::size_t columns = state.columns.size();
  const std::size_t blocks = (columns + block - 1) / block;
  const std::size_t padded = blocks * block;
  const std::size_t tiers = buffers.tiers.size();
  gather_columns(state.columns, padded, buffers);
  state.row_wins.resize(tiers * rows);
  state.row_losses.resize(tiers * rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto patient = static_cast<std::size_t>(state.rows[i]);
    std::fill(buffers.open.begin(), buffers.open.end(), Code{1});
    for (std::size_t k = 0; k < tiers; ++k) {
      const std::size_t at = k * padded;
      const RowSums<Code> sums = compare_row<Code, Columns>(
          buffers.tiers[k].above[patient], buffers.tiers[k].below[patient],
          buffers.event.data() + at, buffers.after.data() + at, buffers.open.data(),
          buffers.column_wins.data() + at, buffers.column_losses.data() + at, blocks);
      state.row_wins[k * rows + i] = sums.wins;
      state.row_losses[k * rows + i] = sums.losses;
    }
  }
  if constexpr (!Columns) return;
  state.column_wins.resize(tiers * columns);
  state.column_losses.resize(tiers * columns);
  for (std::size_t k = 0; k < tiers; ++k) {
    for (std::size_t j = 0; j < columns; ++j) {
      state.column_wins[k * columns + j] = buffers.column_wins[k * padded + j];
      state.column_losses[k * columns + j] = buffers.column_losses[k * padded + j];
    }
  }
}

template <class Code>
void compare_with(WinWorkspace::State& state, Buffers<Code>& buffers, bool with_columns) {
  if (with_columns) {
    compare_all<Code, true>(state, buffers);
  } else {
    compare_all<Code, false>(state, buffers);
  }
}

}  // namespace

void prepare(const WinTrial& trial, const WinOptions& options, WinWorkspace::State& state) {
  if (trial.treated.size() <= narrow_limit) {
    encode(trial, options, state.sorted, state.narrow.tiers);
  } else {
    encode(trial, options, state.sorted, state.wide.tiers);
  }
}

void choose(const WinTrial& trial, int h, bool everyone, WinWorkspace::State& state) {
  state.rows.clear();
  state.columns.clear();
  for (std::size_t i = 0; i < trial.treated.size(); ++i) {
    if (!trial.stratum.empty() && trial.stratum[i] != h) continue;
    const auto patient = static_cast<std::int32_t>(i);
    if (everyone || trial.treated[i] == 1) state.rows.push_back(patient);
    if (everyone || trial.treated[i] == 0) state.columns.push_back(patient);
  }
}

void compare(const WinTrial& trial, bool with_columns, WinWorkspace::State& state) {
  if (trial.treated.size() <= narrow_limit) {
    compare_with(state, state.narrow, with_columns);
  } else {
    compare_with(state, state.wide, with_columns);
  }
}

}  // namespace angiotrial::analysis::wins
