// SPDX-License-Identifier: Apache-2.0
#include "toml_screen.hpp"

#include <vector>

namespace angiotrial::formats {
namespace {

using diagnostics::Problem;

constexpr std::size_t deepest_nesting = 64;
constexpr int most_name_parts = 16;
constexpr int most_names = 10'000;

class Screen {
 public:
  Screen(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::optional<Problem> run() {
    start_line();
    while (!problem_ && at_ < text_.size()) step();
    if (!problem_ && !open_.empty()) refuse(open_.back().line, "this bracket is never closed");
    return problem_;
  }

 private:
  struct Open {
    char bracket;
    int line;
  };

  void refuse(int line, std::string rule, std::string hint = "") {
    if (!problem_) problem_ = Problem{file_, line, "", "", std::move(rule), std::move(hint)};
  }

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = peek();
    switch (c) {
      case '#':
        return comment();
      case '"':
        [[fallthrough]];
      case '\'':
        return string();
      case '[':
        [[fallthrough]];
      case '{':
        open(c);
        break;
      case ']':
        [[fallthrough]];
      case '}':
        close(c);
        break;
      case '\n':
        return new_line();
      case '=':
        in_value_ = true;
        break;
      case ',':
        in_value_ = open_.empty() || open_.back().bracket == '[';
        break;
      case '.':
        dot();
        break;
      default:
        plain(c);
    }
    ++at_;
  }

  /// Tabs and line ends are the only control characters of TOML; \r only before \n.
  bool allowed(char c) {
    const auto code = static_cast<unsigned char>(c);
    if ((code >= 0x20 && code != 0x7f) || c == '\t' || c == '\n') return true;
    if (c == '\r') {
      if (peek(1) == '\n') return true;
      refuse(line_, "a carriage return stands alone", "end lines with \\n or \\r\\n");
    } else {
      refuse(line_, "control characters are not allowed", "write it as \\u00XX in double quotes");
    }
    return false;
  }

  void plain(char c) {
    if (!allowed(c)) return;
    if (static_cast<unsigned char>(c) >= 0x80) {
      refuse(line_, "letters beyond ASCII may stand in quotes and comments only");
    }
  }

  void comment() {
    for (; at_ < text_.size() && peek() != '\n'; ++at_) {
      if (!allowed(peek())) return;
    }
  }

  void new_line() {
    if (in_header_) return refuse(line_, "the table header is not closed", "write [name]");
    ++at_;
    ++line_;
    if (open_.empty()) start_line();
  }

  void start_line() {
    in_value_ = false;
    dots_ = 0;
    while (peek() == ' ' || peek() == '\t') ++at_;
    if (peek() == '[') header();
  }

  void header() {
    count_name();
    in_header_ = true;
    std::size_t ahead = peek(1) == '[' ? 2 : 1;
    while (peek(ahead) == ' ' || peek(ahead) == '\t') ++ahead;
    const char first = peek(ahead);
    const bool name = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                      (first >= '0' && first <= '9') || first == '_' || first == '-' ||
                      first == '"' || first == '\'';
    if (!name) refuse(line_, "a table header needs a name in its brackets", "write [name]");
  }

  void count_name() {
    if (++names_ > most_names) {
      refuse(line_, "a file may hold at most 10000 table headers and dotted names");
    }
  }

  void dot() {
    if (in_value_) return;
    count_name();
    if (++dots_ >= most_name_parts) refuse(line_, "a dotted name may have at most 16 parts");
  }

  void open(char bracket) {
    if (open_.size() >= deepest_nesting) refuse(line_, "nesting is deeper than 64");
    open_.push_back({bracket, line_});
    if (bracket == '{') {
      in_value_ = false;
      dots_ = 0;
    }
  }

  void close(char bracket) {
    const char match = bracket == ']' ? '[' : '{';
    if (open_.empty() || open_.back().bracket != match) {
      return refuse(line_, std::string("this ") + bracket + " closes nothing");
    }
    open_.pop_back();
    if (open_.empty()) in_header_ = false;
    if (bracket == '}') in_value_ = true;
  }

  void string() {
    const char quote = peek();
    const bool multi_line = peek(1) == quote && peek(2) == quote;
    const int opened = line_;
    at_ += multi_line ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      if (c == quote && (!multi_line || (peek(1) == quote && peek(2) == quote))) {
        return close_string(quote, multi_line);
      }
      if (c == '\n' && !multi_line) break;
      if (!allowed(c)) return;
      if (c == '\\' && quote == '"' && peek(1) != '\n' && allowed(peek(1))) ++at_;
      if (c == '\n') ++line_;
    }
    refuse(opened, "the text is not closed", std::string("end it with ") + quote);
  }

  /// Up to two quotes may stand right before the three that end a multi-line text.
  void close_string(char quote, bool multi_line) {
    at_ += multi_line ? 3 : 1;
    for (int extra = 0; multi_line && extra < 2 && peek() == quote; ++extra) ++at_;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  int line_ = 1;
  int dots_ = 0;   ///< in the present name
  int names_ = 0;  ///< headers and dots of names so far
  bool in_value_ = false;
  bool in_header_ = false;
  std::vector<Open> open_;
  std::optional<Problem> problem_;
};

}  // namespace

std::optional<Problem> screen_toml(std::string_view text, const std::string& file) {
  return Screen(text, file).run();
}

}  // namespace angiotrial::formats
