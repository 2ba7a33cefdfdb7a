// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/mcp_mod_planning.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <functional>

#include "plan/dose_candidates.hpp"
#include "plan/dose_data.hpp"
#include "plan/method.hpp"

/// Planning of a trial that MCP-Mod will analyse, in plan files: no data are read.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source pinheiro{
    schema::Provenance::recalled,
    "Pinheiro J, Bornkamp B, Bretz F. Design and analysis of dose-finding studies combining "
    "multiple comparisons and modeling procedures. J Biopharm Stat 2006",
    "10.1080/10543400600860428"};

constexpr std::array<std::string_view, 2> directions{"increase", "decrease"};
constexpr std::array<std::string_view, 2> contrast_kinds{"optimal", "constrained"};
constexpr std::array<std::string_view, 3> selections{"aic", "max_t", "average"};

struct PlanningOptions {
  std::vector<double> doses;
  std::vector<double> sizes;
  std::vector<std::string> candidates;
  ShapeNumbers numbers;
  std::string truth;
  double placebo = 0.0;
  double effect = 0.0;
  double sd = 0.0;
  Better better = Better::increase;
  ContrastKind contrasts = ContrastKind::optimal;
  double alpha = 0.025;
  Selection selection = Selection::aic;
  double target_effect = 0.0;
  double tolerance = 0.25;
  int trials = 1000;
  int seed = -1;
};

void describe(schema::Visitor& visit, PlanningOptions& o) {
  visit("doses", o.doses, {.least = 0.0}, "3 to 12 doses, rising from placebo (0)", analyst);
  visit("sizes", o.sizes, {.least = 1.0, .most = 1e7},
        "patients with an outcome, of each dose; one number: of every dose", analyst);
  visit("candidates", o.candidates,
        "shapes with guessed parameters, as mcp_mod takes them; empty: its default set", pinheiro);
  describe_numbers(visit, o.numbers);
  visit("truth", o.truth,
        "the shape that trials are drawn from, with its parameters, written as a candidate: "
        "\"emax 0.2\"",
        analyst);
  visit("placebo", o.placebo, {}, "true mean on placebo", analyst);
  visit("effect", o.effect, {.least = 0.0},
        "true gain over placebo where the curve is furthest from it, in the direction of benefit; "
        "0: no dose has an effect",
        analyst);
  visit("sd", o.sd, {.least = 0.0}, "standard deviation of a response; must be given", analyst);
  visit("better", o.better, directions, "means that are better: larger or smaller", analyst);
  visit("contrasts", o.contrasts, contrast_kinds,
        "optimal for each shape, or with placebo on one side and every dose on the other",
        pinheiro);
  visit("alpha", o.alpha, {.least = 1e-6, .most = 0.4}, "one-sided level of the contrast test",
        pinheiro);
  visit("selection", o.selection, selections,
        "the shape with the least AIC, or the largest contrast statistic, or the AIC average",
        pinheiro);
  visit("target_effect", o.target_effect, {.least = 0.0},
        "gain over placebo that the target dose is to have, in the direction of benefit; 0: no "
        "target dose",
        analyst);
  visit("tolerance", o.tolerance, {.least = 0.001, .most = 10.0},
        "an estimated target dose is near within this share of the true one", analyst);
  visit("trials", o.trials, {.least = 1, .most = 1000000}, "trials simulated", analyst);
  visit("seed", o.seed, {.least = -1, .most = 2147483647},
        "seed of the trials, which must be given; -1: none", analyst);
}

void put(const Task& task, std::string_view name, const SimulatedValue& x, std::string_view unit) {
  task.out.put(name, x.value, unit);
  task.out.put(std::string(name) + "_mcse", x.se, unit);
}

void put_quantiles(const Task& task, std::string_view name, const ForecastQuantiles& q,
                   std::string_view unit) {
  constexpr std::array<std::string_view, 5> ends{"_q05", "_q25", "_median", "_q75", "_q95"};
  for (std::size_t i = 0; i < q.size(); ++i) {
    task.out.put(std::string(name) + std::string(ends[i]), q[i], unit);
  }
}

void put_signal(const McpModForecast& f, std::span<const Candidate> candidates,
                const PlanningOptions& o, Task& task) {
  put(task, "power", f.power, "probability");
  task.out.put("exact_power", f.exact_power, "probability");
  for (std::size_t m = 0; m < candidates.size(); ++m) {
    task.out.row.group = candidates[m].name;
    put(task, "significant", f.significant[m], "probability");
    if (o.selection != Selection::average) put(task, "selected", f.selected[m], "probability");
  }
  task.out.row.group.clear();
  put(task, "modelled", f.modelled, "probability");
}

