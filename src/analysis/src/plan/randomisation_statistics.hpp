// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <cstddef>
#include <span>

#include "plan/frame.hpp"

/// Statistics of re-randomisation tests in plan files.
namespace angiotrial::analysis {

enum class RandomisationStatistic { mean_difference, rank_sum, ancova };

/// What stays as it is while arms are drawn again.
struct RandomisedOutcomes {
  std::span<const double> response;
  const Design& covariates;  ///< with an intercept
  std::size_t arms = 0;
  std::size_t reference = 0;
};

/// A function of the arms, and how far its equal values may lie apart by rounding.
struct RoundedStatistic {
  ArmStatistic of;
  double equal_within = 0.0;
};

/// `arm` against the reference.
[[nodiscard]] RoundedStatistic statistic_of(RandomisationStatistic statistic,
                                            const RandomisedOutcomes& data, std::size_t arm);

}  // namespace angiotrial::analysis
