// SPDX-License-Identifier: Apache-2.0
#include "ordinal/random_intercept_likelihood.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Eigen::Map<const Eigen::ArrayXd> weights_of(const InterceptGroup& group) {
  return {group.weight, static_cast<Index>(group.rows)};
}

}  // namespace

RandomInterceptLikelihood::RandomInterceptLikelihood(const CumulativeModel& model,
                                                     std::span<const int> group, int nodes)
    : rows_(model, group), rule_(nodes) {
  start_.assign(groups(), 0.0);
  mode_ = start_;
  product_.assign(rows_.longest(), 0.0);
  in_a_.setZero(static_cast<Index>(rows_.longest()));
  in_b_ = in_a_;
  use_nodes(nodes);
}

void RandomInterceptLikelihood::use_nodes(int nodes) {
  const auto count = static_cast<Index>(nodes);
  if (share_.size() == count) return;
  rule_ = HermiteRule(nodes);
  share_.setZero(count);
  node_slope_.setZero(count);
  // The middle node of an odd rule is the centre; otherwise the centre has a column of its own.
  centre_ = nodes % 2 == 1 ? count / 2 : count;
  mean_a_.setZero(static_cast<Index>(rows_.longest()), count + 1);
  mean_b_ = mean_a_;
}

void RandomInterceptLikelihood::follow(const VectorXd& about, const MatrixXd& steps,
                                       const MatrixXd& moves) {
  const MatrixXd drift =
      steps.transpose().partialPivLu().solve(moves.transpose()).transpose().eval();
  following_ = true;
  about_ = about;
  drift_ = drift.allFinite() ? drift : MatrixXd::Zero(moves.rows(), steps.rows());
  mode_about_ = start_;
}

void RandomInterceptLikelihood::predict_modes(const VectorXd& parameters) {
  constexpr double farthest = 3.0;
  drift_of_.noalias() = drift_ * (parameters - about_);
  for (std::size_t g = 0; g < groups(); ++g) {
    start_[g] = mode_about_[g] + std::clamp(drift_of_[static_cast<Index>(g)], -farthest, farthest);
  }
}

/// l'(s) = sum w (F(a - s) + F(b - s) - [y below the top]), and two more derivatives.
RandomInterceptLikelihood::Moments RandomInterceptLikelihood::moments_at(std::size_t g,
                                                                         double shift) {
  const double first = node_pass(g, centre_, shift);
  const DensitySums sums =
      intercept_densities(rows_.group(g), mean_a_.col(centre_).data(), mean_b_.col(centre_).data());
  return {first, -sums.density, sums.slope};
}

/// The means at s, kept in `column`, and l'(s).
double RandomInterceptLikelihood::node_pass(std::size_t g, Index column, double shift) {
  return intercept_means(rows_.group(g), std::exp(-shift), mean_a_.col(column).data(),
                         mean_b_.col(column).data(), product_.data()) -
         rows_.below_top(g);
}

/// sum w log((1 + e^(a - s)) (1 + e^(b - s))) of the last pass.
double RandomInterceptLikelihood::log_product(std::size_t g, double shift) const {
  const InterceptGroup group = rows_.group(g);
  if (!rows_.unit_weights()) {
    const Eigen::Map<const Eigen::ArrayXd> product(product_.data(), static_cast<Index>(group.rows));
    return (weights_of(group) * product.log()).sum();
  }
  // log(1 + A e^-s) <= log(1 + A) + max(0, -s)
  const double bound = 2.0 * (log_largest_ + std::max(0.0, -shift));
  return sum_of_logarithms(product_.data(), group.rows, bound);
}

/// Halley's iteration on l'(s) - s / sigma^2 = 0, which falls in s, kept inside a bracket. The last
/// step is not taken, so that the moments belong to the centre.
RandomInterceptLikelihood::Moments RandomInterceptLikelihood::find_centre(std::size_t g,
                                                                          double sigma) {
  constexpr int most_steps = 100;
  constexpr double longest_step = 3.0;
  constexpr double share_of_sd = 0.25;
  const double precision = 1.0 / (sigma * sigma);
  double low = -infinite, high = infinite;
  double s = start_[g];
  Moments m;
  for (int i = 0; i < most_steps; ++i) {
    m = moments_at(g, s);
    const double slope = m.first - precision * s;
    (slope > 0.0 ? low : high) = s;
    const double curvature = precision - m.second;
    const double newton = slope / curvature;
    const double tolerance =
        following_ ? share_of_sd / std::sqrt(curvature) : 1.0e-11 * (1.0 + std::fabs(s));
    if (std::fabs(newton) < tolerance) break;
    const double bend = std::clamp(1.0 - 0.5 * newton * m.third / curvature, 0.5, 2.0);
    s += std::clamp(newton / bend, -longest_step, longest_step);
    if (!(s > low && s < high)) s = 0.5 * (low + high);
  }
  mode_[g] = s;
  return m;
}

