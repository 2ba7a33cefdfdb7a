// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace angiotrial::random {

/// What a random number is for. Numbers are written out, appended, never reused or renumbered:
/// a new purpose shifts no draw elsewhere. The arm is never part of the key, so that both arms of a
/// counterfactual twin share every stream.
enum class Purpose : std::uint32_t {
  traits = 1,            ///< who the patient is
  ventricle = 2,         ///< territories, stenoses, collaterals, scar
  microregions = 3,      ///< flow heterogeneity
  slow_fluctuation = 4,  ///< u(t), occasion = step
  referral = 5,
  diary = 6,          ///< occasion = week
  exercise_test = 7,  ///< occasion = test
  mobilisation = 8,
  apheresis = 9,
  selection = 10,
  expansion = 11,
  marrow = 12,
  release = 13,
  potency = 14,
  map = 15,  ///< the electromechanical map
  site_choice = 16,
  retention_patient = 17,
  retention_site = 18,
  injury = 19,  ///< troponin at injection
  mobilisation_injury = 20,
  enzymes = 21,  ///< assay noise and baseline
  placebo = 22,  ///< reporting, learning, motivation of this patient
  drift = 23,
  events = 24,  ///< death, infarction, hospital admission
  dropout = 25,
  missed_visit = 26,  ///< occasion = visit
  allocation = 27,
  nitroglycerin = 28,
  ccs = 29,
  consent = 30,
  treatment_response = 31,
  homing = 32,
  bootstrap = 33,
  diary_missing = 34,
  planning = 35,  ///< prior hearts of the optimised plan
  posterior_sampling = 36,  ///< occasion = iteration of the chain that stands in the place of the patient
};

}  // namespace angiotrial::random
