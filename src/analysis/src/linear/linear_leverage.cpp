// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_family.hpp"
#include "linear/row_leverage.hpp"

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double share_of_self_fitting_rows(const LinearModel& model, const LinearFit& fit,
                                  std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(fit.status == LinearStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(weights.size() == model.columns, "a weight a coefficient");
  const LinearData data = read_model(model);
  const Index p = data.x.cols();
  const Eigen::Map<const VectorXd> mu(fit.fitted.data(), data.y.size());
  RowLeverage rows;
  rows.compute(data.x, Eigen::Map<const MatrixXd>(fit.bread.data(), p, p),
               data.weight.cwiseProduct(variance_of(data.family, mu)));
  return rows.share(Eigen::Map<const VectorXd>(weights.data(), p));
}

}  // namespace angiotrial::analysis
