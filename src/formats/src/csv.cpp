// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "utf8.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace angiotrial::formats {
namespace {

using diagnostics::Problem;

/// Splits text into records. Quotes may only enclose a whole field.
class CsvParser {
 public:
  CsvParser(std::string_view text, const std::string& file, char separator)
      : text_(text), file_(file), separator_(separator) {}

  struct Record {
    std::vector<std::string> cells;
    int line = 0;
    bool blank = false;  ///< nothing at all stood on the line
  };

  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  [[nodiscard]] std::vector<Problem>& problems() { return problems_; }

  Record next() {
    Record record;
    record.line = line_;
    const std::size_t begin = at_;
    record.cells.push_back(field());
    while (more() && text_[at_] == separator_) {
      ++at_;
      record.cells.push_back(field());
    }
    record.blank = at_ == begin;
    end_line();
    return record;
  }

  void refuse(int line, std::string rule, std::string value = "") {
    constexpr std::size_t enough = 50;  // nobody reads more; a wrong separator breaks every row
    if (problems_.size() < enough) {
      problems_.push_back({file_, line, "", shortened(value, 80), std::move(rule), ""});
    } else if (problems_.size() == enough) {
      problems_.push_back({file_, line, "", "", "further problems are not listed", ""});
    }
  }

 private:
  [[nodiscard]] bool at_line_end() const {
    return !more() || text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }
  [[nodiscard]] bool at_field_end() const { return at_line_end() || text_[at_] == separator_; }

  void end_line() {
    if (more() && text_[at_] == '\r') ++at_;
    if (more() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string field() { return more() && text_[at_] == '"' ? quoted_field() : bare_field(); }

  std::string bare_field() {
    const std::size_t begin = at_;
    bool stray = false;
    for (; !at_field_end(); ++at_) stray = stray || text_[at_] == '"' || text_[at_] == '\0';
    std::string cell(text_.substr(begin, at_ - begin));
    if (stray)
      refuse(line_,
             "a field with a quote or a NUL byte in it must be quoted: " + shortened(cell, 80));
    return cell;
  }

  std::string quoted_field() {
    const int opened = line_;
    std::string cell;
    for (++at_; more(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (c == '\n') ++line_;
      cell += c;
    }
    if (!more()) {
      refuse(opened, "a quoted field is opened here and never closed");
      return cell;
    }
    ++at_;
    if (!at_field_end()) {
      refuse(line_, "text follows a closing quote");
      while (!at_field_end()) ++at_;
    }
    return cell;
  }

  std::string_view text_;
  const std::string& file_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<Problem> problems_;
};

void check_header(const CsvParser::Record& header, CsvParser& parser) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string& name = header.cells[i];
    if (name.empty()) {
      parser.refuse(header.line, "column " + std::to_string(i + 1) + " has no name");
    } else if (!names.insert(name).second) {
      parser.refuse(header.line, "the column " + shortened(name, 80) + " is named twice");
    }
  }
}

}  // namespace

std::string csv_field(std::string_view text) {
  const bool special =
      text.find_first_of(std::string_view(",\"\r\n\0", 5)) != std::string_view::npos;
  // A byte-order mark in the first field would be taken for the file's.
  if (!special && without_bom(text).size() == text.size()) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

CsvWriter::CsvWriter(const std::vector<std::string>& header) : columns_(header.size()) {
  ANGIOTRIAL_EXPECT(!header.empty(), "a table has a column");
  ANGIOTRIAL_EXPECT(std::set<std::string>(header.begin(), header.end()).size() == columns_,
                    "each column has its own name");
  row(std::vector<CsvCell>(header.begin(), header.end()));
}

void CsvWriter::row(const std::vector<CsvCell>& cells) {
  ANGIOTRIAL_EXPECT(cells.size() == columns_, "a row is as wide as the header");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) bytes_ += ',';
    if (const auto* text = std::get_if<std::string>(&cells[i])) {
      bytes_ += text->empty() ? "\"\"" : csv_field(*text);
    } else if (const auto* number = std::get_if<double>(&cells[i])) {
      if (std::isfinite(*number)) bytes_ += shortest(*number);
    } else if (const auto* count = std::get_if<long>(&cells[i])) {
      bytes_ += std::to_string(*count);
    }
  }
  bytes_ += '\n';
}

std::string CsvWriter::take() { return std::exchange(bytes_, {}); }

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(header, name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

diagnostics::Result<CsvTable> read_csv(std::string_view text, const std::string& file,
                                       char separator) {
  if (auto invalid = find_invalid_utf8(text, file)) return std::vector{*std::move(invalid)};
  CsvParser parser(without_bom(text), file, separator);
  if (!parser.more()) return std::vector{Problem{file, 1, "", "", "the file is empty", ""}};
  CsvTable table;
  CsvParser::Record header = parser.next();
  check_header(header, parser);
  table.header = std::move(header.cells);
  const std::size_t width = table.header.size();
  while (parser.more()) {
    CsvParser::Record record = parser.next();
    if (record.blank && width > 1) continue;
    if (record.cells.size() != width) {
      parser.refuse(record.line, "this row has " + std::to_string(record.cells.size()) +
                                     " fields, the header has " + std::to_string(width));
    }
    table.rows.push_back(std::move(record.cells));
    table.lines.push_back(record.line);
  }
  if (!parser.problems().empty()) return std::move(parser.problems());
  return table;
}

}  // namespace angiotrial::formats
