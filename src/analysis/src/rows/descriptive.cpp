// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::analysis {

Summary summarise(std::span<double> values) {
  Summary out;
  out.n = static_cast<int>(values.size());
  if (values.empty()) return out;
  const auto n = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double v : values) sum += v;
  const double mean = sum / n;
  out.mean = mean;
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  if (values.size() > 1) {
    out.sd = std::sqrt(squares / (n - 1.0));
    out.se = *out.sd / std::sqrt(n);
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  out.median = *middle;
  if (values.size() % 2 == 0)
    out.median = 0.5 * (*std::max_element(values.begin(), middle) + *middle);
  return out;
}

double quantile(std::span<const double> sorted, double p) {
  ANGIOTRIAL_EXPECT(!sorted.empty() && p >= 0.0 && p <= 1.0, "a sample and a share");
  const double place = static_cast<double>(sorted.size() - 1) * p;
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(below);
  return sorted[below] + share * (sorted[above] - sorted[below]);
}

double normal_p_value(double z) { return std::erfc(std::fabs(z) / std::numbers::sqrt2); }

double normal_half_width(double level) {
  ANGIOTRIAL_EXPECT(level > 0.0 && level < 1.0, "a level between 0 and 1");
  return std::numbers::sqrt2 * boost::math::erf_inv(level);
}

}  // namespace angiotrial::analysis
