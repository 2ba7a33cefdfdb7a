// SPDX-License-Identifier: Apache-2.0
#include "plan/row_choice.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

namespace angiotrial::analysis {

bool RowChoice::matches(const Row& row) const {
  return row.analysis == analysis && (!arm || row.arm == *arm) && (!group || row.group == *group) &&
         (!visit || *visit == all_visits || row.avisit == *visit);
}

RowChoice read_choice(std::string text) {
  RowChoice out;
  if (const std::size_t at = text.find('@'); at != std::string::npos) {
    out.visit = text.substr(at + 1);
    text.resize(at);
  }
  const std::size_t first = text.find('/');
  out.analysis = text.substr(0, first);
  if (first == std::string::npos) return out;
  const std::size_t second = text.find('/', first + 1);
  out.arm = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second != std::string::npos) out.group = text.substr(second + 1);
  return out;
}

bool of_covariate(const Row& row, const std::vector<Row>& rows) {
  return row.arm.empty() && !row.group.empty() && std::ranges::any_of(rows, [&](const Row& other) {
           return other.statistic == "lower" && other.analysis == row.analysis &&
                  other.arm.empty() && other.group == row.group;
         });
}

std::vector<const Row*> rows_of(const RowChoice& choice, std::string_view statistic,
                                const std::vector<Row>& rows) {
  std::vector<const Row*> out;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (const Row& row : rows) {
    if (row.statistic != statistic || !choice.matches(row) || of_covariate(row, rows)) continue;
    // Others of the same comparison, such as tests of marginal effects, repeat the first.
    if (seen.emplace(row.arm, row.arm_ref, row.group, row.avisit).second) out.push_back(&row);
  }
  if (choice.group) return out;
  const auto only = [&](auto&& chosen) {
    if (std::ranges::any_of(out, chosen)) std::erase_if(out, std::not_fn(chosen));
  };
  only([](const Row* row) { return !row->arm.empty(); });
  only([](const Row* row) { return row->group.empty(); });
  return out;
}

const Row* of_several_visits(const RowChoice& choice, const std::vector<const Row*>& rows) {
  if (choice.visit) return nullptr;
  const bool several =
      std::ranges::any_of(rows, [&](const Row* row) { return row->avisit != rows[0]->avisit; });
  return several ? rows.back() : nullptr;
}

}  // namespace angiotrial::analysis
