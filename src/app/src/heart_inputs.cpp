// SPDX-License-Identifier: Apache-2.0
#include "heart_inputs.hpp"

#include <angiotrial/delivery/make_plan.hpp>
#include <angiotrial/delivery/map_carto.hpp>
#include <angiotrial/delivery/map_csv.hpp>
#include <angiotrial/formats/carto_mesh.hpp>
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "folder_files.hpp"
#include "mask_file.hpp"

#include <array>
#include <iterator>

namespace angiotrial::app {
namespace {

using delivery::ElectromechanicalMap;
using delivery::PositionMm;
using diagnostics::Problem;
using diagnostics::Result;

// Of a CARTO mesh, whose vertices are denser than any plan needs: about the spacing of a map.
constexpr units::Mm carto_spacing{6.0};

Result<ElectromechanicalMap> read_carto(const std::string& file, const delivery::Parameters& p,
                                        const delivery::Endocardium& wall) {
  const auto mesh = formats::read_carto_mesh_file(file);
  if (!mesh) return mesh.problems();
  auto import = delivery::map_from_carto(p, wall, mesh.value(), file, carto_spacing);
  if (!import) return import.problems();
  return std::move(import.value().map);
}

Result<ElectromechanicalMap> read_map(const std::string& file, const delivery::Parameters& p,
                                      const delivery::Endocardium& wall) {
  if (file.ends_with(".mesh")) return read_carto(file, p, wall);
  auto map = read_file(file, [&p](std::string_view text, const std::string& name) {
    return delivery::read_map_csv(p, text, name);
  });
  if (!map) return map;
  if (auto off = delivery::check_on_the_wall(p, wall, map.value(), file); !off.empty()) return off;
  delivery::fill_walls(p, wall, map.value());
  return map;
}

/// Rows of x_mm, y_mm, z_mm; other columns are passed over, so that a sites.csv of ours will do.
Result<std::vector<PositionMm>> read_places(std::string_view text, const std::string& file) {
  const auto table = formats::read_csv(text, file);
  if (!table) return table.problems();
  constexpr std::array<const char*, 3> names{"x_mm", "y_mm", "z_mm"};
  std::vector<Problem> problems;
  std::vector<PositionMm> places(table.value().rows.size());
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto column = table.value().column(names[k]);
    if (!column) {
      problems.push_back({file, 1, names[k], "", "the column is missing", ""});
      continue;
    }
    for (std::size_t row = 0; row < places.size(); ++row) {
      const std::string& cell = table.value().rows[row][*column];
      const auto number = formats::finite_number(cell);
      if (number) places[row][k] = *number;
      if (!number) {
        problems.push_back(
            {file, table.value().lines[row], names[k], cell, "must be a number of mm", ""});
      }
    }
  }
  if (!problems.empty()) return problems;
  return places;
}

void append(std::vector<Problem>& to, const std::vector<Problem>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Problem> take_inputs(const Heart& command, const trial::Conditions& conditions,
                                 trial::Treatable& patient, std::optional<heart::Mask>& mask) {
  const delivery::Parameters& p = conditions.spec.delivery;
  if (!command.mask.empty()) {
    auto read = read_mask(command.mask, command.landmarks);
    if (!read) return read.problems();
    mask = std::move(read.value());
    trial::adopt_mask(conditions, 0, *mask, patient);
  }
  trial::Placement& placement = *patient.preparation.placement;
  const random::Streams streams = conditions.streams(0, patient.candidate.patient.id);
  std::vector<Problem> problems;
  if (!command.map.empty()) {
    auto map = read_map(command.map, p, placement.wall);
    append(problems, map.problems());
    if (map) {
      placement.map = std::move(map.value());
      placement.plan = trial::plan_of(conditions, patient.candidate, placement, streams);
    }
  }
  if (command.sites.empty()) return problems;
  const auto places = read_file(command.sites, read_places);
  append(problems, places.problems());
  if (!places) return problems;
  auto plan = delivery::make_plan(p, delivery::PlanKind::listed,
                                  {conditions.spec.heart, conditions.growth, conditions.people},
                                  {placement.wall, placement.map, patient.candidate.ventricle,
                                   patient.candidate.patient, streams, places.value()},
                                  command.sites);
  append(problems, plan.problems());
  if (plan) placement.plan = std::move(plan.value());
  return problems;
}

}  // namespace angiotrial::app
