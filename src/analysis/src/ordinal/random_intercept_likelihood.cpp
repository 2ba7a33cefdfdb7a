// SPDX-License-Identifier: Apache-2.0
#include "ordinal/random_intercept_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace angiotrial::analysis {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
/// Beyond it a predictor is as good as infinite.
constexpr double largest_predictor = 300.0;

}  // namespace

/// log(1 - e^-d) and 1 / (e^d - 1).
RandomInterceptLikelihood::Gap RandomInterceptLikelihood::gap(double d) {
  return {std::log(-std::expm1(-d)), 1.0 / std::expm1(d)};
}

RandomInterceptLikelihood::RandomInterceptLikelihood(const CumulativeModel& model,
                                                     std::span<const int> group, int nodes,
                                                     Nodes treatment)
    : treatment_(treatment), rule_(nodes) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Index>(model.response.size());
  const auto p = static_cast<Index>(model.proportional_columns);
  const auto q = static_cast<Index>(model.nominal_columns);
  thresholds_ = model.categories - 1;
  coefficients_ = thresholds_ * (1 + q) + p;
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  const auto label = [&](Index r) { return group[static_cast<std::size_t>(r)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](Index r, Index s) { return label(r) < label(s); });
  const Eigen::Map<const RowMajor> x(model.proportional.data(), n, p);
  const Eigen::Map<const RowMajor> z(model.nominal.data(), n, q);
  x_.resize(n, p);
  z_.resize(n, q);
  for (ArrayXd* v : {&weight_, &below_top_, &upper_, &lower_, &gap_slope_, &constant_, &slope_a_,
                     &eta_, &slope_b_}) {
    v->setZero(n);
  }
  Index largest = 0;
  for (Index i = 0; i < n; ++i) {
    const Index r = order[static_cast<std::size_t>(i)];
    if (i == 0 || label(r) != label(order[static_cast<std::size_t>(i - 1)])) first_.push_back(i);
    largest = std::max(largest, i - first_.back() + 1);
    x_.row(i) = x.row(r);
    z_.row(i) = z.row(r);
    response_.push_back(model.response[static_cast<std::size_t>(r)]);
    if (response_.back() < thresholds_) below_top_[i] = 1.0;
    weight_[i] = model.weights.empty() ? 1.0 : model.weights[static_cast<std::size_t>(r)];
    unit_weights_ = unit_weights_ && weight_[i] == 1.0;
  }
  first_.push_back(n);
  for (ArrayXd* v : {&a_, &b_, &product_}) v->setZero(largest);
  mean_a_.setZero(largest, nodes);
  mean_b_.setZero(largest, nodes);
  start_.assign(groups(), 0.0);
  mode_ = start_;
  group_largest_ = start_;
  node_value_.assign(rule_.node.size(), 0.0);
  node_slope_ = node_value_;
}

bool RandomInterceptLikelihood::read_predictors(const VectorXd& parameters) {
  const Index p = x_.cols();
  eta_.matrix().noalias() = x_ * parameters.segment(coefficients_ - p, p);
  return z_.cols() == 0 ? read_by_category(parameters) : read_by_row(parameters);
}

/// One exponential a row: e^(theta_y - eta) = e^theta_y e^-eta.
bool RandomInterceptLikelihood::read_by_category(const VectorXd& parameters) {
  by_category_.assign(static_cast<std::size_t>(thresholds_ + 1), {});
  for (Index y = 0; y <= thresholds_; ++y) {
    Category& c = by_category_[static_cast<std::size_t>(y)];
    const auto theta = [&](Index j) {
      return std::clamp(parameters[j], -0.5 * largest_predictor, 0.5 * largest_predictor);
    };
    if (y < thresholds_) c.upper = std::exp(theta(y));
    if (y > 0) c.lower = std::exp(theta(y - 1));
    if (y < thresholds_) c.constant = theta(y);
    if (y == 0 || y == thresholds_) continue;
    const double d = parameters[y] - parameters[y - 1];
    if (!(d > 0.0)) return false;
    const Gap between = gap(d);
    c.constant += between.log;
    c.gap_slope = between.slope;
  }
  eta_ = eta_.max(-0.5 * largest_predictor).min(0.5 * largest_predictor);
  lower_ = (-eta_).exp();
  for (Index r = 0; r < x_.rows(); ++r) {
    const Category& c =
        by_category_[static_cast<std::size_t>(response_[static_cast<std::size_t>(r)])];
    upper_[r] = c.upper * lower_[r];
    lower_[r] = c.lower * lower_[r];
    constant_[r] = c.constant - below_top_[r] * eta_[r];
    gap_slope_[r] = c.gap_slope;
  }
  return true;
}

