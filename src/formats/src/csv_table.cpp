// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv_table.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "csv_blocks.hpp"
#include "csv_parser.hpp"
#include "table_name.hpp"
#include "utf8.hpp"
#include "words.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace angiotrial::formats {
namespace {

using diagnostics::Problem;
using diagnostics::Result;
using Kind = DataColumn::Kind;

/// A whole number that is a name rather than an amount: 007, or more digits than a double keeps.
bool is_identifier(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
  return digits && ((text.size() > 1 && text[0] == '0') || text.size() > 15);
}

/// A column that takes cells as text and keeps them as numbers as long as they are such.
class Filling {
 public:
  Filling(std::string name, bool text) {
    column_.name = std::move(name);
    column_.kind = text ? Kind::text : Kind::number;
  }

  void add(std::string_view cell) {
    if (spoilt_) return;
    if (cell_missing(cell)) return add_missing();
    if (column_.kind == Kind::number) {
      const auto number = is_identifier(cell) ? std::nullopt : cell_number(cell);
      if (number) {
        column_.numbers.push_back(*number);
        any_number_ = true;
        return;
      }
      turn_to_text();
      if (spoilt_) return;
    }
    column_.texts.push_back(cell);
  }

  void reserve(std::size_t rows) {
    if (column_.kind == Kind::number) {
      column_.numbers.reserve(rows);
    } else {
      column_.texts.reserve(rows);
    }
  }

  /// Whether a text came after numbers, whose spelling is gone: the file must be read again.
  [[nodiscard]] bool spoilt() const { return spoilt_; }
  void start_again() { spoilt_ = false; }

  [[nodiscard]] std::size_t bytes() const {
    return column_.numbers.capacity() * sizeof(double) + column_.texts.bytes();
  }
  [[nodiscard]] DataColumn take() { return std::move(column_); }

 private:
  void add_missing() {
    if (column_.kind == Kind::number) {
      column_.numbers.push_back(std::numeric_limits<double>::quiet_NaN());
    } else {
      column_.texts.push_back("");
    }
  }

  void turn_to_text() {
    column_.kind = Kind::text;
    spoilt_ = any_number_;
    const std::size_t missing = column_.numbers.size();
    column_.numbers = {};
    if (spoilt_) return;
    for (std::size_t row = 0; row < missing; ++row) column_.texts.push_back("");
  }

  DataColumn column_;
  bool any_number_ = false;
  bool spoilt_ = false;
};

class TableReader {
 public:
  TableReader(const ByteSource& source, const std::string& file, const CsvTableOptions& options)
      : source_(source), options_(options), problems_(file) {
    table_.file = file;
    table_.name = table_name(file);
  }

