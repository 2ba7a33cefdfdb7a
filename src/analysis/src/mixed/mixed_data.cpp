// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "mixed/mixed_state.hpp"
#include "mixed/mixed_times.hpp"
#include "mixed/spare_parts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool valid(const RepeatedModel& model) {
  if (!finite(model.response) || !finite(model.design) || !finite(model.times) ||
      !finite(model.row_times)) {
    return false;
  }
  if (model.visits < 1 || model.visits > 64 || model.columns == 0 || model.groups < 1) return false;
  const auto within = [](std::span<const int> values, int limit) {
    return std::all_of(values.begin(), values.end(), [&](int v) { return v >= 0 && v < limit; });
  };
  return within(model.visit, model.visits) && within(model.group, model.groups);
}

void sort_rows(const RepeatedModel& model, MixedState& s) {
  s.order.resize(model.response.size());
  std::iota(s.order.begin(), s.order.end(), std::size_t{0});
  std::sort(s.order.begin(), s.order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(model.patient[a], model.visit[a]) <
           std::pair(model.patient[b], model.visit[b]);
  });
  s.x_entries.resize(at((s.p + 1) * s.n));
  new (&s.x) Eigen::Map<MatrixXd>(s.x_entries.data(), s.p + 1, s.n);
  s.row_visit.resize(at(s.n));
  s.row_group.resize(at(s.n));
  for (Index i = 0; i < s.n; ++i) {
    const std::size_t from = s.order[at(i)];
    s.row_visit[at(i)] = model.visit[from];
    s.row_group[at(i)] =
        model.group.empty() ? std::size_t{0} : static_cast<std::size_t>(model.group[from]);
    const double* row = model.design.data() + from * model.columns;
    std::copy(row, row + model.columns, s.x.col(i).data());
    s.x(s.p, i) = model.response[from];
  }
}

void add_pattern(MixedState& s, std::size_t in_class, std::uint64_t mask) {
  const auto visits = static_cast<std::size_t>(std::popcount(mask));
  VisitPattern& pattern = add_part(s.patterns, s.spare_patterns, [&](const VisitPattern& other) {
    return other.visits.size() == visits;
  });
  pattern.group = in_class;
  pattern.mask = mask;
  pattern.patients = 0.0;
  pattern.visits.clear();
  for (Index a = 0; a < s.m; ++a) {
    if ((mask >> a & 1U) != 0) pattern.visits.push_back(a);
  }
}

/// The place of a pattern, which is added where it is new.
std::size_t pattern_at(MixedState& s, std::size_t in_class, std::uint64_t mask) {
  const auto key = [](const PatternKey& k) { return std::pair(k.in_class, k.mask); };
  const auto place =
      std::lower_bound(s.pattern_of.begin(), s.pattern_of.end(), std::pair(in_class, mask),
                       [&](const PatternKey& k, const auto& value) { return key(k) < value; });
  if (place != s.pattern_of.end() && key(*place) == std::pair(in_class, mask)) {
    return place->pattern;
  }
  s.pattern_of.insert(place, {in_class, mask, s.patterns.size()});
  add_pattern(s, in_class, mask);
  return s.patterns.size() - 1;
}

/// Patients, with their patterns of visits.
MixedStatus find_patterns(const RepeatedModel& model, MixedState& s) {
  s.patients.clear();
  lay_aside(s.patterns, s.spare_patterns);
  s.pattern_of.clear();
  for (Index i = 0; i < s.n;) {
    const int patient = model.patient[s.order[at(i)]];
    const std::size_t group = s.row_group[at(i)];
    PatientRows rows{i, 0, 0, patient};
    std::uint64_t mask = 0;
    for (; i < s.n && model.patient[s.order[at(i)]] == patient; ++i, ++rows.rows) {
      const std::uint64_t bit = std::uint64_t{1} << s.row_visit[at(i)];
      if ((mask & bit) != 0) return MixedStatus::repeated_visit;
      if (s.row_group[at(i)] != group) return MixedStatus::split_patient;
      mask |= bit;
    }
    const std::size_t in_class = class_of(model, s, rows, group);
    rows.pattern = pattern_at(s, in_class, mask);
    s.patterns[rows.pattern].patients += 1.0;
    s.patients.push_back(rows);
  }
  return MixedStatus::fitted;
}

