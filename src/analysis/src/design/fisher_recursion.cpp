// SPDX-License-Identifier: Apache-2.0
#include "design/fisher_recursion.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

#include "design/fisher_grid.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

using Nodes = FisherGrid::Nodes;
using Panels = FisherGrid::Panels;

/// p-value of stage k at which the product reaches c_k.
double reject_below(const FisherBounds& b, std::size_t k, double log_product) {
  return std::exp(std::min(0.0, (std::log(b.critical[k]) - log_product) / b.powers[k]));
}

/// Calls each(panel, H_j at its nodes) in rising order; gives H_j at the last edge. `later` is
/// R_(j+1).
template <class F>
double march(const FisherGrid& grid, const FisherBounds& b, std::size_t j, const Panels& later,
             F&& each) {
  const GaussPanel& rule = gauss_panel();
  const double v = b.powers[j];
  double left = 0.0;
  for (std::size_t i = grid.panel_at(std::log(b.critical[j]) - grid.shift(j + 1));
       i < grid.panels(); ++i) {
    const double h = grid.half_width(i);
    const Nodes decay = ((rule.abscissa + 1.0) * (-h / v)).exp();
    const Nodes g = later[i] / decay * (h / v);
    each(i, Nodes(decay * (left + (rule.integral * g.matrix()).array())));
    left = std::exp(-2.0 * h / v) * (left + (rule.weight * g).sum());
  }
  return left;
}

Panels rejected_at_once(const FisherGrid& grid, const FisherBounds& b, std::size_t j) {
  Panels out;
  for (std::size_t i = 0; i < grid.panels(); ++i) {
    const Nodes x = grid.nodes(i) + grid.shift(j);
    out.push_back(((std::log(b.critical[j]) - x) / b.powers[j]).min(0.0).exp());
  }
  return out;
}

}  // namespace

// R_k(c) = P(p <= a) + integral over a < p < alpha_0 of R_(k+1)(c p^v)
double fisher_rejection(const FisherBounds& b, std::size_t k, double product) {
  const double x = std::log(product);
  const double a = reject_below(b, k, x);
  const std::size_t stages = b.critical.size();
  if (a >= 1.0 || k + 1 == stages) return a;
  const FisherGrid grid(b, k, x);
  Panels later = rejected_at_once(grid, b, stages - 1);
  for (std::size_t j = stages - 1; --j > k;) {
    Panels now = rejected_at_once(grid, b, j);
    const double goes_on = std::exp(-futility_u(b, j));
    march(grid, b, j, later, [&](std::size_t i, const Nodes& h) { now[i] += goes_on * h; });
    later = std::move(now);
  }
  const double end = march(grid, b, k, later, [](std::size_t, const Nodes&) {});
  return std::min(1.0, a + std::exp(-futility_u(b, k)) * end);
}

namespace {

// P(z >= z_a) and the integral of the later stages' power over the z that go on.
double power_at(const FisherGrid& grid, const FisherBounds& b, std::size_t k, double x,
                double shift, const Panels& later) {
  const double a = reject_below(b, k, x);
  if (a >= 1.0) return 1.0;
  const double stop = quadrature::upper_quantile(std::max(a, 1.0e-300));
  const double now = quadrature::normal_cdf(shift - stop);
  if (k + 1 == b.critical.size()) return now;
  const double u = futility_u(b, k);
  const double low =
      std::max(u > 0.0 ? quadrature::upper_quantile(std::exp(-u)) : shift - 8.5, shift - 8.5);
  const double high = std::min(stop, shift + 8.5);
  const double v = b.powers[k];
  const double offset = grid.shift(k + 1);
  std::vector<double> at{low, high};
  for (const double bend : grid.bends()) {
    const double log_p = (bend + offset - x) / v;
    if (!(log_p < -1.0e-12 && log_p > -600.0)) continue;
    const double z = quadrature::upper_quantile(std::exp(log_p));
    if (z > low && z < high) at.push_back(z);
  }
  std::sort(at.begin(), at.end());
  double sum = now;
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    quadrature::for_each_panel_node<12>(at[i], at[i + 1], 1.5, [&](double z, double w) {
      const double y = x + v * std::log(quadrature::normal_cdf(-z));
      sum += w * quadrature::normal_density(z - shift) * grid.interpolate(later, y - offset);
    });
  }
  return sum;
}

}  // namespace