  Result<DataTable> read() {
    pass([this](const CsvParser::Record& record) { add(record); });
    std::vector<std::size_t> again;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].spoilt()) again.push_back(c);
    }
    if (problems_.none() && !again.empty()) {
      for (const std::size_t c : again) columns_[c].start_again();
      pass([&](const CsvParser::Record& record) {
        for (const std::size_t c : again) columns_[c].add(record.cells[c]);
      });
    }
    if (!problems_.none()) return problems_.take();
    for (Filling& column : columns_) table_.columns.push_back(column.take());
    return std::move(table_);
  }

 private:
  /// Every row of the file, each as wide as the header; stops where going on makes no sense.
  template <class Row>
  void pass(const Row& row) {
    CsvBlocks blocks(source_, options_.block_bytes);
    std::string_view piece;
    CsvBlocks::Step step = CsvBlocks::Step::end;
    int line = 1;
    CsvParser::Record record;
    bool first = true;
    while ((step = blocks.next(piece)) == CsvBlocks::Step::piece) {
      if (!text_is_valid(piece, line)) return;
      CsvParser parser(first ? without_bom(piece) : piece, problems_, options_.separator, line);
      if (first && parser.more()) {
        parser.next(record);
        header(record);
        first = false;
      }
      while (parser.more() && !problems_.full()) {
        parser.next(record);
        if (fits(record)) row(record);
      }
      line = parser.line();
      if (problems_.full() || !within_limits(line)) return;
      expect_rows(piece.size());
    }
    if (step == CsvBlocks::Step::unreadable) problems_.refuse(0, "cannot be read to its end");
    if (first && problems_.none()) problems_.refuse(1, "the file is empty");
  }

  bool text_is_valid(std::string_view piece, int line) {
    auto invalid = find_invalid_utf8(piece, problems_.file());
    if (invalid) problems_.refuse(line + invalid->line - 1, invalid->rule, invalid->hint);
    return !invalid;
  }

  void header(const CsvParser::Record& record) {
    if (width_ > 0) return;  // the second pass
    check_csv_header(record, problems_);
    width_ = record.cells.size();
    for (const std::string& name : record.cells) {
      columns_.emplace_back(name, std::ranges::count(options_.text_columns, name) > 0);
    }
    if (width_ == 1 && record.cells[0].find_first_of(";\t") != std::string::npos) {
      problems_.refuse(record.line,
                       "the header has one column only: " + shortened(record.cells[0], 80),
                       "fields are separated by commas");
    }
  }

  bool fits(const CsvParser::Record& record) {
    if (record.blank && width_ > 1) return false;
    if (record.cells.size() == width_) return true;
    problems_.refuse(record.line, "this row has " + std::to_string(record.cells.size()) +
                                      " fields, the header has " + std::to_string(width_));
    return false;
  }

  void add(const CsvParser::Record& record) {
    for (std::size_t c = 0; c < width_; ++c) columns_[c].add(record.cells[c]);
    table_.lines.push_back(record.line);
  }

  bool within_limits(int line) {
    std::size_t bytes = table_.lines.capacity() * sizeof(int);
    for (const Filling& column : columns_) bytes += column.bytes();
    const TableLimits& limits = options_.limits;
    const bool many = table_.lines.size() > limits.most_rows;
    if (!many && bytes <= limits.most_bytes) return true;
    problems_.refuse(line,
                     many ? "the table has more than " + std::to_string(limits.most_rows) + " rows"
                          : "the table takes more than " + std::to_string(limits.most_bytes) +
                                " bytes of memory",
                     "leave out columns or rows that are not analysed");
    return false;
  }

  /// Room for the rows that the file will have if it goes on as it begins: growing by doubling
  /// would take up to three times the memory.
  void expect_rows(std::size_t piece) {
    if (expected_ || piece >= source_.size() || table_.lines.empty()) return;
    expected_ = true;
    const double pieces = static_cast<double>(source_.size()) / static_cast<double>(piece);
    const double most = static_cast<double>(options_.limits.most_bytes) /
                        static_cast<double>(sizeof(double) * (width_ + 1));
    const auto rows = static_cast<std::size_t>(
        std::min(most, 1.02 * pieces * static_cast<double>(table_.lines.size())));
    table_.lines.reserve(rows);
    for (Filling& column : columns_) column.reserve(rows);
  }

  const ByteSource& source_;
  const CsvTableOptions& options_;
  CsvProblems problems_;
  DataTable table_;
  std::vector<Filling> columns_;
  std::size_t width_ = 0;
  bool expected_ = false;
};

Result<DataTable> read_from(const ByteSource& source, const std::string& file,
                            const CsvTableOptions& options) {
  ANGIOTRIAL_EXPECT(options.block_bytes > 0, "a block has a byte");
  try {
    return TableReader(source, file, options).read();
  } catch (const std::bad_alloc&) {
    return std::vector{Problem{file, 0, "", "", "the table does not fit into this machine's memory",
                               "leave out columns or rows that are not analysed"}};
  }
}

}  // namespace

Result<DataTable> read_csv_table(const std::filesystem::path& path,
                                 const CsvTableOptions& options) {
  const auto source = ByteSource::open(path);
  if (!source) return source.problems();
  return read_from(source.value(), path.string(), options);
}

Result<DataTable> parse_csv_table(std::string_view bytes, const std::string& file,
                                  const CsvTableOptions& options) {
  return read_from(ByteSource(bytes), file, options);
}

}  // namespace angiotrial::formats
