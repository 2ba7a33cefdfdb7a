// SPDX-License-Identifier: Apache-2.0
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace angiotrial::formats {
namespace {

struct Lead {
  unsigned first, last;  ///< lead bytes
  std::size_t length;    ///< of the sequence
  unsigned second_least, second_most;
};

// Table 3-7 of the Unicode standard; all further bytes are 80..BF.
constexpr std::array leads{
    Lead{0x00, 0x7F, 1, 0, 0},       Lead{0xC2, 0xDF, 2, 0x80, 0xBF},
    Lead{0xE0, 0xE0, 3, 0xA0, 0xBF}, Lead{0xE1, 0xEC, 3, 0x80, 0xBF},
    Lead{0xED, 0xED, 3, 0x80, 0x9F}, Lead{0xEE, 0xEF, 3, 0x80, 0xBF},
    Lead{0xF0, 0xF0, 4, 0x90, 0xBF}, Lead{0xF1, 0xF3, 4, 0x80, 0xBF},
    Lead{0xF4, 0xF4, 4, 0x80, 0x8F},
};

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  const auto row = std::ranges::find_if(
      leads, [lead](const Lead& r) { return lead >= r.first && lead <= r.last; });
  if (row == leads.end() || text.size() < row->length) return 0;
  if (byte_at(text, 1) < row->second_least || byte_at(text, 1) > row->second_most) return 0;
  for (std::size_t i = 2; i < row->length; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80U) return 0;
  }
  return row->length;
}

std::optional<diagnostics::Problem> find_invalid_utf8(std::string_view text,
                                                      const std::string& file) {
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') ++line;
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "0x%02X", byte_at(text, i));
      return diagnostics::Problem{file,
                                  line,
                                  "",
                                  "",
                                  std::string("the byte ") + hex.data() + " is not UTF-8 text",
                                  "save the file with the encoding UTF-8"};
    }
    i += length;
  }
  return std::nullopt;
}

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned byte = byte_at(text, i);
    if (byte < 0x80) {
      out += text[i];
    } else {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return out;
}

std::string_view without_bom(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t keep = most - 3;
  while (keep > 0 && (byte_at(text, keep) & 0xC0U) == 0x80U) --keep;
  return std::string(text.substr(0, keep)) + "...";
}

}  // namespace angiotrial::formats
