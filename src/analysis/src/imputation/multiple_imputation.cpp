// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/rubin.hpp>
#include <angiotrial/random/stream.hpp>

#include "imputation/imputation_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = ImputationState;

constexpr int most_imputations = 65535;
/// The stream of the parameters; labels of patients are below it.
constexpr std::uint32_t parameters_id = 0xFFFFFFFFU;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Each arm's patients again, with replacement: how often each came.
void resample(State& s, random::Stream& draw) {
  s.weights.setZero(static_cast<Index>(s.mixed.state().patients.size()));
  for (const auto& arm : s.roster.by_arm) {
    const auto size = static_cast<double>(arm.size());
    for (std::size_t k = 0; k < arm.size(); ++k) {
      const auto chosen = static_cast<std::size_t>(draw.uniform() * size);
      const std::ptrdiff_t place = s.model_patient[arm[std::min(chosen, arm.size() - 1)]];
      if (place >= 0) s.weights[place] += 1.0;
    }
  }
}

/// theta = theta_hat + sqrt(2) C^-T z with the Hessian C C' of -2 log-likelihood; beta given theta
/// is normal around its estimate with covariance K^-1, K = R R'.
bool draw_normal(State& s, random::Stream& draw) {
  MixedState& m = s.mixed.state();
  m.step.resize(s.theta.size());
  for (Index i = 0; i < m.step.size(); ++i) m.step[i] = std::sqrt(2.0) * draw.normal();
  s.curvature.matrixU().solveInPlace(m.step);
  m.trial = s.theta + m.step;
  if (!evaluate(m, m.trial)) return false;
  s.normals.resize(m.p);
  for (Index i = 0; i < m.p; ++i) s.normals[i] = draw.normal();
  m.cholesky.matrixU().solveInPlace(s.normals);
  m.beta += s.normals;
  return true;
}

bool draw_parameters(ParameterDraw kind, State& s, random::Stream& draw) {
  MixedState& m = s.mixed.state();
  if (kind == ParameterDraw::normal_approximation) return draw_normal(s, draw);
  resample(s, draw);
  weigh_patients(m, {s.weights.data(), at(s.weights.size())});
  return refit(m, s.theta) == MixedStatus::fitted;
}

bool take_spread(ImputationClass& one) {
  const auto missing = static_cast<Index>(one.missing.size());
  one.lower.resize(missing, missing);
  for (Index i = 0; i < missing; ++i) {
    for (Index j = 0; j < missing; ++j) {
      double value = one.sigma(one.missing[at(i)], one.missing[at(j)]);
      for (std::size_t k = 0; k < one.seen.size(); ++k) {
        value -= one.b(static_cast<Index>(k), i) * one.sigma(one.seen[k], one.missing[at(j)]);
      }
      one.lower(i, j) = value;
    }
  }
  one.spread.compute(one.lower);
  if (one.spread.info() != Eigen::Success) return false;
  one.lower = one.spread.matrixL();
  return true;
}

/// Conditional means plus L z, z from the patient's own stream.
void impute_draws(const MultipleImputation& plan, std::uint64_t seed, int m, State& s) {
  for (const IncompletePatient& one : s.incomplete) {
    impute_mean(s, one);
    const ImputationClass& its = s.classes[one.in_class];
    const auto missing = static_cast<Index>(its.missing.size());
    random::Stream draw = random::Streams(seed, plan.replicate, s.roster.label[one.patient])
                              .at(random::Purpose::imputation, static_cast<std::uint32_t>(m));
    for (Index j = 0; j < missing; ++j) {
      const double z = draw.normal();
      for (Index i = j; i < missing; ++i) {
        s.completed(its.missing[at(i)], static_cast<Index>(one.patient)) += its.lower(i, j) * z;
      }
    }
  }
}

/// Squared standard errors of the analysis: s^2 c'(A'A)^-1 c.
void analyse_variances(State& s, Eigen::Ref<VectorXd> out) {
  const auto df = static_cast<double>(static_cast<Index>(s.patients) - s.a.rows());
  s.residual.resize(static_cast<Index>(s.patients));
  Index parameter = 0;
  Index mean = s.visits * (s.arms - 1);
  for (Index v = 0; v < s.visits; ++v) {
    s.residual = s.completed.row(v).transpose();
    s.residual.noalias() -= s.a.transpose() * s.estimates.col(v);
    const double variance = s.residual.squaredNorm() / df;
    for (Index arm = 1; arm < s.arms; ++arm) out[parameter++] = variance * s.inverse(arm, arm);
    for (Index arm = 0; arm < s.arms; ++arm) {
      double factor = s.inverse(0, 0);
      if (arm > 0) factor += 2.0 * s.inverse(0, arm) + s.inverse(arm, arm);
      out[mean++] = variance * factor;
    }
  }
}

