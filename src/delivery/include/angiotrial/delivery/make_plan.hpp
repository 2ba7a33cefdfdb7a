// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/plan.hpp>
#include <angiotrial/delivery/posterior.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/tissue/response_table.hpp>

#include <span>
#include <string>

/// Sites of one patient, chosen in one of five ways:
///
///   protocol   the rule of plan.hpp
///   listed     places that the user names, moved onto the wall and checked
///   even       spread as far apart as viable wall of the map allows
///   optimised  highest mean gain of ln RPP* over the hearts that fit the map (posterior.hpp)
///   oracle     the same on the true heart: what perfect knowledge would add, not a plan
///
/// All but `listed` choose among the points of the map that are viable and thick enough, at the
/// spacing of the protocol and with its relaxations. Only the oracle reads the truth.
namespace angiotrial::delivery {

/// What all patients of a study share. The table's times include the planning horizon or are near
/// it; its times and parameters are those of the tissue.
struct PlanContext {
  const heart::Parameters& heart;
  const tissue::ResponseTable& growth;
  std::span<const cohort::Patient> population;  ///< for f_pat; not empty if optimised
};

struct PlanCase {
  const Endocardium& wall;  ///< its places and its shape; its states are not read
  const ElectromechanicalMap& map;
  const heart::Ventricle& ventricle;
  const cohort::Patient& patient;
  const random::Streams& streams;
  std::span<const PositionMm> listed = {};  ///< for PlanKind::listed, in order
};

/// Problems come from listed sites alone: none given, off the endocardium, nearer than
/// spacing_floor_mm to one before, or on wall not above wall_floor_mm. What only breaks the
/// protocol's rule is flagged in the plan. `file` names the list in problems.
[[nodiscard]] diagnostics::Result<Plan> make_plan(const Parameters& parameters, PlanKind kind,
                                                  const PlanContext& context,
                                                  const PlanCase& patient,
                                                  const std::string& file = "sites");

/// The place moved along the wall's normal onto the mesh of the endocardium.
[[nodiscard]] PositionMm on_the_wall(const Endocardium& wall, const PositionMm& at);

}  // namespace angiotrial::delivery
