// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/formats/nifti.hpp>
#include <angiotrial/formats/text_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace angiotrial::formats {
namespace {

using diagnostics::ContractViolation;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// 2 x 3 x 4 cells of 1 x 1.5 x 2 mm; x and y turned by a right angle.
Volume small_volume() {
  Volume v;
  v.cells = {2, 3, 4};
  v.spacing_mm = {1.0, 1.5, 2.0};
  v.voxel_to_world_mm = {{{0.0, -1.5, 0.0, 10.0}, {1.0, 0.0, 0.0, -20.0}, {0.0, 0.0, 2.0, 30.5}}};
  for (int i = 0; i < 24; ++i) v.values.push_back(static_cast<float>(i));
  return v;
}

std::string small_file() {
  return nifti_bytes(small_volume(), NiftiType::float32, {"a description", "vessels"});
}

/// The bytes with `value` at `offset`.
template <class Value>
std::string with(std::string bytes, std::size_t offset, Value value) {
  const auto raw = std::bit_cast<std::array<char, sizeof value>>(value);
  return bytes.replace(offset, raw.size(), raw.data(), raw.size());
}

std::int16_t i16(int value) { return static_cast<std::int16_t>(value); }

/// The file in the other byte order: fields of the header by offset, size and number.
std::string other_order(std::string bytes, std::size_t element_bytes) {
  const auto swap = [&](std::size_t at, std::size_t size, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + i * size);
      std::reverse(begin, begin + static_cast<std::ptrdiff_t>(size));
    }
  };
  swap(0, 4, 1);
  swap(32, 4, 1);
  swap(36, 2, 1);
  swap(40, 2, 8);
  swap(56, 4, 3);
  swap(68, 2, 4);
  swap(76, 4, 11);
  swap(120, 2, 1);
  swap(124, 4, 6);
  swap(252, 2, 2);
  swap(256, 4, 18);
  swap(352, element_bytes, (bytes.size() - 352) / element_bytes);
  return bytes;
}

std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Bit by bit, so that NaN equals itself.
bool same_values(const Volume& a, const Volume& b) {
  return std::ranges::equal(a.values, b.values, [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

void expect_same(const Volume& a, const Volume& b) {
  EXPECT_EQ(a.cells, b.cells);
  EXPECT_EQ(a.voxel_to_world_mm, b.voxel_to_world_mm);
  EXPECT_EQ(a.spacing_mm, b.spacing_mm);
  EXPECT_TRUE(same_values(a, b));
}

/// The one problem of bytes that cannot be read.
std::string problem_of(const std::string& bytes, const NiftiLimits& limits = {}) {
  const auto volume = read_nifti(bytes, "mask.nii", limits);
  EXPECT_FALSE(volume.ok());
  EXPECT_EQ(volume.problems().size(), 1U) << diagnostics::to_string(volume.problems());
  return diagnostics::to_string(volume.problems());
}

TEST(nifti, reads_back_what_it_wrote_in_both_byte_orders_and_from_gzip) {
  const Volume volume = small_volume();
  const std::string bytes = small_file();
  EXPECT_EQ(bytes.size(), 352U + 24U * 4U);
  for (const std::string& form : {bytes, other_order(bytes, 4), gzipped(bytes),
                                  gzipped(bytes.substr(0, 200)) + gzipped(bytes.substr(200))}) {
    const auto back = read_nifti(form, "a.nii");
    ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
    expect_same(back.value(), volume);
  }
}

RC_GTEST_PROP(nifti, keeps_any_grid_and_any_float, ()) {
  Volume v;
  std::size_t count = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    v.cells[i] = *rc::gen::inRange(1, 5);
    count *= static_cast<std::size_t>(v.cells[i]);
  }
  // Columns at right angles, turned about z; rounded to floats, as the file holds them.
  const double angle = *rc::gen::inRange(0, 360) / 57.0;
  const std::array<double, 3> length{*rc::gen::inRange(1, 50) / 10.0,
                                     *rc::gen::inRange(1, 50) / 10.0,
                                     *rc::gen::inRange(1, 50) / 10.0};
  v.voxel_to_world_mm = {{{std::cos(angle) * length[0], -std::sin(angle) * length[1], 0.0,
                           static_cast<double>(*rc::gen::inRange(-500, 500))},
                          {std::sin(angle) * length[0], std::cos(angle) * length[1], 0.0, 3.25},
                          {0.0, 0.0, -length[2], 0.0}}};
  for (auto& row : v.voxel_to_world_mm) {
    for (double& entry : row) entry = static_cast<float>(entry);
  }
  const auto& a = v.voxel_to_world_mm;
  for (std::size_t c = 0; c < 3; ++c) v.spacing_mm[c] = std::hypot(a[0][c], a[1][c], a[2][c]);
  for (std::size_t i = 0; i < count; ++i) {
    v.values.push_back(static_cast<float>(*rc::gen::arbitrary<int>()) / 1024.0F);
  }
  v.values[0] = *rc::gen::element(nan, std::numeric_limits<float>::infinity(), -0.0F, 1e-42F);
  const std::string bytes = nifti_bytes(v, NiftiType::float32, {});
  RC_ASSERT(bytes == nifti_bytes(v, NiftiType::float32, {}));
  for (const std::string& form : {bytes, other_order(bytes, 4)}) {
    const auto back = read_nifti(form, "a.nii");
    RC_ASSERT(back.ok());
    RC_ASSERT(back.value().cells == v.cells);
    RC_ASSERT(back.value().voxel_to_world_mm == v.voxel_to_world_mm);
    RC_ASSERT(back.value().spacing_mm == v.spacing_mm);
    RC_ASSERT(same_values(back.value(), v));
  }
}

RC_GTEST_PROP(nifti, never_reads_a_file_that_was_cut_short, ()) {
  const std::string bytes = small_file();
  const auto size = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(bytes.size())));
  RC_ASSERT(!read_nifti(bytes.substr(0, size), "a.nii").ok());
  const std::string packed = gzipped(bytes);
  const auto less = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(packed.size())));
  RC_ASSERT(!read_nifti(packed.substr(0, less), "a.nii.gz").ok());
}

