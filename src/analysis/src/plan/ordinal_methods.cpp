// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>
#include <angiotrial/analysis/ordinal/cumulative_scale.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plan/method.hpp"
#include "plan/ordinal_terms.hpp"
#include "plan/repeated.hpp"

/// Cumulative link models in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 5> links{"logit", "probit", "cloglog", "loglog", "cauchit"};
enum class Errors { preset, model, cluster };
constexpr std::array<std::string_view, 3> error_names{"preset", "model", "cluster"};

struct CumulativeLogit {
  OrdinalTerms terms;
  CumulativeLink link = CumulativeLink::logit;
  Errors errors = Errors::preset;
  std::string weights;
};

void describe(schema::Visitor& visit, CumulativeLogit& o) {
  describe_ordinal(visit, o.terms);
  visit("link", o.link, links, "function F in P(Y <= j) = F(threshold - linear predictor)",
        analyst);
  visit(
      "errors", o.errors, error_names,
      "standard errors: observed information (model), or the sandwich by subject (cluster), which "
      "rows that repeat subjects need; preset: model",
      analyst);
  visit("weights", o.weights, "column with the number of times a row counts; empty: once", analyst);
  visit("scale", o.terms.scale,
        "terms on which the spread of the latent variable depends, P(Y <= j) = F((threshold - "
        "linear predictor) / exp(scale)); may name arm",
        analyst);
}

/// A model of the rows of an analysis; refers to `data`.
CumulativeModel model_of(const OrdinalData& data, CumulativeLink link, ThresholdSign sign) {
  CumulativeModel model;
  model.response = data.y.codes;
  model.categories = static_cast<int>(data.y.names.size());
  model.proportional = data.proportional.values;
  model.proportional_columns = data.proportional.columns();
  model.nominal = data.nominal.values;
  model.nominal_columns = data.nominal.columns();
  model.link = link;
  model.sign = sign;
  return model;
}

ParameterPlaces places_of(const CumulativeModel& model, std::size_t scale_columns = 0) {
  const auto thresholds = static_cast<std::size_t>(model.categories - 1);
  const std::size_t proportional = thresholds * (1 + model.nominal_columns);
  return {proportional + model.proportional_columns + scale_columns, thresholds, proportional};
}

/// Places of the coefficients that the contrasts are made of.
std::vector<std::size_t> places_in(const std::vector<ArmContrast>& contrasts) {
  std::vector<std::size_t> out;
  for (const ArmContrast& contrast : contrasts) {
    const auto at = std::ranges::find_if(contrast.weights, [](double w) { return w != 0.0; });
    out.push_back(static_cast<std::size_t>(at - contrast.weights.begin()));
  }
  return out;
}

void put_arms(const OrdinalData& data, const std::vector<ArmContrast>& contrasts,
              std::span<const double> coefficients, std::span<const double> covariance, bool odds,
              Task& task) {
  const std::string& reference = data.frame.arms()[data.frame.reference()];
  for (const ArmContrast& contrast : contrasts) {
    const Contrast c = linear_contrast(coefficients, covariance, contrast.weights, task.level());
    const Effect effect{c.estimate, c.se, c.lower, c.upper, c.p_value, std::nullopt};
    task.out.row.group = contrast.group;
    const std::string& arm = data.frame.arms()[contrast.arm];
    if (odds) {
      task.put_ratio(arm, reference, effect, "odds_ratio");
    } else {
      task.put_difference(arm, reference, effect, "coefficient");
    }
  }
  task.out.row.group.clear();
}

void put_sizes(const OrdinalData& data, Task& task) {
  const std::string_view of = data.repeated ? "rows" : "subjects";
  task.out.put("n", static_cast<int>(data.frame.rows()), of);
  task.out.put("n_missing", static_cast<int>(data.missing), of);
}

bool weights_valid(const std::vector<double>& weights, const std::string& column,
                   const Frame& frame) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] >= 0.0 && std::isfinite(weights[i])) continue;
    frame.add_problem(i, column, weights[i], "a weight is at least 0");
  }
  return frame.ok();
}

