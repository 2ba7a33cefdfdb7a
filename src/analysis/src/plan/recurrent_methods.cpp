// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/recurrent.hpp>

#include <algorithm>

#include "plan/clusters.hpp"
#include "plan/hazard_data.hpp"
#include "plan/method.hpp"

/// Recurrent events in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source lin{schema::Provenance::recalled,
                             "Lin DY, Wei LJ, Yang I, Ying Z. Semiparametric regression for the "
                             "mean and rate functions of recurrent events. JRSS B 2000",
                             "10.1111/1467-9868.00259"};
constexpr schema::Source ghosh{schema::Provenance::recalled,
                               "Ghosh D, Lin DY. Nonparametric analysis of recurrent events and "
                               "death. Biometrics 2000",
                               "10.1111/j.0006-341X.2000.00554.x"};

enum class Errors { robust, model };
constexpr std::array<std::string_view, 2> error_names{"robust", "model"};

struct RecurrentEvents {
  EventTimes times;
  HazardTerms terms;
  std::string start, death;
  std::vector<std::string> strata;
  TiesChoice ties = TiesChoice::preset;
  Errors errors = Errors::robust;
  std::vector<double> at_times;
};

void describe(schema::Visitor& visit, RecurrentEvents& o) {
  describe_times(visit, o.times);
  visit("start", o.start, "column where a row's time at risk begins, `time` being its end",
        analyst);
  describe_terms(visit, o.terms);
  visit("strata", o.strata,
        "columns whose combinations have a baseline rate each; the number of the event makes it "
        "the model of Prentice, Williams and Peterson",
        analyst);
  visit("ties", o.ties, ties_names,
        "likelihood of tied events; preset: efron, but breslow for conventions = \"sas\"", analyst);
  visit("errors", o.errors, error_names,
        "robust by subject (proportional means), or of the model (Andersen and Gill), which takes "
        "a subject's events for independent",
        lin);
  visit("death", o.death,
        "column that is 1 in a subject's last row if it ends with death: the mean counts no events "
        "after it",
        ghosh);
  visit("at_times", o.at_times, {.least = 0.0}, "times at which mean counts are printed", analyst);
}

/// Rows of one arm for the mean cumulative function.
struct ArmRows {
  std::vector<double> start, stop;
  std::vector<int> event, subject, death;

  [[nodiscard]] RecurrentData data() const { return {start, stop, event, subject, death}; }
};

ArmRows rows_of(const TimeData& data, const std::vector<double>& death, std::size_t arm) {
  ArmRows rows;
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    if (data.frame.arm()[i] != static_cast<int>(arm)) continue;
    rows.start.push_back(data.start[i]);
    rows.stop.push_back(data.time[i]);
    rows.event.push_back(data.outcome[i]);
    rows.subject.push_back(data.frame.subject()[i]);
    if (!death.empty()) rows.death.push_back(death[i] == 1.0 ? 1 : 0);
  }
  return rows;
}

void put_means(const RecurrentEvents& o, const TimeData& data, const std::vector<double>& death,
               Task& task) {
  if (o.at_times.empty()) return;
  const Frame& frame = data.frame;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    const ArmRows rows = rows_of(data, death, arm);
    const MeanCumulativeFunction mean = mean_cumulative_function(rows.data());
    if (mean.status != SurvivalStatus::fitted) {
      task.refuse(frame.arms()[arm] + ": mean count: " + std::string(name_of(mean.status)));
      continue;
    }
    const double last = std::ranges::max(rows.stop);
    const bool alone = std::ranges::count(rows.subject, rows.subject.front()) ==
                       static_cast<std::ptrdiff_t>(rows.subject.size());
    for (const double time : o.at_times) {
      const MeanCumulativePoint point = mean_cumulative_at(mean, time);
      task.out.row.group = at(time);
      if (time > last) task.out.row.note = "after the last time of the arm: the curve is drawn on";
      if (alone) {
        task.out.row.arm = frame.arms()[arm];
        task.out.row.note = "one subject: no variance, no limits";
        task.out.put("mean_events", point.mean, task.analysis.unit);
        task.out.row.arm.clear();
      } else {
        task.put_mean(frame.arms()[arm], wald(point.mean, point.se, task.level()), "mean_events");
      }
      task.out.row.note.clear();
    }
    task.out.row.group.clear();
  }
}

