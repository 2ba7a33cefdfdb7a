// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "plan/condition.hpp"
#include "plan/frame.hpp"
#include "plan/frame_columns.hpp"

/// Which rows an analysis works on: subjects, arms, population, conditions, events.
namespace angiotrial::analysis {
namespace {

using formats::DataColumn;
using formats::DataTable;

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
  frame.arm_.assign(frame.rows_.size(), 0);
  if (!frame.join(request)) return std::nullopt;
  const bool fine = frame.apply_population(request.analysis.estimand.population) &&
                    frame.apply_conditions(request.analysis.where) && frame.name_arms(request) &&
                    frame.apply_events(request);
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
    rows_as_subjects_ = !key.empty();
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

/// Arms of the rows left, and of subjects of the population that have no row at all.
std::vector<std::string> Frame::arms_found(const FrameRequest& request, const Place& place) const {
  std::set<std::string> found;
  for (std::size_t i = 0; i < rows(); ++i) found.insert(text(place, i));
  const std::string& flag = request.analysis.estimand.population;
  if (place.of_subject && request.analysis.where.empty()) {
    const DataColumn* in = flag.empty() ? nullptr : subject_table_->find(flag);
    for (std::size_t i = 0; i < subject_table_->rows(); ++i) {
      if (in == nullptr || in->text(i) == "Y") found.insert(place.column->text(i));
    }
  }
  found.erase("");
  std::vector<std::string> arms(found.begin(), found.end());
  std::ranges::sort(arms, by_number_or_text);
  return arms;
}

bool Frame::name_arms(const FrameRequest& request) {
  arm_column_name_ = request.plan.columns.arm;
  if (!request.needs_arm) return true;
  const auto place = need(arm_column_name_);
  if (!place) return false;
  arms_ = request.plan.arms;
  if (arms_.empty()) arms_ = arms_found(request, *place);
  formats::ProblemKind unknown(*problems_);
  arm_.resize(rows_.size());
  std::vector<bool> wanted(rows_.size(), true);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = text(*place, i);
    const auto found = std::ranges::find(arms_, name);
    arm_[i] = static_cast<int>(found - arms_.begin());
    if (name.empty()) {
      wanted[i] = false;  // not randomised
      ++without_arm_;
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
        ++after_event_;
      }
    }
    keep(wanted);
  }
  return ok();
}

}  // namespace angiotrial::analysis
