// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/tissue/arterioles.hpp>

#include <cmath>

namespace angiotrial::tissue {

double kernel(double distance_mm, double reach_mm) {
  const double x = distance_mm / reach_mm;
  return std::exp(-0.5 * x * x);
}

double arteriolar_gain(std::span<const double> pulls, units::Fraction ceiling) {
  double untouched = 1.0;
  for (const double pull : pulls) untouched *= 1.0 - pull;
  return ceiling.value() * (1.0 - untouched);
}

}  // namespace angiotrial::tissue
