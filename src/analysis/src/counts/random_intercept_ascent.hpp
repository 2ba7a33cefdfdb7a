// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counts/random_intercept_likelihood.hpp"

#include <nlopt.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <limits>
#include <optional>
#include <vector>

namespace angiotrial::analysis {

/// Where an ascent starts, from a fit without intercepts.
struct InterceptStart {
  Eigen::VectorXd beta;
  Eigen::MatrixXd root;  ///< of the covariance of beta
  double phi = 0.0;
};

/// The likelihood on psi = base + T z, with z of the size of standard errors, and its maximum.
/// Keeps its buffers between climbs.
class InterceptAscent {
 public:
  explicit InterceptAscent(InterceptLikelihood& likelihood) : likelihood_(likelihood) {}
  InterceptAscent(const InterceptAscent&) = delete;  // the search points to its ascent
  InterceptAscent& operator=(const InterceptAscent&) = delete;

  /// Limited-memory BFGS to near the top, then Newton: with the exact information where the
  /// quadrature is fine enough for it, else with differences of the gradient. Without `intercept`
  /// sigma stays at 0.
  void climb(const InterceptStart& start, CountFamily family, bool intercept);

  /// Whether the last climb reached a maximum.
  [[nodiscard]] bool converged() const { return converged_; }
  [[nodiscard]] CountFamily family() const { return family_; }
  [[nodiscard]] bool intercept() const { return intercept_; }
  [[nodiscard]] double log_likelihood() const { return log_likelihood_; }
  /// beta, log sigma, log phi
  [[nodiscard]] const Eigen::VectorXd& psi() const { return psi_; }
  /// T (- d2l / dz2)^-1 T' at the maximum: of psi; 0 where a parameter was not estimated.
  [[nodiscard]] const Eigen::MatrixXd& covariance();

 private:
  void stand_at(const InterceptStart& start);
  bool reach_top();
  void take_psi();
  double evaluate(const Eigen::VectorXd& z, Eigen::VectorXd& gradient);
  static double objective(const std::vector<double>& z, std::vector<double>& gradient, void* self);
  bool newton();
  void search(double tolerance);
  bool factor_information();
  bool polish();

  InterceptLikelihood& likelihood_;
  CountFamily family_ = CountFamily::quadratic_nb;
  bool intercept_ = true;
  bool converged_ = false;
  double log_likelihood_ = -std::numeric_limits<double>::infinity();
  Eigen::VectorXd base_, z_, psi_;
  Eigen::MatrixXd transform_;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;  ///< of the information on z
  std::optional<nlopt::opt> search_;
  // Scratch.
  std::vector<double> searched_;
  Eigen::VectorXd gradient_;  ///< by psi
  Eigen::VectorXd slope_;     ///< by z
  Eigen::VectorXd move_, point_, above_, below_;
  Eigen::MatrixXd information_, half_, by_z_, covariance_;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> solved_;
};

}  // namespace angiotrial::analysis
