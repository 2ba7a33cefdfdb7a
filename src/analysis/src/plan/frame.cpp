// SPDX-License-Identifier: Apache-2.0
#include "plan/frame.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "plan/condition.hpp"

namespace angiotrial::analysis {
namespace {

using diagnostics::Problem;
using formats::DataColumn;
using formats::DataTable;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> names_of(std::span<const DataTable> tables) {
  std::vector<std::string> names;
  for (const DataTable& table : tables) names.push_back(table.name);
  return names;
}

const DataTable* table_named(std::span<const DataTable> tables, std::string_view name) {
  for (const DataTable& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

std::vector<std::string> columns_in(const DataTable& table) {
  std::vector<std::string> names;
  for (const DataColumn& column : table.columns) names.push_back(column.name);
  return names;
}

bool by_number_or_text(const std::string& a, const std::string& b) {
  const auto x = formats::cell_number(a), y = formats::cell_number(b);
  if (x && y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

/// The table of the analysis: the one it names, or the only one, or the subject table.
const DataTable* main_table(const FrameRequest& request) {
  const auto& wanted = request.analysis.table;
  if (!wanted.empty()) {
    const DataTable* found = table_named(request.tables, wanted);
    if (found == nullptr) {
      request.problems.push_back(
          {"", 0, "analysis." + request.analysis.name + ".table", wanted,
           "the data have no such table",
           diagnostics::nearest(wanted, names_of(request.tables)).value_or("")});
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

}  // namespace

std::optional<Frame> Frame::of(const FrameRequest& request) {
  Frame frame;
  frame.problems_ = &request.problems;
  frame.problems_before_ = request.problems.size();
  frame.table_ = main_table(request);
  if (frame.table_ == nullptr) return std::nullopt;
  if (request.plan.columns.subject_table != frame.table_->name) {
    frame.subject_table_ = table_named(request.tables, request.plan.columns.subject_table);
  }
  frame.rows_.resize(frame.table_->rows());
  for (std::size_t i = 0; i < frame.rows_.size(); ++i) frame.rows_[i] = i;
  frame.composite_.assign(frame.rows_.size(), false);
  frame.composite_value_ = request.analysis.estimand.composite_value;
  if (!frame.join(request)) return std::nullopt;
  if (!frame.name_arms(request)) return std::nullopt;
  const bool fine = frame.apply_population(request.analysis.estimand.population) &&
                    frame.apply_conditions(request.analysis.where) && frame.apply_events(request);
  if (!fine || !frame.ok()) return std::nullopt;
  return frame;
}

bool Frame::join(const FrameRequest& request) {
  const std::string& key = request.plan.columns.subject;
  const DataColumn* own = table_->find(key);
  subject_row_.assign(rows_.size(), -1);
  subject_.resize(rows_.size());
  if (key.empty() || (own == nullptr && subject_table_ == nullptr && key == ColumnMap{}.subject)) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      subject_[i] = static_cast<int>(i);
      subject_names_.push_back("row " + std::to_string(i + 1));
    }
    return true;
  }
  if (own == nullptr) {
    add_problem(key, "", "the table has no such column",
                diagnostics::nearest(key, columns_in(*table_)).value_or(""));
    return false;
  }
  std::map<std::string, std::size_t> places;
  if (subject_table_ != nullptr) {
    const DataColumn* theirs = subject_table_->find(key);
    if (theirs == nullptr) {
      problems_->push_back({subject_table_->file, 0, key, "", "the table has no such column",
                            diagnostics::nearest(key, columns_in(*subject_table_)).value_or("")});
      return false;
    }
    for (std::size_t i = 0; i < subject_table_->rows(); ++i) {
      if (places.emplace(theirs->text(i), i).second) continue;
      problems_->push_back({subject_table_->file, subject_table_->lines[i], key, theirs->text(i),
                            "a subject stands twice in the subject table", ""});
    }
  }
  std::map<std::string, int> indices;
  formats::ProblemKind unknown(*problems_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = own->text(i);
    const auto [at, fresh] = indices.emplace(name, static_cast<int>(indices.size()));
    if (fresh) subject_names_.push_back(name);
    subject_[i] = at->second;
    if (name.empty()) {
      unknown.add({table_->file, table_->lines[i], key, "", "a row needs a subject", ""});
    } else if (subject_table_ != nullptr) {
      const auto found = places.find(name);
      if (found == places.end()) {
        unknown.add({table_->file, table_->lines[i], key, name,
                     "the subject table " + subject_table_->name + " has no such subject", ""});
      } else {
        subject_row_[i] = static_cast<std::ptrdiff_t>(found->second);
      }
    }
  }
  unknown.finish();
  return ok();
}

bool Frame::name_arms(const FrameRequest& request) {
  arm_column_name_ = request.plan.columns.arm;
  if (!request.needs_arm) {
    arm_.assign(rows_.size(), 0);
    return true;
  }
  const auto place = need(arm_column_name_);
  if (!place) return false;
  arms_ = request.plan.arms;
  const std::size_t count = place->of_subject ? subject_table_->rows() : table_->rows();
  if (arms_.empty()) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < count; ++i) {
      if (!place->column->missing(i)) found.insert(place->column->text(i));
    }
    arms_.assign(found.begin(), found.end());
    std::ranges::sort(arms_, by_number_or_text);
  }
  formats::ProblemKind unknown(*problems_);
  arm_.resize(rows_.size());
  std::vector<bool> wanted(rows_.size(), true);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = text(*place, i);
    const auto found = std::ranges::find(arms_, name);
    arm_[i] = static_cast<int>(found - arms_.begin());
    if (name.empty()) {
      wanted[i] = false;  // not randomised
    } else if (found == arms_.end()) {
      unknown.add({table_->file, line(i), arm_column_name_, name, "is not one of the plan's arms",
                   diagnostics::nearest(name, arms_).value_or("")});
    }
  }
  unknown.finish();
  if (!ok()) return false;
  if (arms_.size() < 2) {
    add_problem(arm_column_name_, arms_.empty() ? "" : arms_.front(),
                "must hold at least two arms to compare");
    return false;
  }
  keep(wanted);
  const std::string& reference = request.plan.reference_arm;
  const auto at = reference.empty() ? arms_.begin() : std::ranges::find(arms_, reference);
  if (at == arms_.end()) {
    request.problems.push_back({"", 0, "reference_arm", reference, "the data have no such arm",
                                diagnostics::nearest(reference, arms_).value_or("")});
    return false;
  }
  reference_ = static_cast<std::size_t>(at - arms_.begin());
  return true;
}

bool Frame::apply_population(const std::string& flag) {
  if (flag.empty()) return true;
  const auto place = need(flag);
  if (!place) return false;
  std::vector<bool> wanted(rows());
  for (std::size_t i = 0; i < rows(); ++i) {
    const std::string value = text(*place, i);
    if (value != "Y" && value != "N" && !value.empty()) {
      add_problem(i, flag, value, "a population flag is Y or N");
      return false;
    }
    wanted[i] = value == "Y";
  }
  keep(wanted);
  return true;
}

bool Frame::apply_conditions(const std::vector<std::string>& where) {
  for (const std::string& text_of_condition : where) {
    const auto condition = read_condition(text_of_condition);
    if (!condition) {
      problems_->push_back({"", 0, "where", text_of_condition,
                            "must read COLUMN = VALUE, with =, !=, <, <=, > or >=", ""});
      return false;
    }
    const auto place = need(condition->column);
    if (!place) return false;
    std::vector<bool> wanted(rows());
    for (std::size_t i = 0; i < rows(); ++i) {
      const auto holds = condition->holds(text(*place, i));
      if (!holds) {
        add_problem(i, condition->column, text(*place, i), "must be a number to be compared so");
        return false;
      }
      wanted[i] = *holds;
    }
    keep(wanted);
  }
  return true;
}

bool Frame::apply_events(const FrameRequest& request) {
  struct Event {
    const char* name;
    Strategy strategy;
    const std::string& column;
  };
  const EventStrategies& chosen = request.analysis.estimand.events;
  const EventColumns& columns = request.plan.events;
  for (const Event& event :
       {Event{"death", chosen.death, columns.death},
        Event{"revascularisation", chosen.revascularisation, columns.revascularisation},
        Event{"missed_injection", chosen.missed_injection, columns.missed_injection},
        Event{"rescue", chosen.rescue, columns.rescue}}) {
    if (event.strategy == Strategy::none || event.strategy == Strategy::treatment_policy) continue;
    const std::string key = "analysis." + request.analysis.name + ".estimand.events." + event.name;
    if (event.strategy == Strategy::principal_stratum) {
      problems_->push_back({"", 0, key, "principal_stratum",
                            "needs a model of who would have had the event on the other arm, and "
                            "none is offered",
                            ""});
      continue;
    }
    if (event.column.empty()) {
      problems_->push_back({"", 0, key, "",
                            "the plan's [events] names no column with the day of this event",
                            std::string("events.") + event.name});
      continue;
    }
    const auto day_of_event = need(event.column);
    const auto day = need(request.plan.columns.day);
    if (!day_of_event || !day) continue;
    std::vector<bool> wanted(rows(), true);
    for (std::size_t i = 0; i < rows(); ++i) {
      if (missing(*day_of_event, i)) continue;
      const auto at = formats::cell_number(text(*day, i));
      const auto when = formats::cell_number(text(*day_of_event, i));
      if (!at || !when) {
        add_problem(i, at ? event.column : request.plan.columns.day, "", "must be a study day");
        continue;
      }
      if (*at <= *when) continue;
      if (event.strategy == Strategy::composite) {
        composite_[rows_[i]] = true;
      } else {
        wanted[i] = false;
      }
    }
    keep(wanted);
  }
  return ok();
}

bool Frame::has(std::string_view column) const { return find(column).column != nullptr; }

bool Frame::is_number(std::string_view column) const {
  const Place place = find(column);
  return place.column == nullptr || place.column->kind == DataColumn::Kind::number;
}

Frame::Place Frame::find(std::string_view column) const {
  if (const DataColumn* own = table_->find(column)) return {own, false};
  if (subject_table_ != nullptr) {
    if (const DataColumn* theirs = subject_table_->find(column)) return {theirs, true};
  }
  return {};
}

std::optional<Frame::Place> Frame::need(std::string_view column) const {
  const Place place = find(column);
  if (place.column != nullptr) return place;
  std::vector<std::string> names = columns_in(*table_);
  if (subject_table_ != nullptr) {
    for (std::string& name : columns_in(*subject_table_)) names.push_back(std::move(name));
  }
  add_problem(column, "", "the data have no such column",
              diagnostics::nearest(column, names).value_or(""));
  return std::nullopt;
}

std::ptrdiff_t Frame::at(const Place& place, std::size_t row) const {
  return place.of_subject ? subject_row_[row] : static_cast<std::ptrdiff_t>(rows_[row]);
}

bool Frame::missing(const Place& place, std::size_t row) const {
  const std::ptrdiff_t i = at(place, row);
  return i < 0 || place.column->missing(static_cast<std::size_t>(i));
}

std::string Frame::text(const Place& place, std::size_t row) const {
  return missing(place, row) ? std::string()
                             : place.column->text(static_cast<std::size_t>(at(place, row)));
}

std::vector<double> Frame::numbers(std::string_view column) {
  std::vector<double> values(rows(), nan);
  const auto place = need(column);
  if (!place) return values;
  formats::ProblemKind wrong(*problems_);
  for (std::size_t i = 0; i < rows(); ++i) {
    if (missing(*place, i)) continue;
    const auto cell = static_cast<std::size_t>(at(*place, i));
    if (place->column->kind == DataColumn::Kind::number) {
      values[i] = place->column->numbers[cell];
    } else if (const auto number = formats::cell_number(place->column->text(cell))) {
      values[i] = *number;
    } else {
      const DataTable& table = place->of_subject ? *subject_table_ : *table_;
      wrong.add({table.file, table.lines[cell], std::string(column), place->column->text(cell),
                 "must be a number", ""});
    }
  }
  return values;
}

std::vector<double> Frame::response(std::string_view column) {
  std::vector<double> values = numbers(column);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (composite_[rows_[i]]) values[i] = composite_value_;
  }
  return values;
}

Factor Frame::factor(std::string_view column) {
  Factor out;
  out.column = column;
  out.codes.assign(rows(), -1);
  const auto place = need(column);
  if (!place) return out;
  std::set<std::string> found;
  std::vector<std::string> texts(rows());
  for (std::size_t i = 0; i < rows(); ++i) {
    texts[i] = text(*place, i);
    if (!texts[i].empty()) found.insert(texts[i]);
  }
  out.levels.assign(found.begin(), found.end());
  std::ranges::sort(out.levels, by_number_or_text);
  std::map<std::string, int> code;
  for (std::size_t l = 0; l < out.levels.size(); ++l) code[out.levels[l]] = static_cast<int>(l);
  for (std::size_t i = 0; i < rows(); ++i) {
    if (!texts[i].empty()) out.codes[i] = code[texts[i]];
  }
  return out;
}

std::size_t Frame::keep_complete(std::span<const std::string> columns) {
  std::vector<bool> wanted(rows(), true);
  for (const std::string& column : columns) {
    const auto place = need(column);
    if (!place) continue;
    for (std::size_t i = 0; i < rows(); ++i) {
      if (missing(*place, i) && !(composite_[rows_[i]] && column == columns.front())) {
        wanted[i] = false;
      }
    }
  }
  const std::size_t before = rows();
  keep(wanted);
  return before - rows();
}

void Frame::keep(const std::vector<bool>& wanted) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    rows_[to] = rows_[i];
    subject_row_[to] = subject_row_[i];
    arm_[to] = arm_[i];
    subject_[to++] = subject_[i];
  }
  rows_.resize(to);
  subject_row_.resize(to);
  arm_.resize(to);
  subject_.resize(to);
}

