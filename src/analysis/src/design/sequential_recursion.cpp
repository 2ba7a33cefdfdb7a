// SPDX-License-Identifier: Apache-2.0
#include "design/sequential_recursion.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least_above = 1.0e-300;
constexpr double least_below = 1.0e-15;
/// Panel of the 16-point rule, in standard deviations of the product of densities.
constexpr double panel = 3.6;
constexpr std::size_t order = 16;

}  // namespace

// Trials that pass z late are spread around z sqrt(t_k / t_j) at the looks before, which lies
// below.
double reach_for(double z) {
  constexpr double widest = 40.0;
  return std::isfinite(z) ? std::clamp(z + 1.9, usual_reach, widest) : usual_reach;
}

double reach_for(std::span<const double> bounds) {
  double reach = usual_reach;
  for (const double z : bounds) reach = std::max(reach, reach_for(z));
  return reach;
}

SequentialRecursion::SequentialRecursion(double drift, double t, double reach)
    : drift_(drift), drifts_{drift, drift}, t_(t), reach_(reach) {}

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

double SequentialRecursion::bracketed(double first, double p, double side) const {
  constexpr double furthest = 100.0;
  const auto excess = [&](double z) {
    const double now = side > 0.0 ? above(z) : below(z);
    return std::log(std::max(now, std::numeric_limits<double>::min()) / p);
  };
  // The tail of the trials that go on is within that of all trials: the root is not beyond `first`.
  if (excess(first) >= 0.0) return first;
  double within = first;
  for (double step = 0.5; step < furthest; step *= 2.0) {
    const double next = within - side * step;
    if (excess(next) >= 0.0) return root(excess, std::min(next, within), std::max(next, within));
    within = next;
  }
  return -side * infinity;
}

double SequentialRecursion::solve_above(double p) const {
  if (p < least_above) return infinity;
  if (p >= above(-infinity)) return -infinity;
  const double first = quadrature::upper_quantile(p) + drift_ * std::sqrt(t_);
  if (before_ == 0.0) return first;
  const auto z = newton_on_probit(
      first, p, 1.0, [&](double at) { return above(at); }, [&](double at) { return density(at); });
  return z ? *z : bracketed(first, p, 1.0);
}

double SequentialRecursion::solve_below(double p) const {
  if (p < least_below) return -infinity;
  if (p >= below(infinity)) return infinity;
  const double first = quadrature::normal_quantile(p) + drift_ * std::sqrt(t_);
  if (before_ == 0.0) return first;
  const auto z = newton_on_probit(
      first, p, -1.0, [&](double at) { return below(at); }, [&](double at) { return density(at); });
  return z ? *z : bracketed(first, p, -1.0);
}

// The sum of `density` over the nodes within reach of the kernel.
double SequentialRecursion::near_density(double score) const {
  const double gain = t_ - before_;
  const double furthest = (reach_ + 1.1) * std::sqrt(gain);
  // Panels rise, their nodes do not: whole panels, one to spare on either side.
  const std::size_t panels = score_.size() / order;
  const auto first_beyond = [&](double value) {
    std::size_t low = 0;
    std::size_t high = panels;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (score_[middle * order] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  const std::size_t from = std::max<std::size_t>(first_beyond(score - furthest), 1) - 1;
  const std::size_t to = std::min(first_beyond(score + furthest) + 1, panels);
  double sum = 0.0;
  for (std::size_t i = from * order; i < to * order; ++i) {
    const double step = score - score_[i];
    sum += weight_[i] * std::exp(-0.5 * step * step / gain);
  }
  return sum * std::numbers::inv_sqrtpi * std::numbers::sqrt2 * 0.5 * std::sqrt(t_ / gain);
}

// Panels of one stage have one width, so with D the distance of two panels' centres and u, v the
// nodes' distances from them
//   exp(-(D + u - v)^2 / 2g) = exp(-D^2 / 2g - D u / g) exp(D v / g) exp(-(u - v)^2 / 2g):
// a few exponentials a pair of panels in place of one a pair of nodes.
std::vector<double> SequentialRecursion::densities(const std::vector<double>& at,
                                                   bool one_width) const {
  if (score_.empty()) return std::vector<double>(at.size(), 0.0);  // no trial went on
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
  const double furthest = (reach_ + 1.1) * std::sqrt(gain) + u.maxCoeff() + v.maxCoeff();
  // Wide panels beside a narrow kernel: the factors would overflow.
  const double largest = (0.5 * furthest + u.maxCoeff() + v.maxCoeff()) * furthest / gain;
  if (!one_width || !one_width_ || largest > 600.0) {
    std::vector<double> plain;
    for (const double score : at) plain.push_back(near_density(score));
    return plain;
  }
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

// Where this look comes close after the last, its density falls off at the last bounds over a few
// standard deviations of what the look adds: narrower than the panels that the next kernel asks
// for.
std::vector<SequentialRecursion::Stretch> SequentialRecursion::panel_edges(double from, double to,
                                                                           double width) const {
  const double own = std::sqrt((t_ - before_) / t_);
  if (before_ == 0.0 || panel * own > 0.7 * width || !(to > from)) return {{from, to, width}};
  std::vector<double> cuts{from, to};
  for (const double end : ends_) {
    for (const double side : {-9.0, 9.0}) {
      cuts.push_back(std::clamp(end / std::sqrt(t_) + side * own, from, to));
    }
  }
  std::sort(cuts.begin(), cuts.end());
  std::vector<Stretch> out;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    if (!(cuts[i + 1] > cuts[i])) continue;
    const double centre = 0.5 * (cuts[i] + cuts[i + 1]) * std::sqrt(t_);
    const bool near = std::fabs(centre - ends_[0]) < 9.0 * own * std::sqrt(t_) ||
                      std::fabs(centre - ends_[1]) < 9.0 * own * std::sqrt(t_);
    out.push_back({cuts[i], cuts[i + 1], near ? panel * own : width});
  }
  return out;
}

void SequentialRecursion::advance(double lower, double upper, double next) {
  const double from = std::max(lower, drifts_.least * std::sqrt(t_) - reach_);
  const double to = std::min(upper, drifts_.most * std::sqrt(t_) + reach_);
  // The next density sees this one through a kernel of sd sqrt((t' - t) / t) in z.
  const double kernel = (next - t_) / t_;
  const double width = panel * std::sqrt(kernel / (1.0 + kernel));
  std::vector<double> score, weight;
  const auto edges = panel_edges(from, to, width);
  for (const Stretch& s : edges) {
    quadrature::for_each_panel_node<16>(s.from, s.to, s.width, [&](double z, double w) {
      score.push_back(z * std::sqrt(t_));
      weight.push_back(before_ == 0.0 ? w * density(z) : w);
    });
  }
  if (before_ != 0.0 && !score.empty()) {
    const std::vector<double> dense = densities(score, edges.size() == 1);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= dense[i];
  }
  for (double& s : score) s += drift_ * (next - t_);
  score_ = std::move(score);
  weight_ = std::move(weight);
  one_width_ = edges.size() == 1;
  ends_ = {from * std::sqrt(t_) + drift_ * (next - t_), to * std::sqrt(t_) + drift_ * (next - t_)};
  before_ = t_;
  t_ = next;
}

}  // namespace angiotrial::analysis
