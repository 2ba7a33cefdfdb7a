// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/dose/target_dose.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Dose-response of counts, and intervals of the target dose.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::array doses{0.0, 1.0, 2.5, 5.0, 10.0};
constexpr std::size_t count = doses.size();

/// Log rates with the covariance of the negative binomial regression on doses, as plans make them.
DoseEstimates log_rates(random::Stream& draw, int per_arm, const std::array<double, count>& truth) {
  std::vector<double> design, offset;
  std::vector<int> counts;
  for (int i = 0; i < per_arm; ++i) {
    for (std::size_t g = 0; g < count; ++g) {
      for (std::size_t c = 0; c < count; ++c) design.push_back(c == g ? 1.0 : 0.0);
      offset.push_back(0.0);
      counts.push_back(
          random::negative_binomial_quantile(draw.uniform(), 8.0 * std::exp(truth[g]), 0.8));
    }
  }
  thread_local NegativeBinomialWorkspace workspace;
  const auto& fit =
      fit_negative_binomial({design, count, counts, offset, Aliased::refuse}, workspace);
  if (!usable(fit.status)) return {};
  return given_estimates(doses, fit.coefficients, fit.covariance_expected);
}

/// Fewer events are better. Family-wise error over four candidates, contrasts from each trial's own
/// covariance.
Procedure counts_signal() {
  Procedure p;
  p.name = "generalised MCP-Mod on counts, contrast test at one-sided 2.5 %";
  p.trial = "negative binomial counts, 8 a patient, dispersion 0.8, five doses, rate ratio 0.6";
  p.usual_per_arm = 42;
  p.error = 0.025;
  p.coverage = -1.0;
  // Five rates are estimated before the dispersion, which comes out some 5 / 210 too small; at a
  // critical value of 2.3 this adds a tenth to a tail of 2.5 %, the normal reference half of that.
  p.slack = 0.005;
  p.run = [candidates = default_candidates(doses.back())](random::Stream& draw, const Setting& s) {
    std::array<double, count> truth{};
    for (std::size_t g = 0; g < count && !s.null; ++g) {
      truth[g] = std::log(0.6) * doses[g] / (2.0 + doses[g]) * 1.2;
    }
    const DoseEstimates data = log_rates(draw, s.per_arm, truth);
    if (data.status != DoseDataStatus::usable || data.doses.empty()) return Verdict{true};
    const ContrastTest test =
        plan_contrast_test({candidates, data.doses, data.covariance, data.df, 0.025, -1.0});
    const auto t = contrast_statistics(test, data.estimates, data.covariance, data.sigma);
    return Verdict{test.status != ContrastStatus::planned,
                   std::ranges::max(t) > test.critical_value, true};
  };
  return p;
}

enum class Route { delta, profile };

/// f(d) = 1.2 d / (ED50 + d) in standard deviations of 0.5, ED50 1 ("null" column) or 2: a gain of
/// 0.6 needs just the ED50. Trials without an interval, where the fitted curve does not reach the
/// gain or a parameter sits on its bound, are refused and counted.
Procedure target(std::string name, Route route) {
  Procedure p;
  p.name = std::move(name);
  p.trial =
      "normal response at five doses, emax with half its effect at 1 (first coverage) or 2, "
      "standard deviation 0.42 of the effect of an unlimited dose";
  p.usual_per_arm = 84;
  p.error = -1.0;
  // The dose is a ratio of estimates, skewed to the right: symmetric intervals miss above.
  p.slack = route == Route::delta ? 0.02 : 0.01;
  p.run = [route](random::Stream& draw, const Setting& s) {
    const double half = s.null ? 1.0 : 2.0, gain = 0.6;
    std::vector<double> dose, response;
    for (int i = 0; i < s.per_arm; ++i) {
      for (const double d : doses) {
        dose.push_back(d);
        response.push_back(1.2 * d / (half + d) + 0.5 * draw.normal());
      }
    }
    const DoseEstimates data = summarise_doses(dose, response);
    thread_local DoseFitWorkspace workspace;
    const DoseFit fit = fit_shape(Shape::emax, data, {}, {}, workspace);
    if (!usable(fit.status)) return Verdict{true};
    const DoseInterval i = route == Route::delta ? target_dose_delta(fit, data, gain)
                                                 : target_dose_profile(fit, data, gain);
    if (i.status != DoseIntervalStatus::computed) return Verdict{true};
    return Verdict{false, false, i.lower <= half && half <= i.upper};
  };
  return p;
}

}  // namespace

std::vector<Procedure> dose_target_procedures() {
  return {counts_signal(), target("target dose within emax, delta method", Route::delta),
          target("target dose within emax, profile likelihood", Route::profile)};
}

}  // namespace angiotrial::operating
