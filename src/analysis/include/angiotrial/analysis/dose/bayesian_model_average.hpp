// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_estimates.hpp>

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Bayesian averaging over dose-response shapes that rise, and shapes that rise and fall.
///
///   m ~ N(f, sigma^2 S),   f(d) = e_0 + e_1 h(d; theta),
///   h = (g(d) - g(0)) / max over [0, L] of |g - g(0)|,   L the largest dose
///   e_0 ~ N(placebo_mean, placebo_sd^2),   e_1 ~ N(0, effect_sd^2),   independent
///   theta uniform in ln theta on a box;   the quadratic: cos(a) u + sin(a) u^2 with u = d / L and
///   the angle a uniform on (0, pi)
///
/// so that e_1 is the largest effect against placebo under every shape, up or down. e_0 and e_1 are
/// integrated exactly, the one or two theta by adaptive Gauss-Legendre rules: no sampling. sigma is
/// taken as known (the pooled estimate for normal data).
namespace angiotrial::analysis {

struct AveragedShape {
  std::string name;
  Shape shape = Shape::linear;
  double prior = 1.0;                 ///< weight >= 0; weights are scaled to sum to 1
  std::optional<ShapeBounds> bounds;  ///< the box of theta; absent: prior_bounds
  ShapeTable table{};                 ///< of Shape::table
};

/// As default_bounds, but half-effect doses no lower than 2 % of `largest`: a shape that jumps at
/// the first dose deserves little prior weight.
[[nodiscard]] ShapeBounds prior_bounds(Shape shape, double largest);

/// Linear, emax, sigmoid emax, exponential (rising) and quadratic, beta (rising and falling), half
/// of the prior probability on either kind. `constants.scale` as for the beta shape.
[[nodiscard]] std::vector<AveragedShape> default_averaged_shapes();

struct AveragePrior {
  double placebo_mean = 0.0;
  double placebo_sd = 0.0;  ///< > 0; wide is harmless: e_0 is in every model
  double effect_sd =
      0.0;            ///< > 0; decides between flat and not: choose it from the effects hoped for
  double flat = 0.0;  ///< weight of a curve without any effect, on the scale of the shapes'
};

struct AverageQuestions {
  double direction = 1.0;  ///< +1: a larger mean is better; -1: a smaller
  double effect = 0.0;     ///< clinically relevant gain over placebo, >= 0
  double fall = 0.0;       ///< a fall (or rise) counts when larger than this, >= 0
  double level = 0.95;
  std::vector<double> curve_doses;  ///< in [0, L]; empty: the study's doses
};

enum class AverageStatus {
  averaged = 0,
  too_few_doses = 1,  ///< placebo and two doses: the prior alone would choose the shape
  not_estimable = 2,  ///< estimates or covariance refused
  no_evidence = 3,    ///< the likelihood vanishes under every shape: wrong units or prior
};
[[nodiscard]] std::string_view reason_of(AverageStatus status);

struct ShapePosterior {
  std::string name;
  double prior = 0.0;
  double log_evidence = 0.0;  ///< ln of the marginal likelihood
  double probability = 0.0;
  std::size_t points = 0;  ///< of the quadrature
  double error = 0.0;      ///< estimated relative error of the evidence
};

struct AveragedPoint {
  double dose = 0.0;
  double mean = 0.0;  ///< f(d), with a central interval of its posterior
  double sd = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double effect = 0.0;  ///< f(d) - f(0)
  double effect_lower = 0.0;
  double effect_upper = 0.0;
};

/// Posterior of the smallest dose with the relevant gain; infinity where the curve never gains it.
struct TargetDosePosterior {
  double reached = 0.0;  ///< P(some dose in [0, L] has it)
  double median = std::numeric_limits<double>::infinity();
  double lower = std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
};

struct DoseAverage {
  AverageStatus status = AverageStatus::not_estimable;
  std::vector<ShapePosterior> shapes;
  double flat_probability = 0.0;
  std::vector<AveragedPoint> curve;
  std::vector<double> best;      ///< a study dose: P(its mean is the best of the study's doses)
  std::vector<double> relevant;  ///< a study dose: P(gain over placebo > effect)
  double falls = 0.0;            ///< P(the curve falls, against the direction, by more than `fall`)
  double non_monotone = 0.0;     ///< P(it rises by more than `fall` and falls by more than `fall`)
  TargetDosePosterior target;
};

/// Ties for the best dose (a flat curve) are shared. Throws ContractViolation for priors or
/// questions outside their ranges.
[[nodiscard]] DoseAverage average_dose_response(const DoseEstimates& data,
                                                std::span<const AveragedShape> shapes,
                                                const AveragePrior& prior,
                                                const AverageQuestions& questions,
                                                const ShapeConstants& constants);

}  // namespace angiotrial::analysis
