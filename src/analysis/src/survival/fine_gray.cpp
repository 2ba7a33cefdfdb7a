// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "stable_order.hpp"
#include "survival/fine_gray_state.hpp"
#include "survival/newton.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 60;
constexpr int most_halvings = 30;

Index ix(std::size_t i) { return static_cast<Index>(i); }

bool valid(const FineGrayData& data) {
  for (const CompetingObservation& o : data.sample) {
    if (!std::isfinite(o.time) || o.time < 0.0 || o.cause < 0) return false;
  }
  return std::all_of(data.design.begin(), data.design.end(),
                     [](double v) { return std::isfinite(v); });
}

/// Subjects by time, columns scaled, groups of censoring numbered from 0.
void load(const FineGrayData& data, FineGrayState& s) {
  s.n = data.sample.size();
  s.p = data.columns;
  std::vector<double> time;
  for (const CompetingObservation& o : data.sample) time.push_back(o.time);
  StableOrder order;
  order.reset(s.n);
  order.by(time);
  std::vector<int> labels(data.censoring_group.begin(), data.censoring_group.end());
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  s.censoring.resize(std::max<std::size_t>(1, labels.size()));
  for (const std::uint32_t row : order.positions()) {
    const int cause = data.sample[row].cause;
    s.source.push_back(row);
    s.time.push_back(time[row]);
    s.kind.push_back(cause == 0 ? 0 : cause == data.cause ? 1 : 2);
    s.group.push_back(labels.empty()
                          ? 0
                          : static_cast<std::size_t>(std::lower_bound(labels.begin(), labels.end(),
                                                                      data.censoring_group[row]) -
                                                     labels.begin()));
    for (std::size_t a = 0; a < s.p; ++a) {
      s.x.push_back((data.design[row * s.p + a] - s.centre[a]) / s.scale[a]);
    }
  }
}

void estimate_censoring(FineGrayState& s) {
  for (std::size_t g = 0; g < s.censoring.size(); ++g) {
    CensoringCurve& curve = s.censoring[g];
    auto at_risk = static_cast<double>(std::count(s.group.begin(), s.group.end(), g));
    double survival = 1.0;
    for (std::size_t i = 0; i < s.n;) {
      const double time = s.time[i];
      double leaving = 0.0;
      double censored = 0.0;
      for (; i < s.n && s.time[i] == time; ++i) {
        if (s.group[i] != g) continue;
        leaving += 1.0;
        censored += s.kind[i] == 0 ? 1.0 : 0.0;
      }
      if (censored > 0.0) {
        survival *= 1.0 - censored / at_risk;
        curve.time.push_back(time);
        curve.after.push_back(survival);
        curve.at_risk.push_back(at_risk);
        curve.hazard.push_back(censored / at_risk);
      }
      at_risk -= leaving;
    }
  }
  for (std::size_t i = 0; i < s.n; ++i) {
    s.own_g.push_back(s.censoring[s.group[i]].before(s.time[i]));
  }
}

void list_times(FineGrayState& s) {
  for (std::size_t i = 0; i < s.n;) {
    const std::size_t first = i;
    double deaths = 0.0;
    for (; i < s.n && s.time[i] == s.time[first]; ++i) deaths += s.kind[i] == 1 ? 1.0 : 0.0;
    if (deaths == 0.0) continue;
    s.event_time.push_back(s.time[first]);
    s.first_at_risk.push_back(first);
    s.deaths.push_back(deaths);
    for (const CensoringCurve& curve : s.censoring) s.g.push_back(curve.before(s.time[first]));
  }
}

CoxStatus climb(FineGrayState& s, VectorXd& beta, FineGrayFit& fit) {
  for (fit.iterations = 1; fit.iterations <= most_iterations; ++fit.iterations) {
    const Eigen::LLT<MatrixXd> cholesky(s.information);
    if (cholesky.info() != Eigen::Success) return CoxStatus::separated;
    const VectorXd step = cholesky.solve(s.score);
    const double decrement = step.dot(s.score);
    const bool last = decrement < last_decrement;
    if (decrement < monotone_decrement && furthest_move(s.x, step) > monotone_move) {
      return CoxStatus::separated;
    }
    const double before = s.log_likelihood;
    const double slack = 1.0e-13 * (1.0 + std::fabs(before));
    double share = 1.0;
    int half = 0;
    for (; half < most_halvings; ++half, share *= 0.5) {
      evaluate(s, beta + share * step);
      if (s.log_likelihood >= before - slack) break;
    }
    if (half == most_halvings) {
      evaluate(s, beta);
      return last ? CoxStatus::fitted : CoxStatus::not_converged;
    }
    beta += share * step;
    if (last) return CoxStatus::fitted;
  }
  return CoxStatus::not_converged;
}

