// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <string>
#include <utility>

#include "count_trials.hpp"
#include "procedure.hpp"

/// Repeated counts: correlation that fades with time, and overdispersion beside the intercepts.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr int visits = 4;

enum class Within { fading, overdispersed };

/// Mean 3 exp(0.5 base + w + effect). Fading: Poisson given w, a chain of standard deviation 0.6
/// and correlation 0.7 from visit to visit. Overdispersed: negative binomial of dispersion 0.3
/// given w, a normal intercept of standard deviation 0.6.
Counts draw_repeated(random::Stream& draw, const Setting& s, Within within, double effect) {
  constexpr double spread = 0.6;
  const bool fading = within == Within::fading;
  Counts t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = draw.normal(), arm = i % 2;
    double w = spread * draw.normal();
    for (int visit = 0; visit < visits; ++visit) {
      if (fading && visit > 0) w = 0.7 * w + spread * std::sqrt(0.51) * draw.normal();
      const double mean = 3.0 * std::exp(0.5 * base + w + effect * arm);
      t.design.insert(t.design.end(), {1.0, arm, base});
      t.offset.push_back(0.0);
      t.counts.push_back(
          random::negative_binomial_quantile(draw.uniform(), mean, fading ? 0.0 : 0.3));
      t.patient.push_back(i);
    }
  }
  return t;
}

Procedure autoregressive(std::string name, GeeVariance variance, Claim claim, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "Poisson counts of 4 visits about a chain of correlation 0.7, a covariate";
  p.claim = claim;
  p.slack = slack;
  p.run = [variance](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = draw_repeated(draw, s, Within::fading, truth);
    const std::vector<double> response(t.counts.begin(), t.counts.end());
    GeeModel model;
    model.mean.response = response;
    model.mean.design = t.design;
    model.mean.columns = 3;
    model.mean.family = Family::poisson;
    model.mean.offset = t.offset;
    model.mean.cluster = t.patient;
    model.correlation = WorkingCorrelation::autoregressive;
    const GeeFit fit = fit_gee(model);
    if (fit.status != GeeStatus::fitted) return Verdict{true};
    return verdict_of(gee_contrast(model, fit, arm_effect, variance), truth);
  };
  return p;
}

/// `points` 1 is Laplace's approximation. t with patients less coefficients.
Procedure random_intercept(std::string name, int points, bool t_reference, Claim claim) {
  Procedure p;
  p.name = std::move(name);
  p.trial =
      "negative binomial counts of 4 visits, dispersion 0.3 given normal intercepts of standard "
      "deviation 0.6, a covariate";
  p.claim = claim;
  p.usual_per_arm = 60;
  // Degrees of freedom by number of patients: the scale of the intercepts is estimated from fewer.
  p.slack = 0.01;
  p.run = [points, t_reference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : repeated_effect;
    const Counts t = draw_repeated(draw, s, Within::overdispersed, truth);
    const InterceptFit fit =
        fit_random_intercept({t.model(), t.patient, CountFamily::quadratic_nb, points});
    if (!usable(fit.status)) return Verdict{true};
    const boost::math::students_t reference(2.0 * s.per_arm - 3.0);
    return t_reference ? wald_verdict(fit.coefficients[1], fit.se[1], truth,
                                      boost::math::quantile(reference, 0.975))
                       : wald_verdict(fit.coefficients[1], fit.se[1], truth);
  };
  return p;
}

}  // namespace

std::vector<Procedure> repeated_count_procedures() {
  return {autoregressive("Poisson GEE, AR(1), robust, normal", GeeVariance::robust,
                         Claim::asymptotic, 0.02),
          autoregressive("Poisson GEE, AR(1), Mancl-DeRouen, t", GeeVariance::mancl_derouen,
                         Claim::corrected, 0.01),
          random_intercept("negative binomial with random intercept, Laplace, Wald, normal", 1,
                           false, Claim::asymptotic),
          random_intercept("negative binomial with random intercept, Laplace, Wald, t", 1, true,
                           Claim::corrected),
          random_intercept("negative binomial with random intercept, 5 points, Wald, t", 5, true,
                           Claim::corrected)};
}

}  // namespace angiotrial::operating
