// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/plan.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace angiotrial::delivery {
namespace {

struct Rule {
  double shortening_percent;
  double spacing_mm;
  double wall_mm;
};

constexpr double no_limit = std::numeric_limits<double>::infinity();

/// From the protocol's rule to the weakest one.
std::array<Rule, 4> stages(const Target& p) {
  const double spacing = p.spacing_mm.value();
  const double closest = std::min(spacing, p.spacing_floor_mm.value());
  const double wall = p.least_wall_mm.value();
  const double thinnest = std::min(wall, p.wall_floor_mm.value());
  return {Rule{p.most_shortening_percent.value(), spacing, wall}, Rule{no_limit, spacing, wall},
          Rule{no_limit, closest, wall}, Rule{no_limit, closest, thinnest}};
}

/// Viable points in the order of visit; equal values keep the order of the map.
std::vector<std::size_t> viable_points(const Target& p, const ElectromechanicalMap& map) {
  std::vector<std::size_t> order(map.points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order,
                [&](std::size_t i) { return map.points[i].unipolar_mv < p.least_voltage_mv; });
  if (p.order == Order::as_mapped) return order;
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const double x = map.points[i].local_shortening_percent.value();
    const double y = map.points[j].local_shortening_percent.value();
    return x != y ? x < y : i < j;
  });
  return order;
}

double nearest_distance2(const std::vector<PlannedSite>& sites, const PositionMm& at) {
  double least = no_limit;
  for (const PlannedSite& site : sites) {
    const double dx = site.position_mm[0] - at[0], dy = site.position_mm[1] - at[1],
                 dz = site.position_mm[2] - at[2];
    least = std::min(least, dx * dx + dy * dy + dz * dz);
  }
  return least;
}

}  // namespace

Plan plan(const Parameters& p, const ElectromechanicalMap& map) {
  Plan made;
  const auto wanted = static_cast<std::size_t>(p.injection.sites);
  const double spacing_mm = p.target.spacing_mm.value();
  std::vector<std::size_t> open = viable_points(p.target, map);
  for (const Rule& rule : stages(p.target)) {
    std::erase_if(open, [&](std::size_t i) {
      const MapPoint& point = map.points[i];
      if (made.sites.size() == wanted) return false;
      const bool allowed = point.local_shortening_percent.value() < rule.shortening_percent &&
                           point.wall_mm.value() > rule.wall_mm;
      const double distance2 = nearest_distance2(made.sites, point.position_mm);
      if (!allowed || distance2 < rule.spacing_mm * rule.spacing_mm) return false;
      made.sites.push_back(
          {point.position_mm, i, point.local_shortening_percent >= p.target.most_shortening_percent,
           distance2 < spacing_mm * spacing_mm, point.wall_mm <= p.target.least_wall_mm});
      return true;
    });
  }
  for (const PlannedSite& site : made.sites) made.sites_breaking_rule += site.breaks_rule() ? 1 : 0;
  return made;
}

}  // namespace angiotrial::delivery
