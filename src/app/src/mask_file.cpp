// SPDX-License-Identifier: Apache-2.0
#include "mask_file.hpp"

#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/nifti.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "folder_files.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace angiotrial::app {
namespace {

using diagnostics::Problem;
using diagnostics::Result;
using heart::Landmarks;
using Point = tissue::PositionMm;

using Mark = std::pair<const char*, Point Landmarks::*>;
constexpr std::array<Mark, 4> marks{{{"apex", &Landmarks::apex_mm},
                                     {"base_centre", &Landmarks::base_centre_mm},
                                     {"anterior_insertion", &Landmarks::anterior_insertion_mm},
                                     {"inferior_insertion", &Landmarks::inferior_insertion_mm}}};
constexpr std::array<const char*, 3> axes{"x_mm", "y_mm", "z_mm"};

/// One row of the table as a point. Expects a table with the three axes.
Point point_of(const formats::CsvTable& table, std::size_t row, const std::string& file,
               std::vector<Problem>& problems) {
  Point point{};
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const std::string& cell = table.rows[row][*table.column(axes[k])];
    const auto number = formats::finite_number(cell);
    if (number) point[k] = *number;
    if (!number) {
      problems.push_back({file, table.lines[row], axes[k], cell, "must be a number of mm", ""});
    }
  }
  return point;
}

Result<Landmarks> landmarks_of(const formats::CsvTable& table, const std::string& file) {
  std::vector<Problem> problems;
  const auto names = table.column("name");
  if (!names) problems.push_back({file, 1, "name", "", "the column is missing", ""});
  for (const char* axis : axes) {
    if (!table.column(axis)) problems.push_back({file, 1, axis, "", "the column is missing", ""});
  }
  if (!problems.empty()) return problems;
  Landmarks found;
  for (const auto& [name, member] : marks) {
    int times = 0;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      if (table.rows[row][*names] != name) continue;
      found.*member = point_of(table, row, file, problems);
      ++times;
    }
    if (times != 1) problems.push_back({file, 0, name, "", "must stand in exactly one row", ""});
  }
  if (!problems.empty()) return problems;
  return found;
}

Result<Landmarks> read_landmarks(std::string_view text, const std::string& file) {
  const auto table = formats::read_csv(text, file);
  if (!table) return table.problems();
  return landmarks_of(table.value(), file);
}

using Matrix = std::array<std::array<double, 4>, 3>;

double determinant(const Matrix& a) {
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
         a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
         a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

/// World point to the frame whose axes are those of the voxels and whose origin is the first
/// voxel's centre. Expects columns of the affine at right angles.
Point in_voxel_frame(const formats::Volume& volume, const Point& world) {
  const Matrix& a = volume.voxel_to_world_mm;
  Point point{};
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t r = 0; r < 3; ++r) {
      point[k] += a[r][k] / volume.spacing_mm[k] * (world[r] - a[r][3]);
    }
  }
  return point;
}

bool is_muscle(float value) { return value != 0.0F && !std::isnan(value); }

bool is_skewed(const formats::Volume& volume) {
  constexpr double most_cosine = 1.0e-3;
  const Matrix& a = volume.voxel_to_world_mm;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::size_t next = (k + 1) % 3;
    double dot = 0.0;
    for (std::size_t r = 0; r < 3; ++r) dot += a[r][k] * a[r][next];
    if (std::abs(dot) > most_cosine * volume.spacing_mm[k] * volume.spacing_mm[next]) return true;
  }
  return false;
}

/// First cell and one past the last, along each axis.
struct Crop {
  std::array<int, 3> from{}, to{};
};

/// Around muscle with a margin, where the image has one: scans hold far more than a heart.
Crop crop_of(const formats::Volume& volume) {
  constexpr int margin = 3;
  Crop crop{volume.cells, {0, 0, 0}};
  std::size_t at = 0;
  for (int k = 0; k < volume.cells[2]; ++k) {
    for (int j = 0; j < volume.cells[1]; ++j) {
      for (int i = 0; i < volume.cells[0]; ++i, ++at) {
        if (!is_muscle(volume.values[at])) continue;
        const std::array<int, 3> cell{i, j, k};
        for (std::size_t a = 0; a < 3; ++a) {
          crop.from[a] = std::min(crop.from[a], cell[a]);
          crop.to[a] = std::max(crop.to[a], cell[a] + 1);
        }
      }
    }
  }
  if (crop.to[0] == 0) return {{0, 0, 0}, volume.cells};  // no muscle: the checks will say so
  for (std::size_t a = 0; a < 3; ++a) {
    crop.from[a] = std::max(0, crop.from[a] - margin);
    crop.to[a] = std::min(volume.cells[a], crop.to[a] + margin);
  }
  return crop;
}

heart::Mask mask_of(const formats::Volume& volume, const Landmarks& world,
                    const std::string& name) {
  const Crop crop = crop_of(volume);
  heart::Mask mask;
  mask.name = name;
  mask.spacing_mm = volume.spacing_mm;
  for (std::size_t a = 0; a < 3; ++a) {
    mask.cells[a] = crop.to[a] - crop.from[a];
    mask.first_centre_mm[a] = crop.from[a] * volume.spacing_mm[a];
  }
  const auto nx = static_cast<std::size_t>(volume.cells[0]);
  const auto ny = static_cast<std::size_t>(volume.cells[1]);
  for (int k = crop.from[2]; k < crop.to[2]; ++k) {
    for (int j = crop.from[1]; j < crop.to[1]; ++j) {
      const std::size_t row = nx * (static_cast<std::size_t>(j) + ny * static_cast<std::size_t>(k));
      for (int i = crop.from[0]; i < crop.to[0]; ++i) {
        const float value = volume.values[row + static_cast<std::size_t>(i)];
        mask.inside.push_back(is_muscle(value) ? 1 : 0);
      }
    }
  }
  for (const auto& [mark, member] : marks) {
    mask.landmarks.*member = in_voxel_frame(volume, world.*member);
  }
  mask.left_handed = determinant(volume.voxel_to_world_mm) < 0.0;
  return mask;
}

}  // namespace

Result<heart::Mask> read_mask(const std::string& nifti, const std::string& landmarks) {
  const auto volume = formats::read_nifti_file(nifti);
  const auto points = read_file(landmarks, read_landmarks);
  std::vector<Problem> problems = volume.problems();
  problems.insert(problems.end(), points.problems().begin(), points.problems().end());
  if (volume && is_skewed(volume.value())) {
    problems.push_back({nifti, 0, "sform", "", "the axes of the voxels must stand at right angles",
                        "resample the mask without shear"});
  }
  if (!problems.empty()) return problems;
  heart::Mask mask = mask_of(volume.value(), points.value(), nifti);
  problems = heart::problems_of(mask);
  if (!problems.empty()) return problems;
  return mask;
}

}  // namespace angiotrial::app
