// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <array>
#include <cmath>

#include "plan/count_data.hpp"
#include "plan/method.hpp"

/// Estimating equations and random intercepts for repeated outcomes in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

constexpr std::array<std::string_view, 3> family_names{"gaussian", "binomial", "poisson"};
constexpr std::array<std::string_view, 3> correlation_names{"independence", "exchangeable",
                                                            "autoregressive"};
enum class Variance { preset, model, robust, kauermann_carroll, mancl_derouen };
constexpr std::array<std::string_view, 5> variance_names{"preset", "model", "robust",
                                                         "kauermann_carroll", "mancl_derouen"};

struct Gee {
  RegressionTerms terms;
  Family family = Family::poisson;
  WorkingCorrelation correlation = WorkingCorrelation::exchangeable;
  Variance variance = Variance::preset;
  std::string visit;
};

void describe(schema::Visitor& visit, Gee& o) {
  describe_terms(visit, o.terms);
  visit("family", o.family, family_names, "mean and variance, with the canonical link", analyst);
  visit("correlation", o.correlation, correlation_names,
        "working correlation of a subject's rows; autoregressive needs visit", analyst);
  visit("variance", o.variance, variance_names,
        "of the coefficients: by the working model, robust, or robust with the correction for few "
        "subjects of Kauermann and Carroll or of Mancl and DeRouen (both with t on subjects less "
        "coefficients); preset: mancl_derouen; for \"r\" and \"sas\": robust",
        analyst);
  visit("visit", o.visit,
        "column of the visit as a whole number, equal steps apart, for autoregressive correlation",
        analyst);
}

GeeVariance variance_of(Variance variance, Preset preset) {
  if (variance != Variance::preset) {
    return static_cast<GeeVariance>(static_cast<int>(variance) - 1);
  }
  return preset == Preset::recommended ? GeeVariance::mancl_derouen : GeeVariance::robust;
}

std::string_view in_words(GeeVariance variance) {
  constexpr std::string_view words[] = {"working model", "robust", "Kauermann and Carroll",
                                        "Mancl and DeRouen"};
  return words[static_cast<std::size_t>(variance)];
}

/// Visits as whole numbers; problems where they are not.
std::vector<int> visits_of(RegressionData& data, const std::string& column) {
  constexpr double most = 1e6;
  const std::vector<double> values = data.frame.numbers(column);
  std::vector<int> visits(values.size(), 0);
  if (!data.frame.ok()) return visits;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) <= most && values[i] == std::floor(values[i])) {
      visits[i] = static_cast<int>(values[i]);
    } else {
      data.frame.add_problem(i, column, values[i], "a visit is a whole number");
    }
  }
  return visits;
}

Effect effect_of(const LinearContrast& c) {
  Effect effect{c.estimate, c.se, c.lower, c.upper, c.p_value, std::nullopt};
  if (std::isfinite(c.df)) effect.df = c.df;
  return effect;
}

/// False, with a refusal, where an arm's contrast rests on one subject alone.
bool has_errors(const RegressionData& data, const ArmContrasts& contrasts, const GeeModel& model,
                const GeeFit& fit, GeeVariance variance, Task& task) {
  const auto& arms = data.frame.arms();
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    if (arm == data.frame.reference()) continue;
    const auto c = gee_contrast(model, fit, contrasts.pick(arm), variance, task.level());
    if (std::isfinite(c.se)) continue;
    task.refuse("no robust error of " + arms[arm] + " against " + arms[data.frame.reference()] +
                ": " + std::string(rests_on_one_subject));
    return false;
  }
  return true;
}

