// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "mixed/mixed_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

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
  if (!finite(model.response) || !finite(model.design) || !finite(model.times)) return false;
  if (model.visits < 1 || model.visits > 64 || model.columns == 0 || model.groups < 1) return false;
  const auto within = [](std::span<const int> values, int limit) {
    return std::all_of(values.begin(), values.end(), [&](int v) { return v >= 0 && v < limit; });
  };
  if (!within(model.visit, model.visits) || !within(model.group, model.groups)) return false;
  for (std::size_t a = 0; a < model.times.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (model.times[a] == model.times[b]) return false;
    }
  }
  return true;
}

void sort_rows(const RepeatedModel& model, MixedState& s) {
  s.order.resize(model.response.size());
  std::iota(s.order.begin(), s.order.end(), std::size_t{0});
  std::sort(s.order.begin(), s.order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(model.patient[a], model.visit[a]) <
           std::pair(model.patient[b], model.visit[b]);
  });
  s.x.resize(s.p + 1, s.n);
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

/// Patients, with their patterns of visits.
MixedStatus find_patterns(const RepeatedModel& model, MixedState& s) {
  s.patients.clear();
  s.patterns.clear();
  s.pattern_of.clear();
  for (Index i = 0; i < s.n;) {
    const int patient = model.patient[s.order[at(i)]];
    const std::size_t group = s.row_group[at(i)];
    PatientRows rows{i, 0, 0};
    std::uint64_t mask = 0;
    for (; i < s.n && model.patient[s.order[at(i)]] == patient; ++i, ++rows.rows) {
      const std::uint64_t bit = std::uint64_t{1} << s.row_visit[at(i)];
      if ((mask & bit) != 0) return MixedStatus::repeated_visit;
      if (s.row_group[at(i)] != group) return MixedStatus::split_patient;
      mask |= bit;
    }
    const auto [entry, fresh] = s.pattern_of.try_emplace({group, mask}, s.patterns.size());
    if (fresh) {
      VisitPattern& pattern = s.patterns.emplace_back();
      pattern.group = group;
      pattern.mask = mask;
      for (Index a = 0; a < s.m; ++a) {
        if ((mask >> a & 1U) != 0) pattern.visits.push_back(a);
      }
    }
    rows.pattern = entry->second;
    s.patterns[rows.pattern].patients += 1.0;
    s.patients.push_back(rows);
  }
  return MixedStatus::fitted;
}

void find_columns(MixedState& s) {
  MatrixXd largest = MatrixXd::Zero(s.p, s.m);
  for (Index i = 0; i < s.n; ++i) {
    auto most = largest.col(s.row_visit[at(i)]);
    most = most.cwiseMax(s.x.col(i).head(s.p).cwiseAbs());
  }
  s.columns.assign(at(s.m), {});
  for (Index a = 0; a < s.m; ++a) {
    for (Index c = 0; c < s.p; ++c) {
      if (largest(c, a) > 0.0) s.columns[at(a)].push_back(c);
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
  const VectorXd size = s.k.diagonal().head(s.p).cwiseSqrt();
  bool clear = size.minCoeff() > 0.0;
  if (clear) {
    const VectorXd scale = size.cwiseInverse();
    const MatrixXd gram = scale.asDiagonal() * s.k.topLeftCorner(s.p, s.p) * scale.asDiagonal();
    s.cholesky.compute(gram);
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
  s.x.row(s.p) -= s.least_squares.transpose() * s.x.topRows(s.p);
  return true;
}

/// Where each block of a pattern's cross-products begins; all of them 0.
void lay_out_blocks(MixedState& s) {
  for (VisitPattern& pattern : s.patterns) {
    const std::size_t m = pattern.visits.size();
    pattern.block_at.resize(m * m);
    std::size_t size = 0;
    for (std::size_t j = 0; j < m; ++j) {
      for (std::size_t k = 0; k < m; ++k) {
        pattern.block_at[j * m + k] = size;
        size += s.columns[at(pattern.visits[j])].size() * s.columns[at(pattern.visits[k])].size();
      }
    }
    pattern.cross.assign(size, 0.0);
  }
}

/// Blocks below the diagonal are those above, transposed.
void mirror_blocks(const MixedState& s, VisitPattern& pattern) {
  const std::size_t m = pattern.visits.size();
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t k = 0; k < j; ++k) {
      const std::size_t rows = s.columns[at(pattern.visits[j])].size();
      const std::size_t columns = s.columns[at(pattern.visits[k])].size();
      for (std::size_t a = 0; a < rows; ++a) {
        for (std::size_t b = 0; b < columns; ++b) {
          pattern.cross[pattern.block_at[j * m + k] + a * columns + b] =
              pattern.cross[pattern.block_at[k * m + j] + b * rows + a];
        }
      }
    }
  }
}

void add_upper_blocks(MixedState& s, const PatientRows& patient, double weight) {
  VisitPattern& pattern = s.patterns[patient.pattern];
  const std::size_t m = pattern.visits.size();
  for (std::size_t j = 0; j < m; ++j) {
    const auto& rows = s.columns[at(pattern.visits[j])];
    const double* zj = s.x.col(patient.first + static_cast<Index>(j)).data();
    for (std::size_t k = j; k < m; ++k) {
      const auto& columns = s.columns[at(pattern.visits[k])];
      const double* zk = s.x.col(patient.first + static_cast<Index>(k)).data();
      double* block = &pattern.cross[pattern.block_at[j * m + k]];
      for (const Index a : rows) {
        const double value = weight * zj[a];
        for (const Index b : columns) *block++ += value * zk[b];
      }
    }
  }
}

}  // namespace

