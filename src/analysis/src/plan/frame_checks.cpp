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
