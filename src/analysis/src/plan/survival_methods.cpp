// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>

#include "plan/method.hpp"
#include "plan/survival_data.hpp"

/// Kaplan-Meier curves, log-rank tests and restricted means in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source magirr{schema::Provenance::recalled,
                                "Magirr D, Burman CF. Modestly weighted logrank tests. Stat Med "
                                "2019",
                                "10.1002/sim.8186"};

enum class Interval { preset, log, log_log, plain, logit, arcsine };
constexpr std::array<std::string_view, 6> intervals{"preset", "log",   "log_log",
                                                    "plain",  "logit", "arcsine"};
enum class Hazard { none, nelson_aalen, fleming_harrington };
constexpr std::array<std::string_view, 3> hazards{"none", "nelson_aalen", "fleming_harrington"};

struct KaplanMeier {
  EventTimes times;
  std::vector<double> at_times;
  std::vector<double> quantiles{0.5};
  Interval interval = Interval::preset;
  Hazard hazard = Hazard::none;
  bool by_arm = true;
};

void describe(schema::Visitor& visit, KaplanMeier& o) {
  describe_times(visit, o.times);
  visit("at_times", o.at_times, {.least = 0.0}, "times at which the curve is printed", analyst);
  visit("quantiles", o.quantiles, {.least = 0.001, .most = 0.999},
        "shares that have failed, whose times are printed; 0.5 is the median", analyst);
  visit("interval", o.interval, intervals,
        "scale on which intervals are symmetric; preset: log_log, but log for conventions = \"r\"",
        analyst);
  visit("hazard", o.hazard, hazards, "cumulative hazard to be printed at `at_times`", analyst);
  visit("by_arm", o.by_arm, "a curve for each arm; false: one of all together", analyst);
}

void put_survival(const SurvivalEstimate& s, Task& task) {
  task.out.row.level = task.level();
  task.out.put("survival", s.survival, "probability");
  task.out.put("lower", s.lower, "probability");
  task.out.put("upper", s.upper, "probability");
  task.out.row.level.reset();
  task.out.put("se", s.se, "probability");
}

void put_quantile(const SurvivalQuantile& q, double p, Task& task) {
  task.out.row.group = p == 0.5 ? "median" : "share failed " + formats::shortest(p);
  task.out.row.level = task.level();
  if (!q.time) task.out.row.note = "not reached";
  task.out.put(p == 0.5 ? "median" : "quantile", q.time, task.analysis.unit);
  task.out.row.note = q.lower ? "" : "not reached";
  task.out.put("lower", q.lower, task.analysis.unit);
  task.out.row.note = q.upper ? "" : "not reached";
  task.out.put("upper", q.upper, task.analysis.unit);
  task.out.row.note.clear();
  task.out.row.level.reset();
}

void put_hazard(const std::vector<SurvivalPoint>& curve, const KaplanMeier& o, double time,
                Task& task) {
  if (o.hazard == Hazard::none) return;
  HazardPoint last;
  for (const HazardPoint& point :
       cumulative_hazard(curve, static_cast<HazardEstimate>(static_cast<int>(o.hazard) - 1))) {
    if (point.time <= time) last = point;
  }
  task.out.put("cumulative_hazard", last.cumulative_hazard, "1");
  task.out.put("se_cumulative_hazard", last.se, "1");
}

void put_curve(const KaplanMeier& o, SurvivalInterval interval,
               const std::vector<Observation>& sample, Task& task) {
  const auto curve = kaplan_meier(sample);
  double last = 0.0;
  for (const Observation& x : sample) last = std::max(last, x.time);
  task.out.put("n", static_cast<int>(sample.size()), "subjects");
  task.out.put("events", static_cast<int>(std::ranges::count(sample, true, &Observation::event)),
               "events");
  for (const double p : o.quantiles) {
    put_quantile(survival_quantile(curve, last, p, task.level(), interval), p, task);
  }
  for (const double time : o.at_times) {
    task.out.row.group = at(time);
    if (time > last) task.out.row.note = "after the last time of the arm: the curve is drawn on";
    task.out.put("at_risk",
                 static_cast<int>(std::ranges::count_if(
                     sample, [&](const Observation& x) { return x.time >= time; })),
                 "subjects");
    put_survival(survival_at(curve, time, task.level(), interval), task);
    put_hazard(curve, o, time, task);
    task.out.row.note.clear();
  }
  task.out.row.group.clear();
}

/// Problems with what is printed at times where none is asked for. False if any.
bool check_times_asked(const KaplanMeier& o, const Task& task) {
  if (!o.at_times.empty()) return true;
  return none_given(task, {{"hazard", o.hazard != Hazard::none}}, "at_times") &&
         (!o.quantiles.empty() || none_given(task, {{"interval", o.interval != Interval::preset}},
                                             "at_times or quantiles"));
}

