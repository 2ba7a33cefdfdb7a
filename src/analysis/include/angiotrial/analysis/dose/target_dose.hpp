// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_fit.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Doses read from fitted curves, with their uncertainty within a shape. Uncertainty between shapes
/// needs bayesian_model_average.hpp.
namespace angiotrial::analysis {

/// Smallest dose in [0, largest] with f(d) - f(0) = effect (of either sign); absent if never
/// reached.
[[nodiscard]] std::optional<double> target_dose(const DoseFit& fit, double effect, double largest);
/// The same for the averaged curve.
[[nodiscard]] std::optional<double> target_dose(std::span<const DoseFit> fits,
                                                std::span<const double> weights, double effect,
                                                double largest);

/// ED_p: smallest dose with the fraction p, in (0, 1], of the effect furthest from placebo on
/// [0, largest]. Absent for a flat curve or a fit without a shape.
[[nodiscard]] std::optional<double> effective_dose(const DoseFit& fit, double fraction,
                                                   double largest);

/// The dose in [0, largest] whose mean is furthest from placebo.
[[nodiscard]] double furthest_dose(const DoseFit& fit, double largest);

enum class DoseIntervalStatus {
  computed = 0,
  not_reached = 1,    ///< the fitted curve does not reach the effect
  not_estimable = 2,  ///< no fit, a parameter on its bound (delta), or a flat curve at the dose
};
[[nodiscard]] std::string_view name_of(DoseIntervalStatus status);

struct DoseInterval {
  DoseIntervalStatus status = DoseIntervalStatus::not_estimable;
  double estimate = 0.0;
  double se = 0.0;     ///< delta method only
  double lower = 0.0;  ///< 0 where the interval has no lower end above it
  double upper = 0.0;  ///< infinity where it has no end up to the largest dose
};

/// Delta method: var d = h_psi' V h_psi / f'(d)^2 where h(d, psi) = 0 defines the dose. Quantiles
/// of t with N - p degrees of freedom for normal data, of the normal otherwise.
[[nodiscard]] DoseInterval target_dose_delta(const DoseFit& fit, const DoseEstimates& data,
                                             double effect, double level = 0.95);
[[nodiscard]] DoseInterval effective_dose_delta(const DoseFit& fit, const DoseEstimates& data,
                                                double fraction, double level = 0.95);

/// Profile likelihood: the doses x around the estimate for which curves through the effect at x
/// fit not significantly worse than the best curve,
///   (Q(x) - Q) / sigma^2 <= t^2 (or the chi-square quantile where S is known).
/// Keeps its meaning where a parameter is on its bound or the curve is nearly flat. `bounds` as in
/// the fit.
[[nodiscard]] DoseInterval target_dose_profile(
    const DoseFit& fit, const DoseEstimates& data, double effect, double level = 0.95,
    const std::optional<ShapeBounds>& bounds = std::nullopt);

/// Covariance of (e_0, e_1 [, e_2] [, theta]) at the fit, row by row; empty where it is singular or
/// a parameter is on its bound. sigma^2 is the minimum over N - p for normal data.
[[nodiscard]] std::vector<double> parameter_covariance(const DoseFit& fit,
                                                       const DoseEstimates& data);

struct CurvePoint {
  double mean = 0.0;
  double se = 0.0;  ///< not a number where the parameter covariance does not exist
  double lower = 0.0;
  double upper = 0.0;
};
/// f(d), or f(d) - f(0) against placebo, with the interval of the delta method.
[[nodiscard]] CurvePoint curve_point(const DoseFit& fit, const DoseEstimates& data, double dose,
                                     bool against_placebo, double level = 0.95);

}  // namespace angiotrial::analysis
