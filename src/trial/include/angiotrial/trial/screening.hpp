// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/allocation/eligibility.hpp>
#include <angiotrial/assessment/visit.hpp>
#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/trial/conditions.hpp>

#include <array>
#include <cstdint>

namespace angiotrial::trial {

/// How far a candidate came.
enum class Outcome { not_referred, not_approached, no_consent, screen_failure, eligible, failed };

/// A candidate on the way in. `ventricle` and `perfusion` are filled only when the treadmill was
/// reached; keep one Candidate and reuse it, so that its arrays are.
struct Candidate {
  cohort::Patient patient;
  Outcome outcome = Outcome::not_referred;
  allocation::Verdict verdict = allocation::Verdict::eligible;  ///< for a screen failure
  assessment::ScreeningRecord record;
  heart::Ventricle ventricle;
  heart::Perfusion perfusion;  ///< before any treatment; holds RPP*

  [[nodiscard]] double baseline_exercise_s() const;  ///< mean of the screening tests
};

/// Counts of screening, candidates first.
struct Flow {
  int candidates = 0;
  int referred = 0;
  int not_approached = 0;  ///< chart, class or last exercise test on record outside the rules
  int consented = 0;
  int failed_patients = 0;  ///< numbers that were not finite
  std::array<int, allocation::verdict_count> screen_failures{};

  void count(const Candidate& candidate);
};

/// Screens one candidate. The heart is built only for the referred; since every draw has its own
/// key, what is left out changes no number.
///
///   trait draws -> referral -> heart -> review of the record -> consent -> chart -> diary -> class
///   -> exercise tests
void screen(const Conditions& conditions, std::uint32_t replicate, std::uint32_t id,
            Candidate& candidate);

}  // namespace angiotrial::trial
