// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

#include "ordinal/cumulative_link.hpp"
#include "ordinal/markov_layout.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// One step of the chain: P(Y_t = j) = sum_k P(Y_(t-1) = k) P(j | k), and its derivatives.
class Recursion {
 public:
  Recursion(const MarkovTransitions& structure, std::span<const double> coefficients,
            bool with_gradient, double intercept)
      : layout_(structure),
        states_(static_cast<std::size_t>(structure.states)),
        coefficients_(coefficients.begin(), coefficients.end()),
        with_gradient_(with_gradient),
        intercept_(intercept) {
    const std::size_t head = thresholds() * (1 + layout_.nominal_columns());
    ANGIOTRIAL_EXPECT(coefficients.size() == head + layout_.proportional_columns(),
                      "a coefficient a parameter");
    // Inside, the sign is at_most; the derivatives are turned back at the end.
    if (structure.sign == ThresholdSign::at_least) {
      turned_ = head;
      for (std::size_t i = 0; i < head; ++i) coefficients_[i] *= -1.0;
    }
  }

  [[nodiscard]] std::size_t parameters() const { return coefficients_.size(); }

  void start(std::span<const double> distribution) {
    now_.assign(distribution.begin(), distribution.end());
    slope_ = MatrixXd::Zero(static_cast<Index>(parameters()), static_cast<Index>(states_));
  }

  void step(std::span<const double> covariates) {
    next_.assign(states_, 0.0);
    next_slope_ = MatrixXd::Zero(slope_.rows(), slope_.cols());
    for (std::size_t k = 0; k < states_; ++k) {
      if (layout_.absorbing[k]) {
        next_[k] += now_[k];
        if (with_gradient_)
          next_slope_.col(static_cast<Index>(k)) += slope_.col(static_cast<Index>(k));
      } else {
        leave(k, covariates);
      }
    }
    now_.swap(next_);
    slope_.swap(next_slope_);
  }

  void add(double weight, std::size_t time, StateOccupancy& out) const {
    for (std::size_t k = 0; k < states_; ++k) {
      const std::size_t cell = time * states_ + k;
      out.probability[cell] += weight * now_[k];
      if (!with_gradient_) continue;
      for (std::size_t i = 0; i < parameters(); ++i) {
        const double sign = i < turned_ ? -1.0 : 1.0;
        out.gradient[cell * parameters() + i] +=
            sign * weight * slope_(static_cast<Index>(i), static_cast<Index>(k));
      }
    }
  }

 private:
  [[nodiscard]] std::size_t thresholds() const { return states_ - 1; }

  void leave(std::size_t k, std::span<const double> covariates) {
    x_.clear();
    z_.clear();
    layout_.append(k, covariates, x_, z_);
    const std::size_t t = thresholds();
    const std::size_t head = t * (1 + z_.size());
    double eta = intercept_;
    for (std::size_t c = 0; c < x_.size(); ++c) eta += x_[c] * coefficients_[head + c];
    double before = 0.0;
    for (std::size_t j = 0; j < t; ++j) {
      double a = coefficients_[j] - eta;
      for (std::size_t c = 0; c < z_.size(); ++c) a += z_[c] * coefficients_[(1 + c) * t + j];
      const LinkValue value = link_value(CumulativeLink::logit, a);
      move(k, j, value.below - before);
      before = value.below;
      if (with_gradient_) bend(j, now_[k] * value.density, head);
    }
    move(k, t, 1.0 - before);
  }
  void move(std::size_t from, std::size_t to, double p) {
    next_[to] += now_[from] * p;
    if (with_gradient_) {
      next_slope_.col(static_cast<Index>(to)) += p * slope_.col(static_cast<Index>(from));
    }
  }
  /// F(a_j) rises by `density` times da_j: state j gains, state j + 1 loses.
  void bend(std::size_t j, double density, std::size_t head) {
    const auto change = [&](std::size_t parameter, double by) {
      next_slope_(static_cast<Index>(parameter), static_cast<Index>(j)) += by;
      next_slope_(static_cast<Index>(parameter), static_cast<Index>(j + 1)) -= by;
    };
    change(j, density);
    for (std::size_t c = 0; c < z_.size(); ++c) change((1 + c) * thresholds() + j, density * z_[c]);
    for (std::size_t c = 0; c < x_.size(); ++c) change(head + c, -density * x_[c]);
  }

