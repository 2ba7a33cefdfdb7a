// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/group_sequential.hpp>

#include <Eigen/Core>

#include <span>
#include <vector>

#include "design/sequential_recursion.hpp"

namespace angiotrial::analysis {

/// Stopping probabilities of fixed bounds under many drifts from one recursion. On trials that go
/// on at information t, with score S = sqrt(t) Z, drift theta against none has likelihood ratio
/// exp(theta S - theta^2 t / 2): the nodes of no drift serve every drift in the range.
class CrossingFamily {
 public:
  /// Bounds of Z; `lower` may be shorter than `upper`: no bound.
  CrossingFamily(std::span<const double> times, std::span<const double> lower,
                 std::span<const double> upper, const DriftRange& drifts);
  [[nodiscard]] StageProbabilities at(double drift) const;

 private:
  struct Stage {
    double before = 0.0, time = 0.0;  ///< information at the look before and at this one
    double lower = 0.0, upper = 0.0;
    Eigen::ArrayXd score, weight;  ///< of the look before
  };
  std::vector<Stage> stages_;
};

}  // namespace angiotrial::analysis
