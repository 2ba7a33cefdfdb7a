// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan/plan_file.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The rows that one analysis works on: those of its table that the population, the conditions and
/// the strategies for events leave, with the columns of the subject table joined on.
namespace angiotrial::analysis {

struct Condition;

/// A column as categories: code of each row into `levels`, -1 where missing.
struct Factor {
  std::string column;
  std::vector<std::string> levels;  ///< sorted: as numbers if all are, else as texts
  std::vector<int> codes;
};

/// A regression design: row by row, `names.size()` numbers each.
struct Design {
  std::vector<double> values;
  std::vector<std::string> names;
  std::vector<std::string> terms;  ///< of each column; empty of the intercept

  [[nodiscard]] std::size_t columns() const { return names.size(); }
};

/// What a method wants of the rows of its analysis.
struct FrameWants {
  bool needs_arm = true;
  bool needs_subject = true;  ///< false: a row without a subject's name is one of its own
  std::string response{};     ///< the number that strategies for events may replace; empty: none
  bool response_of_numbers = true;     ///< false: it may be of texts that name categories
  std::string visit{};                 ///< where a subject has a row a visit; empty: no such column
  std::vector<std::string> columns{};  ///< others it needs, to be told with all that is missing
};

/// What came of asking for the rows of an analysis.
struct FrameRequest {
  const PlanHead& plan;
  const PlannedAnalysis& analysis;
  std::span<const formats::DataTable> tables;
  std::vector<diagnostics::Problem>& problems;
  FrameWants wants{};
};

/// What the strategies for events did to the rows.
struct EventCounts {
  std::size_t left_out = 0;
  std::size_t composite = 0, composite_unseen = 0;  ///< `unseen`: without a record after the event
  std::size_t last_value = 0, last_value_unseen = 0;
};

class Frame {
 public:
  /// None, with problems, when a table or column is missing or holds what it may not.
  [[nodiscard]] static std::optional<Frame> of(const FrameRequest& request);

  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] const std::vector<std::string>& arms() const { return arms_; }
  [[nodiscard]] std::size_t reference() const { return reference_; }
  [[nodiscard]] const std::vector<int>& arm() const { return arm_; }          ///< of each row
  [[nodiscard]] const std::vector<int>& subject() const { return subject_; }  ///< 0 upwards
  [[nodiscard]] std::size_t subjects() const { return subject_names_.size(); }
  [[nodiscard]] const std::string& subject_name(std::size_t subject) const {
    return subject_names_[subject];
  }
  /// Subjects of the arm that has the fewest.
  [[nodiscard]] std::size_t fewest_subjects() const;
  /// Rows left out because their subject has no arm.
  [[nodiscard]] std::size_t without_arm() const { return without_arm_; }
  [[nodiscard]] const EventCounts& event_counts() const { return event_counts_; }
  /// Subjects of the population and an arm, by the subject table, without a row to analyse.
  [[nodiscard]] std::size_t without_row() const { return without_row_; }
  /// `file:line` of a row is table().file and line(row).
  [[nodiscard]] const formats::DataTable& table() const { return *table_; }
  [[nodiscard]] int line(std::size_t row) const { return table_->lines[rows_[row]]; }

  /// Whether the table or the subject table has such a column.
  [[nodiscard]] bool has(std::string_view column) const;
  /// False for a text column; true also where there is none, so that numbers() says so.
  [[nodiscard]] bool is_number(std::string_view column) const;
  /// Whether a term enters this column as categories: one of text, or named in `classes`. A text
  /// column that is not named there and holds numbers in most of its cells is a problem.
  [[nodiscard]] bool is_category(std::string_view column,
                                 std::span<const std::string> classes) const;

  /// NaN where missing. A missing column, or text in it, is a problem. A response is changed by the
  /// strategies for events: composite values, or the last before the event, are put in.
  [[nodiscard]] std::vector<double> numbers(std::string_view column);
  [[nodiscard]] std::vector<double> response(std::string_view column);
  /// Categories that differ only in case or blanks are a problem.
  [[nodiscard]] Factor factor(std::string_view column);
  /// Adds a problem where a term says `arm` and the data have a column `arm` that is not the arm's.
  void check_arm_term(std::span<const std::string> terms);

  /// Keeps the rows in which none of these columns is missing; how many went.
  std::size_t keep_complete(std::span<const std::string> columns);
  /// Every row moves to this arm: for designs of what would have been.
  void put_all_in(std::size_t arm) { arm_.assign(arm_.size(), static_cast<int>(arm)); }
  /// Keeps the rows so marked.
  void keep(const std::vector<bool>& wanted);
  /// Keeps these rows, in this order.
  void keep_in_order(std::span<const std::size_t> wanted);

