// SPDX-License-Identifier: Apache-2.0
#include "distance.hpp"
#include "labeller.hpp"
#include "segmented.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/mask.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

/// Signed distances of a mask to the surfaces of the wall, negative inside; trilinear in between.
struct Surfaces {
  const Mask& mask;
  std::vector<float> epi_mm, endo_mm;

  [[nodiscard]] std::array<double, 2> at(const tissue::PositionMm& place) const {
    std::array<std::size_t, 3> low{};
    std::array<double, 3> share{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double cell = (place[a] - mask.first_centre_mm[a]) / mask.spacing_mm[a];
      const double clamped = std::clamp(cell, 0.0, static_cast<double>(mask.cells[a] - 1));
      low[a] = static_cast<std::size_t>(std::min(std::floor(clamped), mask.cells[a] - 2.0));
      share[a] = clamped - static_cast<double>(low[a]);
    }
    std::array<double, 2> out{};
    const auto nx = static_cast<std::size_t>(mask.cells[0]);
    const auto ny = static_cast<std::size_t>(mask.cells[1]);
    for (std::size_t corner = 0; corner < 8; ++corner) {
      const std::size_t dx = corner & 1U, dy = corner >> 1U & 1U, dz = corner >> 2U;
      const double weight = (dx == 1 ? share[0] : 1.0 - share[0]) *
                            (dy == 1 ? share[1] : 1.0 - share[1]) *
                            (dz == 1 ? share[2] : 1.0 - share[2]);
      const std::size_t i = ((low[2] + dz) * ny + low[1] + dy) * nx + low[0] + dx;
      out[0] += weight * static_cast<double>(epi_mm[i]);
      out[1] += weight * static_cast<double>(endo_mm[i]);
    }
    return out;
  }
};

/// Distance between centres, less half a cell on the side where the surface lies.
std::vector<float> signed_distance_mm(const Mask& mask, const std::vector<Part>& part, Part in,
                                      Part also_in) {
  const auto inside = [&](std::size_t i) { return part[i] == in || part[i] == also_in; };
  const auto elsewhere = [&](std::size_t i) { return !inside(i) && part[i] != Part::above; };
  std::vector<float> to_inside = distances_mm(mask.cells, mask.spacing_mm, inside);
  const std::vector<float> to_elsewhere = distances_mm(mask.cells, mask.spacing_mm, elsewhere);
  const auto half = static_cast<float>(
      0.5 * std::cbrt(mask.spacing_mm[0] * mask.spacing_mm[1] * mask.spacing_mm[2]));
  for (std::size_t i = 0; i < part.size(); ++i) {
    const float between = to_inside[i] - to_elsewhere[i];
    to_inside[i] = inside(i) ? between + half : elsewhere(i) ? between - half : between;
  }
  return to_inside;
}

/// The ellipsoid of the mask's volumes and lengths, whose equator divides the cavity's length as
/// that of the reference heart does.
Plan plan_of(const Parameters& p, cohort::Sex sex, const Segmented& s) {
  const Anatomy& a = p.anatomy;
  const bool male = sex == cohort::Sex::male;
  const double base = (male ? a.male_base_height_mm : a.female_base_height_mm).value();
  const double apex =
      (male ? a.male_endocardial_half_length_mm : a.female_endocardial_half_length_mm).value();
  Shape shape;
  shape.base_height_mm = s.cavity_depth_mm * base / (base + apex);
  shape.endo_half_length_mm = s.cavity_depth_mm - shape.base_height_mm;
  shape.epi_half_length_mm = s.tip_mm - shape.base_height_mm;
  const auto radius_mm = [&](double volume_mm3, double half_length_mm) {
    return std::sqrt(volume_mm3 / truncated_volume_mm3(1.0, half_length_mm, shape.base_height_mm));
  };
  shape.endo_radius_mm = radius_mm(s.cavity_mm3, shape.endo_half_length_mm);
  shape.epi_radius_mm = radius_mm(s.cavity_mm3 + s.wall_mm3, shape.epi_half_length_mm);
  const double mass_g = 1e-3 * s.wall_mm3 * a.muscle_density_g_per_ml.value();
  return {shape, rings_of(a, shape, mass_g), units::Grams(mass_g)};
}

