// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/problem.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace angiotrial::diagnostics {
namespace {

/// Optimal string alignment distance, O(|a| |b|).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += ':' + std::to_string(problem.line);
  if (!text.empty()) text += ": ";
  if (!problem.key.empty()) {
    text += problem.key;
    if (!problem.value.empty()) text += " = " + problem.value;
    text += ": ";
  }
  text += problem.rule;
  if (!problem.hint.empty()) text += " (" + problem.hint + ")";
  return text;
}

std::string to_string(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + '\n';
  return text;
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_word = 200;  // beyond this nobody mistyped a key
  if (word.size() > longest_word) return std::nullopt;
  const auto same_but_case = [&](const std::string& candidate) {
    return std::ranges::equal(word, candidate, [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    });
  };
  const auto cased = std::ranges::find_if(candidates, same_but_case);
  if (cased != candidates.end()) return *cased;
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = &candidate;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

}  // namespace angiotrial::diagnostics
