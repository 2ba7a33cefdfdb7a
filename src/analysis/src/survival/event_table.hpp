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

  /// Empty, but for the memory.
  void clear(std::size_t new_groups) {
    groups = new_groups;
    for (auto* values : {&time, &survival_before, &at_risk, &deaths, &all_risk, &all_deaths}) {
      values->clear();
    }
    stratum_begin.clear();
  }
  void resize(std::size_t times) {
    for (auto* values : {&time, &survival_before, &all_risk, &all_deaths}) values->resize(times);
    for (auto* values : {&at_risk, &deaths}) values->resize(times * groups);
  }
};

}  // namespace angiotrial::analysis
