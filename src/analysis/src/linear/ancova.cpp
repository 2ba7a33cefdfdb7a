// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/ancova.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "column_products.hpp"
#include "linear/pivoted_factor.hpp"
#include "linear/row_leverage.hpp"
#include "linear/scaled_gram.hpp"
#include "reference_distributions.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace angiotrial::analysis {

/// Columns: cell means, column a of arm present[a], then the centred covariates.
struct AncovaWorkspace::State {
  Eigen::MatrixXd x;
  std::vector<int> present;             ///< arms with rows, in order
  std::vector<Eigen::Index> column_of;  ///< by arm; -1 without rows
  ScaledGram gram;
  PivotedFactor factor;
  Eigen::VectorXd y, beta, residual, ones, weights, by_column, correction, unit;
  Eigen::MatrixXd inverse, covariance, scaled;
  RowLeverage rows;  ///< of HC3
  /// Quantile of t at the last degrees of freedom and level.
  double df = 0.0, level = 0.0, half_width = 0.0;
  AncovaFit fit;
};

namespace {

using Eigen::Index;
using State = AncovaWorkspace::State;

/// False where a covariate is constant up to rounding.
bool build(const AncovaModel& model, State& s) {
  constexpr double rounding = 1.0e-10;
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
    const double size = s.x.col(c).cwiseAbs().maxCoeff();
    const double mean = s.x.col(c).mean();
    s.x.col(c).array() -= mean;
    if (!(s.x.col(c).cwiseAbs().maxCoeff() > rounding * size)) return false;
  }
  return true;
}

/// The combination s.weights of the coefficients.
LinearEstimate combination(const State& s) {
  LinearEstimate out;
  out.estimate = s.weights.dot(s.beta);
  out.se = s.rows.carries(s.weights)
               ? std::numeric_limits<double>::quiet_NaN()
               : std::sqrt(s.weights.dot(s.covariance.lazyProduct(s.weights)));
  out.lower = out.estimate - s.half_width * out.se;
  out.upper = out.estimate + s.half_width * out.se;
  const double t = std::fabs(out.estimate) / out.se;
  out.p_value = std::isinf(t) ? 0.0 : std::isnan(t) ? t : 2.0 * student_tail(s.df, t);
  return out;
}

/// HC3: (X'X)^-1 X' diag(e_i^2 / (1 - h_i)^2) X (X'X)^-1.
void take_hc3(State& s) {
  s.ones.setOnes(s.x.rows());
  s.rows.compute(s.x, s.inverse, s.ones);
  s.rows.sandwich(s.residual, 2, s.covariance);
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

void take_residual(State& s) {
  s.residual.resize(s.y.size());
  linear_predictor(s.x, values_of(s.beta), {}, values_of(s.residual));
  s.residual = s.y - s.residual;
}

/// Normal equations, corrected once by those of the residual. Cell means and centred covariates are
/// nearly orthogonal; false where they are not.
bool solve_normal_equations(State& s) {
  constexpr double clear_pivot = 1.0e-2;
  if (!s.gram.compute(s.x, {}, clear_pivot)) return false;
  cross_product(s.x, values_of(s.y), s.by_column);
  s.gram.solve(s.by_column, s.beta);
  take_residual(s);
  cross_product(s.x, values_of(s.residual), s.by_column);
  s.gram.solve(s.by_column, s.correction);
  s.beta += s.correction;
  s.gram.inverse(s.inverse);
  return true;
}

/// By orthogonal factors of columns of unit length; false where they are collinear.
bool solve_by_reflections(State& s) {
  const Index p = s.x.cols();
  s.unit.resize(p);
  s.scaled = s.x;
  for (Index c = 0; c < p; ++c) {
    s.unit[c] = 1.0 / s.x.col(c).stableNorm();
    s.scaled.col(c) *= s.unit[c];
  }
  if (!s.factor.compute(s.scaled)) return false;
  s.factor.solve(s.y, s.beta);
  s.factor.inverse_gram(s.inverse);
  s.beta.array() *= s.unit.array();
  s.inverse = s.unit.asDiagonal() * s.inverse * s.unit.asDiagonal();
  return true;
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
  const bool varied = build(model, s);
  const auto n = static_cast<Index>(model.response.size());
  const Index p = s.x.cols();
  fit.status = FitStatus::too_few_rows;
  if (n < p + 2) return fit;
  fit.status = FitStatus::collinear;
  if (!varied) return fit;
  s.y = Eigen::Map<const Eigen::VectorXd>(model.response.data(), n);
  if (!solve_normal_equations(s) && !solve_by_reflections(s)) return fit;
  take_residual(s);
  fit.degrees_of_freedom = static_cast<int>(n - p);
  take_half_width(static_cast<double>(n - p), model.level, s);
  fit.sigma = std::sqrt(s.residual.squaredNorm() / s.df);
  s.rows.clear();
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
