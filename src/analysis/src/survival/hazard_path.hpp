// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "survival/cox_state.hpp"

namespace angiotrial::analysis {

/// In the state, until it is called again.
[[nodiscard]] const HazardPath& hazard_path(CoxState& s);

/// Indices of the last event times not after stop and start of a sorted row; `end`: none.
struct RowTimes {
  std::size_t stop = 0;
  std::size_t start = 0;
  std::size_t end = 0;
};
[[nodiscard]] RowTimes times_of(const CoxData& data, const CoxState& s, std::size_t i,
                                std::size_t& first);

/// Loads the data at the coefficients of a fit.
void restore(const CoxData& data, const CoxOptions& options, const CoxFit& fit, CoxState& s);

}  // namespace angiotrial::analysis
