// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/events.hpp>

#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::assessment {
namespace {

double death_hazard(const Hazards& p, const cohort::Chart& chart) {
  const auto relative = [](bool present, double ratio, units::Fraction share) {
    return (present ? ratio : 1.0) / (1.0 - share.value() + share.value() * ratio);
  };
  return p.death_per_year.value() *
         std::pow(p.death_ratio_per_year_of_age,
                  (chart.age_years - p.reference_age_years).value()) *
         relative(chart.diabetes, p.death_ratio_diabetes, p.reference_diabetes_fraction) *
         relative(chart.kidney_disease, p.death_ratio_kidney_disease,
                  p.reference_kidney_disease_fraction) *
         relative(chart.heart_failure, p.death_ratio_heart_failure,
                  p.reference_heart_failure_fraction);
}

std::optional<units::Days> first_event(double u, double hazard_per_year, units::Days until) {
  if (hazard_per_year <= 0.0) return std::nullopt;
  const units::Days at =
      units::Years(random::exponential_quantile(u, hazard_per_year)).to<units::Days>();
  if (at > until) return std::nullopt;
  return at;
}

}  // namespace

std::optional<units::Days> FollowUp::mace() const {
  std::optional<units::Days> first;
  for (const auto& event : {death, infarction, admission}) {
    if (event && (!first || *event < *first)) first = event;
  }
  return first;
}

FollowUp follow_up(const Hazards& parameters, const cohort::Patient& patient, units::Days horizon,
                   const random::Streams& streams) {
  random::Stream events = streams.at(random::Purpose::events);
  const double u_death = events.uniform(), u_infarction = events.uniform(),
               u_admission = events.uniform();
  const double u_withdrawal = streams.at(random::Purpose::dropout).uniform();
  FollowUp course;
  course.death = first_event(u_death, death_hazard(parameters, patient.chart), horizon);
  course.last_contact = course.death.value_or(horizon);
  course.withdrawal =
      first_event(u_withdrawal, parameters.withdrawal_per_year.value(), course.last_contact);
  if (course.withdrawal) {
    course.last_contact = *course.withdrawal;
    course.death.reset();
  }
  course.infarction =
      first_event(u_infarction, parameters.infarction_per_year.value(), course.last_contact);
  course.admission =
      first_event(u_admission, parameters.admission_per_year.value(), course.last_contact);
  return course;
}

}  // namespace angiotrial::assessment
