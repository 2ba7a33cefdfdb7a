// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/randomisation/allocation_schemes.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace angiotrial::analysis {

/// Counts of patients by factor, level and arm, and the imbalances that come from them.
class Margins {
 public:
  explicit Margins(const MinimisationAllocation& scheme)
      : scheme_(scheme), near_(slack * total_weight(scheme)) {
    std::vector<int> levels(scheme.factor_count, 0);
    for (std::size_t i = 0; i < scheme.factors.size(); ++i) {
      int& most = levels[i % scheme.factor_count];
      most = std::max(most, scheme.factors[i] + 1);
    }
    for (const int l : levels) {
      first_.push_back(counts_.size());
      counts_.resize(counts_.size() + static_cast<std::size_t>(l) * scheme.ratio.size(), 0.0);
    }
  }

  [[nodiscard]] double imbalance_if(std::size_t arm, std::size_t patient) const {
    double sum = 0.0;
    for (std::size_t f = 0; f < scheme_.factor_count; ++f) {
      double least = std::numeric_limits<double>::infinity();
      double most = 0.0;
      for (std::size_t a = 0; a < scheme_.ratio.size(); ++a) {
        const double n = counts_[at(f, patient) + a] + (a == arm ? 1.0 : 0.0);
        const double share = n / scheme_.ratio[a];
        least = std::min(least, share);
        most = std::max(most, share);
      }
      sum += (scheme_.weights.empty() ? 1.0 : scheme_.weights[f]) * (most - least);
    }
    return sum;
  }

  /// Two imbalances, but for the rounding of their sums, which grows with the weights.
  [[nodiscard]] bool equal(double a, double b) const { return std::fabs(a - b) <= near_; }

  void add(std::size_t arm, std::size_t patient) {
    for (std::size_t f = 0; f < scheme_.factor_count; ++f) counts_[at(f, patient) + arm] += 1.0;
  }

 private:
  static constexpr double slack = 1.0e-12;

  [[nodiscard]] static double total_weight(const MinimisationAllocation& scheme) {
    if (scheme.weights.empty()) return static_cast<double>(scheme.factor_count);
    return std::accumulate(scheme.weights.begin(), scheme.weights.end(), 0.0);
  }
  [[nodiscard]] std::size_t at(std::size_t factor, std::size_t patient) const {
    const int level = scheme_.factors[patient * scheme_.factor_count + factor];
    return first_[factor] + static_cast<std::size_t>(level) * scheme_.ratio.size();
  }

  const MinimisationAllocation& scheme_;
  double near_;
  std::vector<std::size_t> first_;
  std::vector<double> counts_;
};

}  // namespace angiotrial::analysis
