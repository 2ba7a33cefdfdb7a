// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/json.hpp>

#include "utf8.hpp"

#include <nlohmann/json.hpp>

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
class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonBuilder(const std::string& file, const JsonPlace& place) : file_(file), place_(place) {}

  JsonValue root;
  std::vector<diagnostics::Problem> problems;

  bool null() override {
    add(JsonValue::Kind::null, place_.line);
    return true;
  }
  bool boolean(bool flag) override { return put(JsonValue::Kind::boolean, flag, place_.line); }
  bool number_integer(number_integer_t number) override {
    return put(JsonValue::Kind::integer, std::int64_t{number}, line_of_number());
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (number <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<number_integer_t>(number));
    }
    return put(JsonValue::Kind::number, static_cast<double>(number), line_of_number());
  }
  bool number_float(number_float_t number, const string_t&) override {
    return put(JsonValue::Kind::number, number, line_of_number());
  }
  bool string(string_t& text) override {
    return put(JsonValue::Kind::string, std::move(text), place_.line);
  }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::array); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return keys_.back().insert(key_).second || refuse("the key is given twice in this object");
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    if (error.id == 406) return refuse("the number " + shortened(token, 80) + " is too large");
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

}  // namespace angiotrial::formats
