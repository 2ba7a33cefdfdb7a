// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MarginalMeans as_record(const VectorXd& mean, const MatrixXd& covariance) {
  MarginalMeans out;
  out.mean.assign(mean.data(), mean.data() + mean.size());
  out.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  return out;
}

/// Of the residuals of each arm (rows) in each stratum (columns).
struct Cells {
  MatrixXd count, mean, variance;  ///< variance: of the mean, s^2 / n; where n >= 2

  [[nodiscard]] bool thin(Index stratum) const { return count.col(stratum).minCoeff() < 2.0; }
};

Cells cells_of(const StandardisedTrial& trial, const VectorXd& residual) {
  const Index strata = 1 + *std::max_element(trial.stratum.begin(), trial.stratum.end());
  Cells cells;
  cells.count.setZero(trial.arms, strata);
  cells.mean.setZero(trial.arms, strata);
  cells.variance.setZero(trial.arms, strata);
  const auto each = [&](auto&& take) {
    for (Index i = 0; i < residual.size(); ++i) {
      const auto row = static_cast<std::size_t>(i);
      take(trial.arm[row], trial.stratum[row], residual[i]);
    }
  };
  each([&](int a, int z, double e) {
    cells.count(a, z) += 1.0;
    cells.mean(a, z) += e;
  });
  cells.mean = cells.mean.cwiseQuotient(cells.count.cwiseMax(1.0));
  each([&](int a, int z, double e) {
    const double n = cells.count(a, z);
    const double left = e - cells.mean(a, z);
    if (n > 1.0) cells.variance(a, z) += left * left / (n * (n - 1.0));
  });
  return cells;
}

/// sum over strata of P(z) R(z) {diag(pi) - pi pi'} R(z), R(z) = diag(mean residual of arm a in
/// stratum z / pi_a): what permuted blocks take from n times the variance. Squares of these means
/// are too large by the means' own variance, which `corrected` takes off; products of two arms,
/// which are independent, are not.
MatrixXd removed_by_blocks(const StandardisedTrial& trial, const VectorXd& share,
                           const VectorXd& residual, int& thin_strata) {
  const Cells cells = cells_of(trial, residual);
  const bool corrected = trial.stratum_means == StratumMeans::corrected;
  const MatrixXd omega = MatrixXd(share.asDiagonal()) - share * share.transpose();
  MatrixXd sum = MatrixXd::Zero(share.size(), share.size());
  for (Index z = 0; z < cells.count.cols(); ++z) {
    if (corrected && cells.thin(z)) {
      ++thin_strata;
      continue;
    }
    const VectorXd r = cells.mean.col(z).cwiseQuotient(share);
    MatrixXd products = r * r.transpose();
    if (corrected) {
      products.diagonal() -= cells.variance.col(z).cwiseQuotient(share.cwiseAbs2());
    }
    const double weight = cells.count.col(z).sum() / static_cast<double>(residual.size());
    sum += weight * products.cwiseProduct(omega);
  }
  return sum;
}

VectorXd coefficients_of(const LinearFit& fit) {
  ANGIOTRIAL_EXPECT(fit.status == LinearStatus::fitted, "the model has been fitted");
  return Eigen::Map<const VectorXd>(fit.coefficients.data(),
                                    static_cast<Index>(fit.coefficients.size()));
}

struct Scaled {
  double value = 0.0;
  double slope = 1.0;
};
/// None where the scale is not defined at this mean.
std::optional<Scaled> on_scale(double mean, EffectScale scale) {
  switch (scale) {
    case EffectScale::log_ratio:
      if (!(mean > 0.0)) return std::nullopt;
      return Scaled{std::log(mean), 1.0 / mean};
    case EffectScale::log_odds_ratio:
      if (!(mean > 0.0 && mean < 1.0)) return std::nullopt;
      return Scaled{std::log(mean / (1.0 - mean)), 1.0 / (mean * (1.0 - mean))};
    case EffectScale::difference:
      break;
  }
  return Scaled{mean, 1.0};
}

MarginalEffect refused(MarginalStatus status,
                       double estimate = std::numeric_limits<double>::quiet_NaN()) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  return {estimate, none, none, none, none, status};
}

}  // namespace

std::string_view name_of(MarginalStatus status) {
  switch (status) {
    case MarginalStatus::computed:
      return "computed";
    case MarginalStatus::few_patients:
      return "an arm has fewer than two subjects";
    case MarginalStatus::outside_scale:
      return "a mean is outside the scale: above 0 for a ratio, between 0 and 1 for an odds ratio";
    case MarginalStatus::no_variation:
      return "no standard error: there is no variation";
  }
  return "unknown";
}

