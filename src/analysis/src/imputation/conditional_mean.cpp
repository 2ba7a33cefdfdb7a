// SPDX-License-Identifier: Apache-2.0
#include "imputation/imputation_state.hpp"
#include "imputation/student_limits.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = ImputationState;

/// Squared Newton decrement at which theta without a patient stands, in standard errors of theta.
constexpr double last_decrement = 1.0e-18;
constexpr int most_chords = 25;

/// theta without a patient is near theta: g -> 0 by steps on the Hessian of all patients, each of
/// which removes all but a share of order 1/n of the distance; full Newton where it does not.
bool follow_to_maximum(State& s) {
  MixedState& m = s.mixed.state();
  m.trial = s.theta;
  double previous = std::numeric_limits<double>::infinity();
  for (int step = 0; step < most_chords; ++step) {
    if (!evaluate(m, m.trial)) break;
    differentiate_once(m);
    m.step = -m.gradient;
    s.curvature.solveInPlace(m.step);
    const double decrement = -m.step.dot(m.gradient);
    if (decrement < last_decrement) return true;
    if (!(decrement < 0.5 * previous)) break;
    previous = decrement;
    m.trial = m.theta + m.step;
  }
  return refit(m, s.theta) == MixedStatus::fitted;
}

/// Imputes with the parameters of the model without a patient.
bool impute_without(State& s, std::size_t patient) {
  MixedState& m = s.mixed.state();
  if (s.model_patient[patient] < 0) {
    if (!evaluate(m, s.theta)) return false;
  } else {
    const PatientRows& rows = m.patients[static_cast<std::size_t>(s.model_patient[patient])];
    VisitPattern& pattern = m.patterns[rows.pattern];
    s.saved_cross.assign(pattern.cross.begin(), pattern.cross.end());
    add_patient(m, rows, -1.0);
    const bool found = follow_to_maximum(s);
    pattern.cross.assign(s.saved_cross.begin(), s.saved_cross.end());
    pattern.patients += 1.0;
    if (!found) return false;
  }
  if (!take_parameters(s)) return false;
  impute_means(s);
  return true;
}

/// se^2 = (n - 1) / n times the sum of squared deviations from the mean of the replicates.
double jackknife_error(const State& s, Index parameter) {
  const auto n = static_cast<Index>(s.patients);
  const auto values = s.replicates.row(parameter).tail(n);
  const double count = static_cast<double>(n);
  return std::sqrt((count - 1.0) / count * (values.array() - values.mean()).square().sum());
}

ImputedEstimate estimate_of(const State& s, Index parameter, Index visit, Index arm, double level) {
  ImputedEstimate out;
  out.visit = static_cast<int>(visit);
  out.arm = static_cast<int>(arm);
  out.estimate = s.replicates(parameter, 0);
  out.se = jackknife_error(s, parameter);
  out.df = std::numeric_limits<double>::infinity();
  const StudentLimits limits = student_limits(out.estimate, out.se, out.df, level);
  out.lower = limits.lower;
  out.upper = limits.upper;
  out.statistic = limits.statistic;
  out.p_value = limits.p_value;
  return out;
}

void report(const IncompleteTrial& trial, State& s) {
  Index parameter = 0;
  for (Index v = 0; v < s.visits; ++v) {
    for (Index arm = 1; arm < s.arms; ++arm) {
      s.result.contrasts.push_back(estimate_of(s, parameter++, v, arm, trial.level));
    }
  }
  for (Index v = 0; v < s.visits; ++v) {
    for (Index arm = 0; arm < s.arms; ++arm) {
      s.result.means.push_back(estimate_of(s, parameter++, v, arm, trial.level));
    }
  }
}

}  // namespace

void analyse_visits(State& s, const MatrixXd& y, std::ptrdiff_t without, Eigen::Ref<VectorXd> out) {
  s.estimates.noalias() = s.h * y.transpose();
  const Index adjustment = s.a.rows() - s.arms;
  double centre = 0.0;
  if (without >= 0) {
    // beta without i = beta - h_i (y_i - a_i'beta) / (1 - a_i'h_i); the means of the covariates
    // move from 0 to -x_i / (n - 1).
    const auto a = s.a.col(without);
    const auto h = s.h.col(without);
    const double left = 1.0 - a.dot(h);
    for (Index v = 0; v < s.visits; ++v) {
      const double residual = y(v, without) - a.dot(s.estimates.col(v));
      s.estimates.col(v) -= h * (residual / left);
    }
    centre = -1.0 / (static_cast<double>(s.patients) - 1.0);
  }
  Index parameter = 0;
  for (Index v = 0; v < s.visits; ++v) {
    for (Index arm = 1; arm < s.arms; ++arm) out[parameter++] = s.estimates(arm, v);
  }
  for (Index v = 0; v < s.visits; ++v) {
    double base = s.estimates(0, v);
    if (without >= 0 && adjustment > 0) {
      base += centre * s.a.col(without).tail(adjustment).dot(s.estimates.col(v).tail(adjustment));
    }
    for (Index arm = 0; arm < s.arms; ++arm) {
      out[parameter++] = base + (arm > 0 ? s.estimates(arm, v) : 0.0);
    }
  }
}

ImputationStatus leave_each_out(State& s) {
  // Leverage 1: without the patient the analysis is not of full rank.
  constexpr double least_remaining = 1.0e-9;
  for (std::size_t i = 0; i < s.patients; ++i) {
    s.result.patient = i;
    const auto column = static_cast<Index>(i);
    if (1.0 - s.a.col(column).dot(s.h.col(column)) < least_remaining || !impute_without(s, i)) {
      return ImputationStatus::not_without_patient;
    }
    analyse_visits(s, s.completed, static_cast<std::ptrdiff_t>(i), s.replicates.col(column + 1));
  }
  s.result.patient = 0;
  return evaluate(s.mixed.state(), s.theta) ? ImputationStatus::imputed
                                            : ImputationStatus::no_model;
}

const ImputationResult& impute_conditional_means(const IncompleteTrial& trial,
                                                 ImputationWorkspace& workspace) {
  State& s = workspace.state();
  ImputationResult& result = s.result;
  const ImputationStatus prepared = prepare(trial, s);
  result.status = prepared;
  if (prepared != ImputationStatus::imputed) return result;
  if (!take_parameters(s)) {
    result.status = ImputationStatus::no_model;
    return result;
  }
  impute_means(s);
  s.replicates.resize(s.parameters(), static_cast<Index>(s.patients) + 1);
  analyse_visits(s, s.completed, -1, s.replicates.col(0));
  result.completed.assign(s.completed.data(), s.completed.data() + s.completed.size());
  result.status = leave_each_out(s);
  if (result.status == ImputationStatus::imputed) report(trial, s);
  return result;
}

}  // namespace angiotrial::analysis
