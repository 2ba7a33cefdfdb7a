// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Ordered categories at several visits of a patient, and effects that differ by threshold.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr int categories = 4;
constexpr std::array thresholds{-1.0, 0.3, 1.6};

/// P(Y <= j) = logistic(theta_j - eta_j), by inversion; the limits must rise.
int draw_category(random::Stream& draw, const std::array<double, 3>& eta) {
  const double u = draw.uniform();
  int category = 0;
  for (std::size_t j = 0; j < eta.size(); ++j) {
    if (u > 1.0 / (1.0 + std::exp(eta[j] - thresholds[j]))) category = static_cast<int>(j) + 1;
  }
  return category;
}

/// Three visits, a normal intercept of standard deviation 1, slope 0.8 on a covariate.
Procedure random_intercept(std::string name, int nodes) {
  Procedure p;
  p.name = std::move(name);
  p.trial =
      "four ordered categories at three visits, intercepts of standard deviation 1, odds ratio 2";
  p.usual_per_arm = 50;
  // Normal reference for intercepts whose spread is estimated from 100 patients, 0.3 points; the
  // error of maximum likelihood in that spread, about as much.
  p.slack = 0.01;
  p.run = [nodes](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : std::log(2.0);
    std::vector<int> response, patient;
    std::vector<double> design;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double base = draw.normal(), arm = i % 2;
      const double eta = 0.8 * base + effect * arm + draw.normal();
      for (int visit = 0; visit < 3; ++visit) {
        response.push_back(draw_category(draw, {eta, eta, eta}));
        design.insert(design.end(), {base, arm});
        patient.push_back(i);
      }
    }
    RandomInterceptModel model;
    model.fixed.response = response;
    model.fixed.categories = categories;
    model.fixed.proportional = design;
    model.fixed.proportional_columns = 2;
    model.group = patient;
    model.nodes = nodes;
    const RandomInterceptFit fit = fit_random_intercept(model);
    if (fit.status != OrdinalStatus::fitted && fit.status != OrdinalStatus::no_variance) {
      return Verdict{true};
    }
    return wald_verdict(fit.coefficients[4], fit.se[4], effect);
  };
  return p;
}

/// The arm has an effect of its own at each threshold, 0.9, 0.7 and 0.5 in log odds; that of the
/// middle one is judged. Under `at_most` the coefficient is that of theta_j: minus the effect.
Procedure partial() {
  Procedure p;
  p.name = "partial proportional odds, arm by threshold, Wald";
  p.trial = "four ordered categories, a covariate with proportional odds, effects 0.9, 0.7 and 0.5";
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double size = s.null ? 0.0 : 1.0;
    std::vector<int> response;
    std::vector<double> base, arms;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double arm = i % 2, b = 0.8 * (base.emplace_back(draw.normal()));
      arms.push_back(arm);
      response.push_back(
          draw_category(draw, {b + 0.9 * size * arm, b + 0.7 * size * arm, b + 0.5 * size * arm}));
    }
    CumulativeModel model;
    model.response = response;
    model.categories = categories;
    model.proportional = base;
    model.proportional_columns = 1;
    model.nominal = arms;
    model.nominal_columns = 1;
    const CumulativeFit fit = fit_cumulative_model(model);
    if (fit.status != OrdinalStatus::fitted) return Verdict{true};
    constexpr std::size_t middle = 4;  // thresholds, then the arm at each of them
    return wald_verdict(fit.coefficients[middle], fit.se[middle], -0.7 * size);
  };
  return p;
}

}  // namespace

std::vector<Procedure> repeated_ordinal_procedures() {
  return {random_intercept("cumulative logit with random intercept, Laplace, Wald", 1),
          random_intercept("cumulative logit with random intercept, 5 nodes, Wald", 5), partial()};
}

}  // namespace angiotrial::operating
