// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/task.hpp"

/// What methods for one row a subject begin with: a response, strata, two arms at a time.
namespace angiotrial::analysis {

struct SubjectData {
  Frame frame;
  std::vector<double> response;
  std::size_t missing = 0;  ///< rows left out for a missing value
};

/// None, with problems, where a column is missing or wrong, a subject has two rows, or an arm has
/// no row. Rows with a missing value in `columns` go too.
[[nodiscard]] std::optional<SubjectData> subject_data(const std::string& response,
                                                      const std::vector<std::string>& columns,
                                                      const Task& task, bool needs_arm = true);

/// Every combination of the levels of some columns that occurs.
struct Strata {
  std::vector<int> codes;  ///< of each row, 0 upwards; -1 where a level is missing
  std::vector<std::string> names;

  [[nodiscard]] int count() const { return static_cast<int>(names.size()); }
};
/// One stratum without columns.
[[nodiscard]] Strata strata_of(Frame& frame, const std::vector<std::string>& columns);

/// Rows of `arm` and of the reference, in their order.
struct TwoArms {
  std::vector<std::size_t> rows;
  std::vector<int> active;  ///< 1 in `arm`, 0 in the reference

  template <class Value>
  [[nodiscard]] std::vector<Value> of(const std::vector<Value>& values) const {
    std::vector<Value> out;
    for (const std::size_t row : rows) out.push_back(values[row]);
    return out;
  }
};
[[nodiscard]] TwoArms two_arms(const Frame& frame, std::size_t arm);

/// each(arm) for every arm but the reference; rows put meanwhile carry both.
template <class Each>
void for_each_comparison(const Frame& frame, Task& task, Each&& each) {
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    task.out.row.arm = frame.arms()[arm];
    task.out.row.arm_ref = frame.arms()[frame.reference()];
    each(arm);
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
}

/// Rows lower and upper (after `prefix`), with the plan's level.
void put_interval(Task& task, double lower, double upper, std::string_view unit,
                  const std::string& prefix = "");

/// Rows n and n_missing.
void put_subjects(const SubjectData& data, Task& task);

}  // namespace angiotrial::analysis
