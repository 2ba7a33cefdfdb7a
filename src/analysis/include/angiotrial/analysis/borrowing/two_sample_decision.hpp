// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <vector>

/// A Bayesian rule for treatment against control, and how often it says yes where the truth is
/// known: exact sums over the data (counts) or quadrature (means). No simulation.
///
///   success  where  P(theta_t - theta_c > d_i | data) > p_i  for every criterion i
namespace angiotrial::analysis {

struct DecisionCriterion {
  double probability = 0.95;  ///< p_i in (0, 1)
  double difference = 0.0;    ///< d_i
};

struct TwoSampleRule {
  Mixture treatment;  ///< prior of the treatment arm
  Mixture control;    ///< prior of the control arm, as robustify() makes it
  double treatment_size = 0.0;
  double control_size = 0.0;
  std::vector<DecisionCriterion> criteria;
  bool smaller = false;  ///< success where P(theta_t - theta_c <= d_i) > p_i
};

/// Where the rule changes its mind, found once; the operating characteristics then cost a sum.
class DecisionBoundary {
 public:
  /// A status other than valid refuses: families that differ, sizes that are not positive (beta:
  /// whole, at most 2000; gamma: no more than 20000 events at twice the priors' 0.999 quantile), no
  /// criterion or one outside its range.
  explicit DecisionBoundary(const TwoSampleRule& rule);

  [[nodiscard]] MixtureStatus status() const { return status_; }
  /// Beta and gamma: for 0, 1, .. events among controls, the treated events from which (up to
  /// which, where `smaller`) the rule says yes; -1 or beyond the largest count where never.
  [[nodiscard]] const std::vector<int>& critical_events() const { return critical_events_; }
  /// Normal: critical mean of the treated at a mean of the controls.
  [[nodiscard]] double critical_mean(double control_mean) const;
  /// P(success) at true rates, means (normal) or event rates (gamma).
  [[nodiscard]] double success(double treatment, double control) const;

 private:
  void find_binary();
  void find_counts();
  [[nodiscard]] double normal_success(double treatment, double control) const;

  TwoSampleRule rule_;
  MixtureStatus status_ = MixtureStatus::no_component;
  std::vector<int> critical_events_;
  std::vector<double> treated_choose_, control_choose_;  ///< beta: ln binomial coefficients
  double largest_rate_ = 0.0;  ///< gamma: beyond this true rate the table has no room
};

}  // namespace angiotrial::analysis
