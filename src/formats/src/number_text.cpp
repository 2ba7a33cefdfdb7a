// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace angiotrial::formats {

std::string shortest(double value) {
  ANGIOTRIAL_EXPECT(std::isfinite(value), "only finite numbers have a decimal text");
  if (value == 0.0) return std::signbit(value) ? "-0.0" : "0";
  std::array<char, 32> buffer{};  // at most 24 characters for the shortest form
  char* const last = buffer.data() + buffer.size();
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  const auto end = whole ? std::to_chars(buffer.data(), last, value, std::chars_format::fixed)
                         : std::to_chars(buffer.data(), last, value);
  return std::string(buffer.data(), end.ptr);
}

std::string six_digits(double value) {
  ANGIOTRIAL_EXPECT(std::isfinite(value), "only finite numbers have a decimal text");
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::general, 6);
  return shortest(finite_number({buffer.data(), end.ptr}).value_or(value));
}

std::optional<double> finite_number(std::string_view text) {
  double value = 0.0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace angiotrial::formats
