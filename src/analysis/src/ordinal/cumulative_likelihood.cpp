// SPDX-License-Identifier: Apache-2.0
#include "ordinal/cumulative_likelihood.hpp"

#include "ordinal/cumulative_link.hpp"
#include "ordinal/proportional_logit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t lanes = CumulativeRows::lanes;

void copy_blocks(std::span<const double> from, std::size_t columns,
                 const std::vector<std::size_t>& origin, std::vector<double>& to) {
  to.resize(origin.size() * columns);
  for (std::size_t i = 0; i < origin.size(); ++i) {
    double* lane = to.data() + i / lanes * columns * lanes + i % lanes;
    for (std::size_t c = 0; c < columns; ++c) lane[c * lanes] = from[origin[i] * columns + c];
  }
}

/// One row's place in the parameters: a = theta_y + z'gamma_y - x'beta, b with y - 1.
class RowTerm {
 public:
  RowTerm(const CumulativeRows& rows, const VectorXd& parameters)
      : rows_(rows), parameters_(parameters), columns_(1 + rows.nominal()) {}

  void at(std::size_t block, std::size_t lane) {
    block_ = block;
    lane_ = lane;
    y_ = rows_.category(block);
    double eta = 0.0;
    for (std::size_t c = 0; c < rows_.proportional(); ++c) {
      eta += x(c) * parameters_[beta_at(c)];
    }
    const std::size_t top = rows_.thresholds();
    term_ = cell_term(rows_.link(), y_ < top ? threshold(y_) - eta : rows_.outermost() - eta,
                      y_ > 0 ? threshold(y_ - 1) - eta : -rows_.outermost() - eta);
  }

  [[nodiscard]] double value() const { return term_.value; }
  void add_gradient(double weight, VectorXd& gradient) const {
    if (y_ < rows_.thresholds()) add_threshold(y_, weight * term_.da, gradient);
    if (y_ > 0) add_threshold(y_ - 1, weight * term_.db, gradient);
    const double slope = -weight * (term_.da + term_.db);
    for (std::size_t c = 0; c < rows_.proportional(); ++c) gradient[beta_at(c)] += slope * x(c);
  }
  /// Lower triangle only.
  void add_information(double weight, MatrixXd& information) const {
    const bool upper = y_ < rows_.thresholds();
    const bool lower = y_ > 0;
    if (upper) add_pair(y_, y_, -weight * term_.daa, information);
    if (lower) add_pair(y_ - 1, y_ - 1, -weight * term_.dbb, information);
    if (upper && lower) add_pair(y_, y_ - 1, -weight * term_.dab, information);
    if (upper) add_cross(y_, weight * (term_.daa + term_.dab), information);
    if (lower) add_cross(y_ - 1, weight * (term_.dbb + term_.dab), information);
    const double curvature = -weight * (term_.daa + 2.0 * term_.dab + term_.dbb);
    for (std::size_t c = 0; c < rows_.proportional(); ++c) {
      const double scaled = curvature * x(c);
      for (std::size_t k = 0; k <= c; ++k) information(beta_at(c), beta_at(k)) += scaled * x(k);
    }
  }

 private:
  [[nodiscard]] double x(std::size_t c) const { return rows_.x(block_, c)[lane_]; }
  /// Column c of (1, z).
  [[nodiscard]] double design(std::size_t c) const {
    return c == 0 ? 1.0 : rows_.z(block_, c - 1)[lane_];
  }
  [[nodiscard]] Index theta_at(std::size_t column, std::size_t j) const {
    return static_cast<Index>(column * rows_.thresholds() + j);
  }
  [[nodiscard]] Index beta_at(std::size_t c) const { return theta_at(columns_, c); }
  [[nodiscard]] double threshold(std::size_t j) const {
    double sum = 0.0;
    for (std::size_t c = 0; c < columns_; ++c) sum += design(c) * parameters_[theta_at(c, j)];
    return sum;
  }
  void add_threshold(std::size_t j, double slope, VectorXd& gradient) const {
    for (std::size_t c = 0; c < columns_; ++c) gradient[theta_at(c, j)] += slope * design(c);
  }
  void add_pair(std::size_t j, std::size_t k, double curvature, MatrixXd& information) const {
    for (std::size_t c = 0; c < columns_; ++c) {
      for (std::size_t d = 0; d < columns_; ++d) {
        const Index row = theta_at(c, j);
        const Index column = theta_at(d, k);
        if (j == k && column > row) continue;
        information(std::max(row, column), std::min(row, column)) +=
            curvature * design(c) * design(d);
      }
    }
  }
  void add_cross(std::size_t j, double curvature, MatrixXd& information) const {
    for (std::size_t c = 0; c < rows_.proportional(); ++c) {
      for (std::size_t d = 0; d < columns_; ++d) {
        information(beta_at(c), theta_at(d, j)) += curvature * x(c) * design(d);
      }
    }
  }

