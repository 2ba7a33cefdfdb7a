// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/check_tables.hpp>
#include <angiotrial/dataset/trial_dataset.hpp>

#include "table_rules.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::dataset {

/// A column of numbers, or one that the table lacks, each cell of which is missing.
class Numbers {
 public:
  explicit Numbers(const std::vector<double>* cells) : cells_(cells) {}
  [[nodiscard]] explicit operator bool() const { return cells_ != nullptr; }
  [[nodiscard]] double operator[](std::size_t row) const {
    return cells_ ? (*cells_)[row] : std::nan("");
  }

 private:
  const std::vector<double>* cells_;
};

/// The same of texts.
class Texts {
 public:
  explicit Texts(const formats::TextCells* cells) : cells_(cells) {}
  [[nodiscard]] explicit operator bool() const { return cells_ != nullptr; }
  [[nodiscard]] std::string_view operator[](std::size_t row) const {
    return cells_ ? std::string_view((*cells_)[row]) : std::string_view();
  }
  [[nodiscard]] const formats::TextCells* cells() const { return cells_; }

 private:
  const formats::TextCells* cells_;
};

/// A table whose columns have the types of its rule.
struct TypedTable {
  const formats::DataTable* source = nullptr;
  std::map<std::string, std::vector<double>, std::less<>> number_columns;
  std::map<std::string, formats::TextCells, std::less<>> text_columns;
  std::vector<SubjectIndex> subjects;  ///< row of ADSL that each row belongs to

  [[nodiscard]] std::size_t rows() const { return source ? source->rows() : 0; }
  [[nodiscard]] Numbers numbers(std::string_view column) const {
    const auto at = number_columns.find(column);
    return Numbers(at == number_columns.end() ? nullptr : &at->second);
  }
  [[nodiscard]] Texts texts(std::string_view column) const {
    const auto at = text_columns.find(column);
    return Texts(at == text_columns.end() ? nullptr : &at->second);
  }
  /// The column, or the one that does as well.
  [[nodiscard]] Texts texts(std::string_view column, std::string_view instead) const {
    return texts(column) ? texts(column) : texts(instead);
  }
};

/// The tables that rules are known for, by name; `problems` says whether they may be used.
struct CheckedTables {
  std::map<std::string, TypedTable, std::less<>> tables;
  std::vector<Visit> visits;  ///< of all tables, as first met
  std::vector<diagnostics::Problem> problems;

  /// The table of that name, or one without rows.
  [[nodiscard]] const TypedTable& table(std::string_view name) const;
};

[[nodiscard]] CheckedTables typed_and_checked(std::span<const formats::DataTable> tables,
                                              const TableExpectations& expectations);

/// Types the columns of a table and puts what is wrong with a cell among `problems`.
[[nodiscard]] TypedTable type_columns(const formats::DataTable& table, const TableRule& rule,
                                      std::vector<diagnostics::Problem>& problems);

/// Checks what ADSL says of arms, planned doses and days, and the marks of simulated data.
void check_plan_of_adsl(CheckedTables& all, const TableExpectations& expectations);

/// The candidate nearest to `word`, in words; empty where there is none or too many to look at.
[[nodiscard]] std::string nearest_of(std::string_view word,
                                     const std::vector<std::string>& candidates);

[[nodiscard]] diagnostics::Problem at_row(const TypedTable& table, std::size_t row, std::string key,
                                          std::string_view value, std::string rule,
                                          std::string hint = "");

/// The month that a visit's name tells: 0 for baseline and the procedures, 3 for `Month 3`.
[[nodiscard]] std::optional<double> month_of_name(std::string_view avisit);

}  // namespace angiotrial::dataset
