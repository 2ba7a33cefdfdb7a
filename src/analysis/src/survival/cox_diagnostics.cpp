// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/cox_state.hpp"
#include "survival/hazard_path.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

Index ix(std::size_t i) { return static_cast<Index>(i); }

/// Mid-ranks of `stop` among all rows.
std::vector<double> mid_ranks(const CoxData& data) {
  const std::size_t n = data.stop.size();
  StableOrder order;
  order.reset(n);
  order.by(data.stop);
  const auto& position = order.positions();
  std::vector<double> rank(n);
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && data.stop[position[j]] == data.stop[position[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) rank[position[k]] = 0.5 * static_cast<double>(i + j + 1);
    i = j;
  }
  return rank;
}

/// 1 - S(stop-) by row, Kaplan-Meier of all rows without weights, late entry respected.
std::vector<double> failed_before(const CoxData& data) {
  const std::size_t n = data.stop.size();
  StableOrder by_stop, by_start;
  by_stop.reset(n);
  by_stop.by(data.stop);
  by_start.reset(n);
  if (!data.start.empty()) by_start.by(data.start);
  std::vector<double> failed(n);
  double survival = 1.0;
  std::size_t entered = data.start.empty() ? n : 0;
  for (std::size_t i = 0; i < n;) {
    const double time = data.stop[by_stop.positions()[i]];
    while (entered < n && data.start[by_start.positions()[entered]] < time) ++entered;
    const auto at_risk = static_cast<double>(entered - i);
    double events = 0.0;
    const double before = survival;
    for (; i < n && data.stop[by_stop.positions()[i]] == time; ++i) {
      const std::size_t row = by_stop.positions()[i];
      failed[row] = 1.0 - before;
      events += data.event[row] != 0 ? 1.0 : 0.0;
    }
    survival *= (at_risk - events) / at_risk;
  }
  return failed;
}

/// g at each row's stop less the mean over events; empty where a logarithm does not exist.
std::vector<double> transformed(const CoxData& data, TimeTransform transform) {
  std::vector<double> g(data.stop.begin(), data.stop.end());
  if (transform == TimeTransform::rank) g = mid_ranks(data);
  if (transform == TimeTransform::kaplan_meier) g = failed_before(data);
  double sum = 0.0;
  double events = 0.0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    if (data.event[i] == 0) continue;
    if (transform == TimeTransform::log) {
      if (!(g[i] > 0.0)) return {};
      g[i] = std::log(g[i]);
    }
    sum += g[i];
    events += 1.0;
  }
  for (double& value : g) value -= sum / events;
  return g;
}

/// Score of theta and the information of (beta, theta) at the fit, theta = 0:
///   u = sum g (w x - w m),   information = sum w V (x) [1 g; g g^2].
struct TimeScore {
  Eigen::VectorXd u;
  Eigen::MatrixXd information;
};

TimeScore time_score(CoxState& s, const std::vector<double>& g) {
  const Index p = ix(s.p);
  TimeScore out{Eigen::VectorXd::Zero(p), Eigen::MatrixXd::Zero(2 * p, 2 * p)};
  for (const EventTime& at : s.times) {
    for (std::size_t i = at.first; i < at.last; ++i) {
      const Eigen::Map<const Eigen::VectorXd> x(&s.x[i * s.p], p);
      out.u += g[s.source[i]] * s.weight[i] * x;
    }
  }
  Eigen::MatrixXd v(p, p);
  const auto add = [&](std::size_t row, double r, std::vector<double>& sum) {
    add_row(s, row, r, sum);
  };
  sweep(s, sums_of(s.p), add,
        [&](const EventTime& at, double weight, double, const std::vector<double>& sum) {
          const double here = g[s.source[at.first]];
          const Eigen::VectorXd mean = Eigen::Map<const Eigen::VectorXd>(&sum[1], p) / sum[0];
          const double* packed = &sum[1 + s.p];
          for (Index a = 0; a < p; ++a) {
            for (Index b = 0; b <= a; ++b) v(a, b) = v(b, a) = *packed++ / sum[0];
          }
          v -= mean * mean.transpose();
          out.u -= here * weight * mean;
          out.information.topLeftCorner(p, p) += weight * v;
          out.information.topRightCorner(p, p) += weight * here * v;
          out.information.bottomRightCorner(p, p) += weight * here * here * v;
        });
  out.information.bottomLeftCorner(p, p) = out.information.topRightCorner(p, p);
  out.u *= s.unit;
  out.information *= s.unit;
  return out;
}

