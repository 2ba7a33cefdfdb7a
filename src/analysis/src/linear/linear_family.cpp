// SPDX-License-Identifier: Apache-2.0
#include "linear/linear_family.hpp"

#include "column_products.hpp"

#include <cmath>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::VectorXd;

void read_model(const LinearModel& model, LinearData& out) {
  const auto n = static_cast<Index>(model.response.size());
  const auto p = static_cast<Index>(model.columns);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  out.family = model.family;
  out.x = Eigen::Map<const RowMajor>(model.design.data(), n, p);
  out.y = Eigen::Map<const VectorXd>(model.response.data(), n);
  out.weight.setOnes(n);
  if (!model.weights.empty()) out.weight = Eigen::Map<const VectorXd>(model.weights.data(), n);
  out.offset.setZero(n);
  if (!model.offset.empty()) out.offset = Eigen::Map<const VectorXd>(model.offset.data(), n);
}

LinearData read_model(const LinearModel& model) {
  LinearData out;
  read_model(model, out);
  return out;
}

void take_predictor(const LinearData& data, const VectorXd& beta, VectorXd& eta) {
  eta.resize(data.x.rows());
  linear_predictor(data.x, values_of(beta), values_of(data.offset), values_of(eta));
}

void take_mean(Family family, const VectorXd& eta, VectorXd& mu) {
  switch (family) {
    case Family::binomial:
      mu = eta.unaryExpr([](double e) { return 1.0 / (1.0 + std::exp(-e)); });
      return;
    case Family::poisson:
      mu = eta.array().exp();
      return;
    case Family::gaussian:
      mu = eta;
  }
}

VectorXd mean_of(Family family, const VectorXd& eta) {
  VectorXd mu;
  take_mean(family, eta, mu);
  return mu;
}

void take_variance(Family family, const VectorXd& mu, VectorXd& out) {
  switch (family) {
    case Family::binomial:
      out = mu.array() * (1.0 - mu.array());
      return;
    case Family::poisson:
      out = mu;
      return;
    case Family::gaussian:
      out.setOnes(mu.size());
  }
}

VectorXd variance_of(Family family, const VectorXd& mu) {
  VectorXd out;
  take_variance(family, mu, out);
  return out;
}

}  // namespace angiotrial::analysis