void put_effects(const Gee& o, const RegressionData& data, const ArmContrasts& contrasts,
                 const GeeModel& model, const GeeFit& fit, GeeVariance variance, Task& task) {
  const auto& arms = data.frame.arms();
  const std::string& against = arms[data.frame.reference()];
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    const auto at = [&](const std::vector<double>& weights) {
      return effect_of(gee_contrast(model, fit, weights, variance, task.level()));
    };
    if (o.family == Family::gaussian) {
      put_adjusted_mean(task, arms[arm], at(contrasts.centred(contrasts.mean_row(arm))));
    }
    if (arm == data.frame.reference()) continue;
    const Effect effect = at(contrasts.pick(arm));
    if (o.family == Family::gaussian) {
      task.put_difference(arms[arm], against, effect);
    } else {
      task.put_ratio(arms[arm], against, effect,
                     o.family == Family::binomial ? "odds_ratio" : "rate_ratio");
    }
  }
}

std::string conventions_of(const Gee& o, GeeVariance variance) {
  const bool corrected = variance >= GeeVariance::kauermann_carroll;
  return "family: " + std::string(family_names[static_cast<std::size_t>(o.family)]) +
         "; working correlation: " +
         std::string(correlation_names[static_cast<std::size_t>(o.correlation)]) +
         "; moments: without correction for degrees of freedom; variance: " +
         std::string(in_words(variance)) +
         (corrected ? "; reference: t (subjects less coefficients)" : "; reference: normal") +
         (o.family == Family::gaussian ? "; interval: Wald" : "; interval: Wald on the log scale") +
         "; effects: at the mean of the covariates";
}

void run(const Gee& o, Task& task) {
  task.out.row.method = "generalised estimating equations";
  const bool autoregressive = o.correlation == WorkingCorrelation::autoregressive;
  if (autoregressive && o.visit.empty()) {
    task.bad_option("visit", "", "must name the column of visits of autoregressive correlation");
    return;
  }
  if (!check_exposure(o.terms, o.family, task)) return;
  RegressionTerms terms = o.terms;
  if (autoregressive) terms.also_complete.push_back(o.visit);
  terms.visit = o.visit;
  auto data = regression_data(terms, task);
  if (!data || !check_range(*data, o.terms.response, o.family)) return;
  const ArmContrasts contrasts(*data);
  const std::vector<double> design = contrasts.centred(data->design.values);
  GeeModel model;
  model.mean = {data->response,       design, data->design.columns(), o.family, {}, data->offset,
                data->frame.subject()};
  model.correlation = o.correlation;
  std::vector<int> visits;
  if (autoregressive) visits = visits_of(*data, o.visit);
  if (!data->frame.ok()) return;
  model.visit = visits;
  const GeeVariance variance = variance_of(o.variance, task.preset());
  task.out.row.conventions = conventions_of(o, variance);
  if (variance != GeeVariance::model && data->frame.fewest_subjects() < 2) {
    task.refuse("robust errors by subject need at least two subjects in each arm");
    return;
  }
  const GeeFit fit = fit_gee(model);
  if (fit.status != GeeStatus::fitted) {
    task.refuse(fit.status == GeeStatus::invalid_input && autoregressive
                    ? "a subject has a visit twice"
                    : std::string(name_of(fit.status)) + (fit.status == GeeStatus::separated
                                                              ? where_separated(*data, o.family)
                                                              : ""));
    return;
  }
  if (!has_errors(*data, contrasts, model, fit, variance, task)) return;
  put_effects(o, *data, contrasts, model, fit, variance, task);
  task.out.put("scale", fit.scale, "1");
  task.out.put("working_correlation", fit.alpha, "1");
  task.out.put("iterations", fit.iterations);
  task.out.put("n_subjects", fit.clusters, "subjects");
  put_counts(*data, task);
}

constexpr std::array<std::string_view, 3> count_family_names{"poisson", "negative_binomial",
                                                             "linear_negative_binomial"};

struct RandomIntercept {
  RegressionTerms terms;
  CountFamily family = CountFamily::quadratic_nb;
  int points = 0;
  Reference reference = Reference::preset;
};

