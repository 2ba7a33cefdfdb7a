// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/allocation/parameters.hpp>
#include <angiotrial/random/stream.hpp>

#include <map>
#include <span>
#include <vector>

namespace angiotrial::allocation {

/// The list behind the envelope. One Allocator serves one replicate; patients come in the order of
/// their enrolment. Blocks hold every arm `blocks_of_each_arm` times its ratio.
///
///   permuted_blocks    one list for the trial
///   stratified_blocks  one list for each combination of strata
///   minimisation       Pocock and Simon 1975 (Biometrics 31:103), sum of marginal ranges, the
///                      favoured arm with a biased coin, ties and the rest by ratio
class Allocator {
 public:
  /// `ratio[i]` is the share of arm i, positive whole numbers.
  Allocator(const Randomisation& parameters, std::vector<int> ratio, std::uint64_t seed,
            std::uint32_t replicate);

  /// Arm of the next patient; `strata` are small non-negative codes, the same number each time.
  [[nodiscard]] int next(std::uint32_t patient, std::span<const int> strata);

 private:
  [[nodiscard]] int from_block(int stratum);
  [[nodiscard]] int by_minimisation(std::uint32_t patient, std::span<const int> strata);
  [[nodiscard]] double imbalance_if(int arm, std::span<const int> strata) const;

  struct List {
    std::vector<int> block;
    std::size_t used = 0;
    std::uint32_t blocks_made = 0;
  };
  Randomisation parameters_;
  std::vector<int> ratio_;
  std::uint64_t seed_;
  std::uint32_t replicate_;
  std::map<int, List> lists_;
  std::map<std::pair<int, int>, std::vector<int>> counts_;  ///< (factor, level) -> patients by arm
};

}  // namespace angiotrial::allocation
