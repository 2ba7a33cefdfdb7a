// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

[[nodiscard]] inline bool is_toeplitz(CovarianceStructure kind) {
  return kind == CovarianceStructure::heterogeneous_toeplitz ||
         kind == CovarianceStructure::toeplitz;
}
[[nodiscard]] inline bool is_ante_dependence(CovarianceStructure kind) {
  return kind == CovarianceStructure::heterogeneous_ante_dependence ||
         kind == CovarianceStructure::ante_dependence;
}
[[nodiscard]] inline bool is_compound(CovarianceStructure kind) {
  return kind == CovarianceStructure::heterogeneous_compound_symmetry ||
         kind == CovarianceStructure::compound_symmetry;
}
/// Whether each visit has a variance of its own.
[[nodiscard]] inline bool has_visit_variances(CovarianceStructure kind) {
  return kind == CovarianceStructure::unstructured ||
         kind == CovarianceStructure::heterogeneous_toeplitz ||
         kind == CovarianceStructure::heterogeneous_ante_dependence ||
         kind == CovarianceStructure::heterogeneous_ar1 ||
         kind == CovarianceStructure::heterogeneous_compound_symmetry;
}
/// The correlation below which a compound symmetric matrix is not positive definite.
[[nodiscard]] inline double least_compound(Eigen::Index visits) {
  return -1.0 / static_cast<double>(visits - 1);
}

/// Sigma(theta) with its first and second derivatives.
///
///   Sigma_ab = s_a s_b R_ab(phi),   log s = h x (first entries of theta),   phi = the others
///
/// R is a correlation matrix; for the unstructured form R = L L' with L unit lower triangular, for
/// the random slope R = I + Z L L' Z'; the random intercept is here that of variance 0, R = I (with
/// a variance it is compound symmetry). theta is unbounded. h is 1, or 1/2 for the spatial form,
/// whose first entry is a log variance: so theta is that of the R package mmrm.
class Structure {
 public:
  void choose(CovarianceStructure kind, Eigen::Index visits, std::span<const double> times);

  [[nodiscard]] Eigen::Index parameters() const { return scales_ + phis_; }
  /// Entries of theta that are log standard deviations (log variances in the spatial form).
  [[nodiscard]] Eigen::Index scales() const { return scales_; }
  /// Computes what the accessors below return; theta has parameters() entries.
  void set(const double* theta);
  [[nodiscard]] const Eigen::MatrixXd& covariance() const { return sigma_; }
  [[nodiscard]] const std::vector<Eigen::MatrixXd>& derivatives() const { return first_; }
  /// out_ij = sum over a, b of g_ab d2 Sigma_ab / dtheta_i dtheta_j, g symmetric.
  void contract(const Eigen::MatrixXd& g, Eigen::MatrixXd& out);
  /// A theta near a positive definite matrix of second moments.
  void start(const Eigen::MatrixXd& moments, double* theta);

 private:
  void set_correlation(const double* phi);
  void set_triangular(const double* phi);
  void set_triangular_slope(Eigen::Index x, Eigen::Index c, Eigen::MatrixXd& d) const;
  void set_ante_dependence();
  void contract_correlation(const Eigen::MatrixXd& g, Eigen::MatrixXd& out) const;
  void contract_ante_dependence(Eigen::Index a, Eigen::Index b, double weight,
                                Eigen::MatrixXd& out) const;
  void contract_triangular(const Eigen::MatrixXd& g, Eigen::MatrixXd& out);
  void start_triangular(const Eigen::MatrixXd& moments, double* theta);
  [[nodiscard]] double lag(Eigen::Index a, Eigen::Index b) const;
  [[nodiscard]] bool triangular() const {
    return kind_ == CovarianceStructure::unstructured || kind_ == CovarianceStructure::random_slope;
  }

  CovarianceStructure kind_ = CovarianceStructure::unstructured;
  Eigen::Index m_ = 0;
  Eigen::Index scales_ = 0, phis_ = 0;
  double h_ = 1.0;
  std::vector<double> times_;
  Eigen::VectorXd s_;
  Eigen::VectorXd f_, f1_, f2_;  ///< map of phi to a correlation, and its derivatives
  Eigen::MatrixXd r_, sigma_, lower_, z_;
  Eigen::MatrixXd full_;   ///< F with R = F F' (+ I)
  Eigen::MatrixXd outer_;  ///< s s'
  std::vector<Eigen::MatrixXd> r1_, first_;

  // Scratch.
  Eigen::MatrixXd scaled_, weighted_, corner_, side_, bend_, turned_, half_turned_, correlation_;
  Eigen::VectorXd sd_;
  // Of something, since an unset state may not be moved.
  Eigen::LLT<Eigen::MatrixXd> llt_{Eigen::MatrixXd::Identity(1, 1)};
};

}  // namespace angiotrial::analysis
