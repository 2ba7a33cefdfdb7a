// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/json.hpp>

#include "json_builder.hpp"
#include "utf8.hpp"

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
  const bool read = nlohmann::json::sax_parse(
      Counting(text.data(), &place), Counting(text.data() + text.size(), &place), &builder);
  if (!read) return std::move(builder.problems);
  return std::move(builder.root);
}

}  // namespace angiotrial::formats