bool RandomInterceptLikelihood::read_by_row(const VectorXd& parameters) {
  for (Index r = 0; r < x_.rows(); ++r) {
    const Index y = response_[static_cast<std::size_t>(r)];
    const auto threshold = [&](Index j) {
      double sum = parameters[j] - eta_[r];
      for (Index c = 0; c < z_.cols(); ++c) {
        sum += z_(r, c) * parameters[(1 + c) * thresholds_ + j];
      }
      return std::clamp(sum, -largest_predictor, largest_predictor);
    };
    upper_[r] = y < thresholds_ ? threshold(y) : -infinite;
    lower_[r] = y > 0 ? threshold(y - 1) : -infinite;
    Gap between;
    if (y > 0 && y < thresholds_) {
      const double d = upper_[r] - lower_[r];
      if (!(d > 0.0)) return false;
      between = gap(d);
    }
    constant_[r] = between.log + (y < thresholds_ ? upper_[r] : 0.0);
    gap_slope_[r] = between.slope;
  }
  upper_ = upper_.exp();
  lower_ = lower_.exp();
  return true;
}

/// With A = e^(a - s), B = e^(b - s): l'(s) = sum w (F(a - s) + F(b - s) - [y below the top]).
RandomInterceptLikelihood::Moments RandomInterceptLikelihood::moments_at(std::size_t group,
                                                                         double shift, bool third) {
  const Index from = first_[group];
  const Index n = first_[group + 1] - from;
  const double v = std::exp(-shift);
  const auto w = weight_.segment(from, n);
  auto a = a_.head(n);
  auto b = b_.head(n);
  auto product = product_.head(n);
  a = v * upper_.segment(from, n);
  b = v * lower_.segment(from, n);
  product = 1.0 / ((1.0 + a) * (1.0 + b));
  // F(a), F(b): one division serves both.
  mean_a_.col(0).head(n) = a * (1.0 + b) * product;
  mean_b_.col(0).head(n) = b * (1.0 + a) * product;
  const auto fa = mean_a_.col(0).head(n);
  const auto fb = mean_b_.col(0).head(n);
  Moments m;
  m.first = (w * (fa + fb - below_top_.segment(from, n))).sum();
  m.second = -(w * (fa * (1.0 - fa) + fb * (1.0 - fb))).sum();
  if (third) {
    m.third = (w * (fa * (1.0 - fa) * (1.0 - 2.0 * fa) + fb * (1.0 - fb) * (1.0 - 2.0 * fb))).sum();
  }
  return m;
}

/// Newton on l'(s) - s / sigma^2 = 0, which falls in s, kept inside a bracket.
RandomInterceptLikelihood::Moments RandomInterceptLikelihood::find_mode(std::size_t group,
                                                                        double sigma) {
  constexpr int most_steps = 100;
  constexpr double longest_step = 3.0;
  constexpr double share_of_sd = 0.3;
  // The derivative of the integral needs no exact mode; that of the sum does. Newton's error is of
  // the order of the square of its last step.
  const bool exact = treatment_ == Nodes::moving;
  const double precision = 1.0 / (sigma * sigma);
  double low = -infinite, high = infinite;
  double s = start_[group];
  Moments m;
  for (int i = 0; i < most_steps; ++i) {
    m = moments_at(group, s, exact);
    const double slope = m.first - precision * s;
    (slope > 0.0 ? low : high) = s;
    const double curvature = precision - m.second;
    const double step = std::clamp(slope / curvature, -longest_step, longest_step);
    const double tolerance =
        exact ? 1.0e-11 * (1.0 + std::fabs(s)) : share_of_sd / std::sqrt(curvature);
    s += step;
    if (std::fabs(step) < tolerance) break;
    if (!(s > low && s < high)) s = 0.5 * (low + high);
  }
  mode_[group] = s;
  return m;
}

