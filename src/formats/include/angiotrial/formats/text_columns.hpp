// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

/// Text in columns of equal width, for terminals.
namespace angiotrial::formats {

/// The text with blanks after it, at least `columns` bytes long.
[[nodiscard]] inline std::string padded(std::string text, std::size_t columns) {
  if (text.size() < columns) text.append(columns - text.size(), ' ');
  return text;
}

}  // namespace angiotrial::formats
