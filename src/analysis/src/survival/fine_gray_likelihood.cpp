// SPDX-License-Identifier: Apache-2.0
#include "survival/fine_gray_state.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

Index ix(std::size_t i) { return static_cast<Index>(i); }

/// to += r (1, x, lower triangle of xx').
void add(const FineGrayState& s, std::size_t i, double r, double* to) {
  const double* x = &s.x[i * s.p];
  *to++ += r;
  for (std::size_t a = 0; a < s.p; ++a) *to++ += r * x[a];
  for (std::size_t a = 0; a < s.p; ++a) {
    for (std::size_t b = 0; b <= a; ++b) *to++ += r * x[a] * x[b];
  }
}

void predict(FineGrayState& s, const VectorXd& beta) {
  s.relative.assign(s.n, 0.0);
  for (std::size_t i = 0; i < s.n; ++i) {
    for (std::size_t a = 0; a < s.p; ++a) s.relative[i] += s.x[i * s.p + a] * beta[ix(a)];
  }
  s.shift = *std::max_element(s.relative.begin(), s.relative.end());
  s.log_likelihood = 0.0;
  s.score.setZero(ix(s.p));
  for (std::size_t i = 0; i < s.n; ++i) {
    s.relative[i] -= s.shift;
    if (s.kind[i] == 1) {
      s.log_likelihood += s.relative[i];
      for (std::size_t a = 0; a < s.p; ++a) s.score[ix(a)] += s.x[i * s.p + a];
    }
    s.relative[i] = std::exp(s.relative[i]);
  }
}

/// Takes one event time's term from the likelihood and its derivatives.
void subtract_time(FineGrayState& s, std::size_t k, const std::vector<double>& sum) {
  const double d = s.deaths[k];
  s.log_likelihood -= d * std::log(sum[0]);
  s.hazard[k] = d / sum[0];
  const double* second = &sum[1 + s.p];
  for (std::size_t a = 0; a < s.p; ++a) {
    const double mean = sum[1 + a] / sum[0];
    s.mean[k * s.p + a] = mean;
    s.score[ix(a)] -= d * mean;
    for (std::size_t b = 0; b <= a; ++b) {
      s.information(ix(a), ix(b)) += d * (*second++ - mean * sum[1 + b]) / sum[0];
    }
  }
}

/// Over event times at and after each: sums of G dL and G m dL, by group.
struct Ahead {
  std::vector<double> hazard;  ///< (times + 1) x groups
  std::vector<double> drift;   ///< (times + 1) x groups x p
};

Ahead ahead(const FineGrayState& s) {
  const std::size_t times = s.event_time.size();
  const std::size_t groups = s.censoring.size();
  Ahead out{std::vector<double>((times + 1) * groups, 0.0),
            std::vector<double>((times + 1) * groups * s.p, 0.0)};
  for (std::size_t k = times; k-- > 0;) {
    for (std::size_t g = 0; g < groups; ++g) {
      const double w = s.g[k * groups + g] * s.hazard[k];
      const std::size_t at = k * groups + g;
      out.hazard[at] = out.hazard[at + groups] + w;
      for (std::size_t a = 0; a < s.p; ++a) {
        out.drift[at * s.p + a] = out.drift[(at + groups) * s.p + a] + w * s.mean[k * s.p + a];
      }
    }
  }
  return out;
}

std::size_t first_not_before(const FineGrayState& s, double t) {
  return static_cast<std::size_t>(std::lower_bound(s.event_time.begin(), s.event_time.end(), t) -
                                  s.event_time.begin());
}

std::size_t first_after(const FineGrayState& s, double t) {
  return static_cast<std::size_t>(std::upper_bound(s.event_time.begin(), s.event_time.end(), t) -
                                  s.event_time.begin());
}

/// eta_i = int (x_i - m) w_i dM_i.
void add_own(const FineGrayState& s, const Ahead& later, Eigen::MatrixXd& rows) {
  const std::size_t groups = s.censoring.size();
  VectorXd drift = VectorXd::Zero(ix(s.p));
  double hazard = 0.0;
  std::size_t k = 0;
  for (std::size_t i = 0; i < s.n; ++i) {
    const Eigen::Map<const VectorXd> x(&s.x[i * s.p], ix(s.p));
    const std::size_t end = first_after(s, s.time[i]);
    for (; k < end; ++k) {
      hazard += s.hazard[k];
      drift += s.hazard[k] * Eigen::Map<const VectorXd>(&s.mean[k * s.p], ix(s.p));
    }
    VectorXd eta = -s.relative[i] * (x * hazard - drift);
    if (s.kind[i] == 1) eta += x - Eigen::Map<const VectorXd>(&s.mean[(k - 1) * s.p], ix(s.p));
    if (s.kind[i] == 2) {
      const std::size_t at = end * groups + s.group[i];
      const Eigen::Map<const VectorXd> later_drift(&later.drift[at * s.p], ix(s.p));
      eta -= s.relative[i] / s.own_g[i] * (x * later.hazard[at] - later_drift);
    }
    rows.col(ix(i)) += eta;
  }
}

