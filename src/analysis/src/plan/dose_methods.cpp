// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/dose_candidates.hpp"
#include "plan/dose_data.hpp"
#include "plan/dose_target.hpp"
#include "plan/method.hpp"

/// MCP-Mod in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source bretz{
    schema::Provenance::recalled,
    "Bretz F, Pinheiro JC, Branson M. Combining multiple comparisons and "
    "modeling techniques in dose-response studies. Biometrics 2005",
    "10.1111/j.1541-0420.2005.00344.x"};

constexpr std::array<std::string_view, 2> contrast_kinds{"optimal", "constrained"};
constexpr std::array<std::string_view, 3> selections{"aic", "max_t", "average"};

struct McpModPlan {
  DoseTerms terms;
  std::vector<std::string> candidates;
  ShapeNumbers numbers;
  ContrastKind contrasts = ContrastKind::optimal;
  double alpha = 0.025;
  Selection selection = Selection::aic;
  TargetPlan target;
  std::vector<double> curve_doses;
};

void describe(schema::Visitor& visit, McpModPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::dose);
  visit("candidates", o.candidates,
        "shapes with guessed parameters: \"linear\", \"linlog\", \"emax 0.2\", \"sigEmax 0.4 3\", "
        "\"logistic 0.5 0.1\", \"exponential 0.5\", \"quadratic -0.6\", \"betaMod 1.2 0.8\", "
        "\"gaussian 0.4 0.3\", or \"table\" with a mean for each dose; empty: linear, emax with "
        "half of its effect at a fifth of the largest dose, exponential, and a quadratic that has "
        "returned to placebo at the largest dose",
        bretz);
  describe_numbers(visit, o.numbers);
  visit("contrasts", o.contrasts, contrast_kinds,
        "optimal for each shape, or with placebo on one side and every dose on the other", bretz);
  visit("alpha", o.alpha, {.least = 1e-6, .most = 0.4}, "one-sided level of the contrast test",
        bretz);
  visit("selection", o.selection, selections,
        "the shape with the least AIC, or the largest contrast statistic, or the AIC average",
        bretz);
  describe_target(visit, o.target);
  visit("curve_doses", o.curve_doses, {.least = 0.0},
        "doses at which curves are given; empty: the study's", analyst);
}

/// "cannot be" in words, before anything is computed.
bool supports_test(const DoseTrial& trial, const Task& task) {
  if (trial.estimates.doses.front() != 0.0) {
    task.refuse("no placebo is left: the smallest dose must be 0");
    return false;
  }
  if (trial.estimates.doses.size() < 3) {
    task.refuse("placebo and one dose: no shape of a dose-response can be tested");
    return false;
  }
  return true;
}

void put_contrasts(const DoseTrial& trial, const ContrastTest& test, const McpModResult& r,
                   Task& task) {
  const std::size_t k = test.doses.size();
  for (std::size_t m = 0; m < r.t.size(); ++m) {
    task.out.row.group = test.names[m];
    task.out.put("t", r.t[m], "1");
    task.out.put("unadjusted_p_value", r.p_unadjusted[m], "probability");
    task.out.put("adjusted_p_value", r.p_adjusted[m], "probability");
    for (std::size_t i = 0; i < k; ++i) {
      task.out.row.group = test.names[m] + ", " + trial.name(i);
      task.out.put("contrast", test.contrasts[m * k + i], "1");
    }
  }
  task.out.row.group.clear();
  task.out.put("critical_value", test.critical_value, "1");
  task.out.put("p_value", *std::ranges::min_element(r.p_adjusted), "probability");
}

void put_parameters(const DoseFit& fit, Task& task) {
  const std::size_t linear = fit.shape == Shape::quadratic ? 3 : 2;
  for (std::size_t p = 0; p < linear; ++p) {
    task.out.put("e_" + std::to_string(p), fit.linear[p], task.analysis.unit);
  }
  for (std::size_t p = 0; p < nonlinear_count(fit.shape); ++p) {
    task.out.put("theta_" + std::to_string(p), fit.nonlinear[p], "1");
  }
}

void put_fits(const McpModResult& r, Task& task) {
  for (std::size_t f = 0; f < r.fits.size(); ++f) {
    const DoseFit& fit = r.fits[f];
    task.out.row.group = plan_name(fit);
    if (fit.status == DoseFitStatus::at_bound) task.out.row.note = reason_of(fit.status);
    put_parameters(fit, task);
    task.out.put("aic", fit.aic, "1");
    task.out.put("weight", r.weights[f], "probability");
    task.out.row.note.clear();
  }
  for (auto at = r.refused.begin(); at != r.refused.end(); ++at) {
    const RefusedShape& refused = *at;
    if (std::find_if(r.refused.begin(), at, [&](const RefusedShape& earlier) {
          return earlier.shape == refused.shape;
        }) != at) {
      continue;
    }
    task.out.row.group = plan_name(refused.shape);
    task.out.row.note = "not fitted: " + std::string(reason_of(refused.status));
    task.out.put("aic", std::nullopt, "1");
    task.out.row.note.clear();
  }
  if (r.selected) {
    task.out.row.group = plan_name(r.fits[*r.selected]);
    task.out.put("selected", 1.0, "1");
  }
  task.out.row.group.clear();
}

