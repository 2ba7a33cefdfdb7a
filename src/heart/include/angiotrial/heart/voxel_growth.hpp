// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/growth.hpp>
#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/tissue/depot.hpp>

#include <span>

/// From what grew in three dimensions to the conductance of microregions: the equation of
/// growth.hpp, with the density gain of each microregion counted from its own voxels instead of
/// laid down around the depots.
namespace angiotrial::heart {

/// g'/g of each microregion. `density_gain` holds dRho of each microregion, `drives` the arteriolar
/// drive of each depot, both at one time. Expects as many values as microregions and depots.
void conductance_gain(const Parameters& parameters, const Ventricle& ventricle,
                      std::span<const double> density_gain, std::span<const tissue::Depot> depots,
                      std::span<const double> drives, const ArteriolarReach& reach,
                      std::span<double> gain);

}  // namespace angiotrial::heart
