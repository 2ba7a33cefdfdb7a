// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/random/transforms.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <array>
#include <cmath>

namespace angiotrial::random {
namespace {

template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  double sum = c[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + c[i];
  return sum;
}

// Coefficients of AS 241, routine PPND16: numerator and denominator of three rational functions.
constexpr std::array<double, 8> centre_num{3.3871328727963666080e0,  1.3314166789178437745e+2,
                                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr std::array<double, 8> centre_den{1.0,
                                           4.2313330701600911252e+1,
                                           6.8718700749205790830e+2,
                                           5.3941960214247511077e+3,
                                           2.1213794301586595867e+4,
                                           3.9307895800092710610e+4,
                                           2.8729085735721942674e+4,
                                           5.2264952788528545610e+3};
constexpr std::array<double, 8> middle_num{1.42343711074968357734e0,  4.63033784615654529590e0,
                                           5.76949722146069140550e0,  3.64784832476320460504e0,
                                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> middle_den{1.0,
                                           2.05319162663775882187e0,
                                           1.67638483018380384940e0,
                                           6.89767334985100004550e-1,
                                           1.48103976427480074590e-1,
                                           1.51986665636164571966e-2,
                                           5.47593808499534494600e-4,
                                           1.05075007164441684324e-9};
constexpr std::array<double, 8> far_num{6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> far_den{1.0,
                                        5.99832206555887937690e-1,
                                        1.36929880922735805310e-1,
                                        1.48753612908506148525e-2,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};

void expect_probability(double u) {
  ANGIOTRIAL_EXPECT(u > 0.0 && u < 1.0, "a quantile is asked for a probability inside (0, 1)");
}

}  // namespace

double normal_quantile(double u) {
  const double q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(centre_num, r) / polynomial(centre_den, r);
  }
  expect_probability(u);
  double r = std::sqrt(-std::log(q < 0 ? u : 1.0 - u));
  const double z = r <= 5.0 ? (r -= 1.6, polynomial(middle_num, r) / polynomial(middle_den, r))
                            : (r -= 5.0, polynomial(far_num, r) / polynomial(far_den, r));
  return q < 0 ? -z : z;
}

double lognormal_quantile(double u, double mean_log, double sd_log) {
  ANGIOTRIAL_EXPECT(sd_log >= 0.0, "a standard deviation is not negative");
  return std::exp(mean_log + sd_log * normal_quantile(u));
}

double logit_normal_quantile(double u, double mean_logit, double sd_logit) {
  ANGIOTRIAL_EXPECT(sd_logit >= 0.0, "a standard deviation is not negative");
  return inverse_logit(mean_logit + sd_logit * normal_quantile(u));
}

double exponential_quantile(double u, double rate) {
  expect_probability(u);
  ANGIOTRIAL_EXPECT(rate > 0.0, "a rate is positive");
  return -std::log1p(-u) / rate;
}

double gamma_quantile(double u, double shape, double scale) {
  expect_probability(u);
  ANGIOTRIAL_EXPECT(shape > 0.0 && scale > 0.0, "gamma shape and scale are positive");
  return scale * boost::math::gamma_p_inv(shape, u);
}

double beta_quantile(double u, double a, double b) {
  expect_probability(u);
  ANGIOTRIAL_EXPECT(a > 0.0 && b > 0.0, "beta shapes are positive");
  return boost::math::ibeta_inv(a, b, u);
}

int poisson_quantile(double u, double mean) { return negative_binomial_quantile(u, mean, 0.0); }

int negative_binomial_quantile(double u, double mean, double dispersion) {
  expect_probability(u);
  ANGIOTRIAL_EXPECT(mean >= 0.0 && mean < 1e6, "a mean count is between 0 and 1e6");
  ANGIOTRIAL_EXPECT(dispersion >= 0.0, "a dispersion is not negative");
  if (mean == 0.0) return 0;
  // p(0) = (1 + a m)^(-1/a);  p(k+1)/p(k) = (m + a m k) / ((k + 1)(1 + a m)).
  // Beyond exp(-700) the mass at zero underflows: sum upwards from the log mass instead.
  const double am = dispersion * mean;
  const double log_p0 = am > 0.0 ? -std::log1p(am) / dispersion : -mean;
  double log_p = log_p0;
  double p = std::exp(log_p);
  double sum = p;
  int k = 0;
  while (sum < u) {
    const double ratio = (mean + am * k) / ((k + 1.0) * (1.0 + am));
    ++k;
    if (p > 0.0) {
      p *= ratio;
    } else {
      log_p += std::log(ratio);
      p = log_p > -700.0 ? std::exp(log_p) : 0.0;
    }
    sum += p;
    // Past the mode the remaining mass is lost in rounding: u sits in the last 1e-15.
    if (p < 1e-18 && k > mean) break;
  }
  return k;
}

int binomial_quantile(double u, int trials, double p) {
  expect_probability(u);
  ANGIOTRIAL_EXPECT(trials >= 0 && p >= 0.0 && p <= 1.0, "trials >= 0 and p in [0, 1]");
  if (p == 0.0 || trials == 0) return 0;
  if (p == 1.0) return trials;
  double mass = std::exp(trials * std::log1p(-p));
  double sum = mass;
  int k = 0;
  while (sum < u && k < trials) {
    mass *= (trials - k) / (k + 1.0) * (p / (1.0 - p));
    ++k;
    sum += mass;
  }
  return k;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z * 0.70710678118654752440); }
double logit(double p) { return std::log(p / (1.0 - p)); }
double inverse_logit(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace angiotrial::random
