// SPDX-License-Identifier: Apache-2.0
#include "multiplicity/polytope.hpp"

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

// Scaling the region R(m) = { a_j' x <= m b_j } from m = 1 to infinity, and the same again on each
// face, turns the probability into a sum over flags (face, edge of the face, ... ) of
//
//   O(o_1 .. o_l) = P(X_1 >= o_1, X_2 >= X_1 o_2 / o_1, ..., X_l >= X_(l-1) o_l / o_(l-1))
//
// o_i is the distance from the foot of the origin on face i - 1 to face i. A flag counts, with sign
// (-1)^l prod sgn o_i, where that foot lies inside every remaining plane. Integrands are smooth,
// however close the planes' directions are, and dependent planes need no special case.
namespace angiotrial::analysis::polytope {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// A normal shorter than this lies in the span of the normals already used.
constexpr double vanishing = 1.0e-7;
/// -ln of a relative weight that no longer matters.
constexpr double log_negligible = 37.0;
/// ln of the largest probability of a flag that is left out.
constexpr double log_skipped = -32.0;
/// Planes nearer to the origin are moved out to here, all alike: at the origin itself a flag has no
/// direction. Costs at most this much probability each.
constexpr double least_offset = 1.0e-10;
constexpr double tiny = 1.0e-15;  ///< keeps ratios of offsets finite

double upper_tail(double x, double df) {
  if (!std::isfinite(df)) return quadrature::normal_cdf(-x);
  return student_tail(df, x);
}

/// Largest x that matters where the weight falls as the density of x sqrt(q) from x = h.
double reach(double h, double q, double df) {
  if (!std::isfinite(df)) return std::sqrt(h * h + 2.0 * log_negligible / q);
  const double growth = 2.0 * log_negligible / df;
  return std::sqrt(h * h * std::exp(growth) + df * std::expm1(growth) / q);
}

/// O(h, k h), in two dimensions, with X_2 / X_1 = sinh v:
///   1/(2 pi) integral over v > asinh(k) of (1 + h^2 cosh^2 v / nu)^(-nu/2) / cosh v
double wedge(double h, double k, double df) {
  const bool normal = !std::isfinite(df);
  const double start = std::asinh(k);
  const double top = reach(std::sqrt(1.0 + k * k), h * h, df);
  const double end = std::min(std::acosh(top), start + log_negligible);
  double sum = 0.0;
  quadrature::for_each_panel_node<12>(start, end, 1.6, [&](double v, double w) {
    const double e = std::exp(v);
    const double c = 0.5 * (e + 1.0 / e);
    const double square = h * h * c * c;
    sum += w * std::exp(normal ? -0.5 * square : -0.5 * df * std::log1p(square / df)) / c;
  });
  return 0.5 * std::numbers::inv_pi * sum;
}

/// ln of the t (or normal) density's constant.
double log_constant(double df) {
  if (!std::isfinite(df)) return -0.5 * std::log(2.0 * std::numbers::pi);
  return -std::log(boost::math::tgamma_delta_ratio(0.5 * df, 0.5)) -
         0.5 * std::log(df * std::numbers::pi);
}

/// O with X_1 >= h and ratios k[0 .. count - 1]; given X_1 = x the rest are t with nu + 1 degrees
/// of freedom and spread sqrt((nu + x^2) / (nu + 1)).
double orthoscheme(double h, const double* k, std::size_t count, double df) {
  if (count == 0) return upper_tail(h, df);
  if (count == 1) return wedge(h, k[0], df);
  const bool normal = !std::isfinite(df);
  double q = 1.0;
  double product = 1.0;
  for (std::size_t i = 0; i < count; ++i) {
    product *= k[i] * k[i];
    q += product;
  }
  const double constant = log_constant(df);
  // x = root sinh(w / root) makes the tails of t those of a normal.
  const double root = std::sqrt(normal ? 1.0 : df / q);
  const auto to_w = [&](double x) { return normal ? x : root * std::asinh(x / root); };
  const double start = to_w(h);
  const double end = to_w(reach(h, q, df));
  double sum = 0.0;
  const auto add = [&](double w, double weight) {
    const double x = normal ? w : root * std::sinh(w / root);
    const double slope = normal ? 1.0 : std::cosh(w / root);
    const double log_density = normal ? -0.5 * x * x : -0.5 * (df + 1.0) * std::log1p(x * x / df);
    const double spread = normal ? 1.0 : std::sqrt((df + x * x) / (df + 1.0));
    sum += weight * slope * std::exp(constant + log_density) *
           orthoscheme(k[0] * x / spread, k + 1, count - 1, df + 1.0);
  };
  // Few degrees of freedom: longer tails.
  if (df < 30.0) {
    quadrature::for_each_node<40>(start, end, add);
  } else {
    quadrature::for_each_node<20>(start, end, add);
  }
  return sum;
}

/// The part of a flag found so far.
struct Flag {
  std::array<double, most_dimensions> offset{};
  std::size_t length = 0;
  double sign = 1.0;
};

double weight_of(const Flag& flag, double df) {
  if (flag.length == 0) return flag.sign;
  double square = 0.0;
  for (std::size_t i = 0; i < flag.length; ++i) square += flag.offset[i] * flag.offset[i];
  // P(R > sqrt(square)) bounds the flag; in l dimensions it is below (1 + square) e^(-square / 2).
  const double log_bound = std::isfinite(df) ? -0.5 * df * std::log1p(square / df) : -0.5 * square;
  if (log_bound + std::log1p(square) < log_skipped) return 0.0;
  std::array<double, most_dimensions> k{};
  for (std::size_t i = 1; i < flag.length; ++i) k[i - 1] = flag.offset[i] / flag.offset[i - 1];
  return flag.sign * orthoscheme(flag.offset[0], k.data(), flag.length - 1, df);
}

/// The trace of the region on the face of plane j; false when the face is empty.
bool face(const Polytope& region, std::size_t j, Polytope& out) {
  out.dimension = region.dimension;
  out.count = 0;
  const auto& [n, h] = region.planes[j];
  for (std::size_t m = 0; m < region.count; ++m) {
    if (m == j) continue;
    const auto& [a, b] = region.planes[m];
    double cosine = 0.0;
    for (std::size_t c = 0; c < region.dimension; ++c) cosine += a[c] * n[c];
    std::array<double, most_dimensions> rest{};
    double square = 0.0;
    for (std::size_t c = 0; c < region.dimension; ++c) {
      rest[c] = a[c] - cosine * n[c];
      square += rest[c] * rest[c];
    }
    const double room = b - cosine * h;
    if (square < vanishing * vanishing) {
      // The same plane twice: the first of the two carries the face.
      const bool same = cosine > 0.0 && std::fabs(room) < vanishing;
      if (same ? m < j : room < 0.0) return false;
      continue;
    }
    if (!out.add(rest, room)) return false;
  }
  return true;
}

double flags(const Polytope& region, const Flag& flag, std::size_t rank, double df) {
  bool inside = true;
  for (std::size_t j = 0; j < region.count; ++j) inside = inside && region.planes[j].bound >= 0.0;
  double total = inside ? weight_of(flag, df) : 0.0;
  if (flag.length == rank) return total;
  for (std::size_t j = 0; j < region.count; ++j) {
    Polytope next;
    if (!face(region, j, next)) continue;
    Flag longer = flag;
    const double h = region.planes[j].bound;
    longer.offset[longer.length++] = std::max(std::fabs(h), tiny);
    longer.sign = h < 0.0 ? flag.sign : -flag.sign;
    total += flags(next, longer, rank, df);
  }
  return total;
}

}  // namespace

bool Polytope::add(const std::array<double, most_dimensions>& normal, double bound) {
  if (bound == infinity) return true;
  double square = 0.0;
  for (std::size_t c = 0; c < dimension; ++c) square += normal[c] * normal[c];
  const double length = std::sqrt(square);
  if (length < vanishing) return bound >= 0.0;
  if (bound == -infinity) return false;
  HalfSpace& plane = planes[count++];
  for (std::size_t c = 0; c < dimension; ++c) plane.normal[c] = normal[c] / length;
  plane.bound = bound / length;
  return true;
}

double probability(const Polytope& region, double df) {
  Polytope moved = region;
  for (std::size_t j = 0; j < moved.count; ++j) {
    double& bound = moved.planes[j].bound;
    if (std::fabs(bound) < least_offset) bound = least_offset;
  }
  return std::clamp(flags(moved, Flag{}, moved.dimension, df), 0.0, 1.0);
}

}  // namespace angiotrial::analysis::polytope
