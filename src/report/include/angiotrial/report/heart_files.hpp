// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/report/output.hpp>
#include <angiotrial/trial/view.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

/// One patient's heart as files: images for ParaView and imaging tools, tables, bull's-eyes.
///
/// Images stand in axes as a body has them: x from the lateral wall to the septum (to the patient's
/// right), y to the anterior wall, z to the base, in mm, origin on the long axis at the equator.
namespace angiotrial::report {

struct HeartCaption {
  std::string study_id;
  std::string arm;
  std::uint64_t seed;
  std::string version;
};

/// heart_day_DDDD.vtkhdf with every field, stress_flow_day_DDDD.nii and vessel_density_day_DDDD.nii
/// for each day, segment.nii once. One day is held in memory at a time. Returns the names written.
std::vector<std::string> write_heart_images(const trial::View& view, const HeartCaption& caption,
                                            const std::filesystem::path& dir);

/// segments.csv, sites.csv, course.csv, burden.csv, bullseye.svg and, of an ellipsoid,
/// landmarks.csv.
[[nodiscard]] OutputFiles heart_tables(const trial::View& view, const HeartCaption& caption);

/// What happened to this heart, in lines of at most 80 columns.
[[nodiscard]] std::string heart_summary(const trial::View& view, const HeartCaption& caption);

/// The table of View::refine, with the extrapolated error of the two headline outputs.
[[nodiscard]] std::string refinement_table(const trial::View& view);

}  // namespace angiotrial::report
