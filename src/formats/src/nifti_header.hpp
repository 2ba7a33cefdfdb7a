// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/nifti.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Bytes before which no data may stand: the header and four bytes that announce extensions.
inline constexpr std::size_t nifti_data_begin = 352;

enum class NiftiElement { u8, i8, i16, u16, i32, u32, i64, u64, f32, f64 };

/// A checked header: all that is needed to turn bytes into values.
struct NiftiPlan {
  std::array<int, 3> cells{};
  std::array<double, 3> spacing_mm{};
  std::array<std::array<double, 4>, 3> voxel_to_world_mm{};
  NiftiElement element = NiftiElement::u8;
  bool swapped = false;  ///< the file's byte order is not this machine's
  double slope = 1.0;
  double intercept = 0.0;
  std::size_t begin = nifti_data_begin;  ///< first byte of the data
  std::size_t voxels = 0;
  std::size_t end = 0;  ///< bytes of the whole file
};

/// Checks everything in the first nifti_data_begin bytes; fewer are a problem.
[[nodiscard]] diagnostics::Result<NiftiPlan> read_nifti_header(std::string_view bytes,
                                                               const std::string& file,
                                                               const NiftiLimits& limits);

}  // namespace angiotrial::formats
