// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/trial/simulate_patient.hpp>

#include <optional>

namespace angiotrial::trial {

/// What the sponsor learns of one patient who was mobilised or randomised.
struct EnrolledPatient {
  const Candidate& candidate;
  const Preparation& preparation;
  std::optional<std::size_t> arm;  ///< empty when lost before randomisation
  const PatientCourse* course;     ///< null when never treated
};

/// An empty data set with arms and visits of the study.
[[nodiscard]] dataset::TrialDataset empty_dataset(const Conditions& conditions);

/// Appends the rows of one patient. Latent quantities stop here: only what a clinic recorded is
/// copied.
void append(const Conditions& conditions, const EnrolledPatient& patient,
            dataset::TrialDataset& data);

}  // namespace angiotrial::trial
