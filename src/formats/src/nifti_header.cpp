// SPDX-License-Identifier: Apache-2.0
#include "nifti_header.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <nifti1_io.h>

#include <cmath>
#include <cstring>
#include <optional>

// Of the NIfTI reference library only what works on one header in memory is used: the layout and
// codes, the byte swap, and the quaternion's matrix. Its readers want a file of their own, print to
// the terminal and turn NaN into 0.
namespace angiotrial::formats {
namespace {

using diagnostics::Problem;

struct ElementRow {
  int code;
  NiftiElement element;
  int bytes;
};

constexpr std::array elements{
    ElementRow{DT_UINT8, NiftiElement::u8, 1},    ElementRow{DT_INT8, NiftiElement::i8, 1},
    ElementRow{DT_INT16, NiftiElement::i16, 2},   ElementRow{DT_UINT16, NiftiElement::u16, 2},
    ElementRow{DT_INT32, NiftiElement::i32, 4},   ElementRow{DT_UINT32, NiftiElement::u32, 4},
    ElementRow{DT_INT64, NiftiElement::i64, 8},   ElementRow{DT_UINT64, NiftiElement::u64, 8},
    ElementRow{DT_FLOAT32, NiftiElement::f32, 4}, ElementRow{DT_FLOAT64, NiftiElement::f64, 8}};

std::string text_of(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0.0 ? "infinity" : "-infinity";
  return shortest(value);
}

/// Fills a plan from the header; what is wrong with it goes to the problems.
class HeaderCheck {
 public:
  HeaderCheck(const nifti_1_header& header, const std::string& file, const NiftiLimits& limits)
      : header_(header), file_(file), limits_(limits) {}

  diagnostics::Result<NiftiPlan> run() {
    grid();
    data();
    if (problems_.empty()) geometry();
    if (!problems_.empty()) return std::move(problems_);
    return plan_;
  }

 private:
  void refuse(std::string key, std::string value, std::string rule, std::string hint = "") {
    problems_.push_back(
        {file_, 0, std::move(key), std::move(value), std::move(rule), std::move(hint)});
  }

  void grid() {
    if (header_.dim[0] < 3) {
      return refuse("dim[0]", std::to_string(header_.dim[0]),
                    "a volume of three dimensions is expected");
    }
    plan_.voxels = 1;
    for (std::size_t i = 1; i <= static_cast<std::size_t>(header_.dim[0]); ++i) {
      const int extent = header_.dim[i];
      const bool spatial = i <= 3;
      if (extent < 1 || (!spatial && extent != 1)) {
        refuse("dim[" + std::to_string(i) + "]", std::to_string(extent),
               spatial ? "must be at least 1" : "must be 1: one volume is expected");
        continue;
      }
      if (!spatial) continue;
      plan_.cells[i - 1] = extent;
      plan_.voxels *= static_cast<std::size_t>(extent);  // at most 2^45
    }
    if (problems_.empty() && plan_.voxels > limits_.most_voxels) {
      refuse("dim", std::to_string(plan_.voxels) + " voxels",
             "must not be more than " + std::to_string(limits_.most_voxels));
    }
  }

  void data() {
    std::optional<ElementRow> row;
    for (const ElementRow& candidate : elements) {
      if (candidate.code == header_.datatype) row = candidate;
    }
    if (!row) {
      return refuse("datatype", std::to_string(header_.datatype),
                    "integers of 8 to 64 bits or floats of 32 or 64 bits are expected",
                    "complex, colour and 128 bit values cannot be read");
    }
    plan_.element = row->element;
    if (header_.bitpix != 8 * row->bytes) {
      refuse("bitpix", std::to_string(header_.bitpix),
             "must be " + std::to_string(8 * row->bytes) + " for datatype " +
                 std::to_string(row->code));
    }
    scaling();
    place(static_cast<std::size_t>(row->bytes));
  }

  /// A slope of 0 means that there is no scaling.
  void scaling() {
    if (header_.scl_slope == 0.0F) return;
    if (!std::isfinite(header_.scl_slope) || !std::isfinite(header_.scl_inter)) {
      return refuse("scl_slope, scl_inter",
                    text_of(header_.scl_slope) + ", " + text_of(header_.scl_inter),
                    "must be finite");
    }
    plan_.slope = header_.scl_slope;
    plan_.intercept = header_.scl_inter;
  }

  void place(std::size_t element_bytes) {
    const double offset = header_.vox_offset;
    const auto most = static_cast<double>(limits_.most_file_bytes);
    // The comparison is false for NaN.
    if (!(offset >= static_cast<double>(nifti_data_begin) && offset <= most) ||
        offset != std::floor(offset)) {
      return refuse("vox_offset", text_of(offset),
                    "must be a whole number from " + std::to_string(nifti_data_begin) +
                        " to the size of the file");
    }
    if (!problems_.empty()) return;
    plan_.begin = static_cast<std::size_t>(offset);
    plan_.end = plan_.begin + plan_.voxels * element_bytes;
    if (plan_.end > limits_.most_file_bytes) {
      refuse("dim", std::to_string(plan_.end) + " bytes",
             "must not be more than " + std::to_string(limits_.most_file_bytes));
    }
  }

  void geometry() {
    const double mm = unit_mm();
    if (header_.sform_code > 0) {
      sform();
    } else if (header_.qform_code > 0) {
      qform();
    } else {
      refuse("sform_code, qform_code",
             std::to_string(header_.sform_code) + ", " + std::to_string(header_.qform_code),
             "one of them must be above 0: left and right are unknown otherwise",
             "set the orientation with the tool that made the file");
    }
    if (!problems_.empty()) return;
    for (auto& row : plan_.voxel_to_world_mm) {
      for (double& entry : row) entry *= mm;
    }
    spacing(mm);
    if (problems_.empty()) check_volume();
  }

