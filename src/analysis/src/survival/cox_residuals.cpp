// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/cox_state.hpp"
#include "survival/hazard_path.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

}  // namespace

/// Over the increments dH of the hazard with risk-set means m:
///   H = sum dH,  M = sum m dH,  both cumulative within a stratum as time rises;
/// at an event time, for its events alone: the mean of m, and the same sums with dH times `share`.
const HazardPath& hazard_path(CoxState& s) {
  const std::size_t p = s.p;
  const std::size_t times = s.times.size();
  HazardPath& path = s.scratch.path;
  for (auto* values : {&path.hazard, &path.escaped}) values->assign(times, 0.0);
  for (auto* values : {&path.drift, &path.escaped_drift, &path.mean}) {
    values->assign(times * p, 0.0);
  }
  const auto add = [&](std::size_t row, double r, std::vector<double>& sum) {
    sum[0] += r;
    for (std::size_t a = 0; a < p; ++a) sum[1 + a] += r * s.x[row * p + a];
  };
  sweep(s, 1 + p, add,
        [&](const EventTime& at, double weight, double share, const std::vector<double>& sum) {
          const auto k = static_cast<std::size_t>(&at - s.times.data());
          const double increment = weight / sum[0];
          const bool one = at.last - at.first == 1 || s.ties == CoxTies::breslow;
          const double part = one ? 1.0 : 1.0 / static_cast<double>(at.last - at.first);
          path.hazard[k] += increment;
          path.escaped[k] += share * increment;
          for (std::size_t a = 0; a < p; ++a) {
            const double mean = sum[1 + a] / sum[0];
            path.drift[k * p + a] += increment * mean;
            path.escaped_drift[k * p + a] += share * increment * mean;
            path.mean[k * p + a] += part * mean;
          }
        });
  for (std::size_t k = times; k-- > 0;) {
    if (k + 1 == times || s.times[k + 1].opens_stratum) continue;
    path.hazard[k] += path.hazard[k + 1];
    for (std::size_t a = 0; a < p; ++a) path.drift[k * p + a] += path.drift[(k + 1) * p + a];
  }
  return path;
}

/// r_i = w_i [event (x_i - mean m) - exp(eta_i) (x_i H_i - M_i)], H_i and M_i over (start, stop].
void score_residuals(const CoxData& data, CoxState& s, std::vector<double>& out,
                     std::vector<double>* martingale) {
  const std::size_t p = s.p;
  const HazardPath& path = hazard_path(s);
  out.assign(s.n * p, 0.0);
  if (martingale != nullptr) martingale->assign(s.n, 0.0);
  std::vector<double>& drift = s.scratch.drift;
  for (std::size_t i = 0, k = 0; i < s.n; ++i) {
    const std::size_t row = s.source[i];
    const RowTimes seen = times_of(data, s, i, k);
    double hazard = 0.0;
    drift.assign(p, 0.0);
    const auto add = [&](std::size_t at, double sign) {
      hazard += sign * path.hazard[at];
      for (std::size_t a = 0; a < p; ++a) drift[a] += sign * path.drift[at * p + a];
    };
    if (seen.stop < seen.end) add(seen.stop, 1.0);
    if (seen.start < seen.end) add(seen.start, -1.0);
    const bool event = data.event[row] != 0;
    if (event) {
      hazard -= path.escaped[seen.stop];
      for (std::size_t a = 0; a < p; ++a) drift[a] -= path.escaped_drift[seen.stop * p + a];
    }
    if (martingale != nullptr) {
      (*martingale)[i] = (event ? 1.0 : 0.0) - s.relative[i] / s.weight[i] * hazard;
    }
    for (std::size_t a = 0; a < p; ++a) {
      const double x = s.x[i * p + a];
      out[i * p + a] = -s.relative[i] * (x * hazard - drift[a]);
      if (event) out[i * p + a] += s.weight[i] * (x - path.mean[seen.stop * p + a]);
    }
  }
}

