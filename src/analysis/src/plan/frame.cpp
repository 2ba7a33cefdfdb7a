// SPDX-License-Identifier: Apache-2.0
#include "plan/frame.hpp"
#include "plan/did_you_mean.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "plan/frame_columns.hpp"

/// Columns of the rows of an analysis, as numbers or categories.
namespace angiotrial::analysis {
namespace {

using formats::DataColumn;
using formats::DataTable;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

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
  add_problem(column, "", "the data have no such column", did_you_mean(column, names));
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
    if (!std::isnan(put_in_[rows_[i]])) values[i] = put_in_[rows_[i]];
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
  for (const auto& [name, other] : spelt_twice(out.levels)) {
    add_problem(column, other, "differs from \"" + name + "\" only in case or blanks");
  }
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
      const bool put_in = column == columns.front() && !std::isnan(put_in_[rows_[i]]);
      if (missing(*place, i) && !put_in) {
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

bool Frame::require_one_row_per_subject(std::string_view hint) {
  std::vector<bool> seen(subject_names_.size(), false), told(subject_names_.size(), false);
  formats::ProblemKind twice(*problems_);
  for (std::size_t i = 0; i < rows(); ++i) {
    const auto s = static_cast<std::size_t>(subject_[i]);
    if (seen[s] && !told[s]) {
      twice.add({table_->file, line(i), "", subject_names_[s],
                 "subject " + subject_names_[s] +
                     " has more than one row after the conditions of the analysis",
                 "narrow it down with `where`, " + std::string(hint)});
      told[s] = true;
    }
    seen[s] = true;
  }
  twice.finish();
  return ok();
}

std::size_t Frame::fewest_subjects() const {
  std::vector<std::set<int>> of_arm(arms_.size());
  for (std::size_t i = 0; i < rows(); ++i) {
    of_arm[static_cast<std::size_t>(arm_[i])].insert(subject_[i]);
  }
  std::size_t fewest = subjects();
  for (const std::set<int>& own : of_arm) fewest = std::min(fewest, own.size());
  return fewest;
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

void Frame::add_problem(std::size_t row, std::string_view column, double value, std::string rule,
                        std::string hint) const {
  if (std::isnan(value) && !ok()) return;
  add_problem(row, column, std::isfinite(value) ? formats::shortest(value) : std::string(),
              std::move(rule), std::move(hint));
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
