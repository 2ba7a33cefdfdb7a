// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/constrained_baseline.hpp>

#include <algorithm>
#include <cmath>

#include "plan/method.hpp"
#include "plan/repeated.hpp"
#include "plan/subject_table.hpp"

/// Constrained longitudinal data analysis in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source liang_zeger{
    schema::Provenance::recalled,
    "Liang K-Y, Zeger SL. Longitudinal data analysis of continuous and discrete responses for "
    "pre-post designs. Sankhya B 2000; 62: 134-148",
    ""};

struct Constrained {
  std::string response, baseline, visit;
  std::vector<std::string> visits, covariates, classes;
  CovarianceOptions covariance;
  InferenceOptions inference;
};

void describe(schema::Visitor& visit, Constrained& o) {
  visit("response", o.response, "column of the response, on the scale of the baseline, no change",
        liang_zeger);
  visit("baseline", o.baseline, "column of the baseline of the response", liang_zeger);
  visit("visit", o.visit, "column of the visit, a category; rows after baseline", analyst);
  visit("visits", o.visits,
        "visits analysed, in the order of time, others are left out; empty: all found, by their "
        "number or "
        "that of AVISITN (VISITNUM), else sorted where their order does not matter",
        analyst);
  visit("covariates", o.covariates,
        "terms of baseline covariates, each with a coefficient at each visit", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  describe_covariance(visit, o.covariance);
  describe_inference(visit, o.inference);
}

/// The rows of the constrained model, or none with problems.
struct ConstrainedData {
  SubjectTable table;
  std::vector<double> baseline;
  Design covariates;
};

std::optional<ConstrainedData> read_constrained(const Constrained& o, VisitOrder order,
                                                Task& task) {
  if (o.baseline.empty()) {
    task.bad_option("baseline", "", "must name the column of the baseline");
    return std::nullopt;
  }
  if (!task.check_classes(o.classes, o.covariates) ||
      !task.check_without_arm("covariates", o.covariates)) {
    return std::nullopt;
  }
  std::vector<std::string> constant = Frame::columns_of(o.covariates);
  constant.push_back(o.baseline);
  auto table = subject_table({o.response, o.visit, o.visits, order, constant}, task);
  if (!table) return std::nullopt;
  ConstrainedData out{std::move(*table), {}, {}};
  out.baseline = out.table.frame.numbers(o.baseline);
  out.covariates = baseline_design(out.table, o.covariates, o.classes);
  if (!out.table.frame.ok()) return std::nullopt;
  return out;
}

/// What the columns of ConstrainedBaseline stand for, in their order.
std::vector<std::string> column_names(const ConstrainedData& data) {
  std::vector<std::string> out;
  for (std::size_t v = 0; v <= data.table.visits.size(); ++v) {
    const std::string visit = v == 0 ? "baseline" : data.table.visits[v - 1];
    out.push_back(visit);
    for (std::size_t a = 1; v > 0 && a < data.table.arms.size(); ++a) {
      out.push_back(data.table.arms[a] + " at " + visit);
    }
    for (const std::string& name : data.covariates.names) out.push_back(name + " at " + visit);
  }
  return out;
}

void put_constrained(const ConstrainedBaseline& trial, const SubjectTable& table,
                     const MixedAnswers& answers, Task& task) {
  const std::string avisit = task.out.row.avisit;
  std::vector<std::vector<double>> any;
  for (int v = 1; v <= static_cast<int>(table.visits.size()); ++v) {
    task.out.row.avisit = table.visits[static_cast<std::size_t>(v) - 1];
    for (int a = 0; a < static_cast<int>(table.arms.size()); ++a) {
      const std::string& arm = table.arms[static_cast<std::size_t>(a)];
      put_estimate(task, arm, "", answers.estimate(trial.mean(v, a)), "adjusted_mean");
      task.out.row.group = "change from baseline";
      put_estimate(task, arm, "", answers.estimate(trial.mean_change(v, a)), "adjusted_mean");
      task.out.row.group.clear();
    }
    for (int a = 1; a < static_cast<int>(table.arms.size()); ++a) {
      any.push_back(trial.contrast(v, a));
      put_estimate(task, table.arms[static_cast<std::size_t>(a)], table.arms[0],
                   answers.estimate(any.back()), "difference");
    }
  }
  task.out.row.avisit = avisit;
  put_joint_test(task, "arm at any visit", answers.joint(any));
}

void run(const Constrained& o, Task& task) {
  task.out.row.method =
      "constrained longitudinal data analysis (mixed model, one baseline mean for all arms)";
  const auto answers = MixedAnswers::of(o.inference, o.covariance.criterion, task);
  const auto fallbacks = fallbacks_of(o.covariance, task);
  if (!answers || !fallbacks) return;
  if (needs_times(o.covariance.covariance) || std::ranges::any_of(*fallbacks, needs_times)) {
    task.bad_option("covariance", "", "must be one that needs no time");
    return;
  }
  const bool ordered =
      order_matters(o.covariance.covariance) || std::ranges::any_of(*fallbacks, order_matters);
  const auto data = read_constrained(o, ordered ? VisitOrder::of_time : VisitOrder::free, task);
  if (!data) return;
  const SubjectTable& table = data->table;
  if (table.visits.size() > 63) {
    task.bad_option("visits", o.visit, "must be 63 at most besides the baseline");
    return;
  }
  const ConstrainedBaseline trial({table.subjects(), static_cast<int>(table.visits.size()),
                                   data->baseline, table.outcome, table.arm,
                                   static_cast<int>(table.arms.size()), data->covariates.values,
                                   data->covariates.columns()});
  RepeatedModel model = trial.model();
  model.structure = o.covariance.covariance;
  model.criterion = o.covariance.criterion;
  model.fallbacks = *fallbacks;
  MixedWorkspace workspace;
  const MixedFit& fit = fit_mixed_model(model, workspace);
  if (fit.status != MixedStatus::fitted) {
    refuse_fit(fit, column_names(*data), task);
    return;
  }
  MixedAnswers ready = *answers;
  task.out.row.conventions = "covariance: " + std::string(name_of(fit.structure)) +
                             criterion_words(o.covariance.criterion) + ready.words() +
                             "; adjusted means: at mean covariates of all subjects";
  if (!ready.set_model(workspace, model, task)) return;
  task.out.row.note = fall_back_note(fit);
  put_constrained(trial, table, ready, task);
  std::vector<std::string> visits{"baseline"};
  visits.insert(visits.end(), table.visits.begin(), table.visits.end());
  put_covariance(task, fit, visits, {});
  const auto seen = static_cast<std::size_t>(
      std::ranges::count_if(table.outcome, [](double y) { return !std::isnan(y); }));
  put_fit(task, fit, table.frame, table.outcome.size() - seen);
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> constrained_methods() {
  return {method<Constrained>("constrained_longitudinal",
                              "mixed model with the baseline as a response of one mean")};
}

}  // namespace angiotrial::analysis
