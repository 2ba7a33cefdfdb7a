// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/robust_map.hpp>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <limits>

#include "borrowing/mixture_parts.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

/// A histogram of the quantity whose mixture is sought.
struct Histogram {
  std::vector<double> value, mass, log_value, log_rest;  ///< ln x, ln(1 - x) where they are needed
  double bin = 1.0;                                      ///< width of a bin of theta
};

double back(MixtureFamily family, double theta) {
  if (family == MixtureFamily::beta) return 1.0 / (1.0 + std::exp(-theta));
  return family == MixtureFamily::gamma ? std::exp(theta) : theta;
}

// The tails of theta are heavier than normal ones: an event rate e^theta has no mean unless they
// are cut, and gammas would follow the cut and not the bulk. Theirs is that of a large sample.
Histogram histogram_of(const Mixture& theta, MixtureFamily family) {
  constexpr int bins = 300;
  const double cut = family == MixtureFamily::gamma ? 1.0e-4 : 1.0e-7;
  const double low = quantile(theta, cut);
  const double high = quantile(theta, 1.0 - cut);
  Histogram out;
  out.bin = (high - low) / bins;
  double before = cdf(theta, low);
  for (int i = 0; i < bins; ++i) {
    const double edge = low + (high - low) * (i + 1) / bins;
    const double next = cdf(theta, edge);
    const double x = back(family, edge - 0.5 * (high - low) / bins);
    if (next > before) {
      out.value.push_back(x);
      out.mass.push_back(next - before);
      out.log_value.push_back(family == MixtureFamily::normal ? 0.0 : std::log(x));
      out.log_rest.push_back(family == MixtureFamily::beta ? std::log1p(-x) : 0.0);
    }
    before = next;
  }
  double sum = 0.0;
  for (const double m : out.mass) sum += m;
  for (double& m : out.mass) m /= sum;
  return out;
}

/// Weighted means that a component's likelihood needs.
struct Moments {
  double weight = 0.0, mean = 0.0, square = 0.0, log_value = 0.0, log_rest = 0.0;
};

// psi(a) - psi(a + b) = E ln x,  psi(b) - psi(a + b) = E ln(1 - x): Newton, from the last values.
MixtureComponent fit_beta(const Moments& m, MixtureComponent c) {
  using boost::math::digamma;
  using boost::math::trigamma;
  for (int i = 0; i < 30; ++i) {
    const double shared = digamma(c.a + c.b);
    const double f = digamma(c.a) - shared - m.log_value;
    const double g = digamma(c.b) - shared - m.log_rest;
    const double t = trigamma(c.a + c.b);
    const double fa = trigamma(c.a) - t;
    const double gb = trigamma(c.b) - t;
    const double det = fa * gb - t * t;
    const double da = (f * gb + g * t) / det;
    const double db = (g * fa + f * t) / det;
    c.a = std::max(c.a - da, 0.2 * c.a);
    c.b = std::max(c.b - db, 0.2 * c.b);
    if (std::fabs(da) + std::fabs(db) < 1.0e-9 * (c.a + c.b)) break;
  }
  return {m.weight, c.a, c.b};
}

// ln a - psi(a) = ln E x - E ln x;  b = a / E x. Newton from a's rational approximation (Minka
// 2002). No component is narrower than a bin, whose own gap is about bin^2 / 24.
MixtureComponent fit_gamma(const Moments& m, MixtureComponent c, double bin) {
  const double gap = std::max(std::log(m.mean) - m.log_value, bin * bin / 24.0);
  c.a = (3.0 - gap + std::sqrt((gap - 3.0) * (gap - 3.0) + 24.0 * gap)) / (12.0 * gap);
  for (int i = 0; i < 30; ++i) {
    const double f = std::log(c.a) - boost::math::digamma(c.a) - gap;
    const double slope = 1.0 / c.a - boost::math::trigamma(c.a);
    const double next = std::max(c.a - f / slope, 0.2 * c.a);
    const bool done = std::fabs(next - c.a) < 1.0e-10 * c.a;
    c.a = next;
    if (done) break;
  }
  return {m.weight, c.a, c.a / m.mean};
}

MixtureComponent maximise(MixtureFamily family, const Moments& m, const MixtureComponent& c,
                          double bin) {
  if (family == MixtureFamily::beta) return fit_beta(m, c);
  if (family == MixtureFamily::gamma) return fit_gamma(m, c, bin);
  return {m.weight, m.mean, std::sqrt(std::max(m.square - m.mean * m.mean, 1.0e-300))};
}

double log_constant(MixtureFamily family, const MixtureComponent& c) {
  if (family == MixtureFamily::beta) {
    return std::lgamma(c.a + c.b) - std::lgamma(c.a) - std::lgamma(c.b);
  }
  if (family == MixtureFamily::gamma) return c.a * std::log(c.b) - std::lgamma(c.a);
  return -std::log(c.b) - 0.5 * std::log(2.0 * std::numbers::pi);
}

double log_kernel(MixtureFamily family, const MixtureComponent& c, const Histogram& h,
                  std::size_t i) {
  if (family == MixtureFamily::beta) {
    return (c.a - 1.0) * h.log_value[i] + (c.b - 1.0) * h.log_rest[i];
  }
  if (family == MixtureFamily::gamma) return (c.a - 1.0) * h.log_value[i] - c.b * h.value[i];
  const double z = (h.value[i] - c.a) / c.b;
  return -0.5 * z * z;
}

