// SPDX-License-Identifier: Apache-2.0
#include "ordinal/cumulative_link.hpp"

#include <boost/math/distributions/normal.hpp>

#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

LinkValue logit_value(double t) {
  const double e = std::exp(-std::fabs(t));
  const double small = e / (1.0 + e);
  const double large = 1.0 / (1.0 + e);
  LinkValue v{t > 0.0 ? large : small, t > 0.0 ? small : large, small * large, 0.0};
  v.slope = v.density * (v.above - v.below);
  return v;
}

LinkValue probit_value(double t) {
  const double root_half = std::numbers::sqrt2 / 2.0;
  const double f = std::exp(-0.5 * t * t) * root_half * std::numbers::inv_sqrtpi;
  return {0.5 * std::erfc(-t * root_half), 0.5 * std::erfc(t * root_half), f,
          f > 0.0 ? -t * f : 0.0};
}

LinkValue cloglog_value(double t) {
  const double e = std::exp(t);
  const double above = std::exp(-e);
  const double f = above > 0.0 ? e * above : 0.0;
  return {-std::expm1(-e), above, f, f > 0.0 ? f * (1.0 - e) : 0.0};
}

LinkValue cauchit_value(double t) {
  // atan2 keeps the digits of the far tail.
  const double below = std::atan2(1.0, -t) * std::numbers::inv_pi;
  const double above = std::atan2(1.0, t) * std::numbers::inv_pi;
  const double f = std::numbers::inv_pi / (1.0 + t * t);
  return {below, above, f, f > 0.0 ? -2.0 * t / (1.0 + t * t) * f : 0.0};
}

/// With d = a - b and q = 1 / (e^d - 1):
///   log(F(a) - F(b)) = log F(a) + log(1 - F(b)) + log(1 - e^-d),
/// which loses no digit where F(a) and F(b) are close.
CellTerm logit_term(double a, double b) {
  const LinkValue at_a = logit_value(a);
  const LinkValue at_b = logit_value(b);
  const double d = a - b;
  const double q = std::isinf(d) ? 0.0 : 1.0 / std::expm1(d);
  const double curvature = q * (1.0 + q);
  const double log_gap = std::isinf(d) ? 0.0 : std::log(-std::expm1(-d));
  return {std::log(at_a.below) + std::log(at_b.above) + log_gap,
          q + at_a.above,
          -q - at_b.below,
          -curvature - at_a.density,
          curvature,
          -curvature - at_b.density};
}

}  // namespace

LinkValue link_value(CumulativeLink link, double t) {
  switch (link) {
    case CumulativeLink::logit:
      return logit_value(t);
    case CumulativeLink::probit:
      return probit_value(t);
    case CumulativeLink::cloglog:
      return cloglog_value(t);
    case CumulativeLink::loglog: {
      const LinkValue mirrored = cloglog_value(-t);
      return {mirrored.above, mirrored.below, mirrored.density, -mirrored.slope};
    }
    case CumulativeLink::cauchit:
      return cauchit_value(t);
  }
  return {};
}

double link_quantile(CumulativeLink link, double p) {
  switch (link) {
    case CumulativeLink::logit:
      return std::log(p) - std::log1p(-p);
    case CumulativeLink::probit:
      return boost::math::quantile(boost::math::normal(), p);
    case CumulativeLink::cloglog:
      return std::log(-std::log1p(-p));
    case CumulativeLink::loglog:
      return -std::log(-std::log(p));
    case CumulativeLink::cauchit:
      return std::tan(std::numbers::pi * (p - 0.5));
  }
  return 0.0;
}

CellTerm cell_term(CumulativeLink link, double a, double b) {
  if (!(a > b)) return {-std::numeric_limits<double>::infinity(), 0.0, 0.0, 0.0, 0.0, 0.0};
  if (link == CumulativeLink::logit) return logit_term(a, b);
  const LinkValue at_a = link_value(link, a);
  const LinkValue at_b = link_value(link, b);
  // In the upper tail the complements have the digits.
  const double p = at_b.below > 0.5 ? at_b.above - at_a.above : at_a.below - at_b.below;
  const double da = at_a.density / p;
  const double db = -at_b.density / p;
  return {std::log(p), da, db, at_a.slope / p - da * da, -da * db, -at_b.slope / p - db * db};
}

}  // namespace angiotrial::analysis
