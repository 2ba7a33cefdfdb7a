// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/formats/carto_mesh.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

namespace angiotrial::formats {
namespace {

/// A tetrahedron with invented values; µ is one byte, as in Latin-1.
std::string tetrahedron() {
  return "#TriangulatedMeshVersion2.0\r\n"
         "; an invented mesh\r\n"
         "\r\n"
         "[GeneralAttributes]\r\n"
         "MeshID                 = 7\r\n"
         "MeshName               = LV \xB5\r\n"
         "NumVertex              = 4\r\n"
         "NumTriangle            = 4\r\n"
         "ColorsNames            = Unipolar Bipolar LAT\r\n"
         "\r\n"
         "[VerticesSection]\r\n"
         ";          X      Y      Z    NormalX NormalY NormalZ GroupID\r\n"
         "\r\n"
         "0     =    0.0    0.0    0.0   -0.577  -0.577  -0.577   0\r\n"
         "1     =   10.5    0.0    0.0    1.0     0.0     0.0     0\r\n"
         "2     =    0.0   10.0    0.0    0.0     1.0     0.0     0\r\n"
         "3     =    0.0    0.0   +1e1    0.0     0.0     1.0     -1000000\r\n"
         "\r\n"
         "[TrianglesSection]\r\n"
         ";    Vertex0 Vertex1 Vertex2  NormalX NormalY NormalZ GroupID\r\n"
         "0     =  0 2 1   0 0 -1   0\r\n"
         "1     =  0 1 3   0 -1 0   0\r\n"
         "2     =  0 3 2   -1 0 0   0\r\n"
         "3     =  1 2 3   0.577 0.577 0.577   -1000000\r\n"
         "\r\n"
         "[VerticesColorsSection]\r\n"
         "; Color Value= -10000 : not determined\r\n"
         "\r\n"
         ";     Unipolar  Bipolar  \xB5"
         "Bi\r\n"
         "0     =  8.25  1.5  -10000\r\n"
         "1     =  -10000 -10000 -10000\r\n"
         "2     =  12  2.5  0.25\r\n"
         "3     =  3.5  0.1  -9999\r\n"
         "\r\n"
         "[VerticesAttributesSection]\r\n"
         "; whatever = stands here\r\n"
         "0     =  0 0\r\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

/// The problems of a text that cannot be read.
std::string problems_of(const std::string& text, const CartoLimits& limits = {}) {
  const auto mesh = read_carto_mesh(text, "lv.mesh", limits);
  EXPECT_FALSE(mesh.ok());
  return diagnostics::to_string(mesh.problems());
}

TEST(carto_mesh, reads_vertices_triangles_and_named_values) {
  const auto read = read_carto_mesh(tetrahedron(), "lv.mesh");
  ASSERT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  const CartoMesh& mesh = read.value();
  EXPECT_EQ(mesh.name, "LV \xC2\xB5");
  ASSERT_EQ(mesh.vertices_mm.size(), 4U);
  EXPECT_EQ(mesh.vertices_mm[1], (std::array{10.5, 0.0, 0.0}));
  EXPECT_EQ(mesh.vertices_mm[3][2], 10.0);
  EXPECT_EQ(mesh.normals[2], (std::array{0.0, 1.0, 0.0}));
  EXPECT_EQ(mesh.vertex_groups[3], carto_cut_away);
  EXPECT_EQ(mesh.triangles[3], (std::array{1, 2, 3}));
  EXPECT_EQ(mesh.triangle_groups[3], carto_cut_away);
  ASSERT_EQ(mesh.columns.size(), 3U);
  const MeshColumn* unipolar = mesh.column("Unipolar");
  ASSERT_NE(unipolar, nullptr);
  EXPECT_EQ(unipolar->values[0], 8.25F);
  EXPECT_TRUE(std::isnan(unipolar->values[1]));
  const MeshColumn* micro = mesh.column(
      "\xC2\xB5"
      "Bi");
  ASSERT_NE(micro, nullptr);
  EXPECT_TRUE(std::isnan(micro->values[0]));
  EXPECT_EQ(micro->values[3], -9999.0F);
  EXPECT_EQ(mesh.column("LAT"), nullptr);
}

TEST(carto_mesh, takes_names_from_the_attributes_where_the_comment_does_not_fit) {
  const std::string text = replaced(tetrahedron(),
                                    ";     Unipolar  Bipolar  \xB5"
                                    "Bi",
                                    ";");
  const auto read = read_carto_mesh(text, "lv.mesh");
  ASSERT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  EXPECT_NE(read.value().column("LAT"), nullptr);
  const auto joined = read_carto_mesh(replaced(tetrahedron(),
                                               "Bipolar  \xB5"
                                               "Bi",
                                               "Bipolar[Force]"),
                                      "lv.mesh");
  ASSERT_TRUE(joined.ok());
  EXPECT_EQ(joined.value().columns[2].name, "Force");
  const std::string none = replaced(text, "ColorsNames", "OtherNames");
  EXPECT_NE(problems_of(none).find("lv.mesh:30: [VerticesColorsSection]: neither"),
            std::string::npos)
      << problems_of(none);
}

TEST(carto_mesh, needs_no_colours) {
  const std::string text = tetrahedron();
  const auto read = read_carto_mesh(text.substr(0, text.find("[VerticesColors")), "lv.mesh");
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read.value().columns.empty());
}

TEST(carto_mesh, names_the_line_of_every_wrong_row) {
  std::string text = replaced(tetrahedron(), "10.5    0.0", "10,5    0.0");
  text = replaced(text, "0 3 2   -1", "0 4 2   -1");
  text = replaced(text, "12  2.5  0.25", "12  2.5");
  const std::string found = problems_of(text);
  EXPECT_NE(found.find("lv.mesh:15: [VerticesSection] = 10,5: is not a finite number"),
            std::string::npos)
      << found;
  EXPECT_NE(found.find("lv.mesh:23: [TrianglesSection]: triangle 2 names a vertex"),
            std::string::npos)
      << found;
  EXPECT_NE(found.find("lv.mesh:32: [VerticesColorsSection]: a row has 3 values"),
            std::string::npos)
      << found;
  EXPECT_EQ(std::ranges::count(found, '\n'), 3) << found;
}

TEST(carto_mesh, refuses_gaps_nonsense_and_counts_that_disagree) {
  const std::string text = tetrahedron();
  const auto expect = [&](const std::string& what, const std::string& by,
                          const std::string& message) {
    const std::string found = problems_of(replaced(text, what, by));
    EXPECT_NE(found.find(message), std::string::npos) << by << '\n' << found;
  };
  expect("Version2.0", "Version3.0", "a CARTO mesh begins with");
  expect("2     =    0.0", "5     =    0.0", "row 2 = values is expected");
  expect("2     =    0.0", "2     :    0.0", "row 2 = values is expected");
  expect("+1e1", "inf", "is not a finite number");
  expect("+1e1", "1e999", "is not a finite number");
  expect("-1000000\r\n\r\n[Tri", "0.5\r\n\r\n[Tri", "a group that is a whole number");
  expect("0 3 2 ", "0 -1 2 ", "names a vertex");
  expect("0 3 2 ", "0 1.5 2 ", "names a vertex");
  expect("NumVertex              = 4", "NumVertex = 5", "NumVertex = 5: the file has 4");
  expect("NumVertex              = 4", "NumVertex = 4000000000", "whole number up to 4194304");
  expect("NumVertex              = 4", "NumVertex = -4", "whole number up to");
  expect("NumTriangle            = 4", "NumTriangle = 3", "NumTriangle = 3: the file has 4");
  expect("NumTriangle            = 4", "Number = 4", "NumTriangle: is missing");
  expect("NumTriangle            = 4", "NumVertex = 4", "is given twice");
  expect("[VerticesAttributesSection]", "[VerticesSection]", "stands in the file twice");
  expect("[GeneralAttributes]", "[GeneralAttributes", "ends with ]");
  expect("[GeneralAttributes]", "general", "a section such as");
  expect("3     =  3.5  0.1  -9999\r\n", "", "must have a row for each of the 4 vertices");
  expect(
      "Bipolar  \xB5"
      "Bi",
      "Bipolar Bipolar", "each differently");
}

TEST(carto_mesh, keeps_to_its_limits) {
  EXPECT_NE(problems_of(tetrahedron(), {3, 10, 5, 9999}).find("whole number up to 3"),
            std::string::npos);
  const std::string undeclared = replaced(tetrahedron(), "NumVertex  ", "Number");
  EXPECT_NE(problems_of(undeclared, {3, 10, 5, 9999}).find("has more than 3 rows"),
            std::string::npos);
  EXPECT_NE(problems_of(tetrahedron(), {9, 9, 9, 100}).find("must not be more than 100"),
            std::string::npos);
  std::string row = "0 =";
  for (int i = 0; i < 100; ++i) row += " 1";
  EXPECT_NE(problems_of(replaced(tetrahedron(), "0     =  8.25  1.5  -10000", row))
                .find("too many values"),
            std::string::npos);
  std::string flood = "#TriangulatedMeshVersion2.0\n";
  for (int i = 0; i < 1000; ++i) flood += "x\n";
  EXPECT_EQ(read_carto_mesh(flood, "a").problems().size(), 51U);
}

TEST(carto_mesh, reads_files_and_tells_when_it_cannot) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    ("angiotrial_" + std::to_string(getpid()) + ".mesh");
  write_atomically(path, tetrahedron());
  EXPECT_TRUE(read_carto_mesh_file(path).ok());
  std::filesystem::remove(path);
  EXPECT_FALSE(read_carto_mesh_file(path).ok());
}

/// The mesh as text, with every number in full.
std::string written(const CartoMesh& mesh) {
  const auto text = [](double x) {
    std::array<char, 40> buffer{};
    std::snprintf(buffer.data(), buffer.size(), " %.17g", x);
    return std::string(buffer.data());
  };
  std::string out = "#TriangulatedMeshVersion2.0\n[GeneralAttributes]\nNumVertex = " +
                    std::to_string(mesh.vertices_mm.size()) +
                    "\nNumTriangle = " + std::to_string(mesh.triangles.size()) +
                    "\n[VerticesSection]\n";
  for (std::size_t i = 0; i < mesh.vertices_mm.size(); ++i) {
    out += std::to_string(i) + " =";
    for (const double x : mesh.vertices_mm[i]) out += text(x);
    for (const double x : mesh.normals[i]) out += text(x);
    out += " 0\n";
  }
  out += "[TrianglesSection]\n";
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    out += std::to_string(i) + " =";
    for (const int corner : mesh.triangles[i]) out += " " + std::to_string(corner);
    out += " 0 0 1 0\n";
  }
  out += "[VerticesColorsSection]\n; Unipolar\n";
  for (std::size_t i = 0; i < mesh.vertices_mm.size(); ++i) {
    const float value = mesh.columns[0].values[i];
    out += std::to_string(i) + " =" + text(std::isnan(value) ? -10000.0 : value) + "\n";
  }
  return out;
}