ImputedEstimate pool(const MatrixXd& estimates, const MatrixXd& variances, Index column,
                     double complete_df, double level) {
  const auto size = at(estimates.rows());
  const RubinEstimate pooled = pool_by_rubin({{estimates.col(column).data(), size},
                                              {variances.col(column).data(), size},
                                              complete_df,
                                              level});
  ImputedEstimate out;
  out.estimate = pooled.estimate;
  out.se = pooled.se;
  out.df = pooled.df;
  out.lower = pooled.lower;
  out.upper = pooled.upper;
  out.statistic = pooled.statistic;
  out.p_value = pooled.p_value;
  out.missing_information = pooled.missing_information;
  return out;
}

void report(double level, State& s) {
  const auto df = static_cast<double>(static_cast<Index>(s.patients) - s.a.rows());
  Index column = 0;
  for (int part = 0; part < 2; ++part) {
    auto& list = part == 0 ? s.result.contrasts : s.result.means;
    for (Index v = 0; v < s.visits; ++v) {
      for (Index arm = 1 - part; arm < s.arms; ++arm) {
        list.push_back(pool(s.estimate_of_draw, s.variance_of_draw, column++, df, level));
        list.back().visit = static_cast<int>(v);
        list.back().arm = static_cast<int>(arm);
      }
    }
  }
}

/// Draws again where a sample has no model, five times at most.
bool draw_imputation(const MultipleImputation& plan, std::uint64_t seed, int m, State& s) {
  constexpr int most_tries = 5;
  random::Stream draw = random::Streams(seed, plan.replicate, parameters_id)
                            .at(random::Purpose::imputation, static_cast<std::uint32_t>(m));
  for (int attempt = 0; attempt < most_tries; ++attempt, ++s.result.failed_draws) {
    if (!draw_parameters(plan.draw, s, draw) || !take_parameters(s)) continue;
    if (!std::all_of(s.classes.begin(), s.classes.end(), take_spread)) continue;
    impute_draws(plan, seed, m, s);
    return true;
  }
  return false;
}

}  // namespace

void Roster::read(const IncompleteTrial& trial) {
  label.resize(trial.patients);
  order.resize(trial.patients);
  by_arm.resize(at(trial.arms));
  for (auto& arm : by_arm) arm.clear();
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < trial.patients; ++i) {
    label[i] =
        static_cast<std::uint32_t>(trial.label.empty() ? static_cast<int>(i) : trial.label[i]);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return label[a] < label[b]; });
  for (const std::size_t i : order) by_arm[static_cast<std::size_t>(trial.arm[i])].push_back(i);
}

const ImputationResult& impute_multiply(const IncompleteTrial& trial,
                                        const MultipleImputation& plan, std::uint64_t seed,
                                        ImputationWorkspace& workspace) {
  State& s = workspace.state();
  const ImputationStatus prepared = prepare(trial, s);
  s.result.status = prepared;
  if (prepared != ImputationStatus::imputed) return s.result;
  s.result.status = ImputationStatus::invalid_input;
  if (plan.imputations < 2 || plan.imputations > most_imputations) return s.result;
  s.roster.read(trial);
  s.estimate_of_draw.resize(plan.imputations, s.parameters());
  s.variance_of_draw.resize(plan.imputations, s.parameters());
  s.values.resize(s.parameters());
  s.total.setZero(s.visits, static_cast<Index>(s.patients));
  s.result.status = ImputationStatus::too_many_failed_draws;
  for (int m = 0; m < plan.imputations; ++m) {
    if (!draw_imputation(plan, seed, m, s)) return s.result;
    if (5 * s.result.failed_draws > plan.imputations) return s.result;
    analyse_visits(s, s.completed, -1, s.values);
    s.estimate_of_draw.row(m) = s.values.transpose();
    analyse_variances(s, s.values);
    s.variance_of_draw.row(m) = s.values.transpose();
    s.total += s.completed;
  }
  s.total /= plan.imputations;
  s.result.completed.assign(s.total.data(), s.total.data() + s.total.size());
  s.result.status = ImputationStatus::imputed;
  report(trial.level, s);
  return s.result;
}

}  // namespace angiotrial::analysis
