// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/gatekeeping.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plan/hypotheses.hpp"
#include "plan/method.hpp"

/// Adjusted p-values over earlier analyses of the plan.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range fraction{.least = 0.0, .most = 1.0};
constexpr double rounding = 1e-12;

enum class Procedure {
  bonferroni,
  holm,
  hochberg,
  hommel,
  fixed_sequence,
  fall_back,
  graphical,
  gatekeeping,
  benjamini_hochberg
};
constexpr std::array<std::string_view, 9> procedures{
    "bonferroni", "holm",        "hochberg",          "hommel", "fixed_sequence", "fall_back",
    "graphical",  "gatekeeping", "benjamini_hochberg"};
constexpr std::array<std::string_view, 2> family_tests{"holm", "hochberg"};

struct Multiplicity {
  static constexpr bool reads_earlier_rows = true;
  std::vector<std::string> analyses;
  Procedure procedure = Procedure::holm;
  double alpha = 0.0;
  SidesRule sides = SidesRule::preset;
  std::vector<double> weights, transitions, families, truncations;
  std::vector<std::string> tests;
};

void describe(schema::Visitor& visit, Multiplicity& o) {
  visit("analyses", o.analyses,
        "earlier analyses whose p-values are adjusted, in order; NAME takes all of an analysis, "
        "NAME/ARM those of one arm, NAME/ARM/GROUP those of one group; @VISIT behind it those of a "
        "visit, @* of all visits",
        analyst);
  visit("procedure", o.procedure, procedures, "how p-values are adjusted", analyst);
  visit("alpha", o.alpha, {.least = 0.0, .most = 0.5},
        "error rate over all hypotheses; 0: 1 less level_fraction, and half of that for one side",
        analyst);
  visit("sides", o.sides, sides_rules,
        "of alpha and the p-values; two: one-sided p-values count double; one: all must be "
        "one-sided; preset: what the p-values are, which must be alike",
        analyst);
  visit("weights", o.weights, fraction,
        "share of alpha of each hypothesis, for graphical and fall_back, or a weighted bonferroni "
        "or holm; sum at most 1",
        analyst);
  visit("transitions", o.transitions, fraction,
        "of a graph, row by row: share of its weight that a rejected hypothesis passes to each",
        analyst);
  visit("families", o.families, {.least = 1.0, .most = 100.0},
        "gatekeeping: the family, 1, 2, ..., of each entry of `analyses`", analyst);
  visit("tests", o.tests, "gatekeeping: holm or hochberg for each family; empty: holm", analyst);
  visit(
      "truncations", o.truncations, fraction,
      "gatekeeping: truncation of each family's test, 1 for a serial gate, 0 for Bonferroni and a "
      "parallel gate; empty: 1",
      analyst);
}

struct Adjusted {
  std::vector<double> p_values;
  std::vector<bool> rejected;
};

Adjusted at_level(std::vector<double> adjusted, double alpha) {
  Adjusted out{std::move(adjusted), {}};
  for (const double p : out.p_values) out.rejected.push_back(p <= alpha);
  return out;
}

bool check_weights(const Multiplicity& o, std::size_t count, const Task& task) {
  if (o.weights.size() != count) {
    task.bad_option("weights", std::to_string(o.weights.size()) + " numbers",
                    "must be one for each of the " + std::to_string(count) + " hypotheses");
    return false;
  }
  if (std::accumulate(o.weights.begin(), o.weights.end(), 0.0) <= 1.0 + rounding) return true;
  task.bad_option("weights", "", "must sum to at most 1");
  return false;
}

bool check_transitions(const Multiplicity& o, std::size_t count, const Task& task) {
  if (o.transitions.size() != count * count) {
    task.bad_option("transitions", std::to_string(o.transitions.size()) + " numbers",
                    "must be " + std::to_string(count) + " rows of as many");
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = o.transitions.begin() + static_cast<std::ptrdiff_t>(i * count);
    const bool sum =
        std::accumulate(row, row + static_cast<std::ptrdiff_t>(count), 0.0) <= 1.0 + rounding;
    if (sum && o.transitions[i * count + i] == 0.0) continue;
    task.bad_option("transitions", "row " + std::to_string(i + 1),
                    "must sum to at most 1, with 0 on the diagonal");
    return false;
  }
  return true;
}

