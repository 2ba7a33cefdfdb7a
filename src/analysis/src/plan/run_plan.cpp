// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan/plan_file.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include "plan/method.hpp"

namespace angiotrial::analysis {
namespace {

using formats::DataTable;

std::string_view name_of(Strategy strategy) {
  switch (strategy) {
    case Strategy::none:
      return "";
    case Strategy::treatment_policy:
      return "treatment policy";
    case Strategy::hypothetical:
      return "hypothetical";
    case Strategy::composite:
      return "composite";
    case Strategy::while_on_treatment:
      return "while on treatment";
    case Strategy::principal_stratum:
      return "principal stratum";
  }
  return "";
}

/// `population; variable; death: composite, rescue: hypothetical; summary measure`.
std::string text(const EstimandPlan& estimand) {
  std::string events;
  const auto add = [&](std::string_view event, Strategy strategy) {
    if (strategy == Strategy::none) return;
    if (!events.empty()) events += ", ";
    events += std::string(event) + ": " + std::string(name_of(strategy));
  };
  add("death", estimand.events.death);
  add("revascularisation", estimand.events.revascularisation);
  add("missed injection", estimand.events.missed_injection);
  add("rescue", estimand.events.rescue);
  std::string out;
  for (const std::string& part :
       {estimand.population, estimand.variable, events, estimand.summary_measure}) {
    if (part.empty()) continue;
    out += (out.empty() ? "" : "; ") + part;
  }
  return out;
}

/// The label of rows that no table was read for.
constexpr std::string_view of_plan_alone = "design";

/// Whether a table says so of any row: one simulated table makes whatever comes of them simulated.
bool simulated(std::span<const DataTable> tables) {
  const auto any = [](const formats::DataColumn* column, const auto& says) {
    if (column == nullptr || column->kind != formats::DataColumn::Kind::text) return false;
    return std::ranges::any_of(column->texts.levels(), says);
  };
  return std::ranges::any_of(tables, [&](const DataTable& table) {
    return any(table.find("SIMFL"), [](const std::string& flag) { return flag == "Y"; }) ||
           any(table.find("STUDYID"),
               [](const std::string& study) { return study.starts_with("SIMULATED-"); });
  });
}

/// That of the rows which the analysis begins with, before it reads a table.
std::string_view source_at_first(const PlannedAnalysis& analysis, const std::vector<Row>& earlier,
                                 std::string_view source_of_data) {
  const bool rests_on_data =
      analysis.options->reads_earlier_rows() &&
      std::ranges::any_of(earlier, [&](const Row& row) { return row.source == source_of_data; });
  return rests_on_data ? source_of_data : of_plan_alone;
}

/// Why a row is refused; empty where it is not.
std::string_view refusal_in(std::string_view note) {
  constexpr std::string_view first = "refused: ", later = "; refused: ";
  if (note.starts_with(first)) return note.substr(first.size());
  const std::size_t at = note.find(later);
  return at == std::string_view::npos ? std::string_view() : note.substr(at + later.size());
}

/// A refusal for each reason for which an analysis leaves numbers out that its other rows have.
void add_refused_rows(std::span<const Row> rows, std::vector<diagnostics::Problem>& refusals) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const std::string_view reason = refusal_in(row.note);
    if (reason.empty() || row.statistic == "status") continue;
    const auto same = [&](const Row& other) {
      return other.analysis == row.analysis && other.note == row.note;
    };
    if (std::ranges::any_of(rows.first(i), same)) continue;
    const auto without = std::ranges::count_if(rows.subspan(i), [&](const Row& other) {
      return same(other) && !(other.value && std::isfinite(*other.value));
    });
    refusals.push_back({"", 0, "analysis." + row.analysis, row.method, std::string(reason),
                        "numbers left out: " + std::to_string(without)});
  }
}

}  // namespace

namespace {

/// Two analyses of the same rows meet the same problems: each is told once.
void tell_once(std::vector<diagnostics::Problem>& problems) {
  std::vector<diagnostics::Problem> once;
  for (diagnostics::Problem& problem : problems) {
    if (std::ranges::find(once, problem) == once.end()) once.push_back(std::move(problem));
  }
  problems = std::move(once);
}

/// Problems with keys that choose rows, of an analysis that asked for none.
void check_rows_unread(const Task& task) {
  const PlannedAnalysis& a = task.analysis;
  for (const auto& [key, value] : {std::pair<std::string_view, std::string>{"table", a.table},
                                   {"where", a.where.empty() ? "" : a.where.front()},
                                   {"estimand.population", a.estimand.population}}) {
    if (!value.empty()) task.bad_option(key, value, "is of data, and this analysis reads none");
  }
}

void run_one(const PlanFile& plan, const PlannedAnalysis& analysis,
             std::span<const DataTable> tables, RowWriter& out, std::string_view of_data,
             PlanResult& result) {
  const auto said = [&] { return result.problems.size() + result.refusals.size(); };
  const std::size_t before = said();
  bool read_data = false;
  Task task{plan.head,       analysis, tables,        out,       result.problems,
            result.refusals, of_data,  plan.analyses, &read_data};
  analysis.options->run_on(task);
  if (!read_data && said() == before) check_rows_unread(task);
}

/// Adjusting p-values makes no sense where an analysis before had no data to use.
bool waits_for_others(const PlannedAnalysis& analysis, const PlanResult& result) {
  return analysis.options->reads_earlier_rows() && !result.problems.empty();
}

}  // namespace

PlanResult run_plan(const PlanFile& plan, std::span<const DataTable> tables) {
  PlanResult result;
  const std::string_view of_data = simulated(tables) ? "simulated" : "observed";
  RowWriter out{std::string(of_plan_alone)};
  for (const PlannedAnalysis& analysis : plan.analyses) {
    if (waits_for_others(analysis, result)) continue;
    out.reset();
    out.row.source = source_at_first(analysis, out.rows(), of_data);
    out.row.analysis = analysis.name;
    out.row.method = analysis.method;
    out.row.paramcd = analysis.paramcd;
    out.row.param = analysis.param;
    out.row.avisit = analysis.avisit;
    out.row.estimand = text(analysis.estimand);
    run_one(plan, analysis, tables, out, of_data, result);
  }
  add_refused_rows(out.rows(), result.refusals);
  for (auto* problems : {&result.problems, &result.refusals}) {
    tell_once(*problems);
    for (diagnostics::Problem& problem : *problems) {
      if (problem.file.empty()) problem.file = plan.file;
    }
  }
  result.rows = out.take();
  return result;
}

}  // namespace angiotrial::analysis
