// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/bayesian_model_average.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plan/dose_candidates.hpp"
#include "plan/dose_data.hpp"
#include "plan/method.hpp"

/// Bayesian averaging of dose-response shapes in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

struct AveragePlan {
  DoseTerms terms;
  std::vector<std::string> shapes;
  std::vector<double> weights;
  ShapeNumbers numbers;
  double placebo_mean = 0.0;
  double placebo_sd = 0.0;
  double effect_sd = 0.0;
  double flat = 0.0;
  double relevant_effect = 0.0;
  double relevant_fall = 0.0;
  std::vector<double> curve_doses;
};

void describe(schema::Visitor& visit, AveragePlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::dose);
  visit("shapes", o.shapes,
        "names of shapes: linear, linlog, emax, sigEmax, logistic, exponential, quadratic, "
        "betaMod, gaussian, or \"table\" with a mean for each dose; empty: linear, emax, sigEmax "
        "and exponential share half of the prior, quadratic and betaMod the other half",
        analyst);
  visit("weights", o.weights, {.least = 0.0},
        "prior weight of each of `shapes`, in their order; empty: equal", analyst);
  describe_numbers(visit, o.numbers);
  visit("placebo_mean", o.placebo_mean, {}, "prior mean of the response on placebo", analyst);
  visit("placebo_sd", o.placebo_sd, {.least = 0.0},
        "its standard deviation; 0: no prior knowledge (100 standard errors about the placebo of "
        "the data)",
        analyst);
  visit("effect_sd", o.effect_sd, {.least = 0.0},
        "prior standard deviation of the largest effect against placebo, of either sign; must be "
        "given, from the effects hoped for",
        analyst);
  visit("flat", o.flat, {.least = 0.0},
        "prior weight of a flat curve, on the scale of the weights (default shapes sum to 1)",
        analyst);
  visit("relevant_effect", o.relevant_effect, {.least = 0.0},
        "gain over placebo that matters, in the direction of benefit; counts: of log rates",
        analyst);
  visit("relevant_fall", o.relevant_fall, {.least = 0.0},
        "a curve counts as falling, or as not monotone, when it falls by more than this", analyst);
  visit("curve_doses", o.curve_doses, {.least = 0.0},
        "doses at which the curve is given; empty: the study's", analyst);
}

bool supports_average(const AveragePlan& o, const DoseTrial& trial, const Task& task) {
  if (!(o.effect_sd > 0.0)) {
    task.bad_option("effect_sd", formats::shortest(o.effect_sd),
                    "must be above 0: the size of the effects hoped for");
    return false;
  }
  if (o.weights.size() != o.shapes.size() && !o.weights.empty()) {
    task.bad_option("weights", std::to_string(o.weights.size()) + " weights",
                    "must hold one weight for each of `shapes`");
    return false;
  }
  if (!o.weights.empty() && !(std::accumulate(o.weights.begin(), o.weights.end(), o.flat) > 0.0)) {
    task.bad_option("weights", "0", "must hold a weight above 0");
    return false;
  }
  for (const double d : o.curve_doses) {
    if (d > trial.estimates.doses.back()) {
      task.bad_option("curve_doses", formats::shortest(d), "must not exceed the largest dose");
      return false;
    }
  }
  if (trial.estimates.doses.front() != 0.0) {
    task.refuse("no placebo is left: the smallest dose must be 0");
    return false;
  }
  return true;
}

std::optional<std::vector<AveragedShape>> shapes_of(const AveragePlan& o, const DoseTrial& trial,
                                                    const ShapeConstants& constants,
                                                    const Task& task) {
  if (o.shapes.empty()) return default_averaged_shapes();
  const auto read =
      read_shapes(o.shapes, trial.estimates.doses, constants, Guesses::none, "shapes", task);
  if (!read) return std::nullopt;
  std::vector<AveragedShape> out;
  for (std::size_t i = 0; i < read->size(); ++i) {
    const Candidate& c = (*read)[i];
    out.push_back({c.name, c.shape, o.weights.empty() ? 1.0 : o.weights[i], {}, c.table});
  }
  return out;
}