  double unit_mm() {
    const int code = XYZT_TO_SPACE(header_.xyzt_units);
    if (code == NIFTI_UNITS_METER) return 1e3;
    if (code == NIFTI_UNITS_MICRON) return 1e-3;
    if (code != NIFTI_UNITS_MM && code != NIFTI_UNITS_UNKNOWN) {
      refuse("xyzt_units", std::to_string(code), "must be metre (1), mm (2) or micrometre (3)");
    }
    return 1.0;
  }

  void sform() {
    const std::array<const float*, 3> rows{header_.srow_x, header_.srow_y, header_.srow_z};
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) plan_.voxel_to_world_mm[r][c] = rows[r][c];
    }
  }

  void qform() {
    const auto& h = header_;
    const float qfac = h.pixdim[0] < 0.0F ? -1.0F : 1.0F;
    const mat44 m =
        ::nifti_quatern_to_mat44(h.quatern_b, h.quatern_c, h.quatern_d, h.qoffset_x, h.qoffset_y,
                                 h.qoffset_z, h.pixdim[1], h.pixdim[2], h.pixdim[3], qfac);
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) plan_.voxel_to_world_mm[r][c] = m.m[r][c];
    }
  }

  /// Column lengths, which must be those that pixdim states.
  void spacing(double mm) {
    constexpr double least_mm = 1e-6;
    constexpr double most_mm = 1e6;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto& a = plan_.voxel_to_world_mm;
      const double length = std::hypot(a[0][c], a[1][c], a[2][c]);
      const double stated = mm * header_.pixdim[c + 1];
      const std::string key = "pixdim[" + std::to_string(c + 1) + "]";
      if (!(length >= least_mm && length <= most_mm)) {
        refuse("affine", text_of(length) + " mm",
               "column " + std::to_string(c + 1) + " must be a cell's length in mm");
      } else if (!(std::abs(stated - length) <= 0.01 * length)) {
        refuse(key, text_of(stated) + " mm",
               "disagrees with the affine, whose cells are " + text_of(length) + " mm long");
      }
      plan_.spacing_mm[c] = length;
    }
  }

  /// The cells must have a volume and stand at a finite place.
  void check_volume() {
    const auto& a = plan_.voxel_to_world_mm;
    const double det = a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
                       a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
                       a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
    const auto& s = plan_.spacing_mm;
    if (!(std::abs(det) >= 1e-6 * s[0] * s[1] * s[2])) {
      refuse("affine", text_of(det) + " mm3", "the three axes must not lie in one plane");
    }
    for (const auto& row : a) {
      if (!(std::abs(row[3]) <= 1e9)) {
        refuse("affine", text_of(row[3]) + " mm", "the first cell must stand at a finite place");
      }
    }
  }

  const nifti_1_header& header_;
  const std::string& file_;
  const NiftiLimits& limits_;
  NiftiPlan plan_;
  std::vector<Problem> problems_;
};

/// What the bytes are when they are no NIfTI-1 single file, as far as their first ones tell.
std::string guess(std::string_view bytes) {
  if (bytes.starts_with("\x89HDF\r\n\x1A\n")) return "this is an HDF5 file";
  const std::string_view start = bytes.substr(0, 4);
  if (start == std::string_view("\x1C\x02\0\0", 4) || start == std::string_view("\0\0\x02\x1C", 4))
    return "this is a NIfTI-2 file: convert it to NIfTI-1";
  if (bytes.size() == sizeof(nifti_1_header)) {
    return "this may be the header of a pair: join header and image into one .nii file";
  }
  return "";
}

std::vector<Problem> not_nifti(const std::string& file, std::string key, std::string value,
                               std::string rule, std::string hint) {
  return {Problem{file, 0, std::move(key), std::move(value), std::move(rule), std::move(hint)}};
}

}  // namespace

diagnostics::Result<NiftiPlan> read_nifti_header(std::string_view bytes, const std::string& file,
                                                 const NiftiLimits& limits) {
  static_assert(sizeof(nifti_1_header) == 348);
  if (bytes.size() < nifti_data_begin) {
    return not_nifti(file, "size", std::to_string(bytes.size()) + " bytes",
                     "a NIfTI-1 file has at least " + std::to_string(nifti_data_begin),
                     guess(bytes));
  }
  nifti_1_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const int stated = header.sizeof_hdr;
  const bool swapped = stated != static_cast<int>(sizeof header);
  if (swapped) ::swap_nifti_header(&header, 1);
  if (header.sizeof_hdr != static_cast<int>(sizeof header)) {
    return not_nifti(file, "sizeof_hdr", std::to_string(stated),
                     "must be 348 in a NIfTI-1 file, in one byte order or the other", guess(bytes));
  }
  const std::string_view magic = bytes.substr(344, 4);
  if (magic != std::string_view("n+1\0", 4)) {
    const bool pair = magic == std::string_view("ni1\0", 4);
    return not_nifti(file, "magic", pair ? "ni1" : "", "a single file, with n+1, is expected",
                     pair ? "join header and image into one .nii file"
                          : "ANALYZE files have no orientation and cannot be read");
  }
  if (header.dim[0] < 1 || header.dim[0] > 7) {
    return not_nifti(file, "dim[0]", std::to_string(header.dim[0]), "must be from 1 to 7", "");
  }
  auto plan = HeaderCheck(header, file, limits).run();
  if (plan.ok()) plan.value().swapped = swapped;
  return plan;
}

}  // namespace angiotrial::formats
