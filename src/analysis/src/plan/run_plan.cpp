// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan/plan_file.hpp>

#include <algorithm>

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

/// Simulated only if every row of every table with such a flag says so.
bool simulated(std::span<const DataTable> tables) {
  bool flagged = false;
  for (const DataTable& table : tables) {
    const formats::DataColumn* flag = table.find("SIMFL");
    if (flag == nullptr) return false;
    for (std::size_t i = 0; i < table.rows(); ++i) {
      if (flag->text(i) != "Y") return false;
      flagged = true;
    }
  }
  return flagged;
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

/// Adjusting p-values makes no sense where an analysis before had no data to use.
bool waits_for_others(const PlannedAnalysis& analysis, const PlanResult& result) {
  return analysis.options->reads_earlier_rows() && !result.problems.empty();
}

}  // namespace

PlanResult run_plan(const PlanFile& plan, std::span<const DataTable> tables) {
  PlanResult result;
  RowWriter out(simulated(tables) ? "simulated" : "observed");
  for (const PlannedAnalysis& analysis : plan.analyses) {
    if (waits_for_others(analysis, result)) continue;
    out.reset();
    out.row.analysis = analysis.name;
    out.row.method = analysis.method;
    out.row.paramcd = analysis.paramcd;
    out.row.param = analysis.param;
    out.row.avisit = analysis.avisit;
    out.row.estimand = text(analysis.estimand);
    Task task{plan.head, analysis, tables, out, result.problems, result.refusals};
    analysis.options->run_on(task);
  }
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
