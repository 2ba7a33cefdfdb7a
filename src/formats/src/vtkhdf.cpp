// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/vtkhdf.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/atomic_file.hpp>

#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

// The file is built in memory by HDF5's core driver and then written in one piece: HDF5 never sees
// a disk that may be full.
namespace angiotrial::formats {
namespace {

/// HDF5 failed in memory.
struct HdfFailure {};

hid_t checked(hid_t answer) {
  if (answer < 0) throw HdfFailure{};
  return answer;
}

/// Owns an HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(checked(id)), close_(close) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close_(id_); }
  operator hid_t() const { return id_; }  // NOLINT(*-explicit-*): it stands for the identifier

 private:
  hid_t id_;
  Close close_;
};

/// Without it HDF5 prints its own errors to the terminal.
class QuietErrors {
 public:
  QuietErrors() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

void put(hid_t object, const std::string& name, hid_t stored, hid_t given, hid_t space,
         const void* from) {
  const Handle attribute(H5Acreate2(object, name.c_str(), stored, space, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  checked(H5Awrite(attribute, given, from));
}

void put_text(hid_t object, const std::string& name, const std::string& text) {
  ANGIOTRIAL_EXPECT(!text.empty(), "HDF5 has no empty text of fixed length");
  const bool ascii = std::ranges::all_of(text, [](char c) { return (c & '\x80') == 0; });
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  checked(H5Tset_size(type, text.size()));
  checked(H5Tset_strpad(type, H5T_STR_NULLPAD));
  checked(H5Tset_cset(type, ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8));
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  put(object, name, type, type, space, text.data());
}

template <std::size_t size>
void put_doubles(hid_t object, const std::string& name, const std::array<double, size>& values) {
  const hsize_t extent = size;
  const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  put(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, space, values.data());
}

template <std::size_t size>
void put_integers(hid_t object, const std::string& name, const std::array<int, size>& values) {
  const hsize_t extent = size;
  const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  put(object, name, H5T_STD_I32LE, H5T_NATIVE_INT, space, values.data());
}

void put_attribute(hid_t object, const std::string& name, const FileAttribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return put_text(object, name, *text);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  if (const auto* number = std::get_if<double>(&value)) {
    put(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, space, number);
  } else {
    put(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, space, &std::get<std::int64_t>(value));
  }
}

/// A group without time stamps.
Handle new_group(hid_t parent, const char* name) {
  const Handle plist(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(plist, false));
  return {H5Gcreate2(parent, name, H5P_DEFAULT, plist, H5P_DEFAULT), H5Gclose};
}

struct StoredAs {
  hid_t stored;
  hid_t given;
};

StoredAs types_of(const CellValues& values) {
  if (std::holds_alternative<std::span<const float>>(values))
    return {H5T_IEEE_F32LE, H5T_NATIVE_FLOAT};
  if (std::holds_alternative<std::span<const std::uint8_t>>(values))
    return {H5T_STD_U8LE, H5T_NATIVE_UINT8};
  return {H5T_STD_U16LE, H5T_NATIVE_UINT16};
}

void put_field(hid_t group, const CellField& field, const std::array<hsize_t, 3>& extent) {
  constexpr hsize_t longest_chunk = 64;
  constexpr unsigned level = 4;
  std::array<hsize_t, 3> chunk{};
  for (std::size_t i = 0; i < 3; ++i) chunk[i] = std::min(extent[i], longest_chunk);
  const Handle plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(plist, false));
  checked(H5Pset_chunk(plist, 3, chunk.data()));
  checked(H5Pset_shuffle(plist));
  checked(H5Pset_deflate(plist, level));
  const Handle space(H5Screate_simple(3, extent.data(), nullptr), H5Sclose);
  const StoredAs types = types_of(field.values);
  const Handle data(
      H5Dcreate2(group, field.name.c_str(), types.stored, space, H5P_DEFAULT, plist, H5P_DEFAULT),
      H5Dclose);
  const void* from = std::visit([](auto span) -> const void* { return span.data(); }, field.values);
  checked(H5Dwrite(data, types.given, H5S_ALL, H5S_ALL, H5P_DEFAULT, from));
  put_text(data, "unit", field.unit);
}

/// origin + direction (spacing / 2)
std::array<double, 3> first_centre(const CellImage& image) {
  std::array<double, 3> centre = image.origin_mm;
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 3; ++c) {
      centre[r] += image.direction[3 * r + c] * 0.5 * image.spacing_mm[c];
    }
  }
  return centre;
}

void put_image(hid_t file, const CellImage& image) {
  const Handle root(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose);
  put_text(root, "notice", image.notice);
  for (const auto& [name, value] : image.attributes) put_attribute(root, name, value);
  const auto [nx, ny, nz] = image.cells;
  const Handle vtk = new_group(file, "VTKHDF");
  put_integers<2>(vtk, "Version", {1, 0});
  put_text(vtk, "Type", "ImageData");
  // Extents number the points from 0, of which there is one more than cells.
  const bool points = image.placement == CellPlacement::points;
  const int less = points ? 1 : 0;
  put_integers<6>(vtk, "WholeExtent", {0, nx - less, 0, ny - less, 0, nz - less});
  put_doubles(vtk, "Origin", points ? first_centre(image) : image.origin_mm);
  put_doubles(vtk, "Spacing", image.spacing_mm);
  put_doubles(vtk, "Direction", image.direction);
  const Handle cells = new_group(vtk, points ? "PointData" : "CellData");
  const std::array<hsize_t, 3> extent{static_cast<hsize_t>(nz), static_cast<hsize_t>(ny),
                                      static_cast<hsize_t>(nx)};
  for (const CellField& field : image.cell_fields) put_field(cells, field, extent);
}

std::string image_bytes(const CellImage& image) {
  constexpr std::size_t growth = std::size_t{1} << 20U;
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  checked(H5Pset_fapl_core(access, growth, false));
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(creation, false));
  // The core driver opens no file of this name.
  const Handle file(H5Fcreate("image", H5F_ACC_TRUNC, creation, access), H5Fclose);
  put_image(file, image);
  checked(H5Fflush(file, H5F_SCOPE_GLOBAL));
  const ssize_t size = H5Fget_file_image(file, nullptr, 0);
  if (size < 0) throw HdfFailure{};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(file, bytes.data(), bytes.size()) != size) throw HdfFailure{};
  return bytes;
}

