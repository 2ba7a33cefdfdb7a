// SPDX-License-Identifier: Apache-2.0
#include "carto_layout.hpp"

#include <set>

#include "words.hpp"

namespace angiotrial::formats {
namespace {

/// Splits a last word a[b] in two.
void split_last(std::vector<std::string_view>& names) {
  if (names.empty() || !names.back().ends_with(']')) return;
  const std::string_view both = names.back().substr(0, names.back().size() - 1);
  const std::size_t open = both.find('[');
  if (open == 0 || open == std::string_view::npos || open + 1 == both.size()) return;
  names.back() = both.substr(0, open);
  names.push_back(both.substr(open + 1));
}

}  // namespace

CartoSection carto_section_of(std::string_view name) {
  if (name == "GeneralAttributes") return CartoSection::general;
  if (name == "VerticesSection") return CartoSection::vertices;
  if (name == "TrianglesSection") return CartoSection::triangles;
  if (name == "VerticesColorsSection") return CartoSection::colours;
  return CartoSection::other;
}

std::optional<std::vector<std::string_view>> carto_column_names(std::string_view comment,
                                                                std::string_view colours,
                                                                std::size_t count) {
  std::vector<std::string_view> names = words_of(comment);
  if (names.size() + 1 == count) split_last(names);
  if (names.size() != count) names = words_of(colours);
  const std::set<std::string_view> different(names.begin(), names.end());
  if (names.size() != count || different.size() != count || count == 0) return std::nullopt;
  return names;
}

}  // namespace angiotrial::formats
