// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/results_json.hpp>

#include <angiotrial/analysis/row_json.hpp>

#include "json_access.hpp"
#include "row_fields.hpp"

namespace angiotrial::report {
namespace {

using formats::JsonValue;

constexpr std::int64_t schema_version = 1;

analysis::Row read_row(const JsonValue& value, const std::string& file,
                       std::vector<diagnostics::Problem>& problems) {
  analysis::Row row;
  JsonMembers members(value, file, problems);
  for_each_field(row, members);
  if (value.members.size() > row_field_count) {
    members.report(value.line, "rows", "a row has a field that is not of this schema");
  }
  return row;
}

}  // namespace

std::string results_json(const std::string& study_id, const std::vector<analysis::Row>& rows,
                         std::string_view words) {
  // One row a line: files of two runs can be compared with line tools.
  std::string out;
  formats::JsonWriter head;
  head.value(study_id);
  formats::JsonWriter warning;
  warning.value(words);
  out = "{\"schema\":1,\"study\":" + head.take() + ",\"notice\":" + warning.take() + ",\"rows\":[";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    formats::JsonWriter json;
    analysis::write(json, rows[i]);
    out += i == 0 ? "\n" : ",\n";
    out += json.take();
  }
  return out + "\n]}\n";
}

diagnostics::Result<std::vector<analysis::Row>> read_results_json(std::string_view text,
                                                                  const std::string& file) {
  const auto parsed = formats::read_json(text, file);
  if (!parsed.ok()) return parsed.problems();
  const JsonValue& root = parsed.value();
  std::vector<diagnostics::Problem> problems;
  JsonMembers members(root, file, problems);
  std::int64_t schema = 0;
  members("schema", schema);
  if (problems.empty() && schema != schema_version) {
    members.report(root.line, "schema", "must be 1: written by another version");
  }
  std::vector<analysis::Row> rows;
  const JsonValue* list = members.need("rows");
  if (list != nullptr && list->kind != JsonValue::Kind::array) {
    members.report(list->line, "rows", "must be a list");
  } else if (list != nullptr) {
    rows.reserve(list->elements.size());
    for (const JsonValue& element : list->elements) {
      rows.push_back(read_row(element, file, problems));
    }
  }
  if (!problems.empty()) return problems;
  return rows;
}

}  // namespace angiotrial::report
