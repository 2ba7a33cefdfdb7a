// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "survival/cox_state.hpp"

namespace angiotrial::analysis {

/// The fitted hazard along the event times of a state, one entry (or p entries) an event time.
/// In units of exp(-shift).
struct HazardPath {
  std::vector<double> hazard;         ///< H, cumulative within the stratum
  std::vector<double> drift;          ///< M, cumulative
  std::vector<double> escaped;        ///< what the events themselves do not suffer of dH here
  std::vector<double> escaped_drift;  ///< of dM here
  std::vector<double> mean;           ///< mean covariates the events are compared with
};
[[nodiscard]] HazardPath hazard_path(CoxState& s);

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
