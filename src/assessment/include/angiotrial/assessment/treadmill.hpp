// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/parameters.hpp>
#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/symptoms/course.hpp>

#include <array>
#include <optional>

namespace angiotrial::assessment {

/// One symptom-limited test.
struct ExerciseTest {
  units::Seconds total_s;                  ///< TET
  std::optional<units::Seconds> angina_s;  ///< onset of angina, when it came before the end
  bool limited_by_angina = false;
  units::Met peak_met;
  units::BpmMmhg peak_rate_pressure;  ///< rate-pressure product at the end
};

/// The modified Bruce protocol: 3-minute stages, oxygen uptake following each step with one time
/// constant. The course of MET is the same for everybody, so it is solved once:
///
///     tau dMET/ds = MET_stage(s) - MET,  MET(0) = 1
///     MET_stage   = 1 + handrail (ACSM(speed, grade) - 1)
///     ACSM        = (0.1 S + 1.8 S G + 3.5) / 3.5,  S in m/min
class ModifiedBruce {
 public:
  explicit ModifiedBruce(const Treadmill& parameters);

  static constexpr int stages = 6;
  static constexpr double stage_s = 180.0;

  /// MET after s seconds, 0 <= s; constant workload after the last stage.
  [[nodiscard]] double met_at(double s) const;
  /// First second at which MET is reached; nothing when the protocol never gets there.
  [[nodiscard]] std::optional<double> time_to(double met) const;
  [[nodiscard]] double stage_met(int stage) const {
    return target_[static_cast<std::size_t>(stage)];
  }

 private:
  double tau_s_;
  std::array<double, stages> target_{};
  std::array<double, stages + 1> at_start_{};  ///< MET at the start of each stage, and at the end
};

/// RPP = HR SBP at a workload: HR = hr0 + kHR h (MET - 1), SBP = sbp0 + kSBP h (MET - 1).
[[nodiscard]] double rate_pressure_at(const Treadmill& parameters, const cohort::Traits& traits,
                                      double slope_factor, double met);

/// The workload at which RPP reaches a value; 1 MET when it is passed at rest already.
[[nodiscard]] double met_at_rate_pressure(const Treadmill& parameters, const cohort::Traits& traits,
                                          double slope_factor, double rate_pressure);

/// One test (P1.3). Occasions number a patient's tests: 0 and 1 at screening, then one per visit.
///
///     t_angina  = first s with RPP(s) >= RPP* exp(eps_r - chi u) + delta_pain
///     t_fatigue = first s with MET(s) >= MET_fat exp(eps_f)
///     TET       = min(t_angina + tol, t_fatigue)
///
/// eps_h disturbs h. A patient who outlasts the protocol stops at its end (18 min).
[[nodiscard]] ExerciseTest run_test(const Treadmill& parameters, const ModifiedBruce& protocol,
                                    double threshold_coupling, const cohort::Patient& patient,
                                    const symptoms::State& state, random::Stream stream);

/// Canadian Cardiovascular Society class from the workload at which angina comes, with
/// misclassification by one class. Ranges are a proposal (assumed).
[[nodiscard]] int ccs_class(const Ccs& parameters, const Treadmill& treadmill,
                            const cohort::Patient& patient, const symptoms::State& state,
                            random::Stream stream);

}  // namespace angiotrial::assessment
