// SPDX-License-Identifier: Apache-2.0
#include "plan/condition.hpp"

#include <angiotrial/formats/data_table.hpp>

#include <array>
#include <utility>

#include "plan/frame_columns.hpp"

namespace angiotrial::analysis {
namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

/// The text within a pair of quotes of one kind, or as it is.
std::string unquoted(const std::string& text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<bool> Condition::holds(const std::string& cell) const {
  if (cell.empty()) return relation == Relation::not_equal && !value.empty();
  const auto a = formats::cell_number(cell), b = formats::cell_number(value);
  if (!a || !b) {
    if (relation == Relation::equal) return cell == value;
    if (relation == Relation::not_equal) return cell != value;
    return std::nullopt;
  }
  switch (relation) {
    case Relation::equal:
      return *a == *b;
    case Relation::not_equal:
      return *a != *b;
    case Relation::less:
      return *a < *b;
    case Relation::at_most:
      return *a <= *b;
    case Relation::greater:
      return *a > *b;
    case Relation::at_least:
      return *a >= *b;
  }
  return std::nullopt;
}

bool Condition::differs_in_spelling(const std::string& cell,
                                    const std::string& folded_value) const {
  if (relation != Relation::equal && relation != Relation::not_equal) return false;
  if (cell.empty() || cell == value || formats::cell_number(cell)) return false;
  return folded(cell) == folded_value;
}

std::optional<Condition> read_condition(std::string_view text) {
  using Relation = Condition::Relation;
  constexpr std::array<std::pair<std::string_view, Relation>, 7> signs{{{"!=", Relation::not_equal},
                                                                        {"==", Relation::equal},
                                                                        {"<=", Relation::at_most},
                                                                        {">=", Relation::at_least},
                                                                        {"<", Relation::less},
                                                                        {">", Relation::greater},
                                                                        {"=", Relation::equal}}};
  const std::size_t first = text.find_first_of("!<>=");
  if (first == std::string_view::npos) return std::nullopt;
  for (const auto& [sign, relation] : signs) {
    if (!text.substr(first).starts_with(sign)) continue;
    Condition out{trimmed(text.substr(0, first)), relation,
                  unquoted(trimmed(text.substr(first + sign.size())))};
    if (out.column.empty() || out.value.empty()) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

}  // namespace angiotrial::analysis