/// What the motion of the nodes adds to the gradient. With kappa = -g_uu at the mode, tau =
/// kappa^-1/2, u_q = u + sqrt2 tau x_q and dtau = -tau^3 dkappa / 2:
///   d log tau + sum_q pi_q g_u(u_q) (du + sqrt2 x_q dtau)
void RandomInterceptLikelihood::move_nodes(std::size_t g, double sigma, const Moments& m,
                                           const Motion& motion, double& log_sigma_slope) {
  const InterceptGroup group = rows_.group(g);
  const auto n = static_cast<Index>(group.rows);
  const double s = mode_[g];
  const double kappa = 1.0 - sigma * sigma * m.second;
  const double tau_squared = 1.0 / kappa;
  const double cubic = sigma * sigma * sigma * m.third;  // g_uuu
  const double by_kappa = -0.5 * tau_squared * (1.0 + std::sqrt(tau_squared) * motion.stretch);
  const double by_mode = (motion.pull - by_kappa * cubic) * tau_squared;
  const auto w = weights_of(group);
  const auto density = [](const auto& f) { return f * (1.0 - f); };
  const auto slope = [](const auto& f) { return f * (1.0 - f) * (1.0 - 2.0 * f); };
  const auto fa = mean_a_.col(centre_).head(n).array();
  const auto fb = mean_b_.col(centre_).head(n).array();
  in_a_.head(n).array() +=
      w * (by_kappa * sigma * sigma * slope(fa) + by_mode * sigma * density(fa));
  in_b_.head(n).array() +=
      w * (by_kappa * sigma * sigma * slope(fb) + by_mode * sigma * density(fb));
  const double cross = sigma * m.first + sigma * s * m.second;         // g_u,log sigma
  const double bend = sigma * sigma * (2.0 * m.second + s * m.third);  // g_uu,log sigma
  log_sigma_slope += -by_kappa * bend + by_mode * cross;
}

/// Logarithms to shares; the logarithm of their sum.
double RandomInterceptLikelihood::weigh_nodes() {
  const double highest = share_.maxCoeff();
  double total = 0.0;
  for (double& value : share_) {
    value = std::exp(value - highest);
    total += value;
  }
  share_ /= total;
  return highest + std::log(total);
}

double RandomInterceptLikelihood::add_group(std::size_t g, double sigma, double& log_sigma_slope) {
  const Index nodes = share_.size();
  const Moments m = find_centre(g, sigma);
  const double u = mode_[g] / sigma;
  const double tau = 1.0 / std::sqrt(1.0 - sigma * sigma * m.second);
  const auto place = [&](Index q) {
    return u + std::numbers::sqrt2 * tau * rule_.node[static_cast<std::size_t>(q)];
  };
  // The centre first, as its products are still there.
  for (Index i = 0; i < nodes; ++i) {
    const Index q = centre_ == nodes ? i : (centre_ + i) % nodes;
    const double u_q = place(q), s = sigma * u_q;
    node_slope_[q] = q == centre_ ? m.first : node_pass(g, q, s);
    share_[q] = -log_product(g, s) - rows_.below_top(g) * s - 0.5 * u_q * u_q +
                rule_.log_weight[static_cast<std::size_t>(q)];
  }
  const double log_sum = weigh_nodes();
  Motion motion;
  for (Index q = 0; q < nodes; ++q) {
    const double u_q = place(q);
    log_sigma_slope += share_[q] * node_slope_[q] * sigma * u_q;
    const double slope = share_[q] * (sigma * node_slope_[q] - u_q);
    motion.pull += slope;
    motion.stretch += slope * std::numbers::sqrt2 * rule_.node[static_cast<std::size_t>(q)];
  }
  const auto w = weights_of(rows_.group(g));
  share_ = -share_;
  in_a_.head(w.size()).noalias() = mean_a_.topLeftCorner(w.size(), nodes) * share_;
  in_b_.head(w.size()).noalias() = mean_b_.topLeftCorner(w.size(), nodes) * share_;
  if (!rows_.unit_weights()) {
    in_a_.head(w.size()).array() *= w;
    in_b_.head(w.size()).array() *= w;
  }
  if (!following_) move_nodes(g, sigma, m, motion, log_sigma_slope);
  rows_.add(g, in_a_.data(), in_b_.data());
  // sqrt2 tau sum_q .. / sqrt(2 pi)
  return log_sum + std::log(tau) - 0.5 * std::log(std::numbers::pi);
}

double RandomInterceptLikelihood::evaluate(const VectorXd& parameters, VectorXd& gradient) {
  gradient.setZero(this->parameters());
  const double log_sigma = parameters[rows_.coefficients()];
  if (!(std::fabs(log_sigma) < 12.0) || !parameters.allFinite()) return -infinite;
  if (!rows_.read(parameters)) return -infinite;
  if (following_) predict_modes(parameters);
  log_largest_ = std::log1p(rows_.largest());
  const double sigma = std::exp(log_sigma);
  double sum = rows_.constant();
  double log_sigma_slope = 0.0;
  for (std::size_t g = 0; g < groups(); ++g) sum += add_group(g, sigma, log_sigma_slope);
  rows_.finish(gradient);
  gradient[rows_.coefficients()] = log_sigma_slope;
  return sum;
}

}  // namespace angiotrial::analysis
