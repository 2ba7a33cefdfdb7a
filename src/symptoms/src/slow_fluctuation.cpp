// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/symptoms/slow_fluctuation.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

namespace angiotrial::symptoms {

SlowFluctuation::SlowFluctuation(const DailyLife& parameters, const random::Streams& streams)
    : stream_(streams.at(random::Purpose::slow_fluctuation)),
      sd_(parameters.fluctuation_sd_log.value()),
      rho_(std::exp(-1.0 / parameters.fluctuation_time_weeks.value())),
      step_sd_(sd_ * std::sqrt(1.0 - rho_ * rho_)) {}

double SlowFluctuation::at(int week) {
  ANGIOTRIAL_EXPECT(week >= 0 && week < 1000, "a week between 0 and 999");
  while (u_.size() <= static_cast<std::size_t>(week)) {
    const double z = stream_.normal();
    u_.push_back(u_.empty() ? sd_ * z : rho_ * u_.back() + step_sd_ * z);
  }
  return u_[static_cast<std::size_t>(week)];
}

}  // namespace angiotrial::symptoms