/// By arm: patients, and sums of what is named; column a of `predictions` and `with_response` holds
/// those of arm a for the predictions in every arm.
struct StandardisationWorkspace::State {
  VectorXd residual, count, response, residuals, squares, overall, share, mean;
  MatrixXd predictions, with_response, of_predictions, covariance;
  MarginalMeans out;
};

StandardisationWorkspace::StandardisationWorkspace() : state_(std::make_unique<State>()) {}
StandardisationWorkspace::~StandardisationWorkspace() = default;
StandardisationWorkspace::StandardisationWorkspace(StandardisationWorkspace&&) noexcept = default;
StandardisationWorkspace& StandardisationWorkspace::operator=(StandardisationWorkspace&&) noexcept =
    default;

namespace {

using Standardisation = StandardisationWorkspace::State;
using Predictions = Eigen::Map<const RowMajor>;

void expect_sizes(const StandardisedTrial& trial) {
  const std::size_t rows = trial.response.size();
  ANGIOTRIAL_EXPECT(trial.arms > 0 && trial.arm.size() == rows, "an arm a response");
  ANGIOTRIAL_EXPECT(trial.predictions.size() == rows * static_cast<std::size_t>(trial.arms),
                    "a prediction a patient and arm");
  ANGIOTRIAL_EXPECT(trial.stratum.empty() || trial.stratum.size() == rows, "a stratum a response");
  ANGIOTRIAL_EXPECT(std::all_of(trial.arm.begin(), trial.arm.end(),
                                [&](int a) { return a >= 0 && a < trial.arms; }),
                    "each row has a known arm");
}

/// Means by arm and over everyone. False where an arm has fewer than two patients.
bool take_means(const StandardisedTrial& trial, const Predictions& f, Standardisation& s) {
  const Index n = f.rows(), arms = trial.arms;
  s.residual.resize(n);
  for (auto* by_arm : {&s.count, &s.response, &s.residuals, &s.overall}) by_arm->setZero(arms);
  s.predictions.setZero(arms, arms);
  for (Index i = 0; i < n; ++i) {
    const auto row = static_cast<std::size_t>(i);
    const Index a = trial.arm[row];
    s.residual[i] = trial.response[row] - f(i, a);
    s.count[a] += 1.0;
    s.response[a] += trial.response[row];
    s.residuals[a] += s.residual[i];
    s.predictions.col(a) += f.row(i).transpose();
  }
  if (s.count.minCoeff() < 2.0) return false;
  s.overall = s.predictions.rowwise().sum() / static_cast<double>(n);
  s.response.array() /= s.count.array();
  s.residuals.array() /= s.count.array();
  for (Index a = 0; a < arms; ++a) s.predictions.col(a) /= s.count[a];
  return true;
}

/// Sample covariances: of the response with the predictions and of itself by arm, of the
/// predictions over everyone.
void take_moments(const StandardisedTrial& trial, const Predictions& f, Standardisation& s) {
  const Index n = f.rows(), arms = trial.arms;
  s.with_response.setZero(arms, arms);
  s.of_predictions.setZero(arms, arms);
  s.squares.setZero(arms);
  for (Index i = 0; i < n; ++i) {
    const auto row = static_cast<std::size_t>(i);
    const Index a = trial.arm[row];
    const double y = trial.response[row] - s.response[a];
    s.squares[a] += y * y;
    for (Index b = 0; b < arms; ++b) {
      s.with_response(b, a) += (f(i, b) - s.predictions(b, a)) * y;
      for (Index c = 0; c <= b; ++c) {
        s.of_predictions(b, c) += (f(i, b) - s.overall[b]) * (f(i, c) - s.overall[c]);
      }
    }
  }
  for (Index a = 0; a < arms; ++a) {
    s.squares[a] /= s.count[a] - 1.0;
    s.with_response.col(a) /= s.count[a] - 1.0;
    for (Index b = 0; b <= a; ++b) {
      s.of_predictions(a, b) /= static_cast<double>(n - 1);
      s.of_predictions(b, a) = s.of_predictions(a, b);
    }
  }
}

}  // namespace

MarginalMeans standardise(const StandardisedTrial& trial) {
  StandardisationWorkspace workspace;
  return standardise(trial, workspace);
}

