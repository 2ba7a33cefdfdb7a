// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/symptoms/daily_life.hpp>

#include <angiotrial/random/transforms.hpp>

#include <cmath>
#include <numbers>

namespace angiotrial::symptoms {

WeeklyRates weekly_rates(const DailyLife& parameters, const cohort::Traits& traits, double u,
                         double threshold_change_log, double season_log) {
  const double sig_a = parameters.bout_sd_log.value();
  const double sd_day = parameters.threshold_day_sd_log.value();
  const double d = traits.activity_distance_log.value();
  const double gam = parameters.behaviour_exponent;
  const double p_ischaemic = random::normal_cdf(-(d + (1.0 - gam) * threshold_change_log) /
                                                std::sqrt(sig_a * sig_a + sd_day * sd_day));
  const double season = std::exp(season_log);
  const double ischaemic =
      traits.exertion_bouts_per_week.value() * p_ischaemic * std::exp(u) * season;
  const double other = traits.non_ischaemic_pain_per_week.value() * std::exp(0.5 * u) * season;
  const double p = traits.painful_fraction.value();
  return {units::PerWeek(ischaemic), units::PerWeek(ischaemic * p + other), 1.0 - p};
}

double season_log(const DailyLife& parameters, units::Days since_peak) {
  return parameters.season_amplitude_log.value() *
         std::cos(2.0 * std::numbers::pi * since_peak.to<units::Years>().value());
}

}  // namespace angiotrial::symptoms
