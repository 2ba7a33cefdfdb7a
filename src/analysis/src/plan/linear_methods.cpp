// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/linear_fit.hpp"
#include "plan/method.hpp"
#include "plan/planned_contrasts.hpp"
#include "plan/term_design.hpp"

/// Least squares and generalised linear models in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Errors { preset, model, hc0, hc1, hc2, hc3, cr0, cr1, cr2 };
constexpr std::array<std::string_view, 9> error_names{"preset", "model", "hc0", "hc1", "hc2",
                                                      "hc3",    "cr0",   "cr1", "cr2"};

LinearVariance variance_of(Errors errors, Preset preset) {
  if (errors != Errors::preset) return static_cast<LinearVariance>(static_cast<int>(errors) - 1);
  return preset == Preset::recommended ? LinearVariance::hc3 : LinearVariance::model;
}

std::string name_of(LinearVariance variance) {
  return std::string(error_names[static_cast<std::size_t>(variance) + 1]);
}

bool by_cluster(LinearVariance variance) { return variance >= LinearVariance::cr0; }

enum class MeanWeights { preset, equal, proportional };
constexpr std::array<std::string_view, 3> weight_names{"preset", "equal", "proportional"};

/// Options of a regression; each model adds nothing but its family.
struct RegressionOptions {
  RegressionTerms terms;
  Errors errors = Errors::preset;
  MeanWeights weights = MeanWeights::preset;
  std::vector<double> contrasts;
};

bool weighs_equally(const RegressionOptions& o, Preset preset) {
  if (o.weights != MeanWeights::preset) return o.weights == MeanWeights::equal;
  return preset != Preset::recommended;
}

void describe_regression(schema::Visitor& visit, RegressionOptions& o) {
  describe_terms(visit, o.terms);
  visit("errors", o.errors, error_names,
        "standard errors: from the model, robust to unequal variances, or by subject (cr0, cr1, "
        "cr2), which rows that repeat subjects need; preset: hc3, for \"r\" and \"sas\" model",
        analyst);
  visit("mean_weights", o.weights, weight_names,
        "of categories in adjusted means, and in effects of arms in products with them: equal, or "
        "proportional to the rows (means over the observed covariates); preset: proportional, for "
        "\"r\" and \"sas\" equal",
        analyst);
  describe_contrasts(visit, o.contrasts);
}

struct Ancova : RegressionOptions {};
struct Logistic : RegressionOptions {};
struct Poisson : RegressionOptions {};
void describe(schema::Visitor& visit, Ancova& o) { describe_regression(visit, o); }
void describe(schema::Visitor& visit, Logistic& o) { describe_regression(visit, o); }
void describe(schema::Visitor& visit, Poisson& o) { describe_regression(visit, o); }

Effect effect_of(const LinearContrast& contrast) {
  Effect effect{contrast.estimate, contrast.se,      contrast.lower,
                contrast.upper,    contrast.p_value, std::nullopt};
  if (std::isfinite(contrast.df)) effect.df = contrast.df;
  return effect;
}

/// The design of each arm's adjusted mean.
using MeanDesigns = std::vector<std::vector<double>>;

/// The mean of the design with every row put into `arm`.
std::vector<double> observed_mean(const FittedRegression& f, std::size_t arm) {
  const auto designs = f.data.design_in_arm(arm);
  const std::size_t columns = f.data.design.columns();
  std::vector<double> mean(columns, 0.0);
  for (std::size_t i = 0; i < designs.size(); ++i) mean[i % columns] += designs[i];
  for (double& value : mean) value /= static_cast<double>(f.data.frame.rows());
  return mean;
}

MeanDesigns mean_designs(FittedRegression& f, bool equal, Preset preset) {
  Frame& frame = f.data.frame;
  MeanDesigns out;
  if (!equal) {
    for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
      out.push_back(observed_mean(f, arm));
    }
    return out;
  }
  std::vector<std::string> terms{"arm"};
  terms.insert(terms.end(), f.data.covariates.begin(), f.data.covariates.end());
  const TermDesign design(frame, terms, f.data.classes, {}, TermDesign::Origins::kept);
  ANGIOTRIAL_EXPECT(design.columns() == f.data.design.columns(), "the design of the fit");
  const GridWeights weights = preset == Preset::r     ? GridWeights::marginal_means
                              : preset == Preset::sas ? GridWeights::least_squares_means
                                                      : GridWeights::equal;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    out.push_back(design.mean({static_cast<int>(arm), -1, {}, 0.0}, weights));
  }
  return out;
}

std::string_view in_words(bool equal, Preset preset) {
  if (!equal) return "over the observed covariates";
  if (preset == Preset::r) {
    return "equal weights of categories, numbers at their mean, those of two values midway";
  }
  if (preset == Preset::sas) {
    return "equal weights of categories, numbers and their products at their mean";
  }
  return "equal weights of categories, numbers at their mean";
}

std::vector<double> against_reference(const FittedRegression& f, const MeanDesigns& means,
                                      std::size_t arm) {
  std::vector<double> weights = means[arm];
  const std::vector<double>& reference = means[f.data.frame.reference()];
  for (std::size_t c = 0; c < weights.size(); ++c) weights[c] -= reference[c];
  return weights;
}

void put_effect(Family family, const std::string& arm, const std::string& against,
                const Effect& effect, const Task& task) {
  if (family == Family::gaussian) task.put_difference(arm, against, effect);
  if (family == Family::binomial) task.put_ratio(arm, against, effect, "odds_ratio");
  if (family == Family::poisson) task.put_ratio(arm, against, effect, "rate_ratio");
}

