// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "stable_order.hpp"
#include "survival/quadratic_form.hpp"

#include <Eigen/Core>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <cstdint>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Everything at one event time. Letters as in Gray 1988: n at risk, d and e events of the cause
/// and of others by group; S of any event and F of the cause by group; pooled F.
struct Moment {
  VectorXd n, d, e;
  VectorXd s_before = {}, s_after = {}, f_before = {};
  double pooled_before = 0.0, pooled_after = 0.0;
  double h = 0.0;           ///< sum of n / S(t-)
  MatrixXd a = {}, c = {};  ///< weights and their integrals, groups x groups
};

/// Counts at the event times of one stratum.
std::vector<Moment> moments(const GrayData& data, std::span<const std::uint32_t> rows, int cause) {
  const Index groups = data.groups;
  VectorXd n = VectorXd::Zero(groups);
  for (const std::uint32_t row : rows) n[data.group[row]] += 1.0;
  std::vector<Moment> out;
  for (std::size_t i = 0; i < rows.size();) {
    const double time = data.sample[rows[i]].time;
    Moment m{.n = n, .d = VectorXd::Zero(groups), .e = VectorXd::Zero(groups)};
    for (; i < rows.size() && data.sample[rows[i]].time == time; ++i) {
      const int g = data.group[rows[i]];
      const int kind = data.sample[rows[i]].cause;
      n[g] -= 1.0;
      if (kind == cause) m.d[g] += 1.0;
      if (kind != cause && kind != 0) m.e[g] += 1.0;
    }
    if (m.d.sum() + m.e.sum() > 0.0) out.push_back(m);
  }
  return out;
}

/// a_ik = w h_k (1{i = k} - h_i / h),  h_k = n_k / S_k(t-),  c_ik = sum a_ik dF / (1 - F(t-)),
/// U_i = sum w (d_i - d h_i (1 - F_i(t-)) / sum_j h_j (1 - F_j(t-))),  w = (1 - F(t-))^rho.
void weigh(std::vector<Moment>& all, double rho, VectorXd& score) {
  const Index groups = score.size();
  VectorXd s = VectorXd::Ones(groups);
  VectorXd f = VectorXd::Zero(groups);
  double pooled = 0.0;
  MatrixXd c = MatrixXd::Zero(groups, groups);
  for (Moment& m : all) {
    m.s_before = s;
    m.f_before = f;
    m.pooled_before = pooled;
    VectorXd h = VectorXd::Zero(groups);
    for (Index g = 0; g < groups; ++g) {
      if (m.n[g] <= 0.0) continue;
      h[g] = m.n[g] / s[g];
      f[g] += s[g] * m.d[g] / m.n[g];
      s[g] *= (m.n[g] - m.d[g] - m.e[g]) / m.n[g];
    }
    m.h = h.sum();
    const VectorXd risk = h.cwiseProduct(VectorXd::Ones(groups) - m.f_before);
    const double d = m.d.sum();
    const bool over = !(1.0 - pooled > 1.0e-12) || !(risk.sum() > 0.0);
    if (over) {  // everyone has failed from the cause: nothing is left to compare
      m.a = MatrixXd::Zero(groups, groups);
      m.c = c;
      m.s_after = s;
      m.pooled_after = pooled;
      continue;
    }
    const double w = std::pow(1.0 - pooled, rho);
    pooled += d / m.h;
    m.pooled_after = pooled;
    m.s_after = s;
    m.a = w * (MatrixXd(h.asDiagonal()) - h * h.transpose() / m.h);
    c += m.a * (d / (m.h * (1.0 - m.pooled_before)));
    m.c = c;
    score += w * (m.d - d * risk / risk.sum());
  }
}

/// 1 less the share (d - 1) / (n - 1) for tied events.
double tie_factor(double d, double n) { return d > 1.0 ? 1.0 - (d - 1.0) / (n - 1.0) : 1.0; }

