// SPDX-License-Identifier: Apache-2.0
#include "counts/negative_binomial_rows.hpp"

#include "vector_lanes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

/// Below it, (ln(1 + x) - x / (1 + x)) / x^2 loses digits to cancellation.
constexpr double small_x = 0.1;
/// Bits of a count, at most 10^6.
constexpr std::size_t most_bits = 20;

/// That quotient and its derivative by their series, sum over m >= 0 of (-x)^m (m + 1) / (m + 2):
/// these terms reach rounding below 0.1.
ANGIOTRIAL_ALWAYS_INLINE void bend_of_small(const Lanes& x, Lanes& value, Lanes& slope) {
  value = Lanes{};
  slope = Lanes{};
  for (int m = 19; m > 0; --m) {
    const double c = (m + 1.0) / (m + 2.0);
    value = c - x * value;
    slope = -m * c - x * slope;
  }
  value = 0.5 - x * value;
}

/// Logarithms are not taken row by row but of products, one for each bit of y:
///   sum_i ln(1 + x_i) = ln prod_i (1 + x_i)
///   sum_i y_i ln(1 + x_i) = sum_b 2^b ln prod_{i: bit b of y_i} (1 + x_i)
/// Rows of small x stay out of the products and of what is worked out from them.
struct Products {
  Lanes all;
  Lanes of_bit[most_bits];
};

/// Sums over rows. `taken` rows are those in the products.
struct RowLanes {
  Lanes y_eta{};      ///< y eta, less y ln(1 + x) of rows not taken
  Lanes logs{};       ///< ln(1 + x) of rows not taken
  Lanes shares{};     ///< x d of rows taken
  Lanes squares{};    ///< (mu d)^2 of rows taken
  Lanes score{};      ///< -y mu d, and mu^2 bend of rows not taken
  Lanes curvature{};  ///< y (mu d)^2, and mu^3 bend' of rows not taken
};

ANGIOTRIAL_ALWAYS_INLINE void add_rows(const CountRows& at, double phi, bool series,
                                       const Block& block, bool whole, RowLanes& sums,
                                       Products& products) {
  Lanes y, eta, mu;
  load(at.y, block, y);
  load(at.eta, block, eta);
  load(at.mu, block, mu);
  const Lanes d = 1.0 / (1.0 + phi * mu);
  const Lanes shrunk = mu * d;
  const Lanes r = (y - mu) * d;
  const Lanes w = shrunk * (1.0 + phi * y) * d;
  const Lanes c = -shrunk * r;
  store(d, block, at.d);
  store(r, block, at.r);
  store(c, block, at.c);
  store(w, block, at.w);
  if (!whole) {
    // Of rows that are 0 nothing is added below.
    y *= block.fresh;
    mu *= block.fresh;
  }
  const Lanes x = phi * mu;
  Lanes taken = x;
  sums.y_eta += y * eta;
  sums.score -= y * shrunk;
  sums.curvature += y * (shrunk * shrunk);
  if (series) {
    Lanes bend, slope;
    bend_of_small(x, bend, slope);
    const Lanes none{};
    const Lanes small_mu = x < small_x ? mu : none;
    const Lanes square = small_mu * small_mu;
    const Lanes logarithm = phi * (small_mu * d) + phi * phi * (square * bend);
    taken = x < small_x ? none : x;
    sums.logs += logarithm;
    sums.y_eta -= y * logarithm;
    sums.score += square * bend;
    sums.curvature += square * small_mu * slope;
  }
  const Lanes share = taken * d;
  sums.shares += share;
  sums.squares += share * share;
  products.all *= 1.0 + taken;
  for (std::size_t b = 0; b < at.width; ++b) {
    Lanes bit;
    load(at.bits + b * at.n, block, bit);
    products.of_bit[b] *= 1.0 + bit * taken;
  }
}

/// What rows `begin` to `end` - 1 add; `begin` is a multiple of `lanes`.
ANGIOTRIAL_VECTOR_CLONES void add_chunk(const CountRows& at, double phi, bool series,
                                        std::size_t begin, std::size_t end, RowLanes& sums,
                                        Products& products) {
  products.all = Lanes{} + 1.0;
  for (std::size_t b = 0; b < at.width; ++b) products.of_bit[b] = products.all;
  for_each_block(begin, end, [&](const Block& block, bool whole) __attribute__((always_inline)) {
    add_rows(at, phi, series, block, whole, sums, products);
  });
}

