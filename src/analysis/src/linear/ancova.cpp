// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/ancova.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Core>
#include <Eigen/QR>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Smallest pivot of the orthogonal factorisation, over the largest, that counts as full rank.
constexpr double rank_tolerance = 1.0e-7;

/// Cell means and centred covariates: column a is arm present[a], then the covariates.
struct Design {
  MatrixXd x;
  std::vector<int> present;      ///< arms with rows, in order
  std::vector<Index> column_of;  ///< by arm; -1 without rows
};

Design build(const AncovaModel& model) {
  Design design;
  design.column_of.assign(static_cast<std::size_t>(model.arms), -1);
  const auto n = static_cast<Index>(model.response.size());
  for (int arm = 0; arm < model.arms; ++arm) {
    if (std::find(model.arm.begin(), model.arm.end(), arm) == model.arm.end()) continue;
    design.column_of[static_cast<std::size_t>(arm)] = static_cast<Index>(design.present.size());
    design.present.push_back(arm);
  }
  const auto arms = static_cast<Index>(design.present.size());
  const auto q = static_cast<Index>(model.covariate_count);
  design.x.setZero(n, arms + q);
  for (Index i = 0; i < n; ++i) {
    const auto arm = static_cast<std::size_t>(model.arm[static_cast<std::size_t>(i)]);
    design.x(i, design.column_of[arm]) = 1.0;
    for (Index c = 0; c < q; ++c) {
      design.x(i, arms + c) = model.covariates[static_cast<std::size_t>(i * q + c)];
    }
  }
  for (Index c = arms; c < arms + q && n > 0; ++c)
    design.x.col(c).array() -= design.x.col(c).mean();
  return design;
}

/// What turns coefficients and their covariance into estimates.
struct Inference {
  VectorXd beta;
  MatrixXd covariance;
  double half_width = 0.0;  ///< t quantile
  double df = 0.0;

  [[nodiscard]] LinearEstimate of(const VectorXd& weights) const {
    LinearEstimate out;
    out.estimate = weights.dot(beta);
    out.se = std::sqrt(weights.dot(covariance * weights));
    out.lower = out.estimate - half_width * out.se;
    out.upper = out.estimate + half_width * out.se;
    const double t = std::fabs(out.estimate) / out.se;
    const boost::math::students_t_distribution<double> distribution(df);
    out.p_value = std::isfinite(t) ? 2.0 * cdf(complement(distribution, t)) : 0.0;
    return out;
  }
};

/// HC3: (X'X)^-1 X' diag(e_i^2 / (1 - h_i)^2) X (X'X)^-1.
MatrixXd hc3(const MatrixXd& x, const VectorXd& residual, const MatrixXd& inverse) {
  const MatrixXd xv = x * inverse;
  VectorXd weight(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    const double e = residual[i] / (1.0 - xv.row(i).dot(x.row(i)));
    weight[i] = e * e;
  }
  return xv.transpose() * weight.asDiagonal() * xv;
}

void estimate(const AncovaModel& model, const Design& design, const Inference& inference,
              AncovaFit& fit) {
  const Index p = design.x.cols();
  const Index reference = design.column_of[static_cast<std::size_t>(model.reference)];
  for (const int arm : design.present) {
    const auto a = static_cast<std::size_t>(arm);
    VectorXd weights = VectorXd::Unit(p, design.column_of[a]);
    fit.adjusted_means[a] = inference.of(weights);
    if (arm == model.reference || reference < 0) continue;
    weights[reference] = -1.0;
    fit.contrasts[a] = inference.of(weights);
  }
  for (Index c = static_cast<Index>(design.present.size()); c < p; ++c) {
    fit.covariates.push_back(inference.of(VectorXd::Unit(p, c)));
  }
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

AncovaFit fit_ancova(const AncovaModel& model) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.arm.size() == rows, "an arm a response");
  ANGIOTRIAL_EXPECT(model.covariates.size() == rows * model.covariate_count,
                    "covariates for each response");
  ANGIOTRIAL_EXPECT(model.reference >= 0 && model.reference < model.arms,
                    "the reference is an arm");
  for (const int arm : model.arm) {
    ANGIOTRIAL_EXPECT(arm >= 0 && arm < model.arms, "each row has a known arm");
  }
  AncovaFit fit;
  fit.contrasts.resize(static_cast<std::size_t>(model.arms));
  fit.adjusted_means.resize(static_cast<std::size_t>(model.arms));
  if (!finite(model.response) || !finite(model.covariates)) return fit;
  const Design design = build(model);
  const auto n = static_cast<Index>(rows);
  const Index p = design.x.cols();
  fit.status = FitStatus::too_few_rows;
  if (n < p + 2) return fit;
  Eigen::ColPivHouseholderQR<MatrixXd> qr(design.x.rows(), p);
  qr.setThreshold(rank_tolerance);
  qr.compute(design.x);
  fit.status = FitStatus::collinear;
  if (qr.rank() < p) return fit;

  const Eigen::Map<const VectorXd> y(model.response.data(), n);
  Inference inference;
  inference.beta = qr.solve(y);
  const VectorXd residual = y - design.x * inference.beta;
  fit.degrees_of_freedom = static_cast<int>(n - p);
  inference.df = static_cast<double>(n - p);
  fit.sigma = std::sqrt(residual.squaredNorm() / inference.df);
  // X P = Q R, so (X'X)^-1 = P R^-1 R^-T P'.
  const MatrixXd root =
      qr.colsPermutation() *
      MatrixXd(qr.matrixR().topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(
          MatrixXd::Identity(p, p)));
  const MatrixXd inverse = root * root.transpose();
  inference.covariance = model.variance == Variance::hc3
                             ? hc3(design.x, residual, inverse)
                             : MatrixXd(fit.sigma * fit.sigma * inverse);
  const boost::math::students_t_distribution<double> t(inference.df);
  inference.half_width = quantile(complement(t, 0.5 * (1.0 - model.level)));
  estimate(model, design, inference, fit);
  fit.status = FitStatus::fitted;
  return fit;
}

}  // namespace angiotrial::analysis
