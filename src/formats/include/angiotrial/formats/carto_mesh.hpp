// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Surfaces with values at their vertices as CARTO 3 exports them: text files `.mesh`, version 2.0.
/// The maker publishes no description; the layout is the one that open readers agree on.
namespace angiotrial::formats {

struct MeshColumn {
  std::string name;           ///< as the file has it: Unipolar, Bipolar, LAT ...
  std::vector<float> values;  ///< one for each vertex; NaN where the file says -10000: none there
};

struct CartoMesh {
  std::string name;  ///< may be empty
  std::vector<std::array<double, 3>> vertices_mm;
  std::vector<std::array<double, 3>> normals;  ///< at the vertices, as in the file
  std::vector<int> vertex_groups;
  std::vector<std::array<int, 3>> triangles;  ///< vertices, counted from 0
  std::vector<int> triangle_groups;
  std::vector<MeshColumn> columns;

  /// The column of that name, or nullptr.
  [[nodiscard]] const MeshColumn* column(std::string_view wanted) const;
};

/// The group of vertices and triangles that were cut away but still stand in the file.
inline constexpr int carto_cut_away = -1000000;

struct CartoLimits {
  std::size_t most_vertices = std::size_t{1} << 22U;
  std::size_t most_triangles = std::size_t{1} << 23U;
  std::size_t most_columns = 64;
  std::size_t most_file_bytes = std::size_t{1} << 29U;
};

/// Reads LF or CRLF text, in UTF-8 or else Latin-1, and tells every problem with its line, at most
/// 50. Rows must be numbered from 0 without a gap, as many as the header declares; triangles must
/// name vertices of the file. Sections other than the four of vertices, triangles, colours and
/// general attributes are passed over. Memory grows with the rows, not with what is declared.
[[nodiscard]] diagnostics::Result<CartoMesh> read_carto_mesh(std::string_view text,
                                                             const std::string& file,
                                                             const CartoLimits& limits = {});

/// The same of a file; one that cannot be read is a problem.
[[nodiscard]] diagnostics::Result<CartoMesh> read_carto_mesh_file(const std::filesystem::path& path,
                                                                  const CartoLimits& limits = {});

}  // namespace angiotrial::formats
