// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_structure.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Kind = CovarianceStructure;

bool heterogeneous(Kind kind) {
  return kind == Kind::unstructured || kind == Kind::heterogeneous_toeplitz ||
         kind == Kind::heterogeneous_ante_dependence || kind == Kind::heterogeneous_ar1 ||
         kind == Kind::heterogeneous_compound_symmetry;
}

Index phi_count(Kind kind, Index m) {
  switch (kind) {
    case Kind::unstructured:
      return m * (m - 1) / 2;
    case Kind::random_slope:
      return 3;
    case Kind::random_intercept:  // at its bound, where rows are independent
      return 0;
    case Kind::heterogeneous_toeplitz:
    case Kind::toeplitz:
    case Kind::heterogeneous_ante_dependence:
    case Kind::ante_dependence:
      return m - 1;
    default:
      return m > 1 ? 1 : 0;
  }
}

/// c^d and its first two derivatives in phi, c = f(phi).
struct Power {
  double value, first, second;
};
Power power(double c, double c1, double c2, double d) {
  if (d == 0.0) return {1.0, 0.0, 0.0};
  if (d == 1.0) return {c, c1, c2};
  const double low = std::pow(c, d - 1.0);
  const double lower = d == 2.0 ? 1.0 : std::pow(c, d - 2.0);
  return {low * c, d * low * c1, d * (d - 1.0) * lower * c1 * c1 + d * low * c2};
}

}  // namespace

void Structure::choose(Kind kind, Index visits, std::span<const double> times) {
  kind_ = kind;
  m_ = visits;
  scales_ = heterogeneous(kind) ? visits : 1;
  phis_ = phi_count(kind, visits);
  h_ = kind == Kind::spatial_exponential ? 0.5 : 1.0;
  times_.assign(times.begin(), times.end());
  s_.resize(m_);
  r_.resize(m_, m_);
  sigma_.resize(m_, m_);
  r1_.resize(static_cast<std::size_t>(phis_));
  for (MatrixXd& derivative : r1_) derivative.setZero(m_, m_);
  first_.resize(static_cast<std::size_t>(parameters()));
  for (MatrixXd& derivative : first_) derivative.setZero(m_, m_);
  f_.setZero(phis_);
  f1_.setZero(phis_);
  f2_.setZero(phis_);
  if (kind == Kind::unstructured) {
    lower_.setIdentity(m_, m_);
  } else if (kind == Kind::random_slope) {
    lower_.setZero(2, 2);
    z_.resize(m_, 2);
    for (Index a = 0; a < m_; ++a) z_.row(a) << 1.0, times_[static_cast<std::size_t>(a)];
  }
}

double Structure::lag(Index a, Index b) const {
  switch (kind_) {
    case Kind::spatial_exponential:
      return std::fabs(times_[static_cast<std::size_t>(a)] - times_[static_cast<std::size_t>(b)]);
    case Kind::compound_symmetry:
    case Kind::heterogeneous_compound_symmetry:
      return a == b ? 0.0 : 1.0;
    default:
      return std::fabs(static_cast<double>(a - b));
  }
}

void Structure::set_triangular(const double* phi) {
  const bool slope = kind_ == Kind::random_slope;
  const Index q = slope ? 2 : m_;
  Index at = 0;
  for (Index x = 0; x < q; ++x) {
    for (Index c = 0; c < x + (slope ? 1 : 0); ++c) lower_(x, c) = phi[at++];
  }
  MatrixXd& full = full_;
  if (slope) {
    full.noalias() = z_.lazyProduct(lower_);
  } else {
    full = lower_;
  }
  r_.noalias() = full.lazyProduct(full.transpose());
  if (slope) r_.diagonal().array() += 1.0;
  at = 0;
  for (Index x = 0; x < q; ++x) {
    for (Index c = 0; c < x + (slope ? 1 : 0); ++c) {
      set_triangular_slope(x, c, r1_[static_cast<std::size_t>(at++)]);
    }
  }
}

// dR = e_x (F e_c)' + its transpose, e_x a row of the identity or a column of Z.
void Structure::set_triangular_slope(Index x, Index c, MatrixXd& d) const {
  if (kind_ == Kind::random_slope) {
    for (Index a = 0; a < m_; ++a) {
      for (Index b = 0; b < m_; ++b) d(a, b) = z_(a, x) * full_(b, c) + z_(b, x) * full_(a, c);
    }
  } else {
    d.row(x) = full_.col(c).transpose();
    d.col(x) = full_.col(c);
    d(x, x) = 2.0 * full_(x, c);
  }
}

void Structure::set_ante_dependence() {
  for (Index a = 0; a < m_; ++a) {
    double product = 1.0;
    r_(a, a) = 1.0;
    for (Index b = a + 1; b < m_; ++b) {
      product *= f_[b - 1];
      r_(a, b) = r_(b, a) = product;
      for (Index k = a; k < b; ++k) {
        double others = f1_[k];
        for (Index l = a; l < b; ++l) others *= l == k ? 1.0 : f_[l];
        MatrixXd& d = r1_[static_cast<std::size_t>(k)];
        d(a, b) = d(b, a) = others;
      }
    }
  }
}

