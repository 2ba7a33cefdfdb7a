// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counts/random_intercept_likelihood.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <limits>
#include <vector>

namespace angiotrial::analysis {

/// The likelihood on psi = base + T z, with z of the size of standard errors, and its maximum.
class InterceptAscent {
 public:
  InterceptAscent(InterceptLikelihood& likelihood, CountFamily family, Eigen::VectorXd base,
                  Eigen::MatrixXd transform);

  /// Limited-memory BFGS to near the top, then Newton: with the exact information where the
  /// quadrature is fine enough for it, else with differences of the gradient. Returns whether a
  /// maximum was reached.
  bool climb();
  [[nodiscard]] Eigen::VectorXd psi() const { return base_ + transform_ * z_; }
  [[nodiscard]] double value() const { return value_; }
  /// T (- d2l / dz2)^-1 T' at the maximum.
  [[nodiscard]] Eigen::MatrixXd covariance() const;

 private:
  double evaluate(const Eigen::VectorXd& z, Eigen::VectorXd& gradient);
  static double objective(const std::vector<double>& z, std::vector<double>& gradient, void* self);
  bool newton();
  void search(double tolerance);
  bool factor_information();
  bool polish();

  InterceptLikelihood& likelihood_;
  CountFamily family_;
  Eigen::VectorXd base_;
  Eigen::MatrixXd transform_;
  Eigen::VectorXd z_, gradient_;
  Eigen::VectorXd psi_, point_, slope_, above_;  ///< scratch
  Eigen::MatrixXd information_;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
  double value_ = -std::numeric_limits<double>::infinity();
};

}  // namespace angiotrial::analysis
