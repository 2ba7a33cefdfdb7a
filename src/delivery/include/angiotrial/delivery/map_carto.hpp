// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/carto_mesh.hpp>

#include <string>
#include <vector>

/// From a CARTO mesh to a map. The mesh holds the voltages and nothing of local shortening, wall
/// thickness, segments or injections: such a map is planned by voltage alone, and its walls come
/// from the ventricle.
namespace angiotrial::delivery {

struct CartoImport {
  ElectromechanicalMap map;          ///< shortening_measured is false
  std::vector<std::string> missing;  ///< what the mesh does not hold, in words
};

/// Vertices whose `Unipolar` has a value and that are not cut away, in order; meshes have thousands
/// of them, so vertices nearer than `spacing` to one already taken are left out. Walls and segments
/// are those of the nearest patch. The mesh must already lie in the frame of heart/ventricle.hpp:
/// vertices off the wall by more than planning.farthest_from_wall_mm are problems, the first ten
/// with their places. So are a mesh without `Unipolar` and fewer points than map.fewest_points.
[[nodiscard]] diagnostics::Result<CartoImport> map_from_carto(const Parameters& parameters,
                                                              const Endocardium& wall,
                                                              const formats::CartoMesh& mesh,
                                                              const std::string& file,
                                                              units::Mm spacing);

}  // namespace angiotrial::delivery
