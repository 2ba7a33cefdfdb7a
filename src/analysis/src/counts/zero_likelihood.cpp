// SPDX-License-Identifier: Apache-2.0
#include "counts/zero_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// ln f(y) and its derivatives by e = ln mu and t = ln phi.
struct ZeroLikelihood::Count {
  double l, e, ee, t, et, tt;
};

ZeroLikelihood::ZeroLikelihood(const ZeroCountModel& model, bool negative_binomial)
    : model_(model), dispersed_(negative_binomial) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Index>(model.counts.counts.size());
  x_ = Eigen::Map<const RowMajor>(model.counts.design.data(), n,
                                  static_cast<Index>(model.counts.columns));
  z_ = Eigen::Map<const RowMajor>(model.zero_design.data(), n,
                                  static_cast<Index>(model.zero_columns));
  y_ = Eigen::Map<const Eigen::VectorXi>(model.counts.counts.data(), n).cast<double>();
  offset_ = Eigen::Map<const VectorXd>(model.counts.offset.data(), n);
  mean_.resize(n);
  for (auto* values : {&e_, &t_, &s_, &ee_, &et_, &tt_, &es_, &ts_, &ss_}) values->resize(n);
  const auto most = static_cast<std::size_t>(y_.maxCoeff());
  factorials_.assign(most + 1, 0.0);
  for (std::size_t y = 1; y <= most; ++y) {
    factorials_[y] = factorials_[y - 1] + std::log(static_cast<double>(y));
  }
  logs_.assign(most + 1, 0.0);
  slopes_ = bends_ = logs_;
}

Index ZeroLikelihood::parameters() const { return x_.cols() + z_.cols() + (dispersed_ ? 1 : 0); }

void ZeroLikelihood::tabulate(double phi) {
  for (std::size_t y = 1; y < logs_.size(); ++y) {
    const double x = phi * static_cast<double>(y - 1);
    const double d = 1.0 / (1.0 + x);
    logs_[y] = logs_[y - 1] + std::log1p(x);
    slopes_[y] = slopes_[y - 1] + x * d;
    bends_[y] = bends_[y - 1] + x * d * d;
  }
}

//   l = sum_{j<y} ln(1 + phi j) + y e - (y + 1/phi) ln(1 + x) - ln y!,  x = phi mu, d = 1/(1 + x)
ZeroLikelihood::Count ZeroLikelihood::count_terms(double y, double eta, double mu,
                                                  double phi) const {
  const auto at = static_cast<std::size_t>(y);
  if (!dispersed_) return {y * eta - mu - factorials_[at], y - mu, -mu, 0.0, 0.0, 0.0};
  const double x = phi * mu;
  const double d = 1.0 / (1.0 + x);
  const double grown = 1.0 + phi * y;
  const double log_part = std::log1p(x) / phi;
  return {logs_[at] + y * eta - grown * log_part - factorials_[at],
          (y - mu) * d,
          -mu * grown * d * d,
          slopes_[at] + log_part - grown * mu * d,
          -(y - mu) * x * d * d,
          bends_[at] - log_part + mu * d - phi * y * mu * d + grown * mu * x * d * d};
}

namespace {

/// ln(1 + e^v) without overflow.
double soft(double v) { return std::max(v, 0.0) + std::log1p(std::exp(-std::fabs(v))); }

}  // namespace

/// Log-likelihood of a row; its derivatives by ln mu (e), ln phi (t) and logit p (s) into the
/// arrays.
double ZeroLikelihood::row_terms(Index i, double phi, double eta, double logit) {
  const double y = y_[i];
  const double mu = std::exp(eta);
  const double p = 1.0 / (1.0 + std::exp(-logit));
  const Count zero = count_terms(0.0, eta, mu, phi);
  const Count count = y > 0.0 ? count_terms(y, eta, mu, phi) : zero;
  const bool hurdle = model_.part == ZeroPart::hurdle;
  // The row adds l of the count, h(g) with g = ln f(0), and the zero part: h' is `slope`, h''
  // `bend`.
  double value = 0.0;
  double slope = 0.0;
  double bend = 0.0;
  es_[i] = ts_[i] = 0.0;
  const bool counted = y > 0.0;
  if (hurdle) {
    // h = - ln(1 - e^g), h' = e^g / (1 - e^g), h'' = h' (1 + h')
    const double over = -std::expm1(zero.l);
    mean_[i] = p * mu / over;
    value = counted ? -soft(-logit) - std::log(over) : -soft(logit);
    slope = counted ? std::exp(zero.l) / over : 0.0;
    bend = slope * (1.0 + slope);
    s_[i] = (counted ? 1.0 : 0.0) - p;
    ss_[i] = -p * (1.0 - p);
  } else {
    mean_[i] = (1.0 - p) * mu;
    value = -soft(logit);
    s_[i] = -p;
    ss_[i] = -p * (1.0 - p);
    if (!counted) {
      // ln(e^logit + e^g) less ln(1 + e^logit); w = P(structural | 0)
      value += std::max(logit, zero.l) + std::log1p(std::exp(-std::fabs(logit - zero.l)));
      const double w = 1.0 / (1.0 + std::exp(zero.l - logit));
      slope = 1.0 - w;
      bend = w * (1.0 - w);
      s_[i] += w;
      ss_[i] += bend;
      es_[i] = -bend * zero.e;
      ts_[i] = -bend * zero.t;
    }
  }
  const double own = counted ? 1.0 : 0.0;
  value += own * count.l;
  e_[i] = own * count.e + slope * zero.e;
  t_[i] = own * count.t + slope * zero.t;
  ee_[i] = own * count.ee + slope * zero.ee + bend * zero.e * zero.e;
  et_[i] = own * count.et + slope * zero.et + bend * zero.e * zero.t;
  tt_[i] = own * count.tt + slope * zero.tt + bend * zero.t * zero.t;
  return value;
}

double ZeroLikelihood::evaluate(const VectorXd& psi) {
  const Index p = x_.cols();
  const Index q = z_.cols();
  const double phi = dispersed_ ? std::exp(psi[p + q]) : 0.0;
  if (dispersed_) tabulate(phi);
  const VectorXd rate = x_ * psi.head(p);
  const VectorXd logit = z_ * psi.segment(p, q);
  rate_range_ = rate.maxCoeff() - rate.minCoeff();
  largest_eta_ = (offset_ + rate).maxCoeff();
  largest_logit_ = logit.cwiseAbs().maxCoeff();
  double value = 0.0;
  for (Index i = 0; i < y_.size(); ++i) {
    value += row_terms(i, phi, offset_[i] + rate[i], logit[i]);
  }
  gradient_.resize(parameters());
  gradient_.head(p) = x_.transpose() * e_.matrix();
  gradient_.segment(p, q) = z_.transpose() * s_.matrix();
  MatrixXd& j = information_;
  j.resize(parameters(), parameters());
  j.topLeftCorner(p, p) = -x_.transpose() * ee_.matrix().asDiagonal() * x_;
  j.block(0, p, p, q) = -x_.transpose() * es_.matrix().asDiagonal() * z_;
  j.block(p, p, q, q) = -z_.transpose() * ss_.matrix().asDiagonal() * z_;
  if (dispersed_) {
    gradient_[p + q] = t_.sum();
    j.col(p + q).head(p) = -x_.transpose() * et_.matrix();
    j.col(p + q).segment(p, q) = -z_.transpose() * ts_.matrix();
    j(p + q, p + q) = -tt_.sum();
  }
  j.triangularView<Eigen::StrictlyLower>() = j.transpose();
  return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
}

}  // namespace angiotrial::analysis
