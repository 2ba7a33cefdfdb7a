// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/reader.hpp>

#include "key_hint.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::schema {
namespace {

using diagnostics::Problem;
using formats::TomlNode;
using Kind = TomlNode::Kind;
using KeysAndSuffixes = std::vector<std::pair<std::string, std::string>>;

/// "between 0 and 10 mm", "at least 0", "at most 1".
std::string in_words(const Field& field) {
  const bool least = std::isfinite(field.range.least);
  const bool most = std::isfinite(field.range.most);
  const auto number = [](double value) { return formats::shortest(value); };
  std::string words;
  if (least && most) {
    words = "between " + number(field.range.least) + " and " + number(field.range.most);
  } else if (least) {
    words = "at least " + number(field.range.least);
  } else if (most) {
    words = "at most " + number(field.range.most);
  }
  const bool has_unit = !field.unit.empty() && field.unit != "1";
  return has_unit ? words + ' ' + std::string(field.unit) : words;
}

void add_unknown(const TomlNode& table, std::string_view prefix, const KeysAndSuffixes& known,
                 Diagnosis& diagnosis) {
  constexpr int enough = 50;  // unknown keys of one table; more means that it is not our file
  int count = 0;
  for (const auto& [key, node] : table.members) {
    if (std::ranges::find(known, key, [](const auto& k) { return k.first; }) != known.end()) {
      continue;
    }
    if (++count > enough) {
      diagnosis.problems.push_back({diagnosis.file, node.line, std::string(prefix), "",
                                    "further unknown keys are not listed", ""});
      return;
    }
    diagnosis.problems.push_back({diagnosis.file, node.line, dotted(prefix, key),
                                  node.kind == Kind::table ? "" : node.raw, "is not a known key",
                                  key_hint(key, known)});
  }
}

void refuse_kind(const TomlNode& node, std::string path, std::string_view wanted,
                 Diagnosis& diagnosis) {
  diagnosis.problems.push_back(
      {diagnosis.file, node.line, std::move(path), node.raw,
       "must be " + std::string(wanted) + ", is " + std::string(name_of(node.kind)), ""});
}

}  // namespace

std::string dotted(std::string_view prefix, std::string_view key) {
  std::string path(prefix);
  if (!path.empty()) path += '.';
  return path + formats::toml_key(key);
}

Reader::Reader(const TomlNode* table, std::string prefix, Diagnosis& diagnosis)
    : diagnosis_(diagnosis), first_problem_(diagnosis.problems.size()) {
  if (table != nullptr && table->kind != Kind::table) {
    refuse_kind(*table, prefix, "a table", diagnosis_);
    table = nullptr;
  }
  frames_.push_back({table, std::move(prefix), {}});
}

void Reader::allow(std::string_view key) { frames_.back().known.push_back({std::string(key), ""}); }

void Reader::finish() {
  report_unknown(frames_.front());
  const auto first = diagnosis_.problems.begin() + static_cast<std::ptrdiff_t>(first_problem_);
  std::stable_sort(first, diagnosis_.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
}

const TomlNode* Reader::find(const Field& field) {
  Frame& frame = frames_.back();
  frame.known.push_back({std::string(field.key), std::string(field.suffix)});
  return frame.table == nullptr ? nullptr : frame.table->find(field.key);
}

void Reader::refuse(const Field& field, const TomlNode& node, std::string rule, std::string hint) {
  diagnosis_.problems.push_back({diagnosis_.file, node.line,
                                 dotted(frames_.back().prefix, field.key), node.raw,
                                 std::move(rule), std::move(hint)});
}

bool Reader::within(const Field& field, const TomlNode& node, double value) {
  if (value >= field.range.least && value <= field.range.most) return true;
  refuse(field, node, "must be " + in_words(field));
  return false;
}

void Reader::record(const Field& field, const TomlNode* node, std::string default_value,
                    std::string value) {
  LedgerRow row;
  row.path = dotted(frames_.back().prefix, field.key);
  row.value = std::move(value);
  row.default_value = std::move(default_value);
  row.unit = field.unit;
  row.range = field.range;
  row.meaning = field.meaning;
  row.provenance = field.source.provenance;
  row.citation = field.source.citation;
  row.identifier = field.source.identifier;
  row.line = node == nullptr ? 0 : node->line;
  diagnosis_.ledger.push_back(std::move(row));
}

void Reader::number(const Field& field, double& value) {
  const double before = value;
  const TomlNode* node = find(field);
  if (node != nullptr) {
    double found = std::numeric_limits<double>::quiet_NaN();
    if (const auto* whole = std::get_if<std::int64_t>(&node->scalar)) {
      found = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&node->scalar)) {
      found = *real;
    }
    if (node->kind != Kind::integer && node->kind != Kind::floating) {
      refuse(field, *node, "must be a number, is " + std::string(name_of(node->kind)));
    } else if (!std::isfinite(found)) {
      refuse(field, *node, "must be a finite number");
    } else if (within(field, *node, found)) {
      value = found;
    }
  }
  record(field, node, toml_number(before), toml_number(value));
}

