// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/nifti.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

// Whatever the bytes: a volume within the limits or problems; and a volume is written and read back
// to the same values.
namespace angiotrial::formats {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void try_bytes(std::string_view bytes) {
  constexpr NiftiLimits limits{4096, std::size_t{1} << 16U};
  const auto volume = read_nifti(bytes, "a.nii", limits);
  demand(volume.ok() == volume.problems().empty());
  for (const auto& problem : volume.problems()) demand(!problem.rule.empty());
  if (!volume.ok()) return;
  const Volume& v = volume.value();
  demand(v.values.size() <= limits.most_voxels);
  const auto again = read_nifti(nifti_bytes(v, NiftiType::float32, {}), "b.nii", limits);
  demand(again.ok());
  demand(again.value().cells == v.cells);
  for (std::size_t i = 0; i < v.values.size(); ++i) {
    demand(std::bit_cast<std::uint32_t>(v.values[i]) ==
               std::bit_cast<std::uint32_t>(again.value().values[i]) ||
           (std::isnan(v.values[i]) && std::isnan(again.value().values[i])));
  }
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_bytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
