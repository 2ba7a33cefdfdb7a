// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

/// The score test of a hierarchy of outcomes.
namespace angiotrial::analysis {

struct FinkelsteinSchoenfeld {
  WinStatus status = WinStatus::invalid_input;
  double statistic = 0.0;  ///< sum of the scores (wins less losses) of the treated
  double variance = 0.0;   ///< of its permutation distribution, within strata
  double z = 0.0;
  double p_value = 1.0;  ///< two-sided
};
/// Finkelstein and Schoenfeld 1999 (doi:10.1002/(SICI)1097-0258(19990615)18:11<1341::AID-SIM129>
/// 3.0.CO;2-7): each patient is compared with every other of the stratum.
[[nodiscard]] FinkelsteinSchoenfeld finkelstein_schoenfeld(const WinTrial& trial,
                                                           const WinOptions& options,
                                                           WinWorkspace& workspace);

}  // namespace angiotrial::analysis
