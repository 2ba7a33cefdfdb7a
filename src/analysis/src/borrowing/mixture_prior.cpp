// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/tools/minima.hpp>

#include <limits>

#include "borrowing/mixture_parts.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

void expect_valid(const Mixture& mixture) {
  ANGIOTRIAL_EXPECT(check(mixture) == MixtureStatus::valid, "a valid mixture");
}

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

/// ln of the predictive density or mass of the data under one component.
double log_predictive(const Mixture& m, const MixtureComponent& c, const ArmData& d) {
  switch (m.family) {
    case MixtureFamily::beta:
      return log_beta(c.a + d.value, c.b + d.size - d.value) - log_beta(c.a, c.b) -
             std::log(d.size + 1.0) - log_beta(d.value + 1.0, d.size - d.value + 1.0);
    case MixtureFamily::normal: {
      const MixtureComponent p{1.0, c.a, std::sqrt(c.b * c.b + m.sigma * m.sigma / d.size)};
      return mixtures::log_density(m.family, p, d.value);
    }
    case MixtureFamily::gamma: {
      const double a = c.a + d.value;
      return std::lgamma(a) - std::lgamma(c.a) - std::lgamma(d.value + 1.0) +
             c.a * std::log(c.b / (c.b + d.size)) + d.value * std::log(d.size / (c.b + d.size));
    }
  }
  return 0.0;
}

MixtureComponent updated(const Mixture& m, const MixtureComponent& c, const ArmData& d) {
  switch (m.family) {
    case MixtureFamily::beta:
      return {c.weight, c.a + d.value, c.b + d.size - d.value};
    case MixtureFamily::normal: {
      const double prior = 1.0 / (c.b * c.b);
      const double data = d.size / (m.sigma * m.sigma);
      return {c.weight, (prior * c.a + data * d.value) / (prior + data),
              1.0 / std::sqrt(prior + data)};
    }
    case MixtureFamily::gamma:
      return {c.weight, c.a + d.value, c.b + d.size};
  }
  return c;
}

bool valid_data(const Mixture& m, const ArmData& d) {
  if (!(d.size > 0.0) || !std::isfinite(d.size) || !std::isfinite(d.value)) return false;
  if (m.family == MixtureFamily::normal) return true;
  return d.value >= 0.0 && (m.family == MixtureFamily::gamma || d.value <= d.size);
}

}  // namespace

std::string_view name_of(MixtureStatus status) {
  switch (status) {
    case MixtureStatus::valid:
      return "valid";
    case MixtureStatus::no_component:
      return "no component";
    case MixtureStatus::invalid_weight:
      return "weights must be positive and sum to 1";
    case MixtureStatus::invalid_parameter:
      return "a parameter outside its range";
    case MixtureStatus::invalid_data:
      return "data outside their range";
    case MixtureStatus::divergent:
      return "the integral diverges: a shape below 1";
    case MixtureStatus::different_families:
      return "mixtures of different families";
  }
  return "unknown";
}

MixtureStatus check(const Mixture& mixture) {
  if (mixture.components.empty()) return MixtureStatus::no_component;
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    if (!(c.weight > 0.0)) return MixtureStatus::invalid_weight;
    sum += c.weight;
    const bool a = mixture.family == MixtureFamily::normal || c.a > 0.0;
    if (!a || !(c.b > 0.0) || !std::isfinite(c.a) || !std::isfinite(c.b)) {
      return MixtureStatus::invalid_parameter;
    }
  }
  if (!(std::fabs(sum - 1.0) < 1.0e-6)) return MixtureStatus::invalid_weight;
  const bool scale = mixture.sigma > 0.0 && std::isfinite(mixture.sigma);
  return scale ? MixtureStatus::valid : MixtureStatus::invalid_parameter;
}

double density(const Mixture& mixture, double theta) {
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    sum += c.weight * std::exp(mixtures::log_density(mixture.family, c, theta));
  }
  return sum;
}

double cdf(const Mixture& mixture, double theta) {
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    sum += c.weight * mixtures::lower_tail(mixture.family, c, theta);
  }
  return sum;
}

double probability_above(const Mixture& mixture, double x) {
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    sum += c.weight * mixtures::upper_tail(mixture.family, c, x);
  }
  return sum;
}

double quantile(const Mixture& mixture, double p) {
  expect_valid(mixture);
  ANGIOTRIAL_EXPECT(p > 0.0 && p < 1.0, "a probability inside (0, 1)");
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const MixtureComponent& c : mixture.components) {
    const double q = mixtures::component_quantile(mixture.family, c, p);
    low = std::min(low, q);
    high = std::max(high, q);
  }
  if (!(high - low > 1.0e-14 * std::fabs(high))) return low;
  const auto excess = [&](double x) {
    return p < 0.5 ? cdf(mixture, x) - p : (1.0 - p) - probability_above(mixture, x);
  };
  // The ends are component quantiles: rounding may leave the root a hair outside.
  if (excess(low) >= 0.0) return low;
  if (excess(high) <= 0.0) return high;
  return root(excess, low, high, 1.0e-15);
}

