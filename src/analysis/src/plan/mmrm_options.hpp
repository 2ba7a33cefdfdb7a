// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "plan/repeated.hpp"

/// The keys of `mmrm` in a plan.
namespace angiotrial::analysis {

enum class Means { equal, proportional, standardised };
inline constexpr std::array<std::string_view, 3> means_names{"equal", "proportional",
                                                             "standardised"};

struct Mmrm {
  std::string response, visit, time, group;
  std::vector<std::string> visits, covariates, classes;
  bool arm_by_visit = true;
  CovarianceOptions covariance;
  InferenceOptions inference;
  Means means = Means::equal;
  std::vector<double> contrasts;
};

void describe(schema::Visitor& visit, Mmrm& o);
void run(const Mmrm& o, Task& task);

}  // namespace angiotrial::analysis
