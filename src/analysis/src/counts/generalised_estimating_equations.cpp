// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/gee_state.hpp"
#include "counts/plain_fit_status.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using State = GeeWorkspace::State;

constexpr int most_iterations = 500;
/// Largest change of alpha and of a coefficient in its standard error at which iteration ends.
constexpr double last_change = 1.0e-12;

void take_pairs(State& s, bool by_lag) {
  const GeeRows& rows = s.rows;
  s.pairs.clear();
  for (std::size_t c = 0; c < rows.clusters(); ++c) {
    for (Index j = rows.begin[c]; j < rows.begin[c + 1]; ++j) {
      for (Index k = j + 1; k < rows.begin[c + 1]; ++k) {
        const int lag =
            by_lag ? rows.time[static_cast<std::size_t>(k)] - rows.time[static_cast<std::size_t>(j)]
                   : 1;
        auto& [sum, count] = s.pairs[lag];
        sum += rows.r[j] * rows.r[k] / s.fit.scale;
        count += 1.0;
      }
    }
  }
}

/// Gauss-Newton on sum over lags of count (mean - alpha^lag)^2, from the least lag.
double autoregressive_alpha(const PairsByLag& pairs) {
  constexpr double largest = 0.9999;
  const auto& [lag, first] = *pairs.begin();
  const double mean = first.first / first.second;
  double alpha = lag % 2 == 0 ? std::pow(std::max(mean, 0.0), 1.0 / lag)
                              : std::copysign(std::pow(std::fabs(mean), 1.0 / lag), mean);
  alpha = std::clamp(alpha, -largest, largest);
  for (int iteration = 0; iteration < 200; ++iteration) {
    double slope = 0.0;
    double curvature = 0.0;
    for (const auto& [l, sums] : pairs) {
      const double before = l == 1 ? 1.0 : std::pow(alpha, l - 1);
      const double d = l * before;
      slope += d * (sums.first - sums.second * before * alpha);
      curvature += sums.second * d * d;
    }
    if (!(curvature > 0.0)) break;
    const double next = std::clamp(alpha + slope / curvature, -largest, largest);
    const double change = std::fabs(next - alpha);
    alpha = next;
    if (change < 1.0e-15) break;
  }
  return alpha;
}

double estimate_alpha(State& s, WorkingCorrelation correlation) {
  const bool by_lag = correlation == WorkingCorrelation::autoregressive;
  take_pairs(s, by_lag);
  if (by_lag) return autoregressive_alpha(s.pairs);
  const auto& [sum, count] = s.pairs.begin()->second;
  return sum / count;
}

/// sum Z'R^-1 Z and sum Z'R^-1 r.
bool take_totals(State& s, WorkingCorrelation correlation) {
  if (!whiten(s.rows, correlation, s.fit.alpha, s.whitened)) return false;
  s.information.noalias() = s.whitened.z.transpose() * s.whitened.z;
  s.score.noalias() = s.whitened.z.transpose() * s.whitened.r;
  return true;
}

/// Moments and scoring steps in turn. Rows, beta and the fit move together.
GeeStatus iterate(WorkingCorrelation correlation, State& s) {
  GeeFit& fit = s.fit;
  const Index p = s.beta.size();
  for (fit.iterations = 0; fit.iterations < most_iterations; ++fit.iterations) {
    standardise_rows(s.rows, s.beta);
    const double before = fit.alpha;
    fit.scale = s.rows.r.squaredNorm() / static_cast<double>(s.rows.r.size());
    if (!(fit.scale > 0.0)) return GeeStatus::not_converged;
    if (correlation != WorkingCorrelation::independence) {
      fit.alpha = estimate_alpha(s, correlation);
    }
    if (!take_totals(s, correlation)) return GeeStatus::correlation_invalid;
    s.cholesky.compute(s.information);
    if (s.cholesky.info() != Eigen::Success || !s.score.allFinite()) {
      return GeeStatus::not_converged;
    }
    s.step = s.score;
    s.cholesky.solveInPlace(s.step);
    s.bread.setIdentity(p, p);
    s.cholesky.solveInPlace(s.bread);
    const double moved =
        (s.step.array() / (fit.scale * s.bread.diagonal().array()).sqrt()).abs().maxCoeff();
    if (moved < last_change && std::fabs(fit.alpha - before) < last_change) {
      fit.bread.assign(s.bread.data(), s.bread.data() + s.bread.size());
      return GeeStatus::fitted;
    }
    s.beta += s.step;
  }
  return GeeStatus::not_converged;
}

