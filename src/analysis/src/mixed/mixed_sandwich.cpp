// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_sandwich.hpp"
#include "symmetric_eigen.hpp"

#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedState;

/// (X_i' whitened)' for all patients, in the coordinates of R, and what one carries alone.
void whiten(State& s) {
  if (s.has_whitened) return;
  s.has_whitened = true;
  s.whitened = s.x.topRows(s.p);
  for (const PatientRows& patient : s.patients) {
    auto block = s.whitened.middleCols(patient.first, patient.rows);
    const MatrixXd& lower = s.patterns[patient.pattern].lower;
    MatrixXd rows = block.transpose();
    lower.triangularView<Eigen::Lower>().solveInPlace(rows);
    block = rows.transpose();
  }
  s.cholesky.matrixL().solveInPlace(s.whitened);
  s.lone.clear();
  for (const PatientRows& patient : s.patients) {
    const auto rows = s.whitened.middleCols(patient.first, patient.rows);
    // The trace of the information, which no leverage exceeds, spares most products.
    if (rows.squaredNorm() >= 1.0 - least_left) s.lone.add(rows * rows.transpose());
  }
}

/// (I - H)^(-power / 2) of a patient: CR0, CR2, CR3 have powers 0, 1, 2.
MatrixXd leverage_power(const MatrixXd& rows, MixedInference inference) {
  MatrixXd out = MatrixXd::Identity(rows.cols(), rows.cols());
  if (inference == MixedInference::cr0) return out;
  const SymmetricEigen solver(out - rows.transpose() * rows);
  // A direction that a patient carries alone adds nothing to contrasts that do not rest on it.
  const double exponent = inference == MixedInference::cr2 ? -0.5 : -1.0;
  const VectorXd scaled = solver.eigenvalues().unaryExpr(
      [&](double value) { return value > least_left ? std::pow(value, exponent) : 0.0; });
  return solver.eigenvectors() * scaled.asDiagonal() * solver.eigenvectors().transpose();
}

}  // namespace

void untransform(const State& s, MatrixXd& a) {
  const auto upper = s.cholesky.matrixU();
  upper.solveInPlace(a);
  a.transposeInPlace();
  upper.solveInPlace(a);
  // The mean of both triangles, which rounding has made different.
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) a(i, j) = a(j, i) = 0.5 * (a(i, j) + a(j, i));
  }
}

bool rests_on_one(State& s, const VectorXd& z) {
  whiten(s);
  return s.lone.carry(z);
}

VectorXd patient_score(State& s, const PatientRows& patient, MixedInference inference) {
  whiten(s);
  const MatrixXd rows = s.whitened.middleCols(patient.first, patient.rows);
  const auto data = s.x.middleCols(patient.first, patient.rows);
  const VectorXd raw = data.row(s.p).transpose() - data.topRows(s.p).transpose() * s.beta;
  const VectorXd residual =
      s.patterns[patient.pattern].lower.triangularView<Eigen::Lower>().solve(raw);
  return rows * (leverage_power(rows, inference) * residual);
}

/// Phi { sum X_i'V_i A_i r_i r_i' A_i' V_i X_i } Phi.
MatrixXd sandwich(State& s, MixedInference inference) {
  MatrixXd meat = MatrixXd::Zero(s.p, s.p);
  for (const PatientRows& patient : s.patients) {
    const VectorXd score = patient_score(s, patient, inference);
    meat.noalias() += score * score.transpose();
  }
  untransform(s, meat);
  return meat;
}

/// 2 E^2 / var of the sandwich variance of a contrast under the fitted covariance: with G the
/// matrix of the quadratic form, (tr G)^2 / tr G^2.
double sandwich_df(State& s, const VectorXd& z, MixedInference inference) {
  whiten(s);
  double trace = 0.0;
  double squares = 0.0;
  MatrixXd cross = MatrixXd::Zero(s.p, s.p);
  for (const PatientRows& patient : s.patients) {
    const MatrixXd rows = s.whitened.middleCols(patient.first, patient.rows);
    const VectorXd q = leverage_power(rows, inference) * (rows.transpose() * z);
    const VectorXd t = rows * q;
    trace += q.squaredNorm() - t.squaredNorm();
    squares += q.squaredNorm() * (q.squaredNorm() - 2.0 * t.squaredNorm());
    cross.noalias() += t * t.transpose();
  }
  return trace * trace / (squares + cross.squaredNorm());
}

}  // namespace angiotrial::analysis
