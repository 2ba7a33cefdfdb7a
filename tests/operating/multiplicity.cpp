// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/gatekeeping.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Four hypotheses with correlated statistics: family-wise error where some are false.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::size_t hypotheses = 4;
constexpr double alpha = 0.025;
using Flags = std::array<bool, hypotheses>;
using PValues = std::array<double, hypotheses>;

/// One-sided z tests of two arms, known spread, correlation 0.5: 0.7 standard deviations where a
/// hypothesis is false.
PValues draw_p(random::Stream& draw, const Setting& s, const Flags& is_false) {
  const double common = draw.normal();
  PValues p{};
  for (std::size_t i = 0; i < hypotheses; ++i) {
    const double shift = is_false[i] ? 0.7 * std::sqrt(0.5 * s.per_arm) : 0.0;
    const double z = shift + std::sqrt(0.5) * (common + draw.normal());
    p[i] = 0.5 * std::erfc(z / std::sqrt(2.0));
  }
  return p;
}

using Decide = std::function<std::vector<bool>(const PValues&)>;

/// Under the null the hypotheses of `is_false` are false all the same, and an error is a rejection
/// of any other; under the alternative all are false and power is to reject every one.
Procedure family(std::string name, std::string which, const Flags& is_false, Decide decide) {
  Procedure p;
  p.name = std::move(name) + ", family-wise";
  p.trial = "four correlated z tests, " + std::move(which);
  p.claim = Claim::exact;
  p.error = alpha;
  p.coverage = -1.0;
  p.run = [is_false, decide = std::move(decide)](random::Stream& draw, const Setting& s) {
    constexpr Flags all{true, true, true, true};
    const std::vector<bool> rejected = decide(draw_p(draw, s, s.null ? is_false : all));
    bool error = false, every = true;
    for (std::size_t i = 0; i < hypotheses; ++i) {
      error = error || (rejected[i] && !is_false[i]);
      every = every && rejected[i];
    }
    return Verdict{false, s.null ? error : every, true};
  };
  return p;
}

std::vector<bool> at_level(const std::vector<double>& adjusted) {
  std::vector<bool> out;
  for (const double p : adjusted) out.push_back(p <= alpha);
  return out;
}

Decide by(Adjustment adjustment) {
  return [adjustment](const PValues& p) { return at_level(adjust(p, adjustment)); };
}

Decide by(TestGraph graph) {
  return
      [graph = std::move(graph)](const PValues& p) { return test_graph(graph, p, alpha).rejected; };
}

Decide by(std::vector<HypothesisFamily> families) {
  return [families = std::move(families)](const PValues& p) {
    return gatekeeping(families, p, alpha).rejected;
  };
}

Decide by(std::vector<double> weights, WeightedAdjustment adjustment) {
  return [weights = std::move(weights), adjustment](const PValues& p) {
    return at_level(adjust_weighted(p, weights, adjustment));
  };
}

/// Two primary hypotheses, each with its secondary: half of a rejected primary's level goes to the
/// other primary, half to its own secondary, all of a secondary's to the other pair.
TestGraph two_pairs() {
  return {{0.5, 0.5, 0.0, 0.0},
          {0.0, 0.5, 0.5, 0.0,  //
           0.5, 0.0, 0.0, 0.5,  //
           0.0, 1.0, 0.0, 0.0,  //
           1.0, 0.0, 0.0, 0.0}};
}

std::vector<HypothesisFamily> two_families(FamilyTest test, double truncation) {
  return {{{0, 1}, test, truncation}, {{2, 3}, test, 1.0}};
}

constexpr Flags none{false, false, false, false};
constexpr Flags first{true, false, false, false};
constexpr Flags primaries{true, true, false, false};
constexpr Flags outer{true, false, true, false};

}  // namespace

std::vector<Procedure> multiplicity_procedures() {
  using enum FamilyTest;
  return {
      family("Bonferroni, all null", "all true", none, by(Adjustment::bonferroni)),
      family("Hochberg, all null", "all true", none, by(Adjustment::hochberg)),
      family("Hochberg, one of four false", "the first false", first, by(Adjustment::hochberg)),
      family("Hommel, all null", "all true", none, by(Adjustment::hommel)),
      family("Hommel, two of four false", "first and third false", outer, by(Adjustment::hommel)),
      family("Holm, two of four false", "first and third false", outer, by(Adjustment::holm)),
      family("fixed sequence, first of four false", "the first false", first,
             by(Adjustment::fixed_sequence)),
      family("fall-back with weights 0.4, 0.3, 0.2, 0.1, first false", "the first false", first,
             by({0.4, 0.3, 0.2, 0.1}, WeightedAdjustment::fall_back)),
      family("weighted Holm, first false", "the first false", first,
             by({0.4, 0.3, 0.2, 0.1}, WeightedAdjustment::holm)),
      family("graph of two pairs, first primary false", "the first false", first, by(two_pairs())),
      family("graph of two pairs, primary and its secondary false", "first and third false", outer,
             by(two_pairs())),
      family("serial gatekeeping, first family false", "first and second false", primaries,
             by(two_families(holm, 1.0))),
      family("parallel gatekeeping, one of the first family false", "the first false", first,
             by(two_families(holm, 0.0))),
      family("truncated Hochberg gatekeeping, one of the first family false", "the first false",
             first, by(two_families(hochberg, 0.5)))};
}

}  // namespace angiotrial::operating
