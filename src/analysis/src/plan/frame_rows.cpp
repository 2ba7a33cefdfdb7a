// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "plan/condition.hpp"
#include "plan/did_you_mean.hpp"
#include "plan/frame.hpp"
#include "plan/frame_columns.hpp"
#include "plan/frame_events.hpp"

/// Which rows an analysis works on: subjects, arms, population, conditions.
namespace angiotrial::analysis {
namespace {

using formats::DataColumn;
using formats::DataTable;

/// `subject` of [columns] for data in which each row is a subject of its own.
constexpr std::string_view each_row_is_a_subject = "row";

std::vector<std::string> names_of(std::span<const DataTable> tables) {
  std::vector<std::string> names;
  for (const DataTable& table : tables) names.push_back(table.name);
  return names;
}

/// In the same case, or else the only one that is so named in another.
const DataTable* table_named(std::span<const DataTable> tables, std::string_view name) {
  const DataTable* found = nullptr;
  for (const DataTable& table : tables) {
    if (table.name == name) return &table;
    if (folded(table.name) != folded(name)) continue;
    if (found != nullptr) return nullptr;
    found = &table;
  }
  return found;
}

/// The table of the analysis: the one it names, or the only one, or the subject table.
const DataTable* main_table(const FrameRequest& request) {
  const auto& wanted = request.analysis.table;
  if (!wanted.empty()) {
    const DataTable* found = table_named(request.tables, wanted);
    if (found == nullptr) {
      request.problems.push_back({"", 0, "analysis." + request.analysis.name + ".table", wanted,
                                  "the data have no such table",
                                  did_you_mean(wanted, names_of(request.tables))});
    }
    return found;
  }
  if (request.tables.size() == 1) return request.tables.data();
  const DataTable* found = table_named(request.tables, request.plan.columns.subject_table);
  if (found == nullptr) {
    request.problems.push_back({"", 0, "analysis." + request.analysis.name + ".table", "",
                                "must say which of several tables to analyse", ""});
  }
  return found;
}

/// The subject table, where it is another than the one analysed.
const DataTable* other_table(const FrameRequest& request, const DataTable& own) {
  const std::string& name = request.plan.columns.subject_table;
  const DataTable* found = name.empty() ? nullptr : table_named(request.tables, name);
  if (found == nullptr && !name.empty() && name != ColumnMap{}.subject_table) {
    request.problems.push_back({"", 0, "columns.subject_table", name, "the data have no such table",
                                did_you_mean(name, names_of(request.tables))});
  }
  return found == &own ? nullptr : found;
}

}  // namespace

std::optional<Frame> Frame::of(const FrameRequest& request) {
  Frame frame;
  frame.problems_ = &request.problems;
  frame.problems_before_ = request.problems.size();
  frame.table_ = main_table(request);
  if (frame.table_ == nullptr) return std::nullopt;
  frame.subject_table_ = other_table(request, *frame.table_);
  frame.rows_.resize(frame.table_->rows());
  for (std::size_t i = 0; i < frame.rows_.size(); ++i) frame.rows_[i] = i;
  frame.put_in_.assign(frame.rows_.size(), std::numeric_limits<double>::quiet_NaN());
  frame.arm_.assign(frame.rows_.size(), 0);
  frame.arm_column_name_ = request.plan.columns.arm;
  const bool joined = frame.join(request);
  Events events(request, frame);
  if (joined) {
    frame.apply_population(request.analysis.estimand.population);
    frame.apply_conditions(request);
    const bool chosen = frame.ok();
    if (frame.name_arms(request)) {
      events.apply();
    } else if (chosen) {
      frame.check_response(request);
    }
    frame.check_spelling_of_subjects(request);
  }
  if (frame.ok()) {
    frame.check_parameters(request);
    frame.count_without_row(request);
  }
  frame.check_columns(request);
  if (frame.ok()) return frame;
  for (const std::string& column : request.wants.columns) (void)frame.need(column);
  return std::nullopt;
}

void Frame::take_rows_as_subjects() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    subject_[i] = static_cast<int>(i);
    subject_names_.push_back("row " + std::to_string(i + 1));
  }
}

/// Where each subject of the table stands in the subject table.
bool Frame::join_subject_table(const std::string& key, const DataColumn& own) {
  const DataColumn* theirs = subject_table_->find(key);
  if (theirs == nullptr) {
    problems_->push_back({subject_table_->file, 0, key, "", "the table has no such column",
                          did_you_mean(key, columns_in(*subject_table_))});
    return false;
  }
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < subject_table_->rows(); ++i) {
    if (places.emplace(theirs->text(i), i).second) continue;
    problems_->push_back({subject_table_->file, subject_table_->lines[i], key, theirs->text(i),
                          "a subject stands twice in the subject table", ""});
  }
  formats::ProblemKind unknown(*problems_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = own.text(i);
    const auto found = places.find(name);
    if (found != places.end()) {
      subject_row_[i] = static_cast<std::ptrdiff_t>(found->second);
    } else if (!name.empty()) {
      unknown.add({table_->file, table_->lines[i], key, name,
                   "the subject table " + subject_table_->name + " has no such subject", ""});
    }
  }
  return true;
}

