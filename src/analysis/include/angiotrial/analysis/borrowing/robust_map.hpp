// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <cstddef>
#include <span>
#include <string_view>

/// Meta-analytic-predictive prior from H historical studies, by quadrature: no sampling.
///
///   Y_h | theta_h,   theta_h ~ N(mu, tau^2),   mu ~ N(m, s^2),   tau ~ half-normal(scale)
///   prior of the new study:  theta* | Y_1 .. Y_H        (Spiegelhalter et al. 2004; Neuenschwander
///                                                        et al. 2010,
///                                                        doi:10.1177/1740774509356002)
///
/// theta is the mean, the log odds of a rate, or the log of an event rate. For means theta* is an
/// exact normal mixture over the nodes of tau; for rates and counts the likelihoods are integrated
/// by adaptive Gauss-Hermite rules.
namespace angiotrial::analysis {

struct HistoricalMean {
  double estimate = 0.0;
  double se = 1.0;
};
struct HistoricalRate {
  double events = 0.0;
  double size = 0.0;
};
struct HistoricalCount {
  double events = 0.0;
  double exposure = 0.0;
};

struct MapHyperprior {
  double tau_scale = 1.0;
  double mean = 0.0;
  double sd = 1.0e4;  ///< of mu, on the scale of theta
};

enum class MapStatus {
  derived = 0,
  no_study,
  invalid_data,
  invalid_hyperprior,
  not_converged,  ///< the small mixture did not settle
};
[[nodiscard]] std::string_view name_of(MapStatus status);

struct MapPrior {
  MapStatus status = MapStatus::no_study;
  Mixture theta;  ///< normal, on the scale of theta, many components
  double mu_mean = 0.0, mu_sd = 0.0;
  double tau_mean = 0.0, tau_median = 0.0;
};
/// `sigma`: standard deviation of one observation, for updates with new data.
[[nodiscard]] MapPrior map_prior(std::span<const HistoricalMean> studies,
                                 const MapHyperprior& hyperprior, double sigma);
[[nodiscard]] MapPrior map_prior(std::span<const HistoricalRate> studies,
                                 const MapHyperprior& hyperprior);
[[nodiscard]] MapPrior map_prior(std::span<const HistoricalCount> studies,
                                 const MapHyperprior& hyperprior);

/// The nearest mixture of a few components (least Kullback-Leibler divergence, by expectation and
/// maximisation on a fine histogram): beta of the rate, gamma of the event rate, or normal of
/// theta itself. The histogram runs between the 1e-7 and 1 - 1e-7 quantiles of theta, for gammas
/// between 1e-4 and 1 - 1e-4: e^theta has no finite mean where tau may be large. Components that
/// end without weight are left out.
struct MixtureFit {
  MapStatus status = MapStatus::no_study;
  Mixture mixture;
  double divergence = 0.0;  ///< of the histogram from the fit
};
[[nodiscard]] MixtureFit fit_mixture(const Mixture& theta, MixtureFamily family,
                                     std::size_t components);

}  // namespace angiotrial::analysis
