// SPDX-License-Identifier: Apache-2.0
#include "bayes/hamiltonian.hpp"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Hamiltonian::Hamiltonian(const LogDensity& density, std::size_t dimension, MassMatrix kind)
    : density_(density), kind_(kind) {
  const auto d = static_cast<Index>(dimension);
  work_ = VectorXd::Zero(d);
  set_inverse_mass(MatrixXd::Identity(d, d));
}

bool Hamiltonian::set_inverse_mass(const MatrixXd& inverse_mass) {
  if (kind_ == MassMatrix::diagonal) {
    if (!(inverse_mass.diagonal().minCoeff() > 0.0)) return false;
    diagonal_ = inverse_mass.diagonal();
    diagonal_root_ = diagonal_.cwiseSqrt();
    return true;
  }
  const Eigen::LLT<MatrixXd> factor(inverse_mass);
  if (factor.info() != Eigen::Success) return false;
  inverse_mass_ = inverse_mass;
  root_ = factor.matrixL();
  return true;
}

void Hamiltonian::evaluate(PhasePoint& z) {
  ++evaluations_;
  const auto size = static_cast<std::size_t>(z.q.size());
  z.log_density = density_({z.q.data(), size}, {z.gradient.data(), size});
  if (std::isnan(z.log_density)) z.log_density = -std::numeric_limits<double>::infinity();
}

void Hamiltonian::draw_momentum(PhasePoint& z, random::Stream& stream) const {
  for (Index i = 0; i < z.p.size(); ++i) z.p[i] = stream.normal();
  if (kind_ == MassMatrix::diagonal) {
    z.p = z.p.cwiseQuotient(diagonal_root_);
  } else {
    root_.triangularView<Eigen::Lower>().transpose().solveInPlace(z.p);
  }
}

void Hamiltonian::velocity(const VectorXd& p, VectorXd& out) const {
  if (kind_ == MassMatrix::diagonal) {
    out = diagonal_.cwiseProduct(p);
  } else {
    out.noalias() = inverse_mass_ * p;
  }
}

void Hamiltonian::leapfrog(PhasePoint& z, double step) {
  z.p += 0.5 * step * z.gradient;
  velocity(z.p, work_);
  z.q += step * work_;
  evaluate(z);
  z.p += 0.5 * step * z.gradient;
}

double Hamiltonian::energy(const PhasePoint& z) {
  velocity(z.p, work_);
  const double h = 0.5 * z.p.dot(work_) - z.log_density;
  return std::isnan(h) ? std::numeric_limits<double>::infinity() : h;
}

}  // namespace angiotrial::analysis