bool check_deaths(const TimeData& data, const std::vector<double>& death,
                  const std::string& column) {
  for (std::size_t i = 0; i < death.size(); ++i) {
    if (death[i] == 0.0 || death[i] == 1.0) continue;
    data.frame.add_problem(i, column, death[i], "must be 0 or 1");
  }
  return data.frame.ok();
}

std::string conventions_of(const RecurrentEvents& o, CoxTies ties) {
  return "ties: " + std::string(name_of(ties)) +
         "; errors: " + (o.errors == Errors::robust ? "robust by subject" : "model") +
         "; reference: normal; interval: Wald on the log scale, of mean counts plain" +
         (o.at_times.empty() ? ""
          : o.death.empty()  ? "; mean counts: deaths as censoring"
                             : "; mean counts: none after death");
}

const CoxFit& fit(const RecurrentEvents& o, const TimeData& data, const HazardDesign& design,
                  CoxTies ties, CoxWorkspace& workspace) {
  const CoxData cox{.start = data.start,
                    .stop = data.time,
                    .event = data.outcome,
                    .design = design.values,
                    .columns = design.columns(),
                    .stratum = data.stratum,
                    .cluster = data.frame.subject()};
  return o.errors == Errors::robust ? fit_proportional_means(cox, ties, workspace)
                                    : fit_cox(cox, {ties}, workspace);
}

void put_rates(const RecurrentEvents& o, const TimeData& data, const HazardDesign& design,
               CoxTies ties, Task& task) {
  const bool robust = o.errors == Errors::robust;
  CoxWorkspace workspace;
  const CoxFit& model = fit(o, data, design, ties, workspace);
  if (robust && has_maximum(model.status) &&
      !enough_clusters(data.frame, data.frame.subject(), "subject", design.columns(), task)) {
    return;
  }
  if (model.status != CoxStatus::fitted) {
    refuse_fit(model.status, model.aliased, design, task);
    return;
  }
  put_ratios(data.frame, design, model.coefficients, robust ? model.se_robust : model.se,
             "rate_ratio", task);
  task.out.put("log_likelihood", model.log_likelihood, "1");
  task.out.put("iterations", model.iterations);
}

void run(const RecurrentEvents& o, Task& task) {
  task.out.row.method = o.errors == Errors::robust
                            ? "proportional means regression of recurrent events (LWYY)"
                            : "Andersen-Gill regression of recurrent events";
  if (o.start.empty()) {
    task.bad_option("start", "", "must name the column where a row's time at risk begins");
    return;
  }
  if (o.at_times.empty() && !none_given(task, {{"death", !o.death.empty()}}, "at_times")) return;
  const CoxTies ties = ties_of(o.ties, task.preset());
  if (ties == CoxTies::exact && o.errors == Errors::robust) {
    task.bad_option("ties", "exact", "is not offered with robust errors");
    return;
  }
  TimeNeeds needs{.start = o.start, .strata = o.strata, .repeated = true};
  needs.columns = Frame::columns_of(o.terms.covariates);
  if (!o.death.empty()) needs.columns.push_back(o.death);
  auto data = time_data(o.times, needs, task);
  if (!data || !check_overlap(*data, o.start)) return;
  if (!o.death.empty() && !data->strategies.empty()) {
    task.bad_option("death", o.death,
                    "is not offered with a strategy that changes the times of a subject");
    return;
  }
  const HazardDesign design = hazard_design(data->frame, o.terms);
  std::vector<double> death;
  if (!o.death.empty()) death = data->frame.numbers(o.death);
  if (!data->frame.ok() || !check_deaths(*data, death, o.death)) return;
  task.out.row.conventions =
      conventions_of(o, ties) + words_of_products(o.terms) + data->strategies;
  put_rates(o, *data, design, ties, task);
  put_means(o, *data, death, task);
  put_counts(*data, task);
}

}  // namespace

std::vector<MethodEntry> recurrent_methods() {
  return {method<RecurrentEvents>("recurrent_events",
                                  "rates of recurrent events: Andersen-Gill, proportional means")};
}

}  // namespace angiotrial::analysis
