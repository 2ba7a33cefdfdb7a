// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include <Eigen/Core>

namespace angiotrial::analysis {

/// A LinearModel as matrices, weights and offsets filled in.
struct LinearData {
  Family family = Family::gaussian;
  Eigen::MatrixXd x;
  Eigen::VectorXd y, weight, offset;
};
void read_model(const LinearModel& model, LinearData& out);
[[nodiscard]] LinearData read_model(const LinearModel& model);

/// X beta + offset.
void take_predictor(const LinearData& data, const Eigen::VectorXd& beta, Eigen::VectorXd& eta);
/// mu of the linear predictor.
void take_mean(Family family, const Eigen::VectorXd& eta, Eigen::VectorXd& mu);
[[nodiscard]] Eigen::VectorXd mean_of(Family family, const Eigen::VectorXd& eta);
/// V(mu), which for these links is also dmu / deta.
void take_variance(Family family, const Eigen::VectorXd& mu, Eigen::VectorXd& out);
[[nodiscard]] Eigen::VectorXd variance_of(Family family, const Eigen::VectorXd& mu);

}  // namespace angiotrial::analysis