  const CumulativeRows& rows_;
  const VectorXd& parameters_;
  std::size_t columns_;
  std::size_t block_ = 0, lane_ = 0, y_ = 0;
  CellTerm term_;
};

double by_rows(const CumulativeRows& rows, const VectorXd& parameters, Order order,
               VectorXd& gradient, MatrixXd& information) {
  if (order >= Order::gradient) gradient.setZero();
  if (order >= Order::information) information.setZero();
  RowTerm term(rows, parameters);
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.blocks() * lanes; ++i) {
    const double weight = rows.weight(i / lanes)[i % lanes];
    if (weight == 0.0) continue;
    term.at(i / lanes, i % lanes);
    if (!std::isfinite(term.value())) return -infinite;
    sum += weight * term.value();
    if (order >= Order::gradient) term.add_gradient(weight, gradient);
    if (order >= Order::information) term.add_information(weight, information);
  }
  if (order >= Order::information) {
    information.triangularView<Eigen::StrictlyUpper>() = information.transpose();
  }
  return sum;
}

}  // namespace

void CumulativeRows::read(const CumulativeModel& model, Packing packing) {
  rows_ = model.response.size();
  thresholds_ = static_cast<std::size_t>(model.categories - 1);
  nominal_ = model.nominal_columns;
  proportional_ = model.proportional_columns;
  link_ = model.link;
  outermost_ = model.outermost;
  const auto weight_of = [&](std::size_t r) {
    return model.weights.empty() ? 1.0 : model.weights[r];
  };
  // A counting sort by category, the rows of one category in their order.
  next_.assign(thresholds_ + 2, 0);
  for (const int y : model.response) ++next_[static_cast<std::size_t>(y) + 1];
  std::partial_sum(next_.begin(), next_.end(), next_.begin());
  order_.resize(rows_);
  for (std::size_t r = 0; r < rows_; ++r) {
    order_[next_[static_cast<std::size_t>(model.response[r])]++] = r;
  }
  if (packing == Packing::by_weight) {
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t r, std::size_t s) {
      if (model.response[r] != model.response[s]) return model.response[r] < model.response[s];
      return weight_of(r) < weight_of(s);
    });
  }
  totals_.assign(thresholds_ + 1, 0.0);
  category_.clear();
  origin_.clear();
  weight_.clear();
  for (const std::size_t r : order_) {
    const auto y = static_cast<std::size_t>(model.response[r]);
    if (category_.empty() || category_.back() != y || weight_.size() % lanes == 0) {
      fill_up();
      category_.push_back(y);
    }
    origin_.push_back(r);
    weight_.push_back(weight_of(r));
    totals_[y] += weight_.back();
  }
  fill_up();
  copy_blocks(model.proportional, proportional_, origin_, x_);
  copy_blocks(model.nominal, nominal_, origin_, z_);
}

void CumulativeRows::fill_up() {
  while (weight_.size() % lanes != 0) {
    origin_.push_back(origin_.back());
    weight_.push_back(0.0);
  }
}

double cumulative_likelihood(const CumulativeRows& rows, const VectorXd& parameters, Order order,
                             VectorXd& gradient, MatrixXd& information) {
  if (rows.link() == CumulativeLink::logit && rows.nominal() == 0 && std::isinf(rows.outermost())) {
    const double value = proportional_logit(rows, parameters, order, gradient, information);
    if (!std::isnan(value)) return value;
  }
  return by_rows(rows, parameters, order, gradient, information);
}

MatrixXd cumulative_scores(const CumulativeRows& rows, const VectorXd& parameters) {
  MatrixXd scores = MatrixXd::Zero(static_cast<Index>(rows.rows()), parameters.size());
  RowTerm term(rows, parameters);
  VectorXd score(parameters.size());
  for (std::size_t i = 0; i < rows.blocks() * lanes; ++i) {
    const double weight = rows.weight(i / lanes)[i % lanes];
    if (weight == 0.0) continue;
    score.setZero();
    term.at(i / lanes, i % lanes);
    term.add_gradient(weight, score);
    scores.row(static_cast<Index>(rows.origin(i / lanes, i % lanes))) = score;
  }
  return scores;
}

}  // namespace angiotrial::analysis
