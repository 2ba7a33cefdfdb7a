// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/surface.hpp>

#include "kernel.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <limits>

namespace angiotrial::delivery {

MapSurface spread(const Parameters& p, const Endocardium& wall, const ElectromechanicalMap& map) {
  ANGIOTRIAL_EXPECT(!map.points.empty(), "a map has points");
  const double reach_mm = p.map.averaging_reach_mm.value();
  MapSurface surface;
  for (std::size_t j = 0; j < wall.size(); ++j) {
    double weight = 0.0, mv = 0.0, percent = 0.0, mm = 0.0;
    double nearest = std::numeric_limits<double>::infinity();
    std::size_t closest = 0;
    for (std::size_t i = 0; i < map.points.size(); ++i) {
      const MapPoint& point = map.points[i];
      const double d2 = distance2_mm2(point.position_mm, wall.position(j));
      if (d2 < nearest) {
        nearest = d2;
        closest = i;
      }
      const double w = reach_weight(d2, reach_mm);
      weight += w;
      mv += w * point.unipolar_mv.value();
      percent += w * point.local_shortening_percent.value();
      mm += w * point.wall_mm.value();
    }
    const bool reached = weight > 0.0;
    const MapPoint& alone = map.points[closest];
    surface.within_reach.push_back(reached);
    surface.unipolar_mv.push_back(reached ? mv / weight : alone.unipolar_mv.value());
    surface.wall_mm.push_back(reached ? mm / weight : alone.wall_mm.value());
    if (!map.shortening_measured) continue;
    surface.shortening_percent.push_back(reached ? percent / weight
                                                 : alone.local_shortening_percent.value());
  }
  return surface;
}

std::array<SegmentMean, heart::segment_count> segment_means(const Endocardium& wall,
                                                            const MapSurface& surface) {
  ANGIOTRIAL_EXPECT(surface.unipolar_mv.size() == wall.size(), "one value for each patch");
  std::array<SegmentMean, heart::segment_count> means{};
  std::array<double, heart::segment_count> mass{};
  for (std::size_t j = 0; j < wall.size(); ++j) {
    const std::size_t s = wall.segment[j] - std::size_t{1};
    mass[s] += wall.mass_g[j];
  }
  for (std::size_t j = 0; j < wall.size(); ++j) {
    const std::size_t s = wall.segment[j] - std::size_t{1};
    const double share = wall.mass_g[j] / mass[s];
    ++means[s].patches;
    means[s].unipolar_mv += units::Millivolts(share * surface.unipolar_mv[j]);
    means[s].wall_mm += units::Mm(share * surface.wall_mm[j]);
    if (surface.shortening_percent.empty()) continue;
    means[s].shortening_percent += units::Percent(share * surface.shortening_percent[j]);
  }
  return means;
}

}  // namespace angiotrial::delivery
