// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <array>
#include <cmath>

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

enum class Interval { preset, wald, continuity, newcombe };
constexpr std::array<std::string_view, 4> intervals{"preset", "wald", "continuity", "newcombe"};
enum class Test { preset, chi_square, continuity, wald };
constexpr std::array<std::string_view, 4> tests{"preset", "chi_square", "continuity", "wald"};

struct RiskDifference {
  std::string response;
  Interval interval = Interval::preset;
  Test test = Test::preset;
};

void describe(schema::Visitor& visit, RiskDifference& o) {
  visit("response", o.response, "column of the response, 0 or 1", analyst);
  visit("interval", o.interval, intervals,
        "unpooled Wald, the same with continuity correction, or Newcombe's hybrid score; preset: "
        "newcombe; for \"r\" continuity (prop.test), for \"sas\" wald (PROC FREQ, RISKDIFF)",
        analyst);
  visit("test", o.test, tests,
        "Pearson's chi-square, the same with Yates' correction, or Wald by the unpooled error; "
        "preset: chi_square; for \"r\" continuity (prop.test), for \"sas\" wald (RISKDIFF(EQUAL))",
        analyst);
}

/// What is left at `preset`, chosen.
RiskDifference chosen(const RiskDifference& o, Preset preset) {
  RiskDifference out = o;
  const bool r = preset == Preset::r, sas = preset == Preset::sas;
  if (o.interval == Interval::preset) {
    out.interval = r ? Interval::continuity : sas ? Interval::wald : Interval::newcombe;
  }
  if (o.test == Test::preset) {
    out.test = r ? Test::continuity : sas ? Test::wald : Test::chi_square;
  }
  return out;
}

std::string conventions_of(const RiskDifference& o) {
  const std::string interval =
      o.interval == Interval::newcombe ? "hybrid score (Newcombe 1998, method 10)"
      : o.interval == Interval::wald   ? "Wald, unpooled variance"
                                       : "Wald, unpooled variance, continuity correction";
  const std::string test = o.test == Test::chi_square   ? "chi-square (Pearson), pooled"
                           : o.test == Test::continuity ? "chi-square with Yates' correction"
                                                        : "Wald, unpooled";
  return "interval: " + interval + "; standard error: unpooled; test: " + test;
}

void put_test(const RiskDifference& o, const ProportionDifference& d, Task& task) {
  const double p = o.test == Test::wald         ? d.wald_p
                   : o.test == Test::continuity ? d.corrected_p
                                                : d.chi_square_p;
  if (std::isnan(p)) {
    task.out.row.note = o.test == Test::wald ? "every response of each arm is the same: no test"
                                             : "every response is the same: no test";
    task.out.put("p_value", std::nullopt, "probability");
    task.out.row.note.clear();
    return;
  }
  if (o.test != Test::wald) {
    task.out.put("chi_square", o.test == Test::continuity ? d.corrected_chi_square : d.chi_square,
                 "1");
  }
  task.out.put("p_value", p, "probability");
}

void put_difference(const RiskDifference& o, const ProportionDifference& d, Task& task) {
  task.out.put("proportion", d.active, "probability");
  task.out.put("proportion_reference", d.control, "probability");
  task.out.put("difference", d.difference, "probability");
  if (d.se == 0.0 && o.interval != Interval::newcombe) {
    task.out.row.note = "every response of each arm is the same: the Wald error of 0 is no measure";
  }
  const bool wald = o.interval == Interval::wald, newcombe = o.interval == Interval::newcombe;
  put_interval(task,
               wald       ? d.wald_lower
               : newcombe ? d.newcombe_lower
                          : d.corrected_lower,
               wald       ? d.wald_upper
               : newcombe ? d.newcombe_upper
                          : d.corrected_upper,
               "probability");
  task.out.put("se", d.se, "probability");
  task.out.row.note.clear();
  put_test(o, d, task);
}

void run(const RiskDifference& o, Task& task) {
  task.out.row.method = "difference of two proportions";
  const RiskDifference ready = chosen(o, task.preset());
  task.out.row.conventions = conventions_of(ready);
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
    put_difference(ready, d, task);
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
