// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "hermite_rule.hpp"
#include "ordinal/intercept_rows.hpp"

#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Log-likelihood of a cumulative logit with a random intercept and its gradient in
/// (theta, gamma, beta, log sigma), sign at_most. The nodes of each group stand about its mode, and
/// the gradient is the exact derivative of the quadrature sum, the motion of the nodes included;
/// after `follow` both are looser and cheaper.
class RandomInterceptLikelihood {
 public:
  RandomInterceptLikelihood(const CumulativeModel& model, std::span<const int> group, int nodes);

  [[nodiscard]] Eigen::Index parameters() const { return rows_.coefficients() + 1; }
  [[nodiscard]] std::size_t groups() const { return rows_.groups(); }
  void use_nodes(int nodes);
  /// -infinity where the thresholds of a row cross.
  double evaluate(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient);
  /// Where later searches of the modes start: the modes of the last evaluation.
  void keep_modes() { start_ = mode_; }
  /// sigma times the modes of the last evaluation.
  [[nodiscard]] const std::vector<double>& modes() const { return mode_; }

  /// Where the modes are about `about`: each step there (a column) moves them by a column of
  /// `moves`. From here on nodes stand about what this predicts unless it is more than a quarter of
  /// a standard deviation off, and the gradient is that of the integral, the same up to the error
  /// of the quadrature.
  void follow(const Eigen::VectorXd& about, const Eigen::MatrixXd& steps,
              const Eigen::MatrixXd& moves);

 private:
  /// Sums over the rows of a group at s = sigma u: the first three derivatives of its
  /// log-likelihood in s.
  struct Moments {
    double first = 0.0;
    double second = 0.0;
    double third = 0.0;
  };
  /// The derivatives of the quadrature sum in the place and in the spread of the nodes.
  struct Motion {
    double pull = 0.0;
    double stretch = 0.0;
  };
  void predict_modes(const Eigen::VectorXd& parameters);
  double add_group(std::size_t g, double sigma, double& log_sigma_slope);
  Moments find_centre(std::size_t g, double sigma);
  Moments moments_at(std::size_t g, double shift);
  double node_pass(std::size_t g, Eigen::Index column, double shift);
  [[nodiscard]] double log_product(std::size_t g, double shift) const;
  double weigh_nodes();
  void move_nodes(std::size_t g, double sigma, const Moments& m, const Motion& motion,
                  double& log_sigma_slope);

  InterceptRows rows_;
  HermiteRule rule_;
  Eigen::Index centre_ = 0;          ///< column of the means at the centre
  Eigen::MatrixXd mean_a_, mean_b_;  ///< F(a) and F(b) by row of the group and node
  Eigen::VectorXd in_a_, in_b_;      ///< slopes of the group in hand
  std::vector<double> product_;
  Eigen::VectorXd share_, node_slope_;
  double log_largest_ = 0.0;  ///< log(1 + the largest e^a or e^b)
  std::vector<double> start_, mode_;

  bool following_ = false;
  Eigen::VectorXd about_, drift_of_;
  Eigen::MatrixXd drift_;  ///< groups x parameters
  std::vector<double> mode_about_;
};

}  // namespace angiotrial::analysis
