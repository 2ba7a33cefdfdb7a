// SPDX-License-Identifier: Apache-2.0
#include "plan/hypotheses.hpp"

#include <angiotrial/diagnostics/problem.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

namespace angiotrial::analysis {
namespace {

struct Wanted {
  std::string analysis;
  std::optional<std::string> arm, group;  ///< empty: any
};

Wanted read_entry(const std::string& text) {
  Wanted out;
  const std::size_t first = text.find('/');
  out.analysis = text.substr(0, first);
  if (first == std::string::npos) return out;
  const std::size_t second = text.find('/', first + 1);
  out.arm = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second != std::string::npos) out.group = text.substr(second + 1);
  return out;
}

bool matches(const Row& row, const Wanted& wanted) {
  return row.analysis == wanted.analysis && (!wanted.arm || row.arm == *wanted.arm) &&
         (!wanted.group || row.group == *wanted.group);
}

Hypothesis hypothesis_of(const Row& row, std::size_t entry) {
  Hypothesis out{row.analysis + (row.group.empty() ? "" : ": " + row.group),
                 row.arm,
                 row.arm_ref,
                 row.paramcd,
                 row.value.value_or(1.0),
                 "",
                 entry};
  if (!(out.p_value >= 0.0 && out.p_value <= 1.0)) out.p_value = 1.0;
  if (row.value != out.p_value) out.note = "p-value taken as 1: " + row.note;
  return out;
}

/// A refusal of the whole analysis, or of the arm asked for.
bool is_refusal(const Row& row, const Wanted& wanted) {
  return row.analysis == wanted.analysis && row.statistic == "status" && !row.value &&
         (!wanted.arm || row.arm.empty() || row.arm == *wanted.arm);
}

/// Arms of which an analysis that was refused may have wanted a p-value each: those of the plan,
/// or as many as the other analyses gave.
std::size_t comparisons(const std::vector<Row>& rows, const Task& task) {
  std::size_t most = task.plan.arms.size() > 1 ? task.plan.arms.size() - 1 : 1;
  std::set<std::string> arms;
  for (const Row& row : rows) {
    if (row.statistic == "p_value" && !row.arm_ref.empty()) arms.insert(row.arm);
  }
  return std::max(most, arms.size());
}

void add_refused(const Row& row, const Wanted& wanted, std::size_t entry,
                 const std::vector<Row>& rows, const Task& task, std::vector<Hypothesis>& out) {
  const bool one = wanted.arm.has_value() || !row.arm.empty();
  const std::size_t count = one ? 1 : comparisons(rows, task);
  for (std::size_t k = 0; k < count; ++k) {
    Hypothesis h;
    h.name = row.analysis + (count > 1 ? ": comparison " + std::to_string(k + 1) : "");
    h.arm = wanted.arm.value_or(row.arm);
    h.paramcd = row.paramcd;
    h.note = "p-value taken as 1: " + row.note;
    h.entry = entry;
    out.push_back(std::move(h));
  }
}

void add_entry(const std::string& text, std::size_t entry, const Task& task,
               std::vector<Hypothesis>& out) {
  const Wanted wanted = read_entry(text);
  const std::vector<Row>& rows = task.out.rows();
  const std::size_t before = out.size();
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (const Row& row : rows) {
    if (row.statistic == "p_value" && matches(row, wanted)) {
      // The first of a comparison is its test; others, such as of marginal effects, repeat it.
      if (!seen.emplace(row.arm, row.arm_ref, row.group, row.avisit).second) continue;
      out.push_back(hypothesis_of(row, entry));
    } else if (is_refusal(row, wanted)) {
      add_refused(row, wanted, entry, rows, task, out);
    }
  }
  if (out.size() != before) return;
  std::vector<std::string> known;
  for (const Row& row : rows) {
    if (row.statistic == "p_value" || row.statistic == "status") known.push_back(row.analysis);
  }
  const auto near = diagnostics::nearest(wanted.analysis, known);
  task.bad_option("analyses", text, "is no earlier analysis of the plan with such a p-value",
                  near ? "did you mean \"" + *near + "\"?" : "");
}

/// A hypothesis that two entries ask for.
const Hypothesis* repeated(const std::vector<Hypothesis>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (all[i].entry != all[j].entry && all[i].name == all[j].name && all[i].arm == all[j].arm &&
          all[i].arm_ref == all[j].arm_ref) {
        return &all[i];
      }
    }
  }
  return nullptr;
}

}  // namespace

std::vector<Hypothesis> hypotheses_of(const std::vector<std::string>& entries, const Task& task) {
  std::vector<Hypothesis> out;
  const std::size_t before = task.problems.size();
  if (entries.empty()) {
    task.bad_option("analyses", "", "must list the analyses whose p-values are adjusted");
  }
  for (std::size_t e = 0; e < entries.size(); ++e) add_entry(entries[e], e, task, out);
  if (const Hypothesis* twice = repeated(out)) {
    task.bad_option("analyses", entries[twice->entry], "takes a p-value that is already taken");
  }
  if (task.problems.size() != before) return {};
  return out;
}

}  // namespace angiotrial::analysis
