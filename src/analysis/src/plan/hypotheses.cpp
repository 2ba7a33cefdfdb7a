// SPDX-License-Identifier: Apache-2.0
#include "plan/hypotheses.hpp"
#include "plan/row_choice.hpp"

#include <angiotrial/diagnostics/problem.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace angiotrial::analysis {
namespace {

/// Whether a p-value is of one side, as the conventions of its row say.
bool one_sided(const Row& row) {
  for (const std::string_view words :
       {"one-sided", "alternative: greater", "alternative: less", "tail: greater", "tail: less",
        "sides: fewer_events", "sides: one"}) {
    if (row.conventions.find(words) != std::string::npos) return true;
  }
  return false;
}

Hypothesis hypothesis_of(const Row& row, std::size_t entry) {
  Hypothesis out{row.analysis + (row.group.empty() ? "" : ": " + row.group),
                 row.arm,
                 row.arm_ref,
                 row.paramcd,
                 row.avisit,
                 row.value.value_or(1.0),
                 "",
                 entry,
                 one_sided(row)};
  if (!(out.p_value >= 0.0 && out.p_value <= 1.0)) out.p_value = 1.0;
  if (row.value != out.p_value) out.note = "p-value taken as 1: " + row.note;
  return out;
}

/// A refusal of the whole analysis, or of the arm asked for.
bool is_refusal(const Row& row, const RowChoice& wanted) {
  return row.analysis == wanted.analysis && row.statistic == "status" && !row.value &&
         (!wanted.arm || row.arm.empty() || row.arm == *wanted.arm);
}

/// Arms of which an analysis that was refused may have wanted a p-value each: those of the plan,
/// or as many as the other analyses gave.
std::size_t comparisons(const std::vector<Row>& rows, const Task& task) {
  const std::size_t most = task.plan.arms.size() > 1 ? task.plan.arms.size() - 1 : 1;
  std::set<std::string> arms;
  for (const Row& row : rows) {
    if (row.statistic == "p_value" && !row.arm_ref.empty()) arms.insert(row.arm);
  }
  return std::max(most, arms.size());
}

void add_refused(const Row& row, const RowChoice& wanted, std::size_t entry,
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
    h.taken = false;
    out.push_back(std::move(h));
  }
}

void no_test(const RowChoice& wanted, const std::string& text, const Task& task) {
  std::vector<std::string> known;
  bool covariate = false;
  for (const Row& row : task.out.rows()) {
    if (row.statistic == "p_value" || row.statistic == "status") known.push_back(row.analysis);
    covariate = covariate || (row.statistic == "p_value" && wanted.matches(row) &&
                              of_covariate(row, task.out.rows()));
  }
  const auto near = diagnostics::nearest(wanted.analysis, known);
  task.bad_option("analyses", text,
                  covariate ? "is the effect of a covariate, which is no hypothesis about an arm"
                            : "is no earlier analysis of the plan with such a p-value",
                  near ? "did you mean \"" + *near + "\"?" : "");
}

/// A problem where tests are of several visits: which is the hypothesis?
void several_visits(const std::string& text, const Row& last, const Task& task) {
  task.bad_option("analyses", text, "has tests at several visits",
                  "name the one, as \"" + text + "@" + last.avisit + "\", or take all by \"" +
                      text + "@" + std::string(all_visits) + "\"");
}

void add_entry(const std::string& text, std::size_t entry, const Task& task,
               std::vector<Hypothesis>& out) {
  const RowChoice wanted = read_choice(text);
  const std::vector<Row>& rows = task.out.rows();
  const std::size_t before = out.size();
  const std::vector<const Row*> tests = rows_of(wanted, "p_value", rows);
  if (tests.size() > 1 && !wanted.group && tests.front()->arm.empty()) {
    task.bad_option("analyses", text, "has several tests and none is of an arm",
                    "name one: \"" + wanted.analysis + "//" + tests.front()->group + "\"");
    return;
  }
  if (const Row* last = of_several_visits(wanted, tests)) return several_visits(text, *last, task);
  for (const Row* row : tests) out.push_back(hypothesis_of(*row, entry));
  for (const Row& row : rows) {
    if (is_refusal(row, wanted)) add_refused(row, wanted, entry, rows, task, out);
  }
  if (out.size() == before) no_test(wanted, text, task);
}

/// A hypothesis that two entries ask for.
const Hypothesis* repeated(const std::vector<Hypothesis>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (all[i].entry != all[j].entry && all[i].name == all[j].name && all[i].arm == all[j].arm &&
          all[i].arm_ref == all[j].arm_ref && all[i].avisit == all[j].avisit) {
        return &all[i];
      }
    }
  }
  return nullptr;
}

/// Names of the analyses whose p-values are one-sided, or are not.
std::string names_of(const std::vector<Hypothesis>& hypotheses, bool one_sided) {
  std::set<std::string> names;
  for (const Hypothesis& h : hypotheses) {
    if (h.taken && h.one_sided == one_sided) names.insert(h.name);
  }
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
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

std::optional<bool> two_sided(SidesRule sides, std::vector<Hypothesis>& hypotheses,
                              const Task& task) {
  const std::string one = names_of(hypotheses, true);
  const std::string two = names_of(hypotheses, false);
  if (!two.empty() && (sides == SidesRule::one || (sides == SidesRule::preset && !one.empty()))) {
    task.bad_option("sides", std::string(sides_rules[static_cast<std::size_t>(sides)]),
                    (one.empty() ? "" : "one-sided p-values of " + one + " stand beside ") +
                        "two-sided p-values of " + two,
                    "sides = \"two\" counts one-sided p-values double");
    return std::nullopt;
  }
  if (sides != SidesRule::two) return one.empty() && sides == SidesRule::preset;
  for (Hypothesis& h : hypotheses) {
    if (!h.taken || !h.one_sided) continue;
    h.p_value = std::min(1.0, 2.0 * h.p_value);
    h.note += (h.note.empty() ? "" : "; ") + std::string("one-sided p-value doubled");
  }
  return true;
}

}  // namespace angiotrial::analysis
