// SPDX-License-Identifier: Apache-2.0
#include "ordinal/proportional_logit.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Lane = CumulativeRows::Lane;

constexpr std::size_t lanes = CumulativeRows::lanes;
constexpr double largest_exponent = 150.0;
constexpr std::size_t most_categories = 64;

/// By category y: e^theta_y and e^theta_(y-1), 0 where there is no such threshold;
/// q = 1 / (e^d - 1) with d = theta_y - theta_(y-1); 1 below the top category.
struct Category {
  double upper = 0.0;
  double lower = 0.0;
  double q = 0.0;
  double log_gap = 0.0;
  double below_top = 1.0;
};

/// Sums by category of what a row adds at its upper and its lower threshold.
struct ThresholdSums {
  double upper_mean = 0.0;
  double lower_mean = 0.0;
  double upper_density = 0.0;
  double lower_density = 0.0;
};

class Evaluation {
 public:
  Evaluation(const CumulativeRows& rows, const VectorXd& parameters)
      : rows_(rows),
        t_(rows.thresholds()),
        p_(rows.proportional()),
        beta_(parameters.data() + t_, static_cast<Index>(p_)) {
    for (std::size_t y = 0; y <= t_; ++y) {
      Category& c = category_[y];
      const auto at = static_cast<Index>(y);
      if (y < t_) c.upper = std::exp(parameters[at]);
      if (y > 0) c.lower = std::exp(parameters[at - 1]);
      c.below_top = y < t_ ? 1.0 : 0.0;
      if (y == 0 || y == t_) continue;
      const double d = parameters[at] - parameters[at - 1];
      c.q = 1.0 / std::expm1(d);
      c.log_gap = std::log(-std::expm1(-d));
    }
    for (std::size_t y = 0; y <= t_; ++y) {
      const double theta = y < t_ ? parameters[static_cast<Index>(y)] : 0.0;
      value_ += rows.totals()[y] * (theta + category_[y].log_gap);
    }
  }

  /// False where an exponential could overflow.
  bool add_block(std::size_t block, Order order, VectorXd& gradient, MatrixXd& information) {
    Lane eta = Lane::Zero();
    for (std::size_t c = 0; c < p_; ++c) eta += beta_[static_cast<Index>(c)] * column(block, c);
    if (!(eta.abs().maxCoeff() <= largest_exponent)) return false;
    const int* y = rows_.response(block);
    const Eigen::Map<const Lane> w(rows_.weight(block));
    const Lane e = (-eta).exp();
    Lane upper, lower, below_top;
    for (std::size_t r = 0; r < lanes; ++r) {
      const Category& c = category_[static_cast<std::size_t>(y[r])];
      upper[static_cast<Index>(r)] = c.upper;
      lower[static_cast<Index>(r)] = c.lower;
      below_top[static_cast<Index>(r)] = c.below_top;
    }
    const Lane a = 1.0 + upper * e;
    const Lane b = 1.0 + lower * e;
    value_ -= (w * (below_top * eta + (a * b).log())).sum();
    if (order == Order::value) return true;
    const Lane one_over = 1.0 / (a * b);
    const Lane mean_a = upper * e * b * one_over;  // F(a)
    const Lane mean_b = lower * e * a * one_over;
    const Lane wa = w * mean_a;
    const Lane wb = w * mean_b;
    const Lane slope = wa + wb - w * below_top;
    for (std::size_t c = 0; c < p_; ++c) {
      gradient[static_cast<Index>(t_ + c)] += (slope * column(block, c)).sum();
    }
    for (std::size_t r = 0; r < lanes; ++r) {
      ThresholdSums& s = sums_[static_cast<std::size_t>(y[r])];
      s.upper_mean += wa[static_cast<Index>(r)];
      s.lower_mean += wb[static_cast<Index>(r)];
    }
    if (order == Order::information) {
      add_curvature(block, wa * b * one_over, wb * a * one_over, information);
    }
    return true;
  }

