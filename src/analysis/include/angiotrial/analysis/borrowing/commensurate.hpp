// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

/// Commensurate prior of a normal mean: the new parameter lies about the historical one,
///
///   theta | theta_0, gamma ~ N(theta_0, gamma^2),   theta_0 | D_0 ~ N(y_0, se_0^2)
///
/// so that theta ~ N(y_0, se_0^2 + gamma^2) (Hobbs et al. 2011,
/// doi:10.1111/j.1541-0420.2011.01564.x).
namespace angiotrial::analysis {

struct HistoricalEstimate {
  double estimate = 0.0;
  double se = 1.0;
};

/// gamma fixed; 0 pools, large borrows nothing. sigma: spread of one new observation.
[[nodiscard]] MixtureAnswer commensurate_prior(const HistoricalEstimate& historical, double gamma,
                                               double sigma);
/// gamma ~ half-normal(scale), by quadrature.
[[nodiscard]] MixtureAnswer commensurate_prior_half_normal(const HistoricalEstimate& historical,
                                                           double scale, double sigma);
/// gamma is `spike` with probability `weight`, else uniform on [low, high] (a spike-and-slab on
/// the spread; Hobbs, Sargent and Carlin 2012, doi:10.1214/12-BA722, put theirs on 1 / gamma^2).
struct SpikeAndSlab {
  double weight = 0.5;
  double spike = 0.0;
  double low = 0.0, high = 1.0;
};
[[nodiscard]] MixtureAnswer commensurate_prior(const HistoricalEstimate& historical,
                                               const SpikeAndSlab& gamma, double sigma);

}  // namespace angiotrial::analysis
