// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <cmath>

#include "procedure.hpp"

/// Regressions of counts.
namespace angiotrial::operating {
namespace {

using namespace analysis;

struct Counts {
  std::vector<double> design, offset;
  std::vector<int> counts;
};

/// 10 episodes a week over 4 weeks, dispersion 0.8, slope 0.7 on a normal covariate.
Counts negative_binomial_trial(random::Stream& draw, const Setting& s, double log_ratio) {
  Counts t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = 0.6 * draw.normal();
    const double arm = i % 2;
    const double weeks = 3.0 + draw.uniform();
    const double mean = 10.0 * weeks * std::exp(0.7 * base + log_ratio * arm);
    t.design.insert(t.design.end(), {1.0, arm, base});
    t.offset.push_back(std::log(weeks));
    t.counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.8));
  }
  return t;
}

enum class Errors { expected, observed, robust };

Procedure wald(std::string name, Errors errors) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "negative binomial counts, 10 a week over 3 to 4 weeks, dispersion 0.8, a covariate";
  p.slack = 0.01;
  p.run = [errors](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(0.65);
    const Counts t = negative_binomial_trial(draw, s, truth);
    thread_local NegativeBinomialWorkspace workspace;
    const auto& fit =
        fit_negative_binomial({t.design, 3, t.counts, t.offset, Aliased::refuse}, workspace);
    if (!usable(fit.status)) return Verdict{true};
    const double se = errors == Errors::expected   ? fit.se_expected[1]
                      : errors == Errors::observed ? fit.se_observed[1]
                                                   : fit.se_robust[1];
    constexpr double z = 1.959963984540054;
    return Verdict{false, std::fabs(fit.coefficients[1]) > z * se,
                   std::fabs(fit.coefficients[1] - truth) <= z * se};
  };
  return p;
}

}  // namespace

std::vector<Procedure> count_procedures() {
  return {wald("negative binomial, Wald, expected information", Errors::expected),
          wald("negative binomial, Wald, observed information", Errors::observed),
          wald("negative binomial, Wald, HC0", Errors::robust)};
}

}  // namespace angiotrial::operating
