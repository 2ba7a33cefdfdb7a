// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "mixed/mixed_sandwich.hpp"
#include "mixed/mixed_state.hpp"
#include "mixed/mixed_times.hpp"

#include <Eigen/Cholesky>
#include <boost/math/distributions/chi_squared.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = MixedWorkspace::State;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// nullptr: a label that the model does not know.
const PatientRows* find_patient(const State& s, int label) {
  const auto found =
      std::lower_bound(s.patients.begin(), s.patients.end(), label,
                       [](const PatientRows& rows, int value) { return rows.label < value; });
  return found != s.patients.end() && found->label == label ? &*found : nullptr;
}

/// Covariance G of the random effects; empty where the structure has none.
MatrixXd effects_covariance(const State& s, std::size_t in_class) {
  if (s.fit.structure == CovarianceStructure::random_slope) {
    // theta = (log sigma, L11, L21, L22), G = sigma^2 L L'.
    const double* theta = s.theta.data() + s.theta_at(in_class);
    MatrixXd lower(2, 2);
    lower << theta[1], 0.0, theta[2], theta[3];
    return std::exp(2.0 * theta[0]) * lower * lower.transpose();
  }
  const bool intercept = s.fit.structure == CovarianceStructure::compound_symmetry ||
                         s.fit.structure == CovarianceStructure::random_intercept;
  if (!intercept || s.m < 2) return {};
  const double shared = s.structures[in_class].covariance()(1, 0);
  if (shared < 0.0) return {};
  return MatrixXd::Constant(1, 1, shared);
}

}  // namespace

RandomEffects predict_random_effects(MixedWorkspace& workspace, int patient) {
  const State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  const PatientRows* rows = find_patient(s, patient);
  if (rows == nullptr) return {};
  const VisitPattern& pattern = s.patterns[rows->pattern];
  const MatrixXd g = effects_covariance(s, pattern.group);
  if (g.size() == 0) return {};
  MatrixXd z = MatrixXd::Ones(rows->rows, g.rows());
  for (Index j = 0; g.rows() > 1 && j < rows->rows; ++j) {
    z(j, 1) = s.times[pattern.group][at(pattern.visits[at(j)])];
  }
  const auto data = s.x.middleCols(rows->first, rows->rows);
  const VectorXd residual = data.row(s.p).transpose() - data.topRows(s.p).transpose() * s.beta;
  VectorXd b = g * (z.transpose() * (pattern.v * residual));
  restore_time_scale(s, b);
  return {true, {b.data(), b.data() + b.size()}};
}

StandardisedMeans standardise_means(MixedWorkspace& workspace, std::span<const double> rows,
                                    std::span<const int> population, MixedInference inference) {
  State& s = workspace.state();
  ANGIOTRIAL_EXPECT(s.fit.status == MixedStatus::fitted, "the model has been fitted");
  ANGIOTRIAL_EXPECT(inference == MixedInference::cr0 || inference == MixedInference::cr2 ||
                        inference == MixedInference::cr3,
                    "a sandwich form");
  const auto n = static_cast<Index>(population.size());
  ANGIOTRIAL_EXPECT(n > 1 && !rows.empty() && rows.size() % at(n * s.p) == 0, "whole arms of rows");
  const Index arms = static_cast<Index>(rows.size()) / (n * s.p);
  const VectorXd beta = s.least_squares + s.beta;
  // Influence of patient i on the mean of arm a: rbar_a' Phi X_i'V_i r_i + (r_ai'beta - m_a) / n.
  MatrixXd influence = MatrixXd::Zero(arms, static_cast<Index>(s.patients.size()));
  MatrixXd predicted(arms, n), mean_row(s.p, arms);
  for (Index a = 0; a < arms; ++a) {
    const Eigen::Map<const MatrixXd> block(rows.data() + a * n * s.p, s.p, n);
    predicted.row(a) = beta.transpose() * block;
    mean_row.col(a) = block.rowwise().mean();
  }
  const VectorXd mean = predicted.rowwise().mean();
  s.cholesky.matrixL().solveInPlace(mean_row);
  for (Index i = 0; i < influence.cols(); ++i) {
    influence.col(i) = mean_row.transpose() * patient_score(s, i, inference);
  }
  MatrixXd covariance = MatrixXd::Zero(arms, arms);
  for (Index i = 0; i < n; ++i) {
    const VectorXd own = (predicted.col(i) - mean) / static_cast<double>(n);
    const PatientRows* known = find_patient(s, population[at(i)]);
    if (known == nullptr) {
      covariance += own * own.transpose();
    } else {
      influence.col(known - s.patients.data()) += own;
    }
  }
  covariance += influence * influence.transpose();
  StandardisedMeans out;
  for (Index a = 0; a < arms; ++a) {
    for (Index b = 0; b < arms; ++b) {
      VectorXd z = mean_row.col(a);
      if (a != b) z -= mean_row.col(b);
      out.rests_on_one.push_back(rests_on_one(s, z) ? 1 : 0);
    }
  }
  out.estimate.assign(mean.data(), mean.data() + mean.size());
  out.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  return out;
}

StandardisedTest test_standardised(const StandardisedMeans& means, std::span<const double> rows) {
  const auto cells = static_cast<Index>(means.estimate.size());
  ANGIOTRIAL_EXPECT(cells > 0 && !rows.empty() && rows.size() % at(cells) == 0, "a weight a mean");
  const Index count = static_cast<Index>(rows.size()) / cells;
  const Eigen::Map<const MatrixXd> c(rows.data(), cells, count);
  const Eigen::Map<const MatrixXd> covariance(means.covariance.data(), cells, cells);
  const VectorXd value = c.transpose() * Eigen::Map<const VectorXd>(means.estimate.data(), cells);
  const MatrixXd spread = c.transpose() * covariance * c;
  const Eigen::LDLT<MatrixXd> factor(spread);
  StandardisedTest out;
  out.df = static_cast<int>(count);
  const VectorXd pivots = factor.vectorD();
  if (!(pivots.minCoeff() > 1e-12 * pivots.maxCoeff())) {
    out.chi_square = out.p_value = std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.chi_square = value.dot(factor.solve(value));
  const boost::math::chi_squared_distribution<double> reference(static_cast<double>(count));
  out.p_value = cdf(complement(reference, out.chi_square));
  return out;
}

}  // namespace angiotrial::analysis