void run(const CumulativeLogit& o, Task& task) {
  const std::string link(links[static_cast<std::size_t>(o.link)]);
  task.out.row.method = "cumulative " + link + " model (maximum likelihood)";
  std::vector<std::string> also;
  if (!o.weights.empty()) also.push_back(o.weights);
  auto data = ordinal_data(o.terms, also, task);
  if (!data) return;
  if (o.errors == Errors::preset &&
      !data->frame.require_one_row_per_subject(
          "or say errors = \"cluster\" where subjects have several rows")) {
    return;
  }
  if (!require_one_arm_per_subject(data->frame)) return;
  const bool cluster = o.errors == Errors::cluster;
  if (data->repeated && !cluster) {
    task.bad_option("errors", "model",
                    "subjects have more than one row, so errors must be by "
                    "subject: cluster");
    return;
  }
  if (cluster && !o.terms.scale.empty()) {
    task.bad_option("errors", "cluster", "is not offered with scale",
                    "one row a subject, or no scale");
    return;
  }
  if (cluster && !enough_clusters(*data, task)) return;
  const ThresholdSign sign = sign_of(o.terms, task.preset());
  CumulativeModel model = model_of(*data, o.link, sign);
  std::vector<double> weights;
  if (!o.weights.empty()) weights = data->frame.numbers(o.weights);
  if (!weights_valid(weights, o.weights, data->frame)) return;
  model.weights = weights;
  // R's clm cuts the tails of the Cauchy distribution there.
  const bool cut = o.link == CumulativeLink::cauchit && task.preset() == Preset::r;
  if (cut) model.outermost = 1.0e5;
  task.out.row.conventions = ordinal_conventions(o.terms, task.preset()) +
                             (cluster ? "; variance: sandwich by subject, no small-sample factor"
                                      : "; variance: observed information") +
                             "; reference: normal; interval: Wald, of odds ratios on the log "
                             "scale" +
                             (cut ? "; outermost thresholds: -1e5 and 1e5" : "");
  const bool scaled = !o.terms.scale.empty();
  const CumulativeFit fit =
      scaled ? fit_cumulative_scale({model, data->scale.values, data->scale.columns()})
             : fit_cumulative_model(model);
  if (fit.status != OrdinalStatus::fitted) {
    task.refuse(refusal_of(fit, *data));
    return;
  }
  const auto covariance =
      cluster ? cluster_covariance(model, fit, data->frame.subject()) : fit.covariance;
  const ParameterPlaces places = places_of(model, data->scale.columns());
  const auto contrasts = arm_contrasts(*data, sign, places);
  // Where spreads differ the odds ratio is another at each threshold.
  const bool odds = o.link == CumulativeLink::logit && !scaled;
  put_arms(*data, contrasts, fit.coefficients, covariance, odds, task);
  if (cluster || scaled) {
    put_test(joint_wald_test(fit.coefficients, covariance, places_in(contrasts)), "arm: Wald",
             task);
  } else {
    put_test_of_arms(*data, model, fit, task);
    put_test_of_proportional_odds(*data, model, fit, task);
  }
  if (scaled) put_scale(*data, fit_cumulative_model(model), fit, task);
  put_thresholds(*data, sign, fit.coefficients, covariance, places.parameters, task,
                 o.link == CumulativeLink::logit ? "ln odds" : "1");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
  put_sizes(*data, task);
  if (!weights.empty()) {
    task.out.put("sum_of_weights", std::accumulate(weights.begin(), weights.end(), 0.0), "1");
  }
}

struct RandomIntercept {
  OrdinalTerms terms;
  std::string group;
  int quadrature_points = 0;
};

void describe(schema::Visitor& visit, RandomIntercept& o) {
  describe_ordinal(visit, o.terms);
  visit("group", o.group, "column whose values share a random intercept; empty: the subject",
        analyst);
  visit("quadrature_points", o.quadrature_points, {.least = 0, .most = 101},
        "points of adaptive Gauss-Hermite quadrature, 1 being the Laplace approximation; 0: 10, "
        "or 25, 51 or 101 where fewer are too coarse; 1 for \"r\" (the default of clmm)",
        analyst);
}

