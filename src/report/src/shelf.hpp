// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Rows by what they say, and the statistics that this room adds.
namespace angiotrial::report {

inline constexpr std::string_view base_scenario = "base";
inline constexpr std::string_view distance_statistic = "published_se_distance";
inline constexpr std::string_view step_statistic = "step";

/// Which distance: a mean, a difference and a percentage may share every other field.
[[nodiscard]] inline std::string distance_method(std::string_view statistic) {
  return std::string(statistic) + ": (simulated - published) / published standard error";
}

/// The baseline characteristic that holds all arms' baseline of an endpoint: ANGWK -> ANGFRBL.
[[nodiscard]] std::string_view baseline_code(std::string_view paramcd);

/// Belongs to the split of the placebo arm's change: a true row of group `1 at enrolment` and so
/// on.
[[nodiscard]] bool in_decomposition(const analysis::Row& row);

/// One of its cumulative levels.
[[nodiscard]] bool is_decomposition(const analysis::Row& row);

/// What a wanted row must say; an empty `scenario` stands for the base scenario.
struct Want {
  std::string_view source = "simulated";
  std::string_view scenario = {};
  std::string_view arm = {};
  std::string_view arm_ref = {};
  std::string_view group = {};
  std::string_view paramcd = {};
  std::string_view avisit = {};
  std::string_view statistic = {};
};

/// Finds rows. Holds pointers into the vector it was made from, which must outlive it unchanged.
class Shelf {
 public:
  explicit Shelf(const std::vector<analysis::Row>& rows);

  /// The first row that says all of `want`, or nullptr.
  [[nodiscard]] const analysis::Row* find(const Want& want) const;
  /// The first row of `want` with any of the given methods' beginnings, or nullptr.
  [[nodiscard]] const analysis::Row* find(const Want& want, std::string_view method) const;
  /// The simulated or true row that a published one can be compared with, or nullptr. Visits agree
  /// by name; baseline rates and times of all arms stand under their own codes.
  [[nodiscard]] const analysis::Row* simulated_counterpart(const analysis::Row& published) const;
  /// Another statistic (se, lower, upper, sd, n) of the same quantity and method, or nullptr. Only
  /// an estimate has an error or an interval: a standard deviation beside a mean has none here.
  [[nodiscard]] const analysis::Row* companion(const analysis::Row& row,
                                               std::string_view statistic) const;
  /// The distance of `published` from its counterpart, or nullptr.
  [[nodiscard]] const analysis::Row* distance(const analysis::Row& published) const;
  /// Place of a row in the vector: its number in results.json.
  [[nodiscard]] std::size_t number(const analysis::Row& row) const;
  [[nodiscard]] const std::vector<analysis::Row>& rows() const { return *rows_; }

 private:
  const std::vector<analysis::Row>* rows_;
  std::vector<const analysis::Row*> ordered_;  ///< by paramcd, then as in the vector
};

}  // namespace angiotrial::report
