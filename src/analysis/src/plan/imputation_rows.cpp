// SPDX-License-Identifier: Apache-2.0
#include "plan/imputation_rows.hpp"
#include "plan/did_you_mean.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source carpenter{
    schema::Provenance::recalled,
    "Carpenter JR, Roger JH, Kenward MG. Analysis of longitudinal trials with protocol deviation. "
    "J Biopharm Stat 2013; 23: 1352-1371",
    ""};

/// The first visit of the run of missing ones at the end; `visits`: the last was seen.
std::vector<int> events_by_pattern(const SubjectTable& table) {
  const std::size_t m = table.visits.size();
  std::vector<int> out;
  for (std::size_t p = 0; p < table.subjects(); ++p) {
    std::size_t first = m;
    while (first > 0 && std::isnan(table.outcome[p * m + first - 1])) --first;
    out.push_back(static_cast<int>(first));
  }
  return out;
}

/// The visit that the column names; missing: no event.
std::vector<int> events_by_column(SubjectTable& table, const std::string& column) {
  const Factor factor = table.frame.factor(column);
  std::vector<int> out(table.subjects(), static_cast<int>(table.visits.size()));
  for (std::size_t p = 0; p < table.subjects() && table.frame.ok(); ++p) {
    if (factor.codes[p] < 0) continue;
    const std::string& name = factor.levels[static_cast<std::size_t>(factor.codes[p])];
    const auto found = std::ranges::find(table.visits, name);
    if (found == table.visits.end()) {
      table.frame.add_problem(p, column, name, "is not one of the visits analysed",
                              did_you_mean(name, table.visits));
    }
    out[p] = static_cast<int>(found - table.visits.begin());
  }
  return out;
}

/// By subject; missing in the column: the analysis's own.
std::vector<ImputationStrategy> strategies_of(const ImputationOptions& o, SubjectTable& table) {
  if (o.strategy_column.empty()) return {o.strategy};
  const Factor factor = table.frame.factor(o.strategy_column);
  std::vector<ImputationStrategy> out(table.subjects(), o.strategy);
  for (std::size_t p = 0; p < table.subjects() && table.frame.ok(); ++p) {
    if (factor.codes[p] < 0) continue;
    const std::string& name = factor.levels[static_cast<std::size_t>(factor.codes[p])];
    const auto found = std::ranges::find(strategy_names, name);
    if (found == strategy_names.end()) {
      const std::vector<std::string> known(strategy_names.begin(), strategy_names.end());
      table.frame.add_problem(p, o.strategy_column, name, "is not a strategy of imputation",
                              did_you_mean(name, known));
      continue;
    }
    out[p] = static_cast<ImputationStrategy>(found - strategy_names.begin());
  }
  return out;
}

void count_missing(ImputationData& data) {
  const SubjectTable& table = data.table;
  const std::size_t m = table.visits.size();
  data.missing.assign(table.arms.size() * m, 0);
  for (std::size_t i = 0; i < table.outcome.size(); ++i) {
    const auto arm = static_cast<std::size_t>(table.arm[i / m]);
    if (std::isnan(table.outcome[i])) ++data.missing[arm * m + i % m];
  }
}

std::vector<std::string> both(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> adjustment_of(const ImputationOptions& o) {
  return o.adjustment.empty() ? both(o.covariates, o.common_covariates) : o.adjustment;
}

bool check_terms(const ImputationOptions& o, const Task& task) {
  if (!task.check_classes(o.classes, both(both(o.covariates, o.common_covariates), o.adjustment))) {
    return false;
  }
  for (const auto* terms : {&o.covariates, &o.common_covariates, &o.adjustment}) {
    for (const std::string& term : *terms) {
      const std::string padded = ":" + term + ":";
      if (padded.find(":arm:") == std::string::npos &&
          padded.find(":" + o.visit + ":") == std::string::npos) {
        continue;
      }
      task.bad_option("covariates", term,
                      "must be of baseline columns: arm and visit are in the model already");
      return false;
    }
  }
  return true;
}

}  // namespace

