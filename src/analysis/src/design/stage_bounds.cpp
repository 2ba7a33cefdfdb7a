// SPDX-License-Identifier: Apache-2.0
#include "design/stage_bounds.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "design/bounds_parts.hpp"
#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double at_or(std::span<const double> values, std::size_t k, double otherwise) {
  return k < values.size() ? values[k] : otherwise;
}

std::vector<double> by_spending(const AdaptivePlan& plan, double alpha, std::size_t stages) {
  const std::span<const double> t = plan.information;
  std::vector<double> z;
  SequentialRecursion recursion(0.0, t[0], bounds::spending_reach(plan.spending, t, alpha));
  double before = 0.0;
  for (std::size_t k = 0; k < stages; ++k) {
    const double now = plan.spending.spent(t[k], alpha);
    z.push_back(recursion.solve_above(now - before));
    before = now;
    if (k + 1 == stages) break;
    const double lower = plan.binding ? at_or(plan.futility, k, -infinity) : -infinity;
    recursion.advance(lower, z[k], t[k + 1]);
  }
  return z;
}

std::vector<double> by_shape(const AdaptivePlan& plan, double alpha) {
  const std::span<const double> t = plan.information;
  if (!plan.binding || plan.futility.empty()) {
    return wang_tsiatis_bounds(t, alpha, plan.parameter);
  }
  const auto bounds = [&](double c) {
    std::vector<double> z;
    for (const double fraction : t) z.push_back(c * std::pow(fraction, plan.parameter - 0.5));
    return z;
  };
  const auto excess = [&](double c) {
    return std::log(crossing(t, plan.futility, bounds(c), {}).reject() / alpha);
  };
  // At c = -1 the first look alone rejects more often than not.
  const double high = wang_tsiatis_bounds(t, alpha, plan.parameter).back();
  return bounds(root(excess, -1.0, high + 1.0e-6 * (1.0 + high), 1.0e-13));
}

std::vector<double> by_interim(const AdaptivePlan& plan, double alpha) {
  const std::span<const double> t = plan.information;
  std::vector<double> z;
  SequentialRecursion recursion(0.0, t[0], reach_for(quadrature::upper_quantile(alpha)));
  double left = alpha;
  for (std::size_t k = 0; k + 1 < t.size(); ++k) {
    z.push_back(plan.parameter);
    left -= recursion.above(plan.parameter);
    const double lower = plan.binding ? at_or(plan.futility, k, -infinity) : -infinity;
    recursion.advance(lower, plan.parameter, t[k + 1]);
  }
  z.push_back(left > 0.0 ? recursion.solve_above(left) : infinity);
  return z;
}

}  // namespace

StageProbabilities crossing(std::span<const double> times, std::span<const double> lower,
                            std::span<const double> upper, std::span<const double> mean) {
  StageProbabilities out;
  SequentialRecursion recursion(0.0, times[0], reach_for(upper));
  for (std::size_t k = 0; k < upper.size(); ++k) {
    const double shift = at_or(mean, k, 0.0);
    const double high = upper[k] - shift;
    const double low = std::min(at_or(lower, k, -infinity) - shift, high);
    out.upper.push_back(recursion.above(high));
    out.lower.push_back(recursion.below(low));
    if (k + 1 < upper.size()) recursion.advance(low, high, times[k + 1]);
  }
  return out;
}

std::vector<double> z_bounds(const AdaptivePlan& plan, double alpha, std::size_t stages) {
  if (plan.information.size() == 1) return {quadrature::upper_quantile(alpha)};
  std::vector<double> z;
  if (plan.family == BoundFamily::spending) {
    z = by_spending(plan, alpha, stages);
  } else if (plan.family == BoundFamily::wang_tsiatis) {
    z = by_shape(plan, alpha);
  } else {
    z = by_interim(plan, alpha);
  }
  z.resize(stages);
  return z;
}

}  // namespace angiotrial::analysis