std::optional<Adjusted> by_graph(const Multiplicity& o, const std::vector<double>& p, double alpha,
                                 const Task& task) {
  if (!check_weights(o, p.size(), task) || !check_transitions(o, p.size(), task)) {
    return std::nullopt;
  }
  const GraphResult graph = test_graph({o.weights, o.transitions}, p, alpha);
  return Adjusted{graph.adjusted, graph.rejected};
}

std::optional<Adjusted> by_weights(const Multiplicity& o, const std::vector<double>& p,
                                   double alpha, const Task& task) {
  if (!check_weights(o, p.size(), task)) return std::nullopt;
  const auto how = o.procedure == Procedure::bonferroni ? WeightedAdjustment::bonferroni
                   : o.procedure == Procedure::holm     ? WeightedAdjustment::holm
                                                        : WeightedAdjustment::fall_back;
  return at_level(adjust_weighted(p, o.weights, how), alpha);
}

/// The families of the hypotheses; empty with problems.
std::vector<HypothesisFamily> families_of(const Multiplicity& o,
                                          const std::vector<Hypothesis>& hypotheses,
                                          const Task& task) {
  if (o.families.size() != o.analyses.size()) {
    task.bad_option("families", std::to_string(o.families.size()) + " numbers",
                    "must be one for each entry of `analyses`");
    return {};
  }
  const double most = *std::ranges::max_element(o.families);
  std::vector<HypothesisFamily> out(static_cast<std::size_t>(most));
  for (std::size_t h = 0; h < hypotheses.size(); ++h) {
    const auto family = static_cast<std::size_t>(o.families[hypotheses[h].entry]);
    out[family - 1].hypotheses.push_back(h);
  }
  for (const auto& [size, key] :
       {std::pair(o.tests.size(), "tests"), std::pair(o.truncations.size(), "truncations")}) {
    if (size == 0 || size == out.size()) continue;
    task.bad_option(
        key, "",
        "must be one for each of the " + std::to_string(out.size()) + " families, or none");
    return {};
  }
  for (std::size_t f = 0; f < out.size(); ++f) {
    if (out[f].hypotheses.empty()) {
      task.bad_option("families", "", "has no hypothesis in family " + std::to_string(f + 1));
      return {};
    }
    if (!o.truncations.empty()) out[f].truncation = o.truncations[f];
    if (o.tests.empty()) continue;
    const auto test = std::ranges::find(family_tests, o.tests[f]);
    if (test == family_tests.end()) {
      task.bad_option("tests", o.tests[f], "must be holm or hochberg");
      return {};
    }
    out[f].test = static_cast<FamilyTest>(test - family_tests.begin());
  }
  return out;
}

std::optional<Adjusted> by_gates(const Multiplicity& o, const std::vector<Hypothesis>& hypotheses,
                                 const std::vector<double>& p, double alpha, const Task& task) {
  const auto families = families_of(o, hypotheses, task);
  if (families.empty()) return std::nullopt;
  const GatekeepingResult gates = gatekeeping(families, p, alpha);
  return Adjusted{gates.adjusted, gates.rejected};
}

