// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// Posterior probabilities of every pair of counts of a beta rule, from tables on one set of nodes.
class BinaryTable {
 public:
  explicit BinaryTable(const TwoSampleRule& rule);
  [[nodiscard]] bool says_yes(int treated_events, int control_events) const;
  /// P(theta_t - theta_c > d) of one criterion.
  [[nodiscard]] double above(std::size_t criterion, int treated_events, int control_events) const;

 private:
  struct Grid {
    double probability = 0.0;
    /// theta_t and 1 - theta_t at a node, theta_c = theta_t - d and 1 - theta_c.
    Eigen::ArrayXd weights, own, own_rest, other, other_rest;
    Eigen::ArrayXXd densities;   ///< treated posteriors: nodes x events, times weight
    Eigen::ArrayXXd cdfs;        ///< control posteriors at node - d: nodes x events
    std::vector<double> beyond;  ///< P(theta_t > 1 + d) by events, where d < 0
  };
  void fill_nodes(const Mixture& prior, double difference, Grid& grid) const;
  void fill_densities(const TwoSampleRule& rule, Grid& grid) const;
  void fill_cdfs(const TwoSampleRule& rule, Grid& grid) const;

  std::vector<Mixture> treated_, controls_;
  std::vector<Grid> grids_;  ///< one a criterion
  bool smaller_;
};

}  // namespace angiotrial::analysis
