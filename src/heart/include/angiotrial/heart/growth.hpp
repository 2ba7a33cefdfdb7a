// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/tissue/depot.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// From vessels around the depots to the conductance of microregions:
///
///   1/g' = (1/g) [ (1-s)/(1+A) + s/(1+dRho) ]
///
///   dRho_p  gain of functional vessel density: each depot's gain volume is laid down on the wall
///           and nowhere else, so that sum_p dRho_p V_p is the sum of the depots' gains
///   A_p     arteriolar gain: ceiling (1 - prod_d (1 - drive_d kernel(distance))), the rule of
///           tissue/arterioles.hpp
///
/// That cells raise conductance at all is an input of the model, not a result.
namespace angiotrial::heart {

/// Reach and ceiling of arteriolar growth, as `tissue` describes them.
struct ArteriolarReach {
  units::Mm reach_mm;
  units::Fraction ceiling;  ///< largest relative gain A, in [0, 1]
};

/// Which microregions each depot can touch; built once per patient, used at every time.
struct DepositionWeights {
  struct Pair {
    std::uint32_t microregion = 0;
    double distance2_mm2 = 0.0;
    double arteriolar_kernel = 0.0;  ///< in [0, 1]
    double volume_mm3 = 0.0;         ///< of the microregion
  };
  std::vector<Pair> pairs;              ///< grouped by depot
  std::vector<std::size_t> first_pair;  ///< depots + 1 entries
  double patch_variance_mm2 = 0.0;      ///< R^2/5 of a ball of the mean microregion volume
  double ceiling = 0.0;
};

/// Leaves out microregions beyond four reaches (kernel 3e-4) that are also too far, for the widest
/// gain in `course`, to get 1e-8 of what the nearest one gets. Expects as many depots as courses.
[[nodiscard]] DepositionWeights deposition_weights(const Parameters& parameters,
                                                   const Ventricle& ventricle,
                                                   const tissue::VesselCourse& course,
                                                   std::span<const tissue::Depot> depots,
                                                   const ArteriolarReach& reach);

/// dRho of each microregion at times[time_index]. Weights are proportional to
/// V_p exp(-distance^2/(2 SD^2)), SD^2 = radius^2/3 + R^2/5, and sum to one for each depot.
void deposit(const DepositionWeights& weights, const tissue::VesselCourse& course,
             std::size_t time_index, std::span<double> density_gain);

/// A of each microregion at times[time_index].
void arteriolar_gain(const DepositionWeights& weights, const tissue::VesselCourse& course,
                     std::size_t time_index, std::span<double> gain);

/// g'/g of each microregion at times[time_index]: 1 where nothing grew.
void conductance_gain(const Parameters& parameters, const DepositionWeights& weights,
                      const tissue::VesselCourse& course, std::size_t time_index,
                      std::span<double> gain);

/// The same in one call, for those who need one time only.
void conductance_gain(const Parameters& parameters, const Ventricle& ventricle,
                      const tissue::VesselCourse& course, std::span<const tissue::Depot> depots,
                      const ArteriolarReach& reach, std::size_t time_index, std::span<double> gain);

}  // namespace angiotrial::heart
