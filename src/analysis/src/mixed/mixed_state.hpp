// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include "linear/cluster_leverage.hpp"
#include "mixed/mixed_structure.hpp"
#include "symmetric_eigen.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Patients with the same visits in the same covariance group. All of the likelihood is in
/// cross[j, k] = sum over them of z_j z_k', z_j the row (design, residual) of visit j without the
/// columns that are 0 at that visit for everyone.
struct VisitPattern {
  std::size_t group = 0;  ///< class of covariance
  std::uint64_t mask = 0;
  std::vector<Eigen::Index> visits;
  double patients = 0.0;
  std::vector<double> cross;          ///< blocks, row by row
  std::vector<std::size_t> block_at;  ///< of block j * visits + k

  // At the present theta.
  Eigen::MatrixXd v;  ///< inverse of the covariance
  Eigen::MatrixXd lower;
  Eigen::MatrixXd spread;  ///< sum of r r' + X Phi X'
  Eigen::MatrixXd inner;   ///< V spread V
  Eigen::MatrixXd product;
  std::vector<Eigen::MatrixXd> derivatives;
  // Of something, since an unset state may not be moved.
  Eigen::LLT<Eigen::MatrixXd> llt{Eigen::MatrixXd::Identity(1, 1)};
};

/// Where the pattern of a class and a set of visits stands.
struct PatternKey {
  std::size_t in_class = 0;
  std::uint64_t mask = 0;
  std::size_t pattern = 0;
};

struct PatientRows {
  Eigen::Index first = 0;
  Eigen::Index rows = 0;
  std::size_t pattern = 0;
  int label = 0;  ///< in the model; patients stand in its order
};

/// What a joint test of l contrasts keeps for its memory.
struct JointParts {
  Eigen::MatrixXd rows;         ///< l x p
  Eigen::MatrixXd coordinates;  ///< p x l: R^-1 rows'
  Eigen::MatrixXd by_coefficient, covariance, gram, scaled, turned, part;
  Eigen::MatrixXd parts, weighted_parts;  ///< column i: Y' P_i Y as a vector
  Eigen::VectorXd traces, weighted_traces, beta, direction, contrast, difference, solved;
  Eigen::LLT<Eigen::MatrixXd> llt{Eigen::MatrixXd::Identity(1, 1)};
  SymmetricEigen spectrum;
};

/// Everything of one fit. p columns; row p of augmented matrices belongs to the residual.
struct MixedWorkspace::State {
  // Data, rows sorted by patient and visit.
  Eigen::Index n = 0, p = 0, m = 0;
  Criterion criterion = Criterion::reml;
  std::size_t groups = 1;  ///< that have a theta
  std::size_t classes =
      1;  ///< that have a Sigma: groups, or the patients of a group by their times
  std::vector<std::size_t> group_of;       ///< by class
  std::vector<std::vector<double>> times;  ///< by class and visit
  std::vector<double> typical_times;       ///< by visit
  bool tied_times = false;                 ///< two rows of a patient, or two visits, at one time
  double time_origin = 0.0, time_unit = 1.0;
  std::vector<std::size_t> order;
  std::vector<Eigen::Index> row_visit;
  std::vector<std::size_t> row_group;
  std::vector<double> x_entries;
  Eigen::Map<Eigen::MatrixXd> x{nullptr, 0, 0};    ///< (p + 1) x n, one column a row of data
  std::vector<std::vector<Eigen::Index>> columns;  ///< by visit: those not always 0, then p
  std::vector<PatientRows> patients;
  std::vector<VisitPattern> patterns;
  std::vector<VisitPattern> spare_patterns;  ///< of earlier fits, for their memory
  std::vector<PatternKey> pattern_of;        ///< rising
  Eigen::VectorXd least_squares;             ///< the residual is y - X least_squares
  double unexplained = 1.0;        ///< share of the response's squares that least squares leave
  double least_unexplained = 1.0;  ///< the smallest such share of a visit

  // The model at theta.
  std::vector<Structure> structures;  ///< by class
  Structure typical;                  ///< at typical_times
  Eigen::VectorXd theta;
  double minus_two_log_likelihood = 0.0;
  Eigen::MatrixXd half, k;                           ///< (p + 1) x (p + 1): sum of Z' V Z
  Eigen::LLT<Eigen::MatrixXd> cholesky;              ///< of its first p rows
  Eigen::VectorXd beta;                              ///< on the residual
  Eigen::MatrixXd phi;                               ///< inverse of X' V X
  Eigen::VectorXd gradient;                          ///< of -2 log-likelihood
  Eigen::MatrixXd hessian;                           ///< observed
  std::vector<Eigen::MatrixXd> score;                ///< by class: gradient in the entries of Sigma
  std::vector<std::vector<Eigen::MatrixXd>> p_pair;  ///< by class and pair of visits
  Eigen::MatrixXd p_tilde;  ///< column i: R^-1 (X' V Sigma_i V X) R^-T as a vector, K = R R'
  Eigen::MatrixXd b_tilde;  ///< column i: R^-1 X' V Sigma_i V r

