// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/make_plan.hpp>

#include "gain_model.hpp"
#include "nominal.hpp"
#include "other_plans.hpp"
#include "site_rule.hpp"

#include <angiotrial/delivery/administer.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <array>

namespace angiotrial::delivery {
namespace {

/// Points of the map on which a depot may lie, with the depot that a needle would leave there.
struct Places {
  std::vector<std::size_t> point;
  std::vector<Candidate> depot;
};

/// Depth of the patches in the wall, in the order of the endocardium.
std::vector<double> patch_depths(const heart::Ventricle& v) {
  std::vector<double> depths;
  for (const double depth : v.depth) {
    if (depth > innermost_depth) depths.push_back(depth);
  }
  return depths;
}

Places places_of(const Parameters& p, const PlanCase& c) {
  const Target& t = p.target;
  const double thinnest_mm = std::min(t.least_wall_mm, t.wall_floor_mm).value();
  const std::vector<double> depths = patch_depths(c.ventricle);
  ANGIOTRIAL_EXPECT(depths.size() == c.wall.size(), "the wall is that of the ventricle");
  Places places;
  for (std::size_t i = 0; i < c.map.points.size(); ++i) {
    const MapPoint& point = c.map.points[i];
    if (point.unipolar_mv < t.least_voltage_mv || point.wall_mm.value() <= thinnest_mm) continue;
    Candidate depot;
    depot.wall_mm = point.wall_mm.value() / p.wall.imaging_ratio;
    depot.depth_mm = std::min(p.injection.needle_depth_mm.value(),
                              p.injection.deepest_wall_fraction.value() * depot.wall_mm);
    const std::size_t patch = nearest_patch(c.wall, point.position_mm);
    const double inward_mm = depot.depth_mm - (1.0 - depths[patch]) * depot.wall_mm;
    const PositionMm out = frame_at(c.wall, point.position_mm).outward;
    for (std::size_t k = 0; k < 3; ++k) {
      depot.position_mm[k] = point.position_mm[k] + inward_mm * out[k];
    }
    places.point.push_back(i);
    places.depot.push_back(depot);
  }
  return places;
}

struct Limits {
  double spacing_mm, wall_mm;
};

/// The protocol's limits on any site, and how they give way.
std::array<Limits, 3> limits_of(const Target& t) {
  const double spacing = t.spacing_mm.value(), wall = t.least_wall_mm.value();
  const double closest = std::min(spacing, t.spacing_floor_mm.value());
  return {Limits{spacing, wall}, Limits{closest, wall},
          Limits{closest, std::min(wall, t.wall_floor_mm.value())}};
}

Plan searched_plan(const Parameters& p, PlanKind kind, const PlanContext& context,
                   const PlanCase& c) {
  const Places places = places_of(p, c);
  Plan made;
  made.kind = kind;
  made.voltage_only = !c.map.shortening_measured;
  if (places.point.empty()) return made;
  std::vector<heart::Ventricle> hearts;
  if (kind == PlanKind::oracle) {
    hearts.push_back(c.ventricle);
  } else {
    Posterior posterior = hearts_given_map(
        p, {context.heart, c.ventricle, c.patient, context.population}, c.map, c.streams);
    made.effective_hearts = posterior.effective_hearts;
    made.temper = posterior.temper;
    hearts = std::move(posterior.hearts);
  }
  const GainModel model(context.heart, context.growth, p.planning.horizon_months.to<units::Days>(),
                        nominal_depot(p, c.patient), c.ventricle, places.depot);
  const std::array<Limits, 3> limits = limits_of(p.target);
  const auto place = [&](std::size_t k) -> const MapPoint& {
    return c.map.points[places.point[k]];
  };
  const Allowed allowed = [&](std::size_t stage, const std::vector<std::size_t>& taken,
                              std::size_t k) {
    const double spacing2 = limits[stage].spacing_mm * limits[stage].spacing_mm;
    return place(k).wall_mm.value() > limits[stage].wall_mm &&
           std::ranges::all_of(taken, [&](std::size_t other) {
             return other != k &&
                    distance2_mm2(place(other).position_mm, place(k).position_mm) >= spacing2;
           });
  };
  const Found found = search_sites(
      context.heart, model, hearts,
      {static_cast<std::size_t>(p.injection.sites), limits.size(), p.planning.swap_passes},
      allowed);
  for (const std::size_t k : found.taken) {
    made.sites.push_back(
        flagged(p.target, c.map, places.point[k], place(k).position_mm, made.sites));
    made.sites_breaking_rule += made.sites.back().breaks_rule() ? 1 : 0;
  }
  made.expected_gain_log = found.gain_log;
  return made;
}

}  // namespace

diagnostics::Result<Plan> make_plan(const Parameters& p, PlanKind kind, const PlanContext& context,
                                    const PlanCase& c, const std::string& file) {
  switch (kind) {
    case PlanKind::protocol:
      return plan(p, c.map);
    case PlanKind::listed:
      return listed_plan(p, c.wall, c.map, c.listed, file);
    case PlanKind::even:
      return even_plan(p, c.map);
    case PlanKind::optimised:
    case PlanKind::oracle:
      return searched_plan(p, kind, context, c);
  }
  diagnostics::violate("kind", "a known kind of plan");
}

}  // namespace angiotrial::delivery
