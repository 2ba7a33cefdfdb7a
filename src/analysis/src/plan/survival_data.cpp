// SPDX-License-Identifier: Apache-2.0
#include "plan/survival_data.hpp"
#include "plan/did_you_mean.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "plan/repeated.hpp"
#include "plan/survival_events.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

void describe_days(schema::Visitor& visit, double& days_per_time) {
  visit("days_per_time", days_per_time, {.least = 0.0, .most = 1e4},
        "days in one unit of `time`, needed where a strategy for an event after randomisation "
        "changes the times; 0: not said",
        analyst);
}

/// 0 and 1 as they stand; or, of CNSR, whole numbers of which 0 is the event.
std::vector<int> outcomes_of_numbers(Frame& frame, const std::string& column, bool censoring) {
  const std::vector<double> values = frame.numbers(column);
  std::vector<int> out(values.size(), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = values[i];
    if (censoring ? !(v >= 0.0 && v == std::floor(v)) : v != 0.0 && v != 1.0) {
      frame.add_problem(i, column, v,
                        censoring ? "must be 0 (the event) or a whole number above 0 (censored)"
                                  : "must be 0 (censored) or 1 (the event)",
                        censoring ? "" : "`event_value` names another value for the event");
    }
    out[i] = (v == 0.0) == censoring ? 1 : 0;
  }
  return out;
}

int level_of(const Frame& frame, const Factor& factor, const std::string& value) {
  const auto found = std::ranges::find(factor.levels, value);
  if (found != factor.levels.end()) return static_cast<int>(found - factor.levels.begin());
  frame.add_problem(factor.column, value, "no row has this value",
                    did_you_mean(value, factor.levels));
  return -1;
}

std::vector<int> outcomes(const EventTimes& times, Frame& frame) {
  if (!times.censor.empty()) return outcomes_of_numbers(frame, times.censor, true);
  if (times.event_value.empty()) return outcomes_of_numbers(frame, times.event, false);
  const Factor values = frame.factor(times.event);
  std::vector<int> out(frame.rows(), 0);
  if (!frame.ok()) return out;
  const int wanted = level_of(frame, values, times.event_value);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values.codes[i] == wanted ? 1 : 0;
  return out;
}

std::vector<int> outcomes(const CauseTimes& times, Frame& frame) {
  const Factor values = frame.factor(times.event);
  std::vector<int> out(frame.rows(), 0);
  if (!frame.ok()) return out;
  const int wanted = level_of(frame, values, times.cause);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool censored =
        values.levels[static_cast<std::size_t>(values.codes[i])] == times.censored;
    out[i] = values.codes[i] == wanted ? 1 : censored ? 0 : 2;
  }
  if (!times.censored.empty() && std::ranges::find(out, 0) == out.end()) {
    frame.add_problem(
        times.event, times.censored, "no row holds the value of the censored",
        "say `censored`, \"\" where nobody is: " + did_you_mean(times.censored, values.levels));
  }
  return out;
}

bool check_keys(const EventTimes& times, const Task& task) {
  const std::size_t before = task.problems.size();
  if (times.time.empty()) task.bad_option("time", "", "must name the column of the time");
  if (times.event.empty() == times.censor.empty()) {
    task.bad_option("event", times.event, "must be given, or else `censor`, but not both");
  }
  if (!times.event_value.empty() && times.event.empty()) {
    task.bad_option("event_value", times.event_value, "needs `event`, the column it stands in");
  }
  return task.problems.size() == before;
}

bool check_keys(const CauseTimes& times, const Task& task) {
  const std::size_t before = task.problems.size();
  if (times.time.empty()) task.bad_option("time", "", "must name the column of the time");
  if (times.event.empty()) task.bad_option("event", "", "must name the column of the causes");
  if (times.cause.empty()) task.bad_option("cause", "", "must be the value of the cause studied");
  if (times.cause == times.censored) {
    task.bad_option("cause", times.cause, "must differ from `censored`");
  }
  return task.problems.size() == before;
}

const std::string& outcome_column(const EventTimes& t) {
  return t.event.empty() ? t.censor : t.event;
}
const std::string& outcome_column(const CauseTimes& t) { return t.event; }

void check_times(TimeData& data, const std::string& column) {
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    const double start = data.start.empty() ? 0.0 : data.start[i];
    const bool fine = std::isfinite(data.time[i]) && std::isfinite(start) &&
                      data.time[i] >= start && (data.start.empty() || data.time[i] > start);
    if (fine) continue;
    data.frame.add_problem(
        i, column, data.time[i],
        data.start.empty() ? "a time is a number not below 0" : "a row must end after its start");
  }
}

bool has_repeats(const Frame& frame) {
  std::vector<bool> seen(frame.subjects(), false);
  for (const int subject : frame.subject()) {
    if (seen[static_cast<std::size_t>(subject)]) return true;
    seen[static_cast<std::size_t>(subject)] = true;
  }
  return false;
}

std::optional<Frame> frame_of(const TimeNeeds& needs, const std::vector<std::string>& columns,
                              Task& task) {
  PlannedAnalysis analysis = task.analysis;  // the strategies act on times, not on rows
  analysis.estimand.events = {};
  const Task as_observed{task.plan,     analysis,      task.tables,         task.out,
                         task.problems, task.refusals, task.source_of_data, task.analyses,
                         task.read_data};
  return as_observed.frame({.needs_arm = needs.by_arm, .columns = columns});
}