std::optional<double> if_finite(double x) {
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

void put_shapes(const DoseAverage& r, Task& task) {
  for (const ShapePosterior& shape : r.shapes) {
    task.out.row.group = shape.name;
    task.out.put("prior_probability", shape.prior, "probability");
    task.out.put("posterior_probability", shape.probability, "probability");
    task.out.put("log_evidence", shape.log_evidence, "1");
  }
  task.out.row.group = "flat";
  task.out.put("posterior_probability", r.flat_probability, "probability");
  task.out.row.group.clear();
}

void put_curve(const DoseTrial& trial, const DoseAverage& r, Task& task) {
  const auto value = [&](double x) { return trial.rates ? std::exp(x) : x; };
  const std::string& unit = task.analysis.unit;
  for (const AveragedPoint& p : r.curve) {
    task.out.row.group = "dose " + formats::shortest(p.dose);
    task.out.row.level = task.level();
    task.out.put(trial.rates ? "averaged_rate" : "averaged_mean", value(p.mean), unit);
    task.out.put("averaged_lower", value(p.lower), unit);
    task.out.put("averaged_upper", value(p.upper), unit);
    const std::string_view effect_unit = trial.rates ? "ratio" : std::string_view(unit);
    task.out.put(trial.rates ? "rate_ratio" : "difference", value(p.effect), effect_unit);
    task.out.put("effect_lower", value(p.effect_lower), effect_unit);
    task.out.put("effect_upper", value(p.effect_upper), effect_unit);
    task.out.row.level.reset();
  }
  for (std::size_t d = 0; d < r.best.size(); ++d) {
    task.out.row.group = trial.name(d);
    task.out.put("probability_best", r.best[d], "probability");
    task.out.put("probability_relevant", r.relevant[d], "probability");
  }
  task.out.row.group.clear();
}

void put_target(const DoseAverage& r, Task& task) {
  task.out.put("probability_falls", r.falls, "probability");
  task.out.put("probability_non_monotone", r.non_monotone, "probability");
  task.out.put("probability_target_reached", r.target.reached, "probability");
  if (!std::isfinite(r.target.upper)) {
    task.out.row.note = "empty: not reached up to the largest dose with that probability";
  }
  task.out.row.level = task.level();
  task.out.put("target_dose", if_finite(r.target.median), "dose");
  task.out.put("target_dose_lower", if_finite(r.target.lower), "dose");
  task.out.put("target_dose_upper", if_finite(r.target.upper), "dose");
  task.out.row.level.reset();
  task.out.row.note.clear();
}

AveragePrior prior_of(const AveragePlan& o, const DoseTrial& trial) {
  AveragePrior prior{o.placebo_mean, o.placebo_sd, o.effect_sd, o.flat};
  if (prior.placebo_sd == 0.0) {
    prior.placebo_mean = trial.estimates.estimates.front();
    prior.placebo_sd = 100.0 * trial.se(0);
  }
  return prior;
}

void run(const AveragePlan& o, Task& task) {
  task.out.row.method = "Bayesian averaging of dose-response shapes, integrated by quadrature";
  const auto trial = dose_trial(o.terms, DoseScale::dose, task);
  if (!trial || !supports_average(o, *trial, task)) return;
  const auto constants = shape_constants(o.numbers, trial->estimates.doses.back(), task);
  if (!constants) return;
  const auto shapes = shapes_of(o, *trial, *constants, task);
  if (!shapes) return;
  const AveragePrior prior = prior_of(o, *trial);
  task.out.row.conventions += "; prior: placebo " + formats::six_digits(prior.placebo_mean) +
                              " (sd " + formats::six_digits(prior.placebo_sd) +
                              "), largest effect 0 (sd " + formats::six_digits(prior.effect_sd) +
                              "), flat weight " + formats::six_digits(prior.flat) +
                              "; standard deviation of responses: taken as known";
  AverageQuestions questions;
  questions.direction = o.terms.better == Better::increase ? 1.0 : -1.0;
  questions.effect = o.relevant_effect;
  questions.fall = o.relevant_fall;
  questions.level = task.level();
  questions.curve_doses = o.curve_doses;
  const DoseAverage r =
      average_dose_response(trial->estimates, *shapes, prior, questions, *constants);
  put_groups(*trial, task);
  if (r.status != AverageStatus::averaged) {
    task.refuse(std::string(reason_of(r.status)));
    return;
  }
  put_shapes(r, task);
  put_curve(*trial, r, task);
  put_target(r, task);
}

}  // namespace

std::vector<MethodEntry> dose_average_methods() {
  return {method<AveragePlan>("dose_response_average",
                              "Bayesian average of dose-response shapes, best and target dose")};
}

}  // namespace angiotrial::analysis
