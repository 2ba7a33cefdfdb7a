// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/target_dose.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// The smallest x on [0, largest] with rise(x) = 0, from a scan and then a bracketed root.
template <class F>
std::optional<double> first_crossing(F&& rise, double largest) {
  constexpr int points = 256;
  double before = 0.0;
  double at_before = rise(0.0);
  if (at_before >= 0.0) return 0.0;
  for (int i = 1; i <= points; ++i) {
    const double x = largest * i / points;
    const double at_x = rise(x);
    if (at_x >= 0.0) {
      boost::uintmax_t iterations = 100;
      const auto close = [](double a, double b) {
        return std::fabs(a - b) <= 1.0e-14 * std::fabs(b);
      };
      const auto [a, b] =
          boost::math::tools::toms748_solve(rise, before, x, at_before, at_x, close, iterations);
      return 0.5 * (a + b);
    }
    before = x;
    at_before = at_x;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> target_dose(const DoseFit& fit, double effect, double largest) {
  if (!usable(fit.status)) return std::nullopt;
  const double placebo = fit.predict(0.0);
  const double sign = effect < 0.0 ? -1.0 : 1.0;
  return first_crossing([&](double x) { return sign * (fit.predict(x) - placebo - effect); },
                        largest);
}

std::optional<double> target_dose(std::span<const DoseFit> fits, std::span<const double> weights,
                                  double effect, double largest) {
  const double placebo = average_prediction(fits, weights, 0.0);
  const double sign = effect < 0.0 ? -1.0 : 1.0;
  return first_crossing(
      [&](double x) { return sign * (average_prediction(fits, weights, x) - placebo - effect); },
      largest);
}

double furthest_dose(const DoseFit& fit, double largest) {
  double best = largest;
  const auto effect = [&](double d) { return std::fabs(fit.predict(d) - fit.predict(0.0)); };
  const auto try_dose = [&](double d) {
    if (d > 0.0 && d < largest && effect(d) > effect(best)) best = d;
  };
  switch (fit.shape) {
    case Shape::quadratic:
      if (fit.linear[2] != 0.0) try_dose(-0.5 * fit.linear[1] / fit.linear[2]);
      break;
    case Shape::beta:
      try_dose(fit.constants.scale * fit.nonlinear[0] / (fit.nonlinear[0] + fit.nonlinear[1]));
      break;
    case Shape::gaussian:
      try_dose(fit.nonlinear[0]);
      break;
    case Shape::table:
      for (std::size_t i = 0; i < fit.constants.table.count; ++i) {
        try_dose(fit.constants.table.doses[i]);
      }
      break;
    default:
      break;
  }
  return best;
}

std::optional<double> effective_dose(const DoseFit& fit, double fraction, double largest) {
  ANGIOTRIAL_EXPECT(fraction > 0.0 && fraction <= 1.0, "a fraction of the effect");
  if (!usable(fit.status)) return std::nullopt;
  const double at = furthest_dose(fit, largest);
  const double effect = fit.predict(at) - fit.predict(0.0);
  if (effect == 0.0 || !std::isfinite(effect)) return std::nullopt;
  if (fraction == 1.0) return at;
  // The curve does not turn before its furthest point, so that this is bracketed.
  return target_dose(fit, fraction * effect, at);
}

}  // namespace angiotrial::analysis
