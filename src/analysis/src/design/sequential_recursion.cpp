// SPDX-License-Identifier: Apache-2.0
#include "design/sequential_recursion.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

/// Standard deviations beyond which the density is left out: 1e-15.
constexpr double reach = 7.9;
constexpr double least_probability = 1.0e-15;
/// Panel of the 16-point rule, in standard deviations of the product of densities.
constexpr double panel = 3.6;
constexpr std::size_t order = 16;

}  // namespace

SequentialRecursion::SequentialRecursion(double drift, double t)
    : drift_(drift), drifts_{drift, drift}, t_(t) {}

SequentialRecursion::SequentialRecursion(const DriftRange& drifts, double t)
    : drift_(0.0), drifts_(drifts), t_(t) {}

template <class G>
double SequentialRecursion::sum(double z, G&& g) const {
  const double step = std::sqrt(t_ - before_);
  const double score = z * std::sqrt(t_);
  double total = 0.0;
  for (std::size_t i = 0; i < score_.size(); ++i) {
    total += weight_[i] * g((score - score_[i]) / step);
  }
  return total;
}

double SequentialRecursion::above(double z) const {
  if (before_ == 0.0) return quadrature::normal_cdf(drift_ * std::sqrt(t_) - z);
  if (!std::isfinite(z)) return z > 0.0 ? 0.0 : sum(0.0, [](double) { return 1.0; });
  return sum(z, [](double x) { return quadrature::normal_cdf(-x); });
}

double SequentialRecursion::below(double z) const {
  if (before_ == 0.0) return quadrature::normal_cdf(z - drift_ * std::sqrt(t_));
  if (!std::isfinite(z)) return z < 0.0 ? 0.0 : sum(0.0, [](double) { return 1.0; });
  return sum(z, quadrature::normal_cdf);
}

// phi over all nodes at once: exponentials in vectors are what a recursion's time goes to.
double SequentialRecursion::density(double z) const {
  if (before_ == 0.0) return quadrature::normal_density(z - drift_ * std::sqrt(t_));
  const auto size = static_cast<Eigen::Index>(score_.size());
  const Eigen::Map<const Eigen::ArrayXd> scores(score_.data(), size);
  const Eigen::Map<const Eigen::ArrayXd> weights(weight_.data(), size);
  const double gain = t_ - before_;
  const double sum =
      (weights * ((scores - z * std::sqrt(t_)).square() * (-0.5 / gain)).exp()).sum();
  return sum * std::numbers::inv_sqrtpi * std::numbers::sqrt2 * 0.5 * std::sqrt(t_ / gain);
}

namespace {

/// z with tail(z) = p by Newton on the normal quantile of the tail, nearly straight in z; nothing
/// where that does not settle. `side` is 1 for upper tails, -1 for lower. Once a step is below 1e-7
/// the next error is its square: that step is the last.
template <class Tail, class Density>
std::optional<double> newton_on_probit(double first, double p, double side, Tail&& tail,
                                       Density&& density) {
  constexpr int most_steps = 8;
  constexpr double last = 1.0e-7;
  const double target = quadrature::upper_quantile(p);
  double z = first;
  for (int i = 0; i < most_steps; ++i) {
    const double now = tail(z);
    if (!(now > std::numeric_limits<double>::min() && now < 0.9)) return std::nullopt;
    const double at = quadrature::upper_quantile(now);
    const double step = side * (target - at) * quadrature::normal_density(at) / density(z);
    if (!(std::fabs(step) < 2.0)) return std::nullopt;
    z += step;
    if (std::fabs(step) < last) return z;
  }
  return std::nullopt;
}

}  // namespace

double SequentialRecursion::solve_above(double p) const {
  if (p < least_probability) return std::numeric_limits<double>::infinity();
  const double first = quadrature::upper_quantile(p) + drift_ * std::sqrt(t_);
  if (before_ == 0.0) return first;
  const auto z = newton_on_probit(
      first, p, 1.0, [&](double at) { return above(at); }, [&](double at) { return density(at); });
  return z ? *z : climb_above(p);
}

double SequentialRecursion::climb_above(double p) const {
  const double first = quadrature::upper_quantile(p) + drift_ * std::sqrt(t_);
  double z = std::min(first, drift_ * std::sqrt(t_) + reach) - 1.0;
  for (int i = 0; i < 100; ++i) {
    const double now = above(z);
    const double step = std::log(now / p) * now / density(z);
    z += std::clamp(step, -1.0, 1.0);
    if (!(std::fabs(step) > 1.0e-13 * (1.0 + std::fabs(z)))) break;
  }
  return z;
}

