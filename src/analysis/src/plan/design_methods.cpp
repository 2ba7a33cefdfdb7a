// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>
#include <limits>

#include "plan/method.hpp"
#include "plan/sequential_options.hpp"

/// Group-sequential designs in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source pampallona_tsiatis{
    schema::Provenance::recalled,
    "Pampallona S, Tsiatis AA, Kim K. Interim monitoring of group sequential trials using spending "
    "functions for the type I and type II error probabilities. Drug Inf J 2001",
    "10.1177/009286150103500408"};

enum class SidesChoice { preset, one, two };
constexpr std::array<std::string_view, 3> side_names{"preset", "one", "two"};
enum class FutilityChoice { none, bounds, obrien_fleming, pocock, kim_demets, hwang_shih_decani };
constexpr std::array<std::string_view, 6> futility_names{
    "none", "bounds", "obrien_fleming", "pocock", "kim_demets", "hwang_shih_decani"};

struct GroupSequentialOptions {
  LookOptions looks;
  SidesChoice sides = SidesChoice::preset;
  double power = 0.9;
  FutilityChoice futility_rule = FutilityChoice::none;
  std::vector<double> futility;
  double futility_parameter = 0.0;
  bool binding = false;
};

void describe(schema::Visitor& visit, GroupSequentialOptions& o) {
  describe_looks(visit, o.looks);
  visit("sides", o.sides, side_names,
        "sides of the test; preset: one, but two for \"sas\" (as SEQDESIGN)", analyst);
  visit("power", o.power, {.least = 0.01, .most = 0.9999}, "power under the alternative", analyst);
  visit("futility_rule", o.futility_rule, futility_names,
        "none; bounds as given by `futility`; or the type II error spent by a function",
        pampallona_tsiatis);
  visit("futility", o.futility, {.least = -40.0, .most = 40.0},
        "z below which each interim look stops, for futility_rule = \"bounds\"", analyst);
  visit("futility_parameter", o.futility_parameter, {.least = -40.0, .most = 40.0},
        "parameter of the function that spends the type II error", pampallona_tsiatis);
  visit("binding", o.binding,
        "futility must be obeyed, and the upper bounds count on it; else the level holds either "
        "way",
        analyst);
}

/// A design with both its bounds.
struct Bounds {
  std::vector<double> upper, lower;  ///< lower empty: none
  double alpha = 0.025;
  Sides sides = Sides::one;
};

std::vector<double> two_sided(const AdaptivePlan& plan, const AdaptiveDesign& one_sided,
                              double alpha) {
  if (plan.information.size() == 1 || plan.family == BoundFamily::haybittle_peto) {
    return one_sided.critical;  // at half the level
  }
  if (plan.family == BoundFamily::wang_tsiatis) {
    return wang_tsiatis_bounds(plan.information, alpha, plan.parameter, Sides::two);
  }
  return spending_bounds(plan.information, alpha, plan.spending, Sides::two);
}

std::optional<Bounds> spent_futility(const GroupSequentialOptions& o, const AdaptivePlan& plan,
                                     const Task& task) {
  if (plan.family != BoundFamily::spending || plan.information.size() == 1) {
    task.bad_option("futility_rule",
                    std::string(futility_names[static_cast<std::size_t>(o.futility_rule)]),
                    "needs bounds of a spending function and two looks or more");
    return std::nullopt;
  }
  Spending beta;
  beta.kind = static_cast<SpendingKind>(static_cast<int>(o.futility_rule) -
                                        static_cast<int>(FutilityChoice::obrien_fleming));
  beta.parameter = o.futility_parameter;
  if (beta.kind == SpendingKind::kim_demets && !(beta.parameter > 0.0)) {
    task.bad_option("futility_parameter", formats::shortest(beta.parameter), "must be above 0");
    return std::nullopt;
  }
  const FutilityDesign d =
      futility_design(plan.information, plan.alpha, 1.0 - o.power, plan.spending, beta,
                      o.binding ? Futility::binding : Futility::non_binding);
  if (!std::isfinite(d.drift)) {
    task.bad_option("power", formats::shortest(o.power), "no drift gives these errors");
    return std::nullopt;
  }
  return Bounds{d.upper, d.lower, plan.alpha, Sides::one};
}

/// Problems with keys of futility that the rule does not use, or has not been given. False if any.
bool check_futility(const GroupSequentialOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const bool given = o.futility_rule == FutilityChoice::bounds;
  if (!given && !o.futility.empty()) {
    task.bad_option("futility", listed(o.futility), "is not used by this futility_rule",
                    "set futility_rule = \"bounds\"");
  }
  if (given && o.futility.empty() && o.looks.information.size() > 1) {
    task.bad_option("futility", "", "must give a bound for each interim look");
  }
  if (o.binding && o.futility_rule == FutilityChoice::none) {
    task.bad_option("binding", "true", "needs a futility_rule");
  }
  if (given && o.looks.information.size() == 1) {
    task.bad_option("futility_rule", "bounds", "needs two looks or more");
  }
  if (o.futility_rule != FutilityChoice::kim_demets &&
      o.futility_rule != FutilityChoice::hwang_shih_decani) {
    none_given(task, {{"futility_parameter", o.futility_parameter != 0.0}},
               "futility_rule kim_demets and hwang_shih_decani");
  }
  return task.problems.size() == before;
}

