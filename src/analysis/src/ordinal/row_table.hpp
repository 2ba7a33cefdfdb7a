// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace angiotrial::analysis {

/// Open addressing over the rows kept so far: rows that agree in x, in z and, if wanted, in the
/// response are kept once.
class RowTable {
 public:
  RowTable(const CumulativeModel& model, bool by_response)
      : model_(model), by_response_(by_response) {
    slots_.assign(std::bit_ceil(2 * model.response.size() + 2), 0);
  }

  /// The place among `kept` of the row equal to row r, or of r itself, now kept.
  std::size_t find_or_add(std::size_t r) {
    std::size_t slot = hash(r) & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      const std::size_t place = slots_[slot] - 1;
      if (equal(kept_[place], r)) return place;
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
    std::uint64_t sum = mix(1, by_response_ ? model_.response[r] : 0);
    for (const double v : row(model_.proportional, r)) sum = mix(sum, v);
    for (const double v : row(model_.nominal, r)) sum = mix(sum, v);
    return static_cast<std::size_t>(sum);
  }
  [[nodiscard]] std::span<const double> row(std::span<const double> all, std::size_t r) const {
    const std::size_t columns = all.size() / model_.response.size();
    return all.subspan(r * columns, columns);
  }
  [[nodiscard]] bool equal(std::size_t a, std::size_t b) const {
    return (!by_response_ || model_.response[a] == model_.response[b]) &&
           std::ranges::equal(row(model_.proportional, a), row(model_.proportional, b)) &&
           std::ranges::equal(row(model_.nominal, a), row(model_.nominal, b));
  }

  const CumulativeModel& model_;
  bool by_response_;
  std::vector<std::size_t> slots_, kept_;
};

}  // namespace angiotrial::analysis
