// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/formats/nifti.hpp>
#include <angiotrial/formats/text_file.hpp>
#include <angiotrial/formats/vtkhdf.hpp>

#include <hdf5.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>

namespace angiotrial::formats {
namespace {

namespace fs = std::filesystem;
using diagnostics::ContractViolation;
using diagnostics::IoError;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

class VtkHdf : public testing::Test {
 protected:
  VtkHdf()
      : folder(fs::path(testing::TempDir()) / ("angiotrial_vtkhdf_" + std::to_string(getpid()))) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    for (std::size_t i = 0; i < 24; ++i) {
      density[i] = 1.5F * static_cast<float>(i);
      segment[i] = static_cast<std::uint8_t>(i % 18);
      region[i] = static_cast<std::uint16_t>(1000 * i);
    }
    density[23] = nan;
    image.cells = {2, 3, 4};
    image.spacing_mm = {1.0, 1.5, 2.0};
    image.origin_mm = {-10.0, 0.0, 5.5};
    image.cell_fields = {
        {"density", "1/mm\xC2\xB2", density}, {"segment", "1", segment}, {"region", "1", region}};
    image.attributes = {{"study", std::string("S")}, {"seed", std::int64_t{7}}, {"month", 6.0}};
  }
  ~VtkHdf() override { fs::remove_all(folder); }

  std::string written(const std::string& name) {
    write_vtkhdf_image(folder / name, image);
    return read_text_file(folder / name, 1'000'000).value();
  }

