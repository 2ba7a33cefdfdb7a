// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

/// Density of Z_k on the trials that have not stopped, stage by stage.
namespace angiotrial::analysis {

/// Drifts theta sqrt(I_K) that a grid has to serve.
struct DriftRange {
  double least = 0.0, most = 0.0;
};

class SequentialRecursion {
 public:
  /// theta sqrt(I_K); the first stage has information fraction t.
  SequentialRecursion(double drift, double t);
  /// Without drift, on nodes where trials of any drift in `drifts` are.
  SequentialRecursion(const DriftRange& drifts, double t);

  /// P(no stop before, Z_k > z) and P(..., Z_k < z) at the current stage; density at z.
  [[nodiscard]] double above(double z) const;
  [[nodiscard]] double below(double z) const;
  [[nodiscard]] double density(double z) const;
  /// z with above(z) = p or below(z) = p; infinite where p is below 1e-15.
  [[nodiscard]] double solve_above(double p) const;
  [[nodiscard]] double solve_below(double p) const;

  /// Goes on where lower < Z_k < upper, to the stage with fraction `next`.
  void advance(double lower, double upper, double next);

  /// Nodes of the stage before: score sqrt(I) Z plus the expected step, and weight.
  [[nodiscard]] const std::vector<double>& scores() const { return score_; }
  [[nodiscard]] const std::vector<double>& weights() const { return weight_; }

 private:
  /// Sum over the grid of weight g(standardised distance of z).
  template <class G>
  [[nodiscard]] double sum(double z, G&& g) const;

  /// Newton on ln P from the left of the root: never overshoots.
  [[nodiscard]] double climb_above(double p) const;
  [[nodiscard]] double climb_below(double p) const;
  /// Densities at the scores of the current stage that `at` holds, panel after panel.
  [[nodiscard]] std::vector<double> densities(const std::vector<double>& at) const;

  double drift_;
  DriftRange drifts_;
  double t_;
  double before_ = 0.0;         ///< fraction of the stage before; 0 at the first
  std::vector<double> score_;   ///< sqrt(I) Z of the stage before, plus the expected step
  std::vector<double> weight_;  ///< density times quadrature weight
};

}  // namespace angiotrial::analysis
