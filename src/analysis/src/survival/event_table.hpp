// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/log_rank.hpp>

#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// What a log-rank test reads: the event times by stratum, rising, one entry each.
struct EventTable {
  std::size_t groups = 0;
  std::vector<double> time, survival_before;
  std::vector<double> at_risk, deaths;  ///< times x groups
  std::vector<double> all_risk, all_deaths;
  std::vector<std::size_t> stratum_begin;  ///< of each stratum, and the end
};

/// Empty where a time is not finite or negative.
[[nodiscard]] std::optional<EventTable> event_table(const LogRankData& data);
/// w at every event time.
[[nodiscard]] std::vector<double> weights_of(const EventTable& table, const LogRankWeight& weight);

}  // namespace angiotrial::analysis
