// SPDX-License-Identifier: Apache-2.0
#include "dataset_json_head.hpp"

#include "table_name.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace angiotrial::formats::dataset_json {
namespace {

using diagnostics::Problem;
using Kind = JsonValue::Kind;

struct NamedType {
  std::string_view name;
  ValueType type;
};

constexpr std::array<NamedType, 10> types{{{"string", ValueType::text},
                                           {"integer", ValueType::integer},
                                           {"decimal", ValueType::number_text},
                                           {"float", ValueType::real},
                                           {"double", ValueType::real},
                                           {"boolean", ValueType::boolean},
                                           {"datetime", ValueType::text},
                                           {"date", ValueType::text},
                                           {"time", ValueType::text},
                                           {"URI", ValueType::text}}};

class HeadReader {
 public:
  HeadReader(const JsonValue& object, const std::string& file) : object_(object), file_(file) {
    head_.table.file = file;
  }

  diagnostics::Result<Head> read() {
    const std::string version = text_of(object_, "datasetJSONVersion", "");
    if (!version.empty() && version != "1.1" && !version.starts_with("1.1.")) {
      refuse(object_.find("datasetJSONVersion")->line, "datasetJSONVersion", version,
             "version 1.1 of Dataset-JSON is read");
    }
    (void)text_of(object_, "datasetJSONCreationDateTime", "");
    (void)text_of(object_, "itemGroupOID", "");
    head_.table.name = in_capitals(text_of(object_, "name", ""));
    if (object_.find("name") && head_.table.name.empty() && problems_.empty()) {
      refuse(object_.line, "name", "", "must not be empty");
    }
    head_.table.label = text_of(object_, "label", "");
    const JsonValue* const records = find(object_, "records", Kind::integer, "a whole number", "");
    if (records) head_.records = std::get<std::int64_t>(records->scalar);
    const JsonValue* const columns = find(object_, "columns", Kind::array, "an array", "");
    if (columns) read_columns(*columns);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(head_);
  }

 private:
  void refuse(int line, std::string key, std::string_view value, std::string rule,
              std::string hint = "") {
    constexpr std::size_t enough = 50;
    if (problems_.size() >= enough) return;
    problems_.push_back(
        {file_, line, std::move(key), shortened(value, 80), std::move(rule), std::move(hint)});
  }

  const JsonValue* find(const JsonValue& object, std::string_view key, Kind kind,
                        const std::string& rule, const std::string& path) {
    const JsonValue* const value = object.find(key);
    if (!value) {
      std::vector<std::string> keys;
      for (const JsonValue::Member& member : object.members) keys.push_back(member.key);
      const auto near = diagnostics::nearest(key, keys);
      refuse(object.line, path + std::string(key), "", "the attribute is missing",
             near ? "the nearest is " + shortened(*near, 80) : "");
      return nullptr;
    }
    if (value->kind == kind) return value;
    refuse(value->line, path + std::string(key), "", "must be " + rule);
    return nullptr;
  }

  std::string text_of(const JsonValue& object, std::string_view key, const std::string& path) {
    const JsonValue* const value = find(object, key, Kind::string, "a text", path);
    return value ? std::get<std::string>(value->scalar) : std::string();
  }

  void read_columns(const JsonValue& columns) {
    if (columns.elements.empty()) refuse(columns.line, "columns", "", "must hold a column");
    std::set<std::string> names;
    for (std::size_t c = 0; c < columns.elements.size(); ++c) {
      const JsonValue& column = columns.elements[c];
      const std::string path = "columns." + std::to_string(c + 1) + ".";
      if (column.kind != Kind::object) {
        refuse(column.line, "columns." + std::to_string(c + 1), "", "must be an object");
        continue;
      }
      (void)text_of(column, "itemOID", path);
      DataColumn& next = head_.table.columns.emplace_back();
      next.name = text_of(column, "name", path);
      next.label = text_of(column, "label", path);
      const JsonValue* const name = column.find("name");
      if (name && name->kind == Kind::string && next.name.empty()) {
        refuse(name->line, path + "name", "", "must not be empty");
      }
      if (!next.name.empty() && !names.insert(next.name).second) {
        refuse(column.line, path + "name", next.name, "the column is named twice");
      }
      read_type(column, path, next);
    }
  }

  void read_type(const JsonValue& column, const std::string& path, DataColumn& next) {
    const std::string name = text_of(column, "dataType", path);
    const auto* const type = std::ranges::find(types, name, &NamedType::name);
    if (type == types.end()) {
      if (name.empty()) return;
      std::vector<std::string> names;
      for (const NamedType& known : types) names.emplace_back(known.name);
      const auto near = diagnostics::nearest(name, names);
      refuse(column.line, path + "dataType", name, "is no data type of Dataset-JSON 1.1",
             near ? "the nearest is " + *near : "");
      return;
    }
    head_.types.push_back(type->type);
    next.kind = type->type == ValueType::text ? DataColumn::Kind::text : DataColumn::Kind::number;
  }

  const JsonValue& object_;
  const std::string& file_;
  Head head_;
  std::vector<Problem> problems_;
};

}  // namespace

diagnostics::Result<Head> read_head(const JsonValue& object, const std::string& file) {
  return HeadReader(object, file).read();
}

}  // namespace angiotrial::formats::dataset_json