double log_product(const Lanes& values) {
  double product = 1.0;
  for (std::size_t k = 0; k < lanes; ++k) product *= values[k];
  return std::log(product);
}

/// Least and largest of the means.
ANGIOTRIAL_VECTOR_CLONES void take_range(const double* mu, std::size_t n, double* range) {
  Lanes least = Lanes{} + std::numeric_limits<double>::infinity(), most{};
  for_each_block(0, n, [&](const Block& block, bool) __attribute__((always_inline)) {
    Lanes m;
    load(mu, block, m);
    least = m < least ? m : least;
    most = m <= most ? most : m;
  });
  range[0] = least[0];
  range[1] = most[0];
  for (std::size_t k = 1; k < lanes; ++k) {
    range[0] = least[k] < range[0] ? least[k] : range[0];
    range[1] = most[k] <= range[1] ? range[1] : most[k];
  }
}

/// NaN for everything: no step is taken to here or from here.
CountRowSums no_likelihood(const CountRows& rows) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (double* column : {rows.d, rows.r, rows.c, rows.w}) std::fill_n(column, rows.n, none);
  return {none, none, none};
}

CountRowSums negative_binomial_rows(const CountRows& rows, double phi) {
  constexpr double largest_logarithm = 700.0;
  double range[2];
  take_range(rows.mu, rows.n, range);
  // Rows whose product is finite whatever their means are.
  const double bound = std::log1p(phi * range[1]);
  if (!(bound * lanes < largest_logarithm)) return no_likelihood(rows);
  const double fit = std::min(largest_logarithm / bound, static_cast<double>(rows.n + lanes));
  const std::size_t chunk = static_cast<std::size_t>(fit) / lanes * lanes;
  RowLanes sums;
  Products products;
  double logs = 0.0, y_logs = 0.0;
  for (std::size_t i = 0; i < rows.n; i += chunk) {
    add_chunk(rows, phi, phi * range[0] < small_x, i, std::min(i + chunk, rows.n), sums, products);
    logs += log_product(products.all);
    for (std::size_t b = 0; b < rows.width; ++b) {
      y_logs += std::ldexp(log_product(products.of_bit[b]), static_cast<int>(b));
    }
  }
  // mu^3 bend'(x) = (mu d)^2 / phi - 2 mu^2 bend / phi.
  const double bend = (logs - total(sums.shares)) / (phi * phi);
  CountRowSums out;
  out.log_likelihood = total(sums.y_eta) - y_logs - (logs + total(sums.logs)) / phi;
  out.score_phi = total(sums.score) + bend;
  out.curvature_phi =
      total(sums.curvature) + (total(sums.squares) / (phi * phi) - 2.0 * bend) / phi;
  return out;
}

ANGIOTRIAL_ALWAYS_INLINE void add_poisson(const CountRows& at, const Block& block, bool whole,
                                          RowLanes& sums) {
  constexpr double bend = 0.5, slope = -2.0 / 3.0;
  Lanes y, eta, mu;
  load(at.y, block, y);
  load(at.eta, block, eta);
  load(at.mu, block, mu);
  const Lanes r = y - mu, c = -mu * r, d = Lanes{} + 1.0;
  store(d, block, at.d);
  store(r, block, at.r);
  store(c, block, at.c);
  store(mu, block, at.w);
  if (!whole) {
    y *= block.fresh;
    mu *= block.fresh;
  }
  sums.y_eta += y * eta - mu;
  sums.score += mu * (bend * mu - y);
  sums.curvature += mu * mu * (slope * mu + y);
}

ANGIOTRIAL_VECTOR_CLONES void poisson_rows(const CountRows& at, CountRowSums* out) {
  RowLanes sums;
  for_each_block(0, at.n, [&](const Block& block, bool whole) __attribute__((always_inline)) {
    add_poisson(at, block, whole, sums);
  });
  out->log_likelihood = total(sums.y_eta);
  out->score_phi = total(sums.score);
  out->curvature_phi = total(sums.curvature);
}

}  // namespace

CountRowSums take_rows(const CountRows& rows, double phi) {
  if (phi > 0.0) return negative_binomial_rows(rows, phi);
  CountRowSums out;
  poisson_rows(rows, &out);
  return out;
}

}  // namespace angiotrial::analysis