/// The angle at which a measured one is labelled: insertions at 120 and 240 degrees, linear over
/// septum and free wall.
double labelled_deg(double x, double y, double septal_arc_deg) {
  const double measured_deg = 180.0 / std::numbers::pi * std::atan2(y, x);
  const double from_septum = std::remainder(measured_deg - 180.0, 360.0);
  const double half = 0.5 * septal_arc_deg, size = std::abs(from_septum);
  const double turned =
      size <= half ? size * 60.0 / half : 60.0 + (size - half) * 120.0 / (180.0 - half);
  return 180.0 + std::copysign(turned, from_septum);
}

std::vector<double> angles_deg(const tissue::Domain& d, double septal_arc_deg) {
  std::vector<double> angle;
  angle.reserve(static_cast<std::size_t>(d.cells[0]) * static_cast<std::size_t>(d.cells[1]));
  for (int j = 0; j < d.cells[1]; ++j) {
    for (int i = 0; i < d.cells[0]; ++i) {
      const double x = d.first_centre_mm[0] + i * d.spacing_mm;
      const double y = d.first_centre_mm[1] + j * d.spacing_mm;
      angle.push_back(labelled_deg(x, y, septal_arc_deg));
    }
  }
  return angle;
}

/// A box around the segmented wall, two cells to spare, faces on axis and base plane.
tissue::Domain box_of(const Mask& mask, const Segmented& s, double base_height_mm, double h) {
  double reach_x = 0.0, reach_y = 0.0;
  std::size_t i = 0;
  for (int z = 0; z < mask.cells[2]; ++z) {
    for (int y = 0; y < mask.cells[1]; ++y) {
      for (int x = 0; x < mask.cells[0]; ++x, ++i) {
        if (s.part[i] != Part::muscle) continue;
        const tissue::PositionMm at =
            s.axes.to_heart({mask.first_centre_mm[0] + x * mask.spacing_mm[0],
                             mask.first_centre_mm[1] + y * mask.spacing_mm[1],
                             mask.first_centre_mm[2] + z * mask.spacing_mm[2]});
        reach_x = std::max(reach_x, std::abs(at[0]));
        reach_y = std::max(reach_y, std::abs(at[1]));
      }
    }
  }
  const double cell_mm = *std::max_element(mask.spacing_mm.begin(), mask.spacing_mm.end());
  const auto half = [&](double reach) {
    return static_cast<int>(std::ceil((reach + cell_mm) / h)) + 2;
  };
  const int below = static_cast<int>(std::ceil((s.tip_mm + cell_mm) / h));
  tissue::Domain d;
  d.cells = {2 * half(reach_x), 2 * half(reach_y), below + 4};
  d.spacing_mm = h;
  d.first_centre_mm = {(0.5 - half(reach_x)) * h, (0.5 - half(reach_y)) * h,
                       base_height_mm + (0.5 - below - 2) * h};
  return d;
}

/// Level and depth of a place in the project's frame.
struct Spot {
  double level_mm = 0.0, depth = 0.0;
  double wall_mm = 0.0;  ///< thickness here
};

Spot spot_at(const Surfaces& surfaces, const Axes& axes, double base_height_mm,
             const tissue::PositionMm& at) {
  const double height = at[2] - base_height_mm;
  const auto [epi, endo] = surfaces.at(axes.to_mask({at[0], at[1], std::min(height, 0.0)}));
  const double outer = std::max(-epi, 0.0), inner = std::max(endo, 0.0);
  return {std::max({epi, -endo, height}), outer > 0.0 ? outer / (outer + inner) : 0.0,
          outer + inner};
}

void fill(const Surfaces& surfaces, const Axes& axes, double base_height_mm, Labeller& labeller,
          const tissue::Domain& d) {
  std::vector<float> level(static_cast<std::size_t>(d.cells[0])), depth(level.size());
  for (int k = 0; k < d.cells[2]; ++k) {
    for (int j = 0; j < d.cells[1]; ++j) {
      for (std::size_t i = 0; i < level.size(); ++i) {
        const Spot spot = spot_at(
            surfaces, axes, base_height_mm,
            {d.first_centre_mm[0] + static_cast<double>(i) * d.spacing_mm,
             d.first_centre_mm[1] + j * d.spacing_mm, d.first_centre_mm[2] + k * d.spacing_mm});
        level[i] = static_cast<float>(spot.level_mm);
        depth[i] = static_cast<float>(spot.depth);
      }
      labeller.add_row(j, k, level, depth);
    }
  }
}

