// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "multiplicity/polytope.hpp"
#include "multiplicity/quadrature.hpp"
#include "multiplicity/scale_rule.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t most_dimensions = 12;
/// Residual variance below which a row depends on the rows before it.
constexpr double dependent = 1.0e-10;

/// R = A A', A with `rank` columns; rows keep their order, columns follow the pivots.
struct Factor {
  std::vector<double> rows;  ///< dimension x rank
  std::size_t dimension = 0;
  std::size_t rank = 0;

  [[nodiscard]] double at(std::size_t i, std::size_t c) const { return rows[i * dimension + c]; }
};

/// The least correlated variable.
std::size_t first_pivot(const CorrelationMatrix& correlation) {
  const std::size_t d = correlation.dimension;
  std::size_t pivot = d;
  double best = -infinity;
  for (std::size_t i = 0; i < d; ++i) {
    double score = 0.0;
    for (std::size_t j = 0; j < d; ++j) score -= std::fabs(correlation.values[i * d + j]);
    if (score > best) {
      best = score;
      pivot = i;
    }
  }
  return pivot;
}

/// The variable with the largest remainder; as many as there are where the rest depend on those
/// used.
std::size_t next_pivot(const std::vector<double>& remainder, const std::vector<bool>& used) {
  std::size_t pivot = remainder.size();
  double best = dependent;
  for (std::size_t i = 0; i < remainder.size(); ++i) {
    if (used[i] || !(remainder[i] > best)) continue;
    best = remainder[i];
    pivot = i;
  }
  return pivot;
}

/// Cholesky with pivots: the least correlated variable first, then the largest remainder.
Factor factorise(const CorrelationMatrix& correlation) {
  const std::size_t d = correlation.dimension;
  ANGIOTRIAL_EXPECT(d >= 1 && d <= most_dimensions, "1 to 12 dimensions");
  ANGIOTRIAL_EXPECT(correlation.values.size() == d * d, "a square correlation matrix");
  const auto r = [&](std::size_t i, std::size_t j) { return correlation.values[i * d + j]; };
  Factor factor;
  factor.dimension = d;
  factor.rows.assign(d * d, 0.0);
  std::vector<double> remainder(d, 1.0);
  std::vector<bool> used(d, false);
  while (factor.rank < d) {
    const std::size_t pivot =
        factor.rank == 0 ? first_pivot(correlation) : next_pivot(remainder, used);
    if (pivot == d) break;
    used[pivot] = true;
    const double root = std::sqrt(remainder[pivot]);
    for (std::size_t i = 0; i < d; ++i) {
      if (used[i] && i != pivot) continue;
      double value = r(i, pivot);
      for (std::size_t c = 0; c < factor.rank; ++c) value -= factor.at(i, c) * factor.at(pivot, c);
      factor.rows[i * d + factor.rank] = i == pivot ? root : value / root;
      remainder[i] -= factor.rows[i * d + factor.rank] * factor.rows[i * d + factor.rank];
    }
    ++factor.rank;
  }
  return factor;
}

double exact(const Factor& factor, std::span<const double> lower, std::span<const double> upper,
             double df) {
  polytope::Polytope region;
  region.dimension = factor.rank;
  for (std::size_t i = 0; i < factor.dimension; ++i) {
    std::array<double, polytope::most_dimensions> normal{};
    std::array<double, polytope::most_dimensions> opposite{};
    for (std::size_t c = 0; c < factor.rank; ++c) {
      normal[c] = factor.at(i, c);
      opposite[c] = -normal[c];
    }
    if (!region.add(normal, upper[i]) || !region.add(opposite, -lower[i])) return 0.0;
  }
  return polytope::probability(region, df);
}

/// What T_i must satisfy: lower_i s <= Z_i <= upper_i s, less the means of Z.
struct Bounds {
  std::span<const double> lower, upper, delta;
};

