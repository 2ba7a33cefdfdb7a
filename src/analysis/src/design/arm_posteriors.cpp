// SPDX-License-Identifier: Apache-2.0
#include "design/arm_posteriors.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/logit_beta.hpp"

namespace angiotrial::analysis {
namespace {

using Values = Eigen::Map<Eigen::ArrayXd>;

constexpr double depth = 20.0;         ///< log density below the mode at which the grid may end
constexpr double widest_step = 0.5;    ///< the logistic function has poles at i pi
constexpr double most_points = 4.0e6;  ///< of all arms

/// Where the density has fallen by `depth`, or a little further out: it is log-concave, so Newton's
/// steps never come back inside.
double end_of(const LogitBeta& g, double side) {
  const double top = g.log_density(g.mode());
  double u = g.mode() + side * std::sqrt(2.0 * depth) * g.spread();
  for (int i = 0; i < 2; ++i) {
    const double step = (g.log_density(u) - top + depth) / g.slope(u);
    u -= step;
    if (std::fabs(step) < 0.5 * g.spread()) break;
  }
  return u;
}

/// What the trapezoidal sum up to a node lacks, in g there. With s = (ln g)' and its derivatives
///   g' = s g,  g''' = (s^3 + 3 s s' + s'') g,
///   g^(5) = (s^5 + 10 s^3 s' + 15 s s'^2 + 10 s^2 s'' + 10 s' s'' + 5 s s''' + s'''') g
struct EulerMaclaurin {
  double c1, c3, c5;

  explicit EulerMaclaurin(double h)
      : c1(-h * h / 12.0), c3(h * h * h * h / 720.0), c5(-h * h * h * h * h * h / 30240.0) {}

  /// s'' = s''' = s'''' = 0
  [[nodiscard]] double of_normal(double s, double s1) const {
    const double q = s * s;
    return s * (c1 + c3 * (q + 3.0 * s1) + c5 * (q * (q + 10.0 * s1) + 15.0 * s1 * s1));
  }
  /// s'' = t s', s''' = (1 - 6 w) s', s'''' = t (1 - 12 w) s'; t = 1 - 2 x, w = x (1 - x)
  [[nodiscard]] double of_logits(double s, double s1, double t, double w) const {
    const double s2 = t * s1, s3 = (1.0 - 6.0 * w) * s1;
    return of_normal(s, s1) + c3 * s2 +
           c5 * (5.0 * s * s3 + s2 * (10.0 * (s * s + s1) + 1.0 - 12.0 * w));
  }
};

}  // namespace

bool ArmPosteriors::set_beta(std::span<const double> a, std::span<const double> b,
                             std::span<const char> in) {
  beta_ = true;
  arms_.resize(in.size());
  double narrowest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    const LogitBeta g{a[k], b[k]};
    arms_[k] = {a[k], b[k], end_of(g, -1.0), end_of(g, 1.0), 0, 0};
    narrowest = std::min(narrowest, g.spread());
  }
  if (!lay_out(in, std::min(narrowest / steps_of_spread, widest_step))) return false;
  const auto size = static_cast<Eigen::Index>(size_);
  const Values u(node_.data(), size);
  Values x(rate_.data(), size), ln(log_rate_.data(), size), ln_other(log_other_.data(), size);
  x = (-u.abs()).exp();
  ln_other = -(1.0 + x).log();
  ln = ln_other + u.min(0.0);
  ln_other -= u.max(0.0);
  x = (u < 0.0).select(x, 1.0) / (1.0 + x);
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] != 0) tabulate(k);
  }
  return true;
}

bool ArmPosteriors::set_normal(std::span<const double> mean, std::span<const double> sd,
                               std::span<const char> in) {
  beta_ = false;
  arms_.resize(in.size());
  double narrowest = std::numeric_limits<double>::infinity();
  const double reach = std::sqrt(2.0 * depth);
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    arms_[k] = {mean[k], sd[k], mean[k] - reach * sd[k], mean[k] + reach * sd[k], 0, 0};
    narrowest = std::min(narrowest, sd[k]);
  }
  if (!lay_out(in, narrowest / steps_of_spread)) return false;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] != 0) tabulate(k);
  }
  return true;
}

