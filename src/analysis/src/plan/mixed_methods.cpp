// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "plan/method.hpp"
#include "plan/mmrm_options.hpp"
#include "plan/mmrm_standardised.hpp"
#include "plan/planned_contrasts.hpp"

/// Mixed model for repeated measures in plan files.
namespace angiotrial::analysis {
namespace {

/// The data of the model and what refers to them.
struct Rows {
  Frame frame;
  VisitCodes visits;
  std::vector<TermDesign> design;  ///< one
  std::vector<double> response, values, times;
  std::vector<int> group;
  std::vector<std::string> groups;
  std::vector<CovarianceStructure> fallbacks;
  std::size_t missing = 0;

  [[nodiscard]] const TermDesign& terms() const { return design.front(); }
};

bool uses_time(const Mmrm& o, std::span<const CovarianceStructure> fallbacks) {
  return needs_times(o.covariance.covariance) || std::ranges::any_of(fallbacks, needs_times);
}

std::vector<std::string> terms_of(const Mmrm& o) {
  std::vector<std::string> terms{"arm", o.visit};
  if (o.arm_by_visit) terms.push_back("arm:" + o.visit);
  terms.insert(terms.end(), o.covariates.begin(), o.covariates.end());
  return terms;
}

/// Columns that a row needs, the response first.
std::vector<std::string> needed(const Mmrm& o) {
  std::vector<std::string> out;
  if (!o.response.empty()) out.push_back(o.response);
  for (std::string& column : Frame::columns_of(o.covariates)) out.push_back(std::move(column));
  for (const std::string& column : {o.time, o.group == "arm" ? std::string() : o.group}) {
    if (!column.empty()) out.push_back(column);
  }
  return out;
}

void set_groups(const Mmrm& o, Rows& rows) {
  if (o.group.empty()) return;
  if (o.group == "arm") {
    rows.group = rows.frame.arm();
    rows.groups = rows.frame.arms();
    return;
  }
  Factor factor = rows.frame.factor(o.group);
  rows.group = std::move(factor.codes);
  rows.groups = std::move(factor.levels);
}

/// The fallbacks; none with problems of options.
std::optional<std::vector<CovarianceStructure>> check_options(const Mmrm& o, const Task& task) {
  const std::size_t before = task.problems.size();
  if (o.response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
  }
  auto fallbacks = fallbacks_of(o.covariance, task);
  if (fallbacks && uses_time(o, *fallbacks) && o.time.empty()) {
    task.bad_option("time", "", "must name the column of the time for this covariance");
  }
  if (fallbacks && !uses_time(o, *fallbacks) && !o.time.empty()) {
    task.bad_option("time", o.time, "is for the covariances spatial_exponential and random_slope");
  }
  std::vector<std::string> categories = o.covariates;
  categories.push_back(o.visit);
  task.check_classes(o.classes, categories);
  if (task.problems.size() != before) return std::nullopt;
  return fallbacks;
}

/// None, with problems.
std::optional<Rows> read_rows(const Mmrm& o, Task& task) {
  const auto fallbacks = check_options(o, task);
  auto frame = task.frame({.response = o.response, .visit = o.visit, .columns = needed(o)});
  if (!frame || !fallbacks) return std::nullopt;
  frame->check_arm_term(o.covariates);
  const bool ordered =
      order_matters(o.covariance.covariance) || std::ranges::any_of(*fallbacks, order_matters);
  const VisitOrder order = ordered ? VisitOrder::of_covariance : VisitOrder::free;
  auto visits = keep_visits(*frame, o.visit, o.visits, order, task);
  if (!visits) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed(o));
  if (!frame->ok() || !frame->require_every_arm()) return std::nullopt;
  code_again(*frame, *visits);
  if (!require_one_row_per_visit(*frame, *visits) || !require_one_arm_per_subject(*frame)) {
    return std::nullopt;
  }
  Rows rows{std::move(*frame), std::move(*visits), {}, {}, {}, {}, {}, {}, *fallbacks, missing};
  rows.design.emplace_back(rows.frame, terms_of(o), o.classes, rows.visits);
  rows.response = rows.frame.response(o.response);
  rows.values = rows.terms().values();
  if (!o.time.empty()) rows.times = rows.frame.numbers(o.time);
  set_groups(o, rows);
  if (!rows.frame.ok()) return std::nullopt;
  return rows;
}

RepeatedModel model_of(const Mmrm& o, const Rows& rows) {
  RepeatedModel model;
  model.response = rows.response;
  model.design = rows.values;
  model.columns = rows.terms().columns();
  model.patient = rows.frame.subject();
  model.visit = rows.visits.codes;
  model.visits = static_cast<int>(rows.visits.names.size());
  model.group = rows.group;
  model.groups = std::max(1, static_cast<int>(rows.groups.size()));
  model.structure = o.covariance.covariance;
  model.criterion = o.covariance.criterion;
  model.fallbacks = rows.fallbacks;
  model.row_times = rows.times;
  return model;
}

std::vector<double> difference(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t c = 0; c < a.size(); ++c) a[c] -= b[c];
  return a;
}

/// Contrasts of an arm with the reference at each visit.
std::vector<std::vector<double>> contrasts_of(const Mmrm& o, const Rows& rows, std::size_t arm) {
  const GridWeights weights =
      o.means == Means::proportional ? GridWeights::proportional : GridWeights::equal;
  std::vector<std::vector<double>> out;
  for (int v = 0; v < static_cast<int>(rows.visits.names.size()); ++v) {
    const int reference = static_cast<int>(rows.frame.reference());
    out.push_back(difference(rows.terms().mean({static_cast<int>(arm), v, {}, 0.0}, weights),
                             rows.terms().mean({reference, v, {}, 0.0}, weights)));
  }
  return out;
}

