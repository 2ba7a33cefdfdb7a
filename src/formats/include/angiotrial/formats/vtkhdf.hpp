// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Fields on a regular grid as VTKHDF, which ParaView opens: an HDF5 file of a fixed layout. HDF5
/// is only ever written here, never read.
namespace angiotrial::formats {

/// One value for each cell; x runs fastest, then y.
using CellValues = std::variant<std::span<const float>, std::span<const std::uint8_t>,
                                std::span<const std::uint16_t>>;

struct CellField {
  std::string name;  ///< its own, not empty, without '/'
  std::string unit;  ///< "1" where there is none
  CellValues values;
};

using FileAttribute = std::variant<std::string, double, std::int64_t>;

/// Where VTK is told that a cell's value stands. `cells` is what it is. VTK 9.1 (ParaView 5.10)
/// fails on cell arrays of images, which later versions read; `points` puts each value at its
/// cell's centre, for every version, and the picture loses half a cell all round.
enum class CellPlacement { cells, points };

struct CellImage {
  std::array<int, 3> cells{};          ///< along x, y, z; each at least 1
  std::array<double, 3> spacing_mm{};  ///< edges of a cell
  std::array<double, 3> origin_mm{};   ///< the outer corner of the first cell, not its centre
  std::array<double, 9> direction{1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0};  ///< by rows
  std::vector<CellField> cell_fields;
  /// What else is said of the whole file, by name: seed, study, version.
  std::vector<std::pair<std::string, FileAttribute>> attributes;
  std::string notice = "SIMULATED: not for clinical decisions";
  CellPlacement placement = CellPlacement::cells;
};

/// Writes the image as VTKHDF 1.0 ImageData, whole or not at all, as write_atomically does. The
/// same image gives the same bytes with the same HDF5 and zlib: no time stands in the file. Fields
/// are stored as [z][y][x], in chunks of at most 64 cells each way, shuffled and deflated at
/// level 4. The attribute "unit" of each field and the attributes of the file stand outside what
/// VTKHDF defines, and its readers pass over them.
///
/// Expects positive extents and finite positive spacings, values for every cell, names and texts
/// that are not empty, and no name twice. Throws diagnostics::IoError when the file cannot be
/// written.
void write_vtkhdf_image(const std::filesystem::path& path, const CellImage& image);

}  // namespace angiotrial::formats
