// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/task.hpp"

/// What every analysis of times to an event begins with: times, outcomes and strata of complete
/// rows, after the strategies for events after randomisation.
namespace angiotrial::analysis {

/// Which columns hold the time and its outcome: `event` or `censor`, not both.
struct EventTimes {
  std::string time, event, event_value, censor;
  double days_per_time = 0.0;
};
/// The keys time, event, event_value, censor and days_per_time.
void describe_times(schema::Visitor& visit, EventTimes& times);

/// The same for competing risks.
struct CauseTimes {
  std::string time, event, cause, censored = "0";
  double days_per_time = 0.0;
};
/// The keys time, event, cause, censored and days_per_time.
void describe_times(schema::Visitor& visit, CauseTimes& times);

struct TimeNeeds {
  std::string start = {};                 ///< column of the beginning of each row's time at risk
  std::vector<std::string> strata = {};   ///< columns whose combinations are the strata
  std::vector<std::string> columns = {};  ///< others that may not be missing
  bool by_arm = true;
  bool repeated = false;  ///< subjects may have more than one row
};

struct TimeData {
  Frame frame;
  std::vector<double> start;  ///< empty where there is no such column
  std::vector<double> time;
  std::vector<int> outcome;  ///< 0: censored; 1: the event; 2: another that precludes it
  std::vector<int> stratum;  ///< empty: one stratum
  std::size_t missing = 0;   ///< rows left out for a missing value
  bool repeated = false;     ///< some subject has more than one row
  std::string strategies;    ///< what became of events after randomisation, for the conventions

  /// Rows of one arm; of all without arms.
  [[nodiscard]] std::vector<Observation> sample(std::size_t arm) const;
  [[nodiscard]] std::vector<Observation> sample() const;
  [[nodiscard]] std::size_t arms() const { return frame.arms().empty() ? 1 : frame.arms().size(); }
  [[nodiscard]] std::string arm_name(std::size_t arm) const;
  [[nodiscard]] int events() const;
};

/// None, with problems, where a column is missing or holds what it may not.
[[nodiscard]] std::optional<TimeData> time_data(const EventTimes& times, const TimeNeeds& needs,
                                                Task& task);
[[nodiscard]] std::optional<TimeData> time_data(const CauseTimes& times, const TimeNeeds& needs,
                                                Task& task);

/// Two arms, the reference as group 0.
struct ArmAndReference {
  std::vector<Observation> sample;
  std::vector<int> group, stratum;

  [[nodiscard]] LogRankData data() const { return {sample, group, 2, stratum}; }
};
[[nodiscard]] ArmAndReference pair_of(const TimeData& data, std::size_t arm);

/// `FH(rho, gamma)`, `modest until t` or `1`.
[[nodiscard]] std::string words_of(const LogRankWeight& weight);

/// `time 90`: the group of rows at a time.
[[nodiscard]] std::string at(double time);

/// Codes of the combinations of these columns, of which none may be missing; empty without columns.
[[nodiscard]] std::vector<int> combined_codes(Frame& frame,
                                              const std::vector<std::string>& columns);

/// Rows n, events and n_missing.
void put_counts(const TimeData& data, Task& task);

}  // namespace angiotrial::analysis
