// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>

#include "stable_order.hpp"
#include "survival/newton.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// One distinct event time of a stratum, in the order of the sweep (time falls).
struct EventTime {
  double time = 0.0;
  std::size_t enter = 0;  ///< rows enter .. enter_end - 1 come into the risk set here
  std::size_t enter_end = 0;
  std::size_t first = 0;  ///< the events are rows first .. last - 1
  std::size_t last = 0;
  std::size_t leave = 0;  ///< leaving[leave .. leave_end - 1] go out: they start here or later
  std::size_t leave_end = 0;
  std::size_t in_stratum = 0;  ///< event times of the stratum, at the one that opens it
  bool opens_stratum = false;
  bool empties = false;  ///< nobody but who enters here is at risk: sums start again from 0
};

/// The fitted hazard along the event times of a state, one entry (or p entries) an event time.
/// In units of exp(-shift).
struct HazardPath {
  std::vector<double> hazard;         ///< H, cumulative within the stratum
  std::vector<double> drift;          ///< M, cumulative
  std::vector<double> escaped;        ///< what the events themselves do not suffer of dH here
  std::vector<double> escaped_drift;  ///< of dM here
  std::vector<double> mean;           ///< mean covariates the events are compared with
};

/// Buffers of the sandwich and of Firth's penalty.
struct CoxScratch {
  HazardPath path;
  std::vector<double> residuals, drift;
  StableOrder by_cluster;
  std::vector<int> label;
  Eigen::VectorXd of_cluster;
  Eigen::MatrixXd meat, product;
  // Of the penalty.
  Eigen::VectorXd mean, third, turned, bent;
  Eigen::MatrixXd second, curvature;
};

/// Buffers of one fit. Rows are sorted by stratum, falling stop, events before censored.
struct CoxWorkspace::State {
  std::size_t n = 0;
  std::size_t p = 0;
  CoxTies ties = CoxTies::efron;
  bool plain = true;  ///< no offset
  StableOrder order;
  std::vector<std::uint32_t> source;   ///< row of the data of a sorted row
  std::vector<std::uint32_t> leaving;  ///< sorted rows by stratum and falling start
  std::vector<double> x;               ///< n x p, centred and scaled
  std::vector<double> weight, offset;  ///< weights in units of `unit`
  double unit = 1.0;
  std::vector<double> centre, scale;
  ColumnScales scales;
  std::vector<EventTime> times;
  std::vector<std::uint32_t> place;

  // At the present beta (of the scaled columns).
  double shift = 0.0;            ///< largest linear predictor
  std::vector<double> eta;       ///< linear predictor less the shift
  std::vector<double> relative;  ///< weight times exp(eta)
  std::vector<double> at_risk, dying, part;
  std::vector<double> terms;      ///< log-likelihood, score, lower triangle of the information
  std::vector<double> quadratic;  ///< x'Ax by row, for the penalty
  double log_likelihood = 0.0;
  Eigen::VectorXd score, beta, trial, step, null_score, penalty;
  Eigen::MatrixXd information, covariance;
  Eigen::LLT<Eigen::MatrixXd> cholesky;
  ExplainedScratch explained;
  CoxScratch scratch;

  CoxFit fit;
};

using CoxState = CoxWorkspace::State;

/// Whether the data can be fitted at all.
[[nodiscard]] bool valid(const CoxData& data, const CoxOptions& options);
/// Sorts rows, centres and scales columns, takes a unit for the weights, lists event times. False
/// where a column is constant.
bool load(const CoxData& data, const CoxOptions& options, CoxState& s);
/// Linear predictors and relative risks at beta.
void predict(CoxState& s, const Eigen::VectorXd& beta);
/// Log-likelihood, score and information at beta; exact ties included.
void evaluate(CoxState& s, const Eigen::VectorXd& beta);
void evaluate_exact(CoxState& s);
/// Half the trace of I^-1 dI/dbeta_j, at the beta of the last evaluate(), A = I^-1 (Firth 1993).
void firth_penalty(CoxState& s, const Eigen::MatrixXd& inverse);
/// Score residuals (n x p, sorted rows, scaled columns), weighted, at the last evaluate()'s beta.
void score_residuals(const CoxData& data, CoxState& s, std::vector<double>& out,
                     std::vector<double>* martingale);
/// Sum over clusters of (sum of rows)(sum of rows)', into s.scratch.meat; labels empty: a row each.
void clustered_gram(CoxState& s, const std::vector<double>& rows, std::span<const int> cluster);
[[nodiscard]] ChiSquareTest chi_square_test(double chi_square, int df);

/// Number of sums kept of a risk set: 1, x, and the lower triangle of xx'.
[[nodiscard]] inline std::size_t sums_of(std::size_t p) { return 1 + p + p * (p + 1) / 2; }

/// sum += r (1, x, xx').
inline void add_row(const double* x, std::size_t p, double r, double* sum) {
  *sum++ += r;
  for (std::size_t a = 0; a < p; ++a) *sum++ += r * x[a];
  for (std::size_t a = 0; a < p; ++a) {
    const double ra = r * x[a];
    for (std::size_t b = 0; b <= a; ++b) *sum++ += ra * x[b];
  }
}
inline void add_row(const CoxState& s, std::size_t row, double r, std::vector<double>& sum) {
  add_row(&s.x[row * s.p], s.p, r, sum.data());
}

/// Runs through the event times from the last to the first of each stratum, and calls
/// visit(time, weight, share, sums) for every increment of the hazard there: the events leave the
/// risk set by `share` of their risk (0 for Breslow; 0, 1/d .. (d - 1)/d for Efron) and the
/// increment is weight / sums[0]; sums = those of the risk set less `share` of the events'.
/// `Add(row, r, sum)` adds r times a row's terms to `sum`, which has `size` numbers.
template <class Add, class Visit>
void sweep(CoxState& s, std::size_t size, Add&& add, Visit&& visit) {
  s.at_risk.resize(size);
  s.dying.resize(size);
  s.part.resize(size);
  for (const EventTime& at : s.times) {
    // What rounding left of rows that went out must not outlive them.
    if (at.empties) s.at_risk.assign(size, 0.0);
    for (std::size_t i = at.enter; i < at.enter_end; ++i) add(i, s.relative[i], s.at_risk);
    for (std::size_t i = at.leave; i < at.leave_end; ++i) {
      add(s.leaving[i], -s.relative[s.leaving[i]], s.at_risk);
    }
    double deaths_weight = 0.0;
    for (std::size_t i = at.first; i < at.last; ++i) deaths_weight += s.weight[i];
    const std::size_t deaths = at.last - at.first;
    if (deaths == 1 || s.ties == CoxTies::breslow) {
      visit(at, deaths_weight, 0.0, s.at_risk);
      continue;
    }
    s.dying.assign(size, 0.0);
    for (std::size_t i = at.first; i < at.last; ++i) add(i, s.relative[i], s.dying);
    const double mean_weight = deaths_weight / static_cast<double>(deaths);
    for (std::size_t d = 0; d < deaths; ++d) {
      const double share = static_cast<double>(d) / static_cast<double>(deaths);
      for (std::size_t a = 0; a < size; ++a) s.part[a] = s.at_risk[a] - share * s.dying[a];
      visit(at, mean_weight, share, s.part);
    }
  }
}

}  // namespace angiotrial::analysis
