// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/json.hpp>

#include "json_builder.hpp"
#include "utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace angiotrial::formats {
namespace {

/// Hands the parser the text and keeps count of lines.
class Counting {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Counting(const char* at, JsonPlace* place) : at_(at), place_(place) {}
  reference operator*() const { return *at_; }
  Counting& operator++() {
    place_->last = *at_;
    if (*at_ == '\n') ++place_->line;
    ++at_;
    return *this;
  }
  Counting operator++(int) {
    Counting before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Counting& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  JsonPlace* place_;
};

/// A stream as the iterators that the parser wants; the end is a null stream.
class StreamIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  explicit StreamIterator(JsonBytes* stream) : stream_(stream) {}
  reference operator*() const { return stream_->front(); }
  StreamIterator& operator++() {
    stream_->advance();
    return *this;
  }
  bool operator==(const StreamIterator& other) const { return ended() == other.ended(); }

 private:
  [[nodiscard]] bool ended() const { return !stream_ || stream_->ended(); }

  JsonBytes* stream_;
};

/// Passes the parser's events on.
class Adapter final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Adapter(JsonBuilder& to) : to_(to) {}

  bool null() override { return to_.null(); }
  bool boolean(bool flag) override { return to_.boolean(flag); }
  bool number_integer(number_integer_t number) override { return to_.number_integer(number); }
  bool number_unsigned(number_unsigned_t number) override { return to_.number_unsigned(number); }
  bool number_float(number_float_t number, const string_t&) override {
    return to_.number_float(number);
  }
  bool string(string_t& text) override { return to_.string(text); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t size) override { return to_.start_object(size); }
  bool start_array(std::size_t size) override { return to_.start_array(size); }
  bool key(string_t& name) override { return to_.key(name); }
  bool end_object() override { return to_.end_object(); }
  bool end_array() override { return to_.end_array(); }
  bool parse_error(std::size_t, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    constexpr int out_of_range = 406;
    return to_.parse_error(token, error.id == out_of_range);
  }

 private:
  JsonBuilder& to_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

diagnostics::Result<JsonValue> read_json(std::string_view text, const std::string& file) {
  if (auto invalid = find_invalid_utf8(text, file)) return std::vector{*std::move(invalid)};
  text = without_bom(text);
  JsonPlace place;
  JsonBuilder builder(file, place);
  Adapter adapter(builder);
  const bool read = nlohmann::json::sax_parse(
      Counting(text.data(), &place), Counting(text.data() + text.size(), &place), &adapter);
  if (!read) return std::move(builder.problems);
  return std::move(builder.root);
}

bool parse_json_value(JsonBytes& bytes, JsonBuilder& builder) {
  Adapter adapter(builder);
  return nlohmann::json::sax_parse(StreamIterator(&bytes), StreamIterator(nullptr), &adapter,
                                   nlohmann::json::input_format_t::json, /*strict=*/false);
}

}  // namespace angiotrial::formats
