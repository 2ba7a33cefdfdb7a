// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/trial/simulate_patient.hpp>

#include <angiotrial/delivery/make_plan.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/growth.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace angiotrial::trial {
namespace {

/// ln RPP* gained at each visit; zeros when nothing was left in the wall.
std::vector<double> threshold_gains(const Conditions& conditions, const Candidate& candidate,
                                    const Preparation& preparation,
                                    const delivery::Administration& given, Workspace& workspace) {
  std::vector<double> gains(conditions.visit_weeks.size(), 0.0);
  const bool homing = conditions.spec.tissue.homing.homing;
  if (given.depots.empty() || (given.retained_cells.value() <= 0.0 && !homing)) return gains;
  if (preparation.heart) return voxel_threshold_gains(conditions, *preparation.heart, given.depots);
  const tissue::VesselCourse vessels = tissue::grow(conditions.growth, given.depots);
  const heart::DepositionWeights weights = heart::deposition_weights(
      conditions.spec.heart, candidate.ventricle, vessels, given.depots, conditions.reach);
  workspace.gain.resize(candidate.ventricle.size());
  for (std::size_t visit = 0; visit < gains.size(); ++visit) {
    heart::conductance_gain(conditions.spec.heart, weights, vessels, visit, workspace.gain);
    heart::perfuse(conditions.spec.heart, candidate.ventricle, workspace.gain, workspace.perfusion);
    gains[visit] = std::log(workspace.perfusion.threshold / candidate.perfusion.threshold);
  }
  return gains;
}

}  // namespace

delivery::Plan plan_of(const Conditions& conditions, const Candidate& candidate,
                       const Placement& placement, const random::Streams& streams) {
  const delivery::Parameters& p = conditions.spec.delivery;
  auto plan = delivery::make_plan(
      p, p.planning.kind, {conditions.spec.heart, conditions.growth, conditions.people},
      {placement.wall, placement.map, candidate.ventricle, candidate.patient, streams});
  ANGIOTRIAL_EXPECT(plan, "only a list of sites can be refused, and a study holds none");
  return std::move(plan.value());
}

Placement place(const Conditions& conditions, const Candidate& candidate,
                const random::Streams& streams) {
  const delivery::Parameters& p = conditions.spec.delivery;
  Placement placement;
  placement.wall = delivery::endocardium_of(p, candidate.ventricle, candidate.perfusion);
  placement.map = delivery::measure(p, placement.wall, streams);
  placement.plan = plan_of(conditions, candidate, placement, streams);
  return placement;
}

Preparation prepare(const Conditions& conditions, const Candidate& candidate,
                    const random::Streams& streams, bool mobilised, bool injected) {
  Preparation preparation;
  if (mobilised) {
    preparation.harvest = product::harvest(conditions.spec.product, candidate.patient, streams);
  }
  if (injected) {
    preparation.placement = place(conditions, candidate, streams);
  }
  preparation.follow_up = assessment::follow_up(conditions.spec.assessment.hazards,
                                                candidate.patient, conditions.horizon, streams);
  return preparation;
}

void prepare_heart(const Conditions& conditions, const Candidate& candidate,
                   const random::Streams& streams, Preparation& preparation) {
  if (!preparation.placement || conditions.spec.run.resolution == study::Resolution::radial) return;
  preparation.heart =
      voxel_heart(conditions, candidate.patient, streams, conditions.spec.run.voxel_spacing_mm);
}

