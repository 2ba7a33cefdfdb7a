// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <array>

#include "plan/method.hpp"
#include "plan/subject_data.hpp"

/// Proportions of two arms in plan files, plain and over strata.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

std::string words(TableStatus status) {
  switch (status) {
    case TableStatus::fitted:
      return "";
    case TableStatus::invalid_input:
      return "a response is neither 0 nor 1";
    case TableStatus::empty_arm:
      return "no stratum has both arms";
    case TableStatus::no_variation:
      return "every response is the same: no test";
  }
  return "";
}

/// The response as 0 and 1; problems for others.
std::vector<int> outcomes_of(const SubjectData& data, const std::string& column) {
  std::vector<int> out;
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double y = data.response[i];
    if (y != 0.0 && y != 1.0) {
      data.frame.add_problem(i, column, y, "must be 0 or 1");
    }
    out.push_back(y == 1.0 ? 1 : 0);
  }
  return out;
}

enum class Continuity { preset, no, yes };
constexpr std::array<std::string_view, 3> continuities{"preset", "no", "yes"};

struct CochranMantelHaenszel {
  std::string response;
  std::vector<std::string> strata;
  Continuity continuity = Continuity::preset;
};

void describe(schema::Visitor& visit, CochranMantelHaenszel& o) {
  visit("response", o.response, "column of the response, 0 or 1", analyst);
  visit("strata", o.strata, "columns whose combinations are the strata; or none", analyst);
  visit("continuity", o.continuity, continuities,
        "continuity correction of the test; preset: no; for \"r\": yes", analyst);
}

void put_odds_ratio(const MantelHaenszel& m, Task& task) {
  if (!(m.se_log_odds_ratio > 0.0)) {
    task.out.row.note = "one diagonal of every table is empty: no standard error";
  }
  task.out.put("odds_ratio", m.common_odds_ratio, "ratio");
  put_interval(task, m.lower, m.upper, "ratio");
  task.out.put("se_log",
               m.se_log_odds_ratio > 0.0 ? std::optional(m.se_log_odds_ratio) : std::nullopt, "ln");
  task.out.row.note.clear();
  task.out.put("chi_square", m.chi_square, "1");
  task.out.put("df", 1);
  task.out.put("p_value", m.p_value, "probability");
  task.out.put("strata_used", m.strata_used);
}

void run(const CochranMantelHaenszel& o, Task& task) {
  task.out.row.method = "Cochran-Mantel-Haenszel test and common odds ratio";
  const bool continuity = o.continuity == Continuity::preset ? task.preset() == Preset::r
                                                             : o.continuity == Continuity::yes;
  task.out.row.conventions =
      std::string("continuity correction: ") + (continuity ? "one half" : "none") +
      "; variance: Robins, Breslow and Greenland; interval: Wald on the log scale";
  auto data = subject_data(o.response, o.strata, task);
  if (!data) return;
  const Strata strata = strata_of(data->frame, o.strata);
  const std::vector<int> outcome = outcomes_of(*data, o.response);
  if (!data->frame.ok()) return;
  for_each_comparison(data->frame, task, [&](std::size_t arm) {
    const TwoArms two = two_arms(data->frame, arm);
    const auto events = two.of(outcome), stratum = two.of(strata.codes);
    const MantelHaenszel m =
        mantel_haenszel({two.active, events, stratum, strata.count()}, continuity, task.level());
    if (m.status != TableStatus::fitted) {
      task.refuse(words(m.status));
      return;
    }
    put_odds_ratio(m, task);
  });
  put_subjects(*data, task);
}

enum class Interval { preset, wald, newcombe };
constexpr std::array<std::string_view, 3> intervals{"preset", "wald", "newcombe"};

struct RiskDifference {
  std::string response;
  Interval interval = Interval::preset;
};

void describe(schema::Visitor& visit, RiskDifference& o) {
  visit("response", o.response, "column of the response, 0 or 1", analyst);
  visit("interval", o.interval, intervals,
        "unpooled Wald, or Newcombe's hybrid score; preset: newcombe; for \"r\" and \"sas\": wald",
        analyst);
}

void put_difference(const ProportionDifference& d, bool newcombe, Task& task) {
  task.out.put("proportion", d.active, "probability");
  task.out.put("proportion_reference", d.control, "probability");
  task.out.put("difference", d.difference, "probability");
  put_interval(task, newcombe ? d.newcombe_lower : d.wald_lower,
               newcombe ? d.newcombe_upper : d.wald_upper, "probability");
  task.out.put("se", d.se, "probability");
}

void run(const RiskDifference& o, Task& task) {
  task.out.row.method = "difference of two proportions";
  const bool newcombe = o.interval == Interval::preset ? task.preset() == Preset::recommended
                                                       : o.interval == Interval::newcombe;
  task.out.row.conventions =
      newcombe ? "interval: hybrid score (Newcombe 1998, method 10); standard error: unpooled"
               : "interval: Wald, unpooled variance; standard error: unpooled";
  const auto data = subject_data(o.response, {}, task);
  if (!data) return;
  const std::vector<int> outcome = outcomes_of(*data, o.response);
  if (!data->frame.ok()) return;
  for_each_comparison(data->frame, task, [&](std::size_t arm) {
    const TwoArms two = two_arms(data->frame, arm);
    TwoProportions table;
    for (std::size_t i = 0; i < two.rows.size(); ++i) {
      const bool active = two.active[i] == 1;
      (active ? table.active_patients : table.control_patients) += 1.0;
      (active ? table.active_events : table.control_events) += outcome[two.rows[i]];
    }
    const ProportionDifference d = proportion_difference(table, task.level());
    if (d.status != TableStatus::fitted) {
      task.refuse(words(d.status));
      return;
    }
    put_difference(d, newcombe, task);
  });
  put_subjects(*data, task);
}

}  // namespace

std::vector<MethodEntry> proportion_methods() {
  return {method<CochranMantelHaenszel>("mantel_haenszel",
                                        "test and common odds ratio of a 0/1 response in strata"),
          method<RiskDifference>("risk_difference", "difference of two proportions")};
}

}  // namespace angiotrial::analysis