/// (0, u)' I^-1 (0, u) over all of beta and the chosen columns of theta.
bool test_columns(const TimeScore& score, const std::vector<Index>& columns, ChiSquareTest& out) {
  const Index p = score.u.size();
  std::vector<Index> kept;
  for (Index a = 0; a < p; ++a) kept.push_back(a);
  for (const Index a : columns) kept.push_back(p + a);
  Eigen::VectorXd u = Eigen::VectorXd::Zero(ix(kept.size()));
  u.tail(ix(columns.size())) = score.u(columns);
  const Eigen::LLT<Eigen::MatrixXd> factor(Eigen::MatrixXd(score.information(kept, kept)));
  if (factor.info() != Eigen::Success) return false;
  out = chi_square_test(u.dot(factor.solve(u)), static_cast<int>(columns.size()));
  return true;
}

}  // namespace

std::vector<BaselineStep> cox_baseline(const CoxData& data, const CoxOptions& options,
                                       const CoxFit& fit) {
  CoxWorkspace workspace;
  CoxState& s = workspace.state();
  restore(data, options, fit, s);
  const HazardPath& path = hazard_path(s);
  // Sums use exp(eta - shift) of centred columns: back to covariates of 0.
  double unit = s.shift;
  for (std::size_t a = 0; a < s.p; ++a) unit += fit.coefficients[a] * s.centre[a];
  unit = std::exp(-unit);
  std::vector<BaselineStep> steps;
  for (std::size_t k = 0; k < s.times.size();) {
    const std::size_t end = k + s.times[k].in_stratum;
    for (std::size_t j = end; j-- > k;) {
      const int label = data.stratum.empty() ? 0 : data.stratum[s.source[s.times[j].first]];
      steps.push_back({label, s.times[j].time, path.hazard[j] * unit});
    }
    k = end;
  }
  return steps;
}

double baseline_hazard_at(std::span<const BaselineStep> steps, int stratum, double time) {
  const auto after = std::partition_point(steps.begin(), steps.end(), [&](const BaselineStep& s) {
    return s.stratum < stratum || (s.stratum == stratum && s.time <= time);
  });
  if (after == steps.begin() || (after - 1)->stratum != stratum) return 0.0;
  return (after - 1)->cumulative_hazard;
}

CoxProportionality cox_proportionality(const CoxData& data, const CoxOptions& options,
                                       const CoxFit& fit, TimeTransform transform,
                                       std::span<const int> term) {
  ANGIOTRIAL_EXPECT(term.empty() || term.size() == data.columns, "a term a column");
  CoxProportionality out;
  CoxWorkspace workspace;
  CoxState& s = workspace.state();
  restore(data, options, fit, s);
  const std::vector<double> g = transformed(data, transform);
  if (g.empty()) return out;
  const TimeScore score = time_score(s, g);
  int terms = 0;
  for (std::size_t a = 0; a < s.p; ++a) {
    terms = std::max(terms, 1 + (term.empty() ? static_cast<int>(a) : term[a]));
  }
  std::vector<Index> all;
  out.terms.resize(static_cast<std::size_t>(terms));
  bool known = true;
  for (int t = 0; t < terms; ++t) {
    std::vector<Index> columns;
    for (std::size_t a = 0; a < s.p; ++a) {
      if ((term.empty() ? static_cast<int>(a) : term[a]) == t) columns.push_back(ix(a));
    }
    all.insert(all.end(), columns.begin(), columns.end());
    known = test_columns(score, columns, out.terms[static_cast<std::size_t>(t)]) && known;
  }
  known = test_columns(score, all, out.global) && known;
  out.status = known ? CoxStatus::fitted : CoxStatus::collinear;
  return out;
}

}  // namespace angiotrial::analysis
