// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

/// Families of hypotheses tested one after the other, with strong control of the family-wise error
/// rate over all of them: multistage gatekeeping (Dmitrienko, Tamhane and Wiens 2008,
/// doi:10.1002/bimj.200710464). Weighted tests of one family.
///
/// Family k of n hypotheses is tested at level a_k, a_1 = alpha, stepping through the ordered
/// p-values against
///
///   c_i = a_k [ g / (n - i + 1) + (1 - g) / n ],   g the truncation
///
/// and passes on what its acceptances A leave:
///
///   a_(k+1) = a_k where A is empty,   a_k (1 - g) (n - |A|) / n otherwise
///
/// g = 1 is the ordinary Holm or Hochberg test and a serial gate (all must be rejected); g = 0 is
/// Bonferroni's test and a parallel gate (one rejection opens it).
namespace angiotrial::analysis {

enum class FamilyTest {
  holm,     ///< steps down: valid whatever the dependence
  hochberg  ///< steps up: independent or positively dependent p-values
};

struct HypothesisFamily {
  std::vector<std::size_t> hypotheses;  ///< indices of the p-values, in no particular order
  FamilyTest test = FamilyTest::holm;
  double truncation = 1.0;  ///< g, 0 to 1; usually 1 for the last family
};

struct GatekeepingResult {
  /// The least alpha at which the hypothesis is rejected, to 1e-12; 1 where there is none below.
  std::vector<double> adjusted;
  std::vector<bool> rejected;        ///< at the level asked
  std::vector<double> family_level;  ///< a_k at the level asked, by family
};

/// Every p-value belongs to one family; p-values in [0, 1], 0 < alpha < 1 (contracts).
[[nodiscard]] GatekeepingResult gatekeeping(std::span<const HypothesisFamily> families,
                                            std::span<const double> p, double alpha);

/// The graph with the same decisions, where there is one: all families Holm's; those before the
/// last with truncation below 1 and at most two hypotheses, with truncation 0, or with one
/// hypothesis. The last must have truncation 1.
[[nodiscard]] std::optional<TestGraph> gatekeeping_graph(
    std::span<const HypothesisFamily> families);

enum class WeightedAdjustment {
  bonferroni,
  holm,      ///< weights of the remaining hypotheses in proportion
  fall_back  ///< Wiens 2003 (doi:10.1002/pst.64): in the order given, a rejected hypothesis hands
             ///< its level on to the next; weights (1, 0, ...) are the fixed sequence
};
/// Adjusted p-values; weights in [0, 1] that sum to at most 1 (a contract). A hypothesis whose
/// weight stays 0 has 1.
[[nodiscard]] std::vector<double> adjust_weighted(std::span<const double> p,
                                                  std::span<const double> weights,
                                                  WeightedAdjustment adjustment);

}  // namespace angiotrial::analysis
