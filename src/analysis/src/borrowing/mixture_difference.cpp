// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "borrowing/mixture_parts.hpp"

/// P(X - Y > d) of independent mixtures.
namespace angiotrial::analysis {
namespace {

// Between low = max(0, d) and high = min(1, 1 + d): x and 1 - x, or y and 1 - y, from the ends.
double beta_difference(const Mixture& x, const Mixture& y, double d, double narrowest) {
  const double low = std::clamp(d, 0.0, 1.0);
  const double high = std::clamp(1.0 + d, 0.0, 1.0);
  double shape = 1.0;
  for (const MixtureComponent& c : x.components) {
    if (low == 0.0) shape = std::min(shape, c.a);
    if (high == 1.0) shape = std::min(shape, c.b);
  }
  double sum = 0.0;
  mixtures::for_each_end_node(low, high, narrowest, mixtures::reach_of(shape),
                              [&](const mixtures::EndNode& n) {
                                const double own = low == 0.0 ? n.above_low : n.x;
                                const double rest = high == 1.0 ? n.below_high : 1.0 - n.x;
                                const double other = d >= 0.0 ? n.above_low : n.x - d;
                                const double other_rest = d <= 0.0 ? n.below_high : 1.0 - other;
                                double p = 0.0;
                                double f = 0.0;
                                for (const auto& c : x.components)
                                  p += c.weight * mixtures::beta_density(c, own, rest);
                                for (const auto& c : y.components) {
                                  f += c.weight * mixtures::beta_cdf(c, other, other_rest);
                                }
                                sum += n.weight * p * f;
                              });
  return sum + (high < 1.0 ? probability_above(x, std::max(high, low)) : 0.0);
}

double gamma_difference(const Mixture& x, const Mixture& y, double d, double narrowest) {
  const mixtures::Range of_x = mixtures::range_of(x);
  const double low = std::max(of_x.low, d);
  const double high = std::min(of_x.high, mixtures::range_of(y).high + d);
  double shape = 1.0;
  for (const MixtureComponent& c : x.components) shape = std::min(shape, c.a);
  double sum = 0.0;
  mixtures::for_each_end_node(
      low, high, narrowest, mixtures::reach_of(shape), [&](const mixtures::EndNode& n) {
        sum += n.weight * density(x, n.x) * cdf(y, d >= 0.0 ? n.above_low : n.x - d);
      });
  return sum + (high < of_x.high ? probability_above(x, std::max(high, low)) : 0.0);
}

}  // namespace

// P(X - Y > d) = integral over x of p_X(x) F_Y(x - d)
double probability_of_difference(const Mixture& x, const Mixture& y, double difference) {
  ANGIOTRIAL_EXPECT(check(x) == MixtureStatus::valid && check(y) == MixtureStatus::valid,
                    "valid mixtures");
  ANGIOTRIAL_EXPECT(x.family == y.family, "mixtures of one family");
  double sum = 0.0;
  if (x.family == MixtureFamily::normal) {
    for (const MixtureComponent& p : x.components) {
      for (const MixtureComponent& q : y.components) {
        const MixtureComponent gap{1.0, p.a - q.a, std::hypot(p.b, q.b)};
        sum += p.weight * q.weight * mixtures::upper_tail(x.family, gap, difference);
      }
    }
    return sum;
  }
  // A density times a distribution function changes faster than either.
  const double narrowest =
      0.6 * std::min(mixtures::range_of(x).narrowest, mixtures::range_of(y).narrowest);
  return x.family == MixtureFamily::beta ? beta_difference(x, y, difference, narrowest)
                                         : gamma_difference(x, y, difference, narrowest);
}

}  // namespace angiotrial::analysis
