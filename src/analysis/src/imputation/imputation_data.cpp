// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

#include "imputation/imputation_state.hpp"
#include "mixed/spare_parts.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = ImputationState;
using Strategy = ImputationStrategy;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void expect_sizes(const IncompleteTrial& t) {
  const std::size_t n = t.patients;
  const std::size_t cells = n * static_cast<std::size_t>(std::max(t.visits, 0));
  const std::size_t arms = static_cast<std::size_t>(std::max(t.arms, 0));
  ANGIOTRIAL_EXPECT(t.outcome.size() == cells, "an outcome a patient and visit");
  ANGIOTRIAL_EXPECT(t.arm.size() == n, "an arm a patient");
  ANGIOTRIAL_EXPECT(t.reference.empty() || t.reference.size() == arms, "a reference an arm");
  ANGIOTRIAL_EXPECT(t.by_visit.size() == n * t.by_visit_columns, "whole rows of covariates");
  ANGIOTRIAL_EXPECT(t.constant.size() == n * t.constant_columns, "whole rows of covariates");
  ANGIOTRIAL_EXPECT(t.adjustment.size() == n * t.adjustment_columns, "whole rows of adjustment");
  ANGIOTRIAL_EXPECT(t.event_visit.empty() || t.event_visit.size() == n, "an event a patient");
  ANGIOTRIAL_EXPECT(t.strategy.size() <= 1 || t.strategy.size() == n, "a strategy a patient");
  ANGIOTRIAL_EXPECT(t.label.empty() || t.label.size() == n, "a label a patient");
  ANGIOTRIAL_EXPECT(
      t.delta.empty() || t.delta.size() == arms * static_cast<std::size_t>(std::max(t.visits, 0)),
      "a delta an arm and visit");
}

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool within(std::span<const int> values, int limit) {
  return std::all_of(values.begin(), values.end(), [&](int v) { return v >= 0 && v < limit; });
}

