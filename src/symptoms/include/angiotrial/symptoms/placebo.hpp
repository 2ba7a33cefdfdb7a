// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/symptoms/parameters.hpp>

namespace angiotrial::symptoms {

/// What being in the trial changes in one patient, from the first follow-up visit on.
struct Expectation {
  double reporting = 1.0;           ///< rep: factor on reported episodes
  double learning_log = 0.0;        ///< fall of ln h through practice
  units::Seconds tolerance_gain_s;  ///< added to tol
  double motivation_log = 0.0;      ///< rise of ln MET_fat
};

/// The patient's own expectation. An open-label patient expects nothing: practice alone remains.
/// In women the three expectation terms are multiplied by women_share_fraction.
[[nodiscard]] Expectation expectation(const Placebo& parameters, const cohort::Patient& patient,
                                      const random::Streams& streams, bool blinded);

/// Change of ln RPP* by natural course, months after injection (0 <= months <= 120):
///
///     mean  m6 (1 - e^{-t/tau}) / (1 - e^{-6/tau});   SD  s6 sqrt(t / 6)   (a Brownian path)
///
/// The path is built of monthly increments, so that visits share it.
[[nodiscard]] double drift_log(const Drift& parameters, const random::Streams& streams,
                               units::Months since_injection);

}  // namespace angiotrial::symptoms