/// The selected curve with its interval, and the average of the fitted ones.
void put_curves(const McpModPlan& o, const DoseTrial& trial, const McpModResult& r, Task& task) {
  const auto value = [&](double x) { return trial.rates ? std::exp(x) : x; };
  const std::string& unit = task.analysis.unit;
  const std::string of = trial.rates ? "_rate" : "_mean";
  for (const double dose : o.curve_doses.empty() ? trial.estimates.doses : o.curve_doses) {
    task.out.row.group = "dose " + formats::shortest(dose);
    if (r.selected) {
      const CurvePoint p =
          curve_point(r.fits[*r.selected], trial.estimates, dose, false, task.level());
      const bool interval = std::isfinite(p.se);
      task.out.row.level = task.level();
      task.out.put("selected" + of, value(p.mean), unit);
      if (!interval) task.out.row.note = "no interval: a parameter sits on its bound";
      task.out.put("selected_lower", interval ? std::optional(value(p.lower)) : std::nullopt, unit);
      task.out.put("selected_upper", interval ? std::optional(value(p.upper)) : std::nullopt, unit);
      task.out.row.level.reset();
      task.out.row.note.clear();
    }
    task.out.put("averaged" + of, value(average_prediction(r.fits, r.weights, dose)), unit);
  }
  task.out.row.group.clear();
}

/// What follows the test: shapes, curves and the target dose, or why not.
void put_model(const McpModPlan& o, const DoseTrial& trial, const McpModResult& r,
               std::optional<double> effect, Task& task) {
  if (r.status == McpModStatus::no_signal) {
    task.out.row.note = r.reason;
    task.out.put("selected", std::nullopt, "1");
    task.out.row.note.clear();
    return;
  }
  if (r.status == McpModStatus::cannot_select) {
    task.refuse(std::string(r.reason));
    return;
  }
  put_fits(r, task);
  put_curves(o, trial, r, task);
  put_targets(o.target, {trial.estimates, r, effect}, task);
}

std::optional<std::vector<Candidate>> candidates_of(const McpModPlan& o, const DoseTrial& trial,
                                                    const ShapeConstants& constants,
                                                    const Task& task) {
  const std::vector<double>& doses = trial.estimates.doses;
  if (o.candidates.empty()) return default_candidates(doses.back());
  return read_shapes(o.candidates, doses, constants, Guesses::given, "candidates", task);
}

void run(const McpModPlan& o, Task& task) {
  task.out.row.method = "MCP-Mod: multiple contrast test and modelling of the dose-response";
  const auto trial = dose_trial(o.terms, DoseScale::dose, task);
  if (!trial || !supports_test(*trial, task)) return;
  const DoseEstimates& data = trial->estimates;
  for (const double dose : o.curve_doses) {
    if (dose <= data.doses.back()) continue;
    task.bad_option("curve_doses", formats::shortest(dose), "must not exceed the largest dose");
    return;
  }
  const auto constants = shape_constants(o.numbers, data.doses.back(), task);
  if (!constants) return;
  const auto candidates = candidates_of(o, *trial, *constants, task);
  const auto effect = target_effect(o.target, o.terms, task);
  if (!candidates || !effect) return;
  task.out.row.conventions +=
      "; contrasts: " + std::string(contrast_kinds[static_cast<std::size_t>(o.contrasts)]) +
      ", one-sided at " + formats::shortest(o.alpha) + "; reference: multivariate " +
      (trial->df() ? "t" : "normal") + " by quadrature; selection: " +
      std::string(selections[static_cast<std::size_t>(o.selection)]) +
      (trial->rates ? "; curves: fitted and averaged on the log scale" : "");
  ContrastTestDesign design;
  design.candidates = *candidates;
  design.doses = data.doses;
  design.covariance = data.covariance;
  design.df = data.df;
  design.alpha = o.alpha;
  design.direction = o.terms.better == Better::increase ? 1.0 : -1.0;
  design.constants = *constants;
  design.kind = o.contrasts;
  const ContrastTest test = plan_contrast_test(design);
  McpModOptions options;
  options.selection = o.selection;
  options.constants = *constants;
  if (effect->value) options.target_effect = effect->value;
  const McpModResult r = mcp_mod(test, *candidates, data, options);
  put_groups(*trial, task);
  if (r.status == McpModStatus::not_tested) {
    task.refuse(std::string(r.reason));
    return;
  }
  put_contrasts(*trial, test, r, task);
  put_model(o, *trial, r, effect->value, task);
}

}  // namespace

std::vector<MethodEntry> dose_methods() {
  return {method<McpModPlan>("mcp_mod", "contrast test and modelling of a dose-response")};
}

}  // namespace angiotrial::analysis
