// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/repeated.hpp"

/// Models with random effects in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
struct RandomEffectsOptions {
  std::string response, time;
  std::vector<std::string> covariates, classes;
  std::vector<double> at;
  Criterion criterion = Criterion::reml;
  InferenceOptions inference;
};

void describe_random_effects(schema::Visitor& visit, RandomEffectsOptions& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("covariates", o.covariates, "terms besides arm, time and arm:time", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("at", o.at, {}, "times at which arms are compared; empty: the last", analyst);
  visit("criterion", o.criterion, criterion_names, "restricted or full maximum likelihood",
        analyst);
  describe_inference(visit, o.inference);
}

enum class InterceptVariance { nonnegative, unbounded };
constexpr std::array<std::string_view, 2> intercept_variance_names{"nonnegative", "unbounded"};

struct RandomIntercept : RandomEffectsOptions {
  InterceptVariance intercept_variance = InterceptVariance::nonnegative;
};
struct RandomSlope : RandomEffectsOptions {};

void describe(schema::Visitor& visit, RandomIntercept& o) {
  visit("time", o.time, "number column of the time, linear, with a slope by arm; empty: no time",
        analyst);
  describe_random_effects(visit, o);
  visit("intercept_variance", o.intercept_variance, intercept_variance_names,
        "nonnegative: 0 where rows of a subject correlate negatively, as lmer and SAS's RANDOM; "
        "unbounded: compound symmetry, as SAS's REPEATED TYPE=CS",
        analyst);
}
void describe(schema::Visitor& visit, RandomSlope& o) {
  visit("time", o.time, "number column of the time, linear, with a slope by arm and by subject",
        analyst);
  describe_random_effects(visit, o);
}

/// Numbers the rows of each subject.
std::vector<int> row_numbers(const Frame& frame, int& most) {
  std::vector<int> count(frame.subjects(), 0), out(frame.rows());
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    out[i] = count[static_cast<std::size_t>(frame.subject()[i])]++;
  }
  most = *std::ranges::max_element(count);
  return out;
}

/// Slopes by arm, then means and differences at the times asked for.
void put_random(const RandomEffectsOptions& o, const Frame& frame, const TermDesign& design,
                std::span<const double> times, const MixedAnswers& answers, Task& task) {
  const auto& arms = frame.arms();
  const std::size_t r = frame.reference();
  const auto point = [&](std::size_t arm, double time) {
    return design.mean({static_cast<int>(arm), -1, o.time, time}, GridWeights::equal);
  };
  const auto less = [](std::vector<double> a, const std::vector<double>& b) {
    for (std::size_t c = 0; c < a.size(); ++c) a[c] -= b[c];
    return a;
  };
  const auto put_both = [&](const auto& weights, const char* mean, const char* contrast) {
    for (std::size_t a = 0; a < arms.size(); ++a) {
      put_estimate(task, arms[a], "", answers.estimate(weights(a)), mean);
    }
    for (std::size_t a = 0; a < arms.size(); ++a) {
      if (a == r) continue;
      put_estimate(task, arms[a], arms[r], answers.estimate(less(weights(a), weights(r))),
                   contrast);
    }
  };
  if (!o.time.empty()) {
    put_both([&](std::size_t a) { return less(point(a, 1.0), point(a, 0.0)); }, "slope",
             "slope_difference");
  }
  std::vector<double> at = o.at;
  if (at.empty()) at.push_back(times.empty() ? 0.0 : *std::ranges::max_element(times));
  for (const double time : at) {
    if (!o.time.empty()) task.out.row.group = o.time + " " + formats::shortest(time);
    put_both([&](std::size_t a) { return point(a, time); }, "adjusted_mean", "difference");
  }
  task.out.row.group.clear();
}

/// Variances between subjects and of residuals, from the covariance of two rows or from theta.
void put_components(const MixedFit& fit, int rows, Task& task) {
  const std::string square = task.analysis.unit.empty() ? "" : "(" + task.analysis.unit + ")^2";
  if (fit.structure == CovarianceStructure::random_slope) {
    const double residual = std::exp(2.0 * fit.theta[0]);
    task.out.put("intercept_variance", residual * fit.theta[1] * fit.theta[1], square);
    task.out.put("slope_variance",
                 residual * (fit.theta[2] * fit.theta[2] + fit.theta[3] * fit.theta[3]), square);
    task.out.put("intercept_slope_covariance", residual * fit.theta[1] * fit.theta[2], square);
    task.out.put("residual_variance", residual, square);
    return;
  }
  const double between = rows > 1 ? fit.sigma[1] : 0.0;
  task.out.put("intercept_variance", between, square);
  task.out.put("residual_variance", fit.sigma[0] - between, square);
}