void put_contrasts(const FittedRegression& f, const MeanDesigns& means, LinearVariance variance,
                   Task& task) {
  const Family family = f.model.family;
  const Frame& frame = f.data.frame;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (family == Family::gaussian) {
      const auto mean = estimate_contrast(f.model, f.fit, means[arm], variance, task.level());
      put_adjusted_mean(task, frame.arms()[arm], effect_of(mean),
                        by_cluster(variance) ? rests_on_one_subject : rests_on_own_row);
    }
    if (arm == frame.reference()) continue;
    const Effect effect = effect_of(estimate_contrast(
        f.model, f.fit, against_reference(f, means, arm), variance, task.level()));
    put_effect(family, frame.arms()[arm], frame.arms()[frame.reference()], effect, task);
  }
}

/// Those the plan lists; one without an error is refused.
void put_planned(const FittedRegression& f, const std::vector<PlannedContrast>& contrasts,
                 const MeanDesigns& means, LinearVariance variance, Task& task) {
  for (const PlannedContrast& contrast : contrasts) {
    const Effect effect =
        effect_of(estimate_contrast(f.model, f.fit, contrast.of(means), variance, task.level()));
    if (std::isfinite(effect.p_value)) {
      put_effect(f.model.family, contrast.over, contrast.against, effect, task);
      continue;
    }
    task.refuse("no standard error of " + contrast.over + " against " + contrast.against + ": " +
                std::string(by_cluster(variance) ? rests_on_one_subject : rests_on_own_row));
  }
}

/// Whether every contrast of arms has a standard error.
bool has_errors(const FittedRegression& f, const MeanDesigns& means, LinearVariance variance,
                const Task& task) {
  if (f.fits_exactly()) return false;
  for (std::size_t arm = 0; arm < means.size(); ++arm) {
    if (arm == f.data.frame.reference()) continue;
    const std::vector<double> weights = against_reference(f, means, arm);
    const auto contrast = estimate_contrast(f.model, f.fit, weights, variance, task.level());
    if (!std::isfinite(contrast.p_value)) return false;
  }
  return true;
}

void run_regression(const RegressionOptions& o, Family family, std::string_view name, Task& task) {
  task.out.row.method = name;
  const LinearVariance variance = variance_of(o.errors, task.preset());
  const bool equal = weighs_equally(o, task.preset());
  const std::string weights(in_words(equal, task.preset()));
  task.out.row.conventions =
      "variance: " + name_of(variance) +
      (family == Family::gaussian
           ? "; reference: t; adjusted means: " + weights
           : std::string("; reference: ") + (by_cluster(variance) ? "t" : "normal") +
                 "; interval: Wald on the log scale; effects: " + weights);
  auto f = fit_regression(o.terms, family, task);
  if (!f || (o.errors == Errors::preset && !one_row_unless_said(f->data, "cr2"))) return;
  const bool repeated = f->data.repeated;
  if (repeated && !by_cluster(variance)) {
    task.bad_option("errors", name_of(variance),
                    "subjects have more than one row, so errors must be by subject: cr0 or cr2");
    return;
  }
  if (by_cluster(variance) && f->data.subjects < 2) {
    task.refuse("errors by subject need at least two subjects");
    return;
  }
  if (by_cluster(variance) && f->data.frame.fewest_subjects() < 2) {
    task.refuse("errors by subject need at least two subjects in each arm");
    return;
  }
  const auto contrasts = planned_contrasts(o.contrasts, f->data.frame, task);
  if (!contrasts) return;
  const MeanDesigns means = mean_designs(*f, equal, task.preset());
  if (!has_errors(*f, means, variance, task)) {
    task.refuse(by_cluster(variance)
                    ? "no standard error: a contrast of arms rests on one subject alone, or there "
                      "is no variation"
                    : std::string(no_variation));
    return;
  }
  const auto whole = [](double y) { return y == std::floor(y); };
  if (family == Family::poisson && !std::ranges::all_of(f->data.response, whole)) {
    task.out.row.note = "some counts are not whole numbers: the model's likelihood does not hold";
  }
  put_contrasts(*f, means, variance, task);
  put_planned(*f, *contrasts, means, variance, task);
  if (family == Family::gaussian) task.out.put("sigma", f->fit.sigma, task.analysis.unit);
  task.out.put("log_likelihood", f->fit.log_likelihood, "1");
  if (family != Family::gaussian) task.out.put("iterations", f->fit.iterations);
  task.out.row.note.clear();
  put_counts(f->data, task);
}

void run(const Ancova& o, Task& task) {
  run_regression(o, Family::gaussian, "analysis of covariance (least squares)", task);
}
void run(const Logistic& o, Task& task) {
  run_regression(o, Family::binomial, "logistic regression (maximum likelihood)", task);
}
void run(const Poisson& o, Task& task) {
  run_regression(o, Family::poisson, "Poisson regression (maximum likelihood, log link)", task);
}

}  // namespace

std::vector<MethodEntry> linear_methods() {
  return {method<Ancova>("ancova", "analysis of covariance by least squares"),
          method<Logistic>("logistic_regression", "logistic regression of a 0/1 response"),
          method<Poisson>("poisson_regression", "Poisson regression of counts")};
}

}  // namespace angiotrial::analysis
