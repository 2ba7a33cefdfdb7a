// SPDX-License-Identifier: Apache-2.0
#include "plan/survival_events.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

struct Event {
  const char* name;
  Strategy strategy;
  const std::string& column;
};

bool changes_times(Strategy strategy) {
  return strategy != Strategy::none && strategy != Strategy::treatment_policy;
}

/// What of the row (start, time] is left when the event comes at `when`; false: nothing.
bool cut(TimeData& data, std::size_t row, double when, bool composite) {
  const double start =
      data.start.empty() ? -std::numeric_limits<double>::infinity() : data.start[row];
  if (when <= start) return false;
  if (composite ? when > data.time[row] : when >= data.time[row]) return true;
  data.time[row] = when;
  data.outcome[row] = composite ? 1 : 0;
  return true;
}

template <class T>
void keep_marked(std::vector<T>& values, const std::vector<bool>& wanted) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (wanted[i]) values[to++] = values[i];
  }
  values.resize(to);
}

/// Where a composite event lies in no row's time at risk, nothing would count it.
void check_counted(const TimeData& data, const Event& event, const std::vector<double>& when,
                   const std::vector<bool>& wanted) {
  if (event.strategy != Strategy::composite || data.start.empty()) return;
  std::vector<bool> counted(data.frame.subjects(), false);
  const auto subject = [&](std::size_t i) {
    return static_cast<std::size_t>(data.frame.subject()[i]);
  };
  for (std::size_t i = 0; i < when.size(); ++i) {
    if (wanted[i] && data.time[i] == when[i]) counted[subject(i)] = true;
  }
  for (std::size_t i = 0; i < when.size(); ++i) {
    if (wanted[i] || counted[subject(i)]) continue;
    data.frame.add_problem(i, event.column, when[i],
                           "the event lies in no row's time at risk, though later rows follow");
    counted[subject(i)] = true;
  }
}

void apply(TimeData& data, const Event& event, double days_per_time) {
  std::vector<double> when = data.frame.numbers(event.column);
  if (!data.frame.ok()) return;
  std::vector<bool> wanted(when.size(), true);
  for (std::size_t i = 0; i < when.size(); ++i) {
    if (std::isnan(when[i])) continue;
    if (!(when[i] >= 0.0)) {
      data.frame.add_problem(i, event.column, when[i],
                             "an event after randomisation has a study day not below 0");
      continue;
    }
    when[i] /= days_per_time;
    wanted[i] = cut(data, i, when[i], event.strategy == Strategy::composite);
  }
  check_counted(data, event, when, wanted);
  data.frame.keep(wanted);
  keep_marked(data.start, wanted);
  keep_marked(data.time, wanted);
  keep_marked(data.outcome, wanted);
  data.strategies +=
      std::string("; ") + event.name +
      (event.strategy == Strategy::composite ? ": counts as the event" : ": censored there");
}

}  // namespace

bool apply_strategies(TimeData& data, double days_per_time, Task& task) {
  const EventStrategies& chosen = task.analysis.estimand.events;
  const EventColumns& columns = task.plan.events;
  const std::array<Event, 4> events{
      Event{"death", chosen.death, columns.death},
      Event{"revascularisation", chosen.revascularisation, columns.revascularisation},
      Event{"missed_injection", chosen.missed_injection, columns.missed_injection},
      Event{"rescue", chosen.rescue, columns.rescue}};
  const std::size_t before = task.problems.size();
  for (const Event& event : events) {
    if (!changes_times(event.strategy)) continue;
    const std::string key = std::string("estimand.events.") + event.name;
    if (event.strategy == Strategy::principal_stratum) {
      task.bad_option(key, "principal_stratum",
                      "needs a model of who would have had the event on the other arm, and none is "
                      "offered");
    } else if (event.column.empty()) {
      task.bad_option(key, "", "the plan's [events] names no column with the day of this event",
                      std::string("events.") + event.name);
    } else if (!(days_per_time > 0.0)) {
      task.bad_option("days_per_time", "",
                      "must say how many days a unit of `time` has, for the strategy for " +
                          std::string(event.name));
    } else {
      apply(data, event, days_per_time);
    }
  }
  return task.problems.size() == before;
}

}  // namespace angiotrial::analysis
