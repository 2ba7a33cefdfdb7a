// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace angiotrial::formats {

/// The text without blanks (space, tab and their like, carriage return) around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Takes the next word off the front of `text`; empty when there is none.
[[nodiscard]] std::string_view take_word(std::string_view& text);

[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// The whole word as a number, with or without a sign; independent of the locale.
template <class Number>
[[nodiscard]] std::optional<Number> number_of(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

}  // namespace angiotrial::formats