RC_GTEST_PROP(carto_mesh, reads_back_any_mesh, ()) {
  const int count = *rc::gen::inRange(1, 30);
  CartoMesh mesh;
  mesh.columns.push_back({"Unipolar", {}});
  for (int i = 0; i < count; ++i) {
    const auto coordinate = [] { return *rc::gen::arbitrary<int>() / 977.0; };
    mesh.vertices_mm.push_back({coordinate(), coordinate(), coordinate()});
    mesh.normals.push_back({coordinate(), coordinate(), coordinate()});
    const auto corner = [&] { return *rc::gen::inRange(0, count); };
    mesh.triangles.push_back({corner(), corner(), corner()});
    mesh.columns[0].values.push_back(*rc::gen::arbitrary<bool>()
                                         ? std::numeric_limits<float>::quiet_NaN()
                                         : static_cast<float>(coordinate()));
  }
  const auto back = read_carto_mesh(written(mesh), "a.mesh");
  RC_ASSERT(back.ok());
  RC_ASSERT(back.value().vertices_mm == mesh.vertices_mm);
  RC_ASSERT(back.value().normals == mesh.normals);
  RC_ASSERT(back.value().triangles == mesh.triangles);
  RC_ASSERT(written(back.value()) == written(mesh));
}

}  // namespace
}  // namespace angiotrial::formats
