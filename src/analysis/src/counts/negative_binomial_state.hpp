// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include "column_products.hpp"
#include "linear/cluster_leverage.hpp"
#include "linear/row_leverage.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// The kept columns of a fitted model, with weights w and residuals u.
struct CountPieces {
  std::vector<Eigen::Index> kept;
  Eigen::MatrixXd x;      ///< n x kept
  Eigen::MatrixXd bread;  ///< kept x kept
  Eigen::VectorXd beta, mu, w, u;
  // Scratch of a sandwich.
  Eigen::MatrixXd covariance;
  Eigen::VectorXd contrast;
  RowLeverage rows;          ///< of the forms by row
  ClusterLeverage clusters;  ///< of the forms by cluster
};

/// Buffers of one fit; k is the number of columns kept.
struct NegativeBinomialWorkspace::State {
  std::size_t n = 0;
  std::size_t k = 0;
  std::vector<std::size_t> kept;  ///< columns of the model that are in x
  std::vector<double> x;          ///< n x k, column by column
  std::vector<double> y, offset;
  std::vector<double> bits;           ///< of the counts, see CountRows
  std::vector<double> tail;           ///< tail[j] = number of counts above j
  double log_factorials = 0.0;        ///< sum of log y!
  std::vector<double> log_factorial;  ///< of 0, 1, 2 ..., as far as was needed
  double log_factorial_lost = 0.0;    ///< by rounding of the last of them

  // At the present (beta, phi).
  std::vector<double> mu;
  bool has_means = false;               ///< whether eta and mu are
  Eigen::VectorXd means_at;             ///< those of this beta
  std::vector<double> eta, d, r, c, w;  ///< by row, see CountRows
  double log_likelihood = 0.0;
  double score_phi = 0.0;       ///< dl / dphi
  double curvature_phi = 0.0;   ///< d2l / dphi2
  Eigen::VectorXd score;        ///< dl / dbeta
  Eigen::VectorXd cross;        ///< d2l / dbeta dphi
  Eigen::MatrixXd information;  ///< -d2l / dbeta2, observed

  Eigen::VectorXd beta, trial_beta, start_beta;
  Eigen::VectorXd step;  ///< k + 1: of beta and psi
  Eigen::MatrixXd gram, covariance, product;
  Eigen::MatrixXd pivots;                ///< columns of the model squared
  Eigen::MatrixXd joint, joint_inverse;  ///< k + 1
  Eigen::LLT<Eigen::MatrixXd> cholesky, joint_cholesky;
  double phi = 0.0;
  std::vector<std::size_t> held;  ///< coefficients (of those kept) that stay where they are
  int iterations = 0;

  /// The highest top so far, where the likelihood may have several.
  struct Top {
    double phi, log_likelihood;
    int iterations;
  };
  Top top{};
  Eigen::VectorXd top_beta;

  CountPieces pieces;
  std::vector<double> answer;  ///< columns x columns, of count_covariance

  NegativeBinomialFit fit;
};

[[nodiscard]] inline Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

using ColumnsMap = Eigen::Map<const Eigen::MatrixXd>;
using RowsMap = Eigen::Map<Eigen::ArrayXd>;

[[nodiscard]] inline ColumnsMap design_of(const NegativeBinomialWorkspace::State& s) {
  return {s.x.data(), ix(s.n), ix(s.k)};
}
[[nodiscard]] inline RowsMap rows_of(std::vector<double>& values) {
  return {values.data(), ix(values.size())};
}

/// The pieces of a fit that is usable.
void take_pieces(const CountModel& model, const NegativeBinomialFit& fit, CountPieces& out);

/// Whether every number is finite and every count within 0 to 10^6.
[[nodiscard]] bool valid(const CountModel& model);

/// Copies the columns that do not depend on earlier ones; returns whether all were kept.
bool keep_independent(const CountModel& model, NegativeBinomialWorkspace::State& s);

/// Counts, offsets and tail counts of the model.
void load_counts(const CountModel& model, NegativeBinomialWorkspace::State& s);

/// s.beta becomes the coefficients of a fit that are kept.
void take_coefficients(const NegativeBinomialFit& fit, NegativeBinomialWorkspace::State& s);

/// Loads the model and stands at the fit, nothing held. The fit in the workspace stays as it is.
void load_at(const CountModel& model, const NegativeBinomialFit& fit,
             NegativeBinomialWorkspace::State& s);

/// -d2l of (beta, psi), psi = ln phi, into `joint`; the last row and column belong to psi.
void joint_information(NegativeBinomialWorkspace::State& s);

/// Maximum over all coefficients and phi, from a start of its own.
FitStatus climb(NegativeBinomialWorkspace::State& s);

/// Maximum over phi and the coefficients that are not in `held`, from the present beta.
FitStatus climb_holding(NegativeBinomialWorkspace::State& s);

/// Maximum over the coefficients at phi, from the present beta.
FitStatus climb_given_dispersion(NegativeBinomialWorkspace::State& s, double phi);

/// Only eta and mu, where they are not those of beta already.
void evaluate_means(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta);

/// Log-likelihood, score and observed information at (beta, phi), phi >= 0.
void evaluate(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi);

}  // namespace angiotrial::analysis