bool Frame::join(const FrameRequest& request) {
  const std::string& key = request.plan.columns.subject;
  const DataColumn* own = table_->find(key);
  subject_row_.assign(rows_.size(), -1);
  subject_.resize(rows_.size());
  const bool each_row = key.empty() || (own == nullptr && key == each_row_is_a_subject);
  if (each_row || (own == nullptr && subject_table_ == nullptr && !request.wants.needs_subject)) {
    take_rows_as_subjects();
    return true;
  }
  if (own == nullptr) {
    const std::string near = did_you_mean(key, columns_in(*table_));
    add_problem(key, "", "the table has no such column to tell subjects apart",
                near.empty() ? "name it by [columns] subject, or say subject = \"row\" if each row "
                               "is a subject of its own"
                             : near);
    return false;
  }
  if (subject_table_ != nullptr && !join_subject_table(key, *own)) return false;
  std::map<std::string, int> indices;
  formats::ProblemKind unknown(*problems_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = own->text(i);
    const auto [at, fresh] = indices.emplace(name, static_cast<int>(indices.size()));
    if (fresh) subject_names_.push_back(name);
    subject_[i] = at->second;
    if (name.empty())
      unknown.add({table_->file, table_->lines[i], key, "", "a row needs a subject", ""});
  }
  return true;
}

void Frame::apply_population(const std::string& flag) {
  if (flag.empty()) return;
  const auto place = need(flag);
  if (!place) return;
  std::vector<bool> wanted(rows());
  formats::ProblemKind neither(*problems_);
  for (std::size_t i = 0; i < rows(); ++i) {
    const std::string value = text(*place, i);
    if (value != "Y" && value != "N" && !value.empty()) {
      neither.add({table_->file, line(i), flag, value, "a population flag is Y or N", ""});
    }
    wanted[i] = value == "Y";
  }
  neither.finish();
  if (rows() > 0 && std::ranges::count(wanted, true) == 0 && ok()) {
    add_problem(flag, "", "is Y in no row that is left");
  }
  keep(wanted);
}

void Frame::apply_conditions(const FrameRequest& request) {
  for (const std::string& text_of_condition : request.analysis.where) {
    apply_condition(text_of_condition, request);
  }
}

/// A problem where a condition is true of no row, with the value that it may have meant.
void Frame::tell_that_none_is_left(const Condition& condition, const Place& place,
                                   const std::string& text_of_condition,
                                   const FrameRequest& request) const {
  std::set<std::string> met;
  for (std::size_t i = 0; i < rows(); ++i) met.insert(text(place, i));
  met.erase("");
  const bool equality = condition.relation == Condition::Relation::equal;
  problems_->push_back(
      {"", request.analysis.line, "analysis." + request.analysis.name + ".where", text_of_condition,
       "the condition leaves no row of " + table_->name,
       equality ? did_you_mean(condition.value, {met.begin(), met.end()}) : std::string()});
}

void Frame::apply_condition(const std::string& text_of_condition, const FrameRequest& request) {
  const auto condition = read_condition(text_of_condition);
  if (!condition) {
    problems_->push_back({"", 0, "where", text_of_condition,
                          "must read COLUMN = VALUE, with =, !=, <, <=, > or >=", ""});
    return;
  }
  const auto place = need(condition->column);
  if (!place) return;
  std::vector<bool> wanted(rows());
  formats::ProblemKind no_number(*problems_), spelling(*problems_);
  const std::string as_folded = folded(condition->value);
  for (std::size_t i = 0; i < rows(); ++i) {
    const std::string cell = text(*place, i);
    const auto holds = condition->holds(cell);
    if (!holds) {
      no_number.add({table_->file, line(i), condition->column, cell,
                     "must be a number to be compared so", ""});
    } else if (condition->differs_in_spelling(cell, as_folded)) {
      spelling.add(
          {table_->file, line(i), condition->column, '"' + cell + '"',
           "differs from the condition's \"" + condition->value + "\" only in case or blanks",
           "mend the data or the condition"});
    }
    wanted[i] = holds.value_or(false);
  }
  no_number.finish();
  spelling.finish();
  if (rows() > 0 && std::ranges::count(wanted, true) == 0 && ok()) {
    tell_that_none_is_left(*condition, *place, text_of_condition, request);
  }
  keep(wanted);
}

}  // namespace angiotrial::analysis
