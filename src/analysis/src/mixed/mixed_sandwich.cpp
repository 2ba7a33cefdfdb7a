// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_sandwich.hpp"

#include <algorithm>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedState;

/// Rows and residuals in coordinates in which they are independent and the bread is the identity.
void whiten(State& s) {
  if (s.has_whitened) return;
  s.has_whitened = true;
  s.whitened = s.x.topRows(s.p).transpose();
  s.whitened_residual = s.x.row(s.p).transpose();
  s.whitened_residual.noalias() -= s.whitened * s.beta;
  s.patient_of.resize(static_cast<std::size_t>(s.whitened.rows()));
  for (std::size_t i = 0; i < s.patients.size(); ++i) {
    const PatientRows& patient = s.patients[i];
    const auto lower = s.patterns[patient.pattern].lower.triangularView<Eigen::Lower>();
    lower.solveInPlace(s.whitened.middleRows(patient.first, patient.rows));
    lower.solveInPlace(s.whitened_residual.segment(patient.first, patient.rows));
    const auto first = s.patient_of.begin() + patient.first;
    std::fill(first, first + patient.rows, static_cast<int>(i));
  }
  s.cholesky.matrixU().solveInPlace<Eigen::OnTheRight>(s.whitened);
  s.ones.setOnes(s.whitened.rows());
  s.identity.setIdentity(s.p, s.p);
  s.leverage.compute(s.whitened, s.identity, s.ones, s.patient_of);
}

ClusterCorrection correction_of(MixedInference inference) {
  if (inference == MixedInference::cr3) return ClusterCorrection::inverse;
  return inference == MixedInference::cr2 ? ClusterCorrection::square_root
                                          : ClusterCorrection::none;
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

const VectorXd& patient_score(State& s, Index patient, MixedInference inference) {
  whiten(s);
  return s.leverage.score(static_cast<int>(patient), s.whitened_residual, correction_of(inference));
}

void take_sandwich(State& s, MixedInference inference, MatrixXd& out) {
  whiten(s);
  s.leverage.sandwich(s.whitened_residual, correction_of(inference), out);
  untransform(s, out);
}

bool rests_on_one(State& s, const VectorXd& z) {
  whiten(s);
  return s.leverage.carries(z);
}

void strike_out(State& s, MatrixXd& covariance) {
  const MatrixXd coordinates = s.cholesky.matrixL().solve(MatrixXd::Identity(s.p, s.p));
  for (Index j = 0; j < s.p; ++j) {
    if (!rests_on_one(s, coordinates.col(j))) continue;
    covariance.row(j).setConstant(std::numeric_limits<double>::quiet_NaN());
    covariance.col(j).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
}

double sandwich_df(State& s, const VectorXd& z, MixedInference inference) {
  whiten(s);
  return s.leverage.bell_mccaffrey(z, correction_of(inference));
}

}  // namespace angiotrial::analysis
