// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <Eigen/Dense>

#include <vector>

namespace angiotrial::analysis {

/// Posterior probabilities of pairs of counts of a gamma rule on one set of nodes, for a walk:
/// counts only rise.
class CountTable {
 public:
  /// `largest`: event rates that the posteriors reach.
  CountTable(const TwoSampleRule& rule, double largest);
  /// One event more among the controls; the first call stands at none.
  void next_control();
  [[nodiscard]] bool says_yes(int treated_events);
  /// P(theta_t - theta_c > d) of one criterion at the controls reached.
  [[nodiscard]] double above(std::size_t criterion, int treated_events);

 private:
  struct Grid {
    Eigen::ArrayXd weights, own, other, log_own, log_other;  ///< rates of treated and controls
    Eigen::ArrayXXd cdfs;                                    ///< one column a control component
    Eigen::ArrayXd density, cdf;                             ///< at the counts reached, weighted
  };
  void fill_nodes(double difference, double largest, Grid& grid) const;
  void raise_cdfs(double events, Grid& grid) const;
  void fill_density(int events);

  TwoSampleRule rule_;
  std::vector<Grid> grids_;  ///< one a criterion
  int treated_ = -1, control_ = -1;
};

}  // namespace angiotrial::analysis
