// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/closed_form.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

namespace angiotrial::numerics {

// P^2 + B P - C = 0 with B = M/F + P50 - Pa and C = Pa P50: of the two ways to write the positive
// root, the one that adds numbers of one sign.
double balanced_pressure(double supply, double arterial, double demand, double half) {
  ANGIOTRIAL_EXPECT(supply > 0.0 && half > 0.0, "supply and half-pressure are above 0");
  ANGIOTRIAL_EXPECT(arterial >= 0.0 && demand >= 0.0, "nothing is negative");
  const double b = demand / supply + half - arterial;
  const double c = arterial * half;
  const double root = std::sqrt(b * b + 4.0 * c);
  return b > 0.0 ? 2.0 * c / (b + root) : 0.5 * (root - b);
}

}  // namespace angiotrial::numerics
