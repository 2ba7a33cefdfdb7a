// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Conjugate mixtures: p(theta) = sum_c w_c p(theta | a_c, b_c).
///
///   beta     Beta(a, b)            data: r events of n
///   normal   N(a, b^2)             data: mean of n, known standard deviation sigma
///   gamma    Gamma(shape a, rate b)  data: y events in exposure n (Poisson)
namespace angiotrial::analysis {

enum class MixtureFamily { beta, normal, gamma };

struct MixtureComponent {
  double weight = 1.0;
  double a = 0.0;
  double b = 1.0;
};

struct Mixture {
  MixtureFamily family = MixtureFamily::beta;
  std::vector<MixtureComponent> components;
  double sigma = 1.0;  ///< normal: standard deviation of one observation
};

enum class MixtureStatus {
  valid = 0,
  no_component,
  invalid_weight,     ///< not positive, or a sum away from 1 by more than 1e-6
  invalid_parameter,  ///< shapes, rates or spreads not positive, or not finite
  invalid_data,       ///< events outside [0, n], a size or exposure not positive
  divergent,          ///< the effective sample size asked for is an integral that diverges
  different_families,
};
[[nodiscard]] std::string_view name_of(MixtureStatus status);
[[nodiscard]] MixtureStatus check(const Mixture& mixture);

// Of valid mixtures; anything else violates the contract.
[[nodiscard]] double density(const Mixture& mixture, double theta);
[[nodiscard]] double cdf(const Mixture& mixture, double theta);
/// P(theta > x), accurate in the upper tail.
[[nodiscard]] double probability_above(const Mixture& mixture, double x);
[[nodiscard]] double quantile(const Mixture& mixture, double p);  ///< 0 < p < 1
[[nodiscard]] double mean(const Mixture& mixture);
[[nodiscard]] double standard_deviation(const Mixture& mixture);
[[nodiscard]] double mode(const Mixture& mixture);

/// Data of one arm: beta: value events of size; normal: value mean of size; gamma: value events in
/// exposure size.
struct ArmData {
  double value = 0.0;
  double size = 0.0;
};
struct MixtureUpdate {
  MixtureStatus status = MixtureStatus::no_component;
  Mixture posterior;
  double log_marginal = 0.0;  ///< ln p(data), with its normalising constants
};
[[nodiscard]] MixtureUpdate update(const Mixture& prior, const ArmData& data);

/// Predictive mass of k events (beta: of `size`; gamma: in exposure `size`).
[[nodiscard]] double predictive_mass(const Mixture& mixture, double size, double events);
/// Predictive distribution of the mean of `size` observations; normal only.
[[nodiscard]] Mixture predictive_mean(const Mixture& mixture, double size);

/// P(X - Y > difference), X and Y independent of one family.
[[nodiscard]] double probability_of_difference(const Mixture& x, const Mixture& y,
                                               double difference);

/// The prior scaled to 1 - weight, plus a component worth `size` observations about `centre`:
/// Beta(centre (size + 1), (1 - centre)(size + 1)), N(centre, sigma^2 / size),
/// Gamma(centre size, size) (Schmidli et al. 2014, doi:10.1111/biom.12242). size 1 makes the beta
/// uniform at centre 1/2.
struct RobustPart {
  double weight = 0.2;
  double centre = 0.5;
  double size = 1.0;
};
struct MixtureAnswer {
  MixtureStatus status = MixtureStatus::no_component;
  Mixture mixture;
};
[[nodiscard]] MixtureAnswer robustify(const Mixture& prior, const RobustPart& part);

/// Prior effective sample size.
///   moment  size of the one conjugate prior with the mixture's mean and variance
///   morita  (i(prior, mode) - i(flat, mode)) / E[i_F], at the mode (Morita, Thall and Mueller
///           2008, doi:10.1111/j.1541-0420.2007.00888.x; flat: a hundredth of an observation)
///   elir    E[i(prior) / i_F], expected local information ratio (Neuenschwander et al. 2020,
///           doi:10.1111/biom.13252); predictively consistent; beta and gamma need shapes >= 1
enum class EffectiveSize { moment, morita, elir };
struct EffectiveSizeAnswer {
  MixtureStatus status = MixtureStatus::no_component;
  double size = 0.0;
};
[[nodiscard]] EffectiveSizeAnswer effective_size(const Mixture& mixture, EffectiveSize method);

}  // namespace angiotrial::analysis