/// Where the mean is linear, equations are solved for what least squares leave: a response far from
/// 0 would cost their digits.
void subtract_start(const LinearFit& start, GeeRows& rows) {
  for (Index i = 0; i < rows.data.y.size(); ++i) {
    rows.data.y[i] -= start.fitted[rows.order.positions()[static_cast<std::size_t>(i)]];
  }
  rows.data.offset.setZero();
}

/// Coefficients and means of a fit that has ended, after `start` where that was subtracted.
void take_answer(const LinearFit& start, bool subtracted, State& s) {
  GeeFit& fit = s.fit;
  fit.coefficients.assign(s.beta.data(), s.beta.data() + s.beta.size());
  fit.fitted.resize(start.fitted.size());
  for (Index i = 0; i < s.rows.mu.size(); ++i) {
    fit.fitted[s.rows.order.positions()[static_cast<std::size_t>(i)]] = s.rows.mu[i];
  }
  if (!subtracted) return;
  for (std::size_t c = 0; c < fit.coefficients.size(); ++c) {
    fit.coefficients[c] += start.coefficients[c];
  }
  for (std::size_t i = 0; i < fit.fitted.size(); ++i) fit.fitted[i] += start.fitted[i];
}

/// Nothing but the memory of earlier fits.
void clear(GeeFit& fit) {
  fit.status = GeeStatus::invalid_input;
  fit.iterations = fit.clusters = 0;
  fit.scale = 1.0;
  fit.alpha = 0.0;
  fit.coefficients.clear();
  fit.fitted.clear();
  fit.bread.clear();
}

GeeStatus fit_into(const GeeModel& model, State& s) {
  const LinearFit& start = fit_linear_model(model.mean, s.start);
  if (start.status != LinearStatus::fitted) return status_of_plain<GeeStatus>(start.status);
  if (!arrange(model, s.rows)) return GeeStatus::invalid_input;
  s.fit.clusters = static_cast<int>(s.rows.clusters());
  if (s.rows.clusters() <= model.mean.columns) return GeeStatus::too_few_rows;
  const bool single = s.rows.clusters() == model.mean.response.size();
  if (single && model.correlation != WorkingCorrelation::independence) return GeeStatus::no_pairs;
  const bool linear = model.mean.family == Family::gaussian;
  s.beta =
      Eigen::Map<const VectorXd>(start.coefficients.data(), static_cast<Index>(model.mean.columns));
  if (linear) {
    subtract_start(start, s.rows);
    s.beta.setZero();
  }
  const GeeStatus status = iterate(model.correlation, s);
  if (status == GeeStatus::fitted) take_answer(start, linear, s);
  return status;
}

}  // namespace

std::string_view name_of(GeeStatus status) {
  switch (status) {
    case GeeStatus::no_pairs:
      return "no cluster with two rows";
    case GeeStatus::correlation_invalid:
      return "working correlation not positive definite";
    case GeeStatus::fitted:
      return "fitted";
    case GeeStatus::invalid_input:
      return "invalid input";
    case GeeStatus::too_few_rows:
      return "too few rows or clusters";
    case GeeStatus::collinear:
      return "collinear columns";
    case GeeStatus::separated:
      return "separated: no finite estimate";
    case GeeStatus::not_converged:
      return "not converged";
  }
  return "";
}

GeeWorkspace::GeeWorkspace() : state_(std::make_unique<State>()) {}
GeeWorkspace::~GeeWorkspace() = default;
GeeWorkspace::GeeWorkspace(GeeWorkspace&&) noexcept = default;
GeeWorkspace& GeeWorkspace::operator=(GeeWorkspace&&) noexcept = default;

const GeeFit& fit_gee(const GeeModel& model, GeeWorkspace& workspace) {
  const std::size_t n = model.mean.response.size();
  ANGIOTRIAL_EXPECT(model.mean.cluster.size() == n, "a cluster a response");
  ANGIOTRIAL_EXPECT(model.visit.empty() || model.visit.size() == n, "a visit a response");
  State& s = workspace.state();
  clear(s.fit);
  s.fit.status = fit_into(model, s);
  return s.fit;
}

GeeFit fit_gee(const GeeModel& model) {
  GeeWorkspace workspace;
  return fit_gee(model, workspace);
}

}  // namespace angiotrial::analysis