  double finish(Order order, VectorXd& gradient, MatrixXd& information) const {
    if (order == Order::value) return value_;
    const auto& n = rows_.totals();
    for (std::size_t j = 0; j < t_; ++j) {
      gradient[static_cast<Index>(j)] = n[j] * (1.0 + category_[j].q) - sums_[j].upper_mean -
                                        n[j + 1] * category_[j + 1].q - sums_[j + 1].lower_mean;
    }
    if (order == Order::information) {
      for (std::size_t j = 0; j < t_; ++j) {
        const auto at = static_cast<Index>(j);
        const double bend = n[j] * category_[j].q * (1.0 + category_[j].q);
        const double next = n[j + 1] * category_[j + 1].q * (1.0 + category_[j + 1].q);
        information(at, at) = sums_[j].upper_density + sums_[j + 1].lower_density + bend + next;
        if (j > 0) information(at, at - 1) = -bend;
      }
      information.triangularView<Eigen::StrictlyUpper>() = information.transpose();
    }
    return value_;
  }

 private:
  [[nodiscard]] Eigen::Map<const Lane> column(std::size_t block, std::size_t c) const {
    return Eigen::Map<const Lane>(rows_.x(block, c));
  }

  /// Densities f(a), f(b) of the block, weighted; lower triangle.
  void add_curvature(std::size_t block, const Lane& fa, const Lane& fb, MatrixXd& information) {
    const int* y = rows_.response(block);
    for (std::size_t r = 0; r < lanes; ++r) {
      ThresholdSums& s = sums_[static_cast<std::size_t>(y[r])];
      s.upper_density += fa[static_cast<Index>(r)];
      s.lower_density += fb[static_cast<Index>(r)];
    }
    const Lane both = fa + fb;
    for (std::size_t c = 0; c < p_; ++c) {
      const auto row = static_cast<Index>(t_ + c);
      const Lane scaled = both * column(block, c);
      for (std::size_t k = 0; k <= c; ++k) {
        information(row, static_cast<Index>(t_ + k)) += (scaled * column(block, k)).sum();
      }
      cross(row, y, fa * column(block, c), fb * column(block, c), information);
    }
  }
  void cross(Index row, const int* y, const Lane& fa, const Lane& fb, MatrixXd& information) const {
    // One place more on each side, so that the outer categories need no test.
    std::array<double, most_categories + 2> sum{};
    for (std::size_t r = 0; r < lanes; ++r) {
      const auto at = static_cast<std::size_t>(y[r]);
      sum[at + 1] += fa[static_cast<Index>(r)];
      sum[at] += fb[static_cast<Index>(r)];
    }
    for (std::size_t j = 0; j < t_; ++j) information(row, static_cast<Index>(j)) -= sum[j + 1];
  }

  const CumulativeRows& rows_;
  std::size_t t_, p_;
  Eigen::Map<const VectorXd> beta_;
  double value_ = 0.0;
  std::array<Category, most_categories> category_{};
  std::array<ThresholdSums, most_categories> sums_{};
};

}  // namespace

double proportional_logit(const CumulativeRows& rows, const VectorXd& parameters, Order order,
                          VectorXd& gradient, MatrixXd& information) {
  constexpr double undecided = std::numeric_limits<double>::quiet_NaN();
  const auto t = static_cast<Index>(rows.thresholds());
  if (rows.thresholds() >= most_categories) return undecided;
  const auto theta = parameters.head(t);
  if (!(theta.cwiseAbs().maxCoeff() <= largest_exponent)) return undecided;
  for (Index j = 1; j < t; ++j) {
    if (!(theta[j] > theta[j - 1])) return -std::numeric_limits<double>::infinity();
  }
  if (order >= Order::gradient) gradient.setZero();
  if (order >= Order::information) information.setZero();
  Evaluation evaluation(rows, parameters);
  for (std::size_t block = 0; block < rows.blocks(); ++block) {
    if (!evaluation.add_block(block, order, gradient, information)) return undecided;
  }
  return evaluation.finish(order, gradient, information);
}

}  // namespace angiotrial::analysis
