// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/descriptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/negative_binomial_state.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

void take_pieces(const CountModel& model, const NegativeBinomialFit& fit, CountPieces& out) {
  ANGIOTRIAL_EXPECT(usable(fit.status), "the model has been fitted");
  const auto n = static_cast<Index>(model.counts.size());
  const auto p = static_cast<Index>(model.columns);
  out.kept.clear();
  for (Index c = 0; c < p; ++c) {
    if (!fit.dropped[static_cast<std::size_t>(c)]) out.kept.push_back(c);
  }
  const Eigen::Map<const RowMajor> x(model.design.data(), n, p);
  const Eigen::Map<const MatrixXd> bread(fit.covariance_expected.data(), p, p);
  const auto k = static_cast<Index>(out.kept.size());
  out.x.resize(n, k);
  out.bread.resize(k, k);
  out.beta.resize(k);
  for (Index a = 0; a < k; ++a) {
    const Index from = out.kept[static_cast<std::size_t>(a)];
    out.x.col(a) = x.col(from);
    out.beta[a] = fit.coefficients[static_cast<std::size_t>(from)];
    for (Index b = 0; b < k; ++b) {
      out.bread(b, a) = bread(out.kept[static_cast<std::size_t>(b)], from);
    }
  }
  out.mu.noalias() = out.x * out.beta;
  out.mu += Eigen::Map<const VectorXd>(model.offset.data(), n);
  out.mu = out.mu.array().exp();
  const auto y = Eigen::Map<const Eigen::VectorXi>(model.counts.data(), n).cast<double>();
  out.w = out.mu.array() / (1.0 + fit.dispersion * out.mu.array());
  out.u = (y - out.mu).array() / (1.0 + fit.dispersion * out.mu.array());
}

namespace {

/// -d2l of (beta, ln phi), inverted; the block of beta.
void observed(const CountModel& model, const NegativeBinomialFit& fit,
              NegativeBinomialWorkspace::State& s, MatrixXd& out) {
  load_at(model, fit, s);
  evaluate(s, s.beta, s.phi);
  const Index k = ix(s.k);
  if (fit.status == FitStatus::poisson_boundary) {
    s.cholesky.compute(s.information);
    out.setIdentity(k, k);
    s.cholesky.solveInPlace(out);
    return;
  }
  joint_information(s);
  s.joint_cholesky.compute(s.joint);
  s.joint_inverse.setIdentity(k + 1, k + 1);
  s.joint_cholesky.solveInPlace(s.joint_inverse);
  out = s.joint_inverse.topLeftCorner(k, k);
}

/// Into parts.covariance and parts.rows.
void heteroscedastic(CountPieces& parts, CountVariance variance) {
  parts.rows.compute(parts.x, parts.bread, parts.w);
  const int power =
      variance == CountVariance::hc3 ? 2 : static_cast<int>(variance == CountVariance::hc2);
  parts.rows.sandwich(parts.u, power, parts.covariance);
  const auto n = static_cast<double>(parts.x.rows());
  if (variance == CountVariance::hc1) {
    parts.covariance *= n / (n - static_cast<double>(parts.x.cols()));
  }
}

ClusterCorrection correction_of(CountVariance variance) {
  if (variance == CountVariance::cr2) return ClusterCorrection::square_root;
  return variance == CountVariance::cr3 ? ClusterCorrection::inverse : ClusterCorrection::none;
}

/// Into parts.covariance and parts.clusters.
void clustered(CountPieces& parts, CountVariance variance, std::span<const int> labels) {
  parts.clusters.compute(parts.x, parts.bread, parts.w, labels);
  ANGIOTRIAL_EXPECT(parts.clusters.clusters() > 1, "a variance by cluster has two clusters");
  parts.clusters.sandwich(parts.u, correction_of(variance), parts.covariance);
  const double g = parts.clusters.clusters();
  if (variance == CountVariance::cr1) parts.covariance *= g / (g - 1.0);
}

/// In s.pieces.covariance, for the columns kept.
void take_covariance(const CountModel& model, const NegativeBinomialFit& fit,
                     CountVariance variance, std::span<const int> cluster,
                     NegativeBinomialWorkspace::State& s) {
  CountPieces& parts = s.pieces;
  take_pieces(model, fit, parts);
  parts.rows.clear();
  parts.clusters.clear();
  switch (variance) {
    case CountVariance::expected:
      parts.covariance = parts.bread;
      return;
    case CountVariance::observed:
      return observed(model, fit, s, parts.covariance);
    case CountVariance::hc0:
    case CountVariance::hc1:
    case CountVariance::hc2:
    case CountVariance::hc3:
      return heteroscedastic(parts, variance);
    default:
      clustered(parts, variance, cluster);
  }
}

}  // namespace