/// log of the product of the likelihoods of a group's rows at node q, less what does not depend on
/// it, and its derivative in s.
double RandomInterceptLikelihood::node_pass(std::size_t group, Index q, double shift,
                                            double& slope) {
  constexpr double largest_factor = 1.0e34;  // eight factors stay below the largest double
  const Index from = first_[group];
  const Index n = first_[group + 1] - from;
  const double v = std::exp(-shift);
  const auto w = weight_.segment(from, n);
  auto a = a_.head(n);
  auto b = b_.head(n);
  auto product = product_.head(n);
  a = v * upper_.segment(from, n);
  b = v * lower_.segment(from, n);
  product = (1.0 + a) * (1.0 + b);
  auto fa = mean_a_.col(q).head(n);
  auto fb = mean_b_.col(q).head(n);
  fb = 1.0 / product;
  fa = a * (1.0 + b) * fb;
  fb = b * (1.0 + a) * fb;
  slope = (w * (fa + fb - below_top_.segment(from, n))).sum();
  if (!unit_weights_ || n < 8 || !(v * group_largest_[group] < largest_factor)) {
    return -(w * product.log()).sum();
  }
  const Index quarter = n / 4;
  const Index rest = n - 4 * quarter;
  double sum = -(product.segment(0, quarter) * product.segment(quarter, quarter) *
                 product.segment(2 * quarter, quarter) * product.segment(3 * quarter, quarter))
                    .log()
                    .sum();
  if (rest > 0) sum -= product.tail(rest).log().sum();
  return sum;
}

/// What the motion of the nodes adds to the gradient. With kappa = -g_uu at the mode, tau =
/// kappa^-1/2, u_q = u + sqrt2 tau x_q and dtau = -tau^3 dkappa / 2:
///   d log tau + sum_q pi_q g_u(u_q) (du + sqrt2 x_q dtau)
void RandomInterceptLikelihood::move_nodes(std::size_t group, double sigma, double pull,
                                           double stretch, double& log_sigma_slope) {
  const Index from = first_[group];
  const Index n = first_[group + 1] - from;
  const double s = mode_[group];
  const Moments m = moments_at(group, s, true);
  const double kappa = 1.0 - sigma * sigma * m.second;
  const double tau_squared = 1.0 / kappa;
  const double cubic = sigma * sigma * sigma * m.third;  // g_uuu
  const double by_kappa = -0.5 * tau_squared * (1.0 + std::sqrt(tau_squared) * stretch);
  const double by_mode = (pull - by_kappa * cubic) * tau_squared;
  const auto w = weight_.segment(from, n);
  const auto density = [](const auto& f) { return f * (1.0 - f); };
  const auto slope = [](const auto& f) { return f * (1.0 - f) * (1.0 - 2.0 * f); };
  const auto fa = mean_a_.col(0).head(n);
  const auto fb = mean_b_.col(0).head(n);
  slope_a_.segment(from, n) +=
      w * (by_kappa * sigma * sigma * slope(fa) + by_mode * sigma * density(fa));
  slope_b_.segment(from, n) +=
      w * (by_kappa * sigma * sigma * slope(fb) + by_mode * sigma * density(fb));
  const double cross = sigma * m.first + sigma * s * m.second;         // g_u,log sigma
  const double bend = sigma * sigma * (2.0 * m.second + s * m.third);  // g_uu,log sigma
  log_sigma_slope += -by_kappa * bend + by_mode * cross;
}

