// SPDX-License-Identifier: Apache-2.0
#include "plan/adjusted_dunnett.hpp"

#include <angiotrial/analysis/linear/linear_model.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace angiotrial::analysis {
namespace {

constexpr std::size_t most_arms = 12;

/// The correlations of some of the comparisons.
std::vector<double> correlation_of(const std::vector<std::size_t>& columns,
                                   const std::vector<double>& covariance, std::size_t size) {
  std::vector<double> out;
  for (const std::size_t a : columns) {
    for (const std::size_t b : columns) {
      const double scale = std::sqrt(covariance[a * size + a] * covariance[b * size + b]);
      out.push_back(a == b ? 1.0 : covariance[a * size + b] / scale);
    }
  }
  return out;
}

/// P(max T > t), or of |T|.
double exceedance(double t, const std::vector<double>& correlation, double df, Sides sides) {
  const auto count =
      static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(correlation.size()))));
  const double bound = sides == Sides::two ? std::fabs(t) : t;
  const double inside = max_t_probability(bound, {correlation, count}, df, sides).value;
  return std::clamp(1.0 - inside, 0.0, 1.0);
}

/// Closed test of max t: each with those that are no more extreme, never below an earlier one.
std::vector<double> step_down(const std::vector<Comparison>& comparisons,
                              const std::vector<std::size_t>& columns,
                              const std::vector<double>& covariance, std::size_t size, double df,
                              Sides sides) {
  const auto extreme = [&](std::size_t k) {
    return sides == Sides::two ? std::fabs(comparisons[k].t) : comparisons[k].t;
  };
  std::vector<std::size_t> order(comparisons.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::ranges::stable_sort(order, std::greater{}, extreme);
  std::vector<double> out(order.size());
  double most = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    std::vector<std::size_t> left;
    for (std::size_t j = k; j < order.size(); ++j) left.push_back(columns[order[j]]);
    most = std::max(most, exceedance(comparisons[order[k]].t,
                                     correlation_of(left, covariance, size), df, sides));
    out[order[k]] = most;
  }
  return out;
}

}  // namespace

std::optional<AdjustedDunnett> adjusted_dunnett(const RegressionTerms& terms, Sides sides,
                                                double sign, Task& task) {
  auto data = regression_data(terms, task);
  if (!data) return std::nullopt;
  if (data->repeated) {
    task.bad_option("method", "many_to_one", "needs one row a subject");
    return std::nullopt;
  }
  LinearModel model;
  model.response = data->response;
  model.design = data->design.values;
  model.columns = data->design.columns();
  const LinearFit fit = fit_linear_model(model);
  const std::size_t arms = data->frame.arms().size();
  if (fit.status != LinearStatus::fitted || !(fit.sigma > 0.0) || arms - 1 > most_arms) {
    task.refuse(arms - 1 > most_arms ? "more than 12 arms besides the reference"
                                     : "the model of the covariates cannot be fitted");
    return std::nullopt;
  }
  AdjustedDunnett out{std::move(*data), {}, {}, {}};
  out.sigma = fit.sigma;
  out.df = fit.degrees_of_freedom;
  const auto covariance = coefficient_covariance(model, fit, LinearVariance::model);
  const std::size_t size = model.columns;
  std::vector<std::size_t> columns;
  for (std::size_t arm = 0; arm < arms; ++arm) {
    if (arm == out.data.frame.reference()) continue;
    out.arms.push_back(arm);
    columns.push_back(out.data.frame.arm_column(arm));
  }
  const std::vector<double> correlation = correlation_of(columns, covariance, size);
  out.critical_value = max_t_quantile(task.level(), {correlation, columns.size()}, out.df, sides);
  for (const std::size_t column : columns) {
    Comparison c;
    c.estimate = sign * fit.coefficients[column];
    c.se = std::sqrt(covariance[column * size + column]);
    c.t = c.estimate / c.se;
    c.p_unadjusted = exceedance(c.t, {1.0}, out.df, sides);
    c.p_adjusted = exceedance(c.t, correlation, out.df, sides);
    c.lower = c.estimate - out.critical_value * c.se;
    c.upper = sides == Sides::two ? c.estimate + out.critical_value * c.se
                                  : std::numeric_limits<double>::infinity();
    out.comparisons.push_back(c);
  }
  out.step_down = step_down(out.comparisons, columns, covariance, size, out.df, sides);
  return out;
}

}  // namespace angiotrial::analysis
