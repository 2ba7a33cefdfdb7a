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

/// Inverse of rho = phi / sqrt(1 + phi^2).
double to_phi(double rho) {
  const double r = std::clamp(rho, -0.95, 0.95);
  return r / std::sqrt(1.0 - r * r);
}

}  // namespace

void Structure::start_triangular(const MatrixXd& moments, double* theta) {
  if (kind_ == Kind::unstructured) {
    llt_.compute(moments);
    const MatrixXd& lower = llt_.matrixLLT();
    Index at = m_;
    for (Index a = 0; a < m_; ++a) {
      theta[a] = std::log(lower(a, a));
      for (Index b = 0; b < a; ++b) theta[at++] = lower(a, b) / lower(a, a);
    }
    return;
  }
  const double total = moments.diagonal().mean();
  const double pairs = static_cast<double>(m_ * (m_ - 1));
  const double shared = m_ > 1 ? (moments.sum() - moments.trace()) / pairs : 0.0;
  const double residual = std::max(total - shared, 0.2 * total);
  const double ratio = std::sqrt(std::max(shared, 0.1 * total) / residual);
  const double reach = z_.col(1).cwiseAbs().maxCoeff();
  theta[0] = 0.5 * std::log(residual);
  theta[1] = ratio;
  theta[2] = 0.0;
  theta[3] = 0.5 * ratio / (reach > 0.0 ? reach : 1.0);
}

void Structure::start(const MatrixXd& moments, double* theta) {
  if (triangular()) return start_triangular(moments, theta);
  const VectorXd& sd = sd_ = moments.diagonal().cwiseSqrt();
  MatrixXd& r = correlation_;
  r.noalias() = sd * sd.transpose();
  r = r.cwiseInverse().cwiseProduct(moments);
  if (scales_ == 1) {
    theta[0] = 0.5 * std::log(moments.diagonal().mean()) / h_;
  } else {
    for (Index a = 0; a < m_; ++a) theta[a] = std::log(sd[a]);
  }
  double* phi = theta + scales_;
  if (phis_ == 0) return;
  if (is_toeplitz(kind_)) {
    for (Index k = 0; k < phis_; ++k) phi[k] = to_phi(r.diagonal(k + 1).mean());
  } else if (is_ante_dependence(kind_)) {
    for (Index k = 0; k < phis_; ++k) phi[k] = to_phi(r(k, k + 1));
  } else if (kind_ == Kind::spatial_exponential) {
    double sum = 0.0;
    for (Index k = 0; k + 1 < m_; ++k) {
      // Mean times of two visits may coincide where patients have times of their own.
      const double gap = std::max(lag(k, k + 1), 1.0e-3);
      sum += std::log(std::clamp(r(k, k + 1), 0.05, 0.95)) / gap;
    }
    const double rho = std::clamp(std::exp(sum / static_cast<double>(m_ - 1)), 1.0e-9, 0.999);
    phi[0] = std::log(rho / (1.0 - rho));
  } else if (kind_ == Kind::ar1 || kind_ == Kind::heterogeneous_ar1) {
    phi[0] = to_phi(r.diagonal(1).mean());
  } else {
    const double mean = (r.sum() - r.trace()) / static_cast<double>(m_ * (m_ - 1));
    const double least = least_compound(m_);
    const double rho = std::clamp(mean, 0.9 * least, 0.95);
    phi[0] = std::log((rho - least) / (1.0 - rho));
  }
}

}  // namespace angiotrial::analysis
