// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/heart/mask.hpp>

#include <string>

namespace angiotrial::app {

/// A usable mask from a NIfTI file, where what is not 0 is muscle, and a table of four landmarks in
/// the file's world coordinates: name, x_mm, y_mm, z_mm, with the names apex, base_centre,
/// anterior_insertion and inferior_insertion. Else every problem of both files.
[[nodiscard]] diagnostics::Result<heart::Mask> read_mask(const std::string& nifti,
                                                         const std::string& landmarks);

}  // namespace angiotrial::app
