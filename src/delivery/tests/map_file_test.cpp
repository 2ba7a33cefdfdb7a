// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/delivery/map_carto.hpp>
#include <angiotrial/delivery/map_csv.hpp>
#include <angiotrial/delivery/plan.hpp>
#include <angiotrial/delivery/surface.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <string>

namespace angiotrial::delivery {
namespace {

using diagnostics::Problem;

struct Bed {
  Endocardium wall;
  ElectromechanicalMap map;
};

Bed bed(std::uint32_t id) {
  const sample::Heart heart = sample::half_ischaemic();
  Bed made{endocardium_of({}, heart.ventricle, heart.perfusion), {}};
  made.map = measure({}, made.wall, sample::streams(id));
  return made;
}

Parameters small_maps() {
  Parameters p;
  p.map.fewest_points = 1;
  return p;
}

constexpr std::string_view header =
    "x_mm,y_mm,z_mm,unipolar_mv,bipolar_mv,shortening_percent,segment,injected\n";

std::vector<Problem> problems_of(const std::string& rows, const Parameters& p = small_maps()) {
  return read_map_csv(p, std::string(header) + rows, "a.csv").problems();
}

RC_GTEST_PROP(MapFile, KeepsEveryValueOfAMap, ()) {
  Bed b = bed(static_cast<std::uint32_t>(*rc::gen::inRange(0, 10000)));
  b.map.shortening_measured = *rc::gen::arbitrary<bool>();
  b.map.points[3].injected = true;
  b.map.points[5].bipolar_mv = units::Millivolts(1.25);
  b.map.points[7].wall_mm = units::Mm(0.0);
  const std::string text = write_map_csv(b.map);
  const auto read = read_map_csv({}, text, "a.csv");
  RC_ASSERT(read.ok());
  RC_ASSERT(read.value().shortening_measured == b.map.shortening_measured);
  RC_ASSERT(read.value().points.size() == b.map.points.size());
  for (std::size_t i = 0; i < b.map.points.size(); ++i) {
    const MapPoint &was = b.map.points[i], &is = read.value().points[i];
    RC_ASSERT(is.position_mm == was.position_mm && is.unipolar_mv == was.unipolar_mv);
    RC_ASSERT(is.bipolar_mv == was.bipolar_mv && is.injected == was.injected);
    RC_ASSERT(is.segment == was.segment && is.wall_mm == was.wall_mm);
    if (b.map.shortening_measured) {
      RC_ASSERT(is.local_shortening_percent == was.local_shortening_percent);
    }
  }
  RC_ASSERT(write_map_csv(read.value()) == text);
}

TEST(MapFile, IsPlannedAsTheMapItCameFrom) {
  const Bed b = bed(4);
  const auto read = read_map_csv({}, write_map_csv(b.map), "a.csv");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(sample::chosen(plan({}, read.value())), sample::chosen(plan({}, b.map)));
}

TEST(MapFile, TellsEveryMistakeWithItsLineColumnAndValue) {
  const std::vector<Problem> found = problems_of(
      "1,2,3,abc,,9,4,0\n"
      "1,2,4,nan,-1,9,4,0\n"
      "1,2,5,10,,9,18,2\n"
      "1,2,5,10,,,4.5,0\n"
      "inf,2,5,10,,9,4,0\n");
  const auto has = [&](int line, const std::string& column, const std::string& value) {
    return std::ranges::any_of(found, [&](const Problem& problem) {
      return problem.file == "a.csv" && problem.line == line && problem.key == column &&
             problem.value == value && !problem.rule.empty();
    });
  };
  EXPECT_TRUE(has(2, "unipolar_mv", "abc"));
  EXPECT_TRUE(has(3, "unipolar_mv", "nan"));
  EXPECT_TRUE(has(3, "bipolar_mv", "-1"));
  EXPECT_TRUE(has(4, "segment", "18"));
  EXPECT_TRUE(has(4, "injected", "2"));
  EXPECT_TRUE(has(5, "shortening_percent", ""));
  EXPECT_TRUE(has(5, "segment", "4.5"));
  EXPECT_TRUE(has(5, "x_mm", "1"));  // the place of line 4
  EXPECT_TRUE(has(6, "x_mm", "inf"));
  EXPECT_EQ(found.size(), 9U);
}

TEST(MapFile, NamesMissingAndUnknownColumns) {
  const auto read = read_map_csv(small_maps(), "x_mm,y_mm,z_mm,unipolar,segment\n", "a.csv");
  std::vector<std::string> keys;
  for (const Problem& problem : read.problems()) keys.push_back(problem.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"unipolar_mv", "bipolar_mv", "shortening_percent",
                                            "injected", "unipolar"}));
  EXPECT_EQ(read.problems().front().hint, "unipolar");
}

TEST(MapFile, NeedsAsManyPointsAsAMapHasAtLeast) {
  const std::vector<Problem> found = problems_of("1,2,3,10,,9,4,0\n", Parameters{});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key, "points");
  EXPECT_EQ(found[0].value, "1");
  EXPECT_TRUE(problems_of("1,2,3,10,,9,4,0\n").empty());
}

TEST(MapFile, LetsNoMeasuredPointLieOffTheHeart) {
  const Parameters p;
  for (std::uint32_t id = 0; id < 50; ++id) {
    Bed b = bed(id);
    EXPECT_TRUE(check_on_the_wall(p, b.wall, b.map, "a.csv").empty()) << id;
    b.map.points[2].position_mm[0] += 80.0;
    const auto found = check_on_the_wall(p, b.wall, b.map, "a.csv");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "point 3");
  }
}

