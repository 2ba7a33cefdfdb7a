// SPDX-License-Identifier: Apache-2.0
#include "plan/linear_fit.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {

bool FittedRegression::fits_exactly() const {
  double largest = 0.0;
  for (const double y : data.response) largest = std::max(largest, std::fabs(y));
  return model.family == Family::gaussian && fit.sigma <= 1e-10 * largest;
}

std::optional<FittedRegression> fit_regression(const RegressionTerms& terms, Family family,
                                               Task& task) {
  if (!check_exposure(terms, family, task)) return std::nullopt;
  auto data = regression_data(terms, task);
  if (!data) return std::nullopt;
  std::optional<FittedRegression> out(FittedRegression{std::move(*data), {}, {}});
  const RegressionData& d = out->data;
  out->model = {d.response, d.design.values, d.design.columns(), family,
                {},         d.offset,        d.frame.subject()};
  if (!check_range(out->data, terms.response, family)) return std::nullopt;
  out->fit = fit_linear_model(out->model);
  if (out->fit.status == LinearStatus::fitted) return out;
  std::string which;
  if (out->fit.status == LinearStatus::separated) which = where_separated(d, family);
  for (const std::size_t column : out->fit.aliased) {
    which += (which.empty() ? ": " : ", ") + d.design.names[column];
  }
  task.refuse(std::string(angiotrial::analysis::name_of(out->fit.status)) + which);
  return std::nullopt;
}

}  // namespace angiotrial::analysis
