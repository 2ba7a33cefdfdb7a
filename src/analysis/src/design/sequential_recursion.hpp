// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <vector>

/// Density of Z_k on the trials that have not stopped, stage by stage.
namespace angiotrial::analysis {

/// Drifts theta sqrt(I_K) that a grid has to serve.
struct DriftRange {
  double least = 0.0, most = 0.0;
};

/// Standard deviations of Z_k that the grid covers where probabilities far below 1e-15 do not
/// count.
constexpr double usual_reach = 7.9;
/// Reach that keeps the digits of tails beyond the bound z, or beyond the largest finite of
/// several.
[[nodiscard]] double reach_for(double z);
[[nodiscard]] double reach_for(std::span<const double> bounds);

class SequentialRecursion {
 public:
  /// theta sqrt(I_K); the first stage has information fraction t.
  SequentialRecursion(double drift, double t, double reach = usual_reach);
  /// Without drift, on nodes where trials of any drift in `drifts` are.
  SequentialRecursion(const DriftRange& drifts, double t);

  /// P(no stop before, Z_k > z) and P(..., Z_k < z) at the current stage; density at z.
  [[nodiscard]] double above(double z) const;
  [[nodiscard]] double below(double z) const;
  [[nodiscard]] double density(double z) const;
  /// z with above(z) = p or below(z) = p. Without any probability to spend (p below 1e-300; below:
  /// 1e-15) the bound is never reached; where p is all that is left of the trials, everything lies
  /// beyond it: -infinity above, infinity below.
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

  /// Root of ln P by bracketing, where Newton's rule does not settle. `side` as the tail: 1 above.
  [[nodiscard]] double bracketed(double first, double p, double side) const;
  /// Densities at the scores of the current stage that `at` holds, panel after panel.
  [[nodiscard]] std::vector<double> densities(const std::vector<double>& at, bool one_width) const;
  [[nodiscard]] double near_density(double score) const;
  /// Panels of one width over a stretch of z.
  struct Stretch {
    double from = 0.0, to = 0.0, width = 0.0;
  };
  [[nodiscard]] std::vector<Stretch> panel_edges(double from, double to, double width) const;

  double drift_;
  DriftRange drifts_;
  double t_;
  double reach_ = usual_reach;
  double before_ = 0.0;           ///< fraction of the stage before; 0 at the first
  std::vector<double> score_;     ///< sqrt(I) Z of the stage before, plus the expected step
  std::vector<double> weight_;    ///< density times quadrature weight
  std::array<double, 2> ends_{};  ///< scores where trials stopped at the stage before
  bool one_width_ = true;         ///< all panels of score_
};

}  // namespace angiotrial::analysis