void find_columns(MixedState& s) {
  s.largest.setZero(s.p, s.m);
  for (Index i = 0; i < s.n; ++i) {
    auto most = s.largest.col(s.row_visit[at(i)]);
    most = most.cwiseMax(s.x.col(i).head(s.p).cwiseAbs());
  }
  s.columns.assign(at(s.m), {});
  for (Index a = 0; a < s.m; ++a) {
    for (Index c = 0; c < s.p; ++c) {
      if (s.largest(c, a) > 0.0) s.columns[at(a)].push_back(c);
    }
    s.columns[at(a)].push_back(s.p);
  }
}

/// Ordinary least squares; fills fit.aliased and returns false where columns are collinear.
bool take_residuals(MixedState& s) {
  s.k.setZero(s.p + 1, s.p + 1);
  for (Index i = 0; i < s.n; ++i) {
    const auto& columns = s.columns[at(s.row_visit[at(i)])];
    for (const Index a : columns) {
      const double value = s.x(a, i);
      for (const Index b : columns) s.k(b, a) += value * s.x(b, i);
    }
  }
  // The scaled Cholesky pivots are 1 - R^2 of each column on the earlier ones: clear cases here,
  // doubtful ones by orthogonal projection.
  constexpr double clear_pivot = 1.0e-6;
  s.column_scale = s.k.diagonal().head(s.p).cwiseSqrt();
  bool clear = s.column_scale.minCoeff() > 0.0;
  if (clear) {
    s.column_scale = s.column_scale.cwiseInverse();
    s.gram =
        s.column_scale.asDiagonal() * s.k.topLeftCorner(s.p, s.p) * s.column_scale.asDiagonal();
    s.cholesky.compute(s.gram);
    clear = s.cholesky.info() == Eigen::Success &&
            s.cholesky.matrixLLT().diagonal().cwiseAbs2().minCoeff() > clear_pivot;
  }
  if (!clear) {
    s.fit.aliased = aliased_columns(s.x.topRows(s.p).transpose());
    if (!s.fit.aliased.empty()) return false;
  }
  s.cholesky.compute(s.k.topLeftCorner(s.p, s.p));
  if (s.cholesky.info() != Eigen::Success) return false;
  s.least_squares = s.cholesky.solve(s.k.col(s.p).head(s.p));
  s.squares.setZero(s.m);
  s.left_over.setZero(s.m);
  for (Index i = 0; i < s.n; ++i) {
    s.squares[s.row_visit[at(i)]] += s.x(s.p, i) * s.x(s.p, i);
  }
  for (Index i = 0; i < s.n; ++i) s.x(s.p, i) -= s.least_squares.dot(s.x.col(i).head(s.p));
  for (Index i = 0; i < s.n; ++i) s.left_over[s.row_visit[at(i)]] += s.x(s.p, i) * s.x(s.p, i);
  const auto share = [](double part, double whole) { return whole > 0.0 ? part / whole : 0.0; };
  s.unexplained = share(s.left_over.sum(), s.squares.sum());
  s.least_unexplained = 1.0;
  for (Index v = 0; v < s.m; ++v) {
    s.least_unexplained = std::min(s.least_unexplained, share(s.left_over[v], s.squares[v]));
  }
  return true;
}

/// Counts the patients of a group that have both of two visits, in s.together; returns how many
/// patients there are.
double count_together(MixedState& s, std::size_t group) {
  double patients = 0.0;
  s.together.setZero(s.m, s.m);
  for (const VisitPattern& pattern : s.patterns) {
    if (s.group_of[pattern.group] != group) continue;
    patients += pattern.patients;
    for (const Index a : pattern.visits) {
      for (const Index b : pattern.visits) s.together(a, b) += pattern.patients;
    }
  }
  return patients;
}