  std::array<float, 24> density{};
  std::array<std::uint8_t, 24> segment{};
  std::array<std::uint16_t, 24> region{};
  CellImage image;
  fs::path folder;
};

template <class Value, std::size_t count>
std::array<Value, count> attribute(hid_t object, const char* name, hid_t type) {
  std::array<Value, count> values{};
  const hid_t id = H5Aopen(object, name, H5P_DEFAULT);
  EXPECT_GE(id, 0) << name;
  const hid_t space = H5Aget_space(id);
  EXPECT_EQ(H5Sget_simple_extent_npoints(space), static_cast<hssize_t>(count)) << name;
  EXPECT_GE(H5Aread(id, type, values.data()), 0) << name;
  H5Sclose(space);
  H5Aclose(id);
  return values;
}

std::string text_attribute(hid_t object, const char* name) {
  const hid_t id = H5Aopen(object, name, H5P_DEFAULT);
  EXPECT_GE(id, 0) << name;
  const hid_t type = H5Aget_type(id);
  EXPECT_EQ(H5Tget_class(type), H5T_STRING);
  EXPECT_EQ(H5Tis_variable_str(type), 0) << "VTK wants a fixed length";
  std::string text(H5Tget_size(type), '\0');
  EXPECT_GE(H5Aread(id, type, text.data()), 0);
  H5Tclose(type);
  H5Aclose(id);
  return text;
}

template <class Value>
std::vector<Value> values_of(hid_t file, const std::string& name, hid_t stored, hid_t type) {
  const hid_t id = H5Dopen2(file, ("/VTKHDF/CellData/" + name).c_str(), H5P_DEFAULT);
  EXPECT_GE(id, 0) << name;
  const hid_t space = H5Dget_space(id);
  std::array<hsize_t, 3> extent{};
  EXPECT_EQ(H5Sget_simple_extent_dims(space, extent.data(), nullptr), 3);
  EXPECT_EQ(extent, (std::array<hsize_t, 3>{4, 3, 2}));  // z, y, x
  const hid_t found = H5Dget_type(id);
  EXPECT_GT(H5Tequal(found, stored), 0) << name;
  std::vector<Value> values(24);
  EXPECT_GE(H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5O_info_t info{};
  EXPECT_GE(H5Oget_info(id, &info), 0);
  EXPECT_EQ(info.ctime, 0);
  EXPECT_FALSE(text_attribute(id, "unit").empty());
  H5Tclose(found);
  H5Sclose(space);
  H5Dclose(id);
  return values;
}

TEST_F(VtkHdf, HasTheLayoutOfVersionOne) {
  written("a.vtkhdf");
  const hid_t file = H5Fopen((folder / "a.vtkhdf").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const hid_t vtk = H5Gopen2(file, "VTKHDF", H5P_DEFAULT);
  ASSERT_GE(vtk, 0);
  EXPECT_EQ((attribute<int, 2>(vtk, "Version", H5T_NATIVE_INT)), (std::array{1, 0}));
  EXPECT_EQ(text_attribute(vtk, "Type"), "ImageData");
  EXPECT_EQ((attribute<int, 6>(vtk, "WholeExtent", H5T_NATIVE_INT)),
            (std::array{0, 2, 0, 3, 0, 4}));
  EXPECT_EQ((attribute<double, 3>(vtk, "Origin", H5T_NATIVE_DOUBLE)), image.origin_mm);
  EXPECT_EQ((attribute<double, 3>(vtk, "Spacing", H5T_NATIVE_DOUBLE)), image.spacing_mm);
  EXPECT_EQ((attribute<double, 9>(vtk, "Direction", H5T_NATIVE_DOUBLE)), image.direction);
  EXPECT_EQ(text_attribute(file, "notice"), "SIMULATED: not for clinical decisions");
  EXPECT_EQ(text_attribute(file, "study"), "S");
  EXPECT_EQ((attribute<long, 1>(file, "seed", H5T_NATIVE_LONG)), std::array{7L});
  EXPECT_EQ((attribute<double, 1>(file, "month", H5T_NATIVE_DOUBLE)), std::array{6.0});
  const auto floats = values_of<float>(file, "density", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT);
  for (std::size_t i = 0; i < 23; ++i) EXPECT_EQ(floats[i], density[i]);
  EXPECT_TRUE(std::isnan(floats[23]));
  const auto bytes = values_of<std::uint8_t>(file, "segment", H5T_STD_U8LE, H5T_NATIVE_UINT8);
  EXPECT_TRUE(std::ranges::equal(bytes, segment));
  const auto words = values_of<std::uint16_t>(file, "region", H5T_STD_U16LE, H5T_NATIVE_UINT16);
  EXPECT_TRUE(std::ranges::equal(words, region));
  H5Gclose(vtk);
  H5Fclose(file);
}

TEST_F(VtkHdf, MayPutTheValuesAtTheCentresOfTheCells) {
  image.placement = CellPlacement::points;
  image.direction = {0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0};  // a quarter turn about z
  written("p.vtkhdf");
  const hid_t file = H5Fopen((folder / "p.vtkhdf").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const hid_t vtk = H5Gopen2(file, "VTKHDF", H5P_DEFAULT);
  EXPECT_EQ((attribute<int, 6>(vtk, "WholeExtent", H5T_NATIVE_INT)),
            (std::array{0, 1, 0, 2, 0, 3}));
  EXPECT_EQ((attribute<double, 3>(vtk, "Origin", H5T_NATIVE_DOUBLE)),
            (std::array{-10.75, 0.5, 6.5}));
  EXPECT_GT(H5Lexists(vtk, "PointData", H5P_DEFAULT), 0);
  EXPECT_EQ(H5Lexists(vtk, "CellData", H5P_DEFAULT), 0);
  H5Gclose(vtk);
  H5Fclose(file);
}

TEST_F(VtkHdf, GivesTheSameBytesForTheSameImage) {
  const std::string once = written("a.vtkhdf");
  EXPECT_EQ(once, written("b.vtkhdf"));
  density[3] += 1.0F;
  EXPECT_NE(once, written("b.vtkhdf"));
}

TEST_F(VtkHdf, RoundTripsMoreThanOneChunk) {
  std::vector<std::uint16_t> many(70U * 65U * 3U);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::uint16_t>(i * 31U);
  image.cells = {70, 65, 3};
  image.cell_fields = {{"many", "1", many}};
  written("c.vtkhdf");
  const hid_t file = H5Fopen((folder / "c.vtkhdf").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const hid_t id = H5Dopen2(file, "/VTKHDF/CellData/many", H5P_DEFAULT);
  std::vector<std::uint16_t> back(many.size());
  EXPECT_GE(H5Dread(id, H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, back.data()), 0);
  EXPECT_EQ(back, many);
  H5Dclose(id);
  H5Fclose(file);
}

TEST_F(VtkHdf, RefusesFieldsThatDoNotFit) {
  const CellImage good = image;
  const auto refuses = [&](const CellImage& wrong) {
    EXPECT_THROW(write_vtkhdf_image(folder / "x", wrong), ContractViolation);
  };
  image.cells = {2, 3, 5};
  refuses(image);
  image = good;
  image.cells[1] = 0;
  refuses(image);
  image = good;
  image.spacing_mm[2] = 0.0;
  refuses(image);
  image = good;
  image.cell_fields[1].name = "density";
  refuses(image);
  image = good;
  image.cell_fields[1].name = "a/b";
  refuses(image);
  image = good;
  image.attributes.push_back({"seed", 1.0});
  refuses(image);
  image = good;
  image.cell_fields[0].unit = "";
  refuses(image);
  EXPECT_TRUE(fs::is_empty(folder));
}

/// No file may grow beyond a size while this lives, as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t most) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{most, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(VtkHdf, LeavesTheOldFileWhereTheDiskIsFullOrTheFolderIsNotThere) {
  const fs::path path = folder / "a.vtkhdf";
  write_atomically(path, "old");
  {
    const SmallDisk disk(1000);
    EXPECT_THROW(write_vtkhdf_image(path, image), IoError);
  }
  EXPECT_EQ(read_text_file(path, 100).value(), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_THROW(write_vtkhdf_image(folder / "absent" / "a", image), IoError);
  EXPECT_THROW(write_vtkhdf_image(folder, image), IoError);
}

std::string one_voxel() {
  const Volume volume{{1, 1, 1},
                      {1.0, 1.0, 1.0},
                      {{{1.0, 0.0, 0.0, 0.0}, {0.0, 1.0, 0.0, 0.0}, {0.0, 0.0, 1.0, 0.0}}},
                      {1.0F}};
  return nifti_bytes(volume, NiftiType::float32, {"one", "voxel"});
}

TEST_F(VtkHdf, IsNotTakenForNifti) {
  const auto volume = read_nifti(written("a.vtkhdf"), "a.vtkhdf");
  ASSERT_FALSE(volume.ok());
  EXPECT_NE(diagnostics::to_string(volume.problems()).find("HDF5"), std::string::npos);
  write_atomically(folder / "a.nii", one_voxel());
  EXPECT_TRUE(read_nifti_file(folder / "a.nii").ok());
  EXPECT_FALSE(read_nifti_file(folder / "absent.nii").ok());
}

}  // namespace
}  // namespace angiotrial::formats
