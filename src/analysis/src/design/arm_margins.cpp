// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "design/arm_posteriors.hpp"
#include "design/logit_beta.hpp"

/// Comparisons with a margin.
namespace angiotrial::analysis {
namespace {

using Values = Eigen::Map<Eigen::ArrayXd>;

/// Of a beta distribution on the scale of rates.
struct Place {
  double mean, spread;
};
Place place_of(double a, double b) {
  const double n = a + b;
  return {a / n, std::sqrt(a * b / (n + 1.0)) / n};
}

}  // namespace

double ArmPosteriors::shifted(std::size_t i, double shift) const {
  return beta_ ? logit(rate_[i] + shift) : node_[i] + shift;
}

// The quintic on t in [0, 1] with values F, hg and h^2 g' at both ends.
double ArmPosteriors::at(std::size_t k, double u) const {
  const Arm& arm = arms_[k];
  const double place = (u - low_) / step_;
  if (!(place >= static_cast<double>(arm.from))) return 0.0;
  if (!(place < static_cast<double>(arm.to - 1))) return 1.0;
  const auto i = static_cast<std::size_t>(place);
  const double t = place - static_cast<double>(i), t2 = t * t, t3 = t2 * t, s = 1.0 - t;
  const double* f = row(below_, k) + i;
  const double* g = row(density_, k) + i;
  const double* d = row(slope_, k) + i;
  const double rise = t3 * (10.0 + t * (6.0 * t - 15.0));
  const double left = t * s * s * s * (1.0 + 3.0 * t), right = -t3 * s * (4.0 - 3.0 * t);
  const double curve = 0.5 * step_ * (t2 * s * s * s * d[0] + t3 * s * s * d[1]);
  return f[0] + (f[1] - f[0]) * rise + step_ * (g[0] * left + g[1] * right + curve);
}

// The grid is right where F meets its edge with many derivatives at 0 and where no arm, moved by
// the margin, rises on the scale of u much faster than it did at its own place.
bool ArmPosteriors::edges_matter(std::span<const char> in, double margin) const {
  constexpr double smooth = 15.0, sharper = 3.0;
  if (!beta_) return false;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    const double a = arms_[k].first, b = arms_[k].second, mean = a / (a + b);
    if (a < smooth || b < smooth) return true;
    for (const double moved : {mean - margin, mean + margin}) {
      if (moved * (1.0 - moved) > sharper * mean * (1.0 - mean)) return true;
    }
  }
  return false;
}

// Integral of g_k(x) f(x) over from < x < to, x = from + (to - from) / (1 + exp(-v)). The step is a
// quarter of the narrowest of the arms, at its place and moved by the margin, on the scale of v.
template <class F>
double ArmPosteriors::over_piece(std::span<const char> in, std::size_t k, double from, double to,
                                 double margin, F f) const {
  constexpr double far = 26.0;
  const Arm& arm = arms_[k];
  const double length = to - from, first = inverse_logit(arm.low), last = inverse_logit(arm.high);
  if (!(first < to) || !(last > from) || !(length > 0.0)) return 0.0;
  double width = 1.0;
  for (std::size_t j = 0; j < in.size(); ++j) {
    if (in[j] == 0) continue;
    const Place own = place_of(arms_[j].first, arms_[j].second);
    for (const double moved : {own.mean - margin, own.mean, own.mean + margin}) {
      const double at = std::min(own.spread, 0.5 * length);
      const double y = std::clamp(moved - from, at, length - at);
      width = std::min(width, own.spread * length / (y * (length - y)));
    }
  }
  const double beyond = to < 1.0 ? to - last : inverse_logit(-arm.high);
  const double low = first > from ? std::log((first - from) / (to - first)) : -far;
  const double high = beyond > 0.0 ? std::log((last - from) / beyond) : far;
  const double step = width / steps_of_spread;
  const LogitBeta density{arm.first, arm.second};
  const double top = density.log_density(density.mode());
  // The grid's sum normalised g: its value at one node gives the scale.
  const std::size_t node = (arm.from + arm.to) / 2;
  const double scale = row(density_, k)[node] / std::exp(density.log_density(node_[node]) - top);
  const auto count = static_cast<std::size_t>((high - low) / step) + 2;
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double v = low + static_cast<double>(i) * step;
    const double s = inverse_logit(v), rest = inverse_logit(-v);
    const double x = from + length * s, other = (1.0 - to) + length * rest;
    if (!(x > 0.0 && other > 0.0)) continue;
    const double g = std::exp(arm.first * std::log(x) + arm.second * std::log(other) - top);
    sum += g / (x * other) * length * s * rest * f(x);
  }
  return sum * step * scale;
}