/// One point of the separation of variables (Genz 1992): u has rank - 1 coordinates, s the scale.
double separated(const Factor& factor, const Bounds& bounds, double s, const double* u) {
  std::array<double, most_dimensions> y{};
  double product = 1.0;
  for (std::size_t k = 0; k < factor.rank; ++k) {
    double low = -infinity;
    double high = infinity;
    for (std::size_t i = 0; i < factor.dimension; ++i) {
      double tail = 0.0;
      for (std::size_t c = k + 1; c < factor.rank; ++c) tail += std::fabs(factor.at(i, c));
      const double a = factor.at(i, k);
      if (tail > 1.0e-9 || std::fabs(a) < 1.0e-9) continue;
      double known = bounds.delta.empty() ? 0.0 : bounds.delta[i];
      for (std::size_t c = 0; c < k; ++c) known += factor.at(i, c) * y[c];
      const double first = (bounds.lower[i] * s - known) / a;
      const double second = (bounds.upper[i] * s - known) / a;
      low = std::max(low, std::min(first, second));
      high = std::min(high, std::max(first, second));
    }
    if (!(low < high)) return 0.0;
    const double from = quadrature::normal_cdf(low);
    const double mass = quadrature::normal_cdf(high) - from;
    product *= mass;
    if (k + 1 < factor.rank) {
      y[k] = quadrature::normal_quantile(std::clamp(from + u[k] * mass, 1.0e-300, 1.0 - 1.0e-16));
    }
  }
  return product;
}

/// Richtmyer lattice, folded, with eight fixed shifts whose spread gives the error.
Probability lattice(const Factor& factor, const Bounds& bounds, double df) {
  constexpr std::array<double, 13> primes{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};
  constexpr int shifts = 8;
  constexpr int points = 8192;
  std::array<double, shifts> mean{};
  for (int shift = 0; shift < shifts; ++shift) {
    double sum = 0.0;
    for (int n = 1; n <= points; ++n) {
      std::array<double, 13> u{};
      for (std::size_t c = 0; c < factor.rank; ++c) {
        const double z =
            std::sqrt(primes[c]) * n + (shift + 0.5) / shifts * std::sqrt(primes[12 - c]);
        u[c] = 1.0 - std::fabs(2.0 * (z - std::floor(z)) - 1.0);
      }
      const double s =
          std::isfinite(df)
              ? std::sqrt(2.0 * boost::math::gamma_p_inv(0.5 * df, u[factor.rank - 1]) / df)
              : 1.0;
      sum += separated(factor, bounds, s, u.data());
    }
    mean[static_cast<std::size_t>(shift)] = sum / points;
  }
  Probability out;
  out.value = std::accumulate(mean.begin(), mean.end(), 0.0) / shifts;
  double square = 0.0;
  for (const double m : mean) square += (m - out.value) * (m - out.value);
  out.error = 3.0 * std::sqrt(square / (shifts * (shifts - 1.0)));
  return out;
}

constexpr double quadrature_error = 1.0e-10;

Probability central(const Factor& factor, std::span<const double> lower,
                    std::span<const double> upper, double df) {
  ANGIOTRIAL_EXPECT(df > 0.0, "positive degrees of freedom");
  ANGIOTRIAL_EXPECT(lower.size() == factor.dimension && upper.size() == factor.dimension,
                    "a bound a variable");
  if (factor.rank > polytope::most_dimensions) return lattice(factor, {lower, upper, {}}, df);
  return {exact(factor, lower, upper, df), quadrature_error};
}

struct Equicoordinate {
  std::array<double, most_dimensions> lower{}, upper{};

  Equicoordinate(double c, Sides sides) {
    lower.fill(sides == Sides::two ? -c : -infinity);
    upper.fill(c);
  }
};

double student_quantile(double upper_tail, double df) {
  if (!std::isfinite(df)) return quadrature::upper_quantile(upper_tail);
  return student_tail_quantile(df, upper_tail);
}

/// Solves F(c) = p by the secant rule on Phi^-1(F), nearly straight in c; kept inside the bracket
/// of no correction and Bonferroni's.
template <class F>
double solve_quantile(F&& probability, double p, double low, double high) {
  constexpr double settled = 1.0e-7;  // the next secant step is smaller by its square or so
  const double target = quadrature::normal_quantile(p);
  const auto residual = [&](double c) {
    return quadrature::normal_quantile(std::clamp(probability(c), 1.0e-300, 1.0 - 1.0e-16)) -
           target;
  };
  if (high - low < 1.0e-13) return high;
  double a = high;
  double fa = residual(a);
  double b = 0.5 * (low + high);
  for (int i = 0; i < 40 && std::fabs(a - b) > settled; ++i) {
    const double fb = residual(b);
    if (fb == fa) return b;
    const double next = std::clamp(b - fb * (b - a) / (fb - fa), low, high);
    a = b;
    fa = fb;
    b = next;
  }
  return b;
}

}  // namespace

