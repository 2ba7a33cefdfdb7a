// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

/// Ways to allocate patients to arms, described by their parameters, and drawn again as often as a
/// test wants. Patients stand in the order of their entry; arms are 0, 1, ...
///
/// The schemes of a simulated trial correspond as follows, in distribution (not in bytes: the
/// streams of random numbers are others):
///   permuted_blocks    BlockAllocation{ratio, {blocks_of_each_arm}}
///   stratified_blocks  the same with `stratum`, one code for each combination of factors
///   minimisation       MinimisationAllocation{ratio, minimisation_coin_fraction, factors, count}
namespace angiotrial::analysis {

/// Draws allocation number `replicate` of a trial into `arm`, one a patient. The same number gives
/// the same allocation.
using Assign = std::function<void(std::uint32_t replicate, std::span<int> arm)>;

/// Each patient on his own, arm i with a chance of ratio[i] / sum.
struct SimpleAllocation {
  std::vector<int> ratio;
};

/// All orders of `sizes[i]` patients in arm i are equally likely: the random allocation rule. With
/// strata, within each; sizes then stand stratum by stratum.
struct CompleteAllocation {
  std::vector<int> sizes;    ///< at least 1; 0 where a stratum has no patient in an arm
  std::vector<int> stratum;  ///< 0 upwards, one a patient; empty: one stratum
};

/// Blocks hold arm i ratio[i] times a multiple, drawn with equal chance from `multiples`. The last
/// block may stay unfinished.
struct BlockAllocation {
  std::vector<int> ratio;
  std::vector<int> multiples{1};
  std::vector<int> stratum;  ///< 0 upwards, one a patient, a list for each; empty: one list
};

/// Pocock and Simon 1975 (doi:10.2307/2529712): for each arm, how far the counts of the patient's
/// levels, divided by the ratio, would lie apart if he went there (range over arms, summed over
/// factors). With probability `coin` one of the arms with the least sum, else one of the others;
/// by ratio within either group, and among all where all are equal.
struct MinimisationAllocation {
  std::vector<int> ratio;
  double coin = 0.8;         ///< in (0, 1]
  std::vector<int> factors;  ///< row by row: level, 0 upwards, of each factor
  std::size_t factor_count = 0;
  std::vector<double> weights;  ///< of the factors; empty: 1
};

/// Efron 1971 (doi:10.1093/biomet/58.3.403): two arms; the smaller one with probability `coin`.
struct BiasedCoinAllocation {
  double coin = 2.0 / 3.0;   ///< 0.5 to 1
  std::vector<int> stratum;  ///< as for blocks
};

/// Wei 1978 (doi:10.1214/aos/1176344068), two arms: an urn with `initial` balls of each arm; a
/// drawn ball goes back with `added` balls of the other arm.
struct UrnAllocation {
  int initial = 1;
  int added = 1;
};

/// The scheme as a function to be called with any replicate. Ratios, sizes and counts out of range,
/// and sizes that differ from the trial's, violate the contract.
[[nodiscard]] Assign replay(SimpleAllocation scheme, std::uint64_t seed);
[[nodiscard]] Assign replay(CompleteAllocation scheme, std::uint64_t seed);
[[nodiscard]] Assign replay(BlockAllocation scheme, std::uint64_t seed);
[[nodiscard]] Assign replay(MinimisationAllocation scheme, std::uint64_t seed);
[[nodiscard]] Assign replay(BiasedCoinAllocation scheme, std::uint64_t seed);
[[nodiscard]] Assign replay(UrnAllocation scheme, std::uint64_t seed);

/// The first patient whose arm the scheme cannot have given after those before him; none where the
/// allocation can have come up. Coins below 1, urns and simple allocation can give any.
[[nodiscard]] std::optional<std::size_t> first_impossible(const BlockAllocation& scheme,
                                                          std::span<const int> arm);
[[nodiscard]] std::optional<std::size_t> first_impossible(const MinimisationAllocation& scheme,
                                                          std::span<const int> arm);
[[nodiscard]] std::optional<std::size_t> first_impossible(const BiasedCoinAllocation& scheme,
                                                          std::span<const int> arm);

}  // namespace angiotrial::analysis
