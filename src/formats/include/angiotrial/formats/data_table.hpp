// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A table of a user's own data, as the readers of CSV, SAS transport and Dataset-JSON give it.
namespace angiotrial::formats {

/// The texts of a column in the order of the rows. Each different text is kept once, since a column
/// of a data set holds few different ones many times. A missing cell is the empty text.
class TextCells {
 public:
  TextCells() = default;
  TextCells(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) push_back(text);
  }

  [[nodiscard]] std::size_t size() const { return codes_.size(); }
  [[nodiscard]] bool empty() const { return codes_.empty(); }
  [[nodiscard]] const std::string& operator[](std::size_t row) const {
    return levels_[codes_[row]];
  }
  void push_back(std::string_view text);
  void reserve(std::size_t rows) { codes_.reserve(rows); }

  /// The different texts in the order first met, and for each row which of them it holds.
  [[nodiscard]] const std::vector<std::string>& levels() const { return levels_; }
  [[nodiscard]] const std::vector<std::uint32_t>& codes() const { return codes_; }

  /// Bytes that the cells hold in memory.
  [[nodiscard]] std::size_t bytes() const;

  bool operator==(const TextCells& other) const {
    return levels_ == other.levels_ && codes_ == other.codes_;
  }

 private:
  void grow();

  std::vector<std::string> levels_;
  std::vector<std::uint32_t> codes_;
  std::vector<std::uint32_t> slots_;  ///< open addressing by the text's hash: level + 1, or 0
  std::size_t level_bytes_ = 0;       ///< of texts too long to lie within their string
};

struct DataColumn {
  enum class Kind { number, text };

  std::string name;
  std::string label;  ///< empty where the format has none
  Kind kind = Kind::number;
  std::vector<double> numbers;  ///< of a number column, a value a row; NaN is missing
  TextCells texts;              ///< of a text column, a text a row; the empty text is missing

  [[nodiscard]] bool missing(std::size_t row) const;
  /// The cell as text: of a number its shortest form, of a missing one the empty text.
  [[nodiscard]] std::string text(std::size_t row) const;
};

struct DataTable {
  std::string name;   ///< that of the data set (ADSL), or the file's stem; in capitals
  std::string label;  ///< empty where the format has none
  std::string file;   ///< as the user named it
  std::vector<DataColumn> columns;  ///< each as long as `lines`, no two of the same name
  std::vector<int> lines;  ///< 1-based line (CSV, JSON) or record (SAS transport) of each row

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  /// The column of that name in the same case, or nullptr.
  [[nodiscard]] const DataColumn* find(std::string_view column) const;
};

/// What a file may ask for. One that asks for more is a problem, not an exhausted memory.
struct TableLimits {
  std::size_t most_rows = 500'000'000;
  std::size_t most_bytes = std::size_t{8} << 30U;  ///< of the table in memory
};

/// The text as a number: decimal digits with at most one point and an exponent, with or without a
/// sign and blanks around it; independent of the locale. None for anything else, infinities too.
[[nodiscard]] std::optional<double> cell_number(std::string_view text);

/// Whether a cell of a CSV file is missing: empty, `NA` or `.`, blanks around it or not.
[[nodiscard]] bool cell_missing(std::string_view text);

/// The column as numbers, NaN where missing. A column that the table lacks is a problem with the
/// nearest name; in a text column each cell that is no number is one, with file, line and value:
/// the first 20 and a count. None when there was a problem.
[[nodiscard]] std::optional<std::vector<double>> require_numbers(
    const DataTable& table, std::string_view column, std::vector<diagnostics::Problem>& problems);

/// Collects problems of one kind: the first `most` and, from finish(), how many more there were.
class ProblemKind {
 public:
  explicit ProblemKind(std::vector<diagnostics::Problem>& problems, std::size_t most = 20)
      : problems_(problems), most_(most) {}
  ProblemKind(const ProblemKind&) = delete;
  ProblemKind& operator=(const ProblemKind&) = delete;
  ~ProblemKind() { finish(); }

  void add(diagnostics::Problem problem);
  void finish();
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<diagnostics::Problem>& problems_;
  std::size_t most_;
  std::size_t count_ = 0;
  diagnostics::Problem last_;
};

}  // namespace angiotrial::formats
