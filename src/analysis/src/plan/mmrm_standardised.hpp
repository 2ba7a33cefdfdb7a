// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include "plan/mmrm_options.hpp"

/// Standardised means of `mmrm` in plan files: averages over the subjects' own covariates of what
/// the model predicts if everybody were in one arm.
namespace angiotrial::analysis {

/// Problems with options that mean nothing for standardised means. False if any.
[[nodiscard]] bool check_standardised(const Mmrm& o, const Task& task);

/// What they are made of: the frame's rows, and their design.
struct StandardisedRows {
  const Frame& frame;
  const std::vector<std::string>& visits;
  const TermDesign& terms;
};

/// Means and differences at each visit, the differences' mean over visits, and joint tests, all of
/// one influence function. False, with a refusal, where covariates change within a subject.
bool put_standardised(const StandardisedRows& rows, MixedInference sandwich,
                      MixedWorkspace& workspace, Task& task);

}  // namespace angiotrial::analysis
