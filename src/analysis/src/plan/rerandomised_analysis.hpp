// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/row_choice.hpp"
#include "plan/task.hpp"

/// Another analysis of the plan as a statistic of the arms: it is run again, whole, on tables in
/// which the arms of the subjects randomised are those of an allocation.
namespace angiotrial::analysis {

/// A number of the analysis under every allocation that was asked for.
struct RerandomisedNumber {
  Row row;                      ///< of the trial as it was
  double equal_within = 0.0;    ///< values no farther apart are equal
  std::vector<double> by_call;  ///< its values so far; NaN where the analysis had none
};

class RerandomisedAnalysis {
 public:
  /// `entry` names the analysis, as RowChoice reads it, and `number` its statistic. None, with
  /// problems or a refusal, where the plan has no such analysis, it has no such number, or subjects
  /// outside `randomised` have an arm in the tables.
  [[nodiscard]] static std::optional<RerandomisedAnalysis> of(const std::string& entry,
                                                              const std::string& number,
                                                              const Frame& randomised, Task& task);

  [[nodiscard]] const PlannedAnalysis& analysis() const { return *analysis_; }
  [[nodiscard]] const std::vector<RerandomisedNumber>& numbers() const { return numbers_; }
  /// Whether the numbers are p-values, whose values are -ln p: the larger, the more extreme.
  [[nodiscard]] bool of_p_values() const { return p_values_; }

  /// Number k under the arms of the subjects randomised. Calls for the first number run the
  /// analysis; the same calls in the same order for the others take what was found then. Ratios as
  /// logarithms.
  [[nodiscard]] double value(std::size_t k, std::size_t call, std::span<const int> arm);

 private:
  /// A table's column of arms, and the subject of each row among those randomised, -1 for none.
  struct ArmColumn {
    std::size_t table = 0, column = 0;
    std::vector<int> subject;
  };
  RerandomisedAnalysis() = default;
  bool find_arms(const Frame& randomised, const Task& task);
  bool link(std::size_t table, const Frame& randomised, const Task& task);
  bool choose(const std::string& entry, const std::string& number, Task& task);
  void put_arms(std::span<const int> arm);
  [[nodiscard]] std::vector<Row> run(std::vector<diagnostics::Problem>& problems,
                                     std::vector<diagnostics::Problem>& refusals) const;
  [[nodiscard]] double scaled(const std::optional<double>& value, const Row& row) const;

  const PlanHead* plan_ = nullptr;
  const PlannedAnalysis* analysis_ = nullptr;
  std::span<const PlannedAnalysis> analyses_;
  std::string_view source_of_data_;
  std::vector<formats::DataTable> tables_;
  std::vector<ArmColumn> arm_columns_;
  std::vector<std::string> arms_;
  std::vector<RerandomisedNumber> numbers_;
  RowChoice choice_;
  std::string number_;
  bool p_values_ = false;
};

}  // namespace angiotrial::analysis
