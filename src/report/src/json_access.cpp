// SPDX-License-Identifier: Apache-2.0
#include "json_access.hpp"

#include <charconv>

namespace angiotrial::report {
namespace {

using Kind = formats::JsonValue::Kind;

std::optional<double> number_of(const formats::JsonValue& value) {
  if (value.kind == Kind::integer) {
    return static_cast<double>(std::get<std::int64_t>(value.scalar));
  }
  if (value.kind == Kind::number) return std::get<double>(value.scalar);
  return std::nullopt;
}

}  // namespace

void JsonMembers::report(int line, std::string_view key, std::string rule) {
  problems_.push_back({file_, line, std::string(key), "", std::move(rule), ""});
}

const formats::JsonValue* JsonMembers::need(std::string_view key) {
  const formats::JsonValue* found = object_.find(key);
  if (found == nullptr) report(object_.line, key, "is missing");
  return found;
}

void JsonMembers::operator()(std::string_view key, std::string& out) {
  const formats::JsonValue* value = need(key);
  if (value == nullptr) return;
  if (value->kind != Kind::string) return report(value->line, key, "must be a text");
  out = std::get<std::string>(value->scalar);
}

void JsonMembers::operator()(std::string_view key, double& out) {
  const formats::JsonValue* value = need(key);
  if (value == nullptr) return;
  const auto number = number_of(*value);
  if (!number) return report(value->line, key, "must be a number");
  out = *number;
}

void JsonMembers::operator()(std::string_view key, std::optional<double>& out) {
  const formats::JsonValue* value = need(key);
  if (value == nullptr) return;
  out = number_of(*value);
  if (!out && value->kind != Kind::null) report(value->line, key, "must be a number or null");
}

void JsonMembers::operator()(std::string_view key, std::int64_t& out) {
  const formats::JsonValue* value = need(key);
  if (value == nullptr) return;
  if (value->kind != Kind::integer) return report(value->line, key, "must be an integer");
  out = std::get<std::int64_t>(value->scalar);
}

void JsonMembers::operator()(std::string_view key, std::uint64_t& out) {
  const formats::JsonValue* value = need(key);
  if (value == nullptr) return;
  std::uint64_t parsed = 0;
  if (value->kind == Kind::string) {
    const auto& text = std::get<std::string>(value->scalar);
    const char* const last = text.data() + text.size();
    const auto end = std::from_chars(text.data(), last, parsed);
    if (!text.empty() && end.ec == std::errc() && end.ptr == last) {
      out = parsed;
      return;
    }
  }
  report(value->line, key, "must be a text of digits");
}

}  // namespace angiotrial::report
