// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/formats/toml_tree.hpp>
#include <angiotrial/schema/reader.hpp>

#include <algorithm>
#include <array>

#include "plan/method.hpp"

namespace angiotrial::analysis {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source choice_of_the_analyst{};
constexpr Source e9r1{Provenance::recalled, "ICH E9(R1) addendum on estimands, 2019", ""};
constexpr std::array<std::string_view, 3> presets{"recommended", "r", "sas"};
constexpr std::array<std::string_view, 6> strategies{
    "none",      "treatment_policy",   "hypothetical",
    "composite", "while_on_treatment", "principal_stratum"};

}  // namespace

// Outside the unnamed namespace, so that a visitor finds them by their argument.
void describe(schema::Visitor& visit, ColumnMap& p) {
  const Source& s = choice_of_the_analyst;
  visit("subject_table", p.subject_table, "table with one row a subject", s);
  visit("subject", p.subject,
        "column that identifies the subject; \"row\": each row is a subject of its own", s);
  visit("arm", p.arm, "column with the arm", s);
  visit("day", p.day, "column with the study day of a record", s);
  visit("visit", p.visit, "column with the visit of a record, for strategies for events", s);
}

void describe(schema::Visitor& visit, EventColumns& p) {
  const Source& s = choice_of_the_analyst;
  visit("death", p.death, "column with the study day of death", s);
  visit("revascularisation", p.revascularisation, "column with the day of revascularisation", s);
  visit("missed_injection", p.missed_injection, "column with the day of a missed injection", s);
  visit("rescue", p.rescue, "column with the day of rescue treatment", s);
}

void describe(schema::Visitor& visit, PlanHead& p) {
  const Source& s = choice_of_the_analyst;
  visit("title", p.title, "what the plan is for", s);
  visit("conventions", p.conventions, presets,
        "whose conventions hold where an analysis does not say otherwise", s);
  visit("level_fraction", p.level_fraction, {.least = 0.5, .most = 0.9999},
        "coverage of two-sided intervals", s);
  visit("reference_arm", p.reference_arm, "arm that others are compared with; empty: the first", s);
  visit("arms", p.arms, "arms in their order; empty: those in the data, sorted", s);
  visit.group("columns", p.columns);
  visit.group("events", p.events);
}

void describe(schema::Visitor& visit, EventStrategies& p) {
  visit("death", p.death, strategies, "strategy for death", e9r1);
  visit("revascularisation", p.revascularisation, strategies, "strategy for revascularisation",
        e9r1);
  visit("missed_injection", p.missed_injection, strategies, "strategy for a missed injection",
        e9r1);
  visit("rescue", p.rescue, strategies, "strategy for rescue treatment", e9r1);
}

void describe(schema::Visitor& visit, EstimandPlan& p) {
  visit("population", p.population, "column of flags that must be Y; empty: all with an arm", e9r1);
  visit("variable", p.variable, "what is measured in each subject", e9r1);
  visit.group("events", p.events);
  visit("composite_value", p.composite_value, {.least = -1e12, .most = 1e12},
        "response after an event with the composite strategy", e9r1);
  visit("summary_measure", p.summary_measure, "how arms are compared", e9r1);
}

void describe(schema::Visitor& visit, PlannedAnalysis& p) {
  const Source& s = choice_of_the_analyst;
  visit("method", p.method, "method, by name", s);
  visit("table", p.table, "table analysed; empty: the only one, or the subject table", s);
  visit("where", p.where, "conditions that rows must fulfil, such as \"AVISIT = Month 6\"", s);
  visit("paramcd", p.paramcd, "code of the parameter, carried into the results", s);
  visit("param", p.param, "parameter in words", s);
  visit("unit", p.unit, "unit of the response", s);
  visit("avisit", p.avisit, "analysis visit, carried into the results", s);
  visit.group("estimand", p.estimand);
}

namespace {

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const MethodEntry& entry : all_methods()) names.emplace_back(entry.name);
  return names;
}

/// The method that the table names, with its defaults; null with a problem.
std::unique_ptr<Method> make_method(const schema::NamedTable& named, schema::Diagnosis& diagnosis) {
  if (!schema::require_key(named.table, "method", diagnosis.file, named.prefix,
                           diagnosis.problems)) {
    return nullptr;
  }
  const formats::TomlNode& node = *named.table->find("method");
  const auto* name = std::get_if<std::string>(&node.scalar);
  for (const MethodEntry& entry : all_methods()) {
    if (name != nullptr && *name == entry.name) return entry.make();
  }
  const auto near =
      name ? diagnostics::nearest(*name, method_names()) : std::optional<std::string>();
  diagnosis.problems.push_back(
      {diagnosis.file, node.line, named.prefix + ".method", node.raw, "is not a method",
       near ? "did you mean \"" + *near + "\"?" : "`angiotrial explain methods` lists them"});
  return nullptr;
}

void read_analysis(const schema::NamedTable& named, PlanFile& plan, schema::Diagnosis& diagnosis) {
  auto made = make_method(named, diagnosis);
  PlannedAnalysis analysis;
  analysis.name = named.name;
  analysis.line = named.table->line;
  if (made == nullptr) return;
  schema::Reader reader(named.table, named.prefix, diagnosis);
  describe(static_cast<schema::Visitor&>(reader), analysis);
  if (const formats::TomlNode* estimand = named.table->find("estimand")) {
    analysis.estimand.composite_value_given = estimand->find("composite_value") != nullptr;
  }
  made->describe_options(reader);
  reader.finish();
  analysis.options = std::move(made);
  plan.analyses.push_back(std::move(analysis));
}

}  // namespace

std::vector<schema::LedgerRow> plan_keys() {
  std::vector<schema::LedgerRow> keys = schema::list(PlanHead{}, "");
  for (schema::LedgerRow& row : schema::list(PlannedAnalysis{}, "analysis.NAME")) {
    keys.push_back(std::move(row));
  }
  return keys;
}

diagnostics::Result<PlanFile> read_plan(std::string_view text, const std::string& file) {
  const auto parsed = formats::read_toml(text, file);
  if (!parsed.ok()) return parsed.problems();
  schema::Diagnosis diagnosis{file, {}, {}};
  PlanFile plan;
  plan.file = file;
  schema::Reader head(&parsed.value(), "", diagnosis);
  describe(static_cast<schema::Visitor&>(head), plan.head);
  head.allow("analysis");
  head.finish();
  for (std::size_t i = 0; i < plan.head.arms.size(); ++i) {
    const auto end = plan.head.arms.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(plan.head.arms.begin(), end, plan.head.arms[i]) == end) continue;
    diagnosis.problems.push_back({file, 0, "arms", plan.head.arms[i], "an arm stands twice", ""});
  }
  const auto listed = schema::named_tables(&parsed.value(), "analysis", "", diagnosis);
  for (const schema::NamedTable& named : listed) read_analysis(named, plan, diagnosis);
  if (listed.empty() && diagnosis.ok()) {
    diagnosis.problems.push_back({file, 0, "analysis", "", "the plan holds no analysis",
                                  "begin one with [analysis.NAME] and method = \"...\""});
  }
  if (!diagnosis.ok()) return diagnosis.problems;
  plan.ledger = std::move(diagnosis.ledger);
  return plan;
}

}  // namespace angiotrial::analysis
