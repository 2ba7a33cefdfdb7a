// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cstdint>
#include <memory>
#include <vector>

/// Win statistics whose censored pairs are scored by chances (Péron, Buyse, Ozenne, Roche and Roy
/// 2018, doi:10.1177/0962280216658320). Where censoring hides who won, the Kaplan-Meier curve of
/// each patient's arm and stratum, given that the patient was free of the event so far, says how
/// probable a win and a loss are. What stays open goes on to the next tier with that weight.
///
///   W = sum_ij sum_k R_ij,k-1 f_ij,k     R_ij,k = product over outcomes of 1 - f_ij - u_ij
///
/// Beyond the last time of a curve that does not reach 0 nothing is assumed: that part of a pair
/// stays open. A tier that asks an outcome again, with another margin, adds only what its earlier
/// tiers had left open. Without censoring all chances are 0 or 1, as in `win_statistics`.
namespace angiotrial::analysis {

/// Sums of chances over pairs.
struct PairChances {
  double wins = 0.0;
  double losses = 0.0;
  double ties = 0.0;  ///< undecided
};

struct PeronStatistics : WinSummary {
  WinStatus status = WinStatus::invalid_input;
  std::size_t treated = 0;
  std::size_t control = 0;
  PairChances counts;                  ///< pairs within strata, unweighted
  std::vector<PairChances> tiers;      ///< wins and losses decided on each tier
  std::vector<PairChances> strata;     ///< all tiers, of each stratum
  std::vector<WinSummary> cumulative;  ///< as if the hierarchy ended with this tier
};

struct PeronBootstrap {
  WinStatus status = WinStatus::invalid_input;
  /// Of each replicate; a win ratio is NaN where no pair is decided.
  std::vector<double> net_benefit, win_ratio, win_odds;
};

/// Keeps its buffers: reuse it and a comparison allocates nothing.
class PeronWorkspace {
 public:
  PeronWorkspace();
  ~PeronWorkspace();
  PeronWorkspace(PeronWorkspace&&) noexcept;
  PeronWorkspace& operator=(PeronWorkspace&&) noexcept;
  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Errors are those of the first-order projection of the statistic on each patient, the curves
/// included (infinitesimal jackknife): `plug_in` sums squares over m^2 and n^2 (R package
/// BuyseTest), `unbiased` over m (m - 1) and n (n - 1); `null` is refused (`invalid_input`).
/// A patient censored at the time of an event outlives it, as in the Kaplan-Meier estimate:
/// `censored_at_event` is not read. The result lives in the workspace until its next use.
[[nodiscard]] const PeronStatistics& peron_statistics(const WinTrial& trial,
                                                      const WinOptions& options,
                                                      PeronWorkspace& workspace);

/// Estimates of trials whose patients are drawn again, with replacement, within arm and stratum;
/// curves are estimated anew. At most 131 072 patients an arm of a stratum and 65 536 strata.
[[nodiscard]] PeronBootstrap peron_bootstrap(const WinTrial& trial, const WinOptions& options,
                                             std::uint64_t seed, std::uint32_t replicates,
                                             PeronWorkspace& workspace);

}  // namespace angiotrial::analysis
