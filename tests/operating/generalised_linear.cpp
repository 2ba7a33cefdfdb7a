// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <boost/math/distributions/chi_squared.hpp>

#include <cmath>
#include <string>
#include <utility>

#include "count_trials.hpp"
#include "procedure.hpp"

/// Logistic and Poisson regression, and differences of risk.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double log_odds_ratio = 1.0;
constexpr const char* binary_words =
    "binary response, 35 % on the reference arm, slope 0.7 on a normal covariate, odds ratio e";

/// logit P(Y = 1) = -0.7 + 0.7 base + effect arm.
struct Binary {
  std::vector<double> design, response, base;
  std::vector<int> arm;

  Binary(random::Stream& draw, const Setting& s) {
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      base.push_back(draw.normal());
      arm.push_back(i % 2);
      design.insert(design.end(), {1.0, static_cast<double>(i % 2), base.back()});
      response.push_back(draw.uniform() < risk(base.back(), i % 2, s) ? 1.0 : 0.0);
    }
  }

  static double risk(double covariate, int arm, const Setting& s) {
    const double effect = s.null ? 0.0 : log_odds_ratio;
    return 1.0 / (1.0 + std::exp(0.7 - 0.7 * covariate - effect * arm));
  }
  [[nodiscard]] LinearModel model() const {
    LinearModel m;
    m.response = response;
    m.design = design;
    m.columns = 3;
    m.family = Family::binomial;
    return m;
  }
  /// Of the patients there are: the mean risk treated less that on the reference arm.
  [[nodiscard]] double difference(const Setting& s) const {
    double sum = 0.0;
    for (const double b : base) sum += risk(b, 1, s) - risk(b, 0, s);
    return sum / static_cast<double>(base.size());
  }
};

Procedure procedure(std::string name) {
  Procedure p;
  p.name = std::move(name);
  p.trial = binary_words;
  // The estimate is some p / (2 m) too far from 0 in relative terms, m the rarer outcomes (60 of
  // 168) and p three coefficients: 2.5 % of an effect of 1, a seventh of its error.
  p.slack = 0.01;
  return p;
}

Procedure logistic_wald(std::string name, LinearVariance variance) {
  Procedure p = procedure(std::move(name));
  p.run = [variance](random::Stream& draw, const Setting& s) {
    const Binary t(draw, s);
    const LinearModel model = t.model();
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    return verdict_of(estimate_contrast(model, fit, arm_effect, variance),
                      s.null ? 0.0 : log_odds_ratio);
  };
  return p;
}

/// Twice the log-likelihood with the arm less that without; the interval is not offered, so the
/// "coverage" column stays empty.
Procedure logistic_likelihood_ratio() {
  Procedure p = procedure("logistic regression, likelihood ratio of two fits");
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const Binary t(draw, s);
    LinearModel model = t.model();
    const LinearFit fit = fit_linear_model(model);
    std::vector<double> without;
    for (const double b : t.base) without.insert(without.end(), {1.0, b});
    model.design = without;
    model.columns = 2;
    const LinearFit smaller = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted || smaller.status != LinearStatus::fitted) {
      return Verdict{true};
    }
    const double statistic = 2.0 * (fit.log_likelihood - smaller.log_likelihood);
    const double critical = boost::math::quantile(boost::math::chi_squared(1.0), 0.95);
    return Verdict{false, statistic > critical, true};
  };
  return p;
}

/// Mean predicted risks, covariates held, errors of the coefficients by the delta method.
Procedure standardised_by_delta() {
  Procedure p = procedure("standardised risk difference, delta method, HC3, covariates held");
  p.run = [](random::Stream& draw, const Setting& s) {
    const Binary t(draw, s);
    const LinearModel model = t.model();
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    std::vector<double> designs;
    for (const double arm : {0.0, 1.0}) {
      for (const double b : t.base) designs.insert(designs.end(), {1.0, arm, b});
    }
    const MarginalMeans means = standardise_by_delta(model, fit, designs, 2, LinearVariance::hc3);
    return verdict_of(marginal_effect(means, 1, 0, EffectScale::difference), t.difference(s));
  };
  return p;
}

