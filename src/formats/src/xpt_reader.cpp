// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/xpt.hpp>

#include "sas_dates.hpp"
#include "table_name.hpp"
#include "utf8.hpp"
#include "words.hpp"
#include "xpt_layout.hpp"
#include "xpt_member.hpp"

#include <readstat.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <set>

namespace angiotrial::formats {
namespace {

using diagnostics::Problem;
using diagnostics::Result;
using xpt::Member;
using xpt::MemberFile;
using xpt::record_bytes;

std::string utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return utf8_of_latin1(text);
    i += length;
  }
  return std::string(text);
}

/// Takes what ReadStat hands over into a table. No exception may cross the library, which is C.
class Taker {
 public:
  Taker(const std::string& file, const TableLimits& limits, std::size_t rows)
      : limits_(limits), rows_(rows) {
    table.file = file;
  }

  DataTable table;
  std::vector<Problem> problems;

  int metadata(readstat_metadata_t* data) {
    const char* const name = readstat_get_table_name(data);
    const char* const label = readstat_get_file_label(data);
    table.name = name ? in_capitals(utf8(trimmed(name))) : "";
    table.label = label ? utf8(trimmed(label)) : "";
    if (table.name.empty()) table.name = table_name(table.file);
    table.lines.reserve(rows_);
    return READSTAT_HANDLER_OK;
  }

  int variable(readstat_variable_t* variable) {
    DataColumn column;
    const char* const name = readstat_variable_get_name(variable);  // null when empty
    column.name = name ? utf8(trimmed(name)) : "";
    const char* const label = readstat_variable_get_label(variable);
    column.label = label ? utf8(trimmed(label)) : "";
    const bool text = readstat_variable_get_type_class(variable) == READSTAT_TYPE_CLASS_STRING;
    const char* const format = readstat_variable_get_format(variable);
    times_.push_back(text || !format ? SasTime::none : sas_time(format));
    column.kind =
        text || times_.back() != SasTime::none ? DataColumn::Kind::text : DataColumn::Kind::number;
    if (column.name.empty() || !names_.insert(column.name).second) {
      return refuse(column.name.empty() ? "a variable has no name"
                                        : "the variable " + column.name + " is named twice");
    }
    if (column.kind == DataColumn::Kind::text) {
      column.texts.reserve(rows_);
    } else {
      column.numbers.reserve(rows_);
    }
    table.columns.push_back(std::move(column));
    return READSTAT_HANDLER_OK;
  }

  int value(int row, const readstat_variable_t* variable, const readstat_value_t& value) {
    const auto at = static_cast<std::size_t>(readstat_variable_get_index(variable));
    if (at >= table.columns.size()) return refuse("a value belongs to no variable");
    if (at == 0) table.lines.push_back(row + 1);
    DataColumn& column = table.columns[at];
    if (readstat_value_type_class(value) == READSTAT_TYPE_CLASS_STRING) {
      const char* const text = readstat_string_value(value);
      column.texts.push_back(text ? utf8(text) : "");
    } else {
      number(column, times_[at], value);
    }
    return at == 0 && row % 65536 == 0 ? check_memory() : READSTAT_HANDLER_OK;
  }

  int refuse(std::string rule) {
    problems.push_back({table.file, static_cast<int>(table.rows()), "", "", std::move(rule), ""});
    return READSTAT_HANDLER_ABORT;
  }

 private:
  void number(DataColumn& column, SasTime time, const readstat_value_t& value) {
    const bool missing = readstat_value_is_system_missing(value) != 0 ||
                         readstat_value_is_tagged_missing(value) != 0;
    double number = missing ? std::nan("") : readstat_double_value(value);
    if (std::isinf(number)) {  // ReadStat's answer to bytes that are no IBM float
      problems.push_back({table.file, static_cast<int>(table.rows()), column.name, "",
                          "the bytes are no number of SAS", ""});
      number = std::nan("");
    }
    if (column.kind == DataColumn::Kind::number) {
      column.numbers.push_back(number);
    } else if (std::isnan(number)) {
      column.texts.push_back("");
    } else {
      const auto date = iso_of_sas(time, number);
      if (!date) {
        problems.push_back({table.file, static_cast<int>(table.rows()), column.name,
                            std::to_string(number), "is no date that SAS knows", ""});
      }
      column.texts.push_back(date.value_or(""));
    }
  }

  int check_memory() {
    constexpr std::size_t enough = 50;
    if (problems.size() >= enough) return refuse("further problems are not listed");
    std::size_t bytes = table.lines.capacity() * sizeof(int);
    for (const DataColumn& column : table.columns) {
      bytes += column.numbers.capacity() * sizeof(double) + column.texts.bytes();
    }
    if (bytes <= limits_.most_bytes) return READSTAT_HANDLER_OK;
    return refuse("the table takes more than " + std::to_string(limits_.most_bytes) +
                  " bytes of memory");
  }

