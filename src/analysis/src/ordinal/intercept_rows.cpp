// SPDX-License-Identifier: Apache-2.0
#include "ordinal/intercept_rows.hpp"

#include "ordinal/row_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace angiotrial::analysis {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// Beyond it a predictor is as good as infinite.
constexpr double largest_predictor = 300.0;
constexpr double largest_theta = 0.5 * largest_predictor;

double bounded(double theta) { return std::clamp(theta, -largest_theta, largest_theta); }

}  // namespace

/// log(1 - e^-d) and 1 / (e^d - 1).
InterceptRows::Gap InterceptRows::gap(double d) {
  return {std::log(-std::expm1(-d)), 1.0 / std::expm1(d)};
}

InterceptRows::InterceptRows(const CumulativeModel& model, std::span<const int> group)
    : thresholds_(model.categories - 1) {
  coefficients_ = thresholds_ * (1 + static_cast<Index>(model.nominal_columns)) +
                  static_cast<Index>(model.proportional_columns);
  sort(model, group);
  read_patterns(model);
}

/// Lays rows out by group and category.
void InterceptRows::sort(const CumulativeModel& model, std::span<const int> group) {
  constexpr std::size_t lanes = InterceptGroup::lanes;
  const std::size_t n = model.response.size();
  const auto categories = static_cast<std::size_t>(model.categories);
  origin_.resize(n);
  std::iota(origin_.begin(), origin_.end(), std::size_t{0});
  std::stable_sort(origin_.begin(), origin_.end(), [&](std::size_t r, std::size_t s) {
    return group[r] != group[s] ? group[r] < group[s] : model.response[r] < model.response[s];
  });
  std::size_t rows = 0;
  for (std::size_t i = 0; i < n;) {
    const int label = group[origin_[i]];
    first_.push_back(rows);
    below_top_.push_back(0.0);
    for (std::size_t y = 0; y < categories; ++y) {
      segment_.push_back(rows);
      for (; i < n && group[origin_[i]] == label &&
             static_cast<std::size_t>(model.response[origin_[i]]) == y;
           ++i, ++rows) {
        weight_.push_back(model.weights.empty() ? 1.0 : model.weights[origin_[i]]);
        unit_weights_ = unit_weights_ && weight_.back() == 1.0;
        if (y + 1 < categories) below_top_.back() += weight_.back();
      }
      segment_end_.push_back(rows);
    }
    rows = (rows + lanes - 1) / lanes * lanes;
    weight_.resize(rows, 0.0);
    longest_ = std::max(longest_, rows - first_.back());
  }
  first_.push_back(rows);
  upper_.assign(rows, 0.0);
  lower_.assign(rows, 0.0);
}

void InterceptRows::read_patterns(const CumulativeModel& model) {
  const std::size_t p = model.proportional_columns, q = model.nominal_columns;
  RowTable table(model, false);
  std::vector<std::size_t> place;
  place.reserve(model.response.size());
  for (std::size_t r = 0; r < model.response.size(); ++r) place.push_back(table.find_or_add(r));
  const auto patterns = static_cast<Index>(table.kept().size());
  x_.resize(patterns, static_cast<Index>(p));
  z_.resize(patterns, static_cast<Index>(q));
  for (Index i = 0; i < patterns; ++i) {
    const std::size_t r = table.kept()[static_cast<std::size_t>(i)];
    for (std::size_t c = 0; c < p; ++c)
      x_(i, static_cast<Index>(c)) = model.proportional[r * p + c];
    for (std::size_t c = 0; c < q; ++c) z_(i, static_cast<Index>(c)) = model.nominal[r * q + c];
  }
  count_.setZero(patterns, thresholds_ + 1);
  pattern_.assign(weight_.size(), 0);
  std::size_t next = 0;
  for (std::size_t s = 0; s < segment_.size(); ++s) {
    for (std::size_t i = segment_[s]; i < segment_end_[s]; ++i) {
      const std::size_t r = origin_[next++];
      pattern_[i] = static_cast<Index>(place[r]);
      count_(pattern_[i], model.response[r]) += weight_[i];
    }
  }
  pattern_below_top_ = count_.leftCols(thresholds_).rowwise().sum();
  below_top_sum_ = x_.transpose() * pattern_below_top_.matrix();
  totals_ = count_.colwise().sum().transpose();
  factor_.setZero(common_thresholds() ? 0 : patterns, thresholds_ + 2);
  theta_slope_.setZero(thresholds_);
}

bool InterceptRows::read(const VectorXd& parameters) {
  const Index p = x_.cols();
  eta_.resize(x_.rows());
  eta_.matrix().noalias() = x_ * parameters.segment(coefficients_ - p, p);
  if (common_thresholds()) {
    if (!take_common_thresholds(parameters)) return false;
    spread_common(parameters);
  } else {
    if (!take_own_thresholds(parameters)) return false;
    spread_own();
  }
  return true;
}

/// One exponential a pattern: e^(theta_y - eta) = e^theta_y e^-eta.
bool InterceptRows::take_common_thresholds(const VectorXd& parameters) {
  eta_ = eta_.max(-largest_theta).min(largest_theta);
  scale_ = (-eta_).exp();
  slope_.setZero(x_.rows(), 1);
  constant_ = -(pattern_below_top_ * eta_).sum();
  double below = 0.0;  // q of the gap between this threshold and the one before
  for (Index j = 0; j < thresholds_; ++j) {
    Gap next;
    if (j + 1 < thresholds_) {
      const double d = parameters[j + 1] - parameters[j];
      if (!(d > 0.0)) return false;
      next = gap(d);
    }
    theta_slope_[j] = (1.0 + below) * totals_[j] - next.slope * totals_[j + 1];
    constant_ += totals_[j] * bounded(parameters[j]) + totals_[j + 1] * next.log;
    below = next.slope;
  }
  return true;
}

