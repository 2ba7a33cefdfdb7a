// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/treadmill.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::assessment {
namespace {

struct Stage {
  double speed_mph;
  double grade;
};
// Modified Bruce protocol pages; the third stage is the first of the Bruce protocol.
constexpr std::array<Stage, ModifiedBruce::stages> modified_bruce{
    {{1.7, 0.00}, {1.7, 0.05}, {1.7, 0.10}, {2.5, 0.12}, {3.4, 0.14}, {4.2, 0.16}}};
constexpr double m_per_min_per_mph = 1609.344 / 60.0;

/// American College of Sports Medicine walking equation, with 3.5 mL/min/kg to the MET.
double acsm_met(const Stage& stage) {
  const double s_m_per_min = stage.speed_mph * m_per_min_per_mph;
  return (0.1 * s_m_per_min + 1.8 * s_m_per_min * stage.grade + 3.5) / 3.5;
}

}  // namespace

ModifiedBruce::ModifiedBruce(const Treadmill& parameters)
    : tau_s_(parameters.oxygen_uptake_time_s.value()) {
  const double handrail = parameters.handrail_fraction.value();
  double met = 1.0;
  for (std::size_t i = 0; i < stages; ++i) {
    target_[i] = 1.0 + handrail * (acsm_met(modified_bruce[i]) - 1.0);
    at_start_[i] = met;
    met = target_[i] + (met - target_[i]) * std::exp(-stage_s / tau_s_);
  }
  at_start_[stages] = met;
}

double ModifiedBruce::met_at(double s) const {
  ANGIOTRIAL_EXPECT(s >= 0.0, "time on the treadmill is not negative");
  const auto i = std::min<std::size_t>(stages - 1, static_cast<std::size_t>(s / stage_s));
  const double into_s = s - stage_s * static_cast<double>(i);
  return target_[i] + (at_start_[i] - target_[i]) * std::exp(-into_s / tau_s_);
}

std::optional<double> ModifiedBruce::time_to(double met) const {
  if (met <= 1.0) return 0.0;
  for (std::size_t i = 0; i < stages; ++i) {
    if (met > at_start_[i + 1]) continue;
    const double into_s = tau_s_ * std::log((at_start_[i] - target_[i]) / (met - target_[i]));
    return stage_s * static_cast<double>(i) + into_s;
  }
  return std::nullopt;
}

double rate_pressure_at(const Treadmill& parameters, const cohort::Traits& traits,
                        double slope_factor, double met) {
  const double x = slope_factor * (met - 1.0);
  return (traits.rest_heart_rate_bpm.value() +
          parameters.heart_rate_slope_bpm_per_met.value() * x) *
         (traits.rest_systolic_mmhg.value() + parameters.systolic_slope_mmhg_per_met.value() * x);
}

double met_at_rate_pressure(const Treadmill& parameters, const cohort::Traits& traits,
                            double slope_factor, double rate_pressure) {
  // a x^2 + b x + c = 0 with x = h (MET - 1).
  const double hr0 = traits.rest_heart_rate_bpm.value(), sbp0 = traits.rest_systolic_mmhg.value();
  const double k_hr = parameters.heart_rate_slope_bpm_per_met.value();
  const double k_sbp = parameters.systolic_slope_mmhg_per_met.value();
  const double a = k_hr * k_sbp, b = hr0 * k_sbp + sbp0 * k_hr, c = hr0 * sbp0 - rate_pressure;
  if (c >= 0.0) return 1.0;
  const double x = 2.0 * -c / (b + std::sqrt(b * b - 4.0 * a * c));
  return 1.0 + x / slope_factor;
}

ExerciseTest run_test(const Treadmill& parameters, const ModifiedBruce& protocol,
                      double threshold_coupling, const cohort::Patient& patient,
                      const symptoms::State& state, random::Stream stream) {
  const double eps_r = parameters.threshold_noise_sd_log.value() * stream.normal();
  const double eps_h = parameters.slope_noise_sd_log.value() * stream.normal();
  const double eps_f = parameters.fatigue_noise_sd_log.value() * stream.normal();
  const double h = state.slope_factor * std::exp(eps_h);
  const double threshold = state.threshold.value() * std::exp(eps_r - threshold_coupling * state.u);
  constexpr double end_s = ModifiedBruce::stage_s * ModifiedBruce::stages;

  const std::optional<double> ischaemia_s =
      protocol.time_to(met_at_rate_pressure(parameters, patient.traits, h, threshold));
  const double fatigue_s =
      protocol.time_to(state.fatigue_met.value() * std::exp(eps_f)).value_or(end_s);
  const double angina_s =
      ischaemia_s ? *ischaemia_s + parameters.pain_delay_s.value() : end_s + 1.0;
  const double stop_s = angina_s + std::max(0.0, state.tolerance_s.value());

  ExerciseTest test;
  test.limited_by_angina = stop_s < fatigue_s;
  test.total_s = units::Seconds(std::min(stop_s, fatigue_s));
  if (angina_s <= test.total_s.value()) test.angina_s = units::Seconds(angina_s);
  test.peak_met = units::Met(protocol.met_at(test.total_s.value()));
  test.peak_rate_pressure =
      units::BpmMmhg(rate_pressure_at(parameters, patient.traits, h, test.peak_met.value()));
  return test;
}

int ccs_class(const Ccs& parameters, const Treadmill& treadmill, const cohort::Patient& patient,
              const symptoms::State& state, random::Stream stream) {
  const double met =
      met_at_rate_pressure(treadmill, patient.traits, state.slope_factor, state.threshold.value());
  int ccs = met < parameters.class_4_below_met.value()   ? 4
            : met < parameters.class_3_below_met.value() ? 3
            : met < parameters.class_2_below_met.value() ? 2
                                                         : 1;
  const double u = stream.uniform();
  const double wrong = parameters.misclassified_fraction.value();
  if (u < 0.5 * wrong) --ccs;
  if (u > 1.0 - 0.5 * wrong) ++ccs;
  return std::clamp(ccs, 1, 4);
}

}  // namespace angiotrial::assessment
