// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <algorithm>
#include <cmath>
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

double quadrant(double correlation) {
  return 0.25 + 0.5 * std::numbers::inv_pi * std::asin(std::clamp(correlation, -1.0, 1.0));
}

/// Correlation of the other two of four variables, given that i and j are 0, where correlations
/// are shrunk to t r.
double correlation_given(const MatrixXd& r, double t, Index i, Index j, Index k, Index l) {
  const double ij = t * r(i, j);
  const double scale = 1.0 / (1.0 - ij * ij);
  const auto product = [&](Index a, Index b) {
    const double ai = t * r(a, i), aj = t * r(a, j), bi = t * r(b, i), bj = t * r(b, j);
    return scale * (ai * bi - ij * (ai * bj + aj * bi) + aj * bj);
  };
  return (t * r(k, l) - product(k, l)) / std::sqrt((1.0 - product(k, k)) * (1.0 - product(l, l)));
}

/// Plackett 1954 (doi:10.1093/biomet/41.3-4.351), from independence to r:
///   dP / dt = sum over i < j of r_ij / (2 pi sqrt(1 - t^2 r_ij^2)) P(other two > 0 | i, j at 0)
double orthant_of_four(const MatrixXd& r) {
  const auto slope = [&](double t) {
    double sum = 0.0;
    for (Index i = 0; i < 4; ++i) {
      for (Index j = i + 1; j < 4; ++j) {
        const Index k = i > 0 ? 0 : (j > 1 ? 1 : 2);
        const Index l = 6 - i - j - k;
        const double ij = t * r(i, j);
        sum += r(i, j) / std::sqrt(1.0 - ij * ij) * quadrant(correlation_given(r, t, i, j, k, l));
      }
    }
    return 0.5 * std::numbers::inv_pi * sum;
  };
  return 0.0625 + boost::math::quadrature::gauss_kronrod<double, 31>::integrate(slope, 0.0, 1.0, 10,
                                                                                1.0e-12);
}

/// P(Z >= 0), Z ~ N(0, v), up to four dimensions. In three, all Z > 0 and all Z < 0 are equally
/// likely: 2 P = 1 - 3 / 2 + sum P_ij.
double orthant(const MatrixXd& v) {
  if (v.rows() == 0) return 1.0;
  if (v.rows() == 1) return 0.5;
  const MatrixXd r = correlation_of(v);
  if (v.rows() == 2) return quadrant(r(0, 1));
  if (v.rows() == 3) {
    return 0.5 * (quadrant(r(0, 1)) + quadrant(r(0, 2)) + quadrant(r(1, 2)) - 0.5);
  }
  return orthant_of_four(r);
}

}  // namespace

// Kudo 1963: w_j = sum over the sets F of j free coordinates, R the rest, of
//   P(N(0, V_FF - V_FR V_RR^-1 V_RF) >= 0) P(N(0, V_RR^-1) >= 0)
// The w_j of even j sum to 1 / 2, and so do those of odd j, which spares the largest orthants.
std::vector<double> level_probabilities(std::span<const double> covariance, std::size_t dimension) {
  ANGIOTRIAL_EXPECT(covariance.size() == dimension * dimension && dimension <= most_dimensions,
                    "a square covariance of at most 5 dimensions");
  const auto p = static_cast<Index>(dimension);
  const MatrixXd v = Eigen::Map<const MatrixXd>(covariance.data(), p, p);
  if (!v.allFinite() || v.llt().info() != Eigen::Success) return {};
  std::vector<double> w(dimension + 1, 0.0);
  if (dimension == 0) return {1.0};
  const unsigned all = (1U << dimension) - 1U;
  for (unsigned set = 1; set < all; ++set) {
    const auto free = members(set, dimension);
    const auto rest = members(all & ~set, dimension);
    const auto size = static_cast<Index>(rest.size());
    const MatrixXd inverse = MatrixXd(v(rest, rest)).llt().solve(MatrixXd::Identity(size, size));
    const MatrixXd given = v(free, free) - v(free, rest) * inverse * v(rest, free);
    w[free.size()] += orthant(given) * orthant(inverse);
  }
  if (dimension % 2 == 0) w[0] = orthant(v.llt().solve(MatrixXd::Identity(p, p)));
  double even = 0.0;
  double odd = 0.0;
  for (std::size_t j = 0; j <= dimension; ++j) (j % 2 == 0 ? even : odd) += w[j];
  if (dimension % 2 == 0) {
    w[dimension] = 0.5 - even;
  } else {
    w[0] = 0.5 - even;
    w[dimension] = 0.5 - odd;
  }
  return w;
}

}  // namespace angiotrial::analysis
