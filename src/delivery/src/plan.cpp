// SPDX-License-Identifier: Apache-2.0
#include "site_rule.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace angiotrial::delivery {
namespace {

struct Rule {
  double shortening_percent;
  double spacing_mm;
  double wall_mm;
};

/// From the protocol's rule to the weakest one.
std::array<Rule, 4> stages(const Target& p) {
  const double spacing = p.spacing_mm.value();
  const double closest = std::min(spacing, p.spacing_floor_mm.value());
  const double wall = p.least_wall_mm.value();
  const double thinnest = std::min(wall, p.wall_floor_mm.value());
  return {Rule{p.most_shortening_percent.value(), spacing, wall}, Rule{no_limit, spacing, wall},
          Rule{no_limit, closest, wall}, Rule{no_limit, closest, thinnest}};
}

/// What comes first is lowest: shortening, or voltage where that is all there is.
double order_by(const ElectromechanicalMap& map, std::size_t i) {
  const MapPoint& point = map.points[i];
  return map.shortening_measured ? point.local_shortening_percent.value()
                                 : point.unipolar_mv.value();
}

/// Viable points in the order of visit; equal values keep the order of the map.
std::vector<std::size_t> viable_points(const Target& p, const ElectromechanicalMap& map) {
  std::vector<std::size_t> order(map.points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order,
                [&](std::size_t i) { return map.points[i].unipolar_mv < p.least_voltage_mv; });
  if (p.order == Order::as_mapped) return order;
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const double x = order_by(map, i), y = order_by(map, j);
    return x != y ? x < y : i < j;
  });
  return order;
}

}  // namespace

Plan plan(const Parameters& p, const ElectromechanicalMap& map) {
  Plan made;
  made.voltage_only = !map.shortening_measured;
  const auto wanted = static_cast<std::size_t>(p.injection.sites);
  std::vector<std::size_t> open = viable_points(p.target, map);
  for (const Rule& rule : stages(p.target)) {
    std::erase_if(open, [&](std::size_t i) {
      const MapPoint& point = map.points[i];
      if (made.sites.size() == wanted) return false;
      const bool ischaemic =
          made.voltage_only || point.local_shortening_percent.value() < rule.shortening_percent;
      if (!ischaemic || point.wall_mm.value() <= rule.wall_mm) return false;
      const double distance2 = nearest_site2_mm2(made.sites, point.position_mm);
      if (distance2 < rule.spacing_mm * rule.spacing_mm) return false;
      made.sites.push_back(flagged(p.target, map, i, point.position_mm, made.sites));
      return true;
    });
  }
  for (const PlannedSite& site : made.sites) made.sites_breaking_rule += site.breaks_rule() ? 1 : 0;
  return made;
}

}  // namespace angiotrial::delivery
