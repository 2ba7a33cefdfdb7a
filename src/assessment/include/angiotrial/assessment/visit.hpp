// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/diary.hpp>
#include <angiotrial/assessment/enzymes.hpp>
#include <angiotrial/assessment/events.hpp>
#include <angiotrial/assessment/treadmill.hpp>

#include <optional>
#include <vector>

namespace angiotrial::assessment {

/// What was recorded before randomisation.
struct ScreeningRecord {
  DiaryWindow diary;
  std::vector<ExerciseTest> tests;  ///< empty when the patient failed before the treadmill
  int ccs_class = 0;                ///< 0 before it was taken
};

/// One follow-up visit; nothing is recorded at a missed one.
struct VisitRecord {
  int month = 0;
  bool attended = false;
  std::optional<DiaryWindow> diary;
  std::optional<ExerciseTest> exercise;
  std::optional<int> ccs_class;
};

}  // namespace angiotrial::assessment
