// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace angiotrial::analysis {
namespace {

/// Open addressing over the rows kept so far.
class RowTable {
 public:
  explicit RowTable(const CumulativeModel& model) : model_(model) {
    slots_.assign(std::bit_ceil(2 * model.response.size() + 2), 0);
  }

  /// The kept row equal to row r, or that of r itself, now kept.
  std::size_t find_or_add(std::size_t r) {
    std::size_t slot = hash(r) & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      const std::size_t kept = slots_[slot] - 1;
      if (equal(kept_[kept], r)) return kept;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    kept_.push_back(r);
    slots_[slot] = kept_.size();
    return kept_.size() - 1;
  }
  [[nodiscard]] const std::vector<std::size_t>& kept() const { return kept_; }

 private:
  static std::uint64_t mix(std::uint64_t sum, double value) {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
    // + 0.0 makes both zeros one.
    sum = (sum ^ std::bit_cast<std::uint64_t>(value + 0.0)) * odd;
    return sum ^ (sum >> 29U);
  }
  [[nodiscard]] std::size_t hash(std::size_t r) const {
    std::uint64_t sum = mix(1, model_.response[r]);
    for (const double v : row(model_.proportional, r)) sum = mix(sum, v);
    for (const double v : row(model_.nominal, r)) sum = mix(sum, v);
    return static_cast<std::size_t>(sum);
  }
  [[nodiscard]] std::span<const double> row(std::span<const double> all, std::size_t r) const {
    const std::size_t columns = all.size() / model_.response.size();
    return all.subspan(r * columns, columns);
  }
  [[nodiscard]] bool equal(std::size_t a, std::size_t b) const {
    return model_.response[a] == model_.response[b] &&
           std::ranges::equal(row(model_.proportional, a), row(model_.proportional, b)) &&
           std::ranges::equal(row(model_.nominal, a), row(model_.nominal, b));
  }

  const CumulativeModel& model_;
  std::vector<std::size_t> slots_, kept_;
};

void append(std::span<const double> from, std::size_t columns, std::size_t row,
            std::vector<double>& to) {
  const auto part = from.subspan(row * columns, columns);
  to.insert(to.end(), part.begin(), part.end());
}

}  // namespace

AggregatedRows aggregate_rows(const CumulativeModel& model) {
  AggregatedRows out;
  if (model.response.empty()) return out;
  RowTable table(model);
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
