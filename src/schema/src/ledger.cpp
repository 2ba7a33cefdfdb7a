// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/ledger.hpp>

#include <angiotrial/formats/toml_tree.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace angiotrial::schema {

std::string toml_number(double value) {
  std::array<char, 64> buffer{};
  const bool plain = std::abs(value) < 1e15 && value == std::floor(value);
  const auto end = plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                         std::chars_format::fixed)
                         : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), end.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string toml_string(std::string_view text) { return formats::toml_quoted(text); }

void Lister::add(const Field& field, std::string value) {
  std::string path = prefix_;
  for (const std::string& part : stack_) path += (path.empty() ? "" : ".") + part;
  path += (path.empty() ? "" : ".") + std::string(field.key);
  LedgerRow row;
  row.path = std::move(path);
  row.value = value;
  row.default_value = std::move(value);
  row.unit = field.unit;
  row.range = field.range;
  row.meaning = field.meaning;
  row.provenance = field.source.provenance;
  row.citation = field.source.citation;
  row.identifier = field.source.identifier;
  rows_.push_back(std::move(row));
}

void Lister::number(const Field& field, double& value) { add(field, toml_number(value)); }
void Lister::integer(const Field& field, int& value) { add(field, std::to_string(value)); }
void Lister::boolean(const Field& field, bool& value) { add(field, value ? "true" : "false"); }
void Lister::text(const Field& field, std::string& value) { add(field, toml_string(value)); }
void Lister::choice(const Field& field, std::size_t& index,
                    std::span<const std::string_view> names) {
  add(field, toml_string(names[index]));
}
bool Lister::enter(std::string_view key) {
  stack_.emplace_back(key);
  return true;
}
void Lister::leave() { stack_.pop_back(); }

void Auditor::number(const Field& field, double& value) {
  Lister::number(field, value);
  const std::string& path = rows().back().path;
  if (!field.key.ends_with(field.suffix)) {
    findings_.push_back(path + ": does not end in " + std::string(field.suffix));
  }
  if (!(value >= field.range.least && value <= field.range.most)) {
    findings_.push_back(path + ": default " + toml_number(value) + " is outside its range");
  }
}

void Auditor::integer(const Field& field, int& value) {
  Lister::integer(field, value);
  if (value < field.range.least || value > field.range.most) {
    findings_.push_back(rows().back().path + ": default is outside its range");
  }
}

}  // namespace angiotrial::schema