bool distinct(std::span<const int> labels, std::vector<int>& sorted) {
  sorted.assign(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  return (sorted.empty() || sorted.front() >= 0) &&
         std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

bool valid(const IncompleteTrial& t, State& s) {
  if (t.patients == 0 || t.visits < 1 || t.visits > 64 || t.arms < 1) return false;
  if (!finite(t.by_visit) || !finite(t.constant) || !finite(t.adjustment) || !finite(t.delta)) {
    return false;
  }
  if (std::any_of(t.outcome.begin(), t.outcome.end(), [](double v) { return std::isinf(v); })) {
    return false;
  }
  return within(t.arm, t.arms) && within(t.reference, t.arms) &&
         within(t.event_visit, t.visits + 1) && distinct(t.label, s.sorted_labels) &&
         t.level > 0.0 && t.level < 1.0;
}

/// Rows of `values` (patients x columns) as columns from `first` on, centred.
void centre_into(std::span<const double> values, Index columns, Index first, MatrixXd& out) {
  if (columns == 0) return;
  out.middleRows(first, columns) = Eigen::Map<const MatrixXd>(values.data(), columns, out.cols());
  for (Index c = first; c < first + columns; ++c) {
    const double mean = out.row(c).mean();
    out.row(c).array() -= mean;
  }
}

void copy_trial(const IncompleteTrial& t, State& s) {
  s.patients = t.patients;
  const auto n = static_cast<Index>(t.patients);
  s.visits = t.visits;
  s.arms = t.arms;
  s.by_visit = static_cast<Index>(t.by_visit_columns);
  s.constant = static_cast<Index>(t.constant_columns);
  s.arm.assign(t.arm.begin(), t.arm.end());
  s.reference.assign(at(s.arms), 0);
  std::copy(t.reference.begin(), t.reference.end(), s.reference.begin());
  s.event.assign(t.patients, t.visits);
  std::copy(t.event_visit.begin(), t.event_visit.end(), s.event.begin());
  s.strategy.assign(t.patients, t.strategy.empty() ? Strategy::missing_at_random : t.strategy[0]);
  if (t.strategy.size() > 1) std::copy(t.strategy.begin(), t.strategy.end(), s.strategy.begin());
  for (std::size_t i = 0; i < t.patients; ++i) {
    if (s.event[i] == t.visits) s.strategy[i] = Strategy::missing_at_random;
  }
  s.outcome = Eigen::Map<const MatrixXd>(t.outcome.data(), s.visits, n);
  s.covariate.resize(s.by_visit + s.constant, n);
  centre_into(t.by_visit, s.by_visit, 0, s.covariate);
  centre_into(t.constant, s.constant, s.by_visit, s.covariate);
}

void add_row(State& s, Index patient, Index visit, std::size_t columns, bool by_arm) {
  s.response.push_back(s.outcome(visit, patient));
  const std::size_t from = s.design.size();
  s.design.resize(from + columns, 0.0);
  const Index block = s.arms + s.by_visit;
  double* row = s.design.data() + from;
  double* here = row + visit * block;
  const int arm = s.arm[at(patient)];
  here[0] = 1.0;
  if (arm > 0) here[arm] = 1.0;
  for (Index c = 0; c < s.by_visit; ++c) here[s.arms + c] = s.covariate(c, patient);
  for (Index c = 0; c < s.constant; ++c) {
    row[s.visits * block + c] = s.covariate(s.by_visit + c, patient);
  }
  s.row_patient.push_back(static_cast<int>(patient));
  s.row_visit.push_back(static_cast<int>(visit));
  s.row_group.push_back(by_arm ? arm : 0);
}

/// The model sees no outcome from an event on that is not handled as missing at random.
const MixedFit& fit_model(const IncompleteTrial& t, State& s) {
  const std::size_t columns = at(s.visits * (s.arms + s.by_visit) + s.constant);
  s.response.clear();
  s.design.clear();
  s.row_patient.clear();
  s.row_visit.clear();
  s.row_group.clear();
  s.model_patient.assign(s.patients, -1);
  std::ptrdiff_t known = 0;
  for (Index i = 0; i < s.outcome.cols(); ++i) {
    const bool all = s.strategy[at(i)] == Strategy::missing_at_random;
    const std::size_t before = s.response.size();
    for (Index v = 0; v < s.visits && (all || v < s.event[at(i)]); ++v) {
      if (!std::isnan(s.outcome(v, i))) add_row(s, i, v, columns, t.covariance_by_arm);
    }
    if (s.response.size() > before) s.model_patient[at(i)] = known++;
  }
  RepeatedModel model;
  model.response = s.response;
  model.design = s.design;
  model.columns = columns;
  model.patient = s.row_patient;
  model.visit = s.row_visit;
  model.visits = t.visits;
  model.group = s.row_group;
  model.groups = t.covariance_by_arm ? t.arms : 1;
  model.structure = t.structure;
  model.fallbacks = t.fallbacks;
  model.criterion = t.criterion;
  return fit_mixed_model(model, s.mixed);
}

/// The class of patient i, with s.seen and s.missing.
void add_class(State& s, std::size_t i, std::uint64_t mask) {
  ImputationClass& one = add_part(s.classes, s.spare_classes, [&](const ImputationClass& other) {
    return other.missing.size() == s.missing.size();
  });
  one.arm = s.arm[i];
  one.event = s.event[i];
  one.strategy = s.strategy[i];
  one.mask = mask;
  one.seen.assign(s.seen.begin(), s.seen.end());
  one.missing.assign(s.missing.begin(), s.missing.end());
}

void find_classes(State& s) {
  s.incomplete.clear();
  lay_aside(s.classes, s.spare_classes);
  for (std::size_t i = 0; i < s.patients; ++i) {
    s.seen.clear();
    s.missing.clear();
    std::uint64_t mask = 0;
    for (Index v = 0; v < s.visits; ++v) {
      const bool missing = std::isnan(s.outcome(v, static_cast<Index>(i)));
      (missing ? s.missing : s.seen).push_back(v);
      if (!missing) mask |= std::uint64_t{1} << v;
    }
    if (s.missing.empty()) continue;
    const auto same = std::find_if(s.classes.begin(), s.classes.end(), [&](const auto& other) {
      return other.arm == s.arm[i] && other.event == s.event[i] &&
             other.strategy == s.strategy[i] && other.mask == mask;
    });
    s.incomplete.push_back({i, static_cast<std::size_t>(same - s.classes.begin())});
    if (same == s.classes.end()) add_class(s, i, mask);
  }
}

bool lay_out_analysis(const IncompleteTrial& t, State& s) {
  const auto n = static_cast<Index>(s.patients);
  const auto adjustment = static_cast<Index>(t.adjustment_columns);
  s.a.setZero(s.arms + adjustment, n);
  s.a.row(0).setOnes();
  for (Index i = 0; i < n; ++i) {
    if (s.arm[at(i)] > 0) s.a(s.arm[at(i)], i) = 1.0;
  }
  centre_into(t.adjustment, adjustment, s.arms, s.a);
  s.analysis_design = s.a.transpose();
  if (n <= s.a.rows() || !aliased_columns(s.analysis_design, s.rank).empty()) return false;
  s.qr.compute(s.analysis_design);
  s.root = s.qr.matrixQR().topRows(s.a.rows()).triangularView<Eigen::Upper>();
  s.back.setIdentity(s.a.rows(), s.a.rows());
  s.root.triangularView<Eigen::Upper>().solveInPlace(s.back);
  s.inverse.noalias() = s.back * s.back.transpose();
  s.h.noalias() = s.inverse * s.a;
  return true;
}

/// As new, but for the memory.
void clear(ImputationResult& result) {
  result.status = ImputationStatus::invalid_input;
  clear(result.fit);
  result.patient = 0;
  result.failed_draws = 0;
  result.contrasts.clear();
  result.means.clear();
  result.completed.clear();
}

}  // namespace

void spread_delta(const State& s, std::span<const double> delta, DeltaScope scope, MatrixXd& out) {
  out.setZero(s.visits, static_cast<Index>(s.patients));
  if (delta.empty()) return;
  for (const IncompletePatient& one : s.incomplete) {
    const Index first = scope == DeltaScope::after_event ? s.event[one.patient] : 0;
    for (const Index v : s.classes[one.in_class].missing) {
      if (v < first) continue;
      out(v, static_cast<Index>(one.patient)) = delta[at(s.arm[one.patient] * s.visits + v)];
    }
  }
}

ImputationStatus prepare(const IncompleteTrial& trial, State& s) {
  expect_sizes(trial);
  clear(s.result);
  if (!valid(trial, s)) return ImputationStatus::invalid_input;
  copy_trial(trial, s);
  s.result.fit = fit_model(trial, s);
  if (s.result.fit.status != MixedStatus::fitted) return ImputationStatus::no_model;
  const MixedState& m = s.mixed.state();
  s.theta = m.theta;
  s.curvature.compute(m.hessian);
  find_classes(s);
  if (!lay_out_analysis(trial, s)) return ImputationStatus::collinear_analysis;
  spread_delta(s, trial.delta, trial.delta_scope, s.shift);
  s.completed = s.outcome;
  return ImputationStatus::imputed;
}

}  // namespace angiotrial::analysis