  // Inference, filled when first asked for.
  Eigen::MatrixXd theta_covariance;
  bool has_kr_linear = false, has_kr_exact = false, has_whitened = false;
  Eigen::MatrixXd kr_linear, kr_exact;
  Eigen::MatrixXd whitened;           ///< n x p: L^-1 X_i R^-T, Sigma_i = L L'
  Eigen::VectorXd whitened_residual;  ///< L^-1 r_i
  std::vector<int> patient_of;        ///< by row
  ClusterLeverage leverage;           ///< of patients, in those coordinates
  Eigen::VectorXd ones;
  Eigen::MatrixXd identity;
  Eigen::VectorXd coordinates, turned, slope, weighted_slope;  ///< of a contrast
  Eigen::MatrixXd sandwich, by_theta, group_covariance;
  Eigen::MatrixXd second, unit, unit_curvature;  ///< of the exact form of Kenward and Roger

  JointParts joint;

  // Scratch, so that a warm fit asks for no memory.
  Eigen::VectorXd gamma;  ///< (-beta, 1)
  Eigen::MatrixXd psi, left, curvature, product, transformed;
  Eigen::MatrixXd sum, whole;                        ///< (p + 1) x (p + 1)
  std::vector<Eigen::MatrixXd> quadratic, jacobian;  ///< by class
  Eigen::VectorXd from, step, trial;
  Eigen::LLT<Eigen::MatrixXd> newton;
  Eigen::MatrixXd expected, largest, gram;
  Eigen::VectorXd column_scale, squares, left_over;
  Eigen::MatrixXd together, moments, correlation;  ///< of visits
  Eigen::VectorXd variances, visit_scale;
  Eigen::LLT<Eigen::MatrixXd> correlation_llt;
  SymmetricEigen correlation_spectrum, information_spectrum;
  Eigen::MatrixXd scaled_information;
  Eigen::VectorXd information_scale;

  MixedFit fit;

  [[nodiscard]] Eigen::Index per_group() const { return structures[0].parameters(); }
  /// Where a class's parameters begin in theta.
  [[nodiscard]] Eigen::Index theta_at(std::size_t in_class) const {
    return static_cast<Eigen::Index>(group_of[in_class]) * per_group();
  }
};

using MixedState = MixedWorkspace::State;

/// As new, but for the memory.
void clear(MixedFit& fit);
/// Checks and sorts the data, takes least-squares residuals and sums the cross-products.
[[nodiscard]] MixedStatus load(const RepeatedModel& model, MixedState& s);
/// Positive definite moments of the least-squares residuals of a group, to start from: s.moments.
void take_residual_moments(MixedState& s, std::size_t group);
/// Whether every visit has been seen twice, and for the unstructured form every pair together; for
/// compound symmetry and the random intercept, two patients and a pair of visits. False where the
/// structure needs distinct times and there are ties.
[[nodiscard]] bool estimable(MixedState& s, CovarianceStructure structure);

/// The structure of every class, after load().
void choose_structures(MixedState& s, CovarianceStructure structure);

/// -2 log-likelihood, coefficients and their covariance at theta; false where Sigma is not positive
/// definite to working accuracy.
[[nodiscard]] bool evaluate(MixedState& s, const Eigen::VectorXd& theta);
/// Gradient there.
void differentiate_once(MixedState& s);
/// Gradient and observed Hessian there.
void differentiate(MixedState& s);
/// Sums the cross-products, patient by patient.
void sum_cross_products(MixedState& s);
/// Sums them again, patient i counted weights[i] times (in the order of s.patients).
void weigh_patients(MixedState& s, std::span<const double> weights);
/// Adds a patient's cross-products, times a weight, to its pattern.
void add_patient(MixedState& s, const PatientRows& patient, double weight);
/// Newton from a theta near the maximum, on the cross-products as they are; fills s.fit's numbers
/// on convergence but not its vectors.
[[nodiscard]] MixedStatus refit(MixedState& s, const Eigen::VectorXd& start);
/// Expected information, times 2; after differentiate(), whose sums it overwrites.
[[nodiscard]] const Eigen::MatrixXd& expected_hessian(MixedState& s);
/// Adds sum over j, k of w_jk cross[j, k] to `half` so that half + half' is the whole.
void add_weighted(const MixedState& s, const VisitPattern& pattern, const Eigen::MatrixXd& w,
                  Eigen::MatrixXd& half);
/// The rows and columns of a pattern's visits.
void restrict_to(const VisitPattern& pattern, const Eigen::MatrixXd& full, Eigen::MatrixXd& out);

}  // namespace angiotrial::analysis
