// SPDX-License-Identifier: Apache-2.0
#include "other_plans.hpp"

#include "site_rule.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <cmath>

namespace angiotrial::delivery {
namespace {

using diagnostics::Problem;

void count_breaches(Plan& plan) {
  for (const PlannedSite& site : plan.sites) plan.sites_breaking_rule += site.breaks_rule() ? 1 : 0;
}

/// Viable points on wall thicker than `wall_mm`.
std::vector<std::size_t> usable(const Target& p, const ElectromechanicalMap& map, double wall_mm) {
  std::vector<std::size_t> points;
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const MapPoint& point = map.points[i];
    if (point.unipolar_mv >= p.least_voltage_mv && point.wall_mm.value() > wall_mm) {
      points.push_back(i);
    }
  }
  return points;
}

/// The first site lies farthest from the centre of all that is usable.
PositionMm centre_of(const ElectromechanicalMap& map, const std::vector<std::size_t>& points) {
  PositionMm sum{};
  for (const std::size_t i : points) {
    for (std::size_t k = 0; k < 3; ++k) sum[k] += map.points[i].position_mm[k];
  }
  for (double& x : sum) x /= static_cast<double>(points.size());
  return sum;
}

std::string text_of(const PositionMm& at) {
  std::string text;
  for (const double x : at) {
    text += text.empty() ? "" : ", ";
    text += std::isfinite(x) ? formats::shortest(x) : "not a number";
  }
  return text;
}

std::size_t nearest_point(const ElectromechanicalMap& map, const PositionMm& at) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < map.points.size(); ++i) {
    if (distance2_mm2(map.points[i].position_mm, at) <
        distance2_mm2(map.points[best].position_mm, at)) {
      best = i;
    }
  }
  return best;
}

bool finite(const PositionMm& at) {
  return std::isfinite(at[0]) && std::isfinite(at[1]) && std::isfinite(at[2]);
}

}  // namespace

PositionMm on_the_wall(const Endocardium& wall, const PositionMm& at) {
  const std::size_t patch = nearest_patch(wall, at);
  const PositionMm centre = wall.position(patch);
  const PositionMm out = frame_at(wall, centre).outward;
  double off_mm = 0.0;
  for (std::size_t k = 0; k < 3; ++k) off_mm += (at[k] - centre[k]) * out[k];
  PositionMm to = at;
  for (std::size_t k = 0; k < 3; ++k) to[k] -= off_mm * out[k];
  return to;
}

Plan even_plan(const Parameters& p, const ElectromechanicalMap& map) {
  Plan made;
  made.kind = PlanKind::even;
  made.voltage_only = !map.shortening_measured;
  const Target& t = p.target;
  const auto wanted = static_cast<std::size_t>(p.injection.sites);
  const double closest = std::min(t.spacing_mm.value(), t.spacing_floor_mm.value());
  const double thinnest = std::min(t.least_wall_mm.value(), t.wall_floor_mm.value());
  for (const double wall_mm : {t.least_wall_mm.value(), thinnest}) {
    const std::vector<std::size_t> points = usable(t, map, wall_mm);
    while (made.sites.size() < wanted && !points.empty()) {
      const PositionMm centre = centre_of(map, points);
      double farthest2 = -1.0;
      std::size_t best = points.front();
      for (const std::size_t i : points) {
        const PositionMm& at = map.points[i].position_mm;
        const double d2 =
            made.sites.empty() ? distance2_mm2(centre, at) : nearest_site2_mm2(made.sites, at);
        if (d2 > farthest2) {
          farthest2 = d2;
          best = i;
        }
      }
      if (!made.sites.empty() && farthest2 < closest * closest) break;
      made.sites.push_back(flagged(t, map, best, map.points[best].position_mm, made.sites));
    }
  }
  count_breaches(made);
  return made;
}

diagnostics::Result<Plan> listed_plan(const Parameters& p, const Endocardium& wall,
                                      const ElectromechanicalMap& map,
                                      std::span<const PositionMm> sites, const std::string& file) {
  std::vector<Problem> problems;
  Plan made;
  made.kind = PlanKind::listed;
  made.voltage_only = !map.shortening_measured;
  const auto refuse = [&](std::size_t j, std::string rule, std::string hint = {}) {
    problems.push_back({file, 0, "sites[" + std::to_string(j) + "]", text_of(sites[j]),
                        std::move(rule), std::move(hint)});
  };
  if (sites.empty()) problems.push_back({file, 0, "sites", "", "must name at least one site", ""});
  if (map.points.empty()) problems.push_back({file, 0, "sites", "", "the map has no points", ""});
  if (!problems.empty()) return problems;
  const double reach_mm = p.planning.farthest_from_wall_mm.value();
  const double closest_mm = std::min(p.target.spacing_mm, p.target.spacing_floor_mm).value();
  const double thinnest_mm = std::min(p.target.least_wall_mm, p.target.wall_floor_mm).value();
  for (std::size_t j = 0; j < sites.size(); ++j) {
    if (!finite(sites[j])) {
      refuse(j, "must be three numbers in mm");
      continue;
    }
    const PositionMm patch = wall.position(nearest_patch(wall, sites[j]));
    const double off_mm = std::sqrt(distance2_mm2(patch, sites[j]));
    if (off_mm > reach_mm) {
      refuse(j,
             "must lie within " + formats::shortest(reach_mm) +
                 " mm of the endocardium, and lies " + formats::shortest(std::round(off_mm)) +
                 " mm away",
             "nearest patch: " + text_of(patch));
      continue;
    }
    const PositionMm at = on_the_wall(wall, sites[j]);
    const std::size_t point = nearest_point(map, at);
    if (nearest_site2_mm2(made.sites, at) < closest_mm * closest_mm) {
      refuse(j, "must lie at least " + formats::shortest(closest_mm) + " mm from the sites before");
    }
    if (map.points[point].wall_mm.value() <= thinnest_mm) {
      refuse(j, "must lie on wall thicker than " + formats::shortest(thinnest_mm) + " mm");
    }
    made.sites.push_back(flagged(p.target, map, point, at, made.sites));
  }
  if (!problems.empty()) return problems;
  count_breaches(made);
  return made;
}

}  // namespace angiotrial::delivery