// Offsets of the NIfTI-1 header: dim 40, datatype 70, bitpix 72, pixdim 76, vox_offset 108,
// scl_slope 112, scl_inter 116, xyzt_units 123, qform_code 252, sform_code 254, srow_x 280.
template <class Element>
void expect_element(int code, std::vector<Element> elements) {
  std::string bytes = small_file().substr(0, 352);
  bytes = with(bytes, 70, i16(code));
  bytes = with(bytes, 72, i16(8 * static_cast<int>(sizeof(Element))));
  elements.resize(24);
  const std::string data(reinterpret_cast<const char*>(elements.data()), 24 * sizeof(Element));
  for (const std::string& form : {bytes + data, other_order(bytes + data, sizeof(Element))}) {
    const auto back = read_nifti(form, "a.nii");
    ASSERT_TRUE(back.ok()) << code << diagnostics::to_string(back.problems());
    for (std::size_t i = 0; i < 24; ++i) {
      EXPECT_EQ(back.value().values[i], static_cast<float>(elements[i])) << code;
    }
  }
}

TEST(nifti, reads_every_integer_and_float_type_in_both_byte_orders) {
  expect_element<std::uint8_t>(2, {0, 1, 255});
  expect_element<std::int8_t>(256, {-128, 127});
  expect_element<std::int16_t>(4, {-32768, 32767, 258});
  expect_element<std::uint16_t>(512, {65535, 258});
  expect_element<std::int32_t>(8, {-2147483647, 65538});
  expect_element<std::uint32_t>(768, {4294967295U, 65538});
  expect_element<std::int64_t>(1024, {-9'000'000'000, 1});
  expect_element<std::uint64_t>(1280, {18'000'000'000'000'000'000U, 1});
  expect_element<float>(16, {1.5F, -2.25e30F});
  expect_element<double>(64, {0.1, -1e-300});
}

TEST(nifti, writes_the_integer_types_and_refuses_what_they_cannot_hold) {
  Volume v = small_volume();
  for (const NiftiType type : {NiftiType::uint8, NiftiType::int16}) {
    expect_same(read_nifti(nifti_bytes(v, type, {}), "a.nii").value(), v);
  }
  for (const float wrong : {0.5F, -32769.0F, 32768.0F, nan}) {
    v.values[3] = wrong;
    EXPECT_THROW((void)nifti_bytes(v, NiftiType::int16, {}), ContractViolation) << wrong;
    EXPECT_THROW((void)nifti_bytes(v, NiftiType::uint8, {}), ContractViolation) << wrong;
  }
  v.values.pop_back();
  EXPECT_THROW((void)nifti_bytes(v, NiftiType::float32, {}), ContractViolation);
}

TEST(nifti, says_in_its_header_what_the_values_are_and_where) {
  const std::string bytes = small_file();
  EXPECT_EQ(bytes.substr(344, 4), std::string("n+1\0", 4));
  EXPECT_STREQ(bytes.c_str() + 148, "a description");
  EXPECT_STREQ(bytes.c_str() + 328, "vessels");
  EXPECT_EQ(bytes[123], 2);  // mm
  EXPECT_EQ(bytes[252], 0);  // no qform
  EXPECT_EQ(bytes[254], 2);  // aligned
  EXPECT_EQ(nifti_bytes(small_volume(), NiftiType::uint8, {"", "", NiftiSpace::scanner})[254], 1);
  EXPECT_THROW((void)nifti_bytes(small_volume(), NiftiType::uint8, {std::string(80, 'x'), "", {}}),
               ContractViolation);
}

TEST(nifti, applies_slope_and_intercept_where_there_is_a_slope) {
  std::string bytes = with(with(small_file(), 112, 2.0F), 116, -1.0F);
  EXPECT_EQ(read_nifti(bytes, "a.nii").value().values[5], 9.0F);
  bytes = with(bytes, 112, 0.0F);
  EXPECT_EQ(read_nifti(bytes, "a.nii").value().values[5], 5.0F);
  EXPECT_NE(problem_of(with(bytes, 112, nan)).find("scl_slope"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 112, 3e38F)).find("beyond the range"), std::string::npos);
}

TEST(nifti, converts_metres_and_micrometres_to_mm) {
  const std::string bytes = small_file();
  const Volume metres = read_nifti(with(bytes, 123, std::int8_t{1}), "a.nii").value();
  EXPECT_DOUBLE_EQ(metres.spacing_mm[1], 1500.0);
  EXPECT_DOUBLE_EQ(metres.voxel_to_world_mm[2][3], 30500.0);
  const Volume micrometres = read_nifti(with(bytes, 123, std::int8_t{3}), "a.nii").value();
  EXPECT_NEAR(micrometres.spacing_mm[1], 0.0015, 1e-12);
  EXPECT_EQ(read_nifti(with(bytes, 123, std::int8_t{0}), "a.nii").value().spacing_mm[1], 1.5);
  EXPECT_NE(problem_of(with(bytes, 123, std::int8_t{7})).find("xyzt_units"), std::string::npos);
}

TEST(nifti, turns_a_qform_into_the_same_affine) {
  // Half a turn about z: b = c = 0, d = 1, a = 0; qfac -1 turns the third axis round.
  std::string bytes = with(with(small_file(), 254, i16(0)), 252, i16(1));
  bytes = with(with(with(bytes, 264, 1.0F), 268, 7.0F), 76, -1.0F);
  const Volume v = read_nifti(bytes, "a.nii").value();
  const std::array<std::array<double, 4>, 3> expected{
      {{-1.0, 0.0, 0.0, 7.0}, {0.0, -1.5, 0.0, 0.0}, {0.0, 0.0, -2.0, 0.0}}};
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_NEAR(v.voxel_to_world_mm[r][c], expected[r][c], 1e-6);  // the quaternion is in floats
    }
  }
}

