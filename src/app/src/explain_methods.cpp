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

std::string option(const schema::LedgerRow& row) {
  const std::string key = row.path.substr(std::string_view("analysis.NAME.").size());
  return std::string(indent, ' ') + key + " = " + row.default_value + "\n" +
         std::string(3 * indent, ' ') + row.meaning + "\n";
}

}  // namespace

std::optional<std::string> explain_method(std::string_view key) {
  if (key == "methods") return list_of_methods();
  for (const analysis::MethodSummary& method : analysis::plan_methods()) {
    if (method.name != key) continue;
    std::string text = std::string(method.name) + ": " + std::string(method.what) +
                       "\nOptions, with their defaults:\n";
    for (const schema::LedgerRow& row : analysis::plan_options(key)) text += option(row);
    return text;
  }
  return std::nullopt;
}

}  // namespace angiotrial::app
