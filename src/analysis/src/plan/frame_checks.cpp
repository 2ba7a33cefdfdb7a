// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "plan/condition.hpp"
#include "plan/frame.hpp"
#include "plan/frame_columns.hpp"

/// What would give a number without a complaint, and a wrong one.
namespace angiotrial::analysis {
namespace {

constexpr const char* parameter = "PARAMCD";

}  // namespace

/// A response that explains itself.
void Frame::check_columns(const FrameRequest& request) const {
  const std::string& response = request.wants.response;
  if (response.empty() || std::ranges::count(request.wants.columns, response) < 2) return;
  add_problem(response, "", "is the response, and cannot be another column of the model as well");
}

/// Where the arms are no good, the cells of the response are read all the same: one telling of
/// both.
void Frame::check_response(const FrameRequest& request) {
  const std::string& response = request.wants.response;
  if (response.empty() || !request.wants.response_of_numbers || !has(response)) return;
  (void)numbers(response);
}

/// Rows of two parameters at once, unless the parameter is in the model.
void Frame::check_parameters(const FrameRequest& request) const {
  const auto& columns = request.wants.columns;
  const formats::DataColumn* codes = table_->find(parameter);
  if (codes == nullptr || request.wants.visit == parameter ||
      std::ranges::find(columns, parameter) != columns.end()) {
    return;
  }
  std::set<std::string> found;
  for (const std::size_t t : rows_) {
    if (!codes->missing(t)) found.insert(codes->text(t));
  }
  if (found.size() < 2) return;
  add_problem(parameter, *found.begin() + ", " + *std::next(found.begin()),
              "the rows of the analysis are of " + std::to_string(found.size()) + " parameters",
              "choose one, such as where = [\"PARAMCD = " + *found.begin() + "\"]");
}

/// Numbers with a slip among them would enter as categories. Looks at every row of the table, since
/// a slip anywhere in it makes the column one of texts.
void Frame::check_mostly_numbers(const Place& place) const {
  const formats::TextCells& cells = place.column->texts;
  std::vector<bool> slip;
  for (const std::string& text : cells.levels()) {
    slip.push_back(!text.empty() && !formats::cell_number(text));
  }
  std::size_t filled = 0, slips = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty()) continue;
    ++filled;
    if (slip[cells.codes()[i]]) ++slips;
  }
  if (slips == 0 || 2 * slips >= filled) return;
  const formats::DataTable& table = place.of_subject ? *subject_table_ : *table_;
  const std::string& name = place.column->name;
  formats::ProblemKind wrong(*problems_);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!slip[cells.codes()[i]]) continue;
    wrong.add({table.file, table.lines[i], name, cells[i], "is not a number",
               "list " + name + " in `classes` if it is a category"});
  }
}

bool Frame::is_category(std::string_view column, std::span<const std::string> classes) const {
  if (std::ranges::find(classes, column) != classes.end()) return true;
  if (is_number(column)) return false;
  check_mostly_numbers(find(column));
  return true;
}

/// A subject whose name is written in two ways would count as two.
void Frame::check_spelling_of_subjects(const FrameRequest& request) const {
  const std::string& key = request.plan.columns.subject;
  if (key.empty() || table_->find(key) == nullptr) return;
  formats::ProblemKind twice(*problems_);
  for (const auto& [name, other] : spelt_twice(subject_names_)) {
    twice.add({table_->file, 0, key, '"' + other + '"',
               "differs from \"" + name + "\" only in case or blanks", ""});
  }
}

void Frame::count_without_row(const FrameRequest& request) {
  if (subject_table_ == nullptr || !request.wants.needs_arm) return;
  const Place arm = find(arm_column_name_);
  if (!arm.of_subject) return;
  std::vector<bool> wanted(subject_table_->rows(), true);
  const auto demand = [&](const Place& place, auto&& holds) {
    for (std::size_t r = 0; r < wanted.size(); ++r) {
      if (!holds(place.column->text(r))) wanted[r] = false;
    }
  };
  demand(arm,
         [&](const std::string& name) { return std::ranges::find(arms_, name) != arms_.end(); });
  if (const std::string& flag = request.analysis.estimand.population; !flag.empty()) {
    const Place place = find(flag);
    if (!place.of_subject) return;
    demand(place, [](const std::string& cell) { return cell == "Y"; });
  }
  for (const std::string& text : request.analysis.where) {
    const auto read = read_condition(text);
    if (!read) continue;
    const Condition& condition = *read;
    const Place place = find(condition.column);
    if (!place.of_subject) continue;
    demand(place, [&](const std::string& cell) { return condition.holds(cell).value_or(false); });
  }
  for (const std::ptrdiff_t r : subject_row_) {
    if (r >= 0) wanted[static_cast<std::size_t>(r)] = false;
  }
  without_row_ = static_cast<std::size_t>(std::ranges::count(wanted, true));
}

}  // namespace angiotrial::analysis
