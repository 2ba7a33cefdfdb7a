// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace angiotrial::analysis {

/// Root of a function that changes sign on [low, high], to `relative` accuracy.
template <class F>
double root(F&& f, double low, double high, double relative = 2.0e-14) {
  boost::uintmax_t most = 200;
  const auto close = [&](double a, double b) {
    return std::fabs(a - b) <= relative * std::max(1.0, std::fabs(a));
  };
  const auto [a, b] = boost::math::tools::toms748_solve(f, low, high, close, most);
  return 0.5 * (a + b);
}

/// Where a function that rises from below 0 at 0 meets 0, at most `end`: there where rounding alone
/// leaves it below 0. The rise may lie in the first part in 10^9.
template <class F>
double root_from_0(F&& f, double end, double relative) {
  if (!(f(end) > 0.0)) return end;
  const double early = 1.0e-9 * end;
  return f(early) < 0.0 ? root(f, early, end, relative) : root(f, 0.0, early, relative);
}

/// Secant rule for smooth, nearly straight functions; the bracket [low, high] is the way out. Once
/// a step is below 1e-9 the next error is its square: that step is the last.
template <class F>
double smooth_root(F&& f, double first, double second, double low, double high) {
  double before = f(first);
  for (int i = 0; i < 12; ++i) {
    const double now = f(second);
    const double step = -now * (second - first) / (now - before);
    if (now == 0.0 || step == 0.0) return second;
    if (!std::isfinite(step) || !(second + step > low && second + step < high)) break;
    first = second;
    before = now;
    second += step;
    if (std::fabs(step) < 1.0e-9) return second;
  }
  return root(f, low, high);
}

/// The same where the bracket is not known: a rising or falling f, steps doubling away from
/// `centre` on both sides. Nothing where no change of sign is found.
template <class F>
std::optional<double> monotone_root(F&& f, double centre, double step) {
  const double middle = f(centre);
  if (middle == 0.0) return centre;
  for (int i = 0; i < 60; ++i, step *= 2.0) {
    for (const double side : {-step, step}) {
      const double end = f(centre + side);
      if (std::isfinite(end) && (end > 0.0) != (middle > 0.0)) {
        return root(f, std::min(centre, centre + side), std::max(centre, centre + side), 1.0e-13);
      }
    }
  }
  return std::nullopt;
}

}  // namespace angiotrial::analysis
