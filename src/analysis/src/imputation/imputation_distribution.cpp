// SPDX-License-Identifier: Apache-2.0
#include "imputation/imputation_state.hpp"

#include <cmath>

// The distribution of a patient's outcomes under a strategy. With a the patient's arm, r its
// reference, 1 the visits before the event and 2 those from it on, the covariance is
//
//   missing at random, last mean   S = S_a
//   copy reference                 S = S_r
//   jump, copy increments          S_11 = a_11,  S_21 = r_21 r_11^-1 a_11,
//                                  S_22 = r_22 - r_21 r_11^-1 (r_11 - a_11) r_11^-1 r_12
//
// (Carpenter, Roger and Kenward 2013, section 4): the regression of 2 on 1 is the reference's.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = ImputationState;
using Strategy = ImputationStrategy;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

const MatrixXd& covariance_of(State& s, int arm) {
  const MixedState& m = s.mixed.state();
  return m.structures[m.groups > 1 ? static_cast<std::size_t>(arm) : 0].covariance();
}

void join_covariances(const MatrixXd& own, const MatrixXd& other, Index event, State& s,
                      MatrixXd& out) {
  const Index rest = own.rows() - event;
  s.reference_block = other.topLeftCorner(event, event);
  s.block_llt.compute(s.reference_block);
  s.regression = other.topRightCorner(event, rest);
  s.block_llt.solveInPlace(s.regression);
  s.slope = s.regression.transpose();
  out = own;
  out.bottomLeftCorner(rest, event).noalias() = s.slope * own.topLeftCorner(event, event);
  out.topRightCorner(event, rest) = out.bottomLeftCorner(rest, event).transpose();
  s.reference_block -= own.topLeftCorner(event, event);
  s.half_slope.noalias() = s.slope * s.reference_block;
  out.bottomRightCorner(rest, rest) = other.bottomRightCorner(rest, rest);
  out.bottomRightCorner(rest, rest).noalias() -= s.half_slope * s.regression;
}

void set_covariance(State& s, ImputationClass& one) {
  const int reference = s.reference[static_cast<std::size_t>(one.arm)];
  const MatrixXd& own = covariance_of(s, one.arm);
  const MatrixXd& other = covariance_of(s, reference);
  one.sigma = own;
  if (&own == &other) return;
  if (one.strategy == Strategy::copy_reference) one.sigma = other;
  if (one.strategy == Strategy::jump_to_reference || one.strategy == Strategy::copy_increments) {
    if (one.event == 0) {
      one.sigma = other;
    } else {
      join_covariances(own, other, one.event, s, one.sigma);
    }
  }
}

bool set_regression(ImputationClass& one) {
  const auto seen = static_cast<Index>(one.seen.size());
  const auto missing = static_cast<Index>(one.missing.size());
  one.seen_block.resize(seen, seen);
  one.b.resize(seen, missing);
  for (Index i = 0; i < seen; ++i) {
    for (Index j = 0; j < seen; ++j) {
      one.seen_block(i, j) = one.sigma(one.seen[at(i)], one.seen[at(j)]);
    }
    for (Index j = 0; j < missing; ++j) {
      one.b(i, j) = one.sigma(one.seen[at(i)], one.missing[at(j)]);
    }
  }
  if (seen == 0) return true;
  one.llt.compute(one.seen_block);
  if (one.llt.info() != Eigen::Success) return false;
  one.llt.solveInPlace(one.b);
  return true;
}

/// The patient's mean at all visits if in that arm.
void mean_in_arm(const State& s, std::size_t patient, int arm, VectorXd& out) {
  const Index block = s.arms + s.by_visit;
  const auto column = s.covariate.col(static_cast<Index>(patient));
  double everywhere = 0.0;
  for (Index c = 0; c < s.constant; ++c) {
    everywhere += s.coefficients[s.visits * block + c] * column[s.by_visit + c];
  }
  out.resize(s.visits);
  for (Index v = 0; v < s.visits; ++v) {
    const double* here = s.coefficients.data() + v * block;
    double mean = everywhere + here[0] + (arm > 0 ? here[arm] : 0.0);
    for (Index c = 0; c < s.by_visit; ++c) mean += here[s.arms + c] * column[c];
    out[v] = mean;
  }
}

/// s.mean: under the patient's strategy.
void set_mean(State& s, std::size_t patient, const ImputationClass& one) {
  mean_in_arm(s, patient, one.arm, s.mean);
  const Index event = one.event;
  const Index rest = s.visits - event;
  if (one.strategy == Strategy::missing_at_random || rest == 0) return;
  if (one.strategy == Strategy::last_mean_carried_forward) {
    if (event > 0) s.mean.tail(rest).setConstant(s.mean[event - 1]);
    return;
  }
  mean_in_arm(s, patient, s.reference[static_cast<std::size_t>(one.arm)], s.other_mean);
  if (one.strategy == Strategy::copy_reference) {
    s.mean = s.other_mean;
  } else if (one.strategy == Strategy::jump_to_reference || event == 0) {
    s.mean.tail(rest) = s.other_mean.tail(rest);
  } else {
    const double gap = s.mean[event - 1] - s.other_mean[event - 1];
    s.mean.tail(rest) = s.other_mean.tail(rest);
    s.mean.tail(rest).array() += gap;
  }
}

}  // namespace

bool take_parameters(State& s) {
  const MixedState& m = s.mixed.state();
  s.coefficients = m.least_squares + m.beta;
  for (ImputationClass& one : s.classes) {
    set_covariance(s, one);
    if (!set_regression(one)) return false;
  }
  return true;
}

void impute_mean(State& s, const IncompletePatient& one) {
  const ImputationClass& its = s.classes[one.in_class];
  set_mean(s, one.patient, its);
  const auto column = static_cast<Index>(one.patient);
  const auto seen = static_cast<Index>(its.seen.size());
  s.seen_residual.resize(s.visits);
  for (Index i = 0; i < seen; ++i) {
    const Index v = its.seen[at(i)];
    s.seen_residual[i] = s.outcome(v, column) - s.mean[v];
  }
  for (std::size_t j = 0; j < its.missing.size(); ++j) {
    const Index v = its.missing[j];
    s.completed(v, column) = s.mean[v] +
                             its.b.col(static_cast<Index>(j)).dot(s.seen_residual.head(seen)) +
                             s.shift(v, column);
  }
}

void impute_means(State& s) {
  for (const IncompletePatient& one : s.incomplete) impute_mean(s, one);
}

}  // namespace angiotrial::analysis