constexpr double least_weight = 1.0e-12;  ///< a component of less takes no part

/// One round: shares of each bin, then each component's own maximum. Returns the log likelihood.
double improve(const Histogram& h, Mixture& m) {
  const std::size_t k = m.components.size();
  std::vector<Moments> moments(k);
  std::vector<double> share(k), constant(k);
  for (std::size_t c = 0; c < k; ++c) {
    constant[c] = std::log(m.components[c].weight) + log_constant(m.family, m.components[c]);
  }
  double log_likelihood = 0.0;
  for (std::size_t i = 0; i < h.value.size(); ++i) {
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < k; ++c) {
      share[c] = constant[c] + log_kernel(m.family, m.components[c], h, i);
      most = std::max(most, share[c]);
    }
    double sum = 0.0;
    for (double& s : share) sum += s = std::exp(s - most);
    log_likelihood += h.mass[i] * (most + std::log(sum));
    for (std::size_t c = 0; c < k; ++c) {
      const double w = h.mass[i] * share[c] / sum;
      moments[c].weight += w;
      moments[c].mean += w * h.value[i];
      moments[c].square += w * h.value[i] * h.value[i];
      moments[c].log_value += w * h.log_value[i];
      moments[c].log_rest += w * h.log_rest[i];
    }
  }
  for (std::size_t c = 0; c < k; ++c) {
    Moments& s = moments[c];
    if (!(s.weight > least_weight)) {
      m.components[c].weight = least_weight;
      continue;
    }
    for (double* value : {&s.mean, &s.square, &s.log_value, &s.log_rest}) *value /= s.weight;
    m.components[c] = maximise(m.family, s, m.components[c], h.bin);
  }
  return log_likelihood;
}

// psi'(a) = variance of ln x, psi(a) - ln b = its mean; 1 / a + 1 / (2 a^2) stands for psi'(a).
MixtureComponent gamma_of_logs(double weight, double centre, double variance) {
  const double a = 0.5 * (1.0 + std::sqrt(1.0 + 2.0 * variance)) / variance;
  return {weight, a, std::exp(boost::math::digamma(a) - centre)};
}

/// Components that share the centre and grow wider; gammas on the scale of theta.
Mixture start_of(const Histogram& h, MixtureFamily family, std::size_t components, double sigma) {
  const std::vector<double>& x = family == MixtureFamily::gamma ? h.log_value : h.value;
  double centre = 0.0;
  double variance = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) centre += h.mass[i] * x[i];
  for (std::size_t i = 0; i < x.size(); ++i) {
    variance += h.mass[i] * (x[i] - centre) * (x[i] - centre);
  }
  Mixture out{family, {}, sigma};
  for (std::size_t c = 0; c < components; ++c) {
    const double wide = std::pow(3.0, static_cast<double>(c)) * 0.4;
    const double weight = 1.0 / static_cast<double>(components);
    if (family == MixtureFamily::beta) {
      const double n = std::max(centre * (1.0 - centre) / (variance * wide) - 1.0, 1.0);
      out.components.push_back({weight, centre * n, (1.0 - centre) * n});
    } else if (family == MixtureFamily::gamma) {
      out.components.push_back(gamma_of_logs(weight, centre, variance * wide));
    } else {
      out.components.push_back({weight, centre, std::sqrt(variance * wide)});
    }
  }
  return out;
}

double bin_width(const Histogram& h, std::size_t i) {
  const std::size_t last = h.value.size() - 1;
  if (last == 0) return 1.0;
  if (i == 0) return h.value[1] - h.value[0];
  if (i == last) return h.value[last] - h.value[last - 1];
  return 0.5 * (h.value[i + 1] - h.value[i - 1]);
}

/// Components that ended without a share go; the rest sum to 1.
void tidy(Mixture& m) {
  std::erase_if(m.components,
                [](const MixtureComponent& c) { return c.weight <= 2.0 * least_weight; });
  double sum = 0.0;
  for (const MixtureComponent& c : m.components) sum += c.weight;
  for (MixtureComponent& c : m.components) c.weight /= sum;
}

}  // namespace

MixtureFit fit_mixture(const Mixture& theta, MixtureFamily family, std::size_t components) {
  MixtureFit out;
  const bool usable = check(theta) == MixtureStatus::valid &&
                      theta.family == MixtureFamily::normal && components >= 1 && components <= 8;
  out.status = usable ? MapStatus::not_converged : MapStatus::invalid_data;
  if (!usable) return out;
  const Histogram h = histogram_of(theta, family);
  out.mixture = start_of(h, family, components, theta.sigma);
  double before = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3000; ++i) {
    const double now = improve(h, out.mixture);
    if (!std::isfinite(now)) return out;
    // Many components creep on for ever: what they still gain is nothing.
    if (now - before < (i < 2999 ? 1.0e-9 : 1.0e-6)) {
      out.status = MapStatus::derived;
      break;
    }
    before = now;
  }
  for (std::size_t i = 0; i < h.value.size(); ++i) {
    out.divergence += h.mass[i] * std::log(h.mass[i] / bin_width(h, i));
  }
  out.divergence -= before;
  tidy(out.mixture);
  if (check(out.mixture) != MixtureStatus::valid) out.status = MapStatus::not_converged;
  return out;
}

}  // namespace angiotrial::analysis
