// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/treadmill.hpp>
#include <angiotrial/cohort/population.hpp>
#include <angiotrial/heart/growth.hpp>
#include <angiotrial/study/spec.hpp>
#include <angiotrial/symptoms/course.hpp>
#include <angiotrial/tissue/response_table.hpp>
#include <angiotrial/tissue/voxel.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace angiotrial::trial {

/// Occasions of the stream exercise_test: screening tests are 0, 1 ..., then these. Class is keyed
/// by the month of the visit, 0 at screening; so are missed visits.
inline constexpr std::uint32_t test_on_record = 60;    ///< the last test before the trial
inline constexpr std::uint32_t follow_up_tests = 100;  ///< plus the month of the visit

/// What every patient of a study shares, worked out once: the protocol in days and weeks, the
/// treadmill's course, the tissue's response table. Read-only afterwards, so threads share it.
class Conditions {
 public:
  /// Expects a spec that study::read_study accepted.
  explicit Conditions(const study::StudySpec& spec);
  Conditions(const Conditions&) = delete;
  Conditions& operator=(const Conditions&) = delete;

  const study::StudySpec spec;
  const cohort::Population population;
  const assessment::ModifiedBruce treadmill;
  const tissue::ResponseTable growth;                    ///< at the visits, in their order
  const std::optional<tissue::VoxelModel> voxel_growth;  ///< the same at resolution voxel
  const heart::ArteriolarReach reach;
  /// People of the population, unselected: an optimiser's prior. Empty for other plans.
  const std::vector<cohort::Patient> people;
  const std::vector<int> visit_weeks;  ///< since injection
  const units::Days horizon;
  const int injection_week;  ///< since the start of the screening diary

  /// Week of screening test `test`: a fortnight apart, the last in the last diary week.
  [[nodiscard]] int screening_test_week(int test) const;
  [[nodiscard]] random::Streams streams(std::uint32_t replicate, std::uint32_t id) const {
    return {spec.identity.seed.value(), replicate, id};
  }
  /// Day of the study on which a candidate's screening begins.
  [[nodiscard]] double screening_day(std::uint32_t id) const;
  [[nodiscard]] symptoms::Calendar calendar(std::uint32_t id) const;
};

}  // namespace angiotrial::trial