Probability box_probability(std::span<const double> lower, std::span<const double> upper,
                            const CorrelationMatrix& correlation, double df) {
  return central(factorise(correlation), lower, upper, df);
}

Probability box_probability(std::span<const double> upper, const CorrelationMatrix& correlation,
                            double df) {
  const std::vector<double> lower(upper.size(), -infinity);
  return box_probability(lower, upper, correlation, df);
}

Probability max_t_probability(double c, const CorrelationMatrix& correlation, double df,
                              Sides sides) {
  if (sides == Sides::two && c <= 0.0) return {};
  const Equicoordinate box(c, sides);
  const std::size_t d = correlation.dimension;
  return central(factorise(correlation), std::span(box.lower).first(d),
                 std::span(box.upper).first(d), df);
}

Probability max_t_probability(double c, const CorrelationMatrix& correlation, double df,
                              Sides sides, std::span<const double> delta) {
  const std::size_t d = correlation.dimension;
  ANGIOTRIAL_EXPECT(delta.size() == d, "a mean a variable");
  ANGIOTRIAL_EXPECT(df > 0.0, "positive degrees of freedom");
  if (sides == Sides::two && c <= 0.0) return {};
  const Factor factor = factorise(correlation);
  const Equicoordinate box(c, sides);
  if (factor.rank > polytope::most_dimensions) {
    return lattice(factor, {std::span(box.lower).first(d), std::span(box.upper).first(d), delta},
                   df);
  }
  double sum = 0.0;
  quadrature::for_each_scale_node(df, [&](double s, double w) {
    std::array<double, most_dimensions> low{}, high{};
    for (std::size_t i = 0; i < d; ++i) {
      low[i] = box.lower[i] * s - delta[i];
      high[i] = box.upper[i] * s - delta[i];
    }
    sum += w * exact(factor, std::span(low).first(d), std::span(high).first(d), infinity);
  });
  return {std::min(sum, 1.0), quadrature_error};
}

double max_t_quantile(double p, const CorrelationMatrix& correlation, double df, Sides sides) {
  ANGIOTRIAL_EXPECT(p > 0.0 && p < 1.0, "a probability");
  const Factor factor = factorise(correlation);
  const std::size_t d = correlation.dimension;
  const double tail = sides == Sides::two ? 0.5 * (1.0 - p) : 1.0 - p;
  return solve_quantile(
      [&](double c) {
        const Equicoordinate box(c, sides);
        return central(factor, std::span(box.lower).first(d), std::span(box.upper).first(d), df)
            .value;
      },
      p, student_quantile(tail, df), student_quantile(tail / static_cast<double>(d), df));
}

double product_max_t_probability(double c, std::span<const double> lambda, double df, Sides sides) {
  ANGIOTRIAL_EXPECT(!lambda.empty() && df > 0.0, "variables and degrees of freedom");
  for (const double l : lambda) ANGIOTRIAL_EXPECT(std::fabs(l) < 1.0, "|lambda| below 1");
  if (sides == Sides::two && c <= 0.0) return 0.0;
  double sum = 0.0;
  quadrature::for_each_scale_node(df, [&](double s, double scale_weight) {
    double inner = 0.0;
    quadrature::for_each_panel_node<12>(-8.6, 8.6, 1.8, [&](double z, double w) {
      double product = w * quadrature::normal_density(z);
      for (const double l : lambda) {
        const double root = std::sqrt(1.0 - l * l);
        double mass = quadrature::normal_cdf((c * s - l * z) / root);
        if (sides == Sides::two) mass -= quadrature::normal_cdf((-c * s - l * z) / root);
        product *= mass;
      }
      inner += product;
    });
    sum += scale_weight * inner;
  });
  return std::min(sum, 1.0);
}

double product_max_t_quantile(double p, std::span<const double> lambda, double df, Sides sides) {
  ANGIOTRIAL_EXPECT(p > 0.0 && p < 1.0, "a probability");
  const double tail = sides == Sides::two ? 0.5 * (1.0 - p) : 1.0 - p;
  return solve_quantile([&](double c) { return product_max_t_probability(c, lambda, df, sides); },
                        p, student_quantile(tail, df),
                        student_quantile(tail / static_cast<double>(lambda.size()), df));
}

}  // namespace angiotrial::analysis
