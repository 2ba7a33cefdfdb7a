// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

/// Power priors: the historical likelihood counts for a share delta of itself.
///
///   p(theta | D_0, delta) proportional to L(theta | D_0)^delta p_0(theta)    (Ibrahim and Chen
///   2000,
///                                                                  doi:10.1214/ss/1009212673)
namespace angiotrial::analysis {

/// `initial` is one conjugate component or a mixture. 0 <= delta <= 1; 0 gives `initial` back.
[[nodiscard]] MixtureUpdate power_prior(const Mixture& initial, const ArmData& historical,
                                        double delta);

/// delta ~ Beta(a, b), with the normalising constant of every delta (Duan, Ye and Smith 2006,
/// doi:10.1002/env.752): a mixture over nodes of delta. `initial` has one component.
struct NormalisedPowerPrior {
  MixtureStatus status = MixtureStatus::no_component;
  Mixture prior;
  std::vector<double> delta;  ///< one a component
};
[[nodiscard]] NormalisedPowerPrior normalised_power_prior(const Mixture& initial,
                                                          const ArmData& historical, double a,
                                                          double b);
/// Posterior mean of delta: the weights of an updated normalised power prior over its nodes.
[[nodiscard]] double mean_delta(const NormalisedPowerPrior& prior, const Mixture& posterior);

}  // namespace angiotrial::analysis