void Structure::set_correlation(const double* phi) {
  for (Index k = 0; k < phis_; ++k) {
    const double t = phi[k];
    if (kind_ == Kind::spatial_exponential || is_compound(kind_)) {
      // From the least correlation to 1 along a logistic curve.
      const double least = is_compound(kind_) ? least_compound(m_) : 0.0;
      const double share = 1.0 / (1.0 + std::exp(-t));
      f_[k] = least + (1.0 - least) * share;
      f1_[k] = (1.0 - least) * share * (1.0 - share);
      f2_[k] = f1_[k] * (1.0 - 2.0 * share);
    } else {
      const double q = 1.0 / std::sqrt(1.0 + t * t);
      f_[k] = t * q;
      f1_[k] = q * q * q;
      f2_[k] = -3.0 * t * q * q * f1_[k];
    }
  }
  if (is_ante_dependence(kind_)) return set_ante_dependence();
  r_.setIdentity(m_, m_);
  for (Index a = 0; phis_ > 0 && a < m_; ++a) {
    for (Index b = 0; b < a; ++b) {
      const Index k = is_toeplitz(kind_) ? a - b - 1 : 0;
      const Power p = power(f_[k], f1_[k], f2_[k], is_toeplitz(kind_) ? 1.0 : lag(a, b));
      r_(a, b) = r_(b, a) = p.value;
      MatrixXd& d = r1_[static_cast<std::size_t>(k)];
      d(a, b) = d(b, a) = p.first;
    }
  }
}

void Structure::set(const double* theta) {
  for (Index a = 0; a < m_; ++a) s_[a] = std::exp(h_ * theta[scales_ == 1 ? 0 : a]);
  if (triangular()) {
    set_triangular(theta + scales_);
  } else {
    set_correlation(theta + scales_);
  }
  outer_.noalias() = s_.lazyProduct(s_.transpose());
  sigma_ = outer_.cwiseProduct(r_);
  if (scales_ == 1) {
    first_[0] = 2.0 * h_ * sigma_;
  } else {
    for (Index a = 0; a < m_; ++a) {
      MatrixXd& d = first_[static_cast<std::size_t>(a)];
      d.row(a) = h_ * sigma_.row(a);
      d.col(a) = h_ * sigma_.col(a);
      d(a, a) = 2.0 * h_ * sigma_(a, a);
    }
  }
  for (Index k = 0; k < phis_; ++k) {
    first_[static_cast<std::size_t>(scales_ + k)] =
        outer_.cwiseProduct(r1_[static_cast<std::size_t>(k)]);
  }
}

void Structure::contract_triangular(const MatrixXd& g, MatrixXd& out) {
  const bool slope = kind_ == Kind::random_slope;
  const Index extra = slope ? 1 : 0;
  MatrixXd& inner = turned_;
  if (slope) {
    half_turned_.noalias() = z_.transpose() * g;
    inner.noalias() = half_turned_ * z_;
  } else {
    inner = g;
  }
  // d2R / dL_xc dL_yc = e_x e_y' + e_y e_x'; 0 across columns.
  for (Index x = 0; x < inner.rows(); ++x) {
    const Index row = x * (x - 1) / 2 + extra * x;
    for (Index y = 0; y < inner.rows(); ++y) {
      const Index col = y * (y - 1) / 2 + extra * y;
      for (Index c = 0; c < std::min(x, y) + extra; ++c) out(row + c, col + c) = 2.0 * inner(x, y);
    }
  }
}

void Structure::contract_correlation(const MatrixXd& g, MatrixXd& out) const {
  for (Index a = 0; phis_ > 0 && a < m_; ++a) {
    for (Index b = a + 1; b < m_; ++b) {
      const double weight = 2.0 * g(a, b);
      if (is_ante_dependence(kind_)) {
        contract_ante_dependence(a, b, weight, out);
        continue;
      }
      const Index k = is_toeplitz(kind_) ? b - a - 1 : 0;
      out(k, k) +=
          weight * power(f_[k], f1_[k], f2_[k], is_toeplitz(kind_) ? 1.0 : lag(a, b)).second;
    }
  }
}

// R_ab is the product of the correlations from a to b.
void Structure::contract_ante_dependence(Index a, Index b, double weight, MatrixXd& out) const {
  for (Index k = a; k < b; ++k) {
    for (Index l = a; l < b; ++l) {
      double product = k == l ? f2_[k] : f1_[k] * f1_[l];
      for (Index o = a; o < b; ++o) product *= o == k || o == l ? 1.0 : f_[o];
      out(k, l) += weight * product;
    }
  }
}

void Structure::contract(const MatrixXd& g, MatrixXd& out) {
  out.setZero(parameters(), parameters());
  scaled_ = g.cwiseProduct(outer_);
  // Scales: d2 Sigma_ab / dlog s_a dlog s_b and the like.
  weighted_ = scaled_.cwiseProduct(r_);
  corner_ = 2.0 * h_ * h_ * weighted_;
  corner_.diagonal() += 2.0 * h_ * h_ * weighted_.rowwise().sum();
  side_.resize(m_, phis_);
  for (Index k = 0; k < phis_; ++k) {
    side_.col(k) =
        2.0 * h_ * scaled_.cwiseProduct(r1_[static_cast<std::size_t>(k)]).rowwise().sum();
  }
  if (scales_ == 1) {
    out(0, 0) = corner_.sum();
    out.block(0, 1, 1, phis_) = side_.colwise().sum();
  } else {
    out.topLeftCorner(m_, m_) = corner_;
    out.topRightCorner(m_, phis_) = side_;
  }
  out.bottomLeftCorner(phis_, scales_) = out.topRightCorner(scales_, phis_).transpose();
  bend_.setZero(phis_, phis_);
  if (triangular()) {
    contract_triangular(scaled_, bend_);
  } else {
    contract_correlation(scaled_, bend_);
  }
  out.bottomRightCorner(phis_, phis_) = bend_;
}

}  // namespace angiotrial::analysis
