// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/json.hpp>

#include "utf8.hpp"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace angiotrial::formats {

inline constexpr std::size_t deepest_nesting = 100;

/// Where the parser reads: it looks at most one character beyond a number.
struct JsonPlace {
  int line = 1;
  char last = '\0';
};

/// Builds our tree from the parser's events; stops at the first problem.
class JsonBuilder {
 public:
  using number_integer_t = std::int64_t;
  using number_unsigned_t = std::uint64_t;
  using number_float_t = double;
  using string_t = std::string;

  JsonBuilder(const std::string& file, const JsonPlace& place) : file_(file), place_(place) {}
  JsonBuilder(const JsonBuilder&) = delete;
  JsonBuilder& operator=(const JsonBuilder&) = delete;
  virtual ~JsonBuilder() = default;

  JsonValue root;
  std::vector<diagnostics::Problem> problems;

  virtual bool null() {
    add(JsonValue::Kind::null, place_.line);
    return true;
  }
  virtual bool boolean(bool flag) { return put(JsonValue::Kind::boolean, flag, place_.line); }
  virtual bool number_integer(number_integer_t number) {
    return put(JsonValue::Kind::integer, std::int64_t{number}, line_of_number());
  }
  virtual bool number_unsigned(number_unsigned_t number) {
    if (number <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<number_integer_t>(number));
    }
    return put(JsonValue::Kind::number, static_cast<double>(number), line_of_number());
  }
  virtual bool number_float(number_float_t number) {
    return put(JsonValue::Kind::number, number, line_of_number());
  }
  virtual bool string(string_t& text) {
    return put(JsonValue::Kind::string, std::move(text), place_.line);
  }
  virtual bool start_object(std::size_t) { return open(JsonValue::Kind::object); }
  virtual bool start_array(std::size_t) { return open(JsonValue::Kind::array); }
  virtual bool key(string_t& name) {
    key_ = std::move(name);
    return keys_.back().insert(key_).second || refuse("the key is given twice in this object");
  }
  virtual bool end_object() { return close(); }
  virtual bool end_array() { return close(); }
  bool parse_error(const std::string& token, bool beyond_double) {
    if (beyond_double) return refuse("the number " + shortened(token, 80) + " is too large");
    key_.clear();
    if (token.empty() || token == "<U+0000>") return refuse("the text ends too early");
    return refuse("is not JSON near " + shortened(token, 80));
  }

 protected:
  bool refuse(std::string rule) {
    problems.push_back({file_, place_.line, shortened(key_, 80), "", std::move(rule), ""});
    return false;
  }

  /// A number at a line's end is known only once the line end has been read.
  [[nodiscard]] int line_of_number() const { return place_.line - (place_.last == '\n' ? 1 : 0); }

  /// A new value where the parser stands: in the open array or object, or at the root.
  JsonValue* add(JsonValue::Kind kind, int line) {
    JsonValue* value = &root;
    if (!open_.empty() && open_.back()->kind == JsonValue::Kind::array) {
      value = &open_.back()->elements.emplace_back();
    } else if (!open_.empty()) {
      JsonValue::Member& member = open_.back()->members.emplace_back();
      member.key = std::move(key_);
      value = &member.value;
    }
    value->kind = kind;
    value->line = line;
    return value;
  }

  template <class Scalar>
  bool put(JsonValue::Kind kind, Scalar scalar, int line) {
    JsonValue* value = add(kind, line);
    value->scalar.emplace<Scalar>(std::move(scalar));
    return true;
  }

  bool open(JsonValue::Kind kind) {
    if (open_.size() >= deepest_nesting) {
      return refuse("nesting is deeper than " + std::to_string(deepest_nesting));
    }
    // The parent grows no further while its child is open, so the pointers stay valid.
    open_.push_back(add(kind, place_.line));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  const std::string& file_;
  const JsonPlace& place_;
  std::string key_;
  std::vector<JsonValue*> open_;
  std::vector<std::set<std::string>> keys_;
};

/// Bytes that come one by one, with the place of the next.
class JsonBytes {
 public:
  JsonBytes() = default;
  JsonBytes(const JsonBytes&) = delete;
  JsonBytes& operator=(const JsonBytes&) = delete;
  virtual ~JsonBytes() = default;

  JsonPlace place;

  [[nodiscard]] virtual bool ended() const = 0;
  [[nodiscard]] virtual const char& front() const = 0;
  virtual void advance() = 0;
};

/// Hands one JSON value to the builder and leaves what follows it unread. False when the builder
/// has a problem.
[[nodiscard]] bool parse_json_value(JsonBytes& bytes, JsonBuilder& builder);

}  // namespace angiotrial::formats
