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
    const std::size_t y = rows_.category(block);
    const Category& of = category_[y];
    const Eigen::Map<const Lane> w(rows_.weight(block));
    const Lane e = (-eta).exp();
    const Lane a = 1.0 + of.upper * e;
    const Lane b = 1.0 + of.lower * e;
    const Lane product = a * b;
    value_ -= of.below_top * (w * eta).sum() + weighted_log(product, w);
    if (order == Order::value) return true;
    const Lane one_over = 1.0 / product;
    const Lane mean_a = of.upper * e * b * one_over;  // F(a)
    const Lane mean_b = of.lower * e * a * one_over;
    const Lane wa = w * mean_a;
    const Lane wb = w * mean_b;
    const Lane slope = wa + wb - of.below_top * w;
    for (std::size_t c = 0; c < p_; ++c) {
      gradient[static_cast<Index>(t_ + c)] += (slope * column(block, c)).sum();
    }
    sums_[y].upper_mean += wa.sum();
    sums_[y].lower_mean += wb.sum();
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

  /// sum w log(product). Equal weights need one logarithm for four rows.
  static double weighted_log(const Lane& product, const Eigen::Map<const Lane>& w) {
    constexpr double largest = 1.0e70;  // four of them stay below the largest double
    constexpr Index quarter = static_cast<Index>(lanes) / 4;
    using Quarter = Eigen::Array<double, quarter, 1>;
    if ((w != w[0]).any() || !(product.maxCoeff() < largest)) return (w * product.log()).sum();
    const Quarter four = product.segment<quarter>(0) * product.segment<quarter>(quarter) *
                         product.segment<quarter>(2 * quarter) *
                         product.segment<quarter>(3 * quarter);
    return w[0] * four.log().sum();
  }

  /// Densities f(a), f(b) of the block, weighted; lower triangle.
  void add_curvature(std::size_t block, const Lane& fa, const Lane& fb, MatrixXd& information) {
    const std::size_t y = rows_.category(block);
    sums_[y].upper_density += fa.sum();
    sums_[y].lower_density += fb.sum();
    const Lane both = fa + fb;
    for (std::size_t c = 0; c < p_; ++c) {
      const auto row = static_cast<Index>(t_ + c);
      const auto x = column(block, c);
      const Lane scaled = both * x;
      for (std::size_t k = 0; k <= c; ++k) {
        information(row, static_cast<Index>(t_ + k)) += (scaled * column(block, k)).sum();
      }
      if (y < t_) information(row, static_cast<Index>(y)) -= (fa * x).sum();
      if (y > 0) information(row, static_cast<Index>(y) - 1) -= (fb * x).sum();
    }
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