TEST(nifti, refuses_grids_that_have_no_orientation_or_no_volume) {
  const std::string bytes = small_file();
  EXPECT_NE(problem_of(with(bytes, 254, i16(0))).find("left and right"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 80, 2.0F)).find("disagrees with the affine"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 284, nan)).find("affine"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 292, nan)).find("finite place"), std::string::npos);
  // The second axis along the first: length 1.5 still, but no volume.
  const std::string flat = with(with(bytes, 284, 0.0F), 300, 1.5F);
  EXPECT_NE(problem_of(flat).find("one plane"), std::string::npos);
}

TEST(nifti, refuses_absurd_dimensions_without_taking_memory_for_them) {
  const std::string bytes = small_file();
  EXPECT_NE(problem_of(with(bytes, 40, i16(0))).find("dim[0]"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 40, i16(8))).find("from 1 to 7"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 40, i16(-3))).find("dim[0]"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 40, i16(2))).find("three dimensions"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 42, i16(0))).find("dim[1]"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 46, i16(-5))).find("dim[3]"), std::string::npos);
  const std::string frames = with(bytes, 40, i16(4));
  EXPECT_TRUE(read_nifti(frames, "a.nii").ok());
  EXPECT_NE(problem_of(with(frames, 48, i16(2))).find("one volume"), std::string::npos);
  std::string huge = bytes;
  for (const std::size_t at : {42U, 44U, 46U}) huge = with(huge, at, i16(32767));
  EXPECT_NE(problem_of(huge).find("35181150961663 voxels"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 46, i16(32767))).find("cut short"), std::string::npos);
  EXPECT_NE(problem_of(bytes, {23, 1000}).find("must not be more than 23"), std::string::npos);
  EXPECT_NE(problem_of(bytes, {24, 447}).find("448 bytes"), std::string::npos);
}

