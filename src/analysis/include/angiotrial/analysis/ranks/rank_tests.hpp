// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// Rank tests of two samples, and the shift between them. A positive effect means that x is larger.
/// Ties get mid-ranks.
namespace angiotrial::analysis {

enum class RankStatus {
  fitted = 0,
  empty_sample = 1,
  invalid_input = 2,  ///< a number that is not finite
  no_variation = 3,   ///< every value equal: no test
};

/// Brunner and Munzel 2000 (doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U):
/// P(X < Y) + P(X = Y) / 2 with unequal variances. Absent where the two samples do not overlap.
struct BrunnerMunzel {
  double probability = 0.5;
  double t = 0.0;
  double df = 0.0;
  double p_value = 1.0;
};

/// Interval for the shift from two order statistics of the differences; the rank counts from 1 at
/// either end. Absent where the samples are too small for the level.
struct ShiftInterval {
  double lower = 0.0;
  double upper = 0.0;
  std::size_t rank = 0;
  double achieved_level = 0.0;  ///< exact, for data without ties
};

struct WilcoxonResult {
  RankStatus status = RankStatus::invalid_input;
  double u = 0.0;         ///< Mann-Whitney count of x > y, ties one half
  double rank_sum = 0.0;  ///< of x
  bool ties = false;
  double z = 0.0;             ///< tie-corrected variance, no continuity correction
  double p_asymptotic = 1.0;  ///< two-sided, as all p-values here
  double z_continuity = 0.0;
  double p_continuity = 1.0;
  /// Permutation distribution of the rank sum, ties included; 2 min(tails) without ties, the
  /// probability of |W - E W| at least as large with ties. Absent beyond `exact_limit` values.
  std::optional<double> p_exact;
  double probability = 0.5;     ///< P(X > Y) + P(X = Y) / 2
  double hodges_lehmann = 0.0;  ///< median of the differences x - y
  std::optional<ShiftInterval> exact_interval;
  std::optional<ShiftInterval> asymptotic_interval;  ///< Moses
  std::optional<BrunnerMunzel> brunner_munzel;
};

struct WilcoxonOptions {
  double level = 0.95;
  std::size_t exact_limit = 400;       ///< most values in all for the permutation distribution
  std::size_t exact_limit_ties = 200;  ///< with ties its cost grows with the fourth power
};

[[nodiscard]] WilcoxonResult wilcoxon(std::span<const double> x, std::span<const double> y,
                                      const WilcoxonOptions& options = {});

/// Keeps its buffers, and the exact null distribution of the last two sample sizes.
class WilcoxonWorkspace {
 public:
  WilcoxonWorkspace();
  ~WilcoxonWorkspace();
  WilcoxonWorkspace(WilcoxonWorkspace&&) noexcept;
  WilcoxonWorkspace& operator=(WilcoxonWorkspace&&) noexcept;
  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
/// The same, without allocations once warm (the exact p-value of data with ties apart).
[[nodiscard]] WilcoxonResult wilcoxon(std::span<const double> x, std::span<const double> y,
                                      const WilcoxonOptions& options, WilcoxonWorkspace& workspace);

struct SignedRankResult {
  RankStatus status = RankStatus::invalid_input;
  std::size_t count = 0;      ///< without zeros
  double v = 0.0;             ///< sum of the ranks of positive values
  bool ties = false;          ///< of the sizes of values that are not zero
  double p_exact = 1.0;       ///< two-sided, permutation of signs, ties included; NaN beyond limit
  double z = 0.0;             ///< (V - E V) / sd, sd corrected for ties
  double p_asymptotic = 1.0;  ///< two-sided, as all p-values here
  double z_continuity = 0.0;  ///< V half a rank closer to its mean
  double p_continuity = 1.0;
  double t = 0.0;    ///< S sqrt(n - 1) / sqrt(n var S - S^2), S = V - E V: infinite where all agree
  double p_t = 1.0;  ///< Student's, count - 1 degrees of freedom; NaN for one value
  double pseudomedian = 0.0;  ///< median of the Walsh averages
  std::optional<ShiftInterval> exact_interval;
  /// Rank of the Walsh averages by the normal distribution with continuity correction.
  std::optional<ShiftInterval> asymptotic_interval;
};
/// One sample or paired differences; zeros are dropped. Beyond `exact_limit` values without zeros
/// there is no exact p-value and interval.
[[nodiscard]] SignedRankResult signed_rank(std::span<const double> differences, double level = 0.95,
                                           std::size_t exact_limit = 1000);

struct ChiSquareResult {
  RankStatus status = RankStatus::invalid_input;
  double chi_square = 0.0;
  int df = 0;
  double p_value = 1.0;
};
/// Kruskal-Wallis with the correction for ties; group 0 .. groups - 1 a value.
[[nodiscard]] ChiSquareResult kruskal_wallis(std::span<const double> values,
                                             std::span<const int> group, int groups);

enum class StratumWeights {
  van_elteren,  ///< 1 / (N_h + 1), locally best
  equal,        ///< rank sums of each stratum added as they are
  overall,      ///< ranks over all strata, permuted within strata (R package coin)
};

struct StratifiedRankResult {
  RankStatus status = RankStatus::invalid_input;
  double z = 0.0;
  double p_value = 1.0;
  int strata_used = 0;  ///< strata with both samples and some variation
};
/// Van Elteren 1960: values, whether each belongs to x, and its stratum 0 .. strata - 1.
[[nodiscard]] StratifiedRankResult stratified_wilcoxon(
    std::span<const double> values, std::span<const int> in_x, std::span<const int> stratum,
    int strata, StratumWeights weights = StratumWeights::van_elteren);

}  // namespace angiotrial::analysis
