// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_shape.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Fits of a dose-response shape to estimates at each dose by generalised least squares:
///
///   (m - f)' S^-1 (m - f) -> min,   f_i = e_0 + e_1 g(d_i; theta)
///
/// m is any estimate (mean, log rate, log odds) and S its covariance. Means of normal data with
/// S = diag(1 / n_i) give ordinary least squares of the patients.
namespace angiotrial::analysis {

inline constexpr std::size_t most_doses = 12;

/// Estimates by dose, rising from placebo (0).
struct DoseEstimates {
  std::vector<double> doses;
  std::vector<double> estimates;
  std::vector<double> covariance;  ///< S, row by row
  double df = 0.0;                 ///< of sigma^2; infinity where S is taken as known
  double patients = 0.0;           ///< N
  double pure_error = 0.0;  ///< sum of squares within doses; 0 where S is not in units of sigma^2
  double sigma = 1.0;       ///< S is multiplied by sigma^2 in tests
};

/// Means, diag(1 / n) and the pooled variance of single responses; each dose needs a patient and
/// some dose two. Throws ContractViolation otherwise.
[[nodiscard]] DoseEstimates summarise_doses(std::span<const double> dose,
                                            std::span<const double> response);

enum class DoseFitStatus {
  fitted = 0,
  at_bound = 1,       ///< a non-linear parameter sits on its bound: curve meaningful, parameter not
  too_few_doses = 2,  ///< placebo and two doses: every curved shape passes through the means
  saturated = 3,      ///< as many parameters as doses or more
  not_estimable = 4,  ///< S not positive definite, or estimates that are not finite
};
/// Why no shape can be fitted, for the row of results.
[[nodiscard]] std::string_view reason_of(DoseFitStatus status);
[[nodiscard]] constexpr bool usable(DoseFitStatus status) {
  return status == DoseFitStatus::fitted || status == DoseFitStatus::at_bound;
}

struct DoseFit {
  DoseFitStatus status = DoseFitStatus::not_estimable;
  Shape shape = Shape::linear;
  ShapeConstants constants;
  std::array<double, 3> linear{};  ///< e_0, e_1 (and e_2 of the quadratic)
  ShapeParameters nonlinear{};
  double objective = 0.0;       ///< the minimum, plus the pure error
  double log_likelihood = 0.0;  ///< normal data only
  /// Normal data: -2 log L + 2 (p + 1); other estimates: objective + 2 p.
  double aic = 0.0;

  [[nodiscard]] double predict(double dose) const;
};

[[nodiscard]] DoseFit fit_shape(Shape shape, const DoseEstimates& data,
                                const ShapeConstants& constants,
                                const std::optional<ShapeBounds>& bounds = std::nullopt);

/// exp(-AIC / 2) over the usable fits, summing to one; 0 for the others.
[[nodiscard]] std::vector<double> model_weights(std::span<const DoseFit> fits);
[[nodiscard]] double average_prediction(std::span<const DoseFit> fits,
                                        std::span<const double> weights, double dose);

/// Smallest dose in [0, largest] with f(d) - f(0) = effect (of either sign); absent if never
/// reached.
[[nodiscard]] std::optional<double> target_dose(const DoseFit& fit, double effect, double largest);
/// The same for the averaged curve.
[[nodiscard]] std::optional<double> target_dose(std::span<const DoseFit> fits,
                                                std::span<const double> weights, double effect,
                                                double largest);

}  // namespace angiotrial::analysis
