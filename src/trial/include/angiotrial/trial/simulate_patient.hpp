// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/visit.hpp>
#include <angiotrial/delivery/administer.hpp>
#include <angiotrial/delivery/endocardium.hpp>
#include <angiotrial/delivery/map.hpp>
#include <angiotrial/delivery/plan.hpp>
#include <angiotrial/product/bag.hpp>
#include <angiotrial/product/harvest.hpp>
#include <angiotrial/tissue/depot.hpp>
#include <angiotrial/trial/screening.hpp>
#include <angiotrial/trial/voxel_heart.hpp>

#include <optional>
#include <vector>

namespace angiotrial::trial {

/// Where the needle is to go: the same for every arm.
struct Placement {
  delivery::Endocardium wall;
  delivery::ElectromechanicalMap map;
  delivery::Plan plan;
};

/// What happens to a patient whatever the arm.
struct Preparation {
  std::optional<product::Harvest> harvest;  ///< when collected
  std::optional<Placement> placement;       ///< when injected
  std::optional<VoxelHeart> heart;          ///< when injected, at resolution voxel
  assessment::FollowUp follow_up;
};

/// One patient under one arm, from the bag to the last visit.
struct PatientCourse {
  product::Bag bag;
  delivery::Administration administration;
  std::vector<double> threshold_gain_log;  ///< ln RPP*(visit) / RPP*(0), cells alone
  std::vector<assessment::VisitRecord> visits;
  assessment::EnzymeRecord enzymes;
  bool failed = false;  ///< a number was not finite; nothing else holds
};

/// Working memory of one patient at a time.
struct Workspace {
  heart::Perfusion perfusion;
  std::vector<double> gain;
};

/// The sites of one patient by the study's kind of plan.
[[nodiscard]] delivery::Plan plan_of(const Conditions& conditions, const Candidate& candidate,
                                     const Placement& placement, const random::Streams& streams);

/// Map and plan of one patient.
[[nodiscard]] Placement place(const Conditions& conditions, const Candidate& candidate,
                              const random::Streams& streams);

/// Harvest as far as `mobilised`, map and plan as far as `injected`, and events: arm-blind.
[[nodiscard]] Preparation prepare(const Conditions& conditions, const Candidate& candidate,
                                  const random::Streams& streams, bool mobilised, bool injected);

/// Adds the heart of a patient to be injected at resolution voxel; it weighs some 10 MB.
void prepare_heart(const Conditions& conditions, const Candidate& candidate,
                   const random::Streams& streams, Preparation& preparation);

/// Bag and injection of one arm, into `course`.
void treat(const Conditions& conditions, const Candidate& candidate, const Preparation& preparation,
           const study::Arm& arm, const random::Streams& streams, PatientCourse& course);

/// The table of contents of the model. All draws are keyed without the arm, so that calling it for
/// two arms gives the two halves of a counterfactual twin.
[[nodiscard]] PatientCourse simulate_patient(const Conditions& conditions,
                                             const Candidate& candidate,
                                             const Preparation& preparation, const study::Arm& arm,
                                             const random::Streams& streams, Workspace& workspace);

/// The visits of a patient whose threshold is raised by `threshold_gain_log` at each of them.
[[nodiscard]] std::vector<assessment::VisitRecord> follow(
    const Conditions& conditions, const symptoms::Parameters& symptoms, const Candidate& candidate,
    const assessment::FollowUp& follow_up, const std::vector<double>& threshold_gain_log,
    bool blinded, const random::Streams& streams);

}  // namespace angiotrial::trial
