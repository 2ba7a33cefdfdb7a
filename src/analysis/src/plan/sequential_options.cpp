// SPDX-License-Identifier: Apache-2.0
#include "plan/sequential_options.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source lan_demets{
    schema::Provenance::recalled,
    "Lan KKG, DeMets DL. Discrete sequential boundaries for clinical trials. Biometrika 1983",
    "10.1093/biomet/70.3.659"};

constexpr std::array<std::string_view, 9> choices{"preset",
                                                  "obrien_fleming_spending",
                                                  "pocock_spending",
                                                  "kim_demets",
                                                  "hwang_shih_decani",
                                                  "obrien_fleming",
                                                  "pocock",
                                                  "wang_tsiatis",
                                                  "haybittle_peto"};
constexpr std::array<std::string_view, 9> words{"",
                                                "O'Brien-Fleming type spending (Lan and DeMets)",
                                                "Pocock type spending (Lan and DeMets)",
                                                "Kim-DeMets spending",
                                                "Hwang-Shih-DeCani spending",
                                                "O'Brien and Fleming",
                                                "Pocock",
                                                "Wang and Tsiatis",
                                                "Haybittle and Peto"};

bool takes_parameter(BoundChoice choice) {
  return choice == BoundChoice::kim_demets || choice == BoundChoice::hwang_shih_decani ||
         choice == BoundChoice::wang_tsiatis || choice == BoundChoice::haybittle_peto;
}

std::string_view option_of(DesignStatus status) {
  switch (status) {
    case DesignStatus::invalid_level:
      return "alpha";
    case DesignStatus::invalid_futility:
    case DesignStatus::futility_leaves_none:
      return "futility";
    case DesignStatus::invalid_bound:
      return "parameter";
    default:
      return "information";
  }
}

}  // namespace

void describe_looks(schema::Visitor& visit, LookOptions& o) {
  visit("information", o.information, {.least = 0.0, .most = 1.0},
        "share of the largest information at each look, rising to 1 by 0.0001 or more; [1.0]: one "
        "look",
        analyst);
  visit("bounds", o.bounds, choices,
        "how the level is shared among looks: a spending function, or bounds of a given shape; "
        "preset: obrien_fleming_spending, but obrien_fleming for \"r\" (as rpact) and \"sas\"",
        lan_demets);
  visit("parameter", o.parameter, {.least = -40.0, .most = 40.0},
        "kim_demets: power of the fraction, above 0; hwang_shih_decani: gamma; wang_tsiatis: "
        "Delta; haybittle_peto: bound of the interim looks; other bounds have none",
        lan_demets);
  visit("alpha", o.alpha, {.least = 0.0, .most = 0.4999},
        "level, of both sides together where there are two; 0: 0.025 a side", analyst);
}

bool check_looks(const LookOptions& o, const Task& task) {
  const LookOptions unsaid;
  const bool parameter = o.parameter != unsaid.parameter;
  if (o.information.size() == 1) {
    return none_given(task, {{"bounds", o.bounds != unsaid.bounds}, {"parameter", parameter}},
                      "two looks or more");
  }
  if (takes_parameter(chosen_bounds(o, task.preset()))) return true;
  return none_given(task, {{"parameter", parameter}},
                    "bounds kim_demets, hwang_shih_decani, wang_tsiatis and haybittle_peto");
}

BoundChoice chosen_bounds(const LookOptions& looks, Preset preset) {
  if (looks.bounds != BoundChoice::preset) return looks.bounds;
  return preset == Preset::recommended ? BoundChoice::obrien_fleming_spending
                                       : BoundChoice::obrien_fleming;
}

AdaptivePlan one_sided_plan(const LookOptions& looks, Preset preset) {
  AdaptivePlan plan;
  plan.information = looks.information;
  plan.alpha = looks.alpha == 0.0 ? 0.025 : looks.alpha;
  plan.parameter = looks.parameter;
  plan.spending.parameter = looks.parameter;
  switch (chosen_bounds(looks, preset)) {
    case BoundChoice::preset:
    case BoundChoice::obrien_fleming_spending:
      plan.spending.kind = SpendingKind::obrien_fleming;
      break;
    case BoundChoice::pocock_spending:
      plan.spending.kind = SpendingKind::pocock;
      break;
    case BoundChoice::kim_demets:
      plan.spending.kind = SpendingKind::kim_demets;
      break;
    case BoundChoice::hwang_shih_decani:
      plan.spending.kind = SpendingKind::hwang_shih_decani;
      break;
    case BoundChoice::obrien_fleming:
      plan.family = BoundFamily::wang_tsiatis;
      plan.parameter = 0.0;
      break;
    case BoundChoice::pocock:
      plan.family = BoundFamily::wang_tsiatis;
      plan.parameter = 0.5;
      break;
    case BoundChoice::wang_tsiatis:
      plan.family = BoundFamily::wang_tsiatis;
      break;
    case BoundChoice::haybittle_peto:
      plan.family = BoundFamily::haybittle_peto;
      break;
  }
  return plan;
}

std::optional<AdaptiveDesign> planned_design(AdaptivePlan plan, const Task& task) {
  AdaptiveDesign design = plan_adaptive(std::move(plan));
  if (design.status == DesignStatus::planned) return design;
  const std::string_view option = option_of(design.status);
  const std::string value = option == "information" ? listed(design.plan.information)
                            : option == "futility"  ? listed(design.plan.futility)
                            : option == "alpha"     ? formats::shortest(design.plan.alpha)
                                                    : formats::shortest(design.plan.parameter);
  task.bad_option(option, value, std::string(name_of(design.status)));
  return std::nullopt;
}

std::string looks_in_words(const LookOptions& looks, const AdaptivePlan& plan, Preset preset) {
  const BoundChoice choice = chosen_bounds(looks, preset);
  std::string out;
  if (plan.information.size() == 1) {
    out = "one look";
  } else {
    if (plan.rule != StageRule::fisher) {
      out = "bounds: " + std::string(words[static_cast<std::size_t>(choice)]);
      if (takes_parameter(choice)) out += ", " + formats::shortest(looks.parameter);
      out += "; ";
    }
    out += "information: " + listed(plan.information);
  }
  return out + "; level: " + formats::six_digits(plan.alpha);
}

std::string listed(std::span<const double> numbers) {
  std::string out;
  for (const double x : numbers) out += (out.empty() ? "" : ", ") + formats::six_digits(x);
  return out;
}

void put_in(const Task& task, std::string group, std::string_view statistic,
            std::optional<double> value, std::string_view unit) {
  task.out.row.group = std::move(group);
  task.out.put(statistic, value, unit);
  task.out.row.group.clear();
}

bool check_tables(const Task& task, std::span<const std::string_view> endpoints,
                  std::span<const bool> said, std::size_t which) {
  const std::size_t before = task.problems.size();
  for (std::size_t table = 0; table < said.size(); ++table) {
    if (!said[table] || table == which) continue;
    task.bad_option(endpoints[table], "",
                    "is not the table of the endpoint " + std::string(endpoints[which]));
  }
  return task.problems.size() == before;
}

bool names_differ(const Task& task, std::string_view key, const std::vector<std::string>& names) {
  const std::size_t before = task.problems.size();
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) task.bad_option(key, *name, "stands twice");
  }
  return task.problems.size() == before;
}

bool has_size(const Task& task, std::string_view key, const std::vector<double>& list,
              std::size_t size) {
  if (list.size() == size) return true;
  task.bad_option(key, listed(list), "needs " + std::to_string(size) + " numbers");
  return false;
}

}  // namespace angiotrial::analysis
