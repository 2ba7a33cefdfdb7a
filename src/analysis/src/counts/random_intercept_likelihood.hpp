// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// Nodes of Gauss-Hermite quadrature with weights times exp(x^2) / sqrt(pi).
struct HermiteRule {
  std::vector<double> node, weight;
};
[[nodiscard]] HermiteRule hermite_rule(int points);

/// Rows ordered by patient, and the buffers of the likelihood.
class InterceptLikelihood {
 public:
  explicit InterceptLikelihood(const InterceptModel& model);

  /// psi = (beta, log sigma, log phi); log sigma may be - infinity: no random intercept. The
  /// gradient has the same length; its entry for log phi is 0 for Poisson.
  double evaluate(const Eigen::VectorXd& psi, CountFamily family, Eigen::VectorXd& gradient);

  [[nodiscard]] std::size_t patients() const { return first_.size() - 1; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] int evaluations() const { return evaluations_; }
  /// Modes of u_g = b_g / sigma at the last evaluation.
  [[nodiscard]] const std::vector<double>& modes() const { return mode_; }

 private:
  template <class Density>
  double sum_patients(const Density& density, double sigma, Eigen::VectorXd& gradient);
  template <class Density>
  double one_patient(const Density& density, std::size_t patient, double sigma,
                     Eigen::VectorXd& gradient);
  template <class Density>
  double find_mode(const Density& density, std::size_t patient, double sigma);
  double counts_alone(double phi, double& slope) const;

  std::size_t columns_;
  HermiteRule rule_;
  std::vector<double> x_, y_, offset_;
  std::vector<std::size_t> first_;  ///< first row of each patient, and the number of rows
  std::vector<double> tail_;        ///< tail[j] = number of counts above j
  double log_factorials_ = 0.0;
  std::vector<double> eta_, mu_, mode_, slope_, at_node_;
  int evaluations_ = 0;
};

}  // namespace angiotrial::analysis
