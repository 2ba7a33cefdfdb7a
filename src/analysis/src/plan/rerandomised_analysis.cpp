// SPDX-License-Identifier: Apache-2.0
#include "plan/rerandomised_analysis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "plan/did_you_mean.hpp"
#include "plan/method.hpp"

namespace angiotrial::analysis {
namespace {

using formats::DataColumn;
using formats::DataTable;

/// Of -ln p, and relative to the trial's own value for other numbers. Above what fits by iteration
/// leave of equal data in another order of arms.
constexpr double equal_numbers = 1e-7;

/// Who a row is of: by the column of subjects, or each row its own.
std::string subject_of(const DataColumn* subjects, std::size_t row) {
  return subjects != nullptr ? subjects->text(row) : "row " + std::to_string(row + 1);
}

/// Where each subject stands among those randomised.
std::map<std::string, int> places_of(const Frame& randomised) {
  std::map<std::string, int> out;
  for (std::size_t i = 0; i < randomised.rows(); ++i) {
    const auto subject = static_cast<std::size_t>(randomised.subject()[i]);
    out[randomised.subject_name(subject)] = static_cast<int>(i);
  }
  return out;
}

void write_arms(DataColumn& column, const std::vector<int>& subject,
                const std::vector<std::string>& arms, std::span<const int> arm) {
  const auto drawn = [&](std::size_t row) -> const std::string& {
    return arms[static_cast<std::size_t>(arm[static_cast<std::size_t>(subject[row])])];
  };
  if (column.kind == DataColumn::Kind::number) {
    for (std::size_t i = 0; i < subject.size(); ++i) {
      if (subject[i] >= 0) column.numbers[i] = formats::cell_number(drawn(i)).value();
    }
    return;
  }
  formats::TextCells texts;
  texts.reserve(subject.size());
  for (std::size_t i = 0; i < subject.size(); ++i) {
    texts.push_back(subject[i] >= 0 ? drawn(i) : column.texts[i]);
  }
  column.texts = std::move(texts);
}

/// The same comparison of another allocation.
bool same_place(const Row& a, const Row& b) {
  return a.statistic == b.statistic && a.arm == b.arm && a.arm_ref == b.arm_ref &&
         a.group == b.group && a.avisit == b.avisit;
}

/// The analysis of that name; null with a problem.
const PlannedAnalysis* analysis_of(const std::string& entry, const std::string& name,
                                   const Task& task) {
  std::vector<std::string> names;
  for (const PlannedAnalysis& each : task.analyses) {
    if (each.name == task.analysis.name) continue;
    names.push_back(each.name);
    if (each.name != name) continue;
    if (!each.options->reads_earlier_rows() && each.method != task.analysis.method) return &each;
    task.bad_option("of", entry, "is of the method " + each.method + ", which has no such test",
                    "name an analysis of the data");
    return nullptr;
  }
  task.bad_option("of", entry, "must name another analysis of the plan", did_you_mean(name, names));
  return nullptr;
}

}  // namespace

std::optional<RerandomisedAnalysis> RerandomisedAnalysis::of(const std::string& entry,
                                                             const std::string& number,
                                                             const Frame& randomised, Task& task) {
  RerandomisedAnalysis out;
  out.choice_ = read_choice(entry);
  out.analysis_ = analysis_of(entry, out.choice_.analysis, task);
  if (out.analysis_ == nullptr) return std::nullopt;
  out.plan_ = &task.plan;
  out.analyses_ = task.analyses;
  out.source_of_data_ = task.source_of_data;
  out.tables_.assign(task.tables.begin(), task.tables.end());
  out.arms_ = randomised.arms();
  out.number_ = number;
  out.p_values_ = number.ends_with("p_value");
  if (!out.find_arms(randomised, task) || !out.choose(entry, number, task)) return std::nullopt;
  return out;
}

bool RerandomisedAnalysis::find_arms(const Frame& randomised, const Task& task) {
  bool linked = true;
  for (std::size_t t = 0; t < tables_.size(); ++t) linked = link(t, randomised, task) && linked;
  return linked;
}

bool RerandomisedAnalysis::link(std::size_t table, const Frame& randomised, const Task& task) {
  const DataTable& data = tables_[table];
  const DataColumn* arm = data.find(plan_->columns.arm);
  if (arm == nullptr) return true;
  const DataColumn* subjects = data.find(plan_->columns.subject);
  if (subjects == nullptr && data.name != randomised.table().name) {
    task.problems.push_back({data.file, 0, plan_->columns.subject, "",
                             "a table with arms needs the subjects whose arms are drawn again",
                             ""});
    return false;
  }
  ArmColumn out{table, static_cast<std::size_t>(arm - data.columns.data()), {}};
  const std::map<std::string, int> places = places_of(randomised);
  const std::size_t before = task.problems.size();
  formats::ProblemKind strange(task.problems);
  for (std::size_t r = 0; r < data.rows(); ++r) {
    const std::string own = arm->text(r), name = subject_of(subjects, r);
    const auto found = places.find(name);
    const bool has_arm = std::ranges::find(arms_, own) != arms_.end();
    out.subject.push_back(has_arm && found != places.end() ? found->second : -1);
    if (!has_arm) continue;
    if (found == places.end()) {
      strange.add({data.file, data.lines[r], plan_->columns.subject, name,
                   "has an arm and is not among the subjects whose arms are drawn again",
                   "take no population or condition, and the table of all who were randomised"});
      continue;
    }
    const auto place = static_cast<std::size_t>(found->second);
    const std::string& there = arms_[static_cast<std::size_t>(randomised.arm()[place])];
    if (there == own) continue;
    strange.add({data.file, data.lines[r], plan_->columns.arm, own,
                 "is not the arm of subject " + name + " where arms are drawn again: " + there,
                 ""});
  }
  strange.finish();
  arm_columns_.push_back(std::move(out));
  return task.problems.size() == before;
}

bool RerandomisedAnalysis::choose(const std::string& entry, const std::string& number, Task& task) {
  std::vector<diagnostics::Problem> refusals;
  const std::size_t before = task.problems.size();
  const std::vector<Row> rows = run(task.problems, refusals);
  if (task.problems.size() != before) return false;
  const std::vector<const Row*> chosen = rows_of(choice_, number, rows);
  if (const Row* last = of_several_visits(choice_, chosen)) {
    task.bad_option("of", entry, "has such a number at several visits",
                    "name the one, as \"" + entry + "@" + last->avisit + "\", or take all by \"" +
                        entry + "@" + std::string(all_visits) + "\"");
    return false;
  }
  for (const Row* row : chosen) {
    const double own = scaled(row->value, *row);
    numbers_.push_back({*row, p_values_ ? equal_numbers : equal_numbers * std::fabs(own), {}});
  }
  if (!numbers_.empty()) return true;
  if (!refusals.empty()) {
    task.refuse("analysis " + analysis_->name + " has no such number: " + refusals.front().rule);
    return false;
  }
  std::set<std::string> known;
  for (const Row& row : rows) known.insert(row.statistic);
  task.bad_option("number", number, "is no number of analysis " + entry,
                  did_you_mean(number, {known.begin(), known.end()}));
  return false;
}

void RerandomisedAnalysis::put_arms(std::span<const int> arm) {
  for (const ArmColumn& column : arm_columns_) {
    write_arms(tables_[column.table].columns[column.column], column.subject, arms_, arm);
  }
}

std::vector<Row> RerandomisedAnalysis::run(std::vector<diagnostics::Problem>& problems,
                                           std::vector<diagnostics::Problem>& refusals) const {
  RowWriter out{std::string(source_of_data_)};
  out.row.analysis = analysis_->name;
  out.row.avisit = analysis_->avisit;
  Task task{*plan_, *analysis_, tables_, out, problems, refusals, source_of_data_, analyses_};
  analysis_->options->run_on(task);
  return out.take();
}

double RerandomisedAnalysis::scaled(const std::optional<double>& value, const Row& row) const {
  if (!value) return std::numeric_limits<double>::quiet_NaN();
  if (p_values_) return -std::log(std::max(*value, std::numeric_limits<double>::min()));
  return row.unit == "ratio" ? std::log(*value) : *value;
}

double RerandomisedAnalysis::value(std::size_t k, std::size_t call, std::span<const int> arm) {
  if (k > 0) return numbers_[k].by_call[call];
  put_arms(arm);
  std::vector<diagnostics::Problem> problems, refusals;
  const std::vector<Row> rows = run(problems, refusals);
  for (RerandomisedNumber& number : numbers_) {
    const auto found =
        std::ranges::find_if(rows, [&](const Row& row) { return same_place(row, number.row); });
    const bool has = problems.empty() && found != rows.end();
    number.by_call.push_back(scaled(has ? found->value : std::nullopt, number.row));
  }
  return numbers_[0].by_call.back();
}

}  // namespace angiotrial::analysis
