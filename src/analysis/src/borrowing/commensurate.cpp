// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/commensurate.hpp>

#include <cmath>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

MixtureAnswer finish(Mixture mixture) {
  MixtureAnswer out{check(mixture), {}};
  if (out.status == MixtureStatus::valid) out.mixture = std::move(mixture);
  return out;
}

MixtureAnswer invalid() { return {MixtureStatus::invalid_parameter, {}}; }

void add(Mixture& m, const HistoricalEstimate& h, double weight, double gamma) {
  m.components.push_back({weight, h.estimate, std::hypot(h.se, gamma)});
}

void normalise(Mixture& m, std::size_t from, double to) {
  double sum = 0.0;
  for (std::size_t i = from; i < m.components.size(); ++i) sum += m.components[i].weight;
  for (std::size_t i = from; i < m.components.size(); ++i) m.components[i].weight *= to / sum;
}

}  // namespace

MixtureAnswer commensurate_prior(const HistoricalEstimate& historical, double gamma, double sigma) {
  if (!(gamma >= 0.0)) return invalid();
  Mixture m{MixtureFamily::normal, {}, sigma};
  add(m, historical, 1.0, gamma);
  return finish(std::move(m));
}

MixtureAnswer commensurate_prior_half_normal(const HistoricalEstimate& historical, double scale,
                                             double sigma) {
  if (!(scale > 0.0) || !std::isfinite(scale) || !(historical.se > 0.0)) return invalid();
  Mixture m{MixtureFamily::normal, {}, sigma};
  // Panels begin with the historical error, over which likelihoods of gamma change, and double.
  const double most = 7.0 * scale;
  for (double from = 0.0, to = 0.0; from < most; from = to) {
    to = std::min(most, from + std::min(0.25 * most, std::max(historical.se, from)));
    quadrature::for_each_node<16>(from, to, [&](double gamma, double w) {
      add(m, historical, w * quadrature::normal_density(gamma / scale), gamma);
    });
  }
  normalise(m, 0, 1.0);
  return finish(std::move(m));
}

MixtureAnswer commensurate_prior(const HistoricalEstimate& historical, const SpikeAndSlab& gamma,
                                 double sigma) {
  const bool valid = gamma.weight > 0.0 && gamma.weight < 1.0 && gamma.spike >= 0.0 &&
                     gamma.low >= 0.0 && gamma.high > gamma.low && std::isfinite(gamma.high);
  if (!valid) return invalid();
  Mixture m{MixtureFamily::normal, {}, sigma};
  add(m, historical, gamma.weight, gamma.spike);
  quadrature::for_each_node<30>(gamma.low, gamma.high,
                                [&](double g, double w) { add(m, historical, w, g); });
  normalise(m, 1, 1.0 - gamma.weight);
  return finish(std::move(m));
}

}  // namespace angiotrial::analysis