void put_random_intercept(const RandomInterceptFit& fit, Task& task) {
  if (fit.status == OrdinalStatus::no_variance) {
    task.out.row.note = "the likelihood is highest without random intercepts: standard deviation 0";
  }
  task.out.put("intercept_sd", fit.sd, "ln odds");
  if (fit.status == OrdinalStatus::fitted) task.out.put("se_log", fit.se_log_sd, "ln");
  task.out.row.note.clear();
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("evaluations", fit.evaluations);
}

/// The fit and its points: as asked, else 10 (for R 1), and more where 10 are too coarse.
std::pair<RandomInterceptFit, int> fit_with_enough_points(const RandomIntercept& o,
                                                          const CumulativeModel& model,
                                                          std::span<const int> group,
                                                          Preset preset) {
  if (o.quadrature_points > 0 || preset == Preset::r) {
    const int points = std::max(1, o.quadrature_points);
    return {fit_random_intercept({model, group, points}), points};
  }
  int points = 10;
  RandomInterceptFit fit = fit_random_intercept({model, group, points});
  for (const int more : {25, 51, 101}) {
    if (fit.status != OrdinalStatus::coarse_quadrature) break;
    points = more;
    fit = fit_random_intercept({model, group, points});
  }
  return {std::move(fit), points};
}

/// The covariance of the coefficients alone.
std::vector<double> leading_block(const std::vector<double>& covariance, std::size_t size,
                                  std::size_t of) {
  std::vector<double> out;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) out.push_back(covariance[i * of + j]);
  }
  return out;
}

void run(const RandomIntercept& o, Task& task) {
  task.out.row.method =
      "cumulative logit model with a normal random intercept (maximum likelihood)";
  std::vector<std::string> also;
  if (!o.group.empty()) also.push_back(o.group);
  auto data = ordinal_data(o.terms, also, task);
  if (!data) return;
  if (!o.group.empty() && o.group != task.plan.columns.subject &&
      !data->frame.require_one_row_per_subject(
          "or leave `group` out: the intercept is then that of the subject")) {
    return;
  }
  const std::vector<int> group =
      o.group.empty() ? data->frame.subject() : data->frame.factor(o.group).codes;
  const ThresholdSign sign = sign_of(o.terms, task.preset());
  const CumulativeModel model = model_of(*data, CumulativeLink::logit, sign);
  const auto [fit, points] = fit_with_enough_points(o, model, group, task.preset());
  task.out.row.conventions =
      ordinal_conventions(o.terms, task.preset()) +
      "; quadrature: adaptive Gauss-Hermite, points: " + std::to_string(points) +
      "; variance: observed information; reference: normal; interval: Wald, of odds ratios on the "
      "log scale; odds ratio: within a " +
      (o.group.empty() ? "subject" : o.group);
  if (fit.status != OrdinalStatus::fitted && fit.status != OrdinalStatus::no_variance) {
    const bool coarse = fit.status == OrdinalStatus::coarse_quadrature;
    task.refuse(std::string(name_of(fit.status)),
                coarse ? "more quadrature_points, 101 at most, or errors = \"cluster\" of "
                         "cumulative_logit"
                       : "");
    return;
  }
  const ParameterPlaces places = places_of(model);
  const std::size_t stored = places.parameters + (fit.status == OrdinalStatus::fitted ? 1 : 0);
  const auto covariance = leading_block(fit.covariance, places.parameters, stored);
  put_arms(*data, arm_contrasts(*data, sign, places), fit.coefficients, covariance, true, task);
  put_thresholds(*data, sign, fit.coefficients, covariance, places.parameters, task);
  put_random_intercept(fit, task);
  put_sizes(*data, task);
}

}  // namespace

std::vector<MethodEntry> ordinal_methods() {
  return {
      method<CumulativeLogit>("cumulative_logit", "cumulative link model of ordered categories"),
      method<RandomIntercept>("cumulative_random_intercept",
                              "cumulative logit with a random intercept a subject")};
}

}  // namespace angiotrial::analysis