enum class TableTest { wald, pearson, corrected };

/// No covariate: risks 0.2 and 0.2, or 0.2 and 0.45. Pearson's test goes with Newcombe's interval.
Procedure difference(std::string name, TableTest test) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "proportions 0.2 and 0.2, or 0.2 and 0.45";
  // Discrete: 34 events of 168 leave steps of some 0.2 points. Newcombe 1998 finds Wald's interval
  // 1 point below nominal on average over rates at such sizes; the correction is conservative.
  p.slack = test == TableTest::wald ? 0.01 : 0.005;
  p.run = [test](random::Stream& draw, const Setting& s) {
    const double risk = s.null ? 0.2 : 0.45;
    const auto n = static_cast<double>(s.per_arm);
    TwoProportions t{0.0, n, 0.0, n};
    for (int i = 0; i < s.per_arm; ++i) {
      t.active_events += draw.uniform() < risk ? 1.0 : 0.0;
      t.control_events += draw.uniform() < 0.2 ? 1.0 : 0.0;
    }
    const ProportionDifference d = proportion_difference(t);
    if (d.status != TableStatus::fitted || !std::isfinite(d.chi_square_p)) return Verdict{true};
    struct {
      double p_value, lower, upper;
    } const answers[] = {{d.wald_p, d.wald_lower, d.wald_upper},
                         {d.chi_square_p, d.newcombe_lower, d.newcombe_upper},
                         {d.corrected_p, d.corrected_lower, d.corrected_upper}};
    return verdict_of(answers[static_cast<std::size_t>(test)], risk - 0.2);
  };
  return p;
}

LinearModel poisson_model(const Counts& t, const std::vector<double>& response) {
  LinearModel model;
  model.response = response;
  model.design = t.design;
  model.columns = 3;
  model.family = Family::poisson;
  model.offset = t.offset;
  return model;
}

/// Poisson regression of counts that are negative binomial: right in the mean, wrong in the
/// variance.
Procedure poisson(std::string name, LinearVariance variance, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::string(single_words) + ", the covariate's slope 0.4";
  p.slack = slack;
  p.run = [variance](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : single_effect;
    const Counts t = negative_binomial_trial(draw, s, truth);
    const std::vector<double> response(t.counts.begin(), t.counts.end());
    const LinearModel model = poisson_model(t, response);
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    return verdict_of(estimate_contrast(model, fit, arm_effect, variance), truth);
  };
  return p;
}

/// The same of repeated counts, by patient.
Procedure poisson_by_patient() {
  Procedure p;
  p.name = "Poisson, CR2 by patient, Bell and McCaffrey";
  p.trial = repeated_words;
  p.claim = Claim::corrected;
  p.slack = 0.015;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = repeated_trial(draw, s, truth);
    const std::vector<double> response(t.counts.begin(), t.counts.end());
    LinearModel model = poisson_model(t, response);
    model.cluster = t.patient;
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    return verdict_of(estimate_contrast(model, fit, arm_effect, LinearVariance::cr2), truth);
  };
  return p;
}

}  // namespace

std::vector<Procedure> generalised_linear_procedures() {
  return {logistic_wald("logistic regression, Wald, model variance", LinearVariance::model),
          logistic_wald("logistic regression, Wald, HC3", LinearVariance::hc3),
          logistic_likelihood_ratio(),
          standardised_by_delta(),
          difference("difference of proportions, Wald test and interval", TableTest::wald),
          difference("difference of proportions, Pearson's test, Newcombe interval",
                     TableTest::pearson),
          difference("difference of proportions, continuity correction", TableTest::corrected),
          poisson("Poisson, HC3, normal, counts overdispersed", LinearVariance::hc3, 0.015),
          poisson_by_patient()};
}

}  // namespace angiotrial::operating