void Frame::keep_in_order(std::span<const std::size_t> wanted) {
  Frame kept = *this;
  for (std::size_t to = 0; to < wanted.size(); ++to) {
    kept.rows_[to] = rows_[wanted[to]];
    kept.subject_row_[to] = subject_row_[wanted[to]];
    kept.arm_[to] = arm_[wanted[to]];
    kept.subject_[to] = subject_[wanted[to]];
  }
  kept.rows_.resize(wanted.size());
  kept.subject_row_.resize(wanted.size());
  kept.arm_.resize(wanted.size());
  kept.subject_.resize(wanted.size());
  *this = std::move(kept);
}

bool Frame::require_one_row_per_subject() {
  std::vector<bool> seen(subject_names_.size(), false), told(subject_names_.size(), false);
  formats::ProblemKind twice(*problems_);
  for (std::size_t i = 0; i < rows(); ++i) {
    const auto s = static_cast<std::size_t>(subject_[i]);
    if (seen[s] && !told[s]) {
      twice.add({table_->file, line(i), "", subject_names_[s],
                 "the subject has more than one row after the conditions of the analysis",
                 "narrow it down with `where`, or use a method for repeated measurements"});
      told[s] = true;
    }
    seen[s] = true;
  }
  twice.finish();
  return ok();
}

bool Frame::require_every_arm() {
  std::vector<int> count(arms_.size(), 0);
  for (const int arm : arm_) ++count[static_cast<std::size_t>(arm)];
  for (std::size_t a = 0; a < arms_.size(); ++a) {
    if (count[a] == 0) {
      add_problem(arm_column_name_, arms_[a], "no row of this arm is left to analyse");
    }
  }
  return ok();
}

void Frame::add_problem(std::size_t row, std::string_view column, std::string value,
                        std::string rule, std::string hint) const {
  problems_->push_back({table_->file, line(row), std::string(column), std::move(value),
                        std::move(rule), std::move(hint)});
}

void Frame::add_problem(std::string_view column, std::string value, std::string rule,
                        std::string hint) const {
  problems_->push_back(
      {table_->file, 0, std::string(column), std::move(value), std::move(rule), std::move(hint)});
}

}  // namespace angiotrial::analysis
