// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Bayesian trials of several arms with response-adaptive allocation: looks at given sizes, shares
/// in proportion to the probability of being the best arm, arms that are dropped, stopping for
/// superiority, equivalence or futility. Rules as those of adaptr (Granholm et al. 2022, J Open
/// Source Softw 7:4284, doi 10.21105/joss.04284); allocation after Thompson (1933, Biometrika
/// 25:285) with softening (Thall and Wathen 2007, Eur J Cancer 43:859). Every posterior probability
/// is an integral, none a count of draws; absolute error below 1e-6.
namespace angiotrial::analysis {

enum class ArmsEndpoint {
  binary,            ///< beta prior, the same in every arm
  normal,            ///< flat prior of the mean, spread known
  normal_estimated,  ///< posterior normal with error sd / sqrt(n - 1), as adaptr takes it
};

/// What the share of the common control follows.
enum class ControlShare {
  adaptive,    ///< the probability of being best, as every arm's
  fixed,       ///< AdaptiveArms::control_fixed
  root,        ///< sqrt(m) : 1 against m other arms in the trial
  root_start,  ///< the same of the arms that the trial began with
  root_fixed,  ///< the same of the arms that are left, which share the rest equally
  match,       ///< the largest share of the other arms, which keep their limits
};

/// Lists of arms are empty or have a number an arm; lists of looks have one number or one a look.
/// While every arm is in the trial, some shares must obey `fixed`, `least` and `most` beside the
/// share of a control that has a rule, whose own limits do not count; with `root_fixed` the equal
/// shares must. Limits left without a solution when arms have gone are met as they stand and
/// rescaled. A greatest share of 0 is refused: an arm that may have no patient is not in the trial,
/// and if only such arms were left they would have no shares.
struct AdaptiveArms {
  std::size_t arms = 0;  ///< 2 to 20
  ArmsEndpoint endpoint = ArmsEndpoint::binary;
  Favours favours = Favours::smaller;
  double prior_events = 1.0, prior_others = 1.0;  ///< binary: parameters of the beta prior

  std::vector<int> looks;       ///< patients with an outcome at each, rising; the last: the maximum
  std::vector<int> randomised;  ///< patients randomised by then; empty: as `looks`

  std::vector<double> start;           ///< shares up to the first look; empty: equal, or `root`
  std::vector<double> fixed;           ///< shares that never change; 0: adaptive
  std::vector<double> least, most;     ///< limits of adaptive shares, `most` above 0; empty: none
  std::vector<double> softening{1.0};  ///< power of the probability, 0 to 1

  std::optional<std::size_t> control;  ///< common control: others are compared with it
  ControlShare control_share = ControlShare::adaptive;
  double control_fixed = 0.0;

  std::vector<double> superiority{0.99}, inferiority{0.01};  ///< 1 and 0: never
  std::vector<double> equivalence, futility;                 ///< empty: not assessed
  double equivalence_margin = 0.0, futility_margin = 0.0;    ///< on the scale of rates or means
  bool equivalence_first_only = false;  ///< only against the control that the trial began with
  bool futility_first_only = false;
};

enum class ArmsStatus {
  valid = 0,
  invalid_design,  ///< a number of arms or looks, a list's length, a limit outside its range
  invalid_shares,  ///< starting shares not of sum 1, limits no shares obey, a `most` of 0
  invalid_start,   ///< starting shares beyond a limit, or other than fixed
  invalid_data,    ///< counts that cannot be, no spread, no arm in the trial
  too_few,         ///< normal: an arm without the one patient (spread estimated: two) it needs
  too_unlike,      ///< posteriors that no grid of bearable size holds
  invalid_truth,   ///< simulation: a rate outside [0, 1], a spread that is not positive, no trial
};
[[nodiscard]] std::string_view name_of(ArmsStatus status);
[[nodiscard]] ArmsStatus check(const AdaptiveArms& design);

enum class ArmState { active, control, superior, inferior, equivalent, futile };
[[nodiscard]] std::string_view name_of(ArmState state);

enum class TrialDecision { proceeds, superiority, equivalence, futility, maximum };
[[nodiscard]] std::string_view name_of(TrialDecision decision);

/// Outcomes of all patients so far, a number an arm, dropped arms too.
struct ArmsData {
  std::span<const double> totals;
  std::span<const double> outcomes;  ///< binary: events; normal: means
  std::span<const double> sds;       ///< normal: known or observed; binary: empty
};

/// Where the trial stands before a look.
struct ArmsCourse {
  std::size_t look = 0;                ///< counted from 0
  std::vector<ArmState> states;        ///< empty: every arm is in the trial
  std::optional<std::size_t> control;  ///< if it is another than the design's
};

/// NaN: arm not in the trial, or nothing to compare.
struct ArmsLook {
  ArmsStatus status = ArmsStatus::invalid_design;
  TrialDecision decision = TrialDecision::proceeds;
  std::vector<ArmState> states;        ///< after the look
  std::optional<std::size_t> control;  ///< after the look
  std::vector<double> estimate;        ///< posterior mean
  std::vector<double> best;            ///< P(best of the arms in the trial before the look)
  std::vector<double> best_left;       ///< the same among those left after it
  // Against the control before the look:
  std::vector<double> better;      ///< P(better)
  std::vector<double> equivalent;  ///< P(less than the margin apart)
  std::vector<double> futile;      ///< P(better by less than the margin, or worse)
  double all_equivalent = 0.0;     ///< without control: P(all that are left within the margin)
  std::vector<double> shares;      ///< of the patients to come; 0: dropped, or the trial stops
};

/// What the rule says at a look of real data.
[[nodiscard]] ArmsLook analyse_adaptive_arms(const AdaptiveArms& design, const ArmsData& data,
                                             const ArmsCourse& course = {});

/// Shares up to the first look.
[[nodiscard]] std::vector<double> starting_shares(const AdaptiveArms& design);

}  // namespace angiotrial::analysis
