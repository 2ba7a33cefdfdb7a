// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/random/stream.hpp>
#include <angiotrial/symptoms/parameters.hpp>

#include <vector>

namespace angiotrial::symptoms {

/// Good and bad spells: u(t), an Ornstein-Uhlenbeck process on a weekly grid,
///
///     u_0 = sd z_0;   u_w = rho u_{w-1} + sd sqrt(1 - rho^2) z_w;   rho = exp(-1 week / tau)
///
/// z_w is draw w of one stream, so a different schedule of visits sees the same spells. Patients
/// come to a trial when u is high: regression to the mean follows without a parameter of its own.
class SlowFluctuation {
 public:
  SlowFluctuation(const DailyLife& parameters, const random::Streams& streams);

  /// u at a week counted from the start of the screening diary; 0 <= week < 1000.
  [[nodiscard]] double at(int week);

 private:
  random::Stream stream_;
  double sd_;
  double rho_;
  double step_sd_;
  std::vector<double> u_;
};

}  // namespace angiotrial::symptoms
