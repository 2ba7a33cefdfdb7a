// SPDX-License-Identifier: Apache-2.0
#include "csv_parser.hpp"

#include "utf8.hpp"

#include <set>

namespace angiotrial::formats {

void CsvProblems::refuse(int line, std::string rule, std::string hint) {
  if (list_.size() < enough) {
    list_.push_back({file_, line, "", "", std::move(rule), std::move(hint)});
  } else if (list_.size() == enough) {
    list_.push_back({file_, line, "", "", "further problems are not listed", ""});
  }
}

bool CsvParser::at_line_end() const {
  return !more() || text_[at_] == '\n' ||
         (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
}

void CsvParser::end_line() {
  if (more() && text_[at_] == '\r') ++at_;
  if (more() && text_[at_] == '\n') ++at_;
  ++line_;
}

void CsvParser::next(Record& record) {
  record.line = line_;
  const std::size_t begin = at_;
  std::size_t width = 0;
  for (bool another = true; another; ++width) {
    if (record.cells.size() == width) record.cells.emplace_back();
    field(record.cells[width]);
    another = more() && text_[at_] == separator_;
    if (another) ++at_;
  }
  record.cells.resize(width);
  record.blank = at_ == begin;
  end_line();
}

void CsvParser::field(std::string& cell) {
  if (more() && text_[at_] == '"') {
    quoted_field(cell);
  } else {
    bare_field(cell);
  }
}

void CsvParser::bare_field(std::string& cell) {
  const std::size_t begin = at_;
  bool stray = false;
  for (; !at_field_end(); ++at_) stray = stray || text_[at_] == '"' || text_[at_] == '\0';
  cell.assign(text_.substr(begin, at_ - begin));
  if (stray) {
    problems_.refuse(
        line_, "a field with a quote or a NUL byte in it must be quoted: " + shortened(cell, 80));
  }
}

void CsvParser::quoted_field(std::string& cell) {
  const int opened = line_;
  cell.clear();
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
    problems_.refuse(opened, "a quoted field is opened here and never closed");
    return;
  }
  ++at_;
  if (!at_field_end()) {
    problems_.refuse(line_, "text follows a closing quote");
    while (!at_field_end()) ++at_;
  }
}

void check_csv_header(const CsvParser::Record& header, CsvProblems& problems) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string& name = header.cells[i];
    if (name.empty()) {
      problems.refuse(header.line, "column " + std::to_string(i + 1) + " has no name");
    } else if (!names.insert(name).second) {
      problems.refuse(header.line, "the column " + shortened(name, 80) + " is named twice");
    }
  }
}

}  // namespace angiotrial::formats
