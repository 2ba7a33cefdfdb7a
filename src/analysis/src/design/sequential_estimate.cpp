// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/adaptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>
#include <limits>

#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// E[Z; Z > high] + E[Z; Z < low] of one normal.
double outside(double mean, double sd, double low, double high) {
  const double above = (high - mean) / sd;
  double sum = mean * quadrature::normal_cdf(-above) + sd * quadrature::normal_density(above);
  if (std::isfinite(low)) {
    const double below = (low - mean) / sd;
    sum += mean * quadrature::normal_cdf(below) - sd * quadrature::normal_density(below);
  }
  return sum;
}

/// E[Z_T / root_T] of the plan where stage j's statistic has mean delta root_j.
double expected_estimate(const AdaptiveDesign& d, std::span<const double> root_information,
                         double delta) {
  const auto& t = d.plan.information;
  SequentialRecursion recursion(0.0, t[0]);
  double sum = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double shift = delta * root_information[k];
    const bool last = k + 1 == t.size();
    const double high = (last ? 0.0 : d.critical[k]) - shift;
    const bool futile = last || k < d.plan.futility.size();
    const double low = last ? high : futile ? d.plan.futility[k] - shift : -infinity;
    double noise = 0.0;  // mean of the statistic less its shift, on the trials that stop here
    if (k == 0) {
      noise = outside(0.0, 1.0, low, high);
    } else {
      const double sd = std::sqrt((t[k] - t[k - 1]) / t[k]);
      for (std::size_t i = 0; i < recursion.scores().size(); ++i) {
        noise += recursion.weights()[i] *
                 outside(recursion.scores()[i] / std::sqrt(t[k]), sd, low, high);
      }
    }
    const double stops = recursion.above(high) + recursion.below(low);
    sum += noise / root_information[k] + delta * stops;
    if (!last) recursion.advance(low, high, t[k + 1]);
  }
  return sum;
}

}  // namespace

std::optional<double> bias_adjusted(const AdaptiveDesign& design, std::size_t k, double naive,
                                    std::span<const double> root_information) {
  ANGIOTRIAL_EXPECT(k < design.critical.size() && root_information.size() == k + 1,
                    "the information of each stage so far");
  if (design.plan.rule == StageRule::fisher || !std::isfinite(naive)) return std::nullopt;
  const auto& t = design.plan.information;
  if (t.size() == 1) return naive;
  std::vector<double> all(root_information.begin(), root_information.end());
  for (std::size_t j = k + 1; j < t.size(); ++j) {
    all.push_back(root_information[k] * std::sqrt(t[j] / t[k]));  // as planned
  }
  return monotone_root([&](double delta) { return expected_estimate(design, all, delta) - naive; },
                       naive, 0.5 / root_information[k]);
}

std::optional<SequentialEstimate> estimate_after(const AdaptiveDesign& design, std::size_t k,
                                                 double statistic,
                                                 std::span<const double> root_information) {
  ANGIOTRIAL_EXPECT(k < design.critical.size() && root_information.size() == k + 1,
                    "the information of each stage so far");
  if (design.plan.rule == StageRule::fisher || !std::isfinite(statistic)) return std::nullopt;
  const double naive = statistic / root_information[k];
  const double step = 0.5 / root_information[k];
  const auto solve_p = [&](double p) {
    return monotone_root(
        [&](double delta) {
          std::vector<double> mean;
          for (const double r : root_information) mean.push_back(delta * r);
          return stagewise_p_value(design, k, statistic, mean) - p;
        },
        naive, step);
  };
  const auto median = solve_p(0.5);
  const auto lower = solve_p(design.plan.alpha);
  const auto upper = solve_p(1.0 - design.plan.alpha);
  const auto adjusted = bias_adjusted(design, k, naive, root_information);
  if (!median || !lower || !upper || !adjusted) return std::nullopt;
  return SequentialEstimate{*median, *lower, *upper, *adjusted};
}

}  // namespace angiotrial::analysis
