// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/map_carto.hpp>

#include <angiotrial/delivery/map_csv.hpp>

#include "kernel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace angiotrial::delivery {
namespace {

using diagnostics::Problem;

constexpr std::size_t most_problems = 10;
// Cells of the sieve are counted in int; a heart is far smaller than this.
constexpr double farthest_mm = 1e5;

/// Points at least `spacing` apart: each lies in a cell of that size, and 27 cells are looked at.
class Sieve {
 public:
  explicit Sieve(double spacing_mm) : spacing_mm_(spacing_mm) {}

  bool take(const PositionMm& at) {
    if (spacing_mm_ <= 0.0) return true;
    const Cell home = cell_of(at);
    for (int i = -1; i <= 1; ++i) {
      for (int j = -1; j <= 1; ++j) {
        for (int k = -1; k <= 1; ++k) {
          if (crowds({home[0] + i, home[1] + j, home[2] + k}, at)) return false;
        }
      }
    }
    cells_[home].push_back(at);
    return true;
  }

 private:
  using Cell = std::array<int, 3>;
  [[nodiscard]] Cell cell_of(const PositionMm& at) const {
    Cell cell{};
    for (std::size_t k = 0; k < 3; ++k) {
      cell[k] = static_cast<int>(std::floor(at[k] / spacing_mm_));
    }
    return cell;
  }
  [[nodiscard]] bool crowds(const Cell& cell, const PositionMm& at) const {
    const auto found = cells_.find(cell);
    return found != cells_.end() && std::ranges::any_of(found->second, [&](const PositionMm& b) {
             return distance2_mm2(at, b) < spacing_mm_ * spacing_mm_;
           });
  }

  double spacing_mm_;
  std::map<Cell, std::vector<PositionMm>> cells_;
};

bool usable(const formats::CartoMesh& mesh, const formats::MeshColumn& unipolar, std::size_t i) {
  const bool cut =
      i < mesh.vertex_groups.size() && mesh.vertex_groups[i] == formats::carto_cut_away;
  const float mv = unipolar.values[i];
  return !cut && std::isfinite(mv) && mv >= 0.0F &&
         std::ranges::all_of(mesh.vertices_mm[i],
                             [](double x) { return std::abs(x) < farthest_mm; });
}

MapPoint point_of(const Endocardium& wall, const PositionMm& at, float unipolar_mv) {
  MapPoint point;
  point.position_mm = at;
  point.unipolar_mv = units::Millivolts(static_cast<double>(unipolar_mv));
  point.segment = wall.segment[nearest_patch(wall, at)];
  point.truth.segment = point.segment;
  return point;
}

}  // namespace

diagnostics::Result<CartoImport> map_from_carto(const Parameters& p, const Endocardium& wall,
                                                const formats::CartoMesh& mesh,
                                                const std::string& file, units::Mm spacing) {
  const formats::MeshColumn* unipolar = mesh.column("Unipolar");
  const formats::MeshColumn* bipolar = mesh.column("Bipolar");
  if (unipolar == nullptr) {
    return std::vector<Problem>{{file, 0, "Unipolar", "", "the mesh has no such column", ""}};
  }
  CartoImport made;
  made.map.shortening_measured = false;
  made.missing = {"local shortening", "wall thickness (the ventricle's is used)",
                  "segments (those of the nearest patch are used)", "injections"};
  if (bipolar == nullptr) made.missing.emplace_back("bipolar voltage");
  Sieve sieve(spacing.value());
  for (std::size_t i = 0; i < mesh.vertices_mm.size(); ++i) {
    if (!usable(mesh, *unipolar, i) || !sieve.take(mesh.vertices_mm[i])) continue;
    MapPoint point = point_of(wall, mesh.vertices_mm[i], unipolar->values[i]);
    if (bipolar != nullptr && std::isfinite(bipolar->values[i]) && bipolar->values[i] >= 0.0F) {
      point.bipolar_mv = units::Millivolts(static_cast<double>(bipolar->values[i]));
    }
    made.map.points.push_back(point);
  }
  std::vector<Problem> problems = check_on_the_wall(p, wall, made.map, file);
  if (problems.size() > most_problems) {
    const std::string more = std::to_string(problems.size() - most_problems) + " more";
    problems.resize(most_problems);
    problems.push_back({file, 0, "points", more, "lie off the endocardium as well",
                        "move the mesh into the frame of the ventricle first"});
  }
  if (static_cast<int>(made.map.points.size()) < p.map.fewest_points) {
    problems.push_back({file, 0, "points", std::to_string(made.map.points.size()),
                        "a map needs at least " + std::to_string(p.map.fewest_points) +
                            " points (map.fewest_points)",
                        ""});
  }
  if (!problems.empty()) return problems;
  fill_walls(p, wall, made.map);
  return made;
}

}  // namespace angiotrial::delivery
