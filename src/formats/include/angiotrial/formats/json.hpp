// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace angiotrial::formats {

/// Writes JSON piece by piece: the same calls, the same bytes.
///
/// Doubles print shortest, and NaN or infinity as null. `</` and `<!` are escaped, so the text may
/// stand in an HTML script element. Bytes that are not UTF-8 become U+FFFD. A call out of order
/// (a value without its key, an end that matches nothing) is a broken contract.
class JsonWriter {
 public:
  enum class Layout { compact, indented };
  explicit JsonWriter(Layout layout = Layout::compact) : indented_(layout == Layout::indented) {}

  JsonWriter& begin_object() { return begin('{', '}'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('[', ']'); }
  JsonWriter& end_array() { return end(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& null() { return literal("null"); }
  template <std::same_as<bool> Bool>
  JsonWriter& value(Bool flag) {
    return literal(flag ? "true" : "false");
  }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  JsonWriter& value(Integer number) {
    return literal(std::to_string(number));
  }
  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    key(name);
    return value(content);
  }

  /// Whether exactly one value has been written and all that was begun is ended.
  [[nodiscard]] bool complete() const { return open_.empty() && written_; }
  /// The bytes written since the last call: a caller with much to write may flush now and then.
  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }

 private:
  struct Open {
    char close;
    bool empty = true;
  };
  JsonWriter& begin(char open, char close);
  JsonWriter& end(char close);
  JsonWriter& literal(std::string_view text);
  void before_value();
  void separate();
  void new_line();
  void quote(std::string_view text);

  bool indented_;
  bool keyed_ = false;    ///< a key waits for its value
  bool written_ = false;  ///< the outermost value has been begun
  std::vector<Open> open_;
  std::string bytes_;
};

/// A JSON value as read. Members keep the order of the file.
struct JsonValue {
  enum class Kind { null, boolean, integer, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  int line = 0;  ///< 1-based, where the value begins
  /// boolean: bool; integer: int64; number: double; string: text; else nothing.
  std::variant<std::monostate, bool, std::int64_t, double, std::string> scalar;
  std::vector<JsonValue> elements;  ///< of an array
  std::vector<Member> members;      ///< of an object

  /// The member of that name, or nullptr; nullptr too when this is not an object.
  [[nodiscard]] const JsonValue* find(std::string_view key) const;
};

struct JsonValue::Member {
  std::string key;
  JsonValue value;
};

/// Parses one JSON text. Nesting deeper than 100, a key given twice, a number beyond a double and
/// any breach of RFC 8259 are problems with file and line.
[[nodiscard]] diagnostics::Result<JsonValue> read_json(std::string_view text,
                                                       const std::string& file);

}  // namespace angiotrial::formats