void Reader::integer(const Field& field, int& value) {
  const int before = value;
  const TomlNode* node = find(field);
  if (node != nullptr) {
    double found = 0.5;  // anything that is no whole number
    if (const auto* whole = std::get_if<std::int64_t>(&node->scalar)) {
      found = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&node->scalar)) {
      found = *real;
    }
    if (!std::isfinite(found) || found != std::floor(found)) {
      refuse(field, *node, "must be a whole number, is " + std::string(name_of(node->kind)));
    } else if (found < std::numeric_limits<int>::min() || found > std::numeric_limits<int>::max()) {
      refuse(field, *node,
             "must be " + (in_words(field).empty() ? "a smaller number" : in_words(field)));
    } else if (within(field, *node, found)) {
      value = static_cast<int>(found);
    }
  }
  record(field, node, std::to_string(before), std::to_string(value));
}

void Reader::boolean(const Field& field, bool& value) {
  const bool before = value;
  const TomlNode* node = find(field);
  if (node != nullptr) {
    if (const bool* found = std::get_if<bool>(&node->scalar)) {
      value = *found;
    } else {
      refuse(field, *node, "must be true or false, is " + std::string(name_of(node->kind)));
    }
  }
  record(field, node, before ? "true" : "false", value ? "true" : "false");
}

void Reader::text(const Field& field, std::string& value) {
  const std::string before = value;
  const TomlNode* node = find(field);
  if (node != nullptr) {
    if (node->kind == Kind::string) {
      value = std::get<std::string>(node->scalar);
    } else {
      refuse(field, *node, "must be a text, is " + std::string(name_of(node->kind)),
             "put it in quotes");
    }
  }
  record(field, node, toml_string(before), toml_string(value));
}

template <class Value, class Read>
bool Reader::list(const Field& field, const TomlNode& node, std::vector<Value>& values,
                  Read&& read) {
  if (node.kind != Kind::array) {
    refuse(field, node, "must be a list, is " + std::string(name_of(node.kind)),
           "put it in brackets");
    return false;
  }
  std::vector<Value> found;
  for (const TomlNode& element : node.elements) {
    if (!read(element, found)) return false;
  }
  values = std::move(found);
  return true;
}

void Reader::texts(const Field& field, std::vector<std::string>& values) {
  const std::string before = toml_list(values);
  const TomlNode* node = find(field);
  if (node != nullptr) {
    list(field, *node, values, [&](const TomlNode& element, std::vector<std::string>& found) {
      if (element.kind == Kind::string) {
        found.push_back(std::get<std::string>(element.scalar));
        return true;
      }
      refuse(field, element, "must hold texts, holds " + std::string(name_of(element.kind)),
             "put each in quotes");
      return false;
    });
  }
  record(field, node, before, toml_list(values));
}

void Reader::numbers(const Field& field, std::vector<double>& values) {
  const std::string before = toml_list(values);
  const TomlNode* node = find(field);
  if (node != nullptr) {
    list(field, *node, values, [&](const TomlNode& element, std::vector<double>& found) {
      double value = std::numeric_limits<double>::quiet_NaN();
      if (const auto* whole = std::get_if<std::int64_t>(&element.scalar)) {
        value = static_cast<double>(*whole);
      } else if (const auto* real = std::get_if<double>(&element.scalar)) {
        value = *real;
      }
      if (!std::isfinite(value)) {
        refuse(field, element, "must hold finite numbers");
        return false;
      }
      if (!within(field, element, value)) return false;
      found.push_back(value);
      return true;
    });
  }
  record(field, node, before, toml_list(values));
}