void put_means(const Mmrm& o, const Rows& rows, const MixedAnswers& answers, Task& task) {
  const GridWeights weights =
      o.means == Means::proportional ? GridWeights::proportional : GridWeights::equal;
  const std::string avisit = task.out.row.avisit;
  const auto& arms = rows.frame.arms();
  for (std::size_t v = 0; v < rows.visits.names.size(); ++v) {
    task.out.row.avisit = rows.visits.names[v];
    for (std::size_t a = 0; a < arms.size(); ++a) {
      const auto mean =
          rows.terms().mean({static_cast<int>(a), static_cast<int>(v), {}, 0.0}, weights);
      put_estimate(task, arms[a], "", answers.estimate(mean), "adjusted_mean");
    }
    for (std::size_t a = 0; a < arms.size(); ++a) {
      if (a == rows.frame.reference()) continue;
      put_estimate(task, arms[a], arms[rows.frame.reference()],
                   answers.estimate(contrasts_of(o, rows, a)[v]), "difference");
    }
  }
  task.out.row.avisit = avisit;
}

/// Those the plan lists, at each visit.
void put_planned(const Mmrm& o, const Rows& rows, const std::vector<PlannedContrast>& contrasts,
                 const MixedAnswers& answers, Task& task) {
  const GridWeights weights =
      o.means == Means::proportional ? GridWeights::proportional : GridWeights::equal;
  const std::string avisit = task.out.row.avisit;
  for (std::size_t v = 0; v < rows.visits.names.size(); ++v) {
    task.out.row.avisit = rows.visits.names[v];
    std::vector<std::vector<double>> means;
    for (std::size_t a = 0; a < rows.frame.arms().size(); ++a) {
      means.push_back(
          rows.terms().mean({static_cast<int>(a), static_cast<int>(v), {}, 0.0}, weights));
    }
    for (const PlannedContrast& contrast : contrasts) {
      put_estimate(task, contrast.over, contrast.against, answers.estimate(contrast.of(means)),
                   "difference");
    }
  }
  task.out.row.avisit = avisit;
}

/// No arm differs from the reference at any visit; and their difference is the same at all.
void put_joint(const Mmrm& o, const Rows& rows, const MixedAnswers& answers, Task& task) {
  std::vector<std::vector<double>> any, changing;
  for (std::size_t a = 0; a < rows.frame.arms().size(); ++a) {
    if (a == rows.frame.reference()) continue;
    const auto own = contrasts_of(o, rows, a);
    any.insert(any.end(), own.begin(), own.end());
    for (std::size_t v = 1; v < own.size(); ++v) changing.push_back(difference(own[v], own[0]));
    std::vector<double> average(own[0].size(), 0.0);
    for (const auto& row : own) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        average[c] += row[c] / static_cast<double>(own.size());
      }
    }
    task.out.row.group = "mean over visits";
    put_estimate(task, rows.frame.arms()[a], rows.frame.arms()[rows.frame.reference()],
                 answers.estimate(average), "difference");
    task.out.row.group.clear();
  }
  put_joint_test(task, "arm at any visit", answers.joint(any));
  put_joint_test(task, "arm by visit", answers.joint(changing));
}

std::string conventions(const Mmrm& o, const MixedFit& fit, const MixedAnswers& answers) {
  std::string out = "covariance: " + std::string(name_of(fit.structure));
  if (!o.group.empty()) out += " by " + o.group;
  out += criterion_words(o.covariance.criterion);
  if (o.means == Means::standardised) {
    return out + "adjusted means: standardised over the subjects; variance: influence function, " +
           std::string(answers.sandwich_words()) + "; reference: normal, chi-square";
  }
  return out + answers.words() +
         "; adjusted means: " + std::string(means_names[static_cast<std::size_t>(o.means)]) +
         " weights of categories, numbers at their mean";
}

}  // namespace

void run(const Mmrm& o, Task& task) {
  task.out.row.method = "mixed model for repeated measures";
  const auto answers = MixedAnswers::of(o.inference, o.covariance.criterion, task);
  if (!answers || !check_standardised(o, task)) return;
  const auto rows = read_rows(o, task);
  if (!rows) return;
  const auto contrasts = planned_contrasts(o.contrasts, rows->frame, task);
  if (!contrasts) return;
  MixedWorkspace workspace;
  const RepeatedModel model = model_of(o, *rows);
  const MixedFit& fit = fit_mixed_model(model, workspace);
  if (fit.status != MixedStatus::fitted) {
    refuse_fit(fit, rows->terms().names(), task);
    return;
  }
  MixedAnswers ready = *answers;
  task.out.row.conventions = conventions(o, fit, ready);
  if (!ready.set_model(workspace, model, task)) return;
  task.out.row.note = fall_back_note(fit);
  if (o.means == Means::standardised) {
    const StandardisedRows own{rows->frame, rows->visits.names, rows->terms()};
    if (!put_standardised(own, ready.sandwich(), workspace, task)) return;
  } else {
    put_means(o, *rows, ready, task);
    put_planned(o, *rows, *contrasts, ready, task);
    put_joint(o, *rows, ready, task);
  }
  put_covariance(task, fit, rows->visits.names, rows->groups);
  put_fit(task, fit, rows->frame, rows->missing);
  task.out.row.note.clear();
}

std::vector<MethodEntry> mixed_methods() {
  return {method<Mmrm>("mmrm", "mixed model for repeated measures")};
}

}  // namespace angiotrial::analysis
