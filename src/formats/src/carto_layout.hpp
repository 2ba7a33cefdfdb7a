// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace angiotrial::formats {

enum class CartoSection { none, general, vertices, triangles, colours, other };

/// Of the name between the brackets; `other` where it is none of those that are read.
[[nodiscard]] CartoSection carto_section_of(std::string_view name);

/// The names of `count` columns: the words of the comment above the rows or, where these are not
/// as many, of `colours` (ColorsNames of the file). Nothing where neither fits or a name stands
/// twice. Some exports write the last two names of a comment as one word, a[b].
[[nodiscard]] std::optional<std::vector<std::string_view>> carto_column_names(
    std::string_view comment, std::string_view colours, std::size_t count);

}  // namespace angiotrial::formats