void describe_imputation(schema::Visitor& visit, ImputationOptions& o) {
  visit("response", o.response, "column of the response; every subject needs a row, if without it",
        carpenter);
  visit("visit", o.visit, "column of the visit, a category", analyst);
  visit(
      "visits", o.visits,
      "visits in the order of time, others are left out; empty: all found, by their number or that "
      "of AVISITN (VISITNUM)",
      analyst);
  visit("covariates", o.covariates,
        "terms of baseline covariates of the model, each with a coefficient at each visit",
        analyst);
  visit("common_covariates", o.common_covariates,
        "terms of baseline covariates with one coefficient for all visits", analyst);
  visit("adjustment", o.adjustment,
        "terms of the analysis of covariance of the completed data; empty: all of the model's",
        analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("strategy", o.strategy, strategy_names,
        "mean of a subject from the intercurrent event on; the reference is the reference arm",
        carpenter);
  visit("strategy_column", o.strategy_column,
        "column with the strategy of each subject, by the same names; empty cell: `strategy`",
        analyst);
  visit("event_visit", o.event_visit,
        "column with the first visit after the subject's event, empty cell: no event; no column: "
        "the first of the visits missing up to the last, gaps before it are missing at random",
        analyst);
  describe_covariance(visit, o.covariance);
  visit("covariance_by_arm", o.covariance_by_arm, "whether each arm has a covariance of its own",
        analyst);
  visit("delta_scope", o.delta_scope, scope_names,
        "imputed values that delta moves: from the event on, or all", analyst);
}

std::optional<ImputationData> imputation_data(const ImputationOptions& o, Task& task) {
  const auto fallbacks = fallbacks_of(o.covariance, task);
  if (!fallbacks || !check_terms(o, task)) return std::nullopt;
  if (needs_times(o.covariance.covariance) || std::ranges::any_of(*fallbacks, needs_times)) {
    task.bad_option("covariance", "", "must be one that needs no time");
    return std::nullopt;
  }
  const std::vector<std::string> adjustment = adjustment_of(o);
  std::vector<std::string> constant =
      Frame::columns_of(both(both(o.covariates, o.common_covariates), adjustment));
  if (!o.event_visit.empty()) constant.push_back(o.event_visit);
  if (!o.strategy_column.empty()) constant.push_back(o.strategy_column);
  auto table = subject_table({o.response, o.visit, o.visits, VisitOrder::of_time, constant}, task);
  if (!table) return std::nullopt;
  ImputationData out{std::move(*table), {}, {}, {}, {}, {}, {}, *fallbacks, {}, {}};
  out.by_visit = baseline_design(out.table, o.covariates, o.classes);
  out.constant = baseline_design(out.table, o.common_covariates, o.classes);
  out.adjustment = baseline_design(out.table, adjustment, o.classes);
  out.event = o.event_visit.empty() ? events_by_pattern(out.table)
                                    : events_by_column(out.table, o.event_visit);
  out.strategy = strategies_of(o, out.table);
  if (!out.table.frame.ok()) return std::nullopt;
  for (std::size_t p = 0; p < out.table.subjects(); ++p) out.label.push_back(static_cast<int>(p));
  count_missing(out);
  return out;
}

IncompleteTrial ImputationData::trial(const ImputationOptions& o, double level) const {
  IncompleteTrial out;
  out.patients = table.subjects();
  out.visits = static_cast<int>(table.visits.size());
  out.outcome = table.outcome;
  out.arm = table.arm;
  out.arms = static_cast<int>(table.arms.size());
  out.by_visit = by_visit.values;
  out.by_visit_columns = by_visit.columns();
  out.constant = constant.values;
  out.constant_columns = constant.columns();
  out.adjustment = adjustment.values;
  out.adjustment_columns = adjustment.columns();
  out.event_visit = event;
  out.strategy = strategy;
  out.structure = o.covariance.covariance;
  out.fallbacks = fallbacks;
  out.covariance_by_arm = o.covariance_by_arm;
  out.criterion = o.covariance.criterion;
  out.delta = delta;
  out.delta_scope = o.delta_scope;
  out.label = label;
  out.level = level;
  return out;
}

std::string imputation_words(const ImputationOptions& o, const MixedFit& fit) {
  return "strategy: " +
         (o.strategy_column.empty() ? std::string(name_of(o.strategy))
                                    : "by subject (" + o.strategy_column + ")") +
         "; event: " + (o.event_visit.empty() ? "last visits missing" : o.event_visit) +
         "; covariance: " + std::string(name_of(fit.structure)) +
         (o.covariance_by_arm ? " by arm" : "") +
         "; criterion: " + (o.covariance.criterion == Criterion::reml ? "REML" : "ML") +
         "; analysis: least squares at each visit, means at mean covariates";
}

void refuse_imputation(ImputationStatus status, const ImputationResult* result,
                       const ImputationData& data, Task& task) {
  std::string words(name_of(status));
  if (result != nullptr && status == ImputationStatus::no_model) {
    words += ": " + std::string(name_of(result->fit.status));
  }
  if (result != nullptr && status == ImputationStatus::not_without_patient) {
    const auto row = static_cast<std::size_t>(data.table.frame.subject()[result->patient]);
    words += ": " + data.table.frame.subject_name(row);
  }
  task.refuse(std::move(words));
}

}  // namespace angiotrial::analysis
