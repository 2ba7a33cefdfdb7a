// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/trial/conditions.hpp>
#include <angiotrial/trial/latent.hpp>
#include <angiotrial/trial/screening.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace angiotrial::trial {

/// One replicate: what a sponsor would see, and what only we can.
struct TrialRecord {
  dataset::TrialDataset observed;
  Latent latent;
  Flow flow;
  bool enrolment_filled = true;  ///< false when most_candidates came first
};

/// Conditions of a study and of its scenarios (decomposition). Build once, share between threads.
class Trial {
 public:
  explicit Trial(const study::StudySpec& spec);

  /// Conducts one replicate: screens candidates 0, 1, 2 ... until enrolment is full. A pure
  /// function of the study and the replicate, whatever the threads that share its patients.
  [[nodiscard]] TrialRecord conduct(std::uint32_t replicate, int threads = 1) const;

  [[nodiscard]] const Conditions& conditions() const { return *conditions_; }

 private:
  std::unique_ptr<Conditions> conditions_;
  std::vector<std::unique_ptr<Conditions>> scenarios_;
};

}  // namespace angiotrial::trial
