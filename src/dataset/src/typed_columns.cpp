// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include "checked_tables.hpp"
#include "iso_dates.hpp"

#include <algorithm>

namespace angiotrial::dataset {
namespace {

using diagnostics::Problem;
using formats::DataColumn;
using formats::DataTable;
using formats::ProblemKind;

std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The column that was probably meant.
std::string hint_for(const DataTable& table, std::string_view wanted) {
  std::vector<std::string> names;
  for (const DataColumn& column : table.columns) {
    if (in_capitals(column.name) == in_capitals(std::string(wanted))) {
      return "the column " + column.name + " must be written " + std::string(wanted);
    }
    names.push_back(column.name);
  }
  const auto near = diagnostics::nearest(wanted, names);
  return near ? "the nearest column is " + *near : "";
}

std::string range_rule(const ColumnRule& rule) {
  const bool whole = rule.kind == CellKind::whole;
  std::string text = whole ? "must be a whole number" : "must be a number";
  if (std::isfinite(rule.least)) {
    text += (rule.above_least ? " above " : " of at least ") + formats::shortest(rule.least);
  }
  if (std::isfinite(rule.most)) text += " and at most " + formats::shortest(rule.most);
  return text;
}

/// Checks and types the columns of one table.
class Typing {
 public:
  Typing(const DataTable& table, std::vector<Problem>& problems)
      : table_(table), problems_(problems) {
    typed_.source = &table;
  }

  void column(const ColumnRule& rule) {
    const DataColumn* const found = table_.find(rule.name);
    if (!found) {
      const bool replaced = !rule.instead.empty() && table_.find(rule.instead);
      if (rule.need != Need::may_lack && !replaced) {
        problems_.push_back({table_.file, 0, std::string(rule.name), "",
                             "the column is missing in " + table_.name,
                             hint_for(table_, rule.name)});
      }
    } else if (rule.kind == CellKind::number || rule.kind == CellKind::whole) {
      numbers(rule);
    } else {
      texts(rule, *found);
    }
  }

  [[nodiscard]] TypedTable take() { return std::move(typed_); }

 private:
  Problem problem(std::size_t row, const ColumnRule& rule, std::string value, std::string text,
                  std::string hint = "") const {
    return {table_.file,      table_.lines[row], std::string(rule.name),
            std::move(value), std::move(text),   std::move(hint)};
  }

  void numbers(const ColumnRule& rule) {
    auto cells = formats::require_numbers(table_, rule.name, problems_);
    if (!cells) return;
    ProblemKind missing(problems_);
    ProblemKind outside(problems_);
    for (std::size_t row = 0; row < cells->size(); ++row) {
      const double x = (*cells)[row];
      if (std::isnan(x)) {
        if (rule.need == Need::each_cell) {
          missing.add(problem(row, rule, "", "must not be missing"));
        }
      } else if (x < rule.least || x > rule.most || (rule.above_least && x == rule.least) ||
                 !std::isfinite(x) || (rule.kind == CellKind::whole && x != std::floor(x))) {
        outside.add(problem(row, rule, std::isfinite(x) ? formats::shortest(x) : "infinite",
                            range_rule(rule)));
      }
    }
    typed_.number_columns.emplace(rule.name, *std::move(cells));
  }

  void texts(const ColumnRule& rule, const DataColumn& found) {
    formats::TextCells cells;
    if (found.kind == DataColumn::Kind::text) {
      cells = found.texts;
    } else {
      for (std::size_t row = 0; row < table_.rows(); ++row) cells.push_back(found.text(row));
    }
    // Each different text is judged once.
    std::vector<std::string> rules;
    std::vector<std::string> hints;
    for (const std::string& text : cells.levels()) {
      hints.emplace_back();
      rules.push_back(broken_rule(rule, text, hints.back()));
    }
    ProblemKind wrong(problems_);
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const std::size_t level = cells.codes()[row];
      if (!rules[level].empty()) {
        wrong.add(problem(row, rule, cells.levels()[level], rules[level], hints[level]));
      }
    }
    typed_.text_columns.emplace(rule.name, std::move(cells));
  }

  /// What is wrong with a text; empty when nothing is.
  static std::string broken_rule(const ColumnRule& rule, const std::string& text,
                                 std::string& hint) {
    if (text.empty()) return rule.need == Need::each_cell ? "must not be missing" : "";
    switch (rule.kind) {
      case CellKind::code:
        return text.size() > Code::capacity ? "must have at most 8 characters" : "";
      case CellKind::flag:
        return text == "Y" || text == "N" ? "" : "must be Y or N";
      case CellKind::date:
        if (day_of_iso(text)) return "";
        hint = "a date reads 2011-02-28";
        return "is no date of the calendar";
      case CellKind::choice:
        return broken_choice(rule, text, hint);
      case CellKind::text:
      case CellKind::identifier:
      case CellKind::number:
      case CellKind::whole:
        break;
    }
    return "";
  }

  static std::string broken_choice(const ColumnRule& rule, const std::string& text,
                                   std::string& hint) {
    const bool word = text.find(' ') == std::string::npos;
    if (word && rule.choices.find(" " + text + " ") != std::string_view::npos) return "";
    std::vector<std::string> choices;
    std::string_view left = rule.choices;
    while (left.size() > 1) {
      left.remove_prefix(1);
      choices.emplace_back(left.substr(0, left.find(' ')));
      left.remove_prefix(choices.back().size());
    }
    const auto near = diagnostics::nearest(in_capitals(text), choices);
    if (near) hint = "the nearest is " + *near;
    std::string listed;
    for (const std::string& choice : choices) listed += (listed.empty() ? "" : ", ") + choice;
    return "must be one of " + listed;
  }

  const DataTable& table_;
  std::vector<Problem>& problems_;
  TypedTable typed_;
};

}  // namespace

TypedTable type_columns(const DataTable& table, const TableRule& rule,
                        std::vector<Problem>& problems) {
  Typing typing(table, problems);
  for (const ColumnRule& column : rule.columns) typing.column(column);
  return typing.take();
}

}  // namespace angiotrial::dataset