std::string_view in_words(CovarianceStructure structure) {
  switch (structure) {
    case CovarianceStructure::random_slope:
      return "intercept and slope";
    case CovarianceStructure::random_intercept:
      return "intercept, variance not below 0";
    default:
      return "intercept, variance unbounded (compound symmetry)";
  }
}

std::string_view note_of(const MixedFit& fit, int rows) {
  if (rows < 2) return "";
  if (fit.structure == CovarianceStructure::random_intercept && fit.sigma[1] == 0.0) {
    return "rows of a subject correlate negatively: the variance of the intercept is at its bound "
           "0, as if rows were independent";
  }
  if (fit.structure == CovarianceStructure::compound_symmetry && fit.sigma[1] < 0.0) {
    return "rows of a subject correlate negatively, as no random intercept has it: compound "
           "symmetry";
  }
  return "";
}

void run_random(const RandomEffectsOptions& o, CovarianceStructure structure, Task& task) {
  const auto answers = MixedAnswers::of(o.inference, o.criterion, task);
  if (!answers) return;
  const bool slope = structure == CovarianceStructure::random_slope;
  if (o.response.empty() || (slope && o.time.empty())) {
    task.bad_option(o.response.empty() ? "response" : "time", "", "must name its column");
    return;
  }
  if (o.time.empty() && !none_given(task, {{"at", !o.at.empty()}}, "time")) return;
  std::vector<std::string> needed{o.response}, terms{"arm"};
  if (!o.time.empty()) {
    needed.push_back(o.time);
    terms.insert(terms.end(), {o.time, "arm:" + o.time});
  }
  terms.insert(terms.end(), o.covariates.begin(), o.covariates.end());
  for (std::string& column : Frame::columns_of(o.covariates)) needed.push_back(std::move(column));
  const bool fine = task.check_classes(o.classes, o.covariates);
  auto frame = task.frame({.response = o.response, .columns = needed});
  if (!frame || !fine) return;
  frame->check_arm_term(o.covariates);
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_every_arm() || !require_one_arm_per_subject(*frame)) return;
  const std::vector<double> response = frame->response(o.response);
  const std::vector<double> times = o.time.empty() ? std::vector<double>() : frame->numbers(o.time);
  if (!frame->ok()) return;
  const TermDesign design(*frame, terms, o.classes, {});
  const std::vector<double> values = design.values();
  if (!frame->ok()) return;
  int most = 1;
  const std::vector<int> numbers = row_numbers(*frame, most);
  if (most > 64) {
    task.refuse("a subject has more than 64 rows");
    return;
  }
  RepeatedModel model;
  model.response = response;
  model.design = values;
  model.columns = design.columns();
  model.patient = frame->subject();
  model.visit = numbers;
  model.visits = most;
  model.structure = structure;
  model.criterion = o.criterion;
  if (slope) model.row_times = times;
  MixedWorkspace workspace;
  const MixedFit& fit = fit_mixed_model(model, workspace);
  if (fit.status != MixedStatus::fitted) {
    refuse_fit(fit, design.names(), task, false);
    return;
  }
  MixedAnswers ready = *answers;
  task.out.row.conventions = std::string("random effects: ") + std::string(in_words(structure)) +
                             criterion_words(o.criterion) + ready.words() +
                             "; adjusted means: numbers at their mean, categories at equal weights";
  if (!ready.set_model(workspace, model, task)) return;
  task.out.row.note = note_of(fit, most);
  put_random(o, *frame, design, times, ready, task);
  put_components(fit, most, task);
  put_fit(task, fit, *frame, missing);
  task.out.row.note.clear();
}

void run(const RandomIntercept& o, Task& task) {
  task.out.row.method = "linear mixed model with a random intercept";
  run_random(o,
             o.intercept_variance == InterceptVariance::unbounded
                 ? CovarianceStructure::compound_symmetry
                 : CovarianceStructure::random_intercept,
             task);
}
void run(const RandomSlope& o, Task& task) {
  task.out.row.method = "linear mixed model with a random intercept and slope";
  run_random(o, CovarianceStructure::random_slope, task);
}

}  // namespace

std::vector<MethodEntry> random_effects_methods() {
  return {
      method<RandomIntercept>("random_intercept_model", "linear mixed model, random intercept"),
      method<RandomSlope>("random_slope_model", "linear mixed model, random intercept and slope")};
}

}  // namespace angiotrial::analysis
