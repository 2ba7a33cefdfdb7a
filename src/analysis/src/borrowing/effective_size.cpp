// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <limits>

#include "borrowing/mixture_parts.hpp"

namespace angiotrial::analysis {
namespace {

/// First and second derivative of one component's log density.
std::pair<double, double> slopes(MixtureFamily family, const MixtureComponent& c, double x) {
  switch (family) {
    case MixtureFamily::beta:
      return {(c.a - 1.0) / x - (c.b - 1.0) / (1.0 - x),
              -(c.a - 1.0) / (x * x) - (c.b - 1.0) / ((1.0 - x) * (1.0 - x))};
    case MixtureFamily::normal:
      return {-(x - c.a) / (c.b * c.b), -1.0 / (c.b * c.b)};
    case MixtureFamily::gamma:
      return {(c.a - 1.0) / x - c.b, -(c.a - 1.0) / (x * x)};
  }
  return {};
}

// i(theta) = -(ln p)'' = (p' / p)^2 - p'' / p
struct LocalInformation {
  double density = 0.0;
  double information = 0.0;
};

LocalInformation local_information(const Mixture& m, double x) {
  double first = 0.0;
  double second = 0.0;
  double p = 0.0;
  for (const MixtureComponent& c : m.components) {
    const double f = c.weight * std::exp(mixtures::log_density(m.family, c, x));
    const auto [g, h] = slopes(m.family, c, x);
    p += f;
    first += f * g;
    second += f * (g * g + h);
  }
  if (!(p > 0.0)) return {};
  return {p, first / p * (first / p) - second / p};
}

/// 1 / i_F(theta), the inverse Fisher information of one observation.
double inverse_fisher(const Mixture& m, double x) {
  if (m.family == MixtureFamily::beta) return x * (1.0 - x);
  return m.family == MixtureFamily::normal ? m.sigma * m.sigma : x;
}

bool shapes_at_least_one(const Mixture& m) {
  return std::all_of(m.components.begin(), m.components.end(), [&](const MixtureComponent& c) {
    return m.family == MixtureFamily::normal ||
           (c.a >= 1.0 && (m.family == MixtureFamily::gamma || c.b >= 1.0));
  });
}

double by_moments(const Mixture& m) {
  const double centre = mean(m);
  const double variance = standard_deviation(m) * standard_deviation(m);
  if (m.family == MixtureFamily::beta) return centre * (1.0 - centre) / variance - 1.0;
  return m.family == MixtureFamily::normal ? m.sigma * m.sigma / variance : centre / variance;
}

double by_information_ratio(const Mixture& m) {
  const mixtures::Range range = mixtures::range_of(m);
  double sum = 0.0;
  const auto add = [&](double x, double w) {
    const LocalInformation local = local_information(m, x);
    sum += w * local.density * local.information * inverse_fisher(m, x);
  };
  // The ratio bends where components cross, faster than any of them.
  if (m.family == MixtureFamily::normal) {
    mixtures::for_each_normal_node(m, range.low, range.high, add);
  } else {
    mixtures::for_each_node(range.low, range.high, 0.25 * range.narrowest, add);
  }
  return sum;
}

double at_mode(const Mixture& m) {
  constexpr double hundredth = 0.01;
  const double top = mode(m);
  const double prior = local_information(m, top).information;
  if (m.family == MixtureFamily::beta) {
    const MixtureComponent flat{1.0, top * hundredth, (1.0 - top) * hundredth};
    const double expected = mean(m) / (top * top) + (1.0 - mean(m)) / ((1.0 - top) * (1.0 - top));
    return (prior + slopes(m.family, flat, top).second) / expected;
  }
  if (m.family == MixtureFamily::gamma) {
    const MixtureComponent flat{1.0, top * hundredth, hundredth};
    return (prior + slopes(m.family, flat, top).second) * top * top / mean(m);
  }
  double widest = 0.0;
  for (const MixtureComponent& c : m.components) widest = std::max(widest, c.b);
  return (prior - hundredth / (widest * widest)) * m.sigma * m.sigma;
}

}  // namespace

EffectiveSizeAnswer effective_size(const Mixture& mixture, EffectiveSize method) {
  EffectiveSizeAnswer out{check(mixture), 0.0};
  if (out.status != MixtureStatus::valid) return out;
  if (method == EffectiveSize::moment) {
    out.size = by_moments(mixture);
  } else if (method == EffectiveSize::elir) {
    if (!shapes_at_least_one(mixture)) {
      out.status = MixtureStatus::divergent;
    } else {
      out.size = by_information_ratio(mixture);
    }
  } else {
    out.size = at_mode(mixture);
  }
  return out;
}

}  // namespace angiotrial::analysis