void add_patient(MixedState& s, const PatientRows& patient, double weight) {
  add_upper_blocks(s, patient, weight);
  mirror_blocks(s, s.patterns[patient.pattern]);
  s.patterns[patient.pattern].patients += weight;
}

void weigh_patients(MixedState& s, std::span<const double> weights) {
  for (VisitPattern& pattern : s.patterns) {
    pattern.patients = 0.0;
    std::fill(pattern.cross.begin(), pattern.cross.end(), 0.0);
  }
  for (std::size_t i = 0; i < s.patients.size(); ++i) {
    if (weights[i] == 0.0) continue;
    add_upper_blocks(s, s.patients[i], weights[i]);
    s.patterns[s.patients[i].pattern].patients += weights[i];
  }
  for (VisitPattern& pattern : s.patterns) mirror_blocks(s, pattern);
}

MixedStatus load(const RepeatedModel& model, MixedState& s) {
  s.n = static_cast<Index>(model.response.size());
  s.p = static_cast<Index>(model.columns);
  s.m = model.visits;
  s.groups = static_cast<std::size_t>(std::max(model.groups, 1));
  s.criterion = model.criterion;
  if (!valid(model)) return MixedStatus::invalid_input;
  if (s.n <= s.p) return MixedStatus::too_few_rows;
  sort_rows(model, s);
  const MixedStatus status = find_patterns(model, s);
  if (status != MixedStatus::fitted) return status;
  find_columns(s);
  if (!take_residuals(s)) return MixedStatus::collinear;
  lay_out_blocks(s);
  for (const PatientRows& patient : s.patients) add_upper_blocks(s, patient, 1.0);
  for (VisitPattern& pattern : s.patterns) mirror_blocks(s, pattern);
  return MixedStatus::fitted;
}

bool estimable(const MixedState& s, CovarianceStructure structure) {
  for (std::size_t group = 0; group < s.groups; ++group) {
    MatrixXd together = MatrixXd::Zero(s.m, s.m);
    for (const VisitPattern& pattern : s.patterns) {
      if (pattern.group != group) continue;
      for (const Index a : pattern.visits) {
        for (const Index b : pattern.visits) together(a, b) += pattern.patients;
      }
    }
    if (together.diagonal().minCoeff() < 2.0) return false;
    if (structure == CovarianceStructure::unstructured && together.minCoeff() < 1.0) return false;
  }
  return true;
}

MatrixXd residual_moments(const MixedState& s, std::size_t group) {
  MatrixXd sum = MatrixXd::Zero(s.m, s.m);
  MatrixXd count = MatrixXd::Zero(s.m, s.m);
  for (const VisitPattern& pattern : s.patterns) {
    if (pattern.group != group) continue;
    const std::size_t m = pattern.visits.size();
    for (std::size_t j = 0; j < m; ++j) {
      for (std::size_t k = 0; k < m; ++k) {
        const Index a = pattern.visits[j];
        const Index b = pattern.visits[k];
        const std::size_t last = s.columns[at(a)].size() * s.columns[at(b)].size() - 1;
        sum(a, b) += pattern.cross[pattern.block_at[j * m + k] + last];
        count(a, b) += pattern.patients;
      }
    }
  }
  MatrixXd moments = sum.cwiseQuotient(count.cwiseMax(1.0));
  const double floor = 1.0e-12 * moments.trace() / static_cast<double>(s.m);
  moments.diagonal() = moments.diagonal().cwiseMax(floor > 0.0 ? floor : 1.0);
  // Pairwise moments need not be positive definite: shrink the correlations until they are.
  const VectorXd diagonal = moments.diagonal();
  for (int attempt = 0; attempt < 40; ++attempt) {
    const VectorXd sd = diagonal.cwiseSqrt().cwiseInverse();
    const Eigen::LLT<MatrixXd> llt(sd.asDiagonal() * moments * sd.asDiagonal());
    if (llt.info() == Eigen::Success && llt.matrixLLT().diagonal().minCoeff() > 0.05) break;
    moments *= 0.9;
    moments.diagonal() = diagonal;
  }
  return moments;
}

}  // namespace angiotrial::analysis
