// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "plan/allocation_options.hpp"
#include "plan/entry_order.hpp"
#include "plan/method.hpp"
#include "plan/randomisation_statistics.hpp"
#include "plan/rerandomised_analysis.hpp"
#include "plan/subject_data.hpp"

/// Re-randomisation tests in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
/// The first three as RandomisationStatistic has them.
enum class Statistic { mean_difference, rank_sum, ancova, analysis };
constexpr std::array<std::string_view, 4> statistics{"mean_difference", "rank_sum", "ancova",
                                                     "analysis"};
constexpr std::array<std::string_view, 3> tails{"two_sided", "greater", "less"};

constexpr const char* enumerated = "is for allocations that are drawn, not for all of them";

struct Rerandomisation {
  std::string response, of;
  std::string number = "p_value";
  Statistic statistic = Statistic::mean_difference;
  std::vector<std::string> covariates, classes;
  AllocationOptions allocation;
  RandomisationTail tail = RandomisationTail::two_sided;
  int replicates = 9999;
  bool enumerate = false;
};

void describe(schema::Visitor& visit, Rerandomisation& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("statistic", o.statistic, statistics,
        "difference of means; mid-ranks less their mean, summed over the arm (with more than two "
        "arms the difference of mean ranks); the arm's coefficient by least squares; or any number "
        "of another analysis",
        analyst);
  visit("of", o.of,
        "for statistic = \"analysis\": that analysis of the plan, as NAME, NAME/ARM or "
        "NAME/ARM/GROUP, with @VISIT or @* behind; it is run again for each allocation",
        analyst);
  visit(
      "number", o.number,
      "for statistic = \"analysis\": its number by the name in the results; of p-values the small "
      "ones are extreme, ratios are taken as logarithms",
      analyst);
  visit("covariates", o.covariates, "terms of the ancova besides the arm", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  describe_allocation(visit, o.allocation);
  visit("tail", o.tail, tails, "which allocations are extreme", analyst);
  visit("replicates", o.replicates, {.least = 1, .most = 1000000}, "allocations drawn", analyst);
  visit("enumerate", o.enumerate,
        "all allocations with the arms' sizes, in each stratum, instead of draws; scheme complete "
        "only, no seed",
        analyst);
}

std::string words(RerandomisationStatus status) {
  switch (status) {
    case RerandomisationStatus::tested:
      return "";
    case RerandomisationStatus::invalid_input:
      return "a response is not finite";
    case RerandomisationStatus::undefined:
      return "the statistic cannot be computed from these data";
    case RerandomisationStatus::too_many:
      return "more than a million allocations: draw instead of enumerating them";
    case RerandomisationStatus::empty_arm:
      return "an arm is empty";
  }
  return "";
}

/// Those with a response, and what was randomised.
struct Outcomes {
  Frame frame;
  std::vector<double> response;
  Design covariates;        ///< with an intercept
  Assign assign;            ///< arms of the rows of `frame`
  std::vector<int> strata;  ///< of the rows of `frame`, where all allocations are to be enumerated
  std::size_t missing = 0;
};

/// Draws for all that were randomised and hands out the arms of those with a response.
Assign of_observed(Allocation allocation, const Frame& all, const Frame& observed) {
  std::vector<std::size_t> position(all.subjects(), 0), wanted;
  for (std::size_t e = 0; e < allocation.entry.size(); ++e) {
    position[static_cast<std::size_t>(all.subject()[allocation.entry[e]])] = e;
  }
  for (const int subject : observed.subject()) {
    wanted.push_back(position[static_cast<std::size_t>(subject)]);
  }
  auto drawn = std::make_shared<std::vector<int>>(allocation.entry.size());
  return [assign = std::move(allocation.assign), wanted = std::move(wanted), drawn](
             std::uint32_t replicate, std::span<int> arm) {
    assign(replicate, *drawn);
    for (std::size_t i = 0; i < arm.size(); ++i) arm[i] = (*drawn)[wanted[i]];
  };
}

/// The first few names, and how many more there are.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

/// Without some of them a scheme with an order of entry would be drawn over the wrong places, and
/// the p-value be that of another design. Refuses then; false if so.
bool has_all_randomised(const Rerandomisation& o, const Frame& all, const Task& task) {
  if (!takes_order(o.allocation.scheme)) return true;
  const std::vector<std::string> missing = randomised_without_row(all, task);
  if (missing.empty()) return true;
  const bool one = missing.size() == 1;
  task.refuse(std::to_string(missing.size()) +
                  (one ? " subject randomised has" : " subjects randomised have") +
                  " no row in the analysis (" + some_of(missing) +
                  "), and the scheme is drawn over all of them in the order of their entry",
              "every subject randomised is needed: a row of each, with the response empty where "
              "there is none, and none left out by population, where or a strategy for an event");
  return false;
}

void check_statistic(const Rerandomisation& o, const Task& task) {
  const bool analysis = o.statistic == Statistic::analysis;
  if (o.response.empty() != analysis) {
    task.bad_option("response", o.response,
                    analysis ? "is not for statistic = \"analysis\", which has its own"
                             : "must name the column of the response");
  }
  if (o.of.empty() == analysis) {
    task.bad_option(
        "of", o.of,
        analysis ? "must name another analysis of the plan" : "is for statistic = \"analysis\"");
  }
  if (!analysis && o.number != Rerandomisation{}.number) {
    task.bad_option("number", o.number, "is for statistic = \"analysis\"");
  }
  if (analysis && o.number.ends_with("p_value") && o.tail != RandomisationTail::two_sided) {
    task.bad_option("tail", std::string(tails[static_cast<std::size_t>(o.tail)]),
                    "is for numbers with a sign", "the analysis says the sides of its p-value");
  }
}

/// Problems with options that do not need the data. False if any.
bool check(const Rerandomisation& o, const Task& task) {
  const std::size_t before = task.problems.size();
  check_statistic(o, task);
  if (!o.covariates.empty() && o.statistic != Statistic::ancova) {
    task.bad_option("covariates", o.covariates.front(), "are for statistic = \"ancova\"");
  }
  task.check_classes(o.classes, o.covariates);
  task.check_without_arm("covariates", o.covariates);
  if (o.enumerate && o.allocation.scheme != Scheme::complete) {
    task.bad_option("enumerate", "true", "is for scheme = \"complete\"");
  }
  if (o.enumerate && o.replicates != Rerandomisation{}.replicates) {
    task.bad_option("replicates", std::to_string(o.replicates), enumerated);
  }
  if (o.enumerate && o.allocation.seed >= 0) {
    task.bad_option("seed", std::to_string(o.allocation.seed), enumerated);
  }
  return task.problems.size() == before;
}

std::optional<Outcomes> outcomes_of(const Rerandomisation& o, Task& task) {
  if (!check(o, task)) return std::nullopt;
  std::vector<std::string> needed;
  if (!o.response.empty()) needed.push_back(o.response);
  for (std::string& column : Frame::columns_of(o.covariates)) needed.push_back(std::move(column));
  auto all = task.frame({.response = o.response, .columns = needed});
  if (!all || !all->require_one_row_per_subject() || !all->require_every_arm()) return std::nullopt;
  Outcomes out{*all, {}, {}, {}, {}, 0};
  out.missing = out.frame.keep_complete(needed);
  if (!out.frame.ok() || !out.frame.require_every_arm()) return std::nullopt;
  if (!o.response.empty()) out.response = out.frame.response(o.response);
  out.covariates = out.frame.design(o.covariates, o.classes, false);
  auto allocation = allocation_of(o.allocation, !o.enumerate, *all, task);
  if (!allocation) return std::nullopt;
  if (o.enumerate && out.missing > 0) {
    task.bad_option("enumerate", "true", "needs the response of every subject", "draw instead");
  }
  if (!has_all_randomised(o, *all, task)) return std::nullopt;
  if (allocation->impossible) {
    const auto subject = static_cast<std::size_t>(all->subject()[*allocation->impossible]);
    task.refuse("the scheme cannot have given the arm of subject " + all->subject_name(subject) +
                    " after those before",
                "arms and strata as randomised, every subject that was randomised, the order of "
                "their entry, and every size of a block are needed");
    return std::nullopt;
  }
  // Rows stand as they were where all have a response; `complete` has no order of entry.
  if (o.enumerate) out.strata = std::move(allocation->strata);
  out.assign = of_observed(std::move(*allocation), *all, out.frame);
  if (!out.frame.ok()) return std::nullopt;
  return out;
}

/// The interval for a shift of the one arm, by the same draws.
void put_shift(const Rerandomisation& o, const Outcomes& data,
               const RerandomisationOptions& options, Task& task) {
  const int reference = static_cast<int>(data.frame.reference());
  std::vector<int> treated;
  for (const int arm : data.frame.arm()) treated.push_back(arm == reference ? 0 : 1);
  const Assign assign = [&](std::uint32_t replicate, std::span<int> arm) {
    data.assign(replicate, arm);
    for (int& a : arm) a = a == reference ? 0 : 1;
  };
  const RerandomisationShift shift =
      rerandomisation_shift({data.response, treated}, assign,
                            static_cast<ShiftStatistic>(static_cast<int>(o.statistic)), options);
  if (shift.status != RerandomisationStatus::tested) return;
  const bool ranks = o.statistic == Statistic::rank_sum;
  if (ranks) task.out.put("hodges_lehmann_shift", shift.estimate, task.analysis.unit);
  if (!std::isfinite(shift.lower) || !std::isfinite(shift.upper)) {
    task.out.row.note =
        "too few replicates or too few different allocations for an interval of this level";
  }
  put_interval(task, shift.lower, shift.upper, task.analysis.unit);
  task.out.row.note.clear();
}

/// By all allocations or by those drawn; none with a refusal.
std::optional<RerandomisationTest> test_of(const Rerandomisation& o, const Outcomes& data,
                                           const ArmStatistic& statistic,
                                           const RerandomisationOptions& options,
                                           const Task& task) {
  const RerandomisationTest test =
      o.enumerate ? enumeration_test(data.frame.arm(), statistic,
                                     {.tail = options.tail,
                                      .equal_within = options.equal_within,
                                      .stratum = data.strata})
                  : rerandomisation_test(data.frame.arm(), data.assign, statistic, options);
  if (test.status == RerandomisationStatus::tested) return test;
  task.refuse(words(test.status));
  return std::nullopt;
}

void put_p_value(const RerandomisationTest& test, Task& task) {
  task.out.put("p_value", test.p_value, "probability");
  put_interval(task, test.monte_carlo_lower, test.monte_carlo_upper, "probability", "p_value_");
  task.out.put("allocations", static_cast<double>(test.allocations), "1");
  task.out.put("extreme_allocations", static_cast<double>(test.extreme), "1");
  task.out.put("undefined_allocations", static_cast<double>(test.undefined), "1");
}

void put_test(const Rerandomisation& o, const Outcomes& data, std::size_t arm, Task& task) {
  const RandomisedOutcomes outcomes{data.response, data.covariates, data.frame.arms().size(),
                                    data.frame.reference()};
  const RoundedStatistic statistic = statistic_of(
      static_cast<RandomisationStatistic>(static_cast<int>(o.statistic)), outcomes, arm);
  const RerandomisationOptions options{static_cast<std::uint32_t>(o.replicates), o.tail,
                                       task.level(), statistic.equal_within};
  const auto test = test_of(o, data, statistic.of, options, task);
  if (!test) return;
  const bool ranks = o.statistic == Statistic::rank_sum;
  task.out.put(ranks ? "rank_statistic" : "difference", test->observed,
               ranks ? "1" : task.analysis.unit);
  if (data.frame.arms().size() == 2 && o.statistic != Statistic::ancova && !o.enumerate &&
      o.tail == RandomisationTail::two_sided) {
    put_shift(o, data, options, task);
  }
  put_p_value(*test, task);
}

/// Number k of another analysis. The first is computed allocation by allocation, the others with
/// it.
void put_number(const Rerandomisation& o, const Outcomes& data, std::size_t k,
                RerandomisedAnalysis& analysis, Task& task) {
  const RerandomisedNumber& number = analysis.numbers()[k];
  std::size_t call = 0;
  const RerandomisationOptions options{static_cast<std::uint32_t>(o.replicates),
                                       analysis.of_p_values() ? RandomisationTail::greater : o.tail,
                                       task.level(), number.equal_within};
  task.out.row.arm = number.row.arm;
  task.out.row.arm_ref = number.row.arm_ref;
  task.out.row.group = number.row.group;
  task.out.row.avisit = number.row.avisit;
  const auto test = test_of(
      o, data, [&](std::span<const int> arm) { return analysis.value(k, call++, arm); }, options,
      task);
  if (!test) return;
  task.out.put("statistic", number.row.value, number.row.unit);
  put_p_value(*test, task);
}

void put_numbers(const Rerandomisation& o, const Outcomes& data, Task& task) {
  auto analysis = RerandomisedAnalysis::of(o.of, o.number, data.frame, task);
  if (!analysis) return;
  const Row& first = analysis->numbers().front().row;
  task.out.row.conventions += "; statistic: of " + first.method + " (" + first.conventions + ")";
  const std::string visit = task.out.row.avisit;
  for (std::size_t k = 0; k < analysis->numbers().size(); ++k) {
    put_number(o, data, k, *analysis, task);
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  task.out.row.group.clear();
  task.out.row.avisit = visit;
}

void run(const Rerandomisation& o, Task& task) {
  task.out.row.method = "re-randomisation test, statistic " +
                        (o.statistic == Statistic::analysis
                             ? o.number + " of " + o.of
                             : std::string(statistics[static_cast<std::size_t>(o.statistic)]));
  task.out.row.conventions =
      words_of(o.allocation) +
      (o.enumerate ? std::string(", all allocations")
                   : "; seed: " + std::to_string(o.allocation.seed) +
                         "; draws: " + std::to_string(o.replicates)) +
      (o.statistic == Statistic::analysis && o.number.ends_with("p_value")
           ? std::string("; extreme: p-values as small")
           : "; tail: " + std::string(tails[static_cast<std::size_t>(o.tail)])) +
      "; null hypothesis: each subject's response is the same on every arm";
  const std::size_t before = task.problems.size();
  const auto data = outcomes_of(o, task);
  if (!data || task.problems.size() != before) return;
  if (o.statistic == Statistic::analysis) {
    put_numbers(o, *data, task);
  } else {
    for_each_comparison(data->frame, task, [&](std::size_t arm) { put_test(o, *data, arm, task); });
  }
  task.out.put("n", static_cast<double>(data->frame.rows()), "subjects");
  task.out.put("n_missing", static_cast<double>(data->missing), "subjects");
}

}  // namespace

std::vector<MethodEntry> randomisation_methods() {
  return {method<Rerandomisation>("rerandomisation_test",
                                  "test under the allocation scheme that the trial used")};
}

}  // namespace angiotrial::analysis