bool ArmPosteriors::lay_out(std::span<const char> in, double step) {
  double high = -std::numeric_limits<double>::infinity();
  low_ = -high;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    low_ = std::min(low_, arms_[k].low);
    high = std::max(high, arms_[k].high);
  }
  step_ = step;
  const double points = (high - low_) / step * static_cast<double>(in.size());
  if (!(points < most_points)) return false;
  size_ = static_cast<std::size_t>(std::ceil((high - low_) / step)) + 2;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    Arm& arm = arms_[k];
    arm.from = static_cast<std::size_t>((arm.low - low_) / step);
    arm.to = std::min(size_, static_cast<std::size_t>((arm.high - low_) / step) + 2);
  }
  for (auto* table : {&node_, &rate_, &log_rate_, &log_other_, &product_}) table->resize(size_);
  for (auto* table : {&density_, &slope_, &below_, &moved_}) table->resize(size_ * in.size());
  for (std::size_t i = 0; i < size_; ++i) node_[i] = low_ + static_cast<double>(i) * step;
  return true;
}

// Normalised by its own sum.
void ArmPosteriors::tabulate(std::size_t k) {
  const Arm& arm = arms_[k];
  const auto from = static_cast<Eigen::Index>(arm.from);
  const auto count = static_cast<Eigen::Index>(arm.to) - from;
  Values g(row(density_, k) + from, count);
  if (beta_) {
    const LogitBeta density{arm.first, arm.second};
    const double top = density.log_density(density.mode());
    const Values ln(log_rate_.data() + from, count), ln_other(log_other_.data() + from, count);
    g = (arm.first * ln + arm.second * ln_other - top).exp();
  } else {
    const Values u(node_.data() + from, count);
    g = (-0.5 / (arm.second * arm.second) * (u - arm.first).square()).exp();
  }
  g *= 1.0 / (step_ * g.sum());
  correct(k);
  integrate(k);
}

void ArmPosteriors::correct(std::size_t k) {
  const Arm& arm = arms_[k];
  const EulerMaclaurin terms(step_);
  const double* g = row(density_, k);
  double* slope = row(slope_, k);
  double* lacking = product_.data();
  if (beta_) {
    const double n = arm.first + arm.second, a = arm.first;
    for (std::size_t i = arm.from; i < arm.to; ++i) {
      const double x = rate_[i], w = x * (1.0 - x), s = a - n * x;
      slope[i] = s * g[i];
      lacking[i] = g[i] * terms.of_logits(s, -n * w, 1.0 - 2.0 * x, w);
    }
    return;
  }
  const double precision = 1.0 / (arm.second * arm.second);
  for (std::size_t i = arm.from; i < arm.to; ++i) {
    const double s = precision * (arm.first - node_[i]);
    slope[i] = s * g[i];
    lacking[i] = g[i] * terms.of_normal(s, -precision);
  }
}

void ArmPosteriors::integrate(std::size_t k) {
  const Arm& arm = arms_[k];
  const double* g = row(density_, k);
  double* below = row(below_, k);
  std::fill(below, below + arm.from, 0.0);
  double sum = 0.0;
  for (std::size_t i = arm.from; i < arm.to; ++i) {
    below[i] = std::clamp(step_ * (sum + 0.5 * g[i]) + product_[i], 0.0, 1.0);
    sum += g[i];
  }
  std::fill(below + arm.to, below + size_, 1.0);
}

void ArmPosteriors::best(std::span<const char> in, bool largest, std::span<double> out) {
  double total = 0.0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    out[k] = 0.0;
    if (in[k] == 0) continue;
    const auto from = static_cast<Eigen::Index>(arms_[k].from);
    const auto count = static_cast<Eigen::Index>(arms_[k].to) - from;
    Values product(product_.data(), count);
    product = Values(row(density_, k) + from, count);
    for (std::size_t j = 0; j < in.size(); ++j) {
      if (j == k || in[j] == 0) continue;
      const Values below(row(below_, j) + from, count);
      if (largest) {
        product *= below;
      } else {
        product *= 1.0 - below;
      }
    }
    out[k] = step_ * product.sum();
    total += out[k];
  }
  for (double& p : out) p /= total;
}

}  // namespace angiotrial::analysis