  const TableLimits& limits_;
  std::size_t rows_;
  std::vector<SasTime> times_;
  std::set<std::string> names_;
};

/// Runs `take` and turns an exhausted memory into a problem.
template <class Take>
int guarded(void* context, const Take& take) {
  auto& taker = *static_cast<Taker*>(context);
  try {
    return take(taker);
  } catch (const std::bad_alloc&) {
    return taker.refuse("the table does not fit into this machine's memory");
  }
}

int take_metadata(readstat_metadata_t* metadata, void* context) {
  return guarded(context, [&](Taker& taker) { return taker.metadata(metadata); });
}

int take_variable(int, readstat_variable_t* variable, const char*, void* context) {
  return guarded(context, [&](Taker& taker) { return taker.variable(variable); });
}

int take_value(int row, readstat_variable_t* variable, readstat_value_t value, void* context) {
  return guarded(context, [&](Taker& taker) { return taker.value(row, variable, value); });
}

int open_member(const char*, void*) { return 0; }
int close_member(void*) { return 0; }
readstat_off_t seek_member(readstat_off_t offset, readstat_io_flags_t whence, void* context) {
  return static_cast<MemberFile*>(context)->seek(offset, whence);
}
ssize_t read_member(void* to, size_t most, void* context) {
  try {
    return static_cast<MemberFile*>(context)->read(static_cast<char*>(to), most);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
readstat_error_t no_progress(long, readstat_progress_handler, void*, void*) { return READSTAT_OK; }

using Parser = std::unique_ptr<readstat_parser_t, decltype(&readstat_parser_free)>;

Parser parser_of(MemberFile& bytes) {
  Parser parser(readstat_parser_init(), &readstat_parser_free);
  if (!parser) throw std::bad_alloc();
  readstat_set_open_handler(parser.get(), open_member);
  readstat_set_close_handler(parser.get(), close_member);
  readstat_set_seek_handler(parser.get(), seek_member);
  readstat_set_read_handler(parser.get(), read_member);
  readstat_set_update_handler(parser.get(), no_progress);
  readstat_set_io_ctx(parser.get(), &bytes);
  readstat_set_metadata_handler(parser.get(), take_metadata);
  readstat_set_variable_handler(parser.get(), take_variable);
  readstat_set_value_handler(parser.get(), take_value);
  readstat_set_handler_character_encoding(parser.get(), nullptr);  // utf8() turns the bytes
  return parser;
}

Result<DataTable> read_one(const ByteSource& source, const Member& member, const std::string& file,
                           const TableLimits& limits) {
  std::uint64_t row_bytes = sizeof(int);
  for (const xpt::Variable& v : member.variables) row_bytes += v.text ? 4 : sizeof(double);
  const std::uint64_t least_bytes = member.rows * row_bytes;
  if (member.rows > limits.most_rows || least_bytes > limits.most_bytes ||
      member.rows > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return std::vector{Problem{file, 0, "", "",
                               "a data set of " + std::to_string(member.rows) +
                                   " rows is more than " + std::to_string(limits.most_rows) +
                                   " rows or " + std::to_string(limits.most_bytes) + " bytes",
                               "leave out columns or rows that are not analysed"}};
  }
  MemberFile bytes(source, member);
  Taker taker(file, limits, static_cast<std::size_t>(member.rows));
  const Parser parser = parser_of(bytes);
  const readstat_error_t error = readstat_parse_xport(parser.get(), file.c_str(), &taker);
  if (error != READSTAT_OK && taker.problems.empty()) {
    taker.refuse(std::string("the record after this one cannot be decoded: ") +
                 readstat_error_message(error));
  }
  if (!taker.problems.empty()) return std::move(taker.problems);
  return std::move(taker.table);
}

Result<std::vector<DataTable>> read_all(const ByteSource& source, const std::string& file,
                                        const TableLimits& limits) {
  const auto members = xpt::find_members(source, file);
  if (!members) return members.problems();
  std::vector<DataTable> tables;
  for (const Member& member : members.value()) {
    auto table = read_one(source, member, file, limits);
    if (!table) return table.problems();
    tables.push_back(std::move(table).value());
  }
  return tables;
}

Result<std::vector<DataTable>> read_from(const ByteSource& source, const std::string& file,
                                         const TableLimits& limits) {
  try {
    return read_all(source, file, limits);
  } catch (const std::bad_alloc&) {
    return std::vector{
        Problem{file, 0, "", "", "the table does not fit into this machine's memory", ""}};
  }
}

}  // namespace

Result<std::vector<DataTable>> read_xpt(const std::filesystem::path& path,
                                        const TableLimits& limits) {
  const auto source = ByteSource::open(path);
  if (!source) return source.problems();
  return read_from(source.value(), path.string(), limits);
}

Result<std::vector<DataTable>> parse_xpt(std::string_view bytes, const std::string& file,
                                         const TableLimits& limits) {
  return read_from(ByteSource(bytes), file, limits);
}

}  // namespace angiotrial::formats
