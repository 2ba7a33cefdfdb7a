// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "csv_parser.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace angiotrial::formats {
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
  CsvProblems problems(file);
  CsvParser parser(without_bom(text), problems, separator);
  if (!parser.more()) {
    return std::vector{diagnostics::Problem{file, 1, "", "", "the file is empty", ""}};
  }
  CsvParser::Record record;
  parser.next(record);
  check_csv_header(record, problems);
  CsvTable table;
  table.header = record.cells;
  const std::size_t width = table.header.size();
  while (parser.more()) {
    parser.next(record);
    if (record.blank && width > 1) continue;
    if (record.cells.size() != width) {
      problems.refuse(record.line, "this row has " + std::to_string(record.cells.size()) +
                                       " fields, the header has " + std::to_string(width));
    }
    table.rows.push_back(std::move(record.cells));
    table.lines.push_back(record.line);
  }
  if (!problems.none()) return problems.take();
  return table;
}

}  // namespace angiotrial::formats