TEST(MapFile, TakesMissingWallsFromTheVentricle) {
  Bed b = bed(1);
  const double seen = b.map.points[0].wall_mm.value();
  b.map.points[1].wall_mm = units::Mm(0.0);
  fill_walls({}, b.wall, b.map);
  EXPECT_EQ(b.map.points[0].wall_mm.value(), seen);
  const std::size_t patch = nearest_patch(b.wall, b.map.points[1].position_mm);
  EXPECT_EQ(b.map.points[1].wall_mm.value(), 1.17 * b.wall.wall_mm[patch]);
}

/// A CARTO mesh whose vertices are the points of a map.
formats::CartoMesh mesh_of(const ElectromechanicalMap& map) {
  formats::CartoMesh mesh;
  formats::MeshColumn unipolar{"Unipolar", {}}, bipolar{"Bipolar", {}};
  for (const MapPoint& point : map.points) {
    mesh.vertices_mm.push_back(point.position_mm);
    mesh.vertex_groups.push_back(0);
    unipolar.values.push_back(static_cast<float>(point.unipolar_mv.value()));
    bipolar.values.push_back(std::numeric_limits<float>::quiet_NaN());
  }
  mesh.columns = {unipolar, bipolar};
  return mesh;
}

TEST(CartoMesh, BecomesAMapOfVoltagesThatSaysWhatIsMissing) {
  const Bed b = bed(6);
  formats::CartoMesh mesh = mesh_of(b.map);
  mesh.vertex_groups[0] = formats::carto_cut_away;
  mesh.columns[0].values[1] = std::numeric_limits<float>::quiet_NaN();
  mesh.columns[1].values[2] = 3.5F;
  const auto made = map_from_carto(small_maps(), b.wall, mesh, "a.mesh", units::Mm(0.0));
  ASSERT_TRUE(made.ok()) << diagnostics::to_string(made.problems());
  const CartoImport& import = made.value();
  EXPECT_FALSE(import.map.shortening_measured);
  ASSERT_EQ(import.map.points.size(), b.map.points.size() - 2);
  EXPECT_EQ(import.map.points[0].position_mm, b.map.points[2].position_mm);
  EXPECT_EQ(import.map.points[0].bipolar_mv, units::Millivolts(3.5));
  EXPECT_FALSE(import.map.points[1].bipolar_mv.has_value());
  EXPECT_EQ(import.missing.front(), "local shortening");
  // By voltage alone: the lowest viable voltage on thick wall comes first, and none is a breach.
  const Plan made_plan = plan({}, import.map);
  EXPECT_TRUE(made_plan.voltage_only);
  ASSERT_FALSE(made_plan.sites.empty());
  const MapPoint& first = import.map.points[made_plan.sites.front().map_point];
  for (const MapPoint& point : import.map.points) {
    if (point.unipolar_mv.value() < 6.9 || point.wall_mm.value() <= 8.0) continue;
    EXPECT_GE(point.unipolar_mv, first.unipolar_mv);
  }
  EXPECT_FALSE(made_plan.sites.front().breaks_rule());
}

TEST(CartoMesh, IsThinnedToTheSpacingAskedFor) {
  const Bed b = bed(6);
  const auto made = map_from_carto(small_maps(), b.wall, mesh_of(b.map), "a", units::Mm(12.0));
  ASSERT_TRUE(made.ok());
  const auto& points = made.value().map.points;
  EXPECT_GT(points.size(), 20U);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_GE(sample::distance(points[i].position_mm, points[j].position_mm), 12.0);
    }
  }
}

TEST(CartoMesh, InAnotherFrameOrWithoutVoltageIsRefused) {
  const Bed b = bed(6);
  formats::CartoMesh mesh = mesh_of(b.map);
  for (auto& at : mesh.vertices_mm) at[2] += 300.0;
  const auto moved = map_from_carto({}, b.wall, mesh, "a.mesh", units::Mm(0.0));
  EXPECT_EQ(moved.problems().size(), 11U);  // ten places and how many more
  mesh.columns[0].name = "LAT";
  const auto blind = map_from_carto({}, b.wall, mesh, "a.mesh", units::Mm(0.0));
  ASSERT_EQ(blind.problems().size(), 1U);
  EXPECT_EQ(blind.problems()[0].key, "Unipolar");
}

TEST(Surface, OfAnEvenMapIsEvenAndItsSegmentsTooAreEven) {
  Bed b = bed(2);
  for (MapPoint& point : b.map.points) {
    point.unipolar_mv = units::Millivolts(9.0);
    point.local_shortening_percent = units::Percent(-3.0);
  }
  const MapSurface surface = spread({}, b.wall, b.map);
  for (std::size_t j = 0; j < b.wall.size(); ++j) {
    EXPECT_NEAR(surface.unipolar_mv[j], 9.0, 1e-12);
    EXPECT_NEAR(surface.shortening_percent[j], -3.0, 1e-12);
  }
  int patches = 0;
  for (const SegmentMean& mean : segment_means(b.wall, surface)) {
    patches += mean.patches;
    if (mean.patches > 0) {
      EXPECT_NEAR(mean.unipolar_mv.value(), 9.0, 1e-12);
    }
  }
  EXPECT_EQ(patches, static_cast<int>(b.wall.size()));
}

TEST(Surface, FollowsTheNearestPointsAndMarksWhatNoneReaches) {
  Bed b = bed(2);
  b.map.points.resize(1);
  b.map.points[0].position_mm = b.wall.position(7);
  b.map.shortening_measured = false;
  const MapSurface surface = spread({}, b.wall, b.map);
  EXPECT_TRUE(surface.within_reach[7]);
  EXPECT_FALSE(surface.within_reach.back());
  EXPECT_NEAR(surface.unipolar_mv.back(), b.map.points[0].unipolar_mv.value(), 1e-12);
  EXPECT_TRUE(surface.shortening_percent.empty());
}

}  // namespace
}  // namespace angiotrial::delivery
