// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_family.hpp"

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// c'Bc = sum of a_i^2 with a_i = sqrt(W_i) x_i'Bc, W the working weights and B = (X'WX)^-1.
double share_of_self_fitting_rows(const LinearModel& model, const LinearFit& fit,
                                  std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(fit.status == LinearStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(weights.size() == model.columns, "a weight a coefficient");
  constexpr double full = 1.0 - 1.0e-8;
  const LinearData data = read_model(model);
  const Index p = data.x.cols();
  const Eigen::Map<const MatrixXd> bread(fit.bread.data(), p, p);
  const Eigen::Map<const VectorXd> c(weights.data(), p);
  const Eigen::Map<const VectorXd> mu(fit.fitted.data(), data.y.size());
  const VectorXd working = data.weight.cwiseProduct(variance_of(data.family, mu));
  const MatrixXd by_bread = data.x * bread;
  const VectorXd leverage = by_bread.cwiseProduct(data.x).rowwise().sum().cwiseProduct(working);
  const VectorXd parts = (by_bread * c).cwiseAbs2().cwiseProduct(working);
  double own = 0.0;
  for (Index i = 0; i < parts.size(); ++i) own += leverage[i] > full ? parts[i] : 0.0;
  const double all = c.dot(bread * c);
  return all > 0.0 ? own / all : 0.0;
}

}  // namespace angiotrial::analysis
