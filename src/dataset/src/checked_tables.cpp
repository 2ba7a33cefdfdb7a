// SPDX-License-Identifier: Apache-2.0
#include "checked_tables.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>

namespace angiotrial::dataset {
namespace {

using diagnostics::Problem;
using formats::DataTable;
using formats::ProblemKind;

constexpr SubjectIndex nobody = std::numeric_limits<SubjectIndex>::max();

/// The checks that need more than one cell.
class Crossing {
 public:
  Crossing(CheckedTables& all, const TableExpectations& expectations)
      : all_(all), expectations_(expectations), adsl_(all.table("ADSL")) {}

  void check() {
    for (const std::string_view column : {"STUDYID", "SIMFL"}) one_value(column);
    if (adsl_.source) {
      subjects_of_adsl();
      check_plan_of_adsl(all_, expectations_);
    }
    for (auto& [name, table] : all_.tables) {
      if (name == "ADSL") continue;
      find_subjects(table);
      same_arm(table);
      one_row_each(table);
      if (table.texts("AVISIT")) months(table);
    }
    for (const Visit& visit : all_.visits) {
      if (std::isnan(visit.month)) {
        all_.problems.push_back({file_of_visit_[visit.avisit], 0, "AVISIT", visit.avisit,
                                 "the month of this visit is not known",
                                 "give it in AVISITN, or name the visit as `Month 3`"});
      }
    }
    diary();
    injections();
  }

 private:
  /// One study, all simulated or all not.
  void one_value(std::string_view column) {
    std::string first;
    for (const auto& [name, table] : all_.tables) {
      const Texts texts = table.texts(column);
      ProblemKind other(all_.problems);
      for (std::size_t row = 0; texts && row < table.rows(); ++row) {
        if (first.empty()) first = texts[row];
        if (texts[row] == first) continue;
        other.add(at_row(table, row, std::string(column), texts[row],
                         "must be " + (first.empty() ? "present" : first) + " as in other rows"));
      }
    }
  }

  void subjects_of_adsl() {
    const Texts ids = adsl_.texts("USUBJID");
    if (!ids) return;
    ProblemKind twice(all_.problems);
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      const auto [at, added] = subjects_.emplace(ids[row], static_cast<SubjectIndex>(row));
      if (added) {
        ids_.emplace_back(ids[row]);
      } else if (!ids[row].empty()) {
        twice.add(at_row(adsl_, row, "USUBJID", ids[row],
                         "the subject is in ADSL twice, first in line " +
                             std::to_string(adsl_.source->lines[at->second])));
      }
    }
  }

  void find_subjects(TypedTable& table) {
    const Texts ids = table.texts("USUBJID");
    table.subjects.assign(table.rows(), nobody);
    if (!ids || !adsl_.texts("USUBJID")) return;
    std::vector<SubjectIndex> of_level;
    for (const std::string& id : ids.cells()->levels()) {
      const auto at = subjects_.find(id);
      of_level.push_back(at == subjects_.end() ? nobody : at->second);
    }
    ProblemKind unknown(all_.problems);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      table.subjects[row] = of_level[ids.cells()->codes()[row]];
      if (table.subjects[row] != nobody || ids[row].empty()) continue;
      const bool shown = unknown.count() < 20;
      unknown.add(at_row(table, row, "USUBJID", ids[row], "ADSL does not have this subject",
                         shown ? nearest_of(ids[row], ids_) : ""));
    }
  }

