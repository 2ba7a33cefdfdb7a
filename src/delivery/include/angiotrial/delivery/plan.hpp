// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>

#include <vector>

/// Which points of the map get an injection.
///
///   viable      UPV >= 6.9 mV         never relaxed
///   ischaemic   LLS < 12 %            dropped first when sites are short
///   apart       >= 12 mm              then down to 5 mm
///   thick       wall > 8 mm           last, down to 6 mm
///
/// Greedy: points are visited in the declared order and taken when they fit. The truth of a point
/// is not looked at.
namespace angiotrial::delivery {

struct PlannedSite {
  PositionMm position_mm{};  ///< as the map recorded it
  std::size_t map_point = 0;
  bool not_ischaemic = false;  ///< taken although LLS does not qualify
  bool close = false;          ///< nearer than spacing_mm to a site taken before
  bool thin = false;           ///< wall not above least_wall_mm

  [[nodiscard]] bool breaks_rule() const { return not_ischaemic || close || thin; }
};

struct Plan {
  std::vector<PlannedSite> sites;  ///< at most injection.sites, in the order taken
  int sites_breaking_rule = 0;
};

/// Fewer sites than asked for only if the map has no more places under the weakest rule.
[[nodiscard]] Plan plan(const Parameters& parameters, const ElectromechanicalMap& map);

}  // namespace angiotrial::delivery
