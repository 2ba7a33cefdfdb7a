// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/regression.hpp"

/// Least squares and generalised linear models in plan files, and standardisation upon them.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source ye{schema::Provenance::recalled,
                            "Ye T, Shao J, Yi Y, Zhao Q. Toward better practice of covariate "
                            "adjustment in analyzing randomized clinical trials. JASA 2023",
                            "10.1080/01621459.2022.2049278"};

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

/// Options of a regression; each model adds nothing but its family.
struct RegressionOptions {
  RegressionTerms terms;
  Errors errors = Errors::preset;
};

void describe_regression(schema::Visitor& visit, RegressionOptions& o) {
  describe_terms(visit, o.terms);
  visit("errors", o.errors, error_names,
        "standard errors: from the model, robust to unequal variances, or by subject (cr0, cr1, "
        "cr2), which rows that repeat subjects need; preset: hc3, for \"r\" and \"sas\" model",
        analyst);
}

struct Ancova : RegressionOptions {};
struct Logistic : RegressionOptions {};
struct Poisson : RegressionOptions {};
void describe(schema::Visitor& visit, Ancova& o) { describe_regression(visit, o); }
void describe(schema::Visitor& visit, Logistic& o) { describe_regression(visit, o); }
void describe(schema::Visitor& visit, Poisson& o) { describe_regression(visit, o); }

/// A fitted model with what it was fitted to; nothing when it was refused or data were bad.
struct Fitted {
  RegressionData data;
  LinearModel model;
  LinearFit fit;
};

std::optional<Fitted> fit(const RegressionTerms& terms, Family family, Task& task) {
  auto data = regression_data(terms, task);
  if (!data) return std::nullopt;
  std::optional<Fitted> out(Fitted{std::move(*data), {}, {}});
  const RegressionData& d = out->data;
  out->model = {d.response, d.design.values, d.design.columns(), family,
                {},         d.offset,        d.frame.subject()};
  if (!check_range(out->data, terms.response, family)) return std::nullopt;
  out->fit = fit_linear_model(out->model);
  if (out->fit.status == LinearStatus::fitted) return out;
  std::string which;
  for (const std::size_t column : out->fit.aliased) {
    which += (which.empty() ? ": " : ", ") + d.design.names[column];
  }
  task.refuse(std::string(angiotrial::analysis::name_of(out->fit.status)) + which);
  return std::nullopt;
}

Effect effect_of(const LinearContrast& contrast) {
  Effect effect{contrast.estimate, contrast.se,      contrast.lower,
                contrast.upper,    contrast.p_value, std::nullopt};
  if (std::isfinite(contrast.df)) effect.df = contrast.df;
  return effect;
}

/// The mean of the design with every row put into `arm`.
std::vector<double> mean_design(const Fitted& f, std::size_t arm) {
  const auto designs = f.data.design_in_arm(arm);
  const std::size_t columns = f.data.design.columns();
  std::vector<double> mean(columns, 0.0);
  for (std::size_t i = 0; i < designs.size(); ++i) mean[i % columns] += designs[i];
  for (double& value : mean) value /= static_cast<double>(f.data.frame.rows());
  return mean;
}

void put_contrasts(const Fitted& f, LinearVariance variance, Family family, Task& task) {
  const Frame& frame = f.data.frame;
  const std::vector<double> reference = mean_design(f, frame.reference());
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    std::vector<double> weights = mean_design(f, arm);
    if (family == Family::gaussian) {
      const auto mean = estimate_contrast(f.model, f.fit, weights, variance, task.level());
      if (!std::isfinite(mean.se)) {
        task.out.row.note =
            "no error: the mean rests on a row that determines its own fitted value";
      }
      task.put_mean(frame.arms()[arm], effect_of(mean));
      task.out.row.note.clear();
    }
    if (arm == frame.reference()) continue;
    for (std::size_t c = 0; c < weights.size(); ++c) weights[c] -= reference[c];
    const Effect effect =
        effect_of(estimate_contrast(f.model, f.fit, weights, variance, task.level()));
    const std::string& against = frame.arms()[frame.reference()];
    if (family == Family::gaussian) task.put_difference(frame.arms()[arm], against, effect);
    if (family == Family::binomial) {
      task.put_ratio(frame.arms()[arm], against, effect, "odds_ratio");
    }
    if (family == Family::poisson) task.put_ratio(frame.arms()[arm], against, effect, "rate_ratio");
  }
}

/// Whether every contrast of arms has a standard error above 0.
bool has_errors(const Fitted& f, LinearVariance variance, const Task& task) {
  double largest = 0.0;
  for (const double y : f.data.response) largest = std::max(largest, std::fabs(y));
  if (f.model.family == Family::gaussian && f.fit.sigma <= 1e-10 * largest) return false;
  const Frame& frame = f.data.frame;
  const std::vector<double> reference = mean_design(f, frame.reference());
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    std::vector<double> weights = mean_design(f, arm);
    for (std::size_t c = 0; c < weights.size(); ++c) weights[c] -= reference[c];
    const auto contrast = estimate_contrast(f.model, f.fit, weights, variance, task.level());
    if (!std::isfinite(contrast.p_value)) return false;
  }
  return true;
}