double SequentialRecursion::solve_below(double p) const {
  if (p < least_probability) return -std::numeric_limits<double>::infinity();
  const double first = quadrature::normal_quantile(p) + drift_ * std::sqrt(t_);
  if (before_ == 0.0) return first;
  const auto z = newton_on_probit(
      first, p, -1.0, [&](double at) { return below(at); }, [&](double at) { return density(at); });
  return z ? *z : climb_below(p);
}

double SequentialRecursion::climb_below(double p) const {
  double z = quadrature::normal_quantile(p) + drift_ * std::sqrt(t_) + 1.0;
  for (int i = 0; i < 100; ++i) {
    const double now = below(z);
    const double step = std::log(p / now) * now / density(z);
    z += std::clamp(step, -1.0, 1.0);
    if (!(std::fabs(step) > 1.0e-13 * (1.0 + std::fabs(z)))) break;
  }
  return z;
}

// Panels of one stage have one width, so with D the distance of two panels' centres and u, v the
// nodes' distances from them
//   exp(-(D + u - v)^2 / 2g) = exp(-D^2 / 2g - D u / g) exp(D v / g) exp(-(u - v)^2 / 2g):
// a few exponentials a pair of panels in place of one a pair of nodes.
std::vector<double> SequentialRecursion::densities(const std::vector<double>& at) const {
  using Nodes = Eigen::Array<double, order, 1>;
  using Block = Eigen::Matrix<double, order, order>;
  const double gain = t_ - before_;
  const auto centre = [](const std::vector<double>& nodes, std::size_t from) {
    return 0.5 * (nodes[from] + nodes[from + order - 1]);
  };
  const auto offsets = [&](const std::vector<double>& nodes) {
    return Nodes(Eigen::Map<const Nodes>(nodes.data()) - centre(nodes, 0));
  };
  const Nodes u = offsets(at), v = offsets(score_);
  Block near;
  for (std::size_t j = 0; j < order; ++j) {
    const auto column = static_cast<Eigen::Index>(j);
    near.col(column) = ((u - v[column]).square() * (-0.5 / gain)).exp().matrix();
  }
  const double furthest = 9.0 * std::sqrt(gain) + u.maxCoeff() + v.maxCoeff();
  const double scale = std::numbers::inv_sqrtpi * std::numbers::sqrt2 * 0.5 * std::sqrt(t_ / gain);
  std::vector<double> out(at.size());
  for (std::size_t i = 0; i < at.size(); i += order) {
    Nodes sum = Nodes::Zero();
    for (std::size_t j = 0; j < score_.size(); j += order) {
      const double d = centre(at, i) - centre(score_, j);
      if (std::fabs(d) > furthest) continue;
      const Nodes right = (v * (d / gain)).exp() * Eigen::Map<const Nodes>(weight_.data() + j);
      const Nodes left = ((0.5 * d + u) * (-d / gain)).exp();
      sum += left * (near * right.matrix()).array();
    }
    Eigen::Map<Nodes>(out.data() + i) = scale * sum;
  }
  return out;
}

void SequentialRecursion::advance(double lower, double upper, double next) {
  const double from = std::max(lower, drifts_.least * std::sqrt(t_) - reach);
  const double to = std::min(upper, drifts_.most * std::sqrt(t_) + reach);
  // The next density sees this one through a kernel of sd sqrt((t' - t) / t) in z.
  const double kernel = (next - t_) / t_;
  const double width = panel * std::sqrt(kernel / (1.0 + kernel));
  std::vector<double> score, weight;
  quadrature::for_each_panel_node<16>(from, to, width, [&](double z, double w) {
    score.push_back(z * std::sqrt(t_));
    weight.push_back(before_ == 0.0 ? w * density(z) : w);
  });
  if (before_ != 0.0 && !score.empty()) {
    const std::vector<double> dense = densities(score);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= dense[i];
  }
  for (double& s : score) s += drift_ * (next - t_);
  score_ = std::move(score);
  weight_ = std::move(weight);
  before_ = t_;
  t_ = next;
}

}  // namespace angiotrial::analysis
