// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include "checked_tables.hpp"
#include "iso_dates.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace angiotrial::dataset {

using diagnostics::Problem;
using formats::ProblemKind;

std::string nearest_of(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t most = 2000;
  if (candidates.size() > most) return "";
  const auto near = diagnostics::nearest(word, candidates);
  return near ? "the nearest is " + *near : "";
}

Problem at_row(const TypedTable& table, std::size_t row, std::string key, std::string_view value,
               std::string rule, std::string hint) {
  return {table.source->file, table.source->lines[row], std::move(key),
          std::string(value), std::move(rule),          std::move(hint)};
}

namespace {

/// What ADSL says of arms, doses and days.
class AdslPlan {
 public:
  AdslPlan(CheckedTables& all, const TableExpectations& expectations)
      : all_(all), expectations_(expectations), adsl_(all.table("ADSL")) {}

  void check() {
    for (const auto& [name, table] : all_.tables) marks(table);
    arms();
    planned("dose_cells_per_kg");
    planned("CD34DOSE");
    planned("TRT01PN");
    days();
  }

 private:
  /// No file of simulated data may be taken for one of patients, nor the other way round.
  void marks(const TypedTable& table) {
    const Texts study = table.texts("STUDYID");
    const Texts flag = table.texts("SIMFL");
    if (table.rows() == 0) return;
    const bool marked = study[0].starts_with("SIMULATED-");
    if (marked == (flag[0] == "Y")) return;
    all_.problems.push_back(at_row(table, 0, "SIMFL", flag[0],
                                   marked ? "must be Y where STUDYID begins with SIMULATED-"
                                          : "STUDYID of simulated data begins with SIMULATED-"));
  }

  void arms() {
    const Texts arm = adsl_.texts("ARM", "TRT01P");
    const Texts actual = adsl_.texts("ACTARM", "TRT01A");
    const Texts randomised = adsl_.texts("RANDFL");
    if (!arm || !randomised) return;
    std::set<std::string, std::less<>> seen;
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      if (randomised[row] == "Y" && !arm[row].empty()) seen.emplace(arm[row]);
    }
    std::vector<std::string> known = expectations_.arms;
    if (known.empty()) known.assign(seen.begin(), seen.end());
    ProblemKind without(all_.problems);
    ProblemKind unknown(all_.problems);
    ProblemKind unknown_actual(all_.problems);
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      if (randomised[row] == "Y" && arm[row].empty()) {
        without.add(at_row(adsl_, row, "ARM", "", "a randomised subject must have an arm"));
      } else if (randomised[row] == "Y" && std::ranges::count(known, arm[row]) == 0) {
        unknown.add(at_row(adsl_, row, "ARM", arm[row], "must name one of the arms",
                           nearest_of(arm[row], known)));
      }
      if (!actual[row].empty() && std::ranges::count(known, actual[row]) == 0) {
        unknown_actual.add(at_row(adsl_, row, "ACTARM", actual[row],
                                  "must name one of the arms or be missing",
                                  nearest_of(actual[row], known)));
      }
    }
    for (const std::string& name : expectations_.arms) {
      if (!seen.contains(name)) {
        all_.problems.push_back({adsl_.source->file, 0, "ARM", name,
                                 "no randomised subject is in this arm",
                                 nearest_of(name, {seen.begin(), seen.end()})});
      }
    }
  }

  /// What is planned for an arm is the same for all who were randomised to it.
  void planned(std::string_view column) {
    const Numbers numbers = adsl_.numbers(column);
    const Texts arm = adsl_.texts("ARM", "TRT01P");
    const Texts randomised = adsl_.texts("RANDFL");
    if (!numbers || !arm || !randomised) return;
    std::map<std::string, double, std::less<>> of_arm;
    ProblemKind differs(all_.problems);
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      if (randomised[row] != "Y") continue;
      const double x = numbers[row];
      const double first = of_arm.emplace(arm[row], x).first->second;
      if (x == first || (std::isnan(x) && std::isnan(first))) continue;
      differs.add(at_row(adsl_, row, std::string(column), std::isnan(x) ? "" : formats::shortest(x),
                         "must be the same for all of the arm " + std::string(arm[row])));
    }
  }

  /// All days are counted from one date.
  void days() {
    const Texts dates = adsl_.texts("RANDDT");
    const Numbers day = adsl_.numbers("randomised_days");
    std::optional<std::chrono::sys_days> first;
    ProblemKind differs(all_.problems);
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      const auto date = day_of_iso(dates[row]);
      if (!date || std::isnan(day[row]) || std::abs(day[row]) > 36525.0) continue;
      const auto origin = *date - std::chrono::days{static_cast<int>(day[row])};
      if (!first) first = origin;
      if (origin == *first) continue;
      differs.add(at_row(adsl_, row, "randomised_days", formats::shortest(day[row]),
                         "counts to RANDDT from another day than in the rows before"));
    }
  }

  CheckedTables& all_;
  const TableExpectations& expectations_;
  const TypedTable& adsl_;
};

}  // namespace

void check_plan_of_adsl(CheckedTables& all, const TableExpectations& expectations) {
  AdslPlan(all, expectations).check();
}

}  // namespace angiotrial::dataset
