// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/diary.hpp>

#include <angiotrial/random/transforms.hpp>

#include <cmath>

namespace angiotrial::assessment {

void add_week(const Diary& parameters, const symptoms::State& state, int week,
              const random::Streams& streams, DiaryWindow& window) {
  const auto occasion = static_cast<std::uint32_t>(week);
  const int days =
      random::binomial_quantile(streams.at(random::Purpose::diary_missing, occasion).uniform(), 7,
                                parameters.adherence_fraction.value());
  const double share = days / 7.0;
  const double m = state.reported_per_week.value() * share;
  const double tablets = parameters.tablets_per_attack.value() * state.felt_per_week.value() *
                         std::pow(state.reporting, parameters.tablet_reporting_exponent) * share;
  window.episodes += random::negative_binomial_quantile(
      streams.at(random::Purpose::diary, occasion).uniform(), m, parameters.dispersion);
  window.tablets += random::poisson_quantile(
      streams.at(random::Purpose::nitroglycerin, occasion).uniform(), tablets);
  window.days_observed += days;
}

}  // namespace angiotrial::assessment
