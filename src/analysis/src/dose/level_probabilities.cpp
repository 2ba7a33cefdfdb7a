// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr std::size_t most_dimensions = 5;

std::vector<Index> members(unsigned set, std::size_t dimension) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < dimension; ++i) {
    if ((set >> i & 1U) != 0) out.push_back(static_cast<Index>(i));
  }
  return out;
}

MatrixXd correlation_of(const MatrixXd& v) {
  const Eigen::VectorXd scale = v.diagonal().cwiseSqrt().cwiseInverse();
  MatrixXd r = scale.asDiagonal() * v * scale.asDiagonal();
  r.diagonal().setOnes();
  return r;
}

/// P(Z >= 0), Z ~ N(0, v). Odd dimensions follow from lower ones: all Z > 0 and all Z < 0 are
/// equally likely, so that inclusion and exclusion give
///   2 P = 1 - sum P_i + sum P_ij - ... over the proper subsets.
double orthant(const MatrixXd& v) {
  const auto n = static_cast<std::size_t>(v.rows());
  if (n == 0) return 1.0;
  if (n == 1) return 0.5;
  const MatrixXd r = correlation_of(v);
  if (n == 2) return 0.25 + 0.5 * std::numbers::inv_pi * std::asin(r(0, 1));
  if (n == 4) {
    const std::vector<double> zero(n, 0.0);
    const std::vector<double> flat(r.data(), r.data() + r.size());
    return box_probability(zero, {flat, n}, std::numeric_limits<double>::infinity()).value;
  }
  double twice = 1.0;
  for (unsigned set = 1; set + 1 < 1U << n; ++set) {
    const auto in = members(set, n);
    twice += (in.size() % 2 == 0 ? 1.0 : -1.0) * orthant(r(in, in));
  }
  return 0.5 * twice;
}

}  // namespace

// Kudo 1963: w_j = sum over the sets F of j free coordinates, R the rest, of
//   P(N(0, V_FF - V_FR V_RR^-1 V_RF) >= 0) P(N(0, V_RR^-1) >= 0)
std::vector<double> level_probabilities(std::span<const double> covariance, std::size_t dimension) {
  ANGIOTRIAL_EXPECT(covariance.size() == dimension * dimension && dimension <= most_dimensions,
                    "a square covariance of at most 5 dimensions");
  const auto p = static_cast<Index>(dimension);
  const MatrixXd v = Eigen::Map<const MatrixXd>(covariance.data(), p, p);
  if (!v.allFinite() || v.llt().info() != Eigen::Success) return {};
  std::vector<double> w(dimension + 1, 0.0);
  const unsigned all = (1U << dimension) - 1U;
  for (unsigned set = 0; set <= all; ++set) {
    const auto free = members(set, dimension);
    const auto rest = members(all & ~set, dimension);
    MatrixXd given = v(free, free);
    double outside = 1.0;
    if (!rest.empty()) {
      const auto size = static_cast<Index>(rest.size());
      const MatrixXd inverse = MatrixXd(v(rest, rest)).llt().solve(MatrixXd::Identity(size, size));
      given -= v(free, rest) * inverse * v(rest, free);
      outside = orthant(inverse);
    }
    w[free.size()] += orthant(given) * outside;
  }
  return w;
}

}  // namespace angiotrial::analysis