template <class Times>
std::optional<TimeData> read(const Times& times, const TimeNeeds& needs, Task& task) {
  if (!check_keys(times, task)) return std::nullopt;
  std::vector<std::string> needed{times.time, outcome_column(times)};
  if (!needs.start.empty()) needed.push_back(needs.start);
  for (const auto* more : {&needs.strata, &needs.columns}) {
    needed.insert(needed.end(), more->begin(), more->end());
  }
  auto frame = frame_of(needs, needed, task);
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok()) return std::nullopt;
  if (!needs.repeated && !frame->require_one_row_per_subject()) return std::nullopt;
  if (needs.repeated && needs.by_arm && !require_one_arm_per_subject(*frame)) return std::nullopt;
  if (frame->rows() == 0) {
    frame->add_problem(times.time, "", "no row is left to analyse");
    return std::nullopt;
  }
  TimeData data{std::move(*frame), {}, {}, {}, {}, missing, false, ""};
  data.time = data.frame.numbers(times.time);
  if (!needs.start.empty()) data.start = data.frame.numbers(needs.start);
  data.outcome = outcomes(times, data.frame);
  if (!data.frame.ok()) return std::nullopt;
  check_times(data, times.time);
  if (!data.frame.ok() || !apply_strategies(data, times.days_per_time, task)) return std::nullopt;
  if (needs.by_arm && !data.frame.require_every_arm()) return std::nullopt;
  data.stratum = combined_codes(data.frame, needs.strata);
  data.repeated = has_repeats(data.frame);
  return data;
}

}  // namespace

void describe_times(schema::Visitor& visit, EventTimes& t) {
  visit("time", t.time, "column of the time to the event or to censoring, from 0", analyst);
  visit("event", t.event, "column that is 1 for an event and 0 for censoring, unless event_value",
        analyst);
  visit("event_value", t.event_value,
        "value of `event` that is the event, every other being censored; empty: 1, beside only 0",
        analyst);
  visit("censor", t.censor, "instead of `event`: column that is 0 for an event, as CNSR of ADaM",
        analyst);
  describe_days(visit, t.days_per_time);
}

void describe_times(schema::Visitor& visit, CauseTimes& t) {
  visit("time", t.time, "column of the time to the first event or to censoring, from 0", analyst);
  visit("event", t.event, "column of the cause of the event", analyst);
  visit("cause", t.cause, "value of the cause studied", analyst);
  visit("censored", t.censored, "value where no event was seen; every other value competes",
        analyst);
  describe_days(visit, t.days_per_time);
}

std::vector<Observation> TimeData::sample(std::size_t arm) const {
  std::vector<Observation> out;
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (frame.arm()[i] == static_cast<int>(arm)) out.push_back({time[i], outcome[i] == 1});
  }
  return out;
}

std::vector<Observation> TimeData::sample() const {
  std::vector<Observation> out;
  for (std::size_t i = 0; i < time.size(); ++i) out.push_back({time[i], outcome[i] == 1});
  return out;
}

std::string TimeData::arm_name(std::size_t arm) const {
  return frame.arms().empty() ? std::string() : frame.arms()[arm];
}

int TimeData::events() const { return static_cast<int>(std::ranges::count(outcome, 1)); }

std::optional<TimeData> time_data(const EventTimes& times, const TimeNeeds& needs, Task& task) {
  return read(times, needs, task);
}

std::optional<TimeData> time_data(const CauseTimes& times, const TimeNeeds& needs, Task& task) {
  return read(times, needs, task);
}

ArmAndReference pair_of(const TimeData& data, std::size_t arm) {
  ArmAndReference pair;
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    const auto own = static_cast<std::size_t>(data.frame.arm()[i]);
    if (own != arm && own != data.frame.reference()) continue;
    pair.sample.push_back({data.time[i], data.outcome[i] == 1});
    pair.group.push_back(own == arm ? 1 : 0);
    if (!data.stratum.empty()) pair.stratum.push_back(data.stratum[i]);
  }
  return pair;
}

std::string words_of(const LogRankWeight& weight) {
  if (weight.modest_until) return "modest until " + formats::shortest(*weight.modest_until);
  if (weight.rho == 0.0 && weight.gamma == 0.0) return "1";
  return "FH(" + formats::shortest(weight.rho) + ", " + formats::shortest(weight.gamma) + ")";
}

std::string at(double time) { return "time " + formats::shortest(time); }

std::vector<int> combined_codes(Frame& frame, const std::vector<std::string>& columns) {
  std::vector<int> codes;
  for (const std::string& column : columns) {
    const Factor factor = frame.factor(column);
    codes.resize(frame.rows(), 0);
    std::map<std::pair<int, int>, int> seen;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      codes[i] = seen.emplace(std::pair(codes[i], factor.codes[i]), static_cast<int>(seen.size()))
                     .first->second;
    }
  }
  return codes;
}

void put_counts(const TimeData& data, Task& task) {
  const std::string_view of = data.repeated ? "rows" : "subjects";
  task.out.put("n", static_cast<int>(data.time.size()), of);
  task.out.put("events", data.events(), "events");
  task.out.put("n_missing", static_cast<int>(data.missing), of);
}

}  // namespace angiotrial::analysis
