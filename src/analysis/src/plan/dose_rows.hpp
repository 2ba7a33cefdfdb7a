// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/dose_data.hpp"

/// Rows of a dose-response analysis before anything is estimated.
namespace angiotrial::analysis {

/// The rows with the group of each, as a dose or as the number of an arm.
struct DoseRows {
  Frame frame;
  std::vector<double> dose;
  std::vector<double> response;
  std::vector<double> covariates;  ///< centred, row by row
  std::size_t columns = 0;
  std::size_t missing = 0;
  std::vector<std::string> labels;
};

/// None, with problems, where options contradict one another or a column cannot be used.
[[nodiscard]] std::optional<DoseRows> read_dose_rows(const DoseTerms& terms, DoseScale scale,
                                                     Task& task);

}  // namespace angiotrial::analysis
