// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/cohort/population.hpp>
#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/heart/perfusion.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

/// RPP* against how much of the ischaemic zone is treated and how strongly, with collaterals as
/// they were and with collaterals that follow: what steal does. tools/coverage_figure draws it.
namespace angiotrial {
namespace {

constexpr std::array<double, 4> treated_g{4.0, 8.0, 12.0, 1e9};  // the last is the whole zone
constexpr std::array<double, 6> local_gains{0.0, 0.10, 0.24, 0.50, 1.00, 3.00};

struct Heart {
  heart::Ventricle ventricle;
  heart::Perfusion perfusion;
};

/// Hearts inside the window of thresholds that an exercise entry rule leaves (P5).
std::vector<Heart> hearts(const heart::Parameters& p, std::size_t wanted) {
  const cohort::Population population{cohort::Parameters{}};
  std::vector<Heart> found;
  for (std::uint32_t id = 0; found.size() < wanted; ++id) {
    const random::Streams streams(7, 0, id);
    Heart one;
    one.ventricle = heart::build(p, population.draw(streams), streams);
    heart::perfuse(p, one.ventricle, {}, one.perfusion);
    const double threshold = one.perfusion.threshold.value();
    if (threshold > 8000.0 && threshold < 16500.0) found.push_back(std::move(one));
  }
  return found;
}

/// The five viable segments of lowest endocardial flow.
std::vector<std::size_t> zone_of(const Heart& one) {
  const heart::Ventricle& v = one.ventricle;
  std::array<double, 18> flow{}, mass{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (v.depth[i] < 2.0 / 3.0 || v.viable[i] == 0) continue;
    flow[v.segment[i]] += v.mass_of_g[i] * one.perfusion.hyperaemic_flow[i];
    mass[v.segment[i]] += v.mass_of_g[i];
  }
  std::vector<std::size_t> segments;
  for (std::size_t s = 1; s <= 17; ++s) {
    if (mass[s] > 0.0) segments.push_back(s);
  }
  std::ranges::sort(segments, {}, [&](std::size_t s) { return flow[s] / mass[s]; });
  segments.resize(std::min<std::size_t>(5, segments.size()));
  std::vector<std::size_t> zone;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (std::ranges::find(segments, v.segment[i]) != segments.end()) zone.push_back(i);
  }
  return zone;
}

/// Microregions of the zone by their distance to the nearest of ten sites spread over it.
std::vector<std::size_t> by_distance(const heart::Ventricle& v, std::vector<std::size_t> zone) {
  constexpr std::size_t sites = 10;
  std::vector<double> distance2(v.size());
  for (const std::size_t i : zone) {
    double least = 1e30;
    for (std::size_t s = 0; s < sites; ++s) {
      const std::size_t j = zone[(2 * s + 1) * zone.size() / (2 * sites)];
      const double dx = v.x_mm[i] - v.x_mm[j], dy = v.y_mm[i] - v.y_mm[j],
                   dz = v.z_mm[i] - v.z_mm[j];
      least = std::min(least, dx * dx + dy * dy + dz * dz);
    }
    distance2[i] = least;
  }
  std::ranges::stable_sort(zone, {}, [&](std::size_t i) { return distance2[i]; });
  return zone;
}

double change_percent(const heart::Parameters& p, const Heart& one,
                      const std::vector<std::size_t>& order, double grams, double local_gain) {
  std::vector<double> gain(one.ventricle.size(), 1.0);
  double mass = 0.0;
  for (const std::size_t i : order) {
    if (mass >= grams) break;
    gain[i] = 1.0 + local_gain;
    mass += one.ventricle.mass_of_g[i];
  }
  heart::Perfusion after;
  heart::perfuse(p, one.ventricle, gain, after);
  return 100.0 * (after.threshold / one.perfusion.threshold - 1.0);
}

using Table = std::array<std::array<double, local_gains.size()>, treated_g.size()>;

Table mean_change(double following) {
  heart::Parameters p;
  p.growth.collateral_following_fraction = units::Fraction(following);
  Table table{};
  const std::vector<Heart> all = hearts(p, 300);
  for (const Heart& one : all) {
    const std::vector<std::size_t> order = by_distance(one.ventricle, zone_of(one));
    for (std::size_t g = 0; g < treated_g.size(); ++g) {
      for (std::size_t k = 0; k < local_gains.size(); ++k) {
        table[g][k] += change_percent(p, one, order, treated_g[g], local_gains[k]) /
                       static_cast<double>(all.size());
      }
    }
  }
  return table;
}

void write(std::ofstream& csv, double following, const Table& table) {
  for (std::size_t g = 0; g < treated_g.size(); ++g) {
    for (std::size_t k = 0; k < local_gains.size(); ++k) {
      std::array<char, 96> line{};
      std::snprintf(line.data(), line.size(), "%g,%s,%g,%.3f\n", following,
                    g + 1 < treated_g.size()
                        ? std::to_string(static_cast<int>(treated_g[g])).c_str()
                        : "zone",
                    local_gains[k], table[g][k]);
      csv << line.data();
    }
  }
}

TEST(Coverage, LargeLocalGainsStealWhereCollateralsStayAsTheyWere) {
  const Table as_were = mean_change(0.0), follow = mean_change(1.0);
  std::ofstream csv("coverage.csv");
  csv << "collateral_following,treated_g,local_gain,threshold_change_percent\n";
  write(csv, 0.0, as_were);
  write(csv, 1.0, follow);
  for (std::size_t g = 0; g < treated_g.size(); ++g) EXPECT_EQ(as_were[g][0], 0.0);
  // The rebuild of the notes: +0.3, +0.8, +1.5 % at a gain of 0.24 in 4, 8, 12 g.
  EXPECT_NEAR(as_were[0][2], 0.3, 0.5);
  EXPECT_NEAR(as_were[1][2], 0.8, 0.7);
  EXPECT_NEAR(as_were[2][2], 1.5, 1.0);
  EXPECT_LT(as_were[2][5], -5.0) << "untreated neighbours lose their pressure";
  EXPECT_GT(as_were[3][2], as_were[2][2]) << "coverage helps";
  EXPECT_GT(follow[3][2], 9.0) << "+9 to +15 % for the whole zone belongs to this assumption";
  EXPECT_GT(follow[2][5], as_were[2][5]);
}

}  // namespace
}  // namespace angiotrial
