// SPDX-License-Identifier: Apache-2.0
#include "design/fisher_recursion.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

#include "design/solve.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

/// p-value of stage k at which the product reaches c_k.
double reject_below(const FisherBounds& b, std::size_t k, double product) {
  if (b.critical[k] <= 0.0) return 0.0;
  return std::min(1.0, std::pow(b.critical[k] / product, 1.0 / b.powers[k]));
}

double accept_above(const FisherBounds& b, std::size_t k) {
  return k < b.futility.size() ? std::min(1.0, b.futility[k]) : 1.0;
}

/// The integrand over u = -ln p is e^-u times a function that bends where a later bound is reached
/// at once: panels end there.
std::vector<double> breaks(const FisherBounds& b, std::size_t k, double product, double low,
                           double high) {
  std::vector<double> at{low, high};
  for (std::size_t j = k + 1; j < b.critical.size(); ++j) {
    if (b.critical[j] <= 0.0) continue;
    const double u = (std::log(product) - std::log(b.critical[j])) / b.powers[k];
    if (u > low && u < high) at.push_back(u);
  }
  std::sort(at.begin(), at.end());
  return at;
}

}  // namespace

// R_k(c) = P(p <= a) + integral over a < p < alpha_0 of R_(k+1)(c p^v)
double fisher_rejection(const FisherBounds& b, std::size_t k, double product) {
  const double a = reject_below(b, k, product);
  if (a >= 1.0 || k + 1 == b.critical.size()) return a;
  const double most = accept_above(b, k);
  if (most <= a) return a;
  const double far = 40.0;  // p = 4e-18
  const double low = -std::log(most);
  const double high = a > 0.0 ? -std::log(a) : far;
  double sum = a;
  const auto at = breaks(b, k, product, low, high);
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    quadrature::for_each_panel_node<12>(at[i], at[i + 1], 5.0, [&](double u, double w) {
      sum += w * std::exp(-u) * fisher_rejection(b, k + 1, product * std::exp(-u * b.powers[k]));
    });
  }
  return sum;
}

// The same over z, whose density is phi(z - shift).
double fisher_power(const FisherBounds& b, std::size_t k, double product,
                    std::span<const double> shift) {
  const double a = reject_below(b, k, product);
  if (a >= 1.0) return 1.0;
  const double upper = a > 0.0 ? quadrature::upper_quantile(a) : shift[k] + 9.0;
  const double now = a > 0.0 ? quadrature::normal_cdf(shift[k] - upper) : 0.0;
  if (k + 1 == b.critical.size()) return now;
  const double most = accept_above(b, k);
  const double low =
      std::max(most < 1.0 ? quadrature::upper_quantile(most) : shift[k] - 8.5, shift[k] - 8.5);
  double sum = now;
  quadrature::for_each_panel_node<12>(
      low, std::min(upper, shift[k] + 8.5), 1.0, [&](double z, double w) {
        const double p = quadrature::normal_cdf(-z);
        sum += w * quadrature::normal_density(z - shift[k]) *
               fisher_power(b, k + 1, product * std::pow(p, b.powers[k]), shift);
      });
  return sum;
}

double fisher_product_level(std::span<const double> powers, double c) {
  std::vector<double> only(powers.size(), 0.0);
  only.back() = c;
  return fisher_rejection({only, powers, {}}, 0, 1.0);
}

namespace {

double product_at_level(std::span<const double> powers, double level) {
  // Equal weights: -2 ln prod p is chi-square with 2 k degrees of freedom.
  if (std::all_of(powers.begin(), powers.end(),
                  [](double v) { return std::fabs(v - 1.0) < 1.0e-12; })) {
    return std::exp(-boost::math::gamma_q_inv(static_cast<double>(powers.size()), level));
  }
  const double log_c =
      root([&](double x) { return std::log(fisher_product_level(powers, std::exp(x)) / level); },
           -300.0, -1.0e-12, 1.0e-14);
  return std::exp(log_c);
}

}  // namespace

std::vector<double> fisher_critical(std::span<const double> powers,
                                    std::span<const double> futility, double alpha, bool full) {
  const std::size_t stages = powers.size();
  const double last = product_at_level(powers, alpha);
  const auto at = [&](double level) {
    std::vector<double> c;
    for (std::size_t k = 0; k + 1 < stages; ++k) {
      const double own = product_at_level(powers.first(k + 1), level);
      // A product below Fisher's own last value rejects whatever comes.
      c.push_back(full ? std::max(own, last) : own);
    }
    c.push_back(full ? last : product_at_level(powers, level));
    return c;
  };
  if (stages == 1) return {alpha};
  const auto excess = [&](double level) {
    const auto c = at(level);
    return fisher_rejection({c, powers, futility}, 0, 1.0) - alpha;
  };
  const double least = alpha * 1.0e-6;
  if (full && excess(least) > -1.0e-12) return at(least);
  return at(root(excess, least, futility.empty() ? alpha : 0.999, 1.0e-14));
}

}  // namespace angiotrial::analysis