TEST(nifti, refuses_types_offsets_and_sizes_that_do_not_fit) {
  const std::string bytes = small_file();
  EXPECT_NE(problem_of(with(bytes, 70, i16(32))).find("datatype"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 72, i16(16))).find("bitpix"), std::string::npos);
  for (const float offset :
       {0.0F, 351.0F, 352.5F, -1.0F, 1e30F, nan, std::numeric_limits<float>::infinity()}) {
    EXPECT_NE(problem_of(with(bytes, 108, offset)).find("vox_offset"), std::string::npos) << offset;
  }
  EXPECT_NE(problem_of(with(bytes, 108, 356.0F)).find("cut short"), std::string::npos);
  EXPECT_NE(problem_of(bytes + "x").find("too many"), std::string::npos);
  const std::string extended = with(bytes.substr(0, 352), 108, 368.0F) + std::string(16, '\0');
  EXPECT_EQ(read_nifti(extended + bytes.substr(352), "a.nii").value().values[7], 7.0F);
}

TEST(nifti, tells_other_formats_apart) {
  const std::string bytes = small_file();
  const std::string hdf = "\x89HDF\r\n\x1A\n" + std::string(1000, '\0');
  EXPECT_NE(problem_of(hdf).find("HDF5"), std::string::npos);
  EXPECT_NE(problem_of(gzipped(hdf)).find("HDF5"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 0, std::int32_t{540})).find("NIfTI-2"), std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 344, std::array{'n', 'i', '1', '\0'})).find("single file"),
            std::string::npos);
  EXPECT_NE(problem_of(with(bytes, 344, std::int32_t{0})).find("ANALYZE"), std::string::npos);
  EXPECT_NE(problem_of(bytes.substr(0, 348)).find("of a pair"), std::string::npos);
  EXPECT_NE(problem_of("").find("0 bytes"), std::string::npos);
}

TEST(nifti, inflates_no_more_than_the_header_says) {
  // 64 MiB of zeros in 64 KiB, behind a header that has 96 bytes of data.
  const std::string bomb = gzipped(small_file() + std::string(std::size_t{64} << 20U, '\0'));
  EXPECT_LT(bomb.size(), std::size_t{100'000});
  EXPECT_NE(problem_of(bomb).find("more than 448 bytes inflated"), std::string::npos);
  EXPECT_NE(problem_of(gzipped(small_file().substr(0, 440))).find("440 bytes inflated"),
            std::string::npos);
  std::string broken = gzipped(small_file());
  broken[broken.size() - 6] = static_cast<char>(broken[broken.size() - 6] ^ 1);  // its check sum
  EXPECT_NE(problem_of(broken).find("damaged"), std::string::npos);
  EXPECT_NE(problem_of(gzipped(small_file()) + "tail").find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace angiotrial::formats
