// SPDX-License-Identifier: Apache-2.0
#include "explain_methods.hpp"

#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/formats/text_columns.hpp>

#include <algorithm>

namespace angiotrial::app {
namespace {

constexpr std::size_t indent = 2;

std::string list_of_methods() {
  std::size_t widest = 0;
  for (const analysis::MethodSummary& method : analysis::plan_methods()) {
    widest = std::max(widest, method.name.size());
  }
  std::string text = "Methods of an analysis plan: [analysis.NAME], method = \"...\"\n";
  for (const analysis::MethodSummary& method : analysis::plan_methods()) {
    text += std::string(indent, ' ') + formats::padded(std::string(method.name), widest + 2) +
            std::string(method.what) + "\n";
  }
  return text + "angiotrial explain METHOD lists the options of one.\n";
}

/// The texts one after the other, broken between them before the terminal ends.
std::string listed(const std::vector<std::string>& texts, std::size_t from) {
  constexpr std::size_t width = 100;
  std::string out;
  std::size_t column = from;
  for (const std::string& text : texts) {
    if (!out.empty()) out += ',';
    if (!out.empty() && column + 2 + text.size() > width) {
      out += "\n" + std::string(from, ' ');
      column = from;
    } else if (!out.empty()) {
      out += ' ';
    }
    out += text;
    column += text.size() + 2;
  }
  return out;
}

std::string option(const std::string& key, const schema::LedgerRow& row) {
  const std::string below(3 * indent, ' ');
  std::string text = std::string(indent, ' ') + key + " = " + row.default_value + "\n";
  text += below + row.meaning + "\n";
  if (row.choices.empty()) return text;
  std::vector<std::string> quoted;
  for (const std::string& choice : row.choices) quoted.push_back(schema::toml_string(choice));
  constexpr std::string_view title = "one of ";
  return text + below + std::string(title) + listed(quoted, below.size() + title.size()) + "\n";
}

std::string key_of(const schema::LedgerRow& row) {
  return row.path.substr(std::string_view("analysis.NAME.").size());
}

std::string keys_of_every_analysis() {
  std::vector<std::string> keys;
  for (const schema::LedgerRow& row : analysis::plan_keys()) {
    if (!row.path.starts_with("analysis.NAME.")) continue;
    const std::string key = key_of(row);
    const std::string first = key.substr(0, key.find('.'));
    if (keys.empty() || keys.back() != first) keys.push_back(first);
  }
  const std::string title = "Every analysis also takes ";
  return title + listed(keys, title.size()) + ";\nangiotrial explain KEY tells of one.\n";
}

bool is_meant(const std::string& path, std::string_view key) {
  return path == key || path.ends_with("." + std::string(key)) ||
         path.starts_with(std::string(key) + ".") ||
         path.find("." + std::string(key) + ".") != std::string::npos;
}

/// An option with the same meaning, default and choices, and the methods that have it.
struct SharedOption {
  schema::LedgerRow row;
  std::vector<std::string> methods;
};

std::vector<SharedOption> options_named(std::string_view key) {
  std::vector<SharedOption> out;
  for (const analysis::MethodSummary& method : analysis::plan_methods()) {
    for (const schema::LedgerRow& row : analysis::plan_options(method.name)) {
      if (key_of(row) != key) continue;
      auto at = std::ranges::find_if(out, [&](const SharedOption& o) {
        return o.row.meaning == row.meaning && o.row.default_value == row.default_value &&
               o.row.choices == row.choices;
      });
      if (at == out.end()) at = out.insert(at, SharedOption{row, {}});
      at->methods.emplace_back(method.name);
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> explain_method(std::string_view key) {
  if (key == "methods") return list_of_methods();
  for (const analysis::MethodSummary& method : analysis::plan_methods()) {
    if (method.name != key) continue;
    std::string text = std::string(method.name) + ": " + std::string(method.what) +
                       "\nOptions, with their defaults:\n";
    for (const schema::LedgerRow& row : analysis::plan_options(key)) {
      text += option(key_of(row), row);
    }
    return text + keys_of_every_analysis() + "Reference: docs/reference/" +
           std::string(page_of(key)) + ".md\n";
  }
  return std::nullopt;
}

std::optional<std::string> explain_plan_key(std::string_view key) {
  if (key.empty()) return std::nullopt;
  std::string text;
  for (const schema::LedgerRow& row : analysis::plan_keys()) {
    if (is_meant(row.path, key)) text += option(row.path, row);
  }
  if (!text.empty()) text = "In an analysis plan:\n" + text;
  const std::vector<SharedOption> shared = options_named(key);
  if (!shared.empty()) text += "As an option of methods of a plan:\n";
  for (const SharedOption& o : shared) {
    text += option(std::string(key), o.row);
    text += std::string(3 * indent, ' ') + "methods: " + listed(o.methods, 3 * indent + 9) + "\n";
  }
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace angiotrial::app
