// SPDX-License-Identifier: Apache-2.0
#include "dataset_json_rows.hpp"

#include "utf8.hpp"

#include <cmath>
#include <limits>
#include <optional>

namespace angiotrial::formats::dataset_json {
namespace {

constexpr std::size_t enough = 50;

std::string shown(const JsonValue& value) {
  const auto* const text = std::get_if<std::string>(&value.scalar);
  if (text) return shortened(*text, 80);
  if (const auto* const flag = std::get_if<bool>(&value.scalar)) return *flag ? "true" : "false";
  if (const auto* const whole = std::get_if<std::int64_t>(&value.scalar)) {
    return std::to_string(*whole);
  }
  const auto* const number = std::get_if<double>(&value.scalar);
  return number ? std::to_string(*number) : "";
}

std::string wanted(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "must be a text or null";
    case ValueType::integer:
      return "must be a whole number or null";
    case ValueType::real:
      return "must be a number or null";
    case ValueType::number_text:
      return "must be a number in a text or null";
    case ValueType::boolean:
      return "must be true, false or null";
  }
  return {};
}

/// The value as a number that the column's type allows, NaN for a missing one; else none.
std::optional<double> number_in(const JsonValue& value, ValueType type) {
  if (value.kind == JsonValue::Kind::null) return std::numeric_limits<double>::quiet_NaN();
  if (const auto* const flag = std::get_if<bool>(&value.scalar)) {
    return type == ValueType::boolean ? std::optional(*flag ? 1.0 : 0.0) : std::nullopt;
  }
  if (const auto* const text = std::get_if<std::string>(&value.scalar)) {
    if (type != ValueType::number_text) return std::nullopt;
    return text->empty() ? std::numeric_limits<double>::quiet_NaN() : cell_number(*text);
  }
  if (type == ValueType::boolean) return std::nullopt;
  if (const auto* const whole = std::get_if<std::int64_t>(&value.scalar)) {
    return static_cast<double>(*whole);
  }
  const double number = std::get<double>(value.scalar);
  if (type == ValueType::integer && number != std::floor(number)) return std::nullopt;
  return number;
}

}  // namespace

void RowFilling::add(const JsonValue& value) {
  if (cell_ < head_.types.size() && !put(value)) {
    refuse(head_.table.columns[cell_].name, shown(value), wanted(head_.types[cell_]));
  }
  ++cell_;
}

bool RowFilling::end() {
  if (cell_ != head_.types.size()) {
    refuse("", "",
           "the row has " + std::to_string(cell_) + " values, there are " +
               std::to_string(head_.types.size()) + " columns");
    for (; cell_ < head_.types.size(); ++cell_) put(JsonValue{});
  }
  ++rows_;
  head_.table.lines.push_back(static_cast<int>(rows_));
  return problems.size() <= enough && within_limits();
}

diagnostics::Result<DataTable> RowFilling::take() {
  if (problems.empty() && rows_ != static_cast<std::size_t>(head_.records)) {
    problems.push_back({head_.table.file, 0, "records", std::to_string(head_.records),
                        "the file holds " + std::to_string(rows_) + " rows", ""});
  }
  if (!problems.empty()) return std::move(problems);
  return std::move(head_.table);
}

void RowFilling::refuse(const std::string& key, std::string value, const std::string& rule) {
  if (problems.size() == enough) {
    problems.push_back({head_.table.file, line_, "", "", "further problems are not listed", ""});
  } else if (problems.size() < enough) {
    problems.push_back({head_.table.file, line_, key, std::move(value),
                        "row " + std::to_string(rows_ + 1) + ": " + rule, ""});
  }
}

/// A value of the wrong type leaves a missing cell behind.
bool RowFilling::put(const JsonValue& value) {
  DataColumn& column = head_.table.columns[cell_];
  if (column.kind == DataColumn::Kind::text) {
    const auto* const text = std::get_if<std::string>(&value.scalar);
    column.texts.push_back(text ? std::string_view(*text) : std::string_view());
    return text || value.kind == JsonValue::Kind::null;
  }
  const auto number = number_in(value, head_.types[cell_]);
  column.numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  return number.has_value();
}

bool RowFilling::within_limits() {
  if (rows_ > limits_.most_rows || rows_ == std::numeric_limits<int>::max()) {
    refuse("", "", "the table has more than " + std::to_string(limits_.most_rows) + " rows");
    return false;
  }
  if (rows_ % 16384 != 1) return true;
  std::size_t bytes = head_.table.lines.capacity() * sizeof(int);
  for (const DataColumn& column : head_.table.columns) {
    bytes += column.numbers.capacity() * sizeof(double) + column.texts.bytes();
  }
  if (bytes <= limits_.most_bytes) return true;
  refuse("", "",
         "the table takes more than " + std::to_string(limits_.most_bytes) + " bytes of memory");
  return false;
}

}  // namespace angiotrial::formats::dataset_json