double RandomInterceptLikelihood::add_group(std::size_t group, double sigma,
                                            double& log_sigma_slope) {
  const Index from = first_[group];
  const Index n = first_[group + 1] - from;
  const auto nodes = rule_.node.size();
  const Moments at_mode = find_mode(group, sigma);
  const double u = mode_[group] / sigma;
  const double tau = 1.0 / std::sqrt(1.0 - sigma * sigma * at_mode.second);
  const auto w = weight_.segment(from, n);
  const double below_top = (w * below_top_.segment(from, n)).sum();
  double highest = -infinite;
  for (std::size_t q = 0; q < nodes; ++q) {
    const double u_q = u + std::numbers::sqrt2 * tau * rule_.node[q];
    node_value_[q] = node_pass(group, static_cast<Index>(q), sigma * u_q, node_slope_[q]) -
                     below_top * sigma * u_q - 0.5 * u_q * u_q + rule_.log_weight[q];
    highest = std::max(highest, node_value_[q]);
  }
  double total = 0.0;
  for (double& value : node_value_) {
    value = std::exp(value - highest);
    total += value;
  }
  auto slope_a = slope_a_.segment(from, n);
  auto slope_b = slope_b_.segment(from, n);
  slope_a = w * (below_top_.segment(from, n) + gap_slope_.segment(from, n));
  slope_b = -w * gap_slope_.segment(from, n);
  double pull = 0.0, stretch = 0.0;
  for (std::size_t q = 0; q < nodes; ++q) {
    const double share = node_value_[q] / total;
    const double u_q = u + std::numbers::sqrt2 * tau * rule_.node[q];
    slope_a -= share * w * mean_a_.col(static_cast<Index>(q)).head(n);
    slope_b -= share * w * mean_b_.col(static_cast<Index>(q)).head(n);
    log_sigma_slope += share * node_slope_[q] * sigma * u_q;
    const double g = share * (sigma * node_slope_[q] - u_q);
    pull += g;
    stretch += g * std::numbers::sqrt2 * rule_.node[q];
  }
  if (treatment_ == Nodes::moving) move_nodes(group, sigma, pull, stretch, log_sigma_slope);
  // sqrt2 tau sum_q .. / sqrt(2 pi)
  return (w * constant_.segment(from, n)).sum() + highest + std::log(total * tau) -
         0.5 * std::log(std::numbers::pi);
}

void RandomInterceptLikelihood::collect(VectorXd& gradient) const {
  const Index p = x_.cols();
  for (Index r = 0; r < x_.rows(); ++r) {
    const Index y = response_[static_cast<std::size_t>(r)];
    const auto add = [&](Index j, double slope) {
      gradient[j] += slope;
      for (Index c = 0; c < z_.cols(); ++c) gradient[(1 + c) * thresholds_ + j] += slope * z_(r, c);
    };
    if (y < thresholds_) add(y, slope_a_[r]);
    if (y > 0) add(y - 1, slope_b_[r]);
  }
  gradient.segment(coefficients_ - p, p).noalias() -=
      x_.transpose() * (slope_a_ + slope_b_).matrix();
}

double RandomInterceptLikelihood::evaluate(const VectorXd& parameters, VectorXd& gradient) {
  gradient.setZero(this->parameters());
  const double log_sigma = parameters[coefficients_];
  if (!(std::fabs(log_sigma) < 12.0) || !parameters.allFinite()) return -infinite;
  if (!read_predictors(parameters)) return -infinite;
  const double sigma = std::exp(log_sigma);
  double sum = 0.0;
  for (std::size_t g = 0; g < groups(); ++g) {
    const Index from = first_[g];
    group_largest_[g] = upper_.segment(from, first_[g + 1] - from).maxCoeff();
    group_largest_[g] =
        std::max(group_largest_[g], lower_.segment(from, first_[g + 1] - from).maxCoeff());
    sum += add_group(g, sigma, gradient[coefficients_]);
  }
  collect(gradient);
  return sum;
}

}  // namespace angiotrial::analysis
