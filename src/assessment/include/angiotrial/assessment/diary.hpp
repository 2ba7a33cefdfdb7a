// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/parameters.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/symptoms/course.hpp>

#include <span>

namespace angiotrial::assessment {

/// What a run of diary weeks holds.
struct DiaryWindow {
  int episodes = 0;
  int tablets = 0;        ///< nitroglycerin
  int days_observed = 0;  ///< days with an entry
  /// Attacks per week of observation; 0 days give no rate (expects days_observed > 0).
  [[nodiscard]] double episodes_per_week() const { return 7.0 * episodes / days_observed; }
  [[nodiscard]] double tablets_per_week() const { return 7.0 * tablets / days_observed; }
};

/// Adds one week: days observed ~ Binomial(7, adherence); with m = reported days / 7,
///
///     episodes ~ NB2(mean m, variance m + nb m^2)
///     tablets  ~ Poisson(0.84 felt rep^x days / 7)
///
/// x = 1/2: tablets fall half as much as reports under sham. `week` keys the draws.
void add_week(const Diary& parameters, const symptoms::State& state, int week,
              const random::Streams& streams, DiaryWindow& window);

}  // namespace angiotrial::assessment
