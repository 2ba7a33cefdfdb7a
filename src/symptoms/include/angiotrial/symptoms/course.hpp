// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/symptoms/parameters.hpp>
#include <angiotrial/symptoms/placebo.hpp>
#include <angiotrial/symptoms/slow_fluctuation.hpp>

#include <vector>

namespace angiotrial::symptoms {

/// The latent truth in one week: nobody in the trial sees it.
struct State {
  double u = 0.0;                     ///< slow fluctuation
  double threshold_change_log = 0.0;  ///< dln RPP* since enrolment: drift and cells
  units::BpmMmhg threshold;           ///< RPP*
  double slope_factor = 1.0;          ///< h
  units::Met fatigue_met;             ///< MET_fat
  units::Seconds tolerance_s;         ///< tol
  units::PerWeek felt_per_week;       ///< attacks
  units::PerWeek reported_per_week;   ///< attacks that reach the diary
  double reporting = 1.0;             ///< rep
};

/// When things happen, in weeks from the start of the screening diary.
struct Calendar {
  int injection_week = 6;
  units::Days first_day_since_peak;  ///< season of the first screening day
};

/// One patient's latent course, week by week, under one arm. States are computed when asked for.
class Course {
 public:
  /// `baseline_threshold` is RPP* at enrolment.
  Course(const Parameters& parameters, const cohort::Patient& patient,
         const random::Streams& streams, units::BpmMmhg baseline_threshold,
         const Calendar& calendar, bool blinded);

  /// A week of the screening diary: no drift, no expectation, no cells. 0 <= week < injection_week.
  [[nodiscard]] State screening(int week);

  /// A week of follow-up; `weeks_since_injection` >= 1. `cell_gain_log` is the change of ln RPP*
  /// that the cells have brought by then, 0 without cells.
  [[nodiscard]] State follow_up(int weeks_since_injection, double cell_gain_log);

 private:
  [[nodiscard]] State state(int week, double threshold_change_log) const;
  const Parameters& parameters_;
  const cohort::Patient& patient_;
  random::Streams streams_;
  units::BpmMmhg baseline_threshold_;
  Calendar calendar_;
  Expectation expectation_;
  mutable SlowFluctuation fluctuation_;
};

}  // namespace angiotrial::symptoms
