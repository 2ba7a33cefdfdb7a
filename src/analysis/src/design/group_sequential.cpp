// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "design/bounds_parts.hpp"
#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
using bounds::check;
using bounds::infinity;
using bounds::mirror;
using bounds::none;
using bounds::total;

double Spending::spent(double t, double total_level) const {
  if (t >= 1.0) return total_level;
  switch (kind) {
    case SpendingKind::obrien_fleming:
      return 2.0 *
             quadrature::normal_cdf(-quadrature::upper_quantile(0.5 * total_level) / std::sqrt(t));
    case SpendingKind::pocock:
      return total_level * std::log1p(std::expm1(1.0) * t);
    case SpendingKind::kim_demets:
      ANGIOTRIAL_EXPECT(parameter > 0.0, "a positive power");
      return total_level * std::pow(t, parameter);
    case SpendingKind::hwang_shih_decani:
      return parameter == 0.0 ? total_level * t
                              : total_level * std::expm1(-parameter * t) / std::expm1(-parameter);
  }
  ANGIOTRIAL_EXPECT(false, "a known spending function");
  return 0.0;
}

double StageProbabilities::reject() const { return total(upper); }

StageProbabilities stage_probabilities(std::span<const double> lower, std::span<const double> upper,
                                       std::span<const double> information, double drift) {
  check(information, 0.1);
  const std::size_t stages = information.size();
  ANGIOTRIAL_EXPECT(lower.size() == stages && upper.size() == stages, "bounds for each stage");
  StageProbabilities out;
  SequentialRecursion recursion(drift, information[0], reach_for(upper));
  for (std::size_t k = 0; k < stages; ++k) {
    ANGIOTRIAL_EXPECT(lower[k] <= upper[k], "the lower bound below the upper");
    out.upper.push_back(recursion.above(upper[k]));
    out.lower.push_back(recursion.below(lower[k]));
    if (k + 1 < stages) recursion.advance(lower[k], upper[k], information[k + 1]);
  }
  return out;
}

std::vector<double> spending_bounds(std::span<const double> information, double alpha,
                                    const Spending& spending, Sides sides) {
  check(information, alpha);
  const bool two = sides == Sides::two;
  const double level = two ? 0.5 * alpha : alpha;
  std::vector<double> z_of_look;
  SequentialRecursion recursion(0.0, information[0],
                                bounds::spending_reach(spending, information, level));
  double before = 0.0;
  for (std::size_t k = 0; k < information.size(); ++k) {
    const double now = spending.spent(information[k], level);
    // By symmetry each side takes its half.
    const double z = recursion.solve_above(now - before);
    z_of_look.push_back(z);
    before = now;
    if (k + 1 < information.size()) recursion.advance(two ? -z : -infinity, z, information[k + 1]);
  }
  return z_of_look;
}

std::vector<double> wang_tsiatis_bounds(std::span<const double> information, double alpha,
                                        double delta, Sides sides) {
  check(information, alpha);
  const auto bounds = [&](double c) {
    std::vector<double> z;
    for (const double t : information) z.push_back(c * std::pow(t, delta - 0.5));
    return z;
  };
  // ln of the level, nearly straight in c.
  const auto excess = [&](double c) {
    const std::vector<double> z = bounds(c);
    const auto p =
        stage_probabilities(sides == Sides::two ? mirror(z) : none(z.size()), z, information, 0.0);
    return std::log((p.reject() + (sides == Sides::two ? total(p.lower) : 0.0)) / alpha);
  };
  const double level = sides == Sides::two ? 0.5 * alpha : alpha;
  // Bonferroni's bound at every stage spends less than alpha.
  const auto stages = static_cast<double>(information.size());
  const double fixed = quadrature::upper_quantile(level);
  double most = quadrature::upper_quantile(level / stages);
  for (const double t : information) {
    most = std::max(most, quadrature::upper_quantile(level / stages) / std::pow(t, delta - 0.5));
  }
  if (information.size() == 1) return bounds(fixed);
  // The last look's bound, nudged by what the looks before it take.
  const double start = fixed + (delta < 0.25 ? 0.04 : 0.35);
  // Far below usual levels the grid's own error would hide the change of sign at the ends.
  const double spare = level < 1.0e-6 ? 1.0e-5 * (1.0 + most) : 1.0e-9;
  return bounds(smooth_root(excess, start, start + 0.01, fixed - spare, most + spare));
}

std::vector<double> last_bound(std::span<const double> interim, std::span<const double> information,
                               double alpha) {
  check(information, alpha);
  ANGIOTRIAL_EXPECT(interim.size() + 1 == information.size(), "a bound an interim look");
  std::vector<double> bounds(interim.begin(), interim.end());
  SequentialRecursion recursion(0.0, information[0], reach_for(quadrature::upper_quantile(alpha)));
  double spent = 0.0;
  for (std::size_t k = 0; k < interim.size(); ++k) {
    spent += recursion.above(interim[k]);
    recursion.advance(-infinity, interim[k], information[k + 1]);
  }
  ANGIOTRIAL_EXPECT(spent < alpha, "interim bounds that leave some level");
  bounds.push_back(recursion.solve_above(alpha - spent));
  return bounds;
}

}  // namespace angiotrial::analysis