  /// Adds a problem, once for each subject, where one has two rows left. False if any.
  bool require_one_row_per_subject(
      std::string_view hint = "or use a method for repeated measurements");
  /// Adds a problem for each arm that no row is left of. False if any.
  bool require_every_arm();

  /// An intercept, an indicator of each arm but the reference (columns 1 to arms - 1 in the order
  /// of arms()), then the terms: a number column as it is, a text column or one named in `classes`
  /// as indicators of all levels but the first, `a:b` as products. `arm` names the arm. Problems
  /// with products whose parts are not among the terms and `others`, terms of the same model.
  [[nodiscard]] Design design(std::span<const std::string> terms,
                              std::span<const std::string> classes = {}, bool with_arms = true,
                              std::span<const std::string> others = {});
  /// The column of `arm` in such a design; 0 for the reference.
  [[nodiscard]] std::size_t arm_column(std::size_t arm) const;
  /// The columns that a list of terms names, products taken apart, without `arm`.
  [[nodiscard]] static std::vector<std::string> columns_of(std::span<const std::string> terms);

  [[nodiscard]] std::vector<diagnostics::Problem>& problems() const { return *problems_; }
  [[nodiscard]] bool ok() const { return problems_->size() == problems_before_; }
  /// A number; NaN is a missing value, of which nothing is said where its column could not be read.
  void add_problem(std::size_t row, std::string_view column, double value, std::string rule,
                   std::string hint = "") const;
  void add_problem(std::size_t row, std::string_view column, std::string value, std::string rule,
                   std::string hint = "") const;
  void add_problem(std::string_view column, std::string value, std::string rule,
                   std::string hint = "") const;

 private:
  struct Place {
    const formats::DataColumn* column = nullptr;
    bool of_subject = false;
  };
  Frame() = default;
  [[nodiscard]] Place find(std::string_view column) const;
  [[nodiscard]] std::optional<Place> need(std::string_view column) const;
  [[nodiscard]] std::ptrdiff_t at(const Place& place, std::size_t row) const;
  [[nodiscard]] bool missing(const Place& place, std::size_t row) const;
  [[nodiscard]] std::string text(const Place& place, std::size_t row) const;
  class Events;  ///< frame_events.cpp
  bool join(const FrameRequest& request);
  void take_rows_as_subjects();
  bool join_subject_table(const std::string& key, const formats::DataColumn& own);
  bool name_arms(const FrameRequest& request);
  bool code_arms(const Place& place);
  [[nodiscard]] std::vector<std::string> arms_found(const FrameRequest& request,
                                                    const Place& place) const;
  void check_spelling_of_arms(const Place& place) const;
  [[nodiscard]] std::map<std::string, std::map<std::string, std::size_t>> subjects_by_arm(
      const Place& place) const;
  void check_lone_arms(const Place& place) const;
  void apply_population(const std::string& flag);
  void apply_conditions(const FrameRequest& request);
  void apply_condition(const std::string& text_of_condition, const FrameRequest& request);
  void tell_that_none_is_left(const Condition& condition, const Place& place,
                              const std::string& text_of_condition,
                              const FrameRequest& request) const;
  void check_columns(const FrameRequest& request) const;
  void check_response(const FrameRequest& request);
  void check_parameters(const FrameRequest& request) const;
  void check_mostly_numbers(const Place& place) const;
  void check_spelling_of_subjects(const FrameRequest& request) const;
  void count_without_row(const FrameRequest& request);
  [[nodiscard]] std::vector<std::vector<double>> term(std::string_view name,
                                                      std::span<const std::string> classes,
                                                      std::vector<std::string>& names);
  struct Product {
    std::vector<std::vector<double>> columns;
    std::vector<std::string> names;
  };
  [[nodiscard]] Product product(std::string_view text, std::span<const std::string> classes);

  const formats::DataTable* table_ = nullptr;
  const formats::DataTable* subject_table_ = nullptr;  ///< null where `table_` is all there is
  std::vector<std::size_t> rows_;                      ///< of table_
  std::vector<std::ptrdiff_t> subject_row_;            ///< of subject_table_, -1 for none
  std::vector<int> arm_, subject_;
  std::vector<double> put_in_;  ///< by row of table_: the response by a strategy; NaN: as it is
  std::shared_ptr<const formats::DataTable> grown_;  ///< table_, where rows were added to it
  std::size_t without_arm_ = 0, without_row_ = 0;
  EventCounts event_counts_;
  std::vector<std::string> arms_, subject_names_;
  std::size_t reference_ = 0;
  std::string arm_column_name_;
  std::vector<diagnostics::Problem>* problems_ = nullptr;
  std::size_t problems_before_ = 0;
};

}  // namespace angiotrial::analysis