void clustered_gram(CoxState& s, const std::vector<double>& rows, std::span<const int> cluster) {
  using Rows = Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>;
  const Rows all(rows.data(), ix(s.n), ix(s.p));
  CoxScratch& scratch = s.scratch;
  Eigen::MatrixXd& gram = scratch.meat;
  if (cluster.empty()) {
    gram.noalias() = all.transpose() * all;
    return;
  }
  std::vector<int>& label = scratch.label;
  label.resize(s.n);
  for (std::size_t i = 0; i < s.n; ++i) label[i] = cluster[s.source[i]];
  scratch.by_cluster.reset(s.n);
  scratch.by_cluster.by(label);
  const auto& position = scratch.by_cluster.positions();
  gram.setZero(ix(s.p), ix(s.p));
  Eigen::VectorXd& sum = scratch.of_cluster;
  for (std::size_t i = 0; i < s.n;) {
    sum.setZero(ix(s.p));
    const int here = label[position[i]];
    for (; i < s.n && label[position[i]] == here; ++i) sum += all.row(position[i]).transpose();
    gram.noalias() += sum * sum.transpose();
  }
}

RowTimes times_of(const CoxData& data, const CoxState& s, std::size_t i, std::size_t& first) {
  // `first` is the first event time of the stratum, kept between rows as they come in order.
  const std::size_t row = s.source[i];
  const auto label = [&](std::size_t at) {
    return data.stratum.empty() ? 0 : data.stratum[s.source[at]];
  };
  while (first < s.times.size() && label(s.times[first].first) < label(i)) ++first;
  std::size_t end = first;
  if (first < s.times.size() && label(s.times[first].first) == label(i)) {
    end = first + s.times[first].in_stratum;
  }
  const auto begin_at = s.times.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end_at = s.times.begin() + static_cast<std::ptrdiff_t>(end);
  const auto find = [&](double time) {
    const auto found = std::lower_bound(begin_at, end_at, time,
                                        [](const EventTime& e, double t) { return e.time > t; });
    return static_cast<std::size_t>(found - s.times.begin());
  };
  return {find(data.stop[row]), data.start.empty() ? end : find(data.start[row]), end};
}

CoxResiduals cox_residuals(const CoxData& data, const CoxOptions& options, const CoxFit& fit) {
  CoxWorkspace workspace;
  CoxState& s = workspace.state();
  restore(data, options, fit, s);
  std::vector<double> score;
  std::vector<double> martingale;
  score_residuals(data, s, score, &martingale);
  CoxResiduals out{std::vector<double>(s.n), std::vector<double>(s.n * s.p),
                   std::vector<double>(s.n * s.p, 0.0)};
  for (std::size_t i = 0; i < s.n; ++i) {
    const std::size_t row = s.source[i];
    out.martingale[row] = martingale[i];
    for (std::size_t a = 0; a < s.p; ++a) {
      out.score[row * s.p + a] = score[i * s.p + a] / s.weight[i] * s.scale[a];
    }
    for (std::size_t a = 0; a < s.p; ++a) {
      for (std::size_t b = 0; b < s.p; ++b) {
        out.dfbeta[row * s.p + a] += fit.covariance[a * s.p + b] * out.score[row * s.p + b];
      }
    }
  }
  return out;
}

void restore(const CoxData& data, const CoxOptions& options, const CoxFit& fit, CoxState& s) {
  ANGIOTRIAL_EXPECT(fit.status == CoxStatus::fitted, "a fit that is fitted");
  ANGIOTRIAL_EXPECT(options.ties != CoxTies::exact, "Efron's or Breslow's ties");
  load(data, options, s);
  s.beta.resize(ix(s.p));
  for (std::size_t a = 0; a < s.p; ++a) s.beta[ix(a)] = fit.coefficients[a] * s.scale[a];
  predict(s, s.beta);
}

}  // namespace angiotrial::analysis