void Reader::choice(const Field& field, std::size_t& index,
                    std::span<const std::string_view> names) {
  const std::size_t before = index;
  const TomlNode* node = find(field);
  if (node != nullptr) {
    const auto* written = std::get_if<std::string>(&node->scalar);
    const auto found = written ? std::ranges::find(names, *written) : names.end();
    if (found != names.end()) {
      index = static_cast<std::size_t>(found - names.begin());
    } else {
      std::string rule = "must be one of";
      for (const std::string_view name : names) {
        rule += (name == names.front() ? " \"" : ", \"") + std::string(name) + '"';
      }
      const auto near =
          written ? diagnostics::nearest(*written, {names.begin(), names.end()}) : std::nullopt;
      refuse(field, *node, std::move(rule), near ? "did you mean \"" + *near + "\"?" : "");
    }
  }
  record(field, node, toml_string(names[before]), toml_string(names[index]));
  diagnosis_.ledger.back().choices.assign(names.begin(), names.end());
}

bool Reader::enter(std::string_view key) {
  allow(key);
  const Frame& outer = frames_.back();
  const TomlNode* table = sub_table(outer.table, key, outer.prefix, diagnosis_);
  frames_.push_back({table, dotted(outer.prefix, key), {}});
  return true;
}

void Reader::leave() {
  report_unknown(frames_.back());
  frames_.pop_back();
}

void Reader::report_unknown(const Frame& frame) {
  if (frame.table == nullptr) return;
  KeysAndSuffixes known;
  for (const Known& k : frame.known) known.emplace_back(k.key, k.suffix);
  add_unknown(*frame.table, frame.prefix, known, diagnosis_);
}

bool require_key(const TomlNode* table, std::string_view key, const std::string& file,
                 std::string_view prefix, std::vector<Problem>& problems) {
  if (table != nullptr && table->find(key) != nullptr) return true;
  problems.push_back({file, table == nullptr ? 0 : table->line, dotted(prefix, key), "",
                      "is missing and has no default",
                      prefix.empty() ? "" : "add it to [" + std::string(prefix) + "]"});
  return false;
}

void check_keys(const TomlNode& table, std::string_view prefix,
                const std::vector<std::string>& known, Diagnosis& diagnosis) {
  KeysAndSuffixes keys;
  for (const std::string& key : known) keys.emplace_back(key, "");
  add_unknown(table, prefix, keys, diagnosis);
}

const TomlNode* sub_table(const TomlNode* parent, std::string_view key, std::string_view prefix,
                          Diagnosis& diagnosis) {
  const TomlNode* node = parent == nullptr ? nullptr : parent->find(key);
  if (node == nullptr || node->kind == Kind::table) return node;
  refuse_kind(*node, dotted(prefix, key), "a table", diagnosis);
  return nullptr;
}

std::vector<NamedTable> named_tables(const TomlNode* parent, std::string_view key,
                                     std::string_view prefix, Diagnosis& diagnosis) {
  std::vector<NamedTable> tables;
  const TomlNode* outer = sub_table(parent, key, prefix, diagnosis);
  if (outer == nullptr) return tables;
  for (const auto& [name, node] : outer->members) {
    std::string path = dotted(dotted(prefix, key), name);
    if (node.kind == Kind::table) {
      tables.push_back({name, std::move(path), &node});
    } else {
      refuse_kind(node, std::move(path), "a table", diagnosis);
    }
  }
  return tables;
}

std::vector<NamedTable> listed_tables(const TomlNode* parent, std::string_view key,
                                      std::string_view prefix, Diagnosis& diagnosis) {
  std::vector<NamedTable> tables;
  const TomlNode* list = parent == nullptr ? nullptr : parent->find(key);
  if (list == nullptr) return tables;
  if (list->kind != Kind::array) {
    refuse_kind(*list, dotted(prefix, key), "an array of tables", diagnosis);
    return tables;
  }
  for (std::size_t i = 0; i < list->elements.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    std::string path = dotted(dotted(prefix, key), number);
    if (list->elements[i].kind == Kind::table) {
      tables.push_back({number, std::move(path), &list->elements[i]});
    } else {
      refuse_kind(list->elements[i], std::move(path), "a table", diagnosis);
    }
  }
  return tables;
}

}  // namespace angiotrial::schema
