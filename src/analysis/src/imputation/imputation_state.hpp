// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/imputation/reference_based.hpp>

#include "linear/column_rank.hpp"
#include "mixed/mixed_state.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/QR>
#include <vector>

namespace angiotrial::analysis {

/// Patients whose missing visits have the same covariance given the others:
///
///   y_m | y_s ~ N(mu_m + B (y_s - mu_s), L L'),   B = S_ms S_ss^-1,   L L' = S_mm - B S_sm
struct ImputationClass {
  int arm = 0;
  int event = 0;  ///< visits: none
  ImputationStrategy strategy = ImputationStrategy::missing_at_random;
  std::uint64_t mask = 0;  ///< of visits seen
  std::vector<Eigen::Index> seen, missing;
  Eigen::MatrixXd seen_block, b, lower, sigma;
  // Of something, since an unset state may not be copied.
  Eigen::LLT<Eigen::MatrixXd> llt{Eigen::MatrixXd::Identity(1, 1)};
  Eigen::LLT<Eigen::MatrixXd> spread{Eigen::MatrixXd::Identity(1, 1)};
};

/// Patients of each arm in the order of their labels, so that a draw does not depend on the order
/// of the data.
struct Roster {
  std::vector<std::uint32_t> label;
  std::vector<std::size_t> order;
  std::vector<std::vector<std::size_t>> by_arm;

  void read(const IncompleteTrial& trial);
};

struct IncompletePatient {
  std::size_t patient = 0;
  std::size_t in_class = 0;
};

struct ImputationWorkspace::State {
  // The trial, patients in columns.
  std::size_t patients = 0;
  Eigen::Index visits = 0, arms = 0, by_visit = 0, constant = 0;
  std::vector<int> arm, reference, event;
  std::vector<ImputationStrategy> strategy;
  Eigen::MatrixXd outcome;    ///< visits x patients
  Eigen::MatrixXd covariate;  ///< (by_visit, then constant) x patients, centred
  std::vector<IncompletePatient> incomplete;
  std::vector<ImputationClass> classes;
  std::vector<ImputationClass> spare_classes;  ///< of earlier trials, for their memory

  // The model: at each visit an intercept, arms and covariates; then the constant covariates.
  MixedWorkspace mixed;
  std::vector<double> response, design;
  std::vector<int> row_patient, row_visit, row_group;
  std::vector<std::ptrdiff_t> model_patient;  ///< place among the model's patients; -1: none
  Eigen::VectorXd coefficients;
  Eigen::VectorXd theta;                  ///< of all patients
  Eigen::LLT<Eigen::MatrixXd> curvature;  ///< Hessian there

  // The analysis: A = (1, arms, centred adjustment), H = (A'A)^-1 A'.
  Eigen::MatrixXd a;  ///< columns of A x patients
  Eigen::MatrixXd h;
  Eigen::MatrixXd inverse;  ///< (A'A)^-1
  Eigen::MatrixXd shift;    ///< visits x patients: delta
  Eigen::MatrixXd completed;
  Eigen::MatrixXd estimates;   ///< columns of A x visits
  Eigen::MatrixXd replicates;  ///< parameters x (1 + patients): of all, then without each

  // Scratch.
  Eigen::VectorXd mean, other_mean, seen_residual, weights, residual;
  std::vector<double> saved_cross;
  std::vector<int> sorted_labels;
  std::vector<Eigen::Index> seen, missing;
  Eigen::MatrixXd reference_block, regression, slope, half_slope;
  Eigen::LLT<Eigen::MatrixXd> block_llt;
  Eigen::MatrixXd analysis_design, root, back;
  RankScratch rank;
  Eigen::HouseholderQR<Eigen::MatrixXd> qr;

  // Of multiple imputation: one row an imputation, one column a parameter.
  Roster roster;
  Eigen::MatrixXd estimate_of_draw, variance_of_draw;
  Eigen::MatrixXd total;  ///< of the completed data
  Eigen::VectorXd values, normals;

  ImputationResult result;

  [[nodiscard]] Eigen::Index parameters() const { return visits * (2 * arms - 1); }
};

using ImputationState = ImputationWorkspace::State;

/// Checks, fits the model to all patients and lays out classes and analysis.
[[nodiscard]] ImputationStatus prepare(const IncompleteTrial& trial, ImputationState& s);
/// visits x patients: the direction on imputed values of `delta` (arms x visits).
void spread_delta(const ImputationState& s, std::span<const double> delta, DeltaScope scope,
                  Eigen::MatrixXd& out);

/// Takes coefficients and covariance from where the model stands; false where a class has none.
[[nodiscard]] bool take_parameters(ImputationState& s);
/// Conditional means and `shift`, in s.completed.
void impute_means(ImputationState& s);
/// The conditional mean of one patient's missing visits, in s.completed.
void impute_mean(ImputationState& s, const IncompletePatient& one);

/// Contrasts and means of all visits from y (visits x patients), of all patients or without one.
/// Contrasts first, visit by visit; then means.
void analyse_visits(ImputationState& s, const Eigen::MatrixXd& y, std::ptrdiff_t without,
                    Eigen::Ref<Eigen::VectorXd> out);
/// Refits without each patient: fills s.replicates.
[[nodiscard]] ImputationStatus leave_each_out(ImputationState& s);

}  // namespace angiotrial::analysis