double fisher_power(const FisherBounds& b, std::size_t k, double product,
                    std::span<const double> shift) {
  const double x = std::log(product);
  const FisherGrid grid(b, k, x, Edges::graded);
  Panels later;
  for (std::size_t j = b.critical.size(); --j > k;) {
    Panels now;
    for (std::size_t i = 0; i < grid.panels(); ++i) {
      const Nodes at = grid.nodes(i) + grid.shift(j);
      now.push_back(
          at.unaryExpr([&](double y) { return power_at(grid, b, j, y, shift[j], later); }));
    }
    later = std::move(now);
  }
  return power_at(grid, b, k, x, shift[k], later);
}

// -ln of the product is a sum of exponentials with rates r_j = 1 / v_j: a chain that leaves phase j
// at rate r_j. In steps of the largest rate q,
//   P(sum > x) = sum_n Poisson(n; q x) P(chain still there after n steps), all terms positive.
double fisher_product_level(std::span<const double> powers, double c) {
  if (c <= 0.0) return 0.0;
  const double x = -std::log(c);
  if (x <= 0.0) return 1.0;
  if (std::all_of(powers.begin(), powers.end(),
                  [](double v) { return std::fabs(v - 1.0) < 1.0e-12; })) {
    return boost::math::gamma_q(static_cast<double>(powers.size()), x);
  }
  const double slowest = *std::min_element(powers.begin(), powers.end());
  const double mean = x / slowest;
  std::vector<double> phase(powers.size(), 0.0);
  phase[0] = 1.0;
  double sum = 0.0;
  for (double n = 0.0;; n += 1.0) {
    double there = 0.0;
    for (const double p : phase) there += p;
    const double term = there * std::exp(n * std::log(mean) - mean - std::lgamma(n + 1.0));
    sum += term;
    if (n > mean && term <= 1.0e-17 * sum) return std::min(1.0, sum);
    double moved = 0.0;
    for (std::size_t j = 0; j < phase.size(); ++j) {
      const double leaves = phase[j] * slowest / powers[j];
      phase[j] += moved - leaves;
      moved = leaves;
    }
  }
}

namespace {

// Equal weights: -2 ln prod p is chi-square with 2 k degrees of freedom. Else the longest
// exponential alone bounds the product from above, and k of them from below.
double product_at_level(std::span<const double> powers, double level) {
  const double most = *std::max_element(powers.begin(), powers.end());
  const double equal = boost::math::gamma_q_inv(static_cast<double>(powers.size()), level);
  if (std::all_of(powers.begin(), powers.end(),
                  [](double v) { return std::fabs(v - 1.0) < 1.0e-12; })) {
    return std::exp(-equal);
  }
  const double low = most * -std::log(level);
  const double high = most * equal;
  const double spare = 1.0e-9 * (1.0 + high);
  return std::exp(
      -root([&](double x) { return std::log(fisher_product_level(powers, std::exp(-x)) / level); },
            std::max(low - spare, 1.0e-13), high + spare, 1.0e-14));
}

std::vector<double> products_at(std::span<const double> powers, double share) {
  std::vector<double> c;
  for (std::size_t k = 1; k <= powers.size(); ++k) {
    c.push_back(product_at_level(powers.first(k), share));
  }
  return c;
}

}  // namespace

double fisher_level_of_share(std::span<const double> powers, std::span<const double> futility,
                             double share) {
  const auto c = products_at(powers, share);
  return fisher_rejection({c, powers, futility}, 0, 1.0);
}

std::vector<double> fisher_critical(std::span<const double> powers,
                                    std::span<const double> futility, double alpha, bool full) {
  if (powers.size() == 1) return {alpha};
  const double last = product_at_level(powers, alpha);
  const auto at = [&](double share) {
    auto c = products_at(powers, share);
    if (!full) return c;
    // A product below Fisher's own last value rejects whatever comes.
    for (double& value : c) value = std::max(value, last);
    c.back() = last;
    return c;
  };
  const auto excess = [&](double share) {
    const auto c = at(share);
    return fisher_rejection({c, powers, futility}, 0, 1.0) - alpha;
  };
  const double least = alpha * 1.0e-6;
  if (full && excess(least) > -1.0e-12) return at(least);
  return at(root(excess, least, futility.empty() ? alpha : 0.999, 1.0e-14));
}

}  // namespace angiotrial::analysis
