// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/plan.hpp>

#include "kernel.hpp"

#include <limits>

/// What every kind of plan asks of a site, and how it is flagged. Private.
namespace angiotrial::delivery {

inline constexpr double no_limit = std::numeric_limits<double>::infinity();

inline double nearest_site2_mm2(const std::vector<PlannedSite>& sites, const PositionMm& at) {
  double least = no_limit;
  for (const PlannedSite& site : sites) {
    least = std::min(least, distance2_mm2(site.position_mm, at));
  }
  return least;
}

/// A site by a point of the map, measured against the protocol's rule and the sites before it.
inline PlannedSite flagged(const Target& p, const ElectromechanicalMap& map, std::size_t point,
                           const PositionMm& at, const std::vector<PlannedSite>& before) {
  const MapPoint& by = map.points[point];
  const double spacing_mm = p.spacing_mm.value();
  PlannedSite site;
  site.position_mm = at;
  site.map_point = point;
  site.not_ischaemic =
      map.shortening_measured && by.local_shortening_percent >= p.most_shortening_percent;
  site.close = nearest_site2_mm2(before, at) < spacing_mm * spacing_mm;
  site.thin = by.wall_mm <= p.least_wall_mm;
  site.not_viable = by.unipolar_mv < p.least_voltage_mv;
  return site;
}

}  // namespace angiotrial::delivery
