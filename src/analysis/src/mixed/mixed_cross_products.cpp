// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_state.hpp"

#include <algorithm>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

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

void sum_cross_products(MixedState& s) {
  lay_out_blocks(s);
  for (const PatientRows& patient : s.patients) add_upper_blocks(s, patient, 1.0);
  for (VisitPattern& pattern : s.patterns) mirror_blocks(s, pattern);
}

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

}  // namespace angiotrial::analysis