//   n V_ab = cov_a(y, f_b) + cov_b(y, f_a) - cov(f_a, f_b), plus on the diagonal
//   {var_a(y) + var(f_a) - 2 cov_a(y, f_a)} / pi_a: the variance of the residual in parts. cov_a
//   runs over arm a, cov over everyone.
const MarginalMeans& standardise(const StandardisedTrial& trial,
                                 StandardisationWorkspace& workspace) {
  expect_sizes(trial);
  Standardisation& s = workspace.state();
  const auto n = static_cast<double>(trial.response.size());
  const Predictions f(trial.predictions.data(), static_cast<Index>(trial.response.size()),
                      trial.arms);
  MarginalMeans& out = s.out;
  out.mean.clear();
  out.covariance.clear();
  out.thin_strata = 0;
  out.status = MarginalStatus::few_patients;
  if (!take_means(trial, f, s)) return out;
  take_moments(trial, f, s);
  s.share = s.count / n;
  s.mean = s.overall + s.residuals;
  s.covariance = s.with_response + s.with_response.transpose() - s.of_predictions;
  s.covariance.diagonal().array() +=
      (s.squares + s.of_predictions.diagonal() - 2.0 * s.with_response.diagonal()).array() /
      s.share.array();
  if (!trial.stratum.empty()) {
    s.covariance -= removed_by_blocks(trial, s.share, s.residual, out.thin_strata);
  }
  s.covariance /= n;
  out.mean.assign(s.mean.data(), s.mean.data() + s.mean.size());
  out.covariance.assign(s.covariance.data(), s.covariance.data() + s.covariance.size());
  out.status = MarginalStatus::computed;
  return out;
}

std::vector<double> predict_arms(const LinearModel& model, const LinearFit& fit,
                                 std::span<const double> designs, int arms) {
  const std::size_t rows = model.response.size();
  const auto count = static_cast<std::size_t>(arms);
  ANGIOTRIAL_EXPECT(designs.size() == count * rows * model.columns, "a design an arm");
  const auto n = static_cast<Index>(rows);
  const auto p = static_cast<Index>(model.columns);
  const VectorXd beta = coefficients_of(fit);
  const VectorXd offset = read_model(model).offset;
  std::vector<double> out(rows * count);
  for (std::size_t a = 0; a < count; ++a) {
    const Eigen::Map<const RowMajor> x(designs.data() + a * rows * model.columns, n, p);
    const VectorXd mu = mean_of(model.family, offset + x * beta);
    for (std::size_t i = 0; i < rows; ++i) out[i * count + a] = mu[static_cast<Index>(i)];
  }
  return out;
}

MarginalMeans standardise_by_delta(const LinearModel& model, const LinearFit& fit,
                                   std::span<const double> designs, int arms,
                                   LinearVariance variance) {
  const std::vector<double> predictions = predict_arms(model, fit, designs, arms);
  const auto n = static_cast<Index>(model.response.size());
  const auto p = static_cast<Index>(model.columns);
  const Eigen::Map<const RowMajor> mu(predictions.data(), n, arms);
  MatrixXd jacobian(arms, p);
  for (Index a = 0; a < arms; ++a) {
    const Eigen::Map<const RowMajor> x(designs.data() + a * n * p, n, p);
    jacobian.row(a) = variance_of(model.family, mu.col(a)).transpose() * x / static_cast<double>(n);
  }
  LinearState s;
  take_covariance_of_all(model, fit, variance, s);
  return as_record(mu.colwise().mean(), jacobian * s.covariance * jacobian.transpose());
}

MarginalEffect marginal_effect(const MarginalMeans& means, int arm, int reference,
                               EffectScale scale, double level) {
  const std::size_t arms = means.mean.size();
  const auto a = static_cast<std::size_t>(arm);
  const auto r = static_cast<std::size_t>(reference);
  ANGIOTRIAL_EXPECT(a < arms && r < arms && a != r, "two different arms");
  const auto active = on_scale(means.mean[a], scale);
  const auto control = on_scale(means.mean[r], scale);
  if (!active || !control) return refused(MarginalStatus::outside_scale);
  const auto v = [&](std::size_t i, std::size_t j) { return means.covariance[j * arms + i]; };
  const double both =
      active->slope * active->slope * v(a, a) + control->slope * control->slope * v(r, r);
  const double variance = both - 2.0 * active->slope * control->slope * v(a, r);
  // Where all is determined only rounding is left of the difference of the two.
  const double estimate = active->value - control->value;
  if (!(variance > 1.0e-13 * both)) return refused(MarginalStatus::no_variation, estimate);
  MarginalEffect out;
  out.estimate = estimate;
  out.se = std::sqrt(variance);
  const double width = normal_half_width(level) * out.se;
  out.lower = out.estimate - width;
  out.upper = out.estimate + width;
  out.p_value = normal_p_value(out.estimate / out.se);
  return out;
}

}  // namespace angiotrial::analysis
