// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// Posterior probabilities of every pair of counts of a beta rule, from tables on one set of nodes.
class BinaryTable {
 public:
  explicit BinaryTable(const TwoSampleRule& rule);
  [[nodiscard]] bool says_yes(int treated_events, int control_events) const;

 private:
  struct Grid {
    double probability = 0.0;
    std::vector<double> nodes, weights;
    std::vector<double> densities;  ///< treated posteriors: events x nodes, times weight
    std::vector<double> cdfs;       ///< control posteriors at node - d: events x nodes
    std::vector<double> beyond;     ///< P(theta_t > 1 + d) by events, where d < 0
  };
  void fill_densities(const TwoSampleRule& rule, Grid& grid) const;
  void fill_cdfs(const TwoSampleRule& rule, double difference, Grid& grid) const;

  std::vector<Mixture> treated_, controls_;
  std::vector<Grid> grids_;  ///< one a criterion
  bool smaller_;
};

}  // namespace angiotrial::analysis
