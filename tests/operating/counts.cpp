// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <array>
#include <cmath>
#include <optional>

#include "count_trials.hpp"
#include "procedure.hpp"

/// Regressions of counts: one row a patient, and repeated.
namespace angiotrial::operating {
namespace {

using namespace analysis;

/// Half the width of a 95 % interval in standard errors.
double quantile(std::optional<double> df) {
  constexpr double z = 1.959963984540054;
  return df ? boost::math::quantile(boost::math::students_t(*df), 0.975) : z;
}

enum class Reference { normal, t };

Procedure wald(std::string name, CountVariance variance, Reference reference, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = single_words;
  p.slack = slack;
  p.run = [variance, reference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : single_effect;
    const Counts t = negative_binomial_trial(draw, s, truth);
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit = fit_negative_binomial(t.model(), workspace);
    if (!usable(fit.status)) return Verdict{true};
    const CountContrast c = count_contrast(t.model(), fit, arm_effect, variance);
    std::optional<double> df;
    if (reference == Reference::t) df = static_cast<double>(t.counts.size()) - 3.0;
    return wald_verdict(c.estimate, c.se, truth, quantile(df));
  };
  return p;
}

/// The F reference is the chi-square one at the level at which its quantile is that of t squared.
Procedure profile(std::string name, Reference reference, Claim claim, double slack) {
  Procedure p;
  p.claim = claim;
  p.name = std::move(name);
  p.trial = single_words;
  p.slack = slack;
  p.run = [reference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : single_effect;
    const Counts t = negative_binomial_trial(draw, s, truth);
    std::optional<double> df;
    if (reference == Reference::t) df = static_cast<double>(t.counts.size()) - 3.0;
    const double level = std::erf(quantile(df) / std::sqrt(2.0));
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit = fit_negative_binomial(t.model(), workspace);
    if (!usable(fit.status)) return Verdict{true};
    constexpr std::array<std::size_t, 1> arm{1};
    const auto test = count_likelihood_ratio(t.model(), fit, arm, workspace);
    const auto interval = count_profile_interval(t.model(), fit, 1, workspace, level);
    if (!usable(test.status) || !usable(interval.status)) return Verdict{true};
    return Verdict{false, test.p_value < 1.0 - level,
                   interval.lower <= truth && truth <= interval.upper};
  };
  return p;
}

/// The ratio of rates standardised to 4 weeks.
Procedure standardised(double slack) {
  Procedure p;
  p.name = "negative binomial, standardised rate ratio, influence functions";
  p.trial = single_words;
  p.slack = slack;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : single_effect;
    const Counts t = negative_binomial_trial(draw, s, truth);
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit = fit_negative_binomial(t.model(), workspace);
    if (!usable(fit.status)) return Verdict{true};
    std::vector<double> both;
    for (const double arm : {0.0, 1.0}) {
      for (std::size_t i = 0; i < t.counts.size(); ++i) {
        both.insert(both.end(), {1.0, arm, t.design[3 * i + 2]});
      }
    }
    const MarginalMeans means = marginal_rates(t.model(), fit, both, 2, 4.0);
    const MarginalEffect e = marginal_effect(means, 1, 0, EffectScale::log_ratio);
    return wald_verdict(e.estimate, e.se, truth);
  };
  return p;
}

/// The wrong likelihood for repeated counts, with errors by patient.
Procedure clustered(std::string name, CountVariance variance, Reference reference, Claim claim,
                    double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = repeated_words;
  p.claim = claim;
  p.slack = slack;
  p.run = [variance, reference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = repeated_trial(draw, s, truth);
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit = fit_negative_binomial(t.model(), workspace);
    if (!usable(fit.status)) return Verdict{true};
    const CountContrast c = count_contrast(t.model(), fit, arm_effect, variance, t.patient);
    std::optional<double> df;
    if (reference == Reference::t) df = 2.0 * s.per_arm - 3.0;
    return wald_verdict(c.estimate, c.se, truth, quantile(df));
  };
  return p;
}

Procedure estimating_equations(std::string name, GeeVariance variance, Claim claim, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = repeated_words;
  p.claim = claim;
  p.slack = slack;
  p.run = [variance](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = repeated_trial(draw, s, truth);
    const std::vector<double> response(t.counts.begin(), t.counts.end());
    GeeModel model;
    model.mean.response = response;
    model.mean.design = t.design;
    model.mean.columns = 3;
    model.mean.family = Family::poisson;
    model.mean.offset = t.offset;
    model.mean.cluster = t.patient;
    const GeeFit fit = fit_gee(model);
    if (fit.status != GeeStatus::fitted) return Verdict{true};
    const LinearContrast c = gee_contrast(model, fit, arm_effect, variance);
    return Verdict{!std::isfinite(c.se), c.p_value < 0.05, c.lower <= truth && truth <= c.upper};
  };
  return p;
}

Procedure random_intercept(std::string name, Reference reference, Claim claim, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = repeated_words;
  p.claim = claim;
  p.slack = slack;
  p.run = [reference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = repeated_trial(draw, s, truth);
    const InterceptFit fit = fit_random_intercept({t.model(), t.patient, CountFamily::poisson, 1});
    if (!usable(fit.status)) return Verdict{true};
    std::optional<double> df;
    if (reference == Reference::t) df = 2.0 * s.per_arm - 3.0;
    return wald_verdict(fit.coefficients[1], fit.se[1], truth, quantile(df));
  };
  return p;
}

}  // namespace

std::vector<Procedure> count_procedures() {
  using enum CountVariance;
  constexpr auto normal = Reference::normal;
  constexpr auto t = Reference::t;
  return {
      wald("negative binomial, Wald, expected information", expected, normal, 0.01),
      wald("negative binomial, Wald, observed information", observed, normal, 0.01),
      wald("negative binomial, Wald, observed information, t", observed, t, 0.01),
      wald("negative binomial, Wald, HC0", hc0, normal, 0.015),
      wald("negative binomial, Wald, HC3", hc3, normal, 0.01),
      wald("negative binomial, Wald, HC3, t", hc3, t, 0.01),
      profile("negative binomial, likelihood ratio and profile interval", normal, Claim::asymptotic,
              0.01),
      profile("negative binomial, likelihood ratio and profile interval, F", t, Claim::corrected,
              0.01),
      standardised(0.015),
      clustered("negative binomial, CR0 by patient, normal", cr0, normal, Claim::asymptotic, 0.015),
      clustered("negative binomial, CR2 by patient, t", cr2, t, Claim::asymptotic, 0.01),
      clustered("negative binomial, CR3 by patient, t", cr3, t, Claim::corrected, 0.01),
      estimating_equations("Poisson GEE, exchangeable, robust, normal", GeeVariance::robust,
                           Claim::asymptotic, 0.02),
      estimating_equations("Poisson GEE, exchangeable, Kauermann-Carroll, t",
                           GeeVariance::kauermann_carroll, Claim::asymptotic, 0.01),
      estimating_equations("Poisson GEE, exchangeable, Mancl-DeRouen, t",
                           GeeVariance::mancl_derouen, Claim::corrected, 0.01),
      random_intercept("Poisson with random intercept, Laplace, Wald, normal", normal,
                       Claim::asymptotic, 0.01),
      random_intercept("Poisson with random intercept, Laplace, Wald, t", t, Claim::corrected,
                       0.01)};
}

}  // namespace angiotrial::operating
