// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

/// Power averaged over a prior of the effect (O'Hagan, Stevens and Campbell 2005,
/// doi:10.1002/pst.175), and the predictive probability of success at an interim look.
namespace angiotrial::analysis {

enum class AssuranceStatus { computed = 0, invalid_level, invalid_size, invalid_parameter };
[[nodiscard]] std::string_view name_of(AssuranceStatus status);

struct Assurance {
  AssuranceStatus status = AssuranceStatus::invalid_parameter;
  double assurance = 0.0;      ///< unconditional probability of success
  double power_at_mean = 0.0;  ///< where the effect is the prior's mean
  double ceiling = 0.0;        ///< limit for a large trial: P(effect on the right side)
};

/// One-sided z test of two means, n an arm; difference ~ N(mean, sd^2).
///   A = Phi((m - z_alpha s sqrt(2/n)) / sqrt(v^2 + 2 s^2 / n))
struct NormalAssurance {
  double prior_mean = 0.0, prior_sd = 0.0;
  double outcome_sd = 1.0;
  double per_arm = 0.0;
  double alpha = 0.025;
};
[[nodiscard]] Assurance assurance(const NormalAssurance& plan);

/// Wald test of ln(rate ratio) < 0, n an arm, the same exposure t for all:
///   Var = (1 / (l t e^theta) + 1 / (l t) + 2 phi) / n,  theta ~ N(mean, sd^2), by quadrature.
struct CountAssurance {
  double prior_mean = 0.0, prior_sd = 0.0;  ///< of the log rate ratio
  double control_rate = 1.0, exposure = 1.0, dispersion = 0.0;
  double per_arm = 0.0;
  double alpha = 0.025;
};
[[nodiscard]] Assurance assurance(const CountAssurance& plan);

/// Two rates, normal approximation with unpooled variance, Beta(a, b) priors independent.
struct RateAssurance {
  double treatment_a = 1.0, treatment_b = 1.0;
  double control_a = 1.0, control_b = 1.0;
  double per_arm = 0.0;
  double alpha = 0.025;
};
[[nodiscard]] Assurance assurance(const RateAssurance& plan);

/// Single arm, Lee and Liu 2008 (doi:10.1177/1740774508089279): P(posterior of p > null exceeds
/// `threshold` at the end | `events` of `observed` so far), prior Beta(a, b).
struct PredictivePlan {
  int largest = 0;    ///< patients at the end
  double null = 0.5;  ///< rate to beat
  double threshold = 0.95;
  double a = 1.0, b = 1.0;
};
struct Predictive {
  AssuranceStatus status = AssuranceStatus::invalid_parameter;
  double probability = 0.0;
};
[[nodiscard]] Predictive predictive_probability(const PredictivePlan& plan, int events,
                                                int observed);

}  // namespace angiotrial::analysis
