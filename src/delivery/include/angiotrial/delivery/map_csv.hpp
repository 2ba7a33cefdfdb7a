// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>
#include <angiotrial/diagnostics/problem.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Electromechanical maps as comma-separated values. No mapping system publishes its format, so
/// this one is ours; the first row names the columns, in any order:
///
///   x_mm y_mm z_mm        place on the endocardium, in the frame of heart/ventricle.hpp
///   unipolar_mv           as shown, >= 0
///   bipolar_mv            as shown, >= 0; may be empty
///   shortening_percent    as shown; empty at every point or at none
///   segment               AHA segment, 1 to 17
///   injected              1 where a needle went, else 0
///   wall_mm               imaged thickness, > 0; may be empty, and the column may be missing
///
/// The truth of a point is never written.
namespace angiotrial::delivery {

/// Every point, in order. Expects finite values.
[[nodiscard]] std::string write_map_csv(const ElectromechanicalMap& map);

/// All problems at once, each with line, column and value: what formats::read_csv refuses, columns
/// missing or unknown, text that is no finite number, values out of range, shortening at some
/// points only, two points at one place, and fewer points than map.fewest_points. Without wall_mm
/// the walls are 0: see fill_walls.
[[nodiscard]] diagnostics::Result<ElectromechanicalMap> read_map_csv(const Parameters& parameters,
                                                                     std::string_view text,
                                                                     const std::string& file);

/// One problem for each point farther than planning.farthest_from_wall_mm from every patch; points
/// are counted from 1.
[[nodiscard]] std::vector<diagnostics::Problem> check_on_the_wall(const Parameters& parameters,
                                                                  const Endocardium& wall,
                                                                  const ElectromechanicalMap& map,
                                                                  const std::string& file);

/// Gives each point without a wall the imaged thickness that the ventricle's mean wall implies at
/// the nearest patch: imaging_ratio times the wall there, without an error of imaging.
void fill_walls(const Parameters& parameters, const Endocardium& wall, ElectromechanicalMap& map);

}  // namespace angiotrial::delivery
