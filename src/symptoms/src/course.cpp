// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/symptoms/course.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/symptoms/daily_life.hpp>

#include <cmath>

namespace angiotrial::symptoms {

Course::Course(const Parameters& parameters, const cohort::Patient& patient,
               const random::Streams& streams, units::BpmMmhg baseline_threshold,
               const Calendar& calendar, bool blinded)
    : parameters_(parameters),
      patient_(patient),
      streams_(streams),
      baseline_threshold_(baseline_threshold),
      calendar_(calendar),
      expectation_(expectation(parameters.placebo, patient, streams, blinded)),
      fluctuation_(parameters.daily_life, streams) {}

State Course::state(int week, double threshold_change_log) const {
  State now;
  now.u = fluctuation_.at(week);
  now.threshold_change_log = threshold_change_log;
  now.threshold = baseline_threshold_ * std::exp(threshold_change_log);
  const units::Days since_peak =
      calendar_.first_day_since_peak + units::Weeks(week).to<units::Days>();
  const WeeklyRates rates =
      weekly_rates(parameters_.daily_life, patient_.traits, now.u, threshold_change_log,
                   season_log(parameters_.daily_life, since_peak));
  now.felt_per_week = rates.felt;
  now.reported_per_week = rates.felt;
  now.slope_factor = patient_.traits.slope_factor;
  now.fatigue_met = patient_.traits.fatigue_met;
  now.tolerance_s = patient_.traits.tolerance_s;
  return now;
}

State Course::screening(int week) {
  ANGIOTRIAL_EXPECT(week >= 0 && week < calendar_.injection_week, "a week before injection");
  return state(week, 0.0);
}

State Course::follow_up(int weeks_since_injection, double cell_gain_log) {
  ANGIOTRIAL_EXPECT(weeks_since_injection >= 1, "follow-up begins a week after injection");
  const units::Months months = units::Weeks(weeks_since_injection).to<units::Months>();
  const double change = drift_log(parameters_.drift, streams_, months) + cell_gain_log;
  State now = state(calendar_.injection_week + weeks_since_injection, change);
  now.reporting = expectation_.reporting;
  now.reported_per_week = now.felt_per_week * now.reporting;
  now.slope_factor *= std::exp(-expectation_.learning_log);
  now.fatigue_met *= std::exp(expectation_.motivation_log);
  now.tolerance_s += expectation_.tolerance_gain_s;
  return now;
}

}  // namespace angiotrial::symptoms
