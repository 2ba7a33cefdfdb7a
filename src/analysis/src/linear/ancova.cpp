// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/ancova.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/pivoted_factor.hpp"
#include "reference_distributions.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>

namespace angiotrial::analysis {

/// Columns: cell means, column a of arm present[a], then the centred covariates.
struct AncovaWorkspace::State {
  Eigen::MatrixXd x;
  std::vector<int> present;             ///< arms with rows, in order
  std::vector<Eigen::Index> column_of;  ///< by arm; -1 without rows
  PivotedFactor factor;
  Eigen::VectorXd y, beta, residual, squares, weights;
  Eigen::MatrixXd inverse, covariance, by_inverse, weighted;
  /// Quantile of t at the last degrees of freedom and level.
  double df = 0.0, level = 0.0, half_width = 0.0;
  AncovaFit fit;
};

namespace {

using Eigen::Index;
using State = AncovaWorkspace::State;

void build(const AncovaModel& model, State& s) {
  s.present.clear();
  s.column_of.assign(static_cast<std::size_t>(model.arms), -1);
  const auto n = static_cast<Index>(model.response.size());
  for (int arm = 0; arm < model.arms; ++arm) {
    if (std::find(model.arm.begin(), model.arm.end(), arm) == model.arm.end()) continue;
    s.column_of[static_cast<std::size_t>(arm)] = static_cast<Index>(s.present.size());
    s.present.push_back(arm);
  }
  const auto arms = static_cast<Index>(s.present.size());
  const auto q = static_cast<Index>(model.covariate_count);
  s.x.setZero(n, arms + q);
  for (Index i = 0; i < n; ++i) {
    const auto arm = static_cast<std::size_t>(model.arm[static_cast<std::size_t>(i)]);
    s.x(i, s.column_of[arm]) = 1.0;
    for (Index c = 0; c < q; ++c) {
      s.x(i, arms + c) = model.covariates[static_cast<std::size_t>(i * q + c)];
    }
  }
  for (Index c = arms; c < arms + q && n > 0; ++c) {
    const double mean = s.x.col(c).mean();
    s.x.col(c).array() -= mean;
  }
}

/// The combination s.weights of the coefficients.
LinearEstimate combination(const State& s) {
  LinearEstimate out;
  out.estimate = s.weights.dot(s.beta);
  out.se = std::sqrt(s.weights.dot(s.covariance.lazyProduct(s.weights)));
  out.lower = out.estimate - s.half_width * out.se;
  out.upper = out.estimate + s.half_width * out.se;
  const double t = std::fabs(out.estimate) / out.se;
  out.p_value = std::isfinite(t) ? 2.0 * student_tail(s.df, t) : 0.0;
  return out;
}

/// HC3: (X'X)^-1 X' diag(e_i^2 / (1 - h_i)^2) X (X'X)^-1.
void take_hc3(State& s) {
  s.by_inverse.noalias() = s.x * s.inverse;
  s.squares.resize(s.x.rows());
  for (Index i = 0; i < s.x.rows(); ++i) {
    const double e = s.residual[i] / (1.0 - s.by_inverse.row(i).dot(s.x.row(i)));
    s.squares[i] = e * e;
  }
  s.weighted = s.squares.asDiagonal() * s.by_inverse;
  s.covariance.noalias() = s.by_inverse.transpose() * s.weighted;
}

void estimate(const AncovaModel& model, State& s) {
  const Index p = s.x.cols();
  const Index reference = s.column_of[static_cast<std::size_t>(model.reference)];
  for (const int arm : s.present) {
    const auto a = static_cast<std::size_t>(arm);
    s.weights.setZero(p);
    s.weights[s.column_of[a]] = 1.0;
    s.fit.adjusted_means[a] = combination(s);
    if (arm == model.reference || reference < 0) continue;
    s.weights[reference] = -1.0;
    s.fit.contrasts[a] = combination(s);
  }
  for (Index c = static_cast<Index>(s.present.size()); c < p; ++c) {
    s.weights.setZero(p);
    s.weights[c] = 1.0;
    s.fit.covariates.push_back(combination(s));
  }
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void expect_sizes(const AncovaModel& model) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.arm.size() == rows, "an arm a response");
  ANGIOTRIAL_EXPECT(model.covariates.size() == rows * model.covariate_count,
                    "covariates for each response");
  ANGIOTRIAL_EXPECT(model.reference >= 0 && model.reference < model.arms,
                    "the reference is an arm");
  for (const int arm : model.arm) {
    ANGIOTRIAL_EXPECT(arm >= 0 && arm < model.arms, "each row has a known arm");
  }
}

void clear(const AncovaModel& model, AncovaFit& fit) {
  fit.status = FitStatus::invalid_input;
  fit.degrees_of_freedom = 0;
  fit.sigma = 0.0;
  fit.contrasts.assign(static_cast<std::size_t>(model.arms), std::nullopt);
  fit.adjusted_means.assign(static_cast<std::size_t>(model.arms), std::nullopt);
  fit.covariates.clear();
}

/// Half the width of an interval, in standard errors: worked out where it changes.
void take_half_width(double df, double level, State& s) {
  if (df == s.df && level == s.level) return;
  s.half_width = student_tail_quantile(df, 0.5 * (1.0 - level));
  s.df = df;
  s.level = level;
}

}  // namespace

AncovaWorkspace::AncovaWorkspace() : state_(std::make_unique<State>()) {}
AncovaWorkspace::~AncovaWorkspace() = default;
AncovaWorkspace::AncovaWorkspace(AncovaWorkspace&&) noexcept = default;
AncovaWorkspace& AncovaWorkspace::operator=(AncovaWorkspace&&) noexcept = default;

AncovaFit fit_ancova(const AncovaModel& model) {
  AncovaWorkspace workspace;
  return fit_ancova(model, workspace);
}

const AncovaFit& fit_ancova(const AncovaModel& model, AncovaWorkspace& workspace) {
  expect_sizes(model);
  State& s = workspace.state();
  AncovaFit& fit = s.fit;
  clear(model, fit);
  if (!finite(model.response) || !finite(model.covariates)) return fit;
  build(model, s);
  const auto n = static_cast<Index>(model.response.size());
  const Index p = s.x.cols();
  fit.status = FitStatus::too_few_rows;
  if (n < p + 2) return fit;
  fit.status = FitStatus::collinear;
  if (!s.factor.compute(s.x)) return fit;

  s.y = Eigen::Map<const Eigen::VectorXd>(model.response.data(), n);
  s.factor.solve(s.y, s.beta);
  s.residual = s.y;
  s.residual.noalias() -= s.x * s.beta;
  fit.degrees_of_freedom = static_cast<int>(n - p);
  take_half_width(static_cast<double>(n - p), model.level, s);
  fit.sigma = std::sqrt(s.residual.squaredNorm() / s.df);
  s.factor.inverse_gram(s.inverse);
  if (model.variance == Variance::hc3) {
    take_hc3(s);
  } else {
    s.covariance = fit.sigma * fit.sigma * s.inverse;
  }
  estimate(model, s);
  fit.status = FitStatus::fitted;
  return fit;
}

}  // namespace angiotrial::analysis
