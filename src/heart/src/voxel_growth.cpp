// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/voxel_growth.hpp>
#include <angiotrial/tissue/arterioles.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace angiotrial::heart {

void conductance_gain(const Parameters& p, const Ventricle& v, std::span<const double> density_gain,
                      std::span<const tissue::Depot> depots, std::span<const double> drives,
                      const ArteriolarReach& reach, std::span<double> gain) {
  ANGIOTRIAL_EXPECT(density_gain.size() == v.size() && gain.size() == v.size(),
                    "one density gain and one gain for each microregion");
  ANGIOTRIAL_EXPECT(drives.size() == depots.size(), "one drive for each depot");
  const double s = p.growth.capillary_resistance_share_fraction.value();
  std::vector<double> pulls(depots.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (std::size_t j = 0; j < depots.size(); ++j) {
      const double dx = v.x_mm[i] - depots[j].position_mm[0];
      const double dy = v.y_mm[i] - depots[j].position_mm[1];
      const double dz = v.z_mm[i] - depots[j].position_mm[2];
      const double distance_mm = std::sqrt(dx * dx + dy * dy + dz * dz);
      pulls[j] = drives[j] * tissue::kernel(distance_mm, reach.reach_mm.value());
    }
    const double arterioles = tissue::arteriolar_gain(pulls, reach.ceiling);
    // 1/g' = (1/g) [ (1-s)/(1+A) + s/(1+dRho) ]
    gain[i] = 1.0 / ((1.0 - s) / (1.0 + arterioles) + s / (1.0 + density_gain[i]));
  }
}

}  // namespace angiotrial::heart
