// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/nifti.hpp>

#include "nifti_header.hpp"

#include <nifti1_io.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace angiotrial::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written in this byte order");

template <std::size_t size>
void put_text(char (&field)[size], const std::string& text) {
  ANGIOTRIAL_EXPECT(text.size() < size, "the text fits its field with a closing NUL");
  std::memcpy(field, text.data(), text.size());
}

void put_type(nifti_1_header& header, NiftiType type) {
  switch (type) {
    case NiftiType::uint8:
      header.datatype = DT_UINT8;
      header.bitpix = 8;
      break;
    case NiftiType::int16:
      header.datatype = DT_INT16;
      header.bitpix = 16;
      break;
    case NiftiType::float32:
      header.datatype = DT_FLOAT32;
      header.bitpix = 32;
      break;
  }
}

void put_grid(nifti_1_header& header, const Volume& volume) {
  header.dim[0] = 3;
  for (std::size_t i = 1; i < 8; ++i) header.dim[i] = 1;
  for (float& extent : header.pixdim) extent = 1.0F;
  const std::array<float*, 3> rows{header.srow_x, header.srow_y, header.srow_z};
  const auto& affine = volume.voxel_to_world_mm;
  for (std::size_t c = 0; c < 3; ++c) {
    ANGIOTRIAL_EXPECT(volume.cells[c] >= 1 && volume.cells[c] <= 32767,
                      "NIfTI-1 counts in 15 bits");
    const double length = std::hypot(affine[0][c], affine[1][c], affine[2][c]);
    ANGIOTRIAL_EXPECT(std::abs(length - volume.spacing_mm[c]) <= 1e-3 * length,
                      "the spacing is that of the affine");
    header.dim[c + 1] = static_cast<short>(volume.cells[c]);
    header.pixdim[c + 1] = static_cast<float>(volume.spacing_mm[c]);
  }
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 4; ++c) rows[r][c] = static_cast<float>(affine[r][c]);
  }
}

template <class Element>
void put_values(std::string& bytes, const std::vector<float>& values) {
  const std::size_t begin = bytes.size();
  bytes.resize(begin + values.size() * sizeof(Element));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if constexpr (std::is_integral_v<Element>) {
      using Range = std::numeric_limits<Element>;
      ANGIOTRIAL_EXPECT(values[i] >= static_cast<float>(Range::min()) &&
                            values[i] <= static_cast<float>(Range::max()) &&
                            values[i] == std::floor(values[i]),
                        "integer data are whole numbers in range");
    }
    const auto element = static_cast<Element>(values[i]);
    std::memcpy(bytes.data() + begin + i * sizeof(Element), &element, sizeof element);
  }
}

}  // namespace

std::string nifti_bytes(const Volume& volume, NiftiType type, const NiftiLabel& label) {
  nifti_1_header header{};
  header.sizeof_hdr = static_cast<int>(sizeof header);
  header.regular = 'r';
  put_grid(header, volume);
  ANGIOTRIAL_EXPECT(volume.values.size() == static_cast<std::size_t>(volume.cells[0]) *
                                                static_cast<std::size_t>(volume.cells[1]) *
                                                static_cast<std::size_t>(volume.cells[2]),
                    "there is one value for each cell");
  put_type(header, type);
  header.vox_offset = static_cast<float>(nifti_data_begin);
  header.scl_slope = 1.0F;
  header.xyzt_units = NIFTI_UNITS_MM;
  header.sform_code = static_cast<short>(label.space);
  put_text(header.descrip, label.description);
  put_text(header.intent_name, label.intent_name);
  std::memcpy(header.magic, "n+1", sizeof header.magic);
  std::string bytes(nifti_data_begin, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  if (type == NiftiType::uint8) put_values<std::uint8_t>(bytes, volume.values);
  if (type == NiftiType::int16) put_values<std::int16_t>(bytes, volume.values);
  if (type == NiftiType::float32) put_values<float>(bytes, volume.values);
  return bytes;
}

}  // namespace angiotrial::formats