void describe(schema::Visitor& visit, RandomIntercept& o) {
  describe_terms(visit, o.terms);
  visit("family", o.family, count_family_names,
        "counts given the subject: Poisson, or negative binomial of variance mu + phi mu^2 or "
        "(linear) mu + phi mu",
        analyst);
  visit("points", o.points, {.least = 0, .most = 101},
        "points of the adaptive Gauss-Hermite quadrature, 1 for Laplace; 0: 15, but 1 for \"r\", "
        "as glmmTMB",
        analyst);
  describe_reference(visit, o.reference, "subjects");
}

std::string_view note_of(InterceptStatus status) {
  switch (status) {
    case InterceptStatus::no_patient_variance:
      return "no variance between subjects: the fit without intercepts";
    case InterceptStatus::poisson_boundary:
      return "no more variable than Poisson given the subject: dispersion 0";
    case InterceptStatus::both_boundaries:
      return "no variance between subjects and dispersion 0: plain Poisson";
    default:
      return "";
  }
}

void put_variances(const InterceptFit& fit, CountFamily family, Task& task) {
  task.out.put("sd_between_subjects", fit.sigma, "ln");
  task.out.put("between_subjects_p_value", fit.variance_p_value, "probability");
  if (family != CountFamily::poisson) task.out.put("dispersion", fit.dispersion, "1");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("evaluations", fit.evaluations);
  task.out.put("n_subjects", fit.patients, "subjects");
}

void run(const RandomIntercept& o, Task& task) {
  task.out.row.method = "counts with a normal random intercept (maximum likelihood, log link)";
  const auto data = regression_data(o.terms, task);
  if (!data) return;
  const std::vector<int> counts = counts_of(*data, o.terms.response);
  if (!data->frame.ok()) return;
  const std::size_t columns = data->design.columns();
  const int points = o.points > 0 ? o.points : task.preset() == Preset::r ? 1 : 15;
  const auto df = reference_df(o.reference, task.preset(), data->subjects, columns);
  task.out.row.conventions =
      "family: " + std::string(count_family_names[static_cast<std::size_t>(o.family)]) +
      (points == 1
           ? "; Laplace approximation"
           : "; adaptive Gauss-Hermite quadrature of " + std::to_string(points) + " points") +
      "; information: observed; interval: Wald on the log scale; " +
      angiotrial::analysis::in_words(df) +
      "; ratios: given the subject, at the mean of the covariates";
  if (!data->repeated) {
    task.refuse("no subject has two rows, so subjects cannot be told from dispersion",
                "negative_binomial");
    return;
  }
  const ArmContrasts contrasts(*data);
  const std::vector<double> design = contrasts.centred(data->design.values);
  const InterceptModel model{{design, columns, counts, data->offset, Aliased::refuse},
                             data->frame.subject(),
                             o.family,
                             points};
  const InterceptFit fit = fit_random_intercept(model);
  if (!usable(fit.status)) {
    task.refuse(std::string(name_of(fit.status)) +
                (fit.status == InterceptStatus::collinear
                     ? collinear_names(model.counts, data->design.names)
                 : fit.status == InterceptStatus::separated
                     ? where_separated(*data, Family::poisson)
                     : ""));
    return;
  }
  task.out.row.note = note_of(fit.status);
  const auto& arms = data->frame.arms();
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    if (arm == data->frame.reference()) continue;
    task.put_ratio(
        arms[arm], arms[data->frame.reference()],
        contrast_effect(contrasts.pick(arm), fit.coefficients, fit.covariance, task.level(), df),
        "rate_ratio");
  }
  put_variances(fit, o.family, task);
  put_counts(*data, task);
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> repeated_count_methods() {
  return {method<Gee>("gee", "generalised estimating equations for repeated outcomes"),
          method<RandomIntercept>("count_random_intercept",
                                  "repeated counts with a random intercept of the subject")};
}

}  // namespace angiotrial::analysis