void run_regression(const RegressionOptions& o, Family family, std::string_view name, Task& task) {
  task.out.row.method = name;
  const auto f = fit(o.terms, family, task);
  if (!f || (o.errors == Errors::preset && !one_row_unless_said(f->data, "cr2"))) return;
  const bool repeated = f->data.repeated;
  const LinearVariance variance = variance_of(o.errors, task.preset());
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
  task.out.row.conventions =
      "variance: " + name_of(variance) +
      (family == Family::gaussian
           ? "; reference: t; adjusted means: over the observed covariates"
           : std::string("; reference: ") + (by_cluster(variance) ? "t" : "normal") +
                 "; interval: Wald on the log scale");
  if (!has_errors(*f, variance, task)) {
    task.refuse(
        "no standard error: a row determines its own fitted value, or there is no variation");
    return;
  }
  const auto whole = [](double y) { return y == std::floor(y); };
  if (family == Family::poisson && !std::ranges::all_of(f->data.response, whole)) {
    task.out.row.note = "some counts are not whole numbers: the model's likelihood does not hold";
  }
  put_contrasts(*f, variance, family, task);
  if (family == Family::gaussian) task.out.put("sigma", f->fit.sigma, task.analysis.unit);
  task.out.put("log_likelihood", f->fit.log_likelihood, "1");
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

enum class Working { gaussian, binomial, poisson };
constexpr std::array<std::string_view, 3> workings{"gaussian", "binomial", "poisson"};
enum class Scale { difference, ratio, odds_ratio };
constexpr std::array<std::string_view, 3> scales{"difference", "ratio", "odds_ratio"};

struct Standardisation {
  RegressionTerms terms;
  Working family = Working::gaussian;
  Scale scale = Scale::difference;
  std::string strata;
};

void describe(schema::Visitor& visit, Standardisation& o) {
  describe_terms(visit, o.terms);
  visit("family", o.family, workings, "working model, with its canonical link", ye);
  visit("scale", o.scale, scales, "how marginal means are compared", ye);
  visit("strata", o.strata, "column of the strata of a permuted-block randomisation; empty: simple",
        ye);
}

void run(const Standardisation& o, Task& task) {
  task.out.row.method = "standardisation (g-computation), working model " +
                        std::string(workings[static_cast<std::size_t>(o.family)]);
  task.out.row.conventions =
      "variance: influence function (Ye, Shao, Yi and Zhao 2023); reference: normal";
  auto f = fit(o.terms, static_cast<Family>(o.family), task);
  if (!f) return;
  if (f->data.repeated) {
    task.bad_option("method", "standardisation", "needs one row a subject");
    return;
  }
  Frame& frame = f->data.frame;
  std::vector<double> designs;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    const auto own = f->data.design_in_arm(arm);
    designs.insert(designs.end(), own.begin(), own.end());
  }
  const int arms = static_cast<int>(frame.arms().size());
  const auto predictions = predict_arms(f->model, f->fit, designs, arms);
  Factor strata;
  if (!o.strata.empty()) strata = frame.factor(o.strata);
  if (!frame.ok()) return;
  if (std::ranges::find(strata.codes, -1) != strata.codes.end()) {
    frame.add_problem(o.strata, "", "a stratum is missing");
    return;
  }
  const MarginalMeans means =
      standardise({f->data.response, frame.arm(), predictions, arms, strata.codes});
  for (int arm = 0; arm < arms; ++arm) {
    const auto a = static_cast<std::size_t>(arm);
    const double se = std::sqrt(means.covariance[a * static_cast<std::size_t>(arms) + a]);
    task.put_mean(frame.arms()[a], wald(means.mean[a], se, task.level()), "marginal_mean");
  }
  for (int arm = 0; arm < arms; ++arm) {
    const auto a = static_cast<std::size_t>(arm);
    if (a == frame.reference()) continue;
    const MarginalEffect e = marginal_effect(means, arm, static_cast<int>(frame.reference()),
                                             static_cast<EffectScale>(o.scale), task.level());
    const Effect effect{e.estimate, e.se, e.lower, e.upper, e.p_value, std::nullopt};
    const std::string& against = frame.arms()[frame.reference()];
    if (o.scale == Scale::difference) {
      task.put_difference(frame.arms()[a], against, effect);
    } else {
      task.put_ratio(frame.arms()[a], against, effect,
                     o.scale == Scale::ratio ? "mean_ratio" : "odds_ratio");
    }
  }
  put_counts(f->data, task);
}

}  // namespace

std::vector<MethodEntry> linear_methods() {
  return {
      method<Ancova>("ancova", "analysis of covariance by least squares"),
      method<Logistic>("logistic_regression", "logistic regression of a 0/1 response"),
      method<Poisson>("poisson_regression", "Poisson regression of counts"),
      method<Standardisation>("standardisation", "marginal means and effects by g-computation")};
}

}  // namespace angiotrial::analysis
