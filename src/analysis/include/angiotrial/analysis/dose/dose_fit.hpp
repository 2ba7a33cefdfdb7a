// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_estimates.hpp>

#include <array>
#include <cstddef>
#include <memory>
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
///
/// A shape is fitted only where there are more doses than it has parameters, and at least four:
/// with as many parameters as doses every shape passes through the estimates and none can be told
/// from another; of three doses only a straight line leaves a degree of freedom.
namespace angiotrial::analysis {

enum class DoseFitStatus {
  fitted = 0,
  at_bound = 1,       ///< a non-linear parameter sits on its bound: curve meaningful, parameter not
  too_few_doses = 2,  ///< placebo and two doses: every curved shape passes through the means
  saturated = 3,      ///< as many parameters as doses or more
  not_estimable = 4,  ///< data refused, S not positive definite, or numbers that are not finite
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
  std::vector<double> covariates;  ///< coefficients, in the order of the data
  double objective = 0.0;          ///< the minimum, plus the pure error
  double log_likelihood = 0.0;     ///< normal data only
  /// Normal data: -2 log L + 2 (p + 1), p with covariates; other estimates: objective + 2 p.
  double aic = 0.0;

  [[nodiscard]] double predict(double dose) const;
};

/// Keeps what depends on the doses and S alone, so that replicates of one design share it. Results
/// do not depend on what was fitted before.
class DoseFitWorkspace {
 public:
  DoseFitWorkspace();
  ~DoseFitWorkspace();
  DoseFitWorkspace(DoseFitWorkspace&&) noexcept;
  DoseFitWorkspace& operator=(DoseFitWorkspace&&) noexcept;
  struct Buffers;
  [[nodiscard]] Buffers& buffers() { return *buffers_; }

 private:
  std::unique_ptr<Buffers> buffers_;
};

/// `bounds` of theta: positive and rising. Throws ContractViolation for a beta scale not above the
/// largest dose, an offset that is not positive or sizes that differ.
[[nodiscard]] DoseFit fit_shape(Shape shape, const DoseEstimates& data,
                                const ShapeConstants& constants,
                                const std::optional<ShapeBounds>& bounds = std::nullopt);
[[nodiscard]] DoseFit fit_shape(Shape shape, const DoseEstimates& data,
                                const ShapeConstants& constants,
                                const std::optional<ShapeBounds>& bounds,
                                DoseFitWorkspace& workspace);

/// exp(-IC / 2), summing to one; 0 for a criterion that is not finite.
[[nodiscard]] std::vector<double> criterion_weights(std::span<const double> criteria);

/// exp(-AIC / 2) over the usable fits, summing to one; 0 for the others.
[[nodiscard]] std::vector<double> model_weights(std::span<const DoseFit> fits);
[[nodiscard]] double average_prediction(std::span<const DoseFit> fits,
                                        std::span<const double> weights, double dose);

}  // namespace angiotrial::analysis
