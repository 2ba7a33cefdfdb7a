// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

#include "plan/clusters.hpp"
#include "plan/ordinal_terms.hpp"
#include "reference_distributions.hpp"

/// Tests and rows that models of ordered categories have in common.
namespace angiotrial::analysis {

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
  for (const std::size_t column : fit.aliased) {
    const std::size_t nominal = data.nominal.columns();
    words += sep + (column < nominal ? data.nominal.names[column]
                                     : data.proportional.names[column - nominal]);
    sep = ", ";
  }
  return words;
}

}  // namespace angiotrial::analysis
