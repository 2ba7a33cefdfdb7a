// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/carto_mesh.hpp>

#include <cmath>
#include <cstdint>

// Whatever the bytes: a mesh whose parts fit each other, or problems with lines.
namespace angiotrial::formats {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void try_text(std::string_view text) {
  constexpr CartoLimits limits{64, 64, 8, std::size_t{1} << 20U};
  const auto read = read_carto_mesh(text, "a.mesh", limits);
  demand(read.ok() == read.problems().empty());
  for (const auto& problem : read.problems()) demand(problem.line >= 1 && !problem.rule.empty());
  if (!read.ok()) return;
  const CartoMesh& mesh = read.value();
  const std::size_t count = mesh.vertices_mm.size();
  demand(count >= 1 && count <= limits.most_vertices);
  demand(mesh.normals.size() == count && mesh.vertex_groups.size() == count);
  demand(mesh.triangles.size() == mesh.triangle_groups.size());
  demand(mesh.triangles.size() <= limits.most_triangles);
  demand(mesh.columns.size() <= limits.most_columns);
  for (const auto& triangle : mesh.triangles) {
    for (const int corner : triangle) {
      demand(corner >= 0 && static_cast<std::size_t>(corner) < count);
    }
  }
  for (const MeshColumn& column : mesh.columns) {
    demand(!column.name.empty() && column.values.size() == count);
    demand(mesh.column(column.name) == &column);
    for (const float value : column.values) demand(!std::isinf(value));
  }
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
