// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/symptoms/parameters.hpp>

namespace angiotrial::symptoms {

/// Episodes of one week, as rates.
struct WeeklyRates {
  units::PerWeek ischaemic;  ///< ischaemic episodes, painful or silent
  units::PerWeek felt;       ///< attacks felt
  double silent_fraction = 0.0;
};

/// Attacks of a patient who acts at a distance d below the own threshold (P1.4):
///
///     P(ischaemic) = Phi( -(d + (1 - gam) dln RPP*) / sqrt(sig_a^2 + sd_day^2) )
///     felt         = [ lam_act P p e^u + nc e^{u/2} ] season
///
/// `threshold_change_log` is dln RPP* against the patient's own baseline, `season_log` the log of
/// the seasonal factor. The threshold itself does not enter: this alone gives the near-zero
/// correlation of symptoms with anatomy seen in ORBITA-2.
[[nodiscard]] WeeklyRates weekly_rates(const DailyLife& parameters, const cohort::Traits& traits,
                                       double u, double threshold_change_log, double season_log);

/// Log of the seasonal factor, day of the year counted from the peak in mid-January (recalled).
[[nodiscard]] double season_log(const DailyLife& parameters, units::Days since_peak);

}  // namespace angiotrial::symptoms