void put_curve(const McpModForecast& f, Task& task) {
  const std::string& unit = task.analysis.unit;
  if (f.curve.empty()) {
    task.out.row.note = "no trial had a curve";
    task.out.put("rmse", std::nullopt, unit);
    task.out.row.note.clear();
    return;
  }
  for (const CurveError& at : f.curve) {
    task.out.row.group = "dose " + formats::shortest(at.dose);
    task.out.put("true_mean", at.truth, unit);
    put(task, "bias", at.bias, unit);
    put(task, "rmse", at.rmse, unit);
  }
  task.out.row.group.clear();
  put(task, "rmse", f.rmse, unit);
  put_quantiles(task, "trial_rmse", f.trial_rmse, unit);
}

void put_target(const McpModForecast& f, Task& task) {
  if (!f.target) task.out.row.note = "the true curve never has the target effect";
  task.out.put("true_target_dose", f.target, "dose");
  task.out.row.note.clear();
  put(task, "target_found", f.target_found, "probability");
  if (f.target) put(task, "target_near", f.target_near, "probability");
  if (f.target_found.value == 0.0) return;
  put(task, "target_dose_mean", f.target_mean, "dose");
  task.out.put("target_dose_sd", f.target_sd, "dose");
  put_quantiles(task, "target_dose", f.target_dose, "dose");
}

/// Whether what has no default is there.
bool complete(const PlanningOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const bool rising = std::ranges::adjacent_find(o.doses, std::greater_equal<>()) == o.doses.end();
  if (o.doses.size() < 3 || o.doses.size() > most_doses || o.doses.front() != 0.0 || !rising) {
    task.bad_option("doses", "", "must hold placebo (0) and 2 to 11 doses, rising");
  }
  if (o.sizes.size() != 1 && (o.sizes.empty() || o.sizes.size() != o.doses.size())) {
    task.bad_option("sizes", "", "must hold a size for each dose, or one for all");
  }
  if (o.truth.empty()) task.bad_option("truth", "", "must be given: a shape with its parameters");
  if (!(o.sd > 0.0)) task.bad_option("sd", "", "must be given, above 0");
  if (o.seed < 0) task.bad_option("seed", "", "must be given: there is no default seed");
  return task.problems.size() == before;
}

std::string in_words(const PlanningOptions& o) {
  return "trials: " + std::to_string(o.trials) + ", seed: " + std::to_string(o.seed) +
         "; drawn: means and pooled variance of normal responses; contrasts: " +
         std::string(contrast_kinds[static_cast<std::size_t>(o.contrasts)]) + ", one-sided at " +
         formats::shortest(o.alpha) +
         "; selection: " + std::string(selections[static_cast<std::size_t>(o.selection)]) +
         "; errors of curves and target doses: over trials with one; mcse: Monte Carlo standard "
         "error";
}

void run(const PlanningOptions& o, Task& task) {
  task.out.row.method = "planning of MCP-Mod: simulated trials under a true dose-response";
  if (!complete(o, task)) return;
  const auto constants = shape_constants(o.numbers, o.doses.back(), task);
  if (!constants) return;
  const std::vector<std::string> true_text{o.truth};
  const auto truth = read_shapes(true_text, o.doses, *constants, Guesses::given, "truth", task);
  const auto candidates = o.candidates.empty() ? std::optional(default_candidates(o.doses.back()))
                                               : read_shapes(o.candidates, o.doses, *constants,
                                                             Guesses::given, "candidates", task);
  if (!truth || !candidates) return;
  const std::vector<double> sizes =
      o.sizes.size() == 1 ? std::vector<double>(o.doses.size(), o.sizes[0]) : o.sizes;
  const double sign = o.better == Better::increase ? 1.0 : -1.0;
  McpModTrial trial{*candidates, o.doses, sizes, o.alpha, sign, o.contrasts, {}, o.tolerance};
  trial.analysis.selection = o.selection;
  trial.analysis.constants = *constants;
  if (o.target_effect > 0.0) trial.analysis.target_effect = sign * o.target_effect;
  const McpModForecast f =
      forecast_mcp_mod(trial, {truth->front(), o.placebo, sign * o.effect, o.sd}, o.trials,
                       static_cast<std::uint64_t>(o.seed));
  task.out.row.conventions = in_words(o);
  if (f.status != ForecastStatus::simulated) {
    task.refuse(std::string(name_of(f.status)));
    return;
  }
  put_signal(f, *candidates, o, task);
  put_curve(f, task);
  if (o.target_effect > 0.0) put_target(f, task);
}

}  // namespace

std::vector<MethodEntry> dose_planning_methods() {
  return {method<PlanningOptions>("mcp_mod_planning",
                                  "power, curve error and target dose of a planned MCP-Mod trial")};
}

}  // namespace angiotrial::analysis
