// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "simulation_based_calibration.hpp"

namespace angiotrial::analysis {
namespace {

TEST(BayesianMarkovCalibration, ranks_of_the_truth_are_uniform_over_200_fits) {
  const Calibration calibration(200, 8, 5, false);
  for (std::size_t p = 0; p < 4; ++p) EXPECT_LT(calibration.statistic(p), calibration_bound) << p;
}

}  // namespace
}  // namespace angiotrial::analysis
