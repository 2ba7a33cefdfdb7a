// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/trial/conditions.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::trial {
namespace {

std::vector<units::Days> visit_days(const study::StudySpec& spec) {
  std::vector<units::Days> days;
  for (const study::Visit& visit : spec.visits) {
    days.push_back(units::Months(visit.month).to<units::Days>());
  }
  return days;
}

std::vector<cohort::Patient> sample_of(const cohort::Population& population,
                                       const study::StudySpec& spec) {
  constexpr std::uint32_t size = 500;
  // Of a replicate that no trial reaches, so that no patient serves as his own prior.
  constexpr std::uint32_t elsewhere = 0xffffffffU;
  std::vector<cohort::Patient> people;
  if (spec.delivery.planning.kind != delivery::PlanKind::optimised) return people;
  for (std::uint32_t id = 0; id < size; ++id) {
    people.push_back(population.draw({spec.identity.seed.value(), elsewhere, id}));
  }
  return people;
}

std::optional<tissue::VoxelModel> voxel_model_of(const study::StudySpec& spec) {
  if (spec.run.resolution == study::Resolution::radial) return std::nullopt;
  return tissue::VoxelModel(spec.tissue, visit_days(spec));
}

std::vector<int> visit_weeks_of(const study::StudySpec& spec) {
  std::vector<int> weeks;
  for (const study::Visit& visit : spec.visits) {
    weeks.push_back(
        static_cast<int>(std::lround(units::Months(visit.month).to<units::Weeks>().value())));
  }
  return weeks;
}

}  // namespace

Conditions::Conditions(const study::StudySpec& given)
    : spec(given),
      population(spec.cohort),
      treadmill(spec.assessment.treadmill),
      growth(spec.tissue, visit_days(spec)),
      voxel_growth(voxel_model_of(spec)),
      reach{spec.tissue.arterioles.arteriolar_reach_mm,
            spec.tissue.arterioles.arteriolar_ceiling_fraction},
      people(sample_of(population, spec)),
      visit_weeks(visit_weeks_of(spec)),
      horizon(spec.protocol.horizon_months.to<units::Days>()),
      injection_week(
          spec.allocation.entry.diary_weeks +
          static_cast<int>(std::lround(spec.protocol.screening_to_injection_weeks.value()))) {}

int Conditions::screening_test_week(int test) const {
  const allocation::EntryRules& entry = spec.allocation.entry;
  return std::max(0, entry.diary_weeks - 1 - 2 * (entry.exercise_tests - 1 - test));
}

double Conditions::screening_day(std::uint32_t id) const {
  return std::floor(id / spec.protocol.candidates_per_day.value());
}

symptoms::Calendar Conditions::calendar(std::uint32_t id) const {
  return {injection_week,
          spec.protocol.start_after_winter_peak_days + units::Days(screening_day(id))};
}

}  // namespace angiotrial::trial
