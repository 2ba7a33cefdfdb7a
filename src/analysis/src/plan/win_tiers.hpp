// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <optional>
#include <string>
#include <vector>

#include "plan/subject_data.hpp"

/// A hierarchy of outcomes as a plan writes it, one text a tier:
///
///   "time DTHDY event DTHFL better later"
///   "value CHG better higher margin 30"
namespace angiotrial::analysis {

struct TierText {
  TierKind kind = TierKind::value;
  std::string column;     ///< of the value, or of the time on study
  std::string event;      ///< of a time: column with 1 or Y for the event
  bool censored = false;  ///< `event` marks censoring instead
  WinDirection better = WinDirection::higher;
  double margin = 0.0;
  bool at_margin = false;
};

/// Empty with `problem` set to what is wrong.
[[nodiscard]] std::optional<TierText> read_tier(const std::string& text, std::string& problem);

/// What a subject without a value of some tier does.
enum class TierMissing { refuse, tie, exclude };

/// Tiers of every row. Missing values are NaN.
struct TierData {
  std::vector<TierText> texts;
  std::vector<std::vector<double>> values;
  std::vector<std::vector<int>> events;  ///< empty for values

  /// The tiers of some rows; `kept` holds what they point to.
  struct Kept {
    std::vector<std::vector<double>> values;
    std::vector<std::vector<int>> events;
    std::vector<WinTier> tiers;
  };
  void keep(const TwoArms& two, Kept& kept) const;
};

/// None, with problems, where a tier cannot be read or a column holds what it may not. Subjects
/// with a missing value are dropped from the frame with `exclude`, and are a problem with `refuse`.
[[nodiscard]] std::optional<TierData> tier_data(const std::vector<std::string>& tiers,
                                                TierMissing missing, Frame& frame,
                                                const Task& task);

}  // namespace angiotrial::analysis
