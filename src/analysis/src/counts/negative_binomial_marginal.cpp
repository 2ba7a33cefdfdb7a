// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/negative_binomial_state.hpp"

#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void expect_designs(const CountModel& model, std::span<const double> designs, int arms) {
  ANGIOTRIAL_EXPECT(arms > 0 && designs.size() == static_cast<std::size_t>(arms) *
                                                      model.counts.size() * model.columns,
                    "a design an arm");
}

}  // namespace

std::vector<double> predict_counts(const CountModel& model, const NegativeBinomialFit& fit,
                                   std::span<const double> designs, int arms) {
  std::vector<double> out;
  predict_counts(model, fit, designs, arms, out);
  return out;
}

void predict_counts(const CountModel& model, const NegativeBinomialFit& fit,
                    std::span<const double> designs, int arms, std::vector<double>& out) {
  expect_designs(model, designs, arms);
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  const std::size_t n = model.counts.size();
  const std::size_t p = model.columns;
  const auto count = static_cast<std::size_t>(arms);
  out.resize(n * count);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t i = 0; i < n; ++i) {
      double eta = model.offset[i];
      for (std::size_t c = 0; c < p; ++c) {
        eta += designs[(a * n + i) * p + c] * fit.coefficients[c];
      }
      out[i * count + a] = std::exp(eta);
    }
  }
}

int arm_on_one_row(const CountModel& model, const NegativeBinomialFit& fit,
                   std::span<const double> designs, int arms, int reference) {
  expect_designs(model, designs, arms);
  CountPieces parts;
  take_pieces(model, fit, parts);
  parts.rows.compute(parts.x, parts.bread, parts.w);
  const auto n = static_cast<Index>(model.counts.size());
  const auto p = static_cast<Index>(model.columns);
  const auto gradient = [&](Index arm) -> VectorXd {
    const Eigen::Map<const RowMajor> all(designs.data() + arm * n * p, n, p);
    const MatrixXd x = all(Eigen::all, parts.kept);
    const VectorXd f = (x * parts.beta).array().exp();
    return x.transpose() * f / f.sum();
  };
  for (int arm = 0; arm < arms; ++arm) {
    if (parts.rows.carries(gradient(arm) - gradient(reference))) return arm;
  }
  return -1;
}

//   m_a = mean_i f_ia,  f_ia = t exp(x_ia' beta),  J_a = mean_i x_ia f_ia
//   influence of patient i on m_a: (f_ia - m_a) / n + u_i x_i' B J_a
MarginalMeans marginal_rates(const CountModel& model, const NegativeBinomialFit& fit,
                             std::span<const double> designs, int arms, double exposure) {
  expect_designs(model, designs, arms);
  ANGIOTRIAL_EXPECT(exposure > 0.0, "a rate is at an exposure above 0");
  CountPieces parts;
  take_pieces(model, fit, parts);
  const auto n = static_cast<Index>(model.counts.size());
  const auto p = static_cast<Index>(model.columns);
  const MatrixXd of_beta = parts.u.asDiagonal() * (parts.x * parts.bread);
  VectorXd mean(arms);
  MatrixXd influence(n, arms);
  for (Index a = 0; a < arms; ++a) {
    const Eigen::Map<const RowMajor> all(designs.data() + a * n * p, n, p);
    const MatrixXd x = all(Eigen::all, parts.kept);
    const VectorXd f = exposure * (x * parts.beta).array().exp();
    mean[a] = f.mean();
    const VectorXd jacobian = x.transpose() * f / static_cast<double>(n);
    influence.col(a) = (f.array() - mean[a]).matrix() / static_cast<double>(n) + of_beta * jacobian;
  }
  const MatrixXd covariance = influence.transpose() * influence;
  return {{mean.data(), mean.data() + arms},
          {covariance.data(), covariance.data() + covariance.size()}};
}

}  // namespace angiotrial::analysis
