// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Bytes of the UTF-8 sequence that starts `text` (RFC 3629: no overlong form, no surrogate, none
/// above U+10FFFF); 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// The first byte that is not UTF-8, as a problem with its line.
[[nodiscard]] std::optional<diagnostics::Problem> find_invalid_utf8(std::string_view text,
                                                                    const std::string& file);

/// Text in Latin-1, whose bytes are the first code points of Unicode.
[[nodiscard]] std::string utf8_of_latin1(std::string_view text);

/// The text without a leading byte-order mark.
[[nodiscard]] std::string_view without_bom(std::string_view text);

/// `text` cut to at most `most` bytes at a character's border, with "..." where something fell off.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

}  // namespace angiotrial::formats