std::optional<Bounds> bounds_of(const GroupSequentialOptions& o, const Task& task) {
  const Preset preset = task.preset();
  const bool two =
      o.sides == SidesChoice::two || (o.sides == SidesChoice::preset && preset == Preset::sas);
  const bool spends = o.futility_rule > FutilityChoice::bounds;
  if (two && o.futility_rule != FutilityChoice::none) {
    task.bad_option("futility_rule",
                    std::string(futility_names[static_cast<std::size_t>(o.futility_rule)]),
                    "futility is offered for one-sided designs", "set sides = \"one\"");
    return std::nullopt;
  }
  if (!check_futility(o, task) || !check_looks(o.looks, task)) return std::nullopt;
  AdaptivePlan plan = one_sided_plan(o.looks, preset);
  plan.rule = StageRule::group_sequential;
  if (o.futility_rule == FutilityChoice::bounds) {
    plan.futility = o.futility;
    plan.binding = o.binding;
  }
  const double alpha = two && o.looks.alpha == 0.0 ? 0.05 : plan.alpha;
  if (two) plan.alpha = 0.5 * alpha;
  const auto design = planned_design(plan, task);
  if (!design) return std::nullopt;
  if (o.power <= alpha) {
    task.bad_option("power", formats::shortest(o.power), "must be above the level");
    return std::nullopt;
  }
  if (spends) return spent_futility(o, plan, task);
  Bounds out{design->critical, plan.futility, alpha, two ? Sides::two : Sides::one};
  if (two) out.upper = two_sided(plan, *design, alpha);
  if (!out.lower.empty()) out.lower.push_back(out.upper.back());
  return out;
}

/// The level spent by look, which counts on futility only where that binds.
std::vector<double> level_spent(const Bounds& b, const std::vector<double>& t, bool binding,
                                const StageProbabilities& obeyed) {
  const bool two = b.sides == Sides::two;
  StageProbabilities p = obeyed;
  if (!two && !binding) {
    const std::vector<double> none(t.size(), -std::numeric_limits<double>::infinity());
    p = stage_probabilities(none, b.upper, t, 0.0);
  }
  std::vector<double> out;
  double sum = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k)
    out.push_back(sum += p.upper[k] + (two ? p.lower[k] : 0.0));
  return out;
}

void put_looks(const Bounds& b, const std::vector<double>& t, const DesignCharacteristics& c,
               bool binding, Task& task) {
  const bool two = b.sides == Sides::two;
  const double both = two ? 2.0 : 1.0;
  const std::vector<double> spent = level_spent(b, t, binding, c.under_null);
  for (std::size_t k = 0; k < t.size(); ++k) {
    const std::string here = look(k);
    const auto put = [&](std::string_view name, double value, std::string_view unit) {
      put_in(task, here, name, value, unit);
    };
    const auto crossed = [&](const StageProbabilities& p) {
      return p.upper[k] + (two ? p.lower[k] : 0.0);
    };
    put("information", t[k], "fraction");
    const bool spends = std::isfinite(b.upper[k]);
    if (!spends) task.out.row.note = "so early that there is no level to spend: no bound";
    put("critical_value", b.upper[k], "z");
    task.out.row.note.clear();
    if (!b.lower.empty()) put("futility_bound", b.lower[k], "z");
    put("stage_level", both * 0.5 * std::erfc(b.upper[k] / std::sqrt(2.0)), "probability");
    put("reject_null", crossed(c.under_null), "probability");
    put("level_spent", spent[k], "probability");
    put("reject_alternative", crossed(c.under_alternative), "probability");
    if (!b.lower.empty()) {
      put("futility_null", c.under_null.lower[k], "probability");
      put("futility_alternative", c.under_alternative.lower[k], "probability");
    }
  }
}

void run(const GroupSequentialOptions& o, Task& task) {
  task.out.row.method = "group-sequential design (recursive integration)";
  const auto bounds = bounds_of(o, task);
  if (!bounds) return;
  const AdaptivePlan plan = one_sided_plan(o.looks, task.preset());
  AdaptivePlan shown = plan;
  shown.alpha = bounds->alpha;
  task.out.row.conventions =
      looks_in_words(o.looks, shown, task.preset()) +
      (bounds->sides == Sides::two ? "; sides: two, symmetric" : "; sides: one") +
      (bounds->lower.empty() ? ""
       : o.binding           ? "; futility: binding"
                             : "; futility: non-binding");
  const DesignCharacteristics c = characterise(bounds->upper, bounds->lower, plan.information,
                                               bounds->alpha, o.power, bounds->sides);
  put_looks(*bounds, plan.information, c, o.binding, task);
  task.out.put("power", o.power, "probability");
  task.out.put("drift", std::sqrt(c.shift), "z");
  task.out.put("inflation", c.inflation, "ratio");
  task.out.put("expected_size_null", c.expected_null, "fixed design");
  task.out.put("expected_size_half", c.expected_half, "fixed design");
  task.out.put("expected_size_alternative", c.expected_alternative, "fixed design");
}

}  // namespace

std::vector<MethodEntry> design_methods() {
  return {method<GroupSequentialOptions>(
      "group_sequential_design", "bounds, power and expected size of a group-sequential design")};
}

}  // namespace angiotrial::analysis
