// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Generalised pairwise comparisons of two arms over a hierarchy of outcomes (Buyse 2010,
/// doi:10.1002/sim.3923; Pocock et al. 2012, doi:10.1093/eurheartj/ehr352). Every treated patient
/// meets every control; the first tier that tells them apart decides, else the pair is a tie.
///
///   win ratio  W / L     net benefit  (W - L) / (m n)     win odds  (W + T / 2) / (L + T / 2)
namespace angiotrial::analysis {

enum class TierKind {
  event_time,  ///< time to an event, right-censored
  value,       ///< a measurement, a count, an ordered category, or 0 and 1
};

enum class WinDirection {
  higher,  ///< larger values; for times, a later event
  lower,   ///< smaller values; for times, an earlier event (a cure)
};

/// One outcome of every patient of both arms, in the order of the patients.
struct WinTier {
  TierKind kind = TierKind::value;
  std::span<const double> values;  ///< the value, or the time on study
  std::span<const int> event;      ///< of an event time: 1 event, 0 censored; otherwise empty
  WinDirection better = WinDirection::higher;
  double margin = 0.0;     ///< not negative: a pair differs where its difference is beyond it
  bool at_margin = false;  ///< a difference equal to a positive margin counts too
};

/// A patient censored at the very time at which the other had the event.
enum class CensoredAtEvent {
  tie,       ///< R package WINS
  survives,  ///< outlives the other: R package BuyseTest, and the Kaplan-Meier convention
};

enum class WinMissing {
  refuse,
  tie,  ///< the tier leaves the pair undecided
};

enum class WinVariance {
  unbiased,  ///< sums of squared projections over m (m - 1) and n (n - 1)
  plug_in,   ///< over m^2 and n^2: R package BuyseTest
  null,      ///< at equal chances of winning and losing, Dong et al. 2016
             ///< (doi:10.1002/pst.1763): R package WINS
};

/// Weight of the pairs of stratum h, N_h = m_h + n_h.
enum class WinWeights {
  mantel_haenszel,  ///< 1 / N_h, Dong et al. 2018 (doi:10.1080/10543406.2017.1397007)
  pairs,            ///< 1: each pair counts the same
  strata,           ///< 1 / (m_h n_h): each stratum counts the same
};

struct WinTrial {
  std::span<const int> treated;  ///< 1 treated, 0 control
  std::span<const WinTier> tiers;
  std::span<const int> stratum;  ///< 0 to strata - 1; empty: one stratum
  int strata = 1;
};

struct WinOptions {
  double level = 0.95;
  WinVariance variance = WinVariance::unbiased;
  CensoredAtEvent censored_at_event = CensoredAtEvent::tie;
  WinMissing missing = WinMissing::refuse;
  WinWeights weights = WinWeights::mantel_haenszel;
};

enum class WinStatus {
  compared = 0,
  invalid_input = 1,  ///< a code other than 0 and 1, a value that is not finite, a margin below 0
  empty_arm = 2,      ///< no stratum has patients of both arms
  no_variance = 3,    ///< score test: no pair is decided
};
[[nodiscard]] std::string_view name_of(WinStatus status);

struct WinInference {
  double se = 0.0;  ///< of the logarithm for win ratio and win odds
  double lower = 0.0;
  double upper = 0.0;
  double z = 0.0;
  double p_value = 1.0;  ///< two-sided
};

struct WinEstimate {
  double estimate = 0.0;
  /// Absent where an arm of a stratum has one patient (`unbiased` and `null`), where the variance
  /// is zero, or where a ratio is 0 or infinite.
  std::optional<WinInference> inference;
};

struct WinCounts {
  std::int64_t wins = 0;
  std::int64_t losses = 0;
  std::int64_t ties = 0;  ///< pairs still undecided
};

struct WinSummary {
  std::optional<WinEstimate> win_ratio;  ///< absent where no pair is decided
  WinEstimate net_benefit;
  WinEstimate win_odds;
};

struct WinStatistics : WinSummary {
  WinStatus status = WinStatus::invalid_input;
  std::size_t treated = 0;
  std::size_t control = 0;
  WinCounts counts;                    ///< pairs within strata, unweighted
  std::vector<WinCounts> tiers;        ///< wins and losses decided on each tier
  std::vector<WinCounts> strata;       ///< all tiers, of each stratum
  std::vector<WinSummary> cumulative;  ///< as if the hierarchy ended with this tier
};

/// Keeps its buffers: reuse it and a comparison allocates nothing.
class WinWorkspace {
 public:
  WinWorkspace();
  ~WinWorkspace();
  WinWorkspace(WinWorkspace&&) noexcept;
  WinWorkspace& operator=(WinWorkspace&&) noexcept;
  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// The result lives in the workspace until its next use. Sizes that differ violate the contract.
[[nodiscard]] const WinStatistics& win_statistics(const WinTrial& trial, const WinOptions& options,
                                                  WinWorkspace& workspace);

}  // namespace angiotrial::analysis
