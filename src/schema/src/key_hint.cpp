// SPDX-License-Identifier: Apache-2.0
#include "key_hint.hpp"

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/units/names.hpp>

#include <algorithm>
#include <array>

namespace angiotrial::schema {
namespace {

/// Words people write for units that the engine does not use.
constexpr std::array<std::string_view, 24> other_unit_words{
    "cell", "l",    "dl",     "ul",      "m",     "cm",   "mm2",    "ug",
    "day",  "week", "hour",   "h",       "month", "year", "minute", "minutes",
    "sec",  "secs", "second", "seconds", "kpa",   "pa",   "pct",    "ratio"};

/// The part of `text` up to the next underscore, which is taken off `text` with it.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find('_'), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool is_unit_word(std::string_view word) {
  if (std::ranges::find(other_unit_words, word) != other_unit_words.end()) return true;
  return std::ranges::any_of(units::suffixes, [word](const units::Suffix& row) {
    std::string_view rest = row.suffix.substr(1);  // without the leading underscore
    while (!rest.empty()) {
      if (take_word(rest) == word) return true;
    }
    return false;
  });
}

/// Whether `key` is `base`, alone or followed by words of units only.
bool is_base_with_units(std::string_view key, std::string_view base) {
  if (!key.starts_with(base)) return false;
  std::string_view rest = key.substr(base.size());
  if (rest.empty()) return true;
  if (rest.front() != '_' || rest.size() == 1) return false;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (!is_unit_word(take_word(rest))) return false;
  }
  return true;
}

}  // namespace

std::string key_hint(std::string_view key,
                     const std::vector<std::pair<std::string, std::string>>& known) {
  const std::string* same = nullptr;
  std::size_t longest = 0;
  std::vector<std::string> spellings;
  for (const auto& [name, suffix] : known) {
    spellings.push_back(name);
    if (suffix.empty() || name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    const std::string_view base = std::string_view(name).substr(0, name.size() - suffix.size());
    if (base.size() > longest && is_base_with_units(key, base)) {
      same = &name;
      longest = base.size();
    }
  }
  if (same != nullptr) return "the unit is part of the key: write " + *same;
  const auto near = diagnostics::nearest(key, spellings);
  return near ? "did you mean " + *near + "?" : "";
}

}  // namespace angiotrial::schema
