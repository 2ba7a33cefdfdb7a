// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include "ordinal/row_table.hpp"

namespace angiotrial::analysis {
namespace {

void append(std::span<const double> from, std::size_t columns, std::size_t row,
            std::vector<double>& to) {
  const auto part = from.subspan(row * columns, columns);
  to.insert(to.end(), part.begin(), part.end());
}

}  // namespace

AggregatedRows aggregate_rows(const CumulativeModel& model) {
  AggregatedRows out;
  if (model.response.empty()) return out;
  RowTable table(model, true);
  for (std::size_t r = 0; r < model.response.size(); ++r) {
    const double weight = model.weights.empty() ? 1.0 : model.weights[r];
    const std::size_t kept = table.find_or_add(r);
    if (kept == out.weights.size()) out.weights.push_back(0.0);
    out.weights[kept] += weight;
  }
  for (const std::size_t r : table.kept()) {
    out.response.push_back(model.response[r]);
    append(model.proportional, model.proportional_columns, r, out.proportional);
    append(model.nominal, model.nominal_columns, r, out.nominal);
  }
  return out;
}

CumulativeModel AggregatedRows::in_place_of(const CumulativeModel& model) const {
  CumulativeModel out = model;
  out.response = response;
  out.proportional = proportional;
  out.nominal = nominal;
  out.weights = weights;
  return out;
}

}  // namespace angiotrial::analysis
