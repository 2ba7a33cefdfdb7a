// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <readstat.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

/// SAS transport files for tests, written by ReadStat in memory.
namespace angiotrial::formats::tests {

/// A cell: missing, one of SAS's tagged missing values, a text or a number.
using XptCell = std::variant<std::monostate, char, std::string, double>;

struct XptVariable {
  std::string name;
  std::string label;
  bool text = false;
  std::size_t bytes = 8;
  std::string format = "";
};

struct XptMember {
  std::string name;
  std::string label;
  std::vector<XptVariable> variables;
  std::vector<std::vector<XptCell>> rows;
};

inline void succeed(readstat_error_t error) {
  if (error != READSTAT_OK) throw std::runtime_error(readstat_error_message(error));
}

inline void insert(readstat_writer_t* writer, const readstat_variable_t* variable,
                   const XptCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    succeed(readstat_insert_string_value(writer, variable, text->c_str()));
  } else if (const auto* number = std::get_if<double>(&cell)) {
    succeed(readstat_insert_double_value(writer, variable, *number));
  } else if (const auto* tag = std::get_if<char>(&cell)) {
    succeed(readstat_insert_tagged_missing_value(writer, variable, *tag));
  } else {
    succeed(readstat_insert_missing_value(writer, variable));
  }
}

inline ssize_t append(const void* data, std::size_t size, void* bytes) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<ssize_t>(size);
}

/// A file of one data set; its time stamp is fixed.
inline std::string xpt_bytes(const XptMember& member, std::uint8_t version = 5) {
  std::string bytes;
  readstat_writer_t* const writer = readstat_writer_init();
  succeed(readstat_set_data_writer(writer, append));
  succeed(readstat_writer_set_file_format_version(writer, version));
  succeed(readstat_writer_set_table_name(writer, member.name.c_str()));
  succeed(readstat_writer_set_file_label(writer, member.label.c_str()));
  succeed(readstat_writer_set_file_timestamp(writer, 0));
  std::vector<const readstat_variable_t*> variables;
  for (const XptVariable& v : member.variables) {
    readstat_variable_t* const added = readstat_add_variable(
        writer, v.name.c_str(), v.text ? READSTAT_TYPE_STRING : READSTAT_TYPE_DOUBLE, v.bytes);
    readstat_variable_set_label(added, v.label.c_str());
    if (!v.format.empty()) readstat_variable_set_format(added, v.format.c_str());
    variables.push_back(added);
  }
  succeed(readstat_begin_writing_xport(writer, &bytes, static_cast<long>(member.rows.size())));
  for (const std::vector<XptCell>& row : member.rows) {
    succeed(readstat_begin_row(writer));
    for (std::size_t v = 0; v < row.size(); ++v) insert(writer, variables[v], row[v]);
    succeed(readstat_end_row(writer));
  }
  succeed(readstat_end_writing(writer));
  readstat_writer_free(writer);
  return bytes;
}

/// A file of several data sets: the library header once, then each data set's records.
inline std::string xpt_bytes(const std::vector<XptMember>& members) {
  std::string bytes;
  for (const XptMember& member : members) {
    const std::string one = xpt_bytes(member);
    bytes += bytes.empty() ? one : one.substr(240);
  }
  return bytes;
}

}  // namespace angiotrial::formats::tests
