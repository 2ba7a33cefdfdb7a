// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "ordinal/hermite_rule.hpp"

#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Log-likelihood of a cumulative logit with a random intercept and its gradient in
/// (theta, gamma, beta, log sigma), sign at_most.
class RandomInterceptLikelihood {
 public:
  /// How the gradient treats the nodes, which follow the mode of each group.
  enum class Nodes {
    moving,  ///< the exact derivative of the quadrature sum
    fixed    ///< the derivative of the integral: the same up to the error of the quadrature
  };

  RandomInterceptLikelihood(const CumulativeModel& model, std::span<const int> group, int nodes,
                            Nodes treatment);

  [[nodiscard]] Eigen::Index parameters() const { return coefficients_ + 1; }
  [[nodiscard]] std::size_t groups() const { return first_.size() - 1; }
  /// -infinity where the thresholds of a row cross.
  double evaluate(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient);
  /// Where later searches of the modes start: the modes of the last evaluation.
  void keep_modes() { start_ = mode_; }
  /// sigma times the modes of the last evaluation.
  [[nodiscard]] const std::vector<double>& modes() const { return mode_; }

 private:
  /// Sums over the rows of a group at s = sigma u: the first three derivatives of its
  /// log-likelihood in s.
  struct Moments {
    double first = 0.0;
    double second = 0.0;
    double third = 0.0;
  };
  struct Gap {
    double log = 0.0;
    double slope = 0.0;
  };
  static Gap gap(double d);
  /// What all rows of a category share where z has no columns.
  struct Category {
    double upper = 0.0;
    double lower = 0.0;
    double constant = 0.0;
    double gap_slope = 0.0;
  };
  bool read_predictors(const Eigen::VectorXd& parameters);
  bool read_by_category(const Eigen::VectorXd& parameters);
  bool read_by_row(const Eigen::VectorXd& parameters);
  double add_group(std::size_t group, double sigma, double& log_sigma_slope);
  Moments find_mode(std::size_t group, double sigma);
  Moments moments_at(std::size_t group, double shift, bool third);
  double node_pass(std::size_t group, Eigen::Index q, double shift, double& slope);
  void move_nodes(std::size_t group, double sigma, double pull, double stretch,
                  double& log_sigma_slope);
  void collect(Eigen::VectorXd& gradient) const;

  Eigen::Index coefficients_ = 0;
  Eigen::Index thresholds_ = 0;
  Nodes treatment_;
  HermiteRule rule_;
  Eigen::MatrixXd x_, z_;  ///< rows by group
  std::vector<int> response_;
  std::vector<Eigen::Index> first_;  ///< first row of a group; one past the last
  bool unit_weights_ = true;
  Eigen::ArrayXd weight_, below_top_;
  Eigen::ArrayXd upper_, lower_;  ///< e^a and e^b at u = 0, 0 where there is no such threshold
  Eigen::ArrayXd gap_slope_;      ///< q = 1 / (e^(a - b) - 1)
  Eigen::ArrayXd constant_;       ///< what a row adds whatever u
  Eigen::ArrayXd eta_, slope_a_, slope_b_;
  Eigen::ArrayXd a_, b_, product_;   ///< of the group in hand
  Eigen::ArrayXXd mean_a_, mean_b_;  ///< F(a) and F(b) by row of the group and node
  std::vector<Category> by_category_;
  std::vector<double> start_, mode_, group_largest_, node_value_, node_slope_;
};

}  // namespace angiotrial::analysis