/// Whether the patients just counted tell all parameters of the structure.
bool seen_enough(const MixedState& s, CovarianceStructure structure, double patients) {
  switch (structure) {
    case CovarianceStructure::spatial_exponential:
    case CovarianceStructure::random_slope:
      return true;
    case CovarianceStructure::compound_symmetry:
    case CovarianceStructure::random_intercept:
      // One variance and one correlation, whatever visits they come from.
      return patients >= 2.0 && (s.m == 1 || s.together.sum() > s.together.trace());
    case CovarianceStructure::unstructured:
      return s.together.diagonal().minCoeff() >= 2.0 && s.together.minCoeff() >= 1.0;
    default:
      return s.together.diagonal().minCoeff() >= 2.0;
  }
}

}  // namespace

MixedStatus load(const RepeatedModel& model, MixedState& s) {
  s.n = static_cast<Index>(model.response.size());
  s.p = static_cast<Index>(model.columns);
  s.m = model.visits;
  s.groups = static_cast<std::size_t>(std::max(model.groups, 1));
  s.criterion = model.criterion;
  if (!valid(model)) return MixedStatus::invalid_input;
  if (s.n <= s.p) return MixedStatus::too_few_rows;
  sort_rows(model, s);
  if (!model.row_times.empty()) s.times.clear();
  choose_time_scale(model, s);
  s.group_of.clear();
  s.tied_times = model.row_times.empty() && has_ties(model.times);
  const MixedStatus status = find_patterns(model, s);
  if (status != MixedStatus::fitted) return status;
  if (s.tied_times && only_distinct_times(model)) return MixedStatus::repeated_visit;
  take_mean_times(model, s);
  if (model.row_times.empty()) {
    s.times.resize(s.groups);
    for (auto& times : s.times) times = s.typical_times;
    s.group_of.resize(s.groups);
    std::iota(s.group_of.begin(), s.group_of.end(), std::size_t{0});
  }
  s.classes = s.times.size();
  find_columns(s);
  if (!take_residuals(s)) return MixedStatus::collinear;
  sum_cross_products(s);
  return MixedStatus::fitted;
}

bool estimable(MixedState& s, CovarianceStructure structure) {
  if (barred_by_ties(s, structure)) return false;
  for (std::size_t group = 0; group < s.groups; ++group) {
    const double patients = count_together(s, group);
    if (!seen_enough(s, structure, patients)) return false;
  }
  return true;
}

void take_residual_moments(MixedState& s, std::size_t group) {
  MatrixXd& moments = s.moments;
  moments.setZero(s.m, s.m);
  s.together.setZero(s.m, s.m);
  for (const VisitPattern& pattern : s.patterns) {
    if (s.group_of[pattern.group] != group) continue;
    const std::size_t m = pattern.visits.size();
    for (std::size_t j = 0; j < m; ++j) {
      for (std::size_t k = 0; k < m; ++k) {
        const Index a = pattern.visits[j];
        const Index b = pattern.visits[k];
        const std::size_t last = s.columns[at(a)].size() * s.columns[at(b)].size() - 1;
        moments(a, b) += pattern.cross[pattern.block_at[j * m + k] + last];
        s.together(a, b) += pattern.patients;
      }
    }
  }
  moments.array() /= s.together.array().max(1.0);
  const double floor = 1.0e-12 * moments.trace() / static_cast<double>(s.m);
  moments.diagonal() = moments.diagonal().cwiseMax(floor > 0.0 ? floor : 1.0);
  // Pairwise moments need not be positive definite: shrink the correlations until they are.
  s.variances = moments.diagonal();
  s.visit_scale = s.variances.cwiseSqrt().cwiseInverse();
  for (int attempt = 0; attempt < 40; ++attempt) {
    s.correlation = s.visit_scale.asDiagonal() * moments * s.visit_scale.asDiagonal();
    s.correlation_llt.compute(s.correlation);
    if (s.correlation_llt.info() == Eigen::Success &&
        s.correlation_llt.matrixLLT().diagonal().minCoeff() > 0.05) {
      break;
    }
    moments *= 0.9;
    moments.diagonal() = s.variances;
  }
}

}  // namespace angiotrial::analysis