  void same_arm(const TypedTable& table) {
    const Texts arm = table.texts("ARM");
    const Texts planned = adsl_.texts("ARM", "TRT01P");
    if (!arm || !planned) return;
    ProblemKind other(all_.problems);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const SubjectIndex subject = table.subjects[row];
      if (subject == nobody || arm[row] == planned[subject]) continue;
      other.add(at_row(table, row, "ARM", arm[row],
                       "must be the arm of ADSL, " + std::string(planned[subject])));
    }
  }

  /// One row for each subject, parameter and visit.
  void one_row_each(const TypedTable& table) {
    const Texts parameter = table.texts("PARAMCD");
    const Texts visit = table.texts("AVISIT");
    if (!parameter) return;
    using Key = std::tuple<SubjectIndex, std::uint32_t, std::uint32_t, std::size_t>;
    std::vector<Key> keys;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (table.subjects[row] == nobody) continue;
      keys.emplace_back(table.subjects[row], parameter.cells()->codes()[row],
                        visit ? visit.cells()->codes()[row] : 0, row);
    }
    std::ranges::sort(keys);
    ProblemKind twice(all_.problems);
    for (std::size_t i = 1; i < keys.size(); ++i) {
      const auto& [subject, code, at, row] = keys[i];
      const auto& [subject_before, code_before, at_before, row_before] = keys[i - 1];
      if (std::tie(subject, code, at) != std::tie(subject_before, code_before, at_before)) continue;
      twice.add(at_row(table, row, "PARAMCD", parameter[row],
                       "a second row for this subject, parameter and visit; the first is line " +
                           std::to_string(table.source->lines[row_before])));
    }
  }

  void months(const TypedTable& table) {
    const Texts visit = table.texts("AVISIT");
    const Numbers number = table.numbers("AVISITN");
    constexpr std::size_t most_visits = 1000;
    if (visit.cells()->levels().size() + all_.visits.size() > most_visits) {
      all_.problems.push_back(
          {table.source->file, 0, "AVISIT", "", "there are more than 1000 different visits", ""});
      return;
    }
    std::vector<std::size_t> of_level;
    for (const std::string& name : visit.cells()->levels()) {
      const auto same = std::ranges::find(all_.visits, name, &Visit::avisit);
      of_level.push_back(static_cast<std::size_t>(same - all_.visits.begin()));
      if (same != all_.visits.end()) continue;
      all_.visits.push_back({name, month_of_name(name).value_or(std::nan(""))});
      file_of_visit_.emplace(name, table.source->file);
    }
    if (!number) return;
    ProblemKind two(all_.problems);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (std::isnan(number[row])) continue;
      const std::size_t at = of_level[visit.cells()->codes()[row]];
      const bool first = given_.insert(at).second;
      if (first) all_.visits[at].month = number[row];
      if (all_.visits[at].month == number[row]) continue;
      two.add(at_row(table, row, "AVISITN", formats::shortest(number[row]),
                     "the visit " + std::string(visit[row]) + " is in month " +
                         formats::shortest(all_.visits[at].month) + " elsewhere"));
    }
  }

  void diary() {
    const TypedTable& table = all_.table("ADDIARY");
    const Numbers count = table.numbers("COUNT");
    const Numbers days = table.numbers("DAYSOBS");
    const Numbers rate = table.numbers("AVAL");
    if (!count || !days) return;
    ProblemKind unobserved(all_.problems);
    ProblemKind other_rate(all_.problems);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (days[row] == 0.0 && count[row] > 0.0) {
        unobserved.add(
            at_row(table, row, "DAYSOBS", "0", "must be above 0 where something was counted"));
      }
      constexpr double rounding = 0.05;  // AVAL may be given to a decimal
      const double expected = 7.0 * count[row] / days[row];
      if (std::isfinite(expected) && std::abs(rate[row] - expected) > rounding + 1e-6 * expected) {
        other_rate.add(at_row(table, row, "AVAL", formats::shortest(rate[row]),
                              "must be 7 COUNT / DAYSOBS, " + formats::shortest(expected)));
      }
    }
  }

  void injections() {
    const TypedTable& table = all_.table("ADEX");
    const Texts parameter = table.texts("PARAMCD");
    const Numbers value = table.numbers("AVAL");
    ProblemKind broken(all_.problems);
    for (std::size_t row = 0; value && row < table.rows(); ++row) {
      if (parameter[row] != "NINJ" || std::isnan(value[row])) continue;
      if (value[row] == std::floor(value[row]) && value[row] <= 1.0e6) continue;
      broken.add(at_row(table, row, "AVAL", formats::shortest(value[row]),
                        "a number of injections is whole and at most 1000000"));
    }
  }

  CheckedTables& all_;
  const TableExpectations& expectations_;
  const TypedTable& adsl_;
  std::unordered_map<std::string_view, SubjectIndex> subjects_;
  std::vector<std::string> ids_;
  std::map<std::string, std::string, std::less<>> file_of_visit_;
  std::set<std::size_t> given_;  ///< visits whose month AVISITN gave
};

void take(const DataTable& table, const TableRule& rule, CheckedTables& all) {
  const auto before = all.tables.find(rule.name);
  if (before != all.tables.end()) {
    all.problems.push_back({table.file, 0, "", "",
                            "holds the table " + table.name + " a second time",
                            "the first is in " + before->second.source->file});
    return;
  }
  all.tables.emplace(rule.name, type_columns(table, rule, all.problems));
}

void need_adsl(std::span<const DataTable> tables, CheckedTables& all) {
  if (all.tables.contains("ADSL")) return;
  std::string read;
  for (const DataTable& table : tables) read += (read.empty() ? "" : ", ") + table.name;
  all.problems.push_back({tables.empty() ? "" : tables[0].file, 0, "ADSL", "",
                          "there is no table of subjects, ADSL",
                          read.empty() ? "no table was read" : "the tables read are " + read});
}

}  // namespace

const TypedTable& CheckedTables::table(std::string_view name) const {
  static const TypedTable none;
  const auto at = tables.find(name);
  return at == tables.end() ? none : at->second;
}

CheckedTables typed_and_checked(std::span<const DataTable> tables,
                                const TableExpectations& expectations) {
  CheckedTables all;
  for (const DataTable& table : tables) {
    const auto rules = table_rules();
    const auto rule = std::ranges::find(rules, table.name, &TableRule::name);
    if (rule != rules.end()) take(table, *rule, all);
  }
  need_adsl(tables, all);
  Crossing(all, expectations).check();
  return all;
}

std::vector<Problem> check_tables(std::span<const DataTable> tables,
                                  const TableExpectations& expectations) {
  return typed_and_checked(tables, expectations).problems;
}

std::optional<double> month_of_name(std::string_view avisit) {
  constexpr std::array procedures{visit_names::baseline, visit_names::after_collection,
                                  visit_names::after_injection};
  if (std::ranges::count(procedures, avisit) > 0) return 0.0;
  const auto after = [&](std::string_view word) -> std::optional<double> {
    if (!avisit.starts_with(word)) return std::nullopt;
    return formats::finite_number(avisit.substr(word.size()));
  };
  if (const auto months = after("Month ")) return months;
  if (const auto weeks = after("Week ")) return units::Weeks(*weeks).to<units::Months>().value();
  return std::nullopt;
}

}  // namespace angiotrial::dataset
