// SPDX-License-Identifier: Apache-2.0
#include "tally.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::heart {

std::vector<double> Tally::voxels() const {
  std::vector<double> count(sums_.size());
  std::transform(sums_.begin(), sums_.end(), count.begin(), [](const Sum& s) { return s.voxels; });
  return count;
}

void Tally::finish(const std::vector<double>& weights, Ventricle& v) const {
  ANGIOTRIAL_EXPECT(weights.size() == v.size() && sums_.size() == v.size(),
                    "one weight for each microregion");
  double whole = 0.0;
  for (const double weight : weights) whole += weight;
  ANGIOTRIAL_EXPECT(whole > 0.0, "a ventricle has muscle");
  for (std::size_t i = 0; i < v.size(); ++i) {
    v.mass_of_g[i] = v.mass_g.value() * weights[i] / whole;
    const Sum& s = sums_[i];
    if (s.voxels == 0.0) continue;
    v.depth[i] = std::clamp(s.depth / s.voxels, 0.0, 1.0);
    v.x_mm[i] = s.x_mm / s.voxels;
    v.y_mm[i] = s.y_mm / s.voxels;
    v.z_mm[i] = s.z_mm / s.voxels;
  }
}

}  // namespace angiotrial::heart
