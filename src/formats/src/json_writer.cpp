// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/json.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "utf8.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace angiotrial::formats {
namespace {

/// The escape of an ASCII character that must not stand bare in a JSON string, or nothing.
std::string escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) return "";
  std::array<char, 8> hex{};
  std::snprintf(hex.data(), hex.size(), "\\u%04x", static_cast<unsigned char>(c));
  return hex.data();
}

}  // namespace

void JsonWriter::quote(std::string_view text) {
  bytes_ += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      bytes_ += "\xEF\xBF\xBD";  // U+FFFD, the replacement character
    } else if (text.starts_with("</")) {
      bytes_ += "<\\";  // the slash follows as itself
    } else if (text.starts_with("<!")) {
      bytes_ += "\\u003c";
    } else if (const std::string escaped = length == 1 ? escape(text[0]) : ""; !escaped.empty()) {
      bytes_ += escaped;
    } else {
      bytes_ += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  bytes_ += '"';
}

void JsonWriter::new_line() {
  if (!indented_) return;
  bytes_ += '\n';
  bytes_.append(2 * open_.size(), ' ');
}

void JsonWriter::separate() {
  if (!open_.back().empty) bytes_ += ',';
  open_.back().empty = false;
  new_line();
}

void JsonWriter::before_value() {
  if (open_.empty()) {
    ANGIOTRIAL_EXPECT(!written_, "a JSON text is one value");
    written_ = true;
  } else if (open_.back().close == ']') {
    separate();
  } else {
    ANGIOTRIAL_EXPECT(keyed_, "a value in an object follows its key");
    keyed_ = false;
  }
}

JsonWriter& JsonWriter::begin(char open, char close) {
  before_value();
  bytes_ += open;
  open_.push_back({close});
  return *this;
}

JsonWriter& JsonWriter::end(char close) {
  ANGIOTRIAL_EXPECT(!open_.empty() && open_.back().close == close, "an end matches its begin");
  ANGIOTRIAL_EXPECT(!keyed_, "a key has its value");
  const bool empty = open_.back().empty;
  open_.pop_back();
  if (!empty) new_line();
  bytes_ += close;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  ANGIOTRIAL_EXPECT(!open_.empty() && open_.back().close == '}' && !keyed_,
                    "a key stands in an object, before a value");
  separate();
  quote(name);
  bytes_ += indented_ ? ": " : ":";
  keyed_ = true;
  return *this;
}

JsonWriter& JsonWriter::literal(std::string_view text) {
  before_value();
  bytes_ += text;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  return std::isfinite(number) ? literal(shortest(number)) : null();
}

}  // namespace angiotrial::formats
