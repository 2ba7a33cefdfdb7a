// SPDX-License-Identifier: Apache-2.0
#include "column_products.hpp"

#include "vector_lanes.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::analysis {
namespace {

/// Columns one after the other, `stride` apart.
struct Columns {
  const double* x;
  std::size_t rows, columns, stride;
  [[nodiscard]] const double* column(std::size_t a) const { return x + a * stride; }
};

/// Columns multiplied at once: their sums and what they need stay in registers.
constexpr std::size_t at_once = 4;

/// out[q] = sum_i a_i w_i x_i,first+q for q < at_once; columns past the last are the last again.
/// Without `w` its place is taken by 1.
ANGIOTRIAL_ALWAYS_INLINE void products(const Columns& x, const double* a, const double* w,
                                       std::size_t first, std::size_t last, double* out) {
  const double* b0 = x.column(first);
  const double* b1 = x.column(std::min(first + 1, last));
  const double* b2 = x.column(std::min(first + 2, last));
  const double* b3 = x.column(std::min(first + 3, last));
  Lanes s0{}, s1{}, s2{}, s3{};
  for_each_block(0, x.rows, [&](const Block& block, bool whole) __attribute__((always_inline)) {
    Lanes wa, b;
    load(a, block, wa);
    if (w != nullptr) {
      load(w, block, b);
      wa *= b;
    }
    if (!whole) wa *= block.fresh;
    load(b0, block, b);
    s0 += wa * b;
    load(b1, block, b);
    s1 += wa * b;
    load(b2, block, b);
    s2 += wa * b;
    load(b3, block, b);
    s3 += wa * b;
  });
  out[0] = total(s0);
  out[1] = total(s1);
  out[2] = total(s2);
  out[3] = total(s3);
}

ANGIOTRIAL_VECTOR_CLONES void take_gram(const Columns& x, const double* w, double* gram) {
  double sums[at_once];
  for (std::size_t a = 0; a < x.columns; ++a) {
    for (std::size_t b = 0; b <= a; b += at_once) {
      products(x, x.column(a), w, b, a, sums);
      for (std::size_t q = 0; q < at_once && b + q <= a; ++q) {
        gram[a * x.columns + b + q] = gram[(b + q) * x.columns + a] = sums[q];
      }
    }
  }
}

ANGIOTRIAL_VECTOR_CLONES void take_products(const Columns& x, const double* r, double* out) {
  double sums[at_once];
  for (std::size_t b = 0; b < x.columns; b += at_once) {
    products(x, r, nullptr, b, x.columns - 1, sums);
    for (std::size_t q = 0; q < at_once && b + q < x.columns; ++q) out[b + q] = sums[q];
  }
}

ANGIOTRIAL_VECTOR_CLONES void take_predictor(const Columns& x, const double* beta,
                                             const double* offset, double* out) {
  for_each_block(0, x.rows, [&](const Block& block, bool) __attribute__((always_inline)) {
    Lanes sum{}, b;
    for (std::size_t a = 0; a < x.columns; ++a) {
      load(x.column(a), block, b);
      sum += beta[a] * b;
    }
    if (offset != nullptr) {
      load(offset, block, b);
      sum += b;
    }
    store(sum, block, out);
  });
}

Columns columns_of(const DesignColumns& x) {
  return {x.data(), static_cast<std::size_t>(x.rows()), static_cast<std::size_t>(x.cols()),
          static_cast<std::size_t>(x.outerStride())};
}

}  // namespace

void weighted_gram(const DesignColumns& x, std::span<const double> weight, Eigen::MatrixXd& gram) {
  const Columns columns = columns_of(x);
  ANGIOTRIAL_EXPECT(weight.empty() || weight.size() == columns.rows, "a weight a row");
  gram.resize(x.cols(), x.cols());
  take_gram(columns, weight.empty() ? nullptr : weight.data(), gram.data());
}

void cross_product(const DesignColumns& x, std::span<const double> r, Eigen::VectorXd& out) {
  const Columns columns = columns_of(x);
  ANGIOTRIAL_EXPECT(r.size() == columns.rows, "a number a row");
  out.resize(x.cols());
  if (columns.columns > 0) take_products(columns, r.data(), out.data());
}

void linear_predictor(const DesignColumns& x, std::span<const double> beta,
                      std::span<const double> offset, std::span<double> out) {
  const Columns columns = columns_of(x);
  ANGIOTRIAL_EXPECT(beta.size() == columns.columns, "a coefficient a column");
  ANGIOTRIAL_EXPECT(offset.empty() || offset.size() == columns.rows, "an offset a row");
  ANGIOTRIAL_EXPECT(out.size() == columns.rows, "a number a row");
  take_predictor(columns, beta.data(), offset.empty() ? nullptr : offset.data(), out.data());
}

}  // namespace angiotrial::analysis
