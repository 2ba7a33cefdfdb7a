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
/// is not looked at. A map without shortening is planned by voltage alone: LLS excludes nothing,
/// and lowest_shortening visits the lowest viable voltage first.
namespace angiotrial::delivery {

struct PlannedSite {
  PositionMm position_mm{};  ///< as the map recorded it
  std::size_t map_point = 0;
  bool not_ischaemic = false;  ///< taken although LLS does not qualify
  bool close = false;          ///< nearer than spacing_mm to a site taken before
  bool thin = false;           ///< wall not above least_wall_mm
  bool not_viable = false;     ///< voltage below least_voltage_mv; only sites asked for can be

  [[nodiscard]] bool breaks_rule() const { return not_ischaemic || close || thin || not_viable; }
};

struct Plan {
  std::vector<PlannedSite> sites;  ///< at most injection.sites, in the order taken
  int sites_breaking_rule = 0;
  PlanKind kind = PlanKind::protocol;
  bool voltage_only = false;       ///< the map has no shortening
  double expected_gain_log = 0.0;  ///< of RPP*, by the hearts searched; 0 where none were
  double effective_hearts = 0.0;   ///< behind an optimised plan, after tempering
  double temper = 1.0;             ///< power left to the map's likelihood
};

/// The protocol's rule. Fewer sites than asked for only if the map has no more places under the
/// weakest rule.
[[nodiscard]] Plan plan(const Parameters& parameters, const ElectromechanicalMap& map);

}  // namespace angiotrial::delivery