std::vector<assessment::VisitRecord> follow(const Conditions& conditions,
                                            const symptoms::Parameters& symptoms,
                                            const Candidate& candidate,
                                            const assessment::FollowUp& follow_up,
                                            const std::vector<double>& threshold_gain_log,
                                            bool blinded, const random::Streams& streams) {
  const study::StudySpec& spec = conditions.spec;
  const cohort::Patient& patient = candidate.patient;
  symptoms::Course course(symptoms, patient, streams, candidate.perfusion.threshold,
                          conditions.calendar(patient.id), blinded);
  std::vector<assessment::VisitRecord> visits;
  visits.reserve(spec.visits.size());
  for (std::size_t k = 0; k < spec.visits.size(); ++k) {
    const int week = conditions.visit_weeks[k];
    assessment::VisitRecord visit;
    visit.month = spec.visits[k].month;
    const auto month = static_cast<std::uint32_t>(visit.month);
    visit.attended = units::Months(visit.month).to<units::Days>() <= follow_up.last_contact &&
                     !streams.at(random::Purpose::missed_visit, month)
                          .bernoulli(spec.assessment.hazards.missed_visit_fraction.value());
    if (visit.attended) {
      assessment::DiaryWindow diary;
      for (int w = std::max(1, week - spec.protocol.diary_weeks + 1); w <= week; ++w) {
        assessment::add_week(spec.assessment.diary, course.follow_up(w, threshold_gain_log[k]),
                             conditions.injection_week + w, streams, diary);
      }
      const symptoms::State state = course.follow_up(week, threshold_gain_log[k]);
      visit.diary = diary;
      visit.exercise =
          assessment::run_test(spec.assessment.treadmill, conditions.treadmill,
                               symptoms.daily_life.threshold_coupling_log.value(), patient, state,
                               streams.at(random::Purpose::exercise_test, follow_up_tests + month));
      visit.ccs_class =
          assessment::ccs_class(spec.assessment.ccs, spec.assessment.treadmill, patient, state,
                                streams.at(random::Purpose::ccs, month));
    }
    visits.push_back(visit);
  }
  return visits;
}

void treat(const Conditions& conditions, const Candidate& candidate, const Preparation& preparation,
           const study::Arm& arm, const random::Streams& streams, PatientCourse& course) {
  const study::StudySpec& spec = conditions.spec;
  if (arm.mobilised && preparation.harvest) {
    course.bag =
        product::fill_bag(spec.product, arm.dose, *preparation.harvest, candidate.patient, streams);
  }
  ANGIOTRIAL_EXPECT(!arm.injected || preparation.placement, "an injected arm has a placement");
  if (!arm.injected) return;
  course.administration =
      delivery::inject(spec.delivery, preparation.placement->wall, preparation.placement->plan,
                       course.bag, candidate.patient, streams, spec.tissue.retention);
  if (course.bag.delivered_cells.value() > 0.0 || !preparation.harvest) return;
  // What homes to the needle's track are the patient's own cells, in a placebo arm too.
  for (tissue::Depot& depot : course.administration.depots) {
    depot.potency = preparation.harvest->potency;
  }
}

PatientCourse simulate_patient(const Conditions& conditions, const Candidate& candidate,
                               const Preparation& preparation, const study::Arm& arm,
                               const random::Streams& streams, Workspace& workspace) {
  const study::StudySpec& spec = conditions.spec;
  PatientCourse course;
  course.threshold_gain_log.assign(spec.visits.size(), 0.0);

  treat(conditions, candidate, preparation, arm, streams, course);  // bag, needle
  if (arm.injected) {                                               // tissue, perfusion
    course.threshold_gain_log =
        threshold_gains(conditions, candidate, preparation, course.administration, workspace);
  }
  course.failed = !std::ranges::all_of(course.threshold_gain_log,
                                       [](double gain) { return std::isfinite(gain); });
  if (course.failed) return course;
  course.enzymes = assessment::measure_enzymes(
      spec.assessment.enzymes, candidate.patient, arm.mobilised && preparation.harvest.has_value(),
      arm.injected, course.administration.injured_mass_mg, streams);
  course.visits = follow(conditions, spec.symptoms, candidate, preparation.follow_up,
                         course.threshold_gain_log, arm.blinded, streams);
  return course;
}

}  // namespace angiotrial::trial
