// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/reference_based.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/imputation_rows.hpp"
#include "plan/method.hpp"

/// Reference-based imputation in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source wolbers{
    schema::Provenance::recalled,
    "Wolbers M et al. Standard and reference-based conditional mean imputation. Pharm Stat 2022; "
    "21: 1246-1257",
    ""};
constexpr double most_delta = 1e9;
constexpr schema::Range delta_range{.least = -most_delta, .most = most_delta};

enum class Route { conditional_mean_jackknife, multiple_imputation };
constexpr std::array<std::string_view, 2> routes{"conditional_mean_jackknife",
                                                 "multiple_imputation"};
constexpr std::array<std::string_view, 2> draws{"bootstrap", "normal_approximation"};

struct ReferenceBased {
  ImputationOptions common;
  Route route = Route::conditional_mean_jackknife;
  int imputations = 0;
  int seed = -1;
  ParameterDraw draw = ParameterDraw::bootstrap;
  std::vector<double> delta, delta_reference;
};

void describe(schema::Visitor& visit, ReferenceBased& o) {
  describe_imputation(visit, o.common);
  visit("route", o.route, routes,
        "conditional means with the jackknife, deterministic, whose error is that over repetitions "
        "of the trial; or draws pooled by Rubin's rules, whose error is information-anchored",
        wolbers);
  visit("imputations", o.imputations, {.least = 0, .most = 65535},
        "number of draws; multiple_imputation needs 2 or more", analyst);
  visit("seed", o.seed, {.least = -1, .most = 2147483647},
        "of the draws; multiple_imputation needs one of 0 or above, none is assumed", analyst);
  visit("draw", o.draw, draws,
        "parameters of a draw: refit to subjects resampled within arms, or normal about the fit",
        analyst);
  visit("delta", o.delta, delta_range,
        "added to imputed values outside the reference arm, one a visit; empty: nothing", analyst);
  visit("delta_reference", o.delta_reference, delta_range,
        "added to imputed values of the reference arm, one a visit; empty: nothing", analyst);
}

/// Arms x visits, or empty; none, with a problem, where a list has not one number a visit.
std::optional<std::vector<double>> deltas(const ReferenceBased& o, const SubjectTable& table,
                                          const Task& task) {
  const std::size_t m = table.visits.size();
  for (const auto& [key, list] :
       {std::pair{"delta", &o.delta}, std::pair{"delta_reference", &o.delta_reference}}) {
    if (list->empty() || list->size() == m) continue;
    task.bad_option(key, std::to_string(list->size()) + " numbers",
                    "must hold one number for each of " + std::to_string(m) + " visits");
    return std::nullopt;
  }
  std::vector<double> out;
  if (o.delta.empty() && o.delta_reference.empty()) return out;
  for (std::size_t a = 0; a < table.arms.size(); ++a) {
    const auto& list = a == 0 ? o.delta_reference : o.delta;
    for (std::size_t v = 0; v < m; ++v) out.push_back(list.empty() ? 0.0 : list[v]);
  }
  return out;
}

Effect effect_of(const ImputedEstimate& e) {
  Effect out{e.estimate, e.se, e.lower, e.upper, e.p_value, std::nullopt};
  if (std::isfinite(e.df)) out.df = e.df;
  return out;
}

void put_imputed(const ImputationResult& result, const ImputationData& data, bool drawn,
                 Task& task) {
  const SubjectTable& table = data.table;
  const std::size_t m = table.visits.size(), arms = table.arms.size();
  const std::string avisit = task.out.row.avisit;
  for (std::size_t v = 0; v < m; ++v) {
    task.out.row.avisit = table.visits[v];
    for (std::size_t a = 0; a < arms; ++a) {
      put_estimate(task, table.arms[a], "", effect_of(result.means[v * arms + a]), "adjusted_mean");
      task.out.row.arm = table.arms[a];
      task.out.put("n_imputed", data.missing[a * m + v], "subjects");
      task.out.row.arm.clear();
    }
    for (std::size_t a = 1; a < arms; ++a) {
      const ImputedEstimate& e = result.contrasts[v * (arms - 1) + a - 1];
      put_estimate(task, table.arms[a], table.arms[0], effect_of(e), "difference");
      if (!drawn) continue;
      task.out.row.arm = table.arms[a];
      task.out.row.arm_ref = table.arms[0];
      task.out.put("missing_information", e.missing_information, "fraction");
      task.out.row.arm.clear();
      task.out.row.arm_ref.clear();
    }
  }
  task.out.row.avisit = avisit;
  task.out.put("n", static_cast<int>(table.subjects()), "subjects");
  if (drawn) task.out.put("failed_draws", result.failed_draws);
}

bool check_draws(const ReferenceBased& o, const Task& task) {
  const ReferenceBased unsaid;
  if (o.route != Route::multiple_imputation) {
    return none_given(task,
                      {{"imputations", o.imputations != unsaid.imputations},
                       {"seed", o.seed != unsaid.seed},
                       {"draw", o.draw != unsaid.draw}},
                      "route = \"multiple_imputation\"");
  }
  if (o.imputations < 2) {
    task.bad_option("imputations", std::to_string(o.imputations),
                    "must be 2 or more for multiple_imputation");
  }
  if (o.seed < 0) task.bad_option("seed", "", "must be given for multiple_imputation");
  return o.imputations >= 2 && o.seed >= 0;
}

/// A problem with the scope of a delta where there is none. False if so.
bool check_scope(const ReferenceBased& o, const Task& task) {
  if (!o.delta.empty() || !o.delta_reference.empty()) return true;
  return none_given(task,
                    {{"delta_scope", o.common.delta_scope != ImputationOptions{}.delta_scope}},
                    "delta or delta_reference");
}

void run(const ReferenceBased& o, Task& task) {
  const bool drawn = o.route == Route::multiple_imputation;
  task.out.row.method =
      drawn ? "reference-based multiple imputation" : "reference-based conditional mean imputation";
  if (!check_draws(o, task) || !check_scope(o, task)) return;
  auto data = imputation_data(o.common, task);
  if (!data) return;
  auto delta = deltas(o, data->table, task);
  if (!delta) return;
  data->delta = std::move(*delta);
  ImputationWorkspace workspace;
  const IncompleteTrial trial = data->trial(o.common, task.level());
  const ImputationResult& result =
      drawn ? impute_multiply(trial, {o.imputations, o.draw, 0}, static_cast<std::uint64_t>(o.seed),
                              workspace)
            : impute_conditional_means(trial, workspace);
  if (result.status != ImputationStatus::imputed) {
    refuse_imputation(result.status, &result, *data, task);
    return;
  }
  task.out.row.conventions =
      imputation_words(o.common, result.fit) +
      (drawn ? "; variance: Rubin's rules, " + std::to_string(o.imputations) +
                   " imputations, parameters by " +
                   std::string(draws[static_cast<std::size_t>(o.draw)]) + ", seed " +
                   std::to_string(o.seed) + "; degrees of freedom: Barnard and Rubin; reference: t"
             : "; variance: jackknife; reference: normal");
  if (!data->delta.empty()) {
    task.out.row.conventions +=
        "; delta: " + std::string(scope_names[static_cast<std::size_t>(o.common.delta_scope)]);
  }
  task.out.row.note = fall_back_note(result.fit);
  put_imputed(result, *data, drawn, task);
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> imputation_methods() {
  return {method<ReferenceBased>("reference_based_imputation",
                                 "imputation under an assumption on what follows an event")};
}

}  // namespace angiotrial::analysis