void expect_valid(const CellImage& image) {
  std::size_t count = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    ANGIOTRIAL_EXPECT(image.cells[i] >= 1, "an image has a cell each way");
    ANGIOTRIAL_EXPECT(std::isfinite(image.spacing_mm[i]) && image.spacing_mm[i] > 0.0,
                      "a cell has a length");
    count *= static_cast<std::size_t>(image.cells[i]);
  }
  std::set<std::string> names;
  for (const CellField& field : image.cell_fields) {
    ANGIOTRIAL_EXPECT(!field.name.empty() && field.name != "." &&
                          field.name.find_first_of(std::string_view("/\0", 2)) == std::string::npos,
                      "HDF5 takes the field's name for a path otherwise");
    ANGIOTRIAL_EXPECT(names.insert(field.name).second, "each field has its own name");
    const std::size_t given = std::visit([](auto span) { return span.size(); }, field.values);
    ANGIOTRIAL_EXPECT(given == count, "a field has one value for each cell");
  }
  std::set<std::string> said{"notice"};
  for (const auto& [name, value] : image.attributes) {
    ANGIOTRIAL_EXPECT(!name.empty() && said.insert(name).second, "each attribute has its own name");
  }
}

}  // namespace

void write_vtkhdf_image(const std::filesystem::path& path, const CellImage& image) {
  expect_valid(image);
  std::string bytes;
  try {
    // HDF5 keeps one library state for all threads.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const QuietErrors quiet;
    bytes = image_bytes(image);
  } catch (const HdfFailure&) {
    throw diagnostics::IoError(
        path.string(), "HDF5 cannot make the file in memory: there may be too little of it");
  }
  write_atomically(path, bytes);
}

}  // namespace angiotrial::formats