/// V += sum over k of (a_k + t (C_k - c_k)) ()' var for the cause and (t' (C_k - c_k)) ()' var' for
/// others, C = c at the end, t = 1 - (1 - F) / S_k, t' = (1 - F) / S_k.
void add_variance(const std::vector<Moment>& all, MatrixXd& variance) {
  for (const Moment& m : all) {
    const MatrixXd ahead = all.back().c - m.c;
    const double d = m.d.sum();
    for (Index k = 0; k < m.n.size(); ++k) {
      if (m.n[k] <= 0.0) continue;
      const double before = m.s_before[k];
      const double after = m.s_after[k];
      const double left = after > 0.0 ? (1.0 - m.pooled_after) / after : 0.0;
      if (d > 0.0) {
        const double v = tie_factor(d, m.h * before) * before * d / (m.h * m.n[k]);
        const VectorXd u = m.a.col(k) + (1.0 - left) * ahead.col(k);
        variance += v * u * u.transpose();
      }
      if (m.e[k] > 0.0 && after > 0.0) {
        const double v = tie_factor(m.e[k], m.n[k]) * before * before * m.e[k] / (m.n[k] * m.n[k]);
        const VectorXd u = left * ahead.col(k);
        variance += v * u * u.transpose();
      }
    }
  }
}

/// U' V^- U over the groups whose score varies, less one.
void test(const VectorXd& score, const MatrixXd& variance, GrayTest& out) {
  std::vector<Index> used;
  for (Index g = 0; g < score.size(); ++g) {
    if (variance(g, g) > 0.0) used.push_back(g);
  }
  out.status = CompetingStatus::no_information;
  if (used.size() < 2) return;
  used.pop_back();
  QuadraticFormScratch scratch;
  const QuadraticForm form = quadratic_form(score(used), variance(used, used), scratch);
  if (form.rank == 0) return;
  out.status = CompetingStatus::fitted;
  out.df = form.rank;
  out.chi_square = form.value;
  out.p_value = boost::math::gamma_q(0.5 * out.df, 0.5 * out.chi_square);
}

bool valid(const GrayData& data) {
  for (const CompetingObservation& o : data.sample) {
    if (!std::isfinite(o.time) || o.time < 0.0 || o.cause < 0 || o.cause > data.causes) {
      return false;
    }
  }
  return true;
}

}  // namespace

GrayTest gray_test(const GrayData& data, int cause, double rho) {
  const std::size_t n = data.sample.size();
  ANGIOTRIAL_EXPECT(data.groups > 0 && cause >= 1 && cause <= data.causes, "causes from 1");
  ANGIOTRIAL_EXPECT(data.group.size() == n, "a group an observation");
  ANGIOTRIAL_EXPECT(data.stratum.empty() || data.stratum.size() == n, "a stratum, or none");
  for (const int g : data.group) ANGIOTRIAL_EXPECT(g >= 0 && g < data.groups, "groups from 0");
  GrayTest out;
  if (!valid(data) || !std::isfinite(rho)) return out;
  if (n == 0) {
    out.status = CompetingStatus::empty_sample;
    return out;
  }
  std::vector<double> time;
  for (const CompetingObservation& o : data.sample) time.push_back(o.time);
  StableOrder order;
  order.reset(n);
  order.by(time);
  if (!data.stratum.empty()) order.by(data.stratum);
  const std::span<const std::uint32_t> rows(order.positions());
  VectorXd score = VectorXd::Zero(data.groups);
  MatrixXd variance = MatrixXd::Zero(data.groups, data.groups);
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = data.stratum.empty() ? n : begin + 1;
    while (end < n && data.stratum[rows[end]] == data.stratum[rows[begin]]) ++end;
    std::vector<Moment> all = moments(data, rows.subspan(begin, end - begin), cause);
    weigh(all, rho, score);
    add_variance(all, variance);
    begin = end;
  }
  out.score.assign(score.data(), score.data() + score.size());
  out.variance.assign(variance.data(), variance.data() + variance.size());
  test(score, variance, out);
  return out;
}

}  // namespace angiotrial::analysis
