// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/zero_inflated.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/zero_likelihood.hpp"

#include <Eigen/Cholesky>

#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Covariance of beta, gamma and, off the boundary, ln phi.
MatrixXd joint_covariance(const ZeroCountModel& model, const ZeroCountFit& fit) {
  const auto p = static_cast<Index>(fit.coefficients.size());
  const auto q = static_cast<Index>(fit.zero_coefficients.size());
  if (fit.status == ZeroStatus::no_excess_zeros) {
    return Eigen::Map<const MatrixXd>(fit.covariance.data(), p + q, p + q);
  }
  const bool dispersed = model.negative_binomial && fit.status == ZeroStatus::fitted;
  VectorXd psi(p + q + (dispersed ? 1 : 0));
  psi.head(p) = Eigen::Map<const VectorXd>(fit.coefficients.data(), p);
  psi.segment(p, q) = Eigen::Map<const VectorXd>(fit.zero_coefficients.data(), q);
  if (dispersed) psi[p + q] = std::log(fit.dispersion);
  ZeroLikelihood likelihood(model, dispersed);
  likelihood.evaluate(psi);
  return likelihood.information().llt().solve(MatrixXd::Identity(psi.size(), psi.size()));
}

/// Mean of a row and its derivatives by x'beta, z'gamma and ln phi.
struct RowMean {
  double value = 0.0;
  double by_eta = 0.0;
  double by_zeta = 0.0;
  double by_log_phi = 0.0;
};

//   p = 1 / (1 + exp(-zeta)), m = (1 - p) mu
RowMean inflated(double mu, double zeta) {
  const double p = 1.0 / (1.0 + std::exp(-zeta));
  const double value = (1.0 - p) * mu;
  return {value, value, -p * value, 0.0};
}

//   f = (1 + phi mu)^(-1/phi), m = p mu / (1 - f)
//   dm/deta = m {1 - mu f / [(1 + phi mu) (1 - f)]}
//   dm/dln phi = m f / (1 - f) {ln(1 + phi mu) / phi - mu / (1 + phi mu)}
RowMean hurdle(double mu, double zeta, double phi) {
  const double p = 1.0 / (1.0 + std::exp(-zeta));
  const double d = 1.0 + phi * mu;
  const double log_f = phi > 0.0 ? -std::log1p(phi * mu) / phi : -mu;
  const double odds = std::exp(log_f) / -std::expm1(log_f);
  const double value = p * mu / -std::expm1(log_f);
  const double by_log_phi = phi > 0.0 ? value * odds * (-log_f - mu / d) : 0.0;
  return {value, value * (1.0 - mu * odds / d), (1.0 - p) * value, by_log_phi};
}

}  // namespace

MarginalMeans zero_count_means(const ZeroCountModel& model, const ZeroCountFit& fit,
                               std::span<const double> designs,
                               std::span<const double> zero_designs, int arms) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  const auto n = static_cast<Index>(model.counts.counts.size());
  const auto p = static_cast<Index>(model.counts.columns);
  const auto q = static_cast<Index>(model.zero_columns);
  ANGIOTRIAL_EXPECT(arms > 0 && designs.size() == static_cast<std::size_t>(arms * n * p) &&
                        zero_designs.size() == static_cast<std::size_t>(arms * n * q),
                    "a design an arm");
  const MatrixXd covariance = joint_covariance(model, fit);
  const Eigen::Map<const VectorXd> beta(fit.coefficients.data(), p);
  const bool none = fit.status == ZeroStatus::no_excess_zeros;
  const VectorXd gamma =
      none ? VectorXd::Zero(q)
           : VectorXd(Eigen::Map<const VectorXd>(fit.zero_coefficients.data(), q));
  VectorXd mean = VectorXd::Zero(arms);
  MatrixXd jacobian = MatrixXd::Zero(arms, covariance.rows());
  for (Index a = 0; a < arms; ++a) {
    const Eigen::Map<const RowMajor> x(designs.data() + a * n * p, n, p);
    const Eigen::Map<const RowMajor> z(zero_designs.data() + a * n * q, n, q);
    for (Index i = 0; i < n; ++i) {
      const double mu =
          std::exp(model.counts.offset[static_cast<std::size_t>(i)] + x.row(i).dot(beta));
      const double zeta = z.row(i).dot(gamma);
      const RowMean m = none                               ? RowMean{mu, mu, 0.0, 0.0}
                        : model.part == ZeroPart::inflated ? inflated(mu, zeta)
                                                           : hurdle(mu, zeta, fit.dispersion);
      mean[a] += m.value;
      jacobian.row(a).head(p) += m.by_eta * x.row(i);
      jacobian.row(a).segment(p, q) += m.by_zeta * z.row(i);
      if (covariance.rows() > p + q) jacobian(a, p + q) += m.by_log_phi;
    }
  }
  const auto rows = static_cast<double>(n);
  mean /= rows;
  jacobian /= rows;
  const MatrixXd of_means = jacobian * covariance * jacobian.transpose();
  return {{mean.data(), mean.data() + arms}, {of_means.data(), of_means.data() + of_means.size()}};
}

}  // namespace angiotrial::analysis
