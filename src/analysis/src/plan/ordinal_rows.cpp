// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

#include "plan/clusters.hpp"
#include "plan/ordinal_terms.hpp"
#include "reference_distributions.hpp"

/// Tests and rows that models of ordered categories have in common.
namespace angiotrial::analysis {
namespace {

/// The first `count` columns of a design, moved to another or dropped.
struct Split {
  std::vector<double> first, rest;
};

Split split(const Design& design, std::size_t rows, std::size_t count) {
  Split out;
  const std::size_t columns = design.columns();
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      (c < count ? out.first : out.rest).push_back(design.values[i * columns + c]);
    }
  }
  return out;
}

}  // namespace

bool enough_clusters(const OrdinalData& data, const Task& task) {
  const std::size_t thresholds = data.y.names.size() - 1;
  return enough_clusters(data.frame, data.frame.subject(), "subject",
                         data.proportional.columns() + thresholds * data.nominal.columns(), task);
}

LikelihoodRatioTest joint_wald_test(std::span<const double> coefficients,
                                    std::span<const double> covariance,
                                    std::span<const std::size_t> parameters) {
  const auto size = static_cast<Eigen::Index>(parameters.size());
  Eigen::VectorXd b(size);
  Eigen::MatrixXd v(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const std::size_t at = parameters[static_cast<std::size_t>(i)];
    b[i] = coefficients[at];
    for (Eigen::Index j = 0; j < size; ++j) {
      v(i, j) = covariance[at * coefficients.size() + parameters[static_cast<std::size_t>(j)]];
    }
  }
  const double statistic = std::max(0.0, b.dot(v.ldlt().solve(b)));
  return {statistic, static_cast<int>(size), chi_square_tail(static_cast<double>(size), statistic)};
}

void put_test(const LikelihoodRatioTest& test, std::string_view group, Task& task) {
  task.out.row.group = group;
  task.out.put("chi_squared", test.statistic, "1");
  task.out.put("df", test.df, "1");
  task.out.put("p_value", test.p_value, "probability");
  task.out.row.group.clear();
}

void put_thresholds(const OrdinalData& data, ThresholdSign sign,
                    std::span<const double> coefficients, std::span<const double> covariance,
                    std::size_t parameters, Task& task, std::string_view unit) {
  for (std::size_t j = 0; j + 1 < data.y.names.size(); ++j) {
    task.out.row.group = sign == ThresholdSign::at_most ? "at most " + data.y.names[j]
                                                        : "at least " + data.y.names[j + 1];
    task.out.put("threshold", coefficients[j], unit);
    task.out.put("se", std::sqrt(covariance[j * parameters + j]), unit);
  }
  task.out.row.group.clear();
}

std::string refusal_of(const CumulativeFit& fit, const OrdinalData& data) {
  std::string words(name_of(fit.status));
  std::string sep = ": ";
  std::vector<std::string> names = data.nominal.names;
  names.insert(names.end(), data.proportional.names.begin(), data.proportional.names.end());
  for (const std::string& name : data.scale.names) names.push_back("scale " + name);
  for (const std::size_t column : fit.aliased) {
    words += sep + names[column];
    sep = ", ";
  }
  return words;
}

void put_scale(const OrdinalData& data, const CumulativeFit& location, const CumulativeFit& fit,
               Task& task) {
  const std::size_t size = fit.coefficients.size(), columns = data.scale.columns();
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<double> pick(size, 0.0);
    pick[size - columns + c] = 1.0;
    const Contrast one = linear_contrast(fit.coefficients, fit.covariance, pick, task.level());
    task.out.row.group = "scale: " + data.scale.names[c];
    task.put_ratio("", "", {one.estimate, one.se, one.lower, one.upper, one.p_value, std::nullopt},
                   "scale_ratio");
  }
  put_test(likelihood_ratio_test(fit, location), "scale: likelihood ratio", task);
}

void put_test_of_arms(const OrdinalData& data, const CumulativeModel& model,
                      const CumulativeFit& fit, Task& task) {
  const std::size_t count = data.frame.arms().size() - 1;
  const Design& design = data.arm_nominal ? data.nominal : data.proportional;
  const Split parts = split(design, data.frame.rows(), count);
  CumulativeModel smaller = model;
  (data.arm_nominal ? smaller.nominal : smaller.proportional) = parts.rest;
  (data.arm_nominal ? smaller.nominal_columns : smaller.proportional_columns) -= count;
  const CumulativeFit without = fit_cumulative_model(smaller);
  if (without.status == OrdinalStatus::fitted) {
    put_test(likelihood_ratio_test(fit, without), "arm: likelihood ratio", task);
  }
}

void put_test_of_proportional_odds(const OrdinalData& data, const CumulativeModel& model,
                                   const CumulativeFit& fit, Task& task) {
  if (data.arm_nominal || model.categories < 3) return;
  const std::size_t count = data.frame.arms().size() - 1, rows = data.frame.rows();
  const Split parts = split(data.proportional, rows, count);
  std::vector<double> nominal;
  for (std::size_t i = 0; i < rows; ++i) {
    nominal.insert(nominal.end(), parts.first.begin() + static_cast<std::ptrdiff_t>(i * count),
                   parts.first.begin() + static_cast<std::ptrdiff_t>((i + 1) * count));
    const auto own = model.nominal.subspan(i * model.nominal_columns, model.nominal_columns);
    nominal.insert(nominal.end(), own.begin(), own.end());
  }
  CumulativeModel larger = model;
  larger.nominal = nominal;
  larger.nominal_columns += count;
  larger.proportional = parts.rest;
  larger.proportional_columns -= count;
  const CumulativeFit apart = fit_cumulative_model(larger);
  const std::string group = "arm: proportional odds";
  if (apart.status == OrdinalStatus::fitted) {
    put_test(likelihood_ratio_test(apart, fit), group, task);
    return;
  }
  task.out.row.group = group;
  task.out.row.note =
      "no test: with a coefficient a threshold the model is " + std::string(name_of(apart.status));
  task.out.put("p_value", std::nullopt, "probability");
  task.out.row.group.clear();
  task.out.row.note.clear();
}

}  // namespace angiotrial::analysis
