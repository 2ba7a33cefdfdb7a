// SPDX-License-Identifier: Apache-2.0
#include "ordinal/threshold_terms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

/// Rows of a model with weight, in the order of all columns but `time`, then of time.
class OrderedRows {
 public:
  explicit OrderedRows(const CumulativeModel& model)
      : model_(model), columns_(model.proportional_columns) {
    for (std::size_t r = 0; r < model.response.size(); ++r) {
      if (weight(r) > 0.0) order_.push_back(r);
    }
    choose_time();
    std::sort(order_.begin(), order_.end(), [&](std::size_t r, std::size_t s) {
      for (std::size_t c = 0; c < columns_; ++c) {
        if (c != time_ && x(r)[c] != x(s)[c]) return x(r)[c] < x(s)[c];
      }
      return time_of(r) != time_of(s) ? time_of(r) < time_of(s) : r < s;
    });
  }

  [[nodiscard]] const std::vector<std::size_t>& order() const { return order_; }
  [[nodiscard]] std::size_t time_column() const { return time_; }
  [[nodiscard]] const double* x(std::size_t r) const {
    return model_.proportional.data() + r * columns_;
  }
  [[nodiscard]] double time_of(std::size_t r) const { return columns_ == 0 ? 0.0 : x(r)[time_]; }
  [[nodiscard]] double weight(std::size_t r) const {
    return model_.weights.empty() ? 1.0 : model_.weights[r];
  }
  [[nodiscard]] bool differ_in_time_only(std::size_t r, std::size_t s) const {
    for (std::size_t c = 0; c < columns_; ++c) {
      if (c != time_ && x(r)[c] != x(s)[c]) return false;
    }
    return true;
  }

 private:
  /// The column with the most values; the first of equals.
  void choose_time() {
    std::size_t most = 0;
    std::vector<double> values;
    for (std::size_t c = 0; c < columns_; ++c) {
      values.clear();
      for (const std::size_t r : order_) values.push_back(x(r)[c]);
      std::sort(values.begin(), values.end());
      const auto distinct =
          static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
      if (distinct > most) time_ = c;
      most = std::max(most, distinct);
    }
  }

  const CumulativeModel& model_;
  std::size_t columns_;
  std::size_t time_ = 0;
  std::vector<std::size_t> order_;
};

}  // namespace

ThresholdTerms::ThresholdTerms(const CumulativeModel& model) : thresholds_(model.categories - 1) {
  sum_linear_parts(model);
  const OrderedRows rows(model);
  time_ = static_cast<Index>(rows.time_column());
  Terms terms;
  terms.x.resize(model.proportional_columns);
  for (int j = 0; j < thresholds_; ++j) {
    first_.push_back(static_cast<Index>(terms.weight.size()));
    DiscreteMeasure measure;
    std::size_t like = 0;
    for (const std::size_t r : rows.order()) {
      if (model.response[r] != j && model.response[r] != j + 1) continue;
      if (!measure.point.empty() && !rows.differ_in_time_only(like, r)) {
        append(rows.x(like), rows.time_column(), measure, terms);
        measure = {};
      }
      like = r;
      if (measure.point.empty() || measure.point.back() != rows.time_of(r)) {
        measure.point.push_back(rows.time_of(r));
        measure.weight.push_back(0.0);
      }
      measure.weight.back() += rows.weight(r);
    }
    if (!measure.point.empty()) append(rows.x(like), rows.time_column(), measure, terms);
  }
  first_.push_back(static_cast<Index>(terms.weight.size()));
  const Index size = first_.back();
  weight_ = Eigen::Map<const Eigen::ArrayXd>(terms.weight.data(), size);
  x_.resize(size, static_cast<Index>(terms.x.size()));
  for (Index c = 0; c < x_.cols(); ++c) {
    x_.col(c) = Eigen::Map<const VectorXd>(terms.x[static_cast<std::size_t>(c)].data(), size);
  }
  power_.setZero(size);
  mean_.setZero(size);
}

void ThresholdTerms::sum_linear_parts(const CumulativeModel& model) {
  const std::size_t p = model.proportional_columns;
  totals_.setZero(thresholds_ + 1);
  below_top_.setZero(static_cast<Index>(p));
  for (std::size_t r = 0; r < model.response.size(); ++r) {
    const double w = model.weights.empty() ? 1.0 : model.weights[r];
    totals_[model.response[r]] += w;
    if (model.response[r] == thresholds_) continue;
    for (std::size_t c = 0; c < p; ++c) {
      below_top_[static_cast<Index>(c)] += w * model.proportional[r * p + c];
    }
  }
}

void ThresholdTerms::append(const double* x, std::size_t time, const DiscreteMeasure& measure,
                            Terms& terms) {
  const bool long_one = measure.point.size() > nodes;
  if (long_one) {
    half_width_ = std::max(half_width_, 0.5 * (measure.point.back() - measure.point.front()));
  }
  const DiscreteMeasure rule = long_one ? gauss_rule(measure, nodes) : measure;
  for (std::size_t i = 0; i < rule.point.size(); ++i) {
    terms.weight.push_back(rule.weight[i]);
    for (std::size_t c = 0; c < terms.x.size(); ++c) {
      terms.x[c].push_back(c == time ? rule.point[i] : x[c]);
    }
  }
}

std::optional<double> ThresholdTerms::evaluate(const VectorXd& parameters, VectorXd& gradient) {
  constexpr double largest_power = 700.0;
  const Index t = thresholds_, p = x_.cols();
  if (!parameters.head(t + p).allFinite()) return std::nullopt;
  const auto beta = parameters.segment(t, p);
  if (p > 0 && std::fabs(beta[time_]) * half_width_ > largest_half_width) return std::nullopt;
  power_.setZero();
  power_.matrix().noalias() -= x_ * beta;
  double value = -below_top_.dot(beta);
  double before = 0.0;  // q of the gap below this threshold
  for (Index j = 0; j < t; ++j) {
    const auto at = static_cast<std::size_t>(j);
    power_.segment(first_[at], first_[at + 1] - first_[at]) += parameters[j];
    double next = 0.0;
    value += totals_[j] * parameters[j];
    if (j + 1 < t) {
      const double d = parameters[j + 1] - parameters[j];
      if (!(d > 0.0)) return -std::numeric_limits<double>::infinity();
      value += totals_[j + 1] * std::log(-std::expm1(-d));
      next = 1.0 / std::expm1(d);
    }
    gradient[j] = totals_[j] * (1.0 + before) - totals_[j + 1] * next;
    before = next;
  }
  if (size() > 0 && !(power_.maxCoeff() <= largest_power)) return std::nullopt;
  power_ = power_.exp();
  mean_ = weight_ * power_ / (1.0 + power_);
  value -= (weight_ * (1.0 + power_).log()).sum();
  for (Index j = 0; j < t; ++j) {
    const auto at = static_cast<std::size_t>(j);
    gradient[j] -= mean_.segment(first_[at], first_[at + 1] - first_[at]).sum();
  }
  gradient.segment(t, p).noalias() = x_.transpose() * mean_.matrix();
  gradient.segment(t, p) -= below_top_;
  return value;
}

}  // namespace angiotrial::analysis
