// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// First-order Markov models for ordered states: a cumulative logit whose covariates include the
/// previous state as a factor.
///
///   P(Y_t <= j | Y_(t-1) = k, x) = F(theta_j - phi_k - x' beta)
///
/// States 0 .. K - 1. Absorbing states are never left, so no transition starts in one. The
/// reference of the factor is the lowest state that is not absorbing.
namespace angiotrial::analysis {

enum class PreviousState {
  none,          ///< no dependence: proportional odds
  proportional,  ///< phi_k
  by_threshold   ///< phi_kj: partial proportional odds
};

/// One row a transition.
struct MarkovTransitions {
  std::span<const int> previous;
  std::span<const int> current;
  int states = 0;                      ///< K
  std::span<const double> covariates;  ///< treatment, time, baseline ...; row by row
  std::size_t columns = 0;             ///< of the covariates
  std::span<const double> weights;     ///< empty: 1
  std::span<const int> absorbing;      ///< states, in any order
  PreviousState dependence = PreviousState::proportional;
  std::span<const std::size_t> by_threshold;  ///< covariates with a coefficient a threshold
  ThresholdSign sign = ThresholdSign::at_most;
};

/// The cumulative link model of the transitions. Its parameters: thresholds; those by threshold,
/// column after column, the previous state before covariates; the proportional ones, likewise.
struct MarkovDesign {
  bool valid = false;  ///< false: a state out of range, a start in an absorbing state
  std::vector<double> proportional;
  std::vector<double> nominal;
  CumulativeModel model;  ///< refers to this object's vectors and to the transitions

  explicit MarkovDesign(const MarkovTransitions& transitions);
  MarkovDesign(const MarkovDesign&) = delete;
  MarkovDesign& operator=(const MarkovDesign&) = delete;
};

[[nodiscard]] CumulativeFit fit_markov_ordinal(const MarkovTransitions& transitions);
/// Sandwich by patient; of a fit that is `fitted`.
[[nodiscard]] std::vector<double> markov_cluster_covariance(const MarkovTransitions& transitions,
                                                            const CumulativeFit& fit,
                                                            std::span<const int> patient);

/// Covariates over time for which occupancy is asked: one course, or several whose occupancies are
/// averaged (the patients of a trial put on one arm).
struct MarkovCourses {
  std::size_t times = 0;
  std::span<const double> covariates;  ///< courses x times x columns
  std::span<const double> start;    ///< courses x states: distribution of the state before time 1
  std::span<const double> weights;  ///< of the courses; empty: equal
};

/// P(Y_t = k) at times 1 .. T, by forward recursion over the states.
struct StateOccupancy {
  std::size_t states = 0;
  std::size_t parameters = 0;
  std::vector<double> probability;  ///< times x states
  std::vector<double> gradient;     ///< (times x states) x parameters; empty where not asked for
};

/// `structure` gives K, columns, dependence, by_threshold, absorbing and sign; its rows are not
/// read. `intercept` is added to x' beta.
[[nodiscard]] StateOccupancy state_occupancy(const MarkovTransitions& structure,
                                             std::span<const double> coefficients,
                                             const MarkovCourses& courses,
                                             bool with_gradient = true, double intercept = 0.0);

/// sum over times and states of scores_k P(Y_t = k): with scores 0 1 1 .. the days with angina,
/// with the number of episodes of a state the mean episodes over all days.
[[nodiscard]] double occupancy_total(const StateOccupancy& occupancy,
                                     std::span<const double> scores);
/// The same with its standard error by the delta method, given a covariance of the coefficients.
[[nodiscard]] Contrast occupancy_estimate(const StateOccupancy& occupancy,
                                          std::span<const double> scores,
                                          std::span<const double> covariance, double level = 0.95);
/// `first` less `second`, of one fit.
[[nodiscard]] Contrast occupancy_difference(const StateOccupancy& first,
                                            const StateOccupancy& second,
                                            std::span<const double> scores,
                                            std::span<const double> covariance,
                                            double level = 0.95);

}  // namespace angiotrial::analysis