/// psi_i = int q / pi dM_i^c for the subjects of one group, with
/// q(u) = sum over competing events before u of r_j / G(T_j-) int_{t >= u} (x_j - m) G dL.
void add_censoring(const FineGrayState& s, std::size_t g, const Ahead& later,
                   Eigen::MatrixXd& rows) {
  const CensoringCurve& curve = s.censoring[g];
  const std::size_t groups = s.censoring.size();
  VectorXd prior = VectorXd::Zero(ix(s.p));
  VectorXd compensator = VectorXd::Zero(ix(s.p));
  VectorXd q = VectorXd::Zero(ix(s.p));
  double prior_risk = 0.0;
  std::size_t entered = 0;
  std::size_t step = 0;
  for (std::size_t i = 0; i < s.n; ++i) {
    if (s.group[i] != g) continue;
    for (; step < curve.time.size() && curve.time[step] <= s.time[i]; ++step) {
      for (; entered < s.n && s.time[entered] < curve.time[step]; ++entered) {
        if (s.group[entered] != g || s.kind[entered] != 2) continue;
        const double r = s.relative[entered] / s.own_g[entered];
        prior_risk += r;
        prior += r * Eigen::Map<const VectorXd>(&s.x[entered * s.p], ix(s.p));
      }
      const std::size_t at = first_not_before(s, curve.time[step]) * groups + g;
      for (std::size_t a = 0; a < s.p; ++a) {
        q[ix(a)] = (prior[ix(a)] * later.hazard[at] - prior_risk * later.drift[at * s.p + a]) /
                   curve.at_risk[step];
        compensator[ix(a)] += q[ix(a)] * curve.hazard[step];
      }
    }
    rows.col(ix(i)) -= compensator;
    if (s.kind[i] == 0) rows.col(ix(i)) += q;
  }
}

}  // namespace

double CensoringCurve::before(double t) const {
  const auto at = std::lower_bound(time.begin(), time.end(), t);
  return at == time.begin() ? 1.0 : after[static_cast<std::size_t>(at - time.begin() - 1)];
}

void evaluate(FineGrayState& s, const VectorXd& beta) {
  predict(s, beta);
  const std::size_t size = 1 + s.p + s.p * (s.p + 1) / 2;
  const std::size_t times = s.event_time.size();
  const std::size_t groups = s.censoring.size();
  s.information.setZero(ix(s.p), ix(s.p));
  s.hazard.assign(times, 0.0);
  s.mean.assign(times * s.p, 0.0);
  s.risk_sums.assign((times + 1) * size, 0.0);
  std::size_t end = s.n;
  for (std::size_t k = times; k-- > 0;) {
    double* here = &s.risk_sums[k * size];
    std::copy(here + size, here + 2 * size, here);
    for (std::size_t i = end; i-- > s.first_at_risk[k];) add(s, i, s.relative[i], here);
    end = s.first_at_risk[k];
  }
  std::vector<double> prior(groups * size, 0.0), sum(size);
  std::size_t entered = 0;
  for (std::size_t k = 0; k < times; ++k) {
    for (; entered < s.first_at_risk[k]; ++entered) {
      if (s.kind[entered] != 2) continue;
      add(s, entered, s.relative[entered] / s.own_g[entered], &prior[s.group[entered] * size]);
    }
    std::copy_n(s.risk_sums.begin() + static_cast<std::ptrdiff_t>(k * size), size, sum.begin());
    for (std::size_t g = 0; g < groups; ++g) {
      const double w = s.g[k * groups + g];
      for (std::size_t a = 0; a < size; ++a) sum[a] += w * prior[g * size + a];
    }
    subtract_time(s, k, sum);
  }
  s.information.triangularView<Eigen::StrictlyUpper>() = s.information.transpose();
}

Eigen::MatrixXd fine_gray_meat(const FineGrayState& s) {
  const Ahead later = ahead(s);
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(ix(s.p), ix(s.n));
  add_own(s, later, rows);
  for (std::size_t g = 0; g < s.censoring.size(); ++g) add_censoring(s, g, later, rows);
  return rows * rows.transpose();
}

}  // namespace angiotrial::analysis