std::string_view name_of(CountVariance variance) {
  constexpr std::string_view names[] = {"expected information",
                                        "observed joint information",
                                        "HC0",
                                        "HC1",
                                        "HC2",
                                        "HC3",
                                        "CR0",
                                        "CR1",
                                        "CR2",
                                        "CR3"};
  return names[static_cast<std::size_t>(variance)];
}

std::span<const double> count_covariance(const CountModel& model, const NegativeBinomialFit& fit,
                                         CountVariance variance, std::span<const int> cluster,
                                         NegativeBinomialWorkspace& workspace) {
  auto& s = workspace.state();
  take_covariance(model, fit, variance, cluster, s);
  s.pieces.clusters.strike_out(s.pieces.covariance);
  s.pieces.rows.strike_out(s.pieces.covariance);
  const std::size_t p = model.columns;
  s.answer.assign(p * p, 0.0);
  const auto& kept = s.pieces.kept;
  for (std::size_t a = 0; a < kept.size(); ++a) {
    for (std::size_t b = 0; b < kept.size(); ++b) {
      s.answer[static_cast<std::size_t>(kept[b]) * p + static_cast<std::size_t>(kept[a])] =
          s.pieces.covariance(ix(a), ix(b));
    }
  }
  return s.answer;
}

std::vector<double> count_covariance(const CountModel& model, const NegativeBinomialFit& fit,
                                     CountVariance variance, std::span<const int> cluster) {
  NegativeBinomialWorkspace workspace;
  const auto out = count_covariance(model, fit, variance, cluster, workspace);
  return {out.begin(), out.end()};
}

CountContrast count_contrast(const CountModel& model, const NegativeBinomialFit& fit,
                             std::span<const double> weights, CountVariance variance,
                             std::span<const int> cluster, double level) {
  NegativeBinomialWorkspace workspace;
  return count_contrast(model, fit, weights, variance, cluster, level, workspace);
}

CountContrast count_contrast(const CountModel& model, const NegativeBinomialFit& fit,
                             std::span<const double> weights, CountVariance variance,
                             std::span<const int> cluster, double level,
                             NegativeBinomialWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(weights.size() == model.columns, "a weight a coefficient");
  auto& s = workspace.state();
  take_covariance(model, fit, variance, cluster, s);
  const CountPieces& parts = s.pieces;
  VectorXd& c = s.pieces.contrast;
  c.resize(ix(parts.kept.size()));
  for (Index a = 0; a < c.size(); ++a) {
    c[a] = weights[static_cast<std::size_t>(parts.kept[static_cast<std::size_t>(a)])];
  }
  CountContrast out;
  out.estimate = c.dot(parts.beta);
  const bool unknown = parts.rows.carries(c) || parts.clusters.carries(c);
  out.se = unknown ? std::numeric_limits<double>::quiet_NaN()
                   : std::sqrt(c.dot(parts.covariance.lazyProduct(c)));
  const double width = normal_half_width(level) * out.se;
  out.lower = out.estimate - width;
  out.upper = out.estimate + width;
  out.p_value = normal_p_value(out.estimate / out.se);
  return out;
}

}  // namespace angiotrial::analysis
