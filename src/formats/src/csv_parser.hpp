// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::formats {

/// What is wrong with one CSV file, up to the number that anybody would read.
class CsvProblems {
 public:
  explicit CsvProblems(std::string file) : file_(std::move(file)) {}

  void refuse(int line, std::string rule, std::string hint = "");
  /// Whether further problems would not be listed.
  [[nodiscard]] bool full() const { return list_.size() > enough; }
  [[nodiscard]] bool none() const { return list_.empty(); }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::vector<diagnostics::Problem> take() { return std::move(list_); }

 private:
  static constexpr std::size_t enough = 50;  // a wrong separator breaks every row

  std::string file_;
  std::vector<diagnostics::Problem> list_;
};

/// Splits text into records. Quotes may only enclose a whole field.
class CsvParser {
 public:
  /// `line` is the 1-based line of the file on which the text begins.
  CsvParser(std::string_view text, CsvProblems& problems, char separator, int line = 1)
      : text_(text), problems_(problems), separator_(separator), line_(line) {}

  struct Record {
    std::vector<std::string> cells;
    int line = 0;
    bool blank = false;  ///< nothing at all stood on the line
  };

  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  /// The line on which the next record begins.
  [[nodiscard]] int line() const { return line_; }

  /// Reads the next record into `record`, whose strings keep their memory.
  void next(Record& record);

 private:
  [[nodiscard]] bool at_line_end() const;
  [[nodiscard]] bool at_field_end() const { return at_line_end() || text_[at_] == separator_; }
  void end_line();
  void field(std::string& cell);
  void bare_field(std::string& cell);
  void quoted_field(std::string& cell);

  std::string_view text_;
  CsvProblems& problems_;
  char separator_;
  std::size_t at_ = 0;
  int line_;
};

/// A header whose columns have names, no two the same.
void check_csv_header(const CsvParser::Record& header, CsvProblems& problems);

}  // namespace angiotrial::formats
