// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Bad input is data: a list of problems, each with the place, the value, the rule it breaks and,
/// where there is one, the nearest thing that would have been right. Nothing is thrown for it.
namespace angiotrial::diagnostics {

struct Problem {
  std::string file;   ///< as the user named it
  int line = 0;       ///< 1-based; 0 when the problem has no line
  std::string key;    ///< dotted path, such as `arms.low.dose_cells_per_kg`
  std::string value;  ///< as written; empty when the key is missing
  std::string rule;   ///< what must hold, in words
  std::string hint;   ///< nearest valid key or a way out; may be empty

  bool operator==(const Problem&) const = default;
};

/// `file:line: key = value: rule (hint)`, leaving out what is empty.
[[nodiscard]] std::string to_string(const Problem& problem);

/// All problems, one a line, in the order given.
[[nodiscard]] std::string to_string(const std::vector<Problem>& problems);

/// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours) to
/// `word`, or nothing when even the nearest differs in more than a third of its letters (at least
/// two). The first of equally near candidates wins.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

/// A value, or every problem that stood in its way. Never both, never neither.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}                           // NOLINT(*-explicit-*)
  Result(std::vector<Problem> problems) : state_(std::move(problems)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  /// Expects ok(); std::get throws std::bad_variant_access otherwise.
  [[nodiscard]] T& value() & { return std::get<T>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<T>(state_); }
  [[nodiscard]] T&& value() && { return std::get<T>(std::move(state_)); }

  /// Empty when ok().
  [[nodiscard]] const std::vector<Problem>& problems() const {
    static const std::vector<Problem> none;
    return ok() ? none : std::get<std::vector<Problem>>(state_);
  }

 private:
  std::variant<T, std::vector<Problem>> state_;
};

}  // namespace angiotrial::diagnostics
