// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/symptoms/placebo.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

namespace angiotrial::symptoms {

Expectation expectation(const Placebo& parameters, const cohort::Patient& patient,
                        const random::Streams& streams, bool blinded) {
  random::Stream stream = streams.at(random::Purpose::placebo);
  const double z_reporting = stream.normal();
  const double z_learning = stream.normal();
  const double z_motivation = stream.normal();
  Expectation own;
  own.learning_log =
      parameters.learning_log.value() + parameters.learning_sd_log.value() * z_learning;
  if (!blinded) return own;
  const double share =
      patient.chart.sex == cohort::Sex::female ? parameters.women_share_fraction.value() : 1.0;
  own.reporting = std::exp(share * (std::log(parameters.reporting_median) +
                                    parameters.reporting_sd_log.value() * z_reporting));
  own.tolerance_gain_s = share * parameters.tolerance_gain_s;
  own.motivation_log = share * (parameters.motivation_log.value() +
                                parameters.motivation_sd_log.value() * z_motivation);
  return own;
}

double drift_log(const Drift& parameters, const random::Streams& streams,
                 units::Months since_injection) {
  const double t_months = since_injection.value();
  ANGIOTRIAL_EXPECT(t_months >= 0.0 && t_months <= 120.0, "between 0 and 120 months");
  const double tau_months = parameters.time_months.value();
  const double mean = parameters.at_6_months_log.value() * std::expm1(-t_months / tau_months) /
                      std::expm1(-6.0 / tau_months);
  random::Stream stream = streams.at(random::Purpose::drift);
  const int whole = static_cast<int>(t_months);
  double path = 0.0;
  for (int month = 0; month < whole; ++month) path += stream.normal();
  path += std::sqrt(t_months - whole) * stream.normal();
  return mean + parameters.sd_at_6_months_log.value() / std::sqrt(6.0) * path;
}

}  // namespace angiotrial::symptoms