// P(X_j < X_k + m): above 1 - m every X_k is large enough; below m none is where m < 0.
double ArmPosteriors::below_in_pieces(std::size_t j, std::size_t k, double shift) const {
  const auto f = [&](double x) { return at(j, logit(x + shift)); };
  if (std::fabs(shift) >= 1.0) return shift > 0.0 ? 1.0 : 0.0;
  if (shift < 0.0) return over_piece(pair_, k, -shift, 1.0, -shift, f);
  return over_piece(pair_, k, 0.0, 1.0 - shift, shift, f) + 1.0 - at(k, logit(1.0 - shift));
}

double ArmPosteriors::below(std::size_t j, std::size_t k, double shift) {
  pair_.assign(arms_.size(), 0);
  pair_[j] = pair_[k] = 1;
  const bool moved = shift != 0.0;
  if (moved && edges_matter(pair_, std::fabs(shift))) {
    return std::clamp(below_in_pieces(j, k, shift), 0.0, 1.0);
  }
  const Arm& arm = arms_[k];
  const double* g = row(density_, k);
  const double* f = row(below_, j);
  double sum = 0.0;
  for (std::size_t i = arm.from; i < arm.to; ++i) {
    sum += g[i] * (moved ? at(j, shifted(i, shift)) : f[i]);
  }
  return std::clamp(step_ * sum, 0.0, 1.0);
}

// Sum over k of P(k the smallest and every other at most `margin` above it).
double ArmPosteriors::within(std::span<const char> in, double margin) {
  const bool pieces = edges_matter(in, margin);
  return std::clamp(pieces ? within_in_pieces(in, margin) : within_on_grid(in, margin), 0.0, 1.0);
}

double ArmPosteriors::within_in_pieces(std::span<const char> in, double margin) const {
  if (margin >= 1.0) return 1.0;
  double total = 0.0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    const auto others_near = [&](double x) {
      const double u = logit(x), moved = logit(x + margin);
      double all = 1.0;
      for (std::size_t j = 0; j < in.size(); ++j) {
        if (j != k && in[j] != 0) all *= at(j, moved) - at(j, u);
      }
      return all;
    };
    total += over_piece(in, k, 0.0, 1.0 - margin, margin, others_near) +
             over_piece(in, k, 1.0 - margin, 1.0, margin, others_near);
  }
  return total;
}

double ArmPosteriors::within_on_grid(std::span<const char> in, double margin) {
  for (std::size_t i = 0; i < size_; ++i) {
    const double u = shifted(i, margin);
    for (std::size_t k = 0; k < in.size(); ++k) {
      if (in[k] != 0) row(moved_, k)[i] = at(k, u) - row(below_, k)[i];
    }
  }
  double total = 0.0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k] == 0) continue;
    const auto from = static_cast<Eigen::Index>(arms_[k].from);
    const auto count = static_cast<Eigen::Index>(arms_[k].to) - from;
    Values product(product_.data(), count);
    product = Values(row(density_, k) + from, count);
    for (std::size_t j = 0; j < in.size(); ++j) {
      if (j != k && in[j] != 0) product *= Values(row(moved_, j) + from, count);
    }
    total += step_ * product.sum();
  }
  return total;
}

}  // namespace angiotrial::analysis
