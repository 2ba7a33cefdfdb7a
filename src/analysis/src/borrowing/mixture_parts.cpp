// SPDX-License-Identifier: Apache-2.0
#include "borrowing/mixture_parts.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <limits>

namespace angiotrial::analysis::mixtures {

double log_density(MixtureFamily family, const MixtureComponent& c, double x) {
  constexpr double never = -std::numeric_limits<double>::infinity();
  switch (family) {
    case MixtureFamily::beta:
      if (!(x > 0.0 && x < 1.0)) return never;
      return (c.a - 1.0) * std::log(x) + (c.b - 1.0) * std::log1p(-x) + std::lgamma(c.a + c.b) -
             std::lgamma(c.a) - std::lgamma(c.b);
    case MixtureFamily::normal: {
      const double z = (x - c.a) / c.b;
      return -0.5 * z * z - std::log(c.b) - 0.5 * std::log(2.0 * std::numbers::pi);
    }
    case MixtureFamily::gamma:
      if (!(x > 0.0)) return never;
      return (c.a - 1.0) * std::log(x) - c.b * x + c.a * std::log(c.b) - std::lgamma(c.a);
  }
  return never;
}

double lower_tail(MixtureFamily family, const MixtureComponent& c, double x) {
  switch (family) {
    case MixtureFamily::beta:
      return x <= 0.0 ? 0.0 : x >= 1.0 ? 1.0 : boost::math::ibeta(c.a, c.b, x);
    case MixtureFamily::normal:
      return quadrature::normal_cdf((x - c.a) / c.b);
    case MixtureFamily::gamma:
      return x <= 0.0 ? 0.0 : boost::math::gamma_p(c.a, c.b * x);
  }
  return 0.0;
}

double upper_tail(MixtureFamily family, const MixtureComponent& c, double x) {
  switch (family) {
    case MixtureFamily::beta:
      return x <= 0.0 ? 1.0 : x >= 1.0 ? 0.0 : boost::math::ibetac(c.a, c.b, x);
    case MixtureFamily::normal:
      return quadrature::normal_cdf((c.a - x) / c.b);
    case MixtureFamily::gamma:
      return x <= 0.0 ? 1.0 : boost::math::gamma_q(c.a, c.b * x);
  }
  return 0.0;
}

double component_quantile(MixtureFamily family, const MixtureComponent& c, double p) {
  switch (family) {
    case MixtureFamily::beta:
      return boost::math::ibeta_inv(c.a, c.b, p);
    case MixtureFamily::normal:
      return c.a + c.b * quadrature::normal_quantile(p);
    case MixtureFamily::gamma:
      return boost::math::gamma_p_inv(c.a, p) / c.b;
  }
  return 0.0;
}

double component_mean(MixtureFamily family, const MixtureComponent& c) {
  if (family == MixtureFamily::beta) return c.a / (c.a + c.b);
  return family == MixtureFamily::normal ? c.a : c.a / c.b;
}

double component_variance(MixtureFamily family, const MixtureComponent& c) {
  const double n = c.a + c.b;
  if (family == MixtureFamily::beta) return c.a * c.b / (n * n * (n + 1.0));
  return family == MixtureFamily::normal ? c.b * c.b : c.a / (c.b * c.b);
}

double beta_density(const MixtureComponent& c, double x, double rest) {
  return std::exp((c.a - 1.0) * std::log(x) + (c.b - 1.0) * std::log(rest) +
                  std::lgamma(c.a + c.b) - std::lgamma(c.a) - std::lgamma(c.b));
}

double beta_cdf(const MixtureComponent& c, double x, double rest) {
  if (x <= 0.0) return 0.0;
  if (rest <= 0.0) return 1.0;
  return x < 0.5 ? boost::math::ibeta(c.a, c.b, x) : 1.0 - boost::math::ibeta(c.b, c.a, rest);
}

Range range_of(const Mixture& mixture) {
  Range out{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
            std::numeric_limits<double>::infinity()};
  for (const MixtureComponent& c : mixture.components) {
    const double sd = std::sqrt(component_variance(mixture.family, c));
    out.narrowest = std::min(out.narrowest, sd);
    if (mixture.family == MixtureFamily::normal) {
      out.low = std::min(out.low, c.a - 9.0 * sd);
      out.high = std::max(out.high, c.a + 9.0 * sd);
    } else if (mixture.family == MixtureFamily::gamma) {
      out.low = 0.0;
      out.high = std::max(out.high, boost::math::gamma_q_inv(c.a, 1.0e-17) / c.b);
    } else {
      out.low = 0.0;
      out.high = 1.0;
    }
  }
  return out;
}

}  // namespace angiotrial::analysis::mixtures
