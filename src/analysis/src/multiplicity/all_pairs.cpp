// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/tools/roots.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "multiplicity/adjusted_tail.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

/// P(range <= w) = k int phi(z) [Phi(z) - Phi(z - w)]^(k - 1) dz, z the largest.
double range_probability(double w, int k) {
  constexpr double far = 8.5;
  double sum = 0.0;
  quadrature::for_each_panel_node<14>(-far, far, 1.0, [&](double z, double weight) {
    // From the side on which the difference keeps its digits.
    const double within = z > 0.0 ? quadrature::normal_cdf(w - z) - quadrature::normal_cdf(-z)
                                  : quadrature::normal_cdf(z) - quadrature::normal_cdf(z - w);
    sum += weight * quadrature::normal_density(z) * std::pow(within, k - 1);
  });
  return k * sum;
}

}  // namespace

double studentized_range_probability(double q, int k, double df) {
  ANGIOTRIAL_EXPECT(k >= 2 && df > 0.0, "two arms, and degrees of freedom");
  if (!(q > 0.0)) return 0.0;
  double sum = 0.0;
  quadrature::for_each_scale(
      df, [&](double s, double weight) { sum += weight * range_probability(q * s, k); });
  return std::min(1.0, sum);
}

double studentized_range_quantile(double p, int k, double df) {
  ANGIOTRIAL_EXPECT(p > 0.0 && p < 1.0, "a probability");
  const auto excess = [&](double q) { return studentized_range_probability(q, k, df) - p; };
  double high = 4.0;
  while (excess(high) < 0.0) high *= 2.0;
  std::uintmax_t turns = 200;
  const auto root = boost::math::tools::toms748_solve(
      excess, 0.0, high, boost::math::tools::eps_tolerance<double>(48), turns);
  return 0.5 * (root.first + root.second);
}

AllPairs tukey(const ArmMeans& arms, double level) {
  const std::size_t k = arms.means.size();
  ANGIOTRIAL_EXPECT(k >= 2 && arms.sizes.size() == k, "a size an arm");
  ANGIOTRIAL_EXPECT(arms.sigma > 0.0 && level > 0.0 && level < 1.0, "sigma and a level");
  const auto count = static_cast<int>(k);
  AllPairs out;
  out.critical_value = studentized_range_quantile(level, count, arms.df);
  for (std::size_t i = 0; i < k; ++i) {
    ANGIOTRIAL_EXPECT(arms.sizes[i] >= 1.0, "patients in each arm");
    for (std::size_t j = i + 1; j < k; ++j) {
      Comparison c;
      c.estimate = arms.means[j] - arms.means[i];
      c.se = arms.sigma * std::sqrt(1.0 / arms.sizes[i] + 1.0 / arms.sizes[j]);
      c.t = c.estimate / c.se;
      c.p_unadjusted = unadjusted_p(c.t, arms.df, Sides::two);
      const double q = std::numbers::sqrt2 * std::fabs(c.t);
      const Probability inside{studentized_range_probability(q, count, arms.df),
                               quadrature_rounding};
      c.p_adjusted = any_outside(inside, c.p_unadjusted, k * (k - 1) / 2).value;
      const double reach = out.critical_value / std::numbers::sqrt2 * c.se;
      c.lower = c.estimate - reach;
      c.upper = c.estimate + reach;
      out.pairs.push_back({i, j});
      out.comparisons.push_back(c);
    }
  }
  return out;
}

}  // namespace angiotrial::analysis
