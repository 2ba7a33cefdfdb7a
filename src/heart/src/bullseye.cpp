// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/bullseye.hpp>

namespace angiotrial::heart {

std::array<double, segment_count> segment_means(const Ventricle& v, std::span<const double> field) {
  ANGIOTRIAL_EXPECT(field.size() == v.size(), "one value for each microregion");
  std::array<double, segment_count> sum{}, mass{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto segment = static_cast<std::size_t>(v.segment[i] - 1);
    sum[segment] += v.mass_of_g[i] * field[i];
    mass[segment] += v.mass_of_g[i];
  }
  for (std::size_t s = 0; s < sum.size(); ++s) sum[s] = mass[s] > 0.0 ? sum[s] / mass[s] : 0.0;
  return sum;
}

}  // namespace angiotrial::heart