void InterceptRows::spread_common(const VectorXd& parameters) {
  const auto categories = static_cast<std::size_t>(thresholds_) + 1;
  std::vector<double> factor(categories + 1, 0.0);
  for (std::size_t y = 1; y < categories; ++y) {
    factor[y] = std::exp(bounded(parameters[static_cast<Index>(y) - 1]));
  }
  largest_ = *std::max_element(factor.begin(), factor.end()) * scale_.maxCoeff();
  for (std::size_t s = 0; s < segment_.size(); ++s) {
    const double above = factor[s % categories + 1], below = factor[s % categories];
    for (std::size_t i = segment_[s]; i < segment_end_[s]; ++i) {
      const double e = scale_[pattern_[i]];
      upper_[i] = above * e;
      lower_[i] = below * e;
    }
  }
}

bool InterceptRows::take_own_thresholds(const VectorXd& parameters) {
  ArrayXXd at(x_.rows(), thresholds_);
  for (Index j = 0; j < thresholds_; ++j) {
    at.col(j) = parameters[j] - eta_;
    for (Index c = 0; c < z_.cols(); ++c) {
      at.col(j) += z_.col(c).array() * parameters[(1 + c) * thresholds_ + j];
    }
  }
  at = at.max(-largest_predictor).min(largest_predictor);
  factor_.middleCols(1, thresholds_) = at.exp();
  slope_ = count_.leftCols(thresholds_);
  constant_ = (slope_ * at).sum();
  for (Index y = 1; y < thresholds_; ++y) {
    for (Index i = 0; i < at.rows(); ++i) {
      if (count_(i, y) == 0.0) continue;
      const double d = at(i, y) - at(i, y - 1);
      if (!(d > 0.0)) return false;
      const Gap between = gap(d);
      constant_ += count_(i, y) * between.log;
      slope_(i, y) += count_(i, y) * between.slope;
      slope_(i, y - 1) -= count_(i, y) * between.slope;
    }
  }
  return true;
}

void InterceptRows::spread_own() {
  const auto categories = static_cast<std::size_t>(thresholds_) + 1;
  largest_ = factor_.maxCoeff();
  for (std::size_t s = 0; s < segment_.size(); ++s) {
    const auto y = static_cast<Index>(s % categories);
    const double* above = factor_.col(y + 1).data();
    const double* below = factor_.col(y).data();
    for (std::size_t i = segment_[s]; i < segment_end_[s]; ++i) {
      upper_[i] = above[pattern_[i]];
      lower_[i] = below[pattern_[i]];
    }
  }
}

void InterceptRows::add(std::size_t g, const double* in_a, const double* in_b) {
  if (common_thresholds()) {
    add_common(g, in_a, in_b);
  } else {
    add_own(g, in_a, in_b);
  }
}

void InterceptRows::add_common(std::size_t g, const double* in_a, const double* in_b) {
  const auto categories = static_cast<std::size_t>(thresholds_) + 1;
  const std::size_t first = first_[g];
  for (std::size_t y = 0; y < categories; ++y) {
    const std::size_t s = g * categories + y;
    double sum_a = 0.0, sum_b = 0.0;
    for (std::size_t i = segment_[s]; i < segment_end_[s]; ++i) {
      const double a = in_a[i - first], b = in_b[i - first];
      sum_a += a;
      sum_b += b;
      slope_(pattern_[i], 0) += a + b;
    }
    if (y + 1 < categories) theta_slope_[static_cast<Index>(y)] += sum_a;
    if (y > 0) theta_slope_[static_cast<Index>(y) - 1] += sum_b;
  }
}

void InterceptRows::add_own(std::size_t g, const double* in_a, const double* in_b) {
  const auto categories = static_cast<std::size_t>(thresholds_) + 1;
  const std::size_t first = first_[g];
  for (std::size_t y = 0; y < categories; ++y) {
    const std::size_t s = g * categories + y;
    double* above = y + 1 < categories ? slope_.col(static_cast<Index>(y)).data() : nullptr;
    double* below = y > 0 ? slope_.col(static_cast<Index>(y) - 1).data() : nullptr;
    for (std::size_t i = segment_[s]; i < segment_end_[s]; ++i) {
      if (above != nullptr) above[pattern_[i]] += in_a[i - first];
      if (below != nullptr) below[pattern_[i]] += in_b[i - first];
    }
  }
}

void InterceptRows::finish(VectorXd& gradient) const {
  const Index p = x_.cols();
  auto beta = gradient.segment(coefficients_ - p, p);
  if (common_thresholds()) {
    gradient.head(thresholds_) = theta_slope_;
    beta = -below_top_sum_;
    beta.noalias() -= x_.transpose() * slope_.col(0).matrix();
    return;
  }
  gradient.head(thresholds_) = slope_.colwise().sum().matrix().transpose();
  for (Index c = 0; c < z_.cols(); ++c) {
    gradient.segment((1 + c) * thresholds_, thresholds_).noalias() =
        slope_.matrix().transpose() * z_.col(c);
  }
  beta.noalias() = -(x_.transpose() * slope_.rowwise().sum().matrix());
}

}  // namespace angiotrial::analysis
