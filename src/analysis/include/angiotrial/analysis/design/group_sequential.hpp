// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Group-sequential designs by recursive numerical integration (Armitage, McPherson and Rowe 1969;
/// Jennison and Turnbull 2000) on composite Gauss-Legendre grids.
///
///   Z_k ~ N(theta sqrt(I_k), 1),  cov(Z_j, Z_k) = sqrt(I_j / I_k),  j <= k
///
/// Information is given as fractions t_k = I_k / I_K, rising, the last one 1; the drift is
/// theta sqrt(I_K). Large Z favours the alternative.
namespace angiotrial::analysis {

/// Fractions rise by this much or more: what one look adds to the last has a density of width
/// sqrt(t_k - t_(k-1)), which the grid has to resolve.
constexpr double least_information_step = 1.0e-4;

enum class SpendingKind {
  obrien_fleming,     ///< Lan-DeMets: 2 - 2 Phi(z_(alpha/2) / sqrt(t))
  pocock,             ///< Lan-DeMets: alpha ln(1 + (e - 1) t)
  kim_demets,         ///< alpha t^parameter
  hwang_shih_decani,  ///< alpha (1 - e^(-parameter t)) / (1 - e^(-parameter))
};

struct Spending {
  SpendingKind kind = SpendingKind::obrien_fleming;
  double parameter = 0.0;

  /// Level spent up to information fraction t in (0, 1], of `total`.
  [[nodiscard]] double spent(double t, double total) const;
};

struct StageProbabilities {
  std::vector<double> upper;  ///< first crossing above, by stage
  std::vector<double> lower;  ///< first crossing below

  [[nodiscard]] double reject() const;  ///< sum of upper
};

/// Bounds by stage; -infinity where a stage has no lower bound. Sizes of one stage or more; the
/// lower bound does not exceed the upper.
[[nodiscard]] StageProbabilities stage_probabilities(std::span<const double> lower,
                                                     std::span<const double> upper,
                                                     std::span<const double> information,
                                                     double drift);

/// Upper bounds that spend alpha (two-sided: alpha / 2 at either side, symmetric).
[[nodiscard]] std::vector<double> spending_bounds(std::span<const double> information, double alpha,
                                                  const Spending& spending,
                                                  Sides sides = Sides::one);

/// Bounds c t_k^(delta - 1/2) (Wang and Tsiatis 1987, doi:10.2307/2531959): delta 0 is
/// O'Brien-Fleming, 0.5 is Pocock.
[[nodiscard]] std::vector<double> wang_tsiatis_bounds(std::span<const double> information,
                                                      double alpha, double delta,
                                                      Sides sides = Sides::one);

/// Interim bounds as given (Haybittle and Peto: 3), the last solved for the level.
[[nodiscard]] std::vector<double> last_bound(std::span<const double> interim,
                                             std::span<const double> information, double alpha);

/// Power, information and expected sample size of a design.
struct DesignCharacteristics {
  double shift = 0.0;      ///< drift^2 that gives the power
  double fixed = 0.0;      ///< the same of a design with one look
  double inflation = 1.0;  ///< shift / fixed: largest over fixed sample size
  StageProbabilities under_null;
  StageProbabilities under_alternative;
  /// Expected over fixed sample size, at drift 0, half the alternative's and the alternative's.
  double expected_null = 0.0;
  double expected_half = 0.0;
  double expected_alternative = 0.0;
};
/// Lower bounds empty: none (one-sided) or the mirror of the upper (two-sided).
[[nodiscard]] DesignCharacteristics characterise(std::span<const double> upper,
                                                 std::span<const double> lower,
                                                 std::span<const double> information, double alpha,
                                                 double power, Sides sides = Sides::one);

/// Sum over stages of P(stop there) t_k: expected information over the largest.
[[nodiscard]] double expected_information(const StageProbabilities& stages,
                                          std::span<const double> information);

enum class Futility {
  binding,      ///< the trial must stop at the lower bound: alpha is spent knowing so
  non_binding,  ///< the lower bound may be overruled: alpha is held either way
};

struct FutilityDesign {
  std::vector<double> upper, lower;  ///< equal at the last stage
  double drift = 0.0;                ///< at which the type II error is beta; NaN: none
  double inflation = 1.0;            ///< drift^2 over that of the fixed design
  StageProbabilities under_null;     ///< with the lower bound obeyed
  StageProbabilities under_alternative;
};
/// One-sided alpha and beta spending (gsDesign's test types 3 and 4).
[[nodiscard]] FutilityDesign futility_design(std::span<const double> information, double alpha,
                                             double beta, const Spending& alpha_spending,
                                             const Spending& beta_spending, Futility futility);

/// P(Z_K > critical | Z_k = z at fraction t) at the given drift; the current trend is z / sqrt(t).
[[nodiscard]] double conditional_power(double z, double t, double drift, double critical);
/// The same averaged over a flat prior's posterior of the drift.
[[nodiscard]] double predictive_power(double z, double t, double critical);

/// Combination tests of stage-wise one-sided p-values of independent stages.
/// sum w_k z(p_k) / sqrt(sum w_k^2), weights fixed in advance.
[[nodiscard]] double inverse_normal(std::span<const double> p, std::span<const double> weights);
/// P(chi-square(2 K) >= -2 sum ln p_k): Fisher 1932, no early stopping.
[[nodiscard]] double fisher_combination(std::span<const double> p);

/// Mehta and Pocock 2011 (doi:10.1002/sim.4102): the second stage is enlarged where conditional
/// power at the current trend is promising.
struct PromisingZone {
  double conditional_power = 0.0;
  double uncapped = 0.0;           ///< size that brings conditional power to the target
  double size = 0.0;               ///< chosen: planned, or enlarged up to the largest
  double adjusted_critical = 0.0;  ///< for the pooled z at `size`, keeping the level
};
struct PromisingZonePlan {
  double interim = 0.0, planned = 0.0, largest = 0.0;  ///< sample sizes, rising
  double target = 0.8;                                 ///< conditional power aimed at
  double promising = 0.3;  ///< least conditional power that is promising
  double alpha = 0.025;
  std::optional<double> critical;  ///< z of the last look; none: of one look at alpha
};
[[nodiscard]] PromisingZone promising_zone(double z, const PromisingZonePlan& plan);

}  // namespace angiotrial::analysis