/// Sums over the wall in steps of about half a millimetre: RPP* is a low quantile, and whole
/// voxels of a row of patches some ten millimetres high would move it by a patch now and then.
Tally weigh(const Surfaces& surfaces, const Axes& axes, double base_height_mm,
            const Locator& locator, const tissue::Domain& d, std::vector<double>& wall_sum_mm) {
  constexpr double step_mm = 0.5;
  constexpr int most_parts = 4;  // coarser cubes than 2 mm are for a first look
  const int parts = std::min(most_parts, static_cast<int>(std::ceil(d.spacing_mm / step_mm)));
  const double step = d.spacing_mm / parts, first = 0.5 * (step - d.spacing_mm);
  Tally tally(static_cast<std::size_t>(d.regions));
  const auto nx = static_cast<std::size_t>(d.cells[0]), ny = static_cast<std::size_t>(d.cells[1]);
  for (std::size_t cell = 0; cell < d.level_mm.size(); ++cell) {
    if (static_cast<double>(d.level_mm[cell]) > d.spacing_mm) continue;  // half a diagonal is 0.87
    for (int part = 0; part < parts * parts * parts; ++part) {
      const tissue::PositionMm at{
          d.first_centre_mm[0] + static_cast<double>(cell % nx) * d.spacing_mm + first +
              part % parts * step,
          d.first_centre_mm[1] + static_cast<double>(cell / nx % ny) * d.spacing_mm + first +
              part / parts % parts * step,
          d.first_centre_mm[2] + static_cast<double>(cell / nx / ny) * d.spacing_mm + first +
              part / parts / parts * step};
      const Spot spot = spot_at(surfaces, axes, base_height_mm, at);
      if (spot.level_mm >= 0.0) continue;
      const Level level = locator.level_at(at[2]);
      const int region =
          locator.outer_region(level, labelled_deg(at[0], at[1], axes.septal_arc_deg)) +
          locator.layer_stride(level) * layer_of(spot.depth);
      tally.add(static_cast<std::size_t>(region), spot.depth, at);
      wall_sum_mm[static_cast<std::size_t>(region)] += spot.wall_mm;
    }
  }
  return tally;
}

}  // namespace

std::vector<diagnostics::Problem> problems_of(const Mask& mask) {
  std::vector<diagnostics::Problem> problems = problems_of_grid(mask);
  if (problems.empty()) problems = problems_of_landmarks(mask);
  if (problems.empty()) problems = segment(mask).problems();
  return problems;
}

diagnostics::Result<Organ> build_organ(const Parameters& p, const cohort::Patient& patient,
                                       const random::Streams& streams, const Mask& mask,
                                       units::Mm spacing) {
  const double h = spacing.value();
  ANGIOTRIAL_EXPECT(h >= 0.1 && h <= 4.0, "a spacing is from 0.1 to 4 mm");
  std::vector<diagnostics::Problem> problems = problems_of_grid(mask);
  if (problems.empty()) problems = problems_of_landmarks(mask);
  if (!problems.empty()) return problems;
  const diagnostics::Result<Segmented> found = segment(mask);
  if (!found.ok()) return found.problems();
  const Segmented& s = found.value();
  const Plan plan = plan_of(p, patient.chart.sex, s);
  Organ organ;
  furnish(p, patient, plan, streams, organ.ventricle);
  organ.domain = box_of(mask, s, plan.shape.base_height_mm, h);
  prepare(p, organ);
  const Surfaces surfaces{mask, signed_distance_mm(mask, s.part, Part::muscle, Part::cavity),
                          signed_distance_mm(mask, s.part, Part::cavity, Part::cavity)};
  Labeller labeller(plan, angles_deg(organ.domain, s.axes.septal_arc_deg), organ);
  fill(surfaces, s.axes, plan.shape.base_height_mm, labeller, organ.domain);
  std::vector<double>& wall_mm = organ.ventricle.local_wall_mm;
  wall_mm.assign(organ.ventricle.size(), 0.0);
  const Tally tally =
      weigh(surfaces, s.axes, plan.shape.base_height_mm, labeller.locator(), organ.domain, wall_mm);
  const std::vector<double> voxels = tally.voxels();
  if (organ.size() == 0 || *std::max_element(voxels.begin(), voxels.end()) == 0.0) {
    return std::vector{problem_of(mask, "inside", "", "the wall is at least one cube thick",
                                  "choose a finer spacing")};
  }
  tally.finish(voxels, organ.ventricle);
  for (std::size_t i = 0; i < wall_mm.size(); ++i) {
    wall_mm[i] = voxels[i] > 0.0 ? wall_mm[i] / voxels[i] : organ.ventricle.wall_thickness_mm;
  }
  add_oxygen(p, patient, organ);
  return organ;
}

}  // namespace angiotrial::heart
