// SPDX-License-Identifier: Apache-2.0
#include "ordinal/markov_log_posterior.hpp"

#include "ordinal/cumulative_link.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MarkovLogPosterior::MarkovLogPosterior(const CumulativeModel& cells, std::span<const int> patient,
                                       int nodes, const MarkovPriors& priors)
    : thresholds_(cells.categories - 1), intercept_scale_(priors.intercept_scale) {
  constexpr double usual_sd = 5.0;
  rows_.read(cells, CumulativeRows::Packing::by_weight);
  coefficients_ = static_cast<Index>(rows_.parameters());
  dimension_ = coefficients_ + (patient.empty() ? 0 : 1);
  if (!patient.empty()) {
    mixed_.emplace(cells, patient, nodes);
  } else if (cells.nominal_columns == 0) {
    terms_.emplace(cells);
    if (terms_->size() >= cells.response.size()) terms_.reset();
  }
  precision_.resize(coefficients_);
  for (Index i = 0; i < coefficients_; ++i) {
    double sd = usual_sd;
    if (i < thresholds_) {
      sd = priors.threshold_sd;
    } else if (!priors.coefficient_sd.empty()) {
      sd = priors.coefficient_sd[static_cast<std::size_t>(i - thresholds_)];
    }
    precision_[i] = 1.0 / (sd * sd);
  }
  parameters_.setZero(dimension_);
  slope_.setZero(dimension_);
}

void MarkovLogPosterior::natural(std::span<const double> phi, std::span<double> parameters) const {
  const auto t = static_cast<std::size_t>(thresholds_);
  const auto head = static_cast<std::size_t>(coefficients_);
  for (std::size_t i = 0; i < phi.size(); ++i) {
    if (i > 0 && i < t) {
      parameters[i] = parameters[i - 1] + std::exp(phi[i]);
    } else {
      parameters[i] = i < head ? phi[i] : std::exp(phi[i]);
    }
  }
}

/// Adds the gradient of the priors in the natural coordinates to slope_, log sigma in its own.
double MarkovLogPosterior::add_priors(const VectorXd& phi) {
  const auto b = parameters_.head(coefficients_).array();
  slope_.head(coefficients_).array() -= precision_ * b;
  double value = -0.5 * (precision_ * b * b).sum();
  if (mixed_) {
    const double ratio = std::exp(phi[coefficients_]) / intercept_scale_;
    value += phi[coefficients_] - 0.5 * ratio * ratio;
    slope_[coefficients_] += 1.0 - ratio * ratio;
  }
  return value;
}

void MarkovLogPosterior::read(const VectorXd& phi) {
  const auto size = static_cast<std::size_t>(dimension_);
  natural({phi.data(), size}, {parameters_.data(), size});
  if (mixed_) parameters_[coefficients_] = phi[coefficients_];
}

double MarkovLogPosterior::likelihood() {
  if (mixed_) return mixed_->evaluate(parameters_, slope_);
  if (terms_) {
    if (const auto value = terms_->evaluate(parameters_, slope_)) return *value;
  }
  return cumulative_likelihood(rows_, parameters_, Order::gradient, slope_, unused_);
}

double MarkovLogPosterior::evaluate(const VectorXd& phi, VectorXd& gradient) {
  read(phi);
  double value = likelihood();
  if (!std::isfinite(value)) return -std::numeric_limits<double>::infinity();
  value += add_priors(phi);
  gradient = slope_;
  // phi_j moves theta_j and all thresholds above it by e^phi_j.
  double above = 0.0;
  for (Index j = thresholds_ - 1; j > 0; --j) {
    above += slope_[j];
    gradient[j] = above * std::exp(phi[j]) + 1.0;
    value += phi[j];
  }
  gradient[0] = above + slope_[0];
  return value;
}

VectorXd MarkovLogPosterior::guess() const {
  VectorXd phi = VectorXd::Zero(dimension_);
  constexpr double share = 0.5;  // of a row, for each category
  double total = 0.0;
  for (const double n : rows_.totals()) total += n + share;
  double sum = 0.0, before = 0.0;
  for (Index j = 0; j < thresholds_; ++j) {
    sum += rows_.totals()[static_cast<std::size_t>(j)] + share;
    const double theta = link_quantile(CumulativeLink::logit, sum / total);
    phi[j] = j == 0 ? theta : std::log(theta - before);
    before = theta;
  }
  if (mixed_) phi[coefficients_] = std::log(0.5 * intercept_scale_);
  return phi;
}

void MarkovLogPosterior::keep_modes() {
  if (mixed_) mixed_->keep_modes();
}

void MarkovLogPosterior::follow_modes(const VectorXd& about, const MatrixXd& root) {
  if (!mixed_) return;
  const auto groups = static_cast<Index>(mixed_->groups());
  MatrixXd steps(dimension_, dimension_), moves(groups, dimension_);
  const auto modes_at = [&](const VectorXd& phi) -> VectorXd {
    read(phi);
    (void)mixed_->evaluate(parameters_, slope_);
    return Eigen::Map<const VectorXd>(mixed_->modes().data(), groups);
  };
  (void)modes_at(about);
  mixed_->keep_modes();
  for (Index i = 0; i < dimension_; ++i) {
    moves.col(i) = modes_at(about + root.col(i));
    steps.col(i) = parameters_;
    moves.col(i) -= modes_at(about - root.col(i));
    steps.col(i) -= parameters_;
  }
  read(about);
  mixed_->follow(parameters_, steps, moves);
}

}  // namespace angiotrial::analysis