/// Problems with options that the procedure would not look at. False if any.
bool check_unused(const Multiplicity& o, const std::string& procedure, const Task& task) {
  const bool gates = o.procedure == Procedure::gatekeeping;
  const bool graph = o.procedure == Procedure::graphical;
  const bool weighted = graph || o.procedure == Procedure::fall_back ||
                        o.procedure == Procedure::bonferroni || o.procedure == Procedure::holm;
  const std::size_t before = task.problems.size();
  const auto refuse = [&](std::string_view key, bool unused) {
    if (unused) task.bad_option(key, "", "is not for procedure = \"" + procedure + "\"");
  };
  refuse("weights", !o.weights.empty() && !weighted);
  refuse("transitions", !o.transitions.empty() && !graph);
  refuse("families", !o.families.empty() && !gates);
  refuse("tests", !o.tests.empty() && !gates);
  refuse("truncations", !o.truncations.empty() && !gates);
  for (const double family : o.families) {
    if (family == std::floor(family)) continue;
    task.bad_option("families", formats::shortest(family), "must be a whole number");
  }
  return task.problems.size() == before;
}

std::optional<Adjusted> adjust_all(const Multiplicity& o, const std::vector<Hypothesis>& hypotheses,
                                   double alpha, const Task& task) {
  std::vector<double> p;
  for (const Hypothesis& h : hypotheses) p.push_back(h.p_value);
  switch (o.procedure) {
    case Procedure::bonferroni:
    case Procedure::holm:
      if (!o.weights.empty()) return by_weights(o, p, alpha, task);
      return at_level(
          adjust(p, o.procedure == Procedure::holm ? Adjustment::holm : Adjustment::bonferroni),
          alpha);
    case Procedure::hochberg:
      return at_level(adjust(p, Adjustment::hochberg), alpha);
    case Procedure::hommel:
      return at_level(adjust(p, Adjustment::hommel), alpha);
    case Procedure::fixed_sequence:
      return at_level(adjust(p, Adjustment::fixed_sequence), alpha);
    case Procedure::fall_back:
      return by_weights(o, p, alpha, task);
    case Procedure::graphical:
      return by_graph(o, p, alpha, task);
    case Procedure::gatekeeping:
      return by_gates(o, hypotheses, p, alpha, task);
    case Procedure::benjamini_hochberg:
      return at_level(adjust(p, Adjustment::benjamini_hochberg), alpha);
  }
  return std::nullopt;
}

void put_hypothesis(const Hypothesis& h, double adjusted, bool rejected, Task& task) {
  Row& row = task.out.row;
  row.arm = h.arm;
  row.arm_ref = h.arm_ref;
  row.paramcd = h.paramcd;
  row.avisit = h.avisit;
  row.group = h.name;
  row.note = h.note;
  task.out.put("unadjusted_p_value", h.p_value, "probability");
  task.out.put("adjusted_p_value", adjusted, "probability");
  task.out.put("rejected", rejected ? 1 : 0);
}

void run(const Multiplicity& o, Task& task) {
  const std::string procedure(procedures[static_cast<std::size_t>(o.procedure)]);
  task.out.row.method = "adjustment for multiplicity: " + procedure;
  if (!check_unused(o, procedure, task)) return;
  auto hypotheses = hypotheses_of(o.analyses, task);
  if (hypotheses.empty()) return;
  const auto two = two_sided(o.sides, hypotheses, task);
  if (!two) return;
  const double alpha = o.alpha > 0.0 ? o.alpha : (1.0 - task.level()) * (*two ? 1.0 : 0.5);
  task.out.row.conventions =
      "procedure: " + procedure + (o.weights.empty() ? "" : ", weighted") +
      (o.procedure == Procedure::benjamini_hochberg ? "; false discovery rate: "
                                                    : "; family-wise error: ") +
      formats::shortest(std::round(alpha * 1e12) / 1e12) + "; sides: " + (*two ? "two" : "one");
  const auto adjusted = adjust_all(o, hypotheses, alpha, task);
  if (!adjusted) return;
  for (std::size_t h = 0; h < hypotheses.size(); ++h) {
    put_hypothesis(hypotheses[h], adjusted->p_values[h], adjusted->rejected[h], task);
  }
}

}  // namespace

std::vector<MethodEntry> multiplicity_methods() {
  return {
      method<Multiplicity>("multiplicity", "adjusted p-values over earlier analyses of the plan")};
}

}  // namespace angiotrial::analysis
