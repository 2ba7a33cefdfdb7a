// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/data_table.hpp>
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/units/names.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// An analysis plan for a user's own data: which column is what, and a list of analyses, each a
/// method by its name with its options.
///
///   plan.toml -> PlanFile;  PlanFile + tables -> rows
namespace angiotrial::analysis {

/// Whose conventions hold where an analysis does not say otherwise.
enum class Preset { recommended, r, sas };

/// Columns of the user's tables. An empty name means that there is none.
struct ColumnMap {
  std::string subject_table = "ADSL";  ///< one row a subject; the other tables are joined to it
  std::string subject = "USUBJID";     ///< "row" or empty: each row is a subject of its own
  std::string arm = "ARM";
  std::string day = "ADY";       ///< study day of a record, for events within a subject
  std::string visit = "AVISIT";  ///< where an event's strategy looks beyond one visit
};

/// Columns of the subject table with the study day of an event after randomisation.
struct EventColumns {
  std::string death, revascularisation, missed_injection, rescue;
};

struct PlanHead {
  std::string title;
  Preset conventions = Preset::recommended;
  units::Fraction level_fraction{0.95};
  std::string reference_arm;      ///< empty: the first of `arms`
  std::vector<std::string> arms;  ///< in the order of tables; empty: as found, sorted
  ColumnMap columns;
  EventColumns events;
};

/// How an event after randomisation enters (ICH E9(R1), A.3.2).
enum class Strategy {
  none,                ///< the plan says nothing of it
  treatment_policy,    ///< values are used whether it happened or not
  hypothetical,        ///< values after it are set to missing, to be modelled
  composite,           ///< values after it become `composite_value`
  while_on_treatment,  ///< values after it become the last one up to its day
  principal_stratum    ///< refused: needs a model of who would have had the event on the other arm
};

struct EventStrategies {
  Strategy death = Strategy::none;
  Strategy revascularisation = Strategy::none;
  Strategy missed_injection = Strategy::none;
  Strategy rescue = Strategy::none;
};

/// The attributes of ICH E9(R1) besides the treatments, which are the arms compared.
struct EstimandPlan {
  std::string population;  ///< column of flags that must be Y; empty: all with an arm
  std::string variable;
  EventStrategies events;
  double composite_value = 0.0;
  bool composite_value_given = false;  ///< whether the file says it
  std::string summary_measure;
};

class Method;  // an analysis with its options

struct PlannedAnalysis {
  std::string name;                          ///< [analysis.NAME]
  std::string method;                        ///< as in the file
  std::string table;                         ///< empty: the only table, or the subject table
  std::vector<std::string> where;            ///< conditions on rows, such as "AVISIT = Month 6"
  std::string paramcd, param, unit, avisit;  ///< carried into the rows
  EstimandPlan estimand;
  int line = 0;
  std::shared_ptr<const Method> options;
};

struct PlanFile {
  std::string file;
  PlanHead head;
  std::vector<PlannedAnalysis> analyses;
  std::vector<schema::LedgerRow> ledger;  ///< every option as used, for plan.resolved.toml
};

/// Reads a plan; every problem at once, with file, line, key and nearest valid key.
[[nodiscard]] diagnostics::Result<PlanFile> read_plan(std::string_view text,
                                                      const std::string& file);

struct MethodSummary {
  std::string_view name;
  std::string_view what;
};
/// What `method` may be, in alphabetical order.
[[nodiscard]] std::vector<MethodSummary> plan_methods();

/// Options of a method with their defaults; empty for an unknown one.
[[nodiscard]] std::vector<schema::LedgerRow> plan_options(std::string_view method);

/// Keys of every plan, then those of every analysis as `analysis.NAME.key`, with their defaults.
[[nodiscard]] std::vector<schema::LedgerRow> plan_keys();

struct PlanResult {
  std::vector<Row> rows;
  /// Data that cannot be used: nothing of `rows` should then be shown.
  std::vector<diagnostics::Problem> problems;
  /// What the data cannot support: rows that hold no value, and a note that says why.
  std::vector<diagnostics::Problem> refusals;
};

/// Runs every analysis of the plan, in its order. The same plan and tables give the same rows.
[[nodiscard]] PlanResult run_plan(const PlanFile& plan, std::span<const formats::DataTable> tables);

}  // namespace angiotrial::analysis