double mean(const Mixture& mixture) {
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    sum += c.weight * mixtures::component_mean(mixture.family, c);
  }
  return sum;
}

double standard_deviation(const Mixture& mixture) {
  const double centre = mean(mixture);
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    const double off = mixtures::component_mean(mixture.family, c) - centre;
    sum += c.weight * (mixtures::component_variance(mixture.family, c) + off * off);
  }
  return std::sqrt(sum);
}

double mode(const Mixture& mixture) {
  expect_valid(mixture);
  const mixtures::Range range = mixtures::range_of(mixture);
  double best = range.low;
  double before = range.low;
  double left = range.low;
  double right = range.high;
  double most = -1.0;
  bool next = false;
  const auto look = [&](double x, double) {
    const double f = density(mixture, x);
    if (next) right = x;
    next = false;
    if (f > most) {
      most = f;
      best = x;
      left = before;
      next = true;
    }
    before = x;
  };
  if (mixture.family == MixtureFamily::normal) {
    mixtures::for_each_normal_node(mixture, range.low, range.high, look);
  } else {
    mixtures::for_each_node(range.low, range.high, range.narrowest, look);
  }
  if (next) right = range.high;
  const auto [x, value] = boost::math::tools::brent_find_minima(
      [&](double at) { return -density(mixture, at); }, left, right, 53);
  return -value >= most ? x : best;
}

MixtureUpdate update(const Mixture& prior, const ArmData& data) {
  MixtureUpdate out;
  out.status = check(prior);
  if (out.status == MixtureStatus::valid && !valid_data(prior, data)) {
    out.status = MixtureStatus::invalid_data;
  }
  if (out.status != MixtureStatus::valid) return out;
  out.posterior.family = prior.family;
  out.posterior.sigma = prior.sigma;
  std::vector<double> log_weight;
  double most = -std::numeric_limits<double>::infinity();
  for (const MixtureComponent& c : prior.components) {
    log_weight.push_back(std::log(c.weight) + log_predictive(prior, c, data));
    most = std::max(most, log_weight.back());
    out.posterior.components.push_back(updated(prior, c, data));
  }
  double sum = 0.0;
  for (const double l : log_weight) sum += std::exp(l - most);
  for (std::size_t i = 0; i < log_weight.size(); ++i) {
    // A weight that underflows stays positive, so that the mixture stays valid.
    out.posterior.components[i].weight =
        std::max(std::exp(log_weight[i] - most) / sum, std::numeric_limits<double>::min());
  }
  out.log_marginal = most + std::log(sum);
  return out;
}

double predictive_mass(const Mixture& mixture, double size, double events) {
  expect_valid(mixture);
  ANGIOTRIAL_EXPECT(mixture.family != MixtureFamily::normal, "counts of events");
  const ArmData data{events, size};
  if (!valid_data(mixture, data)) return 0.0;
  double sum = 0.0;
  for (const MixtureComponent& c : mixture.components) {
    sum += c.weight * std::exp(log_predictive(mixture, c, data));
  }
  return sum;
}

Mixture predictive_mean(const Mixture& mixture, double size) {
  expect_valid(mixture);
  ANGIOTRIAL_EXPECT(mixture.family == MixtureFamily::normal && size > 0.0, "a normal mean");
  Mixture out = mixture;
  for (MixtureComponent& c : out.components) {
    c.b = std::sqrt(c.b * c.b + mixture.sigma * mixture.sigma / size);
  }
  return out;
}

MixtureAnswer robustify(const Mixture& prior, const RobustPart& part) {
  MixtureAnswer out;
  out.status = check(prior);
  if (out.status != MixtureStatus::valid) return out;
  if (!(part.weight > 0.0 && part.weight < 1.0)) {
    out.status = MixtureStatus::invalid_weight;
    return out;
  }
  MixtureComponent vague{part.weight, part.centre, part.size};
  if (prior.family == MixtureFamily::beta) {
    vague.a = part.centre * (part.size + 1.0);
    vague.b = (1.0 - part.centre) * (part.size + 1.0);
  } else if (prior.family == MixtureFamily::normal) {
    vague.b = prior.sigma / std::sqrt(part.size);
  } else {
    vague.a = part.centre * part.size;
  }
  Mixture mixture = prior;
  for (MixtureComponent& c : mixture.components) c.weight *= 1.0 - part.weight;
  mixture.components.push_back(vague);
  out.status = part.size > 0.0 ? check(mixture) : MixtureStatus::invalid_parameter;
  if (out.status == MixtureStatus::valid) out.mixture = std::move(mixture);
  return out;
}

}  // namespace angiotrial::analysis
