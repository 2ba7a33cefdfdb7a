// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// Multiple hypotheses with strong control of the family-wise error rate: adjusted p-values. A
/// hypothesis is rejected at level alpha where its adjusted p-value is at most alpha.
namespace angiotrial::analysis {

enum class Adjustment {
  none,
  bonferroni,
  holm,
  hochberg,            ///< needs independent or positively dependent p-values
  hommel,              ///< as Hochberg, and never less powerful
  fixed_sequence,      ///< tested in the order given, as long as each is rejected
  benjamini_hochberg,  ///< false discovery rate, not the family-wise error rate
};

/// p-values in [0, 1]; one adjusted p-value each, in the same order.
[[nodiscard]] std::vector<double> adjust(std::span<const double> p, Adjustment adjustment);

/// Graphical procedure of Bretz, Maurer, Brannath and Posch 2009 (doi:10.1002/sim.3495): weights of
/// the level, and the share of its weight that a rejected hypothesis i passes on to j. Covers
/// gatekeeping, fall-back and fixed sequences.
struct TestGraph {
  std::vector<double> weights;      ///< each in [0, 1], sum at most 1
  std::vector<double> transitions;  ///< row by row; rows sum to at most 1, zero diagonal
};

struct GraphResult {
  std::vector<double> adjusted;
  std::vector<bool> rejected;   ///< at the level asked
  std::vector<double> weights;  ///< left after the rejections
};

/// Throws ContractViolation for sizes that differ or weights outside their ranges.
[[nodiscard]] GraphResult test_graph(const TestGraph& graph, std::span<const double> p,
                                     double alpha);

/// One comparison of a dose with the control, or one contrast.
struct Comparison {
  double estimate = 0.0;
  double se = 0.0;
  double t = 0.0;
  double p_unadjusted = 1.0;
  double p_adjusted = 1.0;
  double lower = 0.0;  ///< simultaneous interval; -infinity where one-sided
  double upper = 0.0;
};

struct ManyToOne {
  std::vector<Comparison> comparisons;  ///< one a treatment (Dunnett) or a contrast (Williams)
  double critical_value = 0.0;
  std::vector<double> step_down;  ///< adjusted p-values of the step-down test; Dunnett only
};

/// Summary of one-way data: control first. Sizes at least 1, sigma > 0, df > 0 or infinite.
struct ArmMeans {
  std::span<const double> means;
  std::span<const double> sizes;
  double sigma = 0.0;
  double df = 0.0;
};

/// Dunnett 1955: each treatment against the control. One-sided is for larger means; negate the
/// means to test for smaller ones.
[[nodiscard]] ManyToOne dunnett(const ArmMeans& arms, Sides sides, double level = 0.95);

/// Williams-type multiple contrast test (Bretz 2006, doi:10.1016/j.csda.2005.05.005): the pooled
/// top 1, 2, ... k doses against the control, which a monotone rise loads. One-sided.
[[nodiscard]] ManyToOne williams(const ArmMeans& arms, double level = 0.95);

/// Umbrella-type contrasts (after Bretz and Hothorn 2001): every block of neighbouring doses
/// against all other arms; tells a rise and fall from a flat curve. One-sided; at most four doses.
[[nodiscard]] ManyToOne umbrella(const ArmMeans& arms, double level = 0.95);

/// Any contrasts of the arm means, row by row, each summing to zero; up to 12.
[[nodiscard]] ManyToOne contrast_test(const ArmMeans& arms, std::span<const double> contrasts,
                                      Sides sides, double level = 0.95);

}  // namespace angiotrial::analysis
