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

namespace {

template <class Value, class Write>
std::string bracketed(const std::vector<Value>& values, Write&& write) {
  std::string text = "[";
  for (const Value& value : values) text += (text.size() == 1 ? "" : ", ") + write(value);
  return text + "]";
}

}  // namespace

std::string toml_list(const std::vector<std::string>& values) {
  return bracketed(values, [](const std::string& text) { return toml_string(text); });
}

std::string toml_list(const std::vector<double>& values) {
  return bracketed(values, [](double number) { return toml_number(number); });
}

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
void Lister::texts(const Field& field, std::vector<std::string>& values) {
  add(field, toml_list(values));
}
void Lister::numbers(const Field& field, std::vector<double>& values) {
  add(field, toml_list(values));
}
void Lister::choice(const Field& field, std::size_t& index,
                    std::span<const std::string_view> names) {
  add(field, toml_string(names[index]));
  rows_.back().choices.assign(names.begin(), names.end());
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
