// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <cmath>
#include <string>

#include "procedure.hpp"

/// Analysis of covariance.
namespace angiotrial::operating {
namespace {

using namespace analysis;

struct Trial {
  std::vector<double> response, design;
  std::vector<int> arm;
};

/// Normal response, slope 0.6 on the baseline; the second arm varies `ratio` times as much.
Trial normal_trial(random::Stream& draw, const Setting& s, double effect, double ratio) {
  Trial t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double base = draw.normal();
    const double sd = arm == 1 ? ratio : 1.0;
    t.arm.push_back(arm);
    t.response.push_back(0.6 * base + effect * arm + sd * draw.normal());
    t.design.insert(t.design.end(), {1.0, static_cast<double>(arm), base});
  }
  return t;
}

Verdict judge(double estimate, double lower, double upper, double p, double truth) {
  return {!std::isfinite(estimate), p < 0.05, lower <= truth && truth <= upper};
}

Procedure ancova(std::string name, LinearVariance variance, double ratio, Claim claim,
                 double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = ratio == 1.0 ? "normal response, baseline covariate"
                         : "normal response, baseline covariate; standard deviations 1 and 2";
  p.claim = claim;
  p.slack = slack;
  p.run = [variance, ratio](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : 0.5;
    const Trial t = normal_trial(draw, s, effect, ratio);
    LinearModel model;
    model.response = t.response;
    model.design = t.design;
    model.columns = 3;
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    const std::vector<double> weights{0.0, 1.0, 0.0};
    const LinearContrast c = estimate_contrast(model, fit, weights, variance);
    return judge(c.estimate, c.lower, c.upper, c.p_value, effect);
  };
  return p;
}

}  // namespace

std::vector<Procedure> linear_procedures() {
  return {ancova("ANCOVA, model variance, t", LinearVariance::model, 1.0, Claim::exact, 0.0),
          ancova("ANCOVA, HC3, t, unequal variances", LinearVariance::hc3, 2.0, Claim::corrected,
                 0.005)};
}

}  // namespace angiotrial::operating
