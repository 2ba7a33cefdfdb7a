// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/power_prior.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

#include "borrowing/mixture_parts.hpp"

namespace angiotrial::analysis {

// A conjugate likelihood to the power delta is that of delta times the data.
MixtureUpdate power_prior(const Mixture& initial, const ArmData& historical, double delta) {
  MixtureUpdate out;
  out.status = check(initial);
  if (out.status == MixtureStatus::valid && !(delta >= 0.0 && delta <= 1.0)) {
    out.status = MixtureStatus::invalid_weight;
  }
  if (out.status != MixtureStatus::valid) return out;
  if (delta == 0.0) {
    out.posterior = initial;
    return out;
  }
  const bool of_mean = initial.family == MixtureFamily::normal;
  MixtureUpdate whole = update(initial, historical);
  if (whole.status != MixtureStatus::valid) return whole;
  return update(initial,
                {of_mean ? historical.value : delta * historical.value, delta * historical.size});
}

NormalisedPowerPrior normalised_power_prior(const Mixture& initial, const ArmData& historical,
                                            double a, double b) {
  NormalisedPowerPrior out;
  out.status = check(initial);
  if (out.status == MixtureStatus::valid &&
      (initial.components.size() != 1 || !(a > 0.0) || !(b > 0.0) || !std::isfinite(a + b))) {
    out.status = MixtureStatus::invalid_parameter;
  }
  if (out.status == MixtureStatus::valid) out.status = update(initial, historical).status;
  if (out.status != MixtureStatus::valid) return out;
  const MixtureComponent of_delta{1.0, a, b};
  out.prior = {initial.family, {}, initial.sigma};
  double sum = 0.0;
  const double narrowest = std::sqrt(mixtures::component_variance(MixtureFamily::beta, of_delta));
  const double reach = mixtures::reach_of(std::min(a, b));
  mixtures::for_each_end_node(0.0, 1.0, narrowest, reach, [&](const mixtures::EndNode& n) {
    const double mass = n.weight * mixtures::beta_density(of_delta, n.above_low, n.below_high);
    if (!(mass > 1.0e-18)) return;
    MixtureComponent c = power_prior(initial, historical, n.x).posterior.components[0];
    c.weight = mass;
    sum += mass;
    out.prior.components.push_back(c);
    out.delta.push_back(n.x);
  });
  for (MixtureComponent& c : out.prior.components) c.weight /= sum;
  return out;
}

double mean_delta(const NormalisedPowerPrior& prior, const Mixture& posterior) {
  ANGIOTRIAL_EXPECT(posterior.components.size() == prior.delta.size(), "an update of this prior");
  double sum = 0.0;
  for (std::size_t i = 0; i < prior.delta.size(); ++i) {
    sum += posterior.components[i].weight * prior.delta[i];
  }
  return sum;
}

}  // namespace angiotrial::analysis