void run(const KaplanMeier& o, Task& task) {
  task.out.row.method = "Kaplan-Meier estimate";
  if (!check_times_asked(o, task)) return;
  const auto data = time_data(o.times, {.by_arm = o.by_arm}, task);
  if (!data) return;
  Interval interval = o.interval;
  if (interval == Interval::preset) {
    interval = task.preset() == Preset::r ? Interval::log : Interval::log_log;
  }
  task.out.row.conventions =
      "interval: " + std::string(intervals[static_cast<std::size_t>(interval)]) +
      "; variance: Greenwood" +
      (o.hazard == Hazard::none
           ? ""
           : "; cumulative hazard: " + std::string(hazards[static_cast<std::size_t>(o.hazard)])) +
      data->strategies;
  for (std::size_t arm = 0; arm < data->arms(); ++arm) {
    task.out.row.arm = data->arm_name(arm);
    put_curve(o, static_cast<SurvivalInterval>(static_cast<int>(interval) - 1), data->sample(arm),
              task);
  }
  task.out.row.arm.clear();
  task.out.put("n_missing", static_cast<int>(data->missing), "subjects");
}

struct LogRankOptions {
  EventTimes times;
  std::vector<std::string> strata;
  double rho = 0.0, gamma = 0.0, modest_until = 0.0;
  std::vector<double> scores;
};

void describe(schema::Visitor& visit, LogRankOptions& o) {
  describe_times(visit, o.times);
  visit("strata", o.strata, "columns whose combinations are the strata", analyst);
  visit("rho", o.rho, {.least = 0.0, .most = 10.0},
        "Fleming-Harrington weight S^rho (1 - S)^gamma; both 0: the log-rank test", analyst);
  visit("gamma", o.gamma, {.least = 0.0, .most = 10.0}, "see rho", analyst);
  visit("modest_until", o.modest_until, {.least = 0.0},
        "instead: modest weights until this time; 0: none", magirr);
  visit("scores", o.scores, {}, "scores of the arms, in their order, of a test for trend", analyst);
}

void put_pairs(const TimeData& data, const LogRankWeight& weight, Task& task) {
  const Frame& frame = data.frame;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    const ArmAndReference pair = pair_of(data, arm);
    const WeightedLogRank test = weighted_log_rank(pair.data(), weight);
    task.out.row.arm = frame.arms()[arm];
    task.out.row.arm_ref = frame.arms()[frame.reference()];
    const bool fine = test.status == LogRankStatus::fitted;
    if (!fine) task.out.row.note = "refused: " + std::string(name_of(test.status));
    task.out.put("z", fine ? std::optional(test.z) : std::nullopt, "1");
    task.out.put("p_value", fine ? std::optional(test.p_value) : std::nullopt, "probability");
    task.out.row.note.clear();
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
}

void put_trend(const LogRankData& data, const LogRankOptions& o, const LogRankWeight& weight,
               Task& task) {
  const LogRankTrend trend = log_rank_trend(data, o.scores, weight);
  task.out.row.group = "trend";
  const bool fine = trend.status == LogRankStatus::fitted;
  if (!fine) task.out.row.note = "refused: " + std::string(name_of(trend.status));
  task.out.put("z", fine ? std::optional(trend.z) : std::nullopt, "1");
  task.out.put("p_value", fine ? std::optional(trend.p_value) : std::nullopt, "probability");
  task.out.row.group.clear();
  task.out.row.note.clear();
}

void run(const LogRankOptions& o, Task& task) {
  task.out.row.method = o.strata.empty() ? "log-rank test" : "stratified log-rank test";
  if (o.modest_until > 0.0 && (o.rho > 0.0 || o.gamma > 0.0)) {
    task.bad_option("modest_until", formats::shortest(o.modest_until),
                    "stands instead of rho and gamma, not beside them");
    return;
  }
  const auto data = time_data(o.times, {.strata = o.strata}, task);
  if (!data) return;
  const Frame& frame = data->frame;
  if (!o.scores.empty() && o.scores.size() != frame.arms().size()) {
    task.bad_option("scores", std::to_string(o.scores.size()), "must be one for each arm");
    return;
  }
  if (!o.scores.empty() && !task.check_order_of_arms("scores", frame)) return;
  LogRankWeight weight{o.rho, o.gamma, {}};
  if (o.modest_until > 0.0) weight.modest_until = o.modest_until;
  task.out.row.conventions =
      "weight: " + words_of(weight) +
      "; variance: hypergeometric, which corrects for ties; z: above 0 for more events than "
      "expected; sides: two" +
      (frame.arms().size() > 2 ? "; pairs: rows of the two arms" : "") + data->strategies;
  const auto sample = data->sample();
  const LogRankData all{sample, frame.arm(), static_cast<int>(frame.arms().size()), data->stratum};
  const WeightedLogRank test = weighted_log_rank(all, weight);
  if (test.status != LogRankStatus::fitted) {
    task.refuse(std::string(name_of(test.status)));
    return;
  }
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    task.out.row.arm = frame.arms()[arm];
    task.out.put("observed", test.observed[arm], "events");
    task.out.put("expected", test.expected[arm], "events");
  }
  task.out.row.arm.clear();
  put_pairs(*data, weight, task);
  task.out.put("chi_square", test.chi_square, "1");
  task.out.put("df", test.df, "1");
  task.out.put("p_value", test.p_value, "probability");
  if (!o.scores.empty()) put_trend(all, o, weight, task);
  put_counts(*data, task);
}

}  // namespace

std::vector<MethodEntry> survival_methods() {
  return {method<KaplanMeier>("kaplan_meier", "survival curves, medians and their intervals"),
          method<LogRankOptions>("log_rank", "log-rank tests, weighted, stratified, for trend")};
}

}  // namespace angiotrial::analysis
