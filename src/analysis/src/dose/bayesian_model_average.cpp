// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/bayesian_model_average.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>

#include "dose/average_summary.hpp"
#include "dose/evidence.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check(const DoseEstimates& data, std::span<const AveragedShape> shapes,
           const AveragePrior& prior, const AverageQuestions& questions,
           const ShapeConstants& constants) {
  ANGIOTRIAL_EXPECT(prior.placebo_sd > 0.0 && prior.effect_sd > 0.0 && prior.flat >= 0.0 &&
                        std::isfinite(prior.placebo_mean),
                    "proper priors");
  ANGIOTRIAL_EXPECT(questions.level > 0.0 && questions.level < 1.0, "a level in (0, 1)");
  ANGIOTRIAL_EXPECT(questions.effect >= 0.0 && questions.fall >= 0.0, "effects of either size");
  double sum = prior.flat;
  for (const AveragedShape& shape : shapes) {
    ANGIOTRIAL_EXPECT(shape.prior >= 0.0, "weights that are not negative");
    ANGIOTRIAL_EXPECT(
        shape.shape != Shape::beta || data.doses.empty() || constants.scale > data.doses.back(),
        "a beta scale above the largest dose");
    if (shape.bounds) {
      for (std::size_t p = 0; p < nonlinear_count(shape.shape); ++p) {
        ANGIOTRIAL_EXPECT(
            shape.bounds->low[p] > 0.0 && shape.bounds->high[p] > shape.bounds->low[p],
            "positive, rising bounds");
      }
    }
    sum += shape.prior;
  }
  ANGIOTRIAL_EXPECT(!shapes.empty() && sum > 0.0, "a shape with prior weight");
}

AverageStatus refusal(const DoseEstimates& data) {
  if (data.status != DoseDataStatus::usable || data.doses.size() < 2) {
    return AverageStatus::not_estimable;
  }
  for (std::size_t i = 0; i < data.doses.size(); ++i) {
    if (!std::isfinite(data.estimates[i])) return AverageStatus::not_estimable;
    if (i > 0 && !(data.doses[i] > data.doses[i - 1])) return AverageStatus::not_estimable;
  }
  if (data.doses.size() <= 3) return AverageStatus::too_few_doses;
  return AverageStatus::averaged;
}

/// Posterior probabilities of the models, the last for the flat one; false where all vanish.
bool weigh(std::vector<double>& log_weights) {
  const double best = *std::max_element(log_weights.begin(), log_weights.end());
  if (!std::isfinite(best)) return false;
  double sum = 0.0;
  for (double& w : log_weights) {
    w = std::exp(w - best);
    sum += w;
  }
  for (double& w : log_weights) w /= sum;
  return true;
}

}  // namespace

std::string_view reason_of(AverageStatus status) {
  switch (status) {
    case AverageStatus::averaged:
      return "averaged";
    case AverageStatus::too_few_doses:
      return "placebo and two doses: the prior alone would choose the shape, so none is averaged "
             "and "
             "no target dose is given";
    case AverageStatus::not_estimable:
      return "estimates not finite or refused, or their covariance not positive definite";
    case AverageStatus::no_evidence:
      return "the likelihood vanishes under every shape: check units and priors";
  }
  return "unknown";
}

ShapeBounds prior_bounds(Shape shape, double largest) {
  ShapeBounds box = default_bounds(shape, largest);
  if (shape == Shape::emax || shape == Shape::sig_emax || shape == Shape::logistic) {
    box.low[0] = 0.02 * largest;
  }
  if (shape == Shape::logistic) box.low[1] = 0.02 * largest;
  return box;
}

std::vector<AveragedShape> default_averaged_shapes() {
  std::vector<AveragedShape> out;
  for (const Shape shape : {Shape::linear, Shape::emax, Shape::sig_emax, Shape::exponential}) {
    out.push_back({std::string(name_of(shape)), shape, 0.125, std::nullopt, {}});
  }
  for (const Shape shape : {Shape::quadratic, Shape::beta}) {
    out.push_back({std::string(name_of(shape)), shape, 0.25, std::nullopt, {}});
  }
  return out;
}

DoseAverage average_dose_response(const DoseEstimates& data, std::span<const AveragedShape> shapes,
                                  const AveragePrior& prior, const AverageQuestions& questions,
                                  const ShapeConstants& constants) {
  check(data, shapes, prior, questions, constants);
  DoseAverage out;
  out.status = refusal(data);
  if (out.status != AverageStatus::averaged) return out;
  const std::size_t k = data.doses.size();
  ANGIOTRIAL_EXPECT(
      data.estimates.size() == k && data.covariance.size() == k * k && k <= most_doses,
      "an estimate a dose, and their covariance");
  const dose::Metric metric = dose::metric_of(data.covariance, k);
  if (!metric.positive_definite || !(data.sigma > 0.0)) {
    out.status = AverageStatus::not_estimable;
    return out;
  }
  const dose::Conditional conditional(data, metric, prior);
  double prior_sum = prior.flat;
  for (const AveragedShape& shape : shapes) prior_sum += shape.prior;
  std::vector<ShapeConstants> own(shapes.size(), constants);  // outlives the curves that point here
  std::vector<dose::Evidence> evidence;
  std::vector<double> weights;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].table.count > 0) own[i].table = shapes[i].table;
    evidence.push_back(dose::integrate(conditional, shapes[i], own[i], data.doses.back()));
    weights.push_back(std::log(shapes[i].prior / prior_sum) + evidence[i].log_evidence);
    out.shapes.push_back({shapes[i].name, shapes[i].prior / prior_sum, evidence[i].log_evidence,
                          0.0, evidence[i].components.size(), evidence[i].error});
  }
  dose::Conditional::Answer flat = conditional.flat();
  weights.push_back(prior.flat > 0.0 ? std::log(prior.flat / prior_sum) + flat.log_evidence
                                     : -infinity);
  if (!weigh(weights)) {
    out.status = AverageStatus::no_evidence;
    return out;
  }
  dose::Mixture mixture;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    out.shapes[i].probability = weights[i];
    for (dose::Component& c : evidence[i].components) {
      c.weight *= weights[i];
      mixture.add(c);
    }
  }
  out.flat_probability = weights.back();
  flat.component.weight = out.flat_probability;
  mixture.add(flat.component);
  mixture.summarise(data, questions, out);
  return out;
}

}  // namespace angiotrial::analysis
