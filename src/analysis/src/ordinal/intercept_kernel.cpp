// SPDX-License-Identifier: Apache-2.0
#include "ordinal/intercept_kernel.hpp"

#include "vector_lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace angiotrial::analysis {
namespace {

static_assert(InterceptGroup::lanes == lanes);

ANGIOTRIAL_VECTOR_CLONES void add_means(const InterceptGroup& group, double v, double* mean_a,
                                        double* mean_b, double* product, double* sums) {
  Lanes sum{};
  for (std::size_t i = 0; i < group.rows; i += lanes) {
    Lanes a, b, w;
    std::memcpy(&a, group.upper + i, sizeof a);
    std::memcpy(&b, group.lower + i, sizeof b);
    std::memcpy(&w, group.weight + i, sizeof w);
    a *= v;
    b *= v;
    const Lanes over_a = 1.0 + a, over_b = 1.0 + b;
    const Lanes both = over_a * over_b;
    // One division serves both.
    const Lanes one_over = 1.0 / both;
    const Lanes fa = a * over_b * one_over, fb = b * over_a * one_over;
    sum += w * (fa + fb);
    std::memcpy(mean_a + i, &fa, sizeof fa);
    std::memcpy(mean_b + i, &fb, sizeof fb);
    std::memcpy(product + i, &both, sizeof both);
  }
  std::memcpy(sums, &sum, sizeof sum);
}

ANGIOTRIAL_VECTOR_CLONES void add_densities(const InterceptGroup& group, const double* mean_a,
                                            const double* mean_b, double* densities,
                                            double* slopes) {
  Lanes sum{}, bend{};
  for (std::size_t i = 0; i < group.rows; i += lanes) {
    Lanes fa, fb, w;
    std::memcpy(&fa, mean_a + i, sizeof fa);
    std::memcpy(&fb, mean_b + i, sizeof fb);
    std::memcpy(&w, group.weight + i, sizeof w);
    const Lanes da = fa * (1.0 - fa), db = fb * (1.0 - fb);
    sum += w * (da + db);
    bend += w * (da * (1.0 - 2.0 * fa) + db * (1.0 - 2.0 * fb));
  }
  std::memcpy(densities, &sum, sizeof sum);
  std::memcpy(slopes, &bend, sizeof bend);
}

/// Lane by lane; `rows` a multiple of `lanes`.
ANGIOTRIAL_VECTOR_CLONES void multiply(const double* values, std::size_t rows, double* products) {
  Lanes all = Lanes{} + 1.0;
  for (std::size_t i = 0; i < rows; i += lanes) {
    Lanes next;
    std::memcpy(&next, values + i, sizeof next);
    all *= next;
  }
  std::memcpy(products, &all, sizeof all);
}

double total(const double* of_lanes) {
  double sum = 0.0;
  for (std::size_t k = 0; k < lanes; ++k) sum += of_lanes[k];
  return sum;
}

}  // namespace

double intercept_means(const InterceptGroup& group, double v, double* mean_a, double* mean_b,
                       double* product) {
  double sums[lanes];
  add_means(group, v, mean_a, mean_b, product, sums);
  return total(sums);
}

DensitySums intercept_densities(const InterceptGroup& group, const double* mean_a,
                                const double* mean_b) {
  double densities[lanes], slopes[lanes];
  add_densities(group, mean_a, mean_b, densities, slopes);
  return {total(densities), total(slopes)};
}

double sum_of_logarithms(const double* product, std::size_t rows, double bound) {
  constexpr double largest_logarithm = 700.0;
  const double fit = std::min(largest_logarithm / bound, static_cast<double>(rows));
  const std::size_t chunk = static_cast<std::size_t>(fit) / lanes * lanes;
  double sum = 0.0;
  if (chunk == 0) {
    for (std::size_t i = 0; i < rows; ++i) sum += std::log(product[i]);
    return sum;
  }
  for (std::size_t i = 0; i < rows; i += chunk) {
    double products[lanes];
    multiply(product + i, std::min(chunk, rows - i), products);
    for (std::size_t k = 1; k < lanes; ++k) products[0] *= products[k];
    sum += std::log(products[0]);
  }
  return sum;
}

}  // namespace angiotrial::analysis
