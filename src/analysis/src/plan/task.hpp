// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan/plan_file.hpp>

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/frame.hpp"
#include "rows/row_writer.hpp"

namespace angiotrial::analysis {

/// An estimate with its interval and test, on the scale on which it is normal or t.
struct Effect {
  double estimate = 0.0;
  double se = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;
  std::optional<double> df;  ///< empty: normal
};

/// One analysis at work: the plan, the data, and where its rows go.
struct Task {
  const PlanHead& plan;
  const PlannedAnalysis& analysis;
  std::span<const formats::DataTable> tables;
  RowWriter& out;  ///< its template carries analysis, method, paramcd, estimand; earlier rows too
  std::vector<diagnostics::Problem>& problems;
  std::vector<diagnostics::Problem>& refusals;
  std::string_view source_of_data;  ///< of rows that come from the tables: observed or simulated
  std::span<const PlannedAnalysis> analyses;  ///< all of the plan, this one too
  bool* read_data = nullptr;                  ///< set where rows of the tables are asked for

  [[nodiscard]] double level() const { return plan.level_fraction.value(); }
  [[nodiscard]] Preset preset() const { return plan.conventions; }

  /// From here on the rows are those of the tables, no longer of the plan alone.
  void use_data() const {
    out.row.source = source_of_data;
    if (read_data != nullptr) *read_data = true;
  }
  /// The rows of this analysis, or none with problems.
  [[nodiscard]] std::optional<Frame> frame(FrameWants wants = {}) const;

  /// Problems for classes that are no column of the covariates. False if any.
  bool check_classes(std::span<const std::string> classes,
                     std::span<const std::string> covariates) const;
  /// Problems for terms that contain the arm, which is not for these. False if any.
  bool check_without_arm(std::string_view key, std::span<const std::string> terms) const;

  /// A problem where the meaning of a key rests on the order of the arms, which neither `arms` of
  /// the plan nor numbers as their names tell: sorted by letters, placebo stands anywhere. False if
  /// so.
  bool check_order_of_arms(std::string_view key, const Frame& frame) const;

  /// Says why the data cannot support the analysis: a refusal, and a row without value.
  void refuse(std::string reason, std::string hint = "") const;

  /// A problem with an option of this analysis.
  void bad_option(std::string_view key, std::string value, std::string rule,
                  std::string hint = "") const;

  // Rows of an effect of `arm` against the reference (empty: of no arm). `prefix` begins the names
  // of interval, error and test where a second effect of the same arm would else repeat them.
  void put_difference(std::string_view arm, std::string_view reference, const Effect& effect,
                      std::string_view name = "difference", const std::string& prefix = "") const;
  /// `effect` is on the log scale; the ratio and its interval are printed, and se_log.
  void put_ratio(std::string_view arm, std::string_view reference, const Effect& effect,
                 std::string_view name, const std::string& prefix = "") const;
  void put_mean(std::string_view arm, const Effect& mean,
                std::string_view name = "adjusted_mean") const;
};

/// Problems with keys that were given though `reader` alone reads them: `effect = "assumed"`.
/// False if any.
struct Setting {
  std::string_view key;
  bool given = false;
};
bool none_given(const Task& task, std::initializer_list<Setting> settings, std::string_view reader);

/// estimate +- z se, two-sided p-value of 0; t where df is given. No p-value without an error.
[[nodiscard]] Effect wald(double estimate, double se, double level,
                          std::optional<double> df = std::nullopt);

}  // namespace angiotrial::analysis
