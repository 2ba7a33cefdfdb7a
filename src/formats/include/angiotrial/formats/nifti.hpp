// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Images as NIfTI-1 single files (`.nii`, `.nii.gz`), the form in which masks and perfusion maps
/// travel between imaging tools.
namespace angiotrial::formats {

/// One scalar on a regular grid. World axes are RAS: x to the patient's right, y to the front, z to
/// the head, in mm.
struct Volume {
  std::array<int, 3> cells{};          ///< along i, j, k; each at least 1
  std::array<double, 3> spacing_mm{};  ///< the lengths of the affine's first three columns
  /// World point of the centre of cell (i, j, k): the rows times (i, j, k, 1).
  std::array<std::array<double, 4>, 3> voxel_to_world_mm{};
  std::vector<float> values;  ///< i runs fastest, then j; NaN stays NaN
};

/// What a file may ask for. A file that asks for more is a problem, and no memory is given to it.
struct NiftiLimits {
  std::size_t most_voxels = std::size_t{1} << 28U;
  std::size_t most_file_bytes = (std::size_t{1} << 31U) + (std::size_t{1} << 20U);
};

/// Reads a volume of either byte order, of 8 to 64 bit integers or 32 or 64 bit floats, with its
/// slope and intercept applied. `file` names the bytes in the problems only.
///
/// Gzip is recognised by its first bytes and inflated no further than the header says there is
/// data. The grid must have an orientation (sform, else qform) that agrees with pixdim to 1 %;
/// metres and micrometres become mm, and an unnamed unit is taken for mm. A fourth and later
/// dimension must be 1. Bytes beyond the data are a problem too: the header then tells not all.
[[nodiscard]] diagnostics::Result<Volume> read_nifti(std::string_view bytes,
                                                     const std::string& file,
                                                     const NiftiLimits& limits = {});

/// The same of a file; one that cannot be read is a problem.
[[nodiscard]] diagnostics::Result<Volume> read_nifti_file(const std::filesystem::path& path,
                                                          const NiftiLimits& limits = {});

enum class NiftiType { uint8, int16, float32 };

/// What the world coordinates are those of: the scanner's, or another image or model.
enum class NiftiSpace { scanner = 1, aligned = 2 };

struct NiftiLabel {
  std::string description;  ///< at most 79 bytes
  std::string intent_name;  ///< what the values mean, at most 15 bytes
  NiftiSpace space = NiftiSpace::aligned;
};

/// A little-endian single file with the affine as sform and no qform: the same volume, the same
/// bytes. Expects 1 to 32767 cells each way, as many values, spacings that are those of the affine,
/// and for the integer types whole values within the type's range.
[[nodiscard]] std::string nifti_bytes(const Volume& volume, NiftiType type,
                                      const NiftiLabel& label);

}  // namespace angiotrial::formats