  MarkovLayout layout_;
  std::size_t states_;
  std::vector<double> coefficients_;
  bool with_gradient_;
  double intercept_;
  std::size_t turned_ = 0;
  std::vector<double> now_, next_, x_, z_;
  MatrixXd slope_, next_slope_;
};

Contrast delta(double estimate, const std::vector<double>& gradient,
               std::span<const double> covariance, double level) {
  const std::vector<double> zeros(gradient.size(), 0.0);
  return normal_contrast(estimate, linear_contrast(zeros, covariance, gradient, level).se, level);
}

std::vector<double> total_gradient(const StateOccupancy& occupancy,
                                   std::span<const double> scores) {
  ANGIOTRIAL_EXPECT(!occupancy.gradient.empty(), "an occupancy with its gradient");
  std::vector<double> out(occupancy.parameters, 0.0);
  for (std::size_t cell = 0; cell < occupancy.probability.size(); ++cell) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += scores[cell % occupancy.states] * occupancy.gradient[cell * out.size() + i];
    }
  }
  return out;
}

}  // namespace

StateOccupancy state_occupancy(const MarkovTransitions& structure,
                               std::span<const double> coefficients, const MarkovCourses& courses,
                               bool with_gradient, double intercept) {
  ANGIOTRIAL_EXPECT(structure.states >= 2, "two states or more");
  const auto states = static_cast<std::size_t>(structure.states);
  const std::size_t count = courses.start.size() / states;
  const std::size_t columns = structure.columns;
  ANGIOTRIAL_EXPECT(courses.covariates.size() == count * courses.times * columns,
                    "covariates a course and time");
  ANGIOTRIAL_EXPECT(courses.weights.empty() || courses.weights.size() == count,
                    "a weight a course");
  Recursion recursion(structure, coefficients, with_gradient, intercept);
  StateOccupancy out;
  out.states = states;
  out.parameters = recursion.parameters();
  out.probability.assign(courses.times * states, 0.0);
  if (with_gradient) out.gradient.assign(courses.times * states * out.parameters, 0.0);
  double total = static_cast<double>(count);
  if (!courses.weights.empty()) {
    total = 0.0;
    for (const double w : courses.weights) total += w;
  }
  for (std::size_t c = 0; c < count; ++c) {
    const double weight = (courses.weights.empty() ? 1.0 : courses.weights[c]) / total;
    recursion.start(courses.start.subspan(c * states, states));
    for (std::size_t t = 0; t < courses.times; ++t) {
      recursion.step(courses.covariates.subspan((c * courses.times + t) * columns, columns));
      recursion.add(weight, t, out);
    }
  }
  return out;
}

double occupancy_total(const StateOccupancy& occupancy, std::span<const double> scores) {
  ANGIOTRIAL_EXPECT(scores.size() == occupancy.states, "a score a state");
  double sum = 0.0;
  for (std::size_t cell = 0; cell < occupancy.probability.size(); ++cell) {
    sum += scores[cell % occupancy.states] * occupancy.probability[cell];
  }
  return sum;
}

Contrast occupancy_estimate(const StateOccupancy& occupancy, std::span<const double> scores,
                            std::span<const double> covariance, double level) {
  return delta(occupancy_total(occupancy, scores), total_gradient(occupancy, scores), covariance,
               level);
}

Contrast occupancy_difference(const StateOccupancy& first, const StateOccupancy& second,
                              std::span<const double> scores, std::span<const double> covariance,
                              double level) {
  std::vector<double> gradient = total_gradient(first, scores);
  const std::vector<double> other = total_gradient(second, scores);
  ANGIOTRIAL_EXPECT(gradient.size() == other.size(), "occupancies of one model");
  for (std::size_t i = 0; i < other.size(); ++i) gradient[i] -= other[i];
  return delta(occupancy_total(first, scores) - occupancy_total(second, scores), gradient,
               covariance, level);
}

}  // namespace angiotrial::analysis
