// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/randomisation/allocation_schemes.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

/// Tests of any statistic under the randomisation that the trial really used. Outcomes are fixed,
/// arms are drawn again; the type I error is at most the level whatever the outcomes are.
namespace angiotrial::analysis {

enum class RerandomisationStatus {
  tested = 0,
  invalid_input = 1,  ///< no patients or replicates, an arm below 0, a number that is not finite
  undefined = 2,      ///< the statistic of the trial itself is not finite
  too_many = 3,       ///< more allocations than were allowed
  empty_arm = 4,
};
[[nodiscard]] std::string_view name_of(RerandomisationStatus status);

/// Any function of the arms; what it knows of the patients it brings along.
using ArmStatistic = std::function<double(std::span<const int> arm)>;

enum class RandomisationTail {
  two_sided,  ///< |T*| >= |T|: the statistic must be centred at no effect
  greater,    ///< T* >= T
  less
};

struct RerandomisationOptions {
  std::uint32_t replicates = 9999;
  RandomisationTail tail = RandomisationTail::two_sided;
  double level = 0.95;  ///< of the Monte Carlo interval, or of the interval for the shift
  /// Statistics no farther apart than this are equal, and so are those within 1e-12 of the trial's.
  /// Give the rounding of the statistic: it grows with the outcomes, not with their difference.
  double equal_within = 0.0;
};

struct EnumerationOptions {
  RandomisationTail tail = RandomisationTail::two_sided;
  std::uint64_t most = 1'000'000;
  double equal_within = 0.0;     ///< as above
  std::span<const int> stratum;  ///< 0 upwards, one a patient; empty: one stratum
};

/// How far equal differences of means of these outcomes, summed about `centre`, may lie apart by
/// rounding: of the sums, 1e-10 of the standard deviation, and of the outcomes as they were given.
[[nodiscard]] double rounding_of_means(std::span<const double> response, double centre);

struct RerandomisationTest {
  RerandomisationStatus status = RerandomisationStatus::invalid_input;
  double observed = 0.0;
  std::uint64_t allocations = 0;  ///< drawn, or enumerated
  std::uint64_t extreme = 0;      ///< as far out as the trial's, equal ones included
  std::uint64_t undefined = 0;    ///< counted as extreme: the statistic was not finite
  double p_value = 1.0;
  /// Clopper-Pearson interval of the p-value that all allocations would give; a point where they
  /// were enumerated.
  double monte_carlo_lower = 0.0;
  double monte_carlo_upper = 1.0;
};

/// p = (1 + #{|T*| >= |T|}) / (1 + R): the trial's own allocation counts as one of R + 1.
[[nodiscard]] RerandomisationTest rerandomisation_test(std::span<const int> arm,
                                                       const Assign& assign,
                                                       const ArmStatistic& statistic,
                                                       const RerandomisationOptions& options = {});

/// All allocations with the same size of each arm in each stratum, each as likely as the others:
/// exact.
[[nodiscard]] RerandomisationTest enumeration_test(std::span<const int> arm,
                                                   const ArmStatistic& statistic,
                                                   const EnumerationOptions& options = {});

enum class ShiftStatistic {
  mean_difference,
  rank_sum,  ///< mid-ranks less their mean, summed over arm 1
};

/// Two arms: 1 treated, 0 control.
struct ShiftTrial {
  std::span<const double> response;
  std::span<const int> arm;
};

struct RerandomisationShift {
  RerandomisationStatus status = RerandomisationStatus::invalid_input;
  double estimate = 0.0;  ///< mean difference, or the Hodges-Lehmann shift
  /// Infinite where replicates, or different allocations, are too few for the level.
  double lower = 0.0, upper = 0.0;
};

/// All shifts d that the one-sided tests of y - d [arm 1], at half of 1 - level each, do not
/// reject, with the same replicates for every d. Both tests are monotone in d, so the set is an
/// interval, found without iteration (means) or by bisection over the differences (ranks).
[[nodiscard]] RerandomisationShift rerandomisation_shift(
    const ShiftTrial& trial, const Assign& assign, ShiftStatistic statistic,
    const RerandomisationOptions& options = {});

}  // namespace angiotrial::analysis
