// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/field.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace angiotrial::tissue {

double scaled_erfc(double x) {
  // exp(x^2) loses about x^2 ulp, so it serves near 0; beyond, the asymptotic series
  // 1/(x sqrt(pi)) sum (-1)^n (2n-1)!!/(2x^2)^n falls below 1e-16 within ten terms.
  constexpr double switch_to_series = 8.0;
  if (x < switch_to_series) return std::exp(x * x) * std::erfc(x);
  const double half_inverse_square = 0.5 / (x * x);
  double term = 1.0;
  double sum = 1.0;
  for (int n = 1; n <= 12; ++n) {
    term *= -(2 * n - 1) * half_inverse_square;
    sum += term;
  }
  return sum * std::numbers::inv_sqrtpi / x;
}

namespace {

// c(0) = S/(4 pi D) [ sqrt(2/pi)/s - e^(a^2/2)/l erfc(a/sqrt2) ],  a = s/l
double central_field(double sd, double diffusivity, double length) {
  const double a = sd / length;
  return (std::sqrt(2.0 * std::numbers::inv_pi) / sd -
          scaled_erfc(a / std::numbers::sqrt2) / length) /
         (4.0 * std::numbers::pi * diffusivity);
}

double gaussian_density(double distance, double sd) {
  const double width = sd * std::sqrt(2.0 * std::numbers::pi);
  const double x = distance / sd;
  return std::exp(-0.5 * x * x) / (width * width * width);
}

}  // namespace

double gaussian_field(double distance, double sd, double diffusivity, double decay) {
  const double length = std::sqrt(diffusivity / decay);
  if (distance < 1.0e-3 * std::min(sd, length)) {
    // The difference below cancels at the centre; there c = c(0) + r^2/6 Lap c(0), from the PDE.
    const double c0 = central_field(sd, diffusivity, length);
    const double curvature = (decay * c0 - gaussian_density(0.0, sd)) / diffusivity;
    return c0 + distance * distance / 6.0 * curvature;
  }
  // c = S/(8 pi D r) e^(a^2/2) [ e^(-r/l) erfc(z-) - e^(r/l) erfc(z+) ],  z-+ = (a -+ r/s)/sqrt2,
  // where e^(a^2/2 -+ r/l) = e^(z^2) e^(-r^2/2s^2) takes the overflow out.
  const double a = sd / length;
  const double x = distance / sd;
  const double minus = (a - x) / std::numbers::sqrt2;
  const double plus = (a + x) / std::numbers::sqrt2;
  const double gauss = std::exp(-0.5 * x * x);
  const double near = minus >= 0.0 ? gauss * scaled_erfc(minus)
                                   : std::exp(0.5 * a * a - distance / length) * std::erfc(minus);
  const double far = gauss * scaled_erfc(plus);
  return (near - far) / (8.0 * std::numbers::pi * diffusivity * distance);
}

std::vector<double> shell_field(std::span<const double> source, double shell_width,
                                double diffusivity, double decay) {
  // Shell i between r_i and r_(i+1):  V_i (S_i - k c_i) + sum of D A (c_j - c_i)/h = 0; Thomas.
  const std::size_t n = source.size();
  std::vector<double> c(n);
  std::vector<double> above(n);
  const double per_volume = 4.0 / 3.0 * std::numbers::pi;
  double inward = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double r_in = shell_width * static_cast<double>(i);
    const double r_out = r_in + shell_width;
    const double volume = per_volume * (r_out * r_out * r_out - r_in * r_in * r_in);
    const double outward =
        i + 1 < n ? diffusivity * 4.0 * std::numbers::pi * r_out * r_out / shell_width : 0.0;
    double diagonal = volume * decay + inward + outward;
    double right = volume * source[i];
    if (i > 0) {
      diagonal -= inward * above[i - 1];
      right += inward * c[i - 1];
    }
    above[i] = outward / diagonal;
    c[i] = right / diagonal;
    inward = outward;
  }
  for (std::size_t i = n; i-- > 1;) c[i - 1] += above[i - 1] * c[i];
  return c;
}

Transport transport(const Parameters& p) {
  Transport t;
  const double length = p.secretion.decay_length_mm.value();
  t.decay_per_day = p.secretion.factor_decay_per_hour.to<units::PerDay>().value();
  t.diffusivity_mm2_per_day = t.decay_per_day * length * length;
  t.slow_loss_per_day =
      std::numbers::ln2 / p.survival.slow_half_life_hours.to<units::Days>().value();
  t.fast_loss_per_day =
      std::numbers::ln2 / p.survival.fast_half_life_hours.to<units::Days>().value();
  ANGIOTRIAL_EXPECT(t.decay_per_day > t.fast_loss_per_day && t.decay_per_day > t.slow_loss_per_day,
                    "the factor must decay faster than the cells");
  return t;
}

}  // namespace angiotrial::tissue