CoxStatus report(const FineGrayState& s, const VectorXd& beta, FineGrayFit& fit) {
  fit.log_likelihood = s.log_likelihood;
  const MatrixXd inverse =
      Eigen::LLT<MatrixXd>(s.information).solve(MatrixXd::Identity(ix(s.p), ix(s.p)));
  const MatrixXd robust = inverse * fine_gray_meat(s) * inverse;
  double offset = s.shift;
  for (std::size_t a = 0; a < s.p; ++a) {
    fit.coefficients.push_back(beta[ix(a)] / s.scale[a]);
    fit.se.push_back(std::sqrt(robust(ix(a), ix(a))) / s.scale[a]);
    fit.se_model.push_back(std::sqrt(inverse(ix(a), ix(a))) / s.scale[a]);
    for (std::size_t b = 0; b < s.p; ++b) {
      fit.covariance.push_back(robust(ix(a), ix(b)) / (s.scale[a] * s.scale[b]));
    }
    offset += fit.coefficients[a] * s.centre[a];
  }
  fit.time = s.event_time;
  double sum = 0.0;
  for (const double h : s.hazard) {
    sum += h;
    fit.cumulative_hazard.push_back(sum * std::exp(-offset));
  }
  const bool varies = (robust.diagonal().array() > no_variance * inverse.diagonal().array()).all();
  return varies ? CoxStatus::fitted : CoxStatus::no_robust_variance;
}

}  // namespace

FineGrayFit fit_fine_gray(const FineGrayData& data) {
  const std::size_t n = data.sample.size();
  ANGIOTRIAL_EXPECT(data.columns > 0 && data.cause > 0, "columns, and a cause above 0");
  ANGIOTRIAL_EXPECT(data.design.size() == n * data.columns, "a row of the design an observation");
  ANGIOTRIAL_EXPECT(data.censoring_group.empty() || data.censoring_group.size() == n,
                    "a group of censoring an observation, or none");
  FineGrayFit fit;
  if (!valid(data)) return fit;
  for (const CompetingObservation& o : data.sample) fit.events += o.cause == data.cause ? 1 : 0;
  fit.status = CoxStatus::no_events;
  if (fit.events == 0) return fit;
  FineGrayState s;
  ColumnScales scales;
  column_scales(data.design, data.columns, scales);
  fit.aliased = scales.constant;
  fit.status = CoxStatus::collinear;
  if (!fit.aliased.empty()) return fit;
  s.centre = std::move(scales.centre);
  s.scale = std::move(scales.scale);
  load(data, s);
  estimate_censoring(s);
  list_times(s);
  VectorXd beta = VectorXd::Zero(ix(s.p));
  evaluate(s, beta);
  fit.log_likelihood_null = s.log_likelihood;
  fit.aliased = explained_columns(s.information, static_cast<double>(fit.events));
  if (!fit.aliased.empty()) return fit;
  fit.status = climb(s, beta, fit);
  if (fit.status == CoxStatus::fitted) fit.status = report(s, beta, fit);
  return fit;
}

double predicted_incidence(const FineGrayFit& fit, std::span<const double> x, double time) {
  ANGIOTRIAL_EXPECT(fit.status == CoxStatus::fitted, "a fit that is fitted");
  ANGIOTRIAL_EXPECT(x.size() == fit.coefficients.size(), "a covariate a column");
  const auto after = std::upper_bound(fit.time.begin(), fit.time.end(), time);
  if (after == fit.time.begin()) return 0.0;
  double eta = 0.0;
  for (std::size_t a = 0; a < x.size(); ++a) eta += x[a] * fit.coefficients[a];
  const double hazard =
      fit.cumulative_hazard[static_cast<std::size_t>(after - fit.time.begin() - 1)];
  return -std::expm1(-hazard * std::exp(eta));
}

}  // namespace angiotrial::analysis
