// SPDX-License-Identifier: Apache-2.0
#pragma once

/// From a uniform u in (0, 1) to a draw: inverse distribution functions, so that a draw rises with
/// u and common random numbers stay common. Expects u in (0, 1) and parameters in the stated range;
/// outside it a ContractViolation is thrown.
namespace angiotrial::random {

/// Standard normal. Wichura's AS 241 PPND16 (1988, Appl. Stat. 37:477, doi 10.2307/2347330),
/// relative accuracy about 1e-16.
[[nodiscard]] double normal_quantile(double u);
/// exp(mean_log + sd_log Z); sd_log >= 0.
[[nodiscard]] double lognormal_quantile(double u, double mean_log, double sd_log);
/// Logit-normal on (0, 1): 1 / (1 + exp(-(mean_logit + sd_logit Z))); sd_logit >= 0.
[[nodiscard]] double logit_normal_quantile(double u, double mean_logit, double sd_logit);
/// Mean 1 / rate; rate > 0.
[[nodiscard]] double exponential_quantile(double u, double rate);
/// Shape > 0, scale > 0 (mean shape * scale), through Boost.Math.
[[nodiscard]] double gamma_quantile(double u, double shape, double scale);
/// Beta(a, b), a and b > 0, through Boost.Math.
[[nodiscard]] double beta_quantile(double u, double a, double b);
/// Smallest n with P(N <= n) >= u; mean >= 0.
[[nodiscard]] int poisson_quantile(double u, double mean);
/// NB2: variance mean + dispersion mean^2; mean >= 0, dispersion >= 0 (0 is Poisson).
[[nodiscard]] int negative_binomial_quantile(double u, double mean, double dispersion);
/// Binomial(trials, p), by summing its mass; trials >= 0, p in [0, 1].
[[nodiscard]] int binomial_quantile(double u, int trials, double p);

/// Standard normal distribution function, through erfc.
[[nodiscard]] double normal_cdf(double z);
[[nodiscard]] double logit(double p);
[[nodiscard]] double inverse_logit(double x);

}  // namespace angiotrial::random
