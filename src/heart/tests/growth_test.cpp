// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/heart/growth.hpp>
#include <angiotrial/tissue/arterioles.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace angiotrial::heart {
namespace {

constexpr double mm3_per_g = 1000.0 / 1.05;
const ArteriolarReach reach{units::Mm(11.0), units::Fraction(0.35)};

struct Treated {
  Ventricle heart;
  std::vector<tissue::Depot> depots;
  tissue::VesselCourse course;
};

/// Ten depots near microregions, with gains that grow from time 0 to time 1.
Treated treated(std::uint32_t id, double gain_mm3, double drive) {
  Treated t;
  t.heart = sample::heart(Parameters{}, id);
  t.course.times = {units::Days(0.0), units::Days(180.0)};
  auto stream = random::Streams(5, 0, id).at(random::Purpose::site_choice);
  for (int d = 0; d < 10; ++d) {
    const auto at = static_cast<std::size_t>(stream.uniform() * double(t.heart.size()));
    tissue::Depot depot;
    depot.position_mm = {t.heart.x_mm[at] + stream.normal(), t.heart.y_mm[at] + stream.normal(),
                         t.heart.z_mm[at] + stream.normal()};
    t.depots.push_back(depot);
    const double size = gain_mm3 * (0.5 + stream.uniform());
    t.course.depots.push_back({{0.0, size}, {4.0, 4.0 + stream.uniform()}, {0.0, drive}});
  }
  return t;
}

DepositionWeights weights_of(const Treated& t) {
  return deposition_weights(Parameters{}, t.heart, t.course, t.depots, reach);
}

double gain_volume_mm3(const Ventricle& v, const std::vector<double>& density) {
  double sum = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) sum += density[i] * v.mass_of_g[i] * mm3_per_g;
  return sum;
}

double deposited_mm3(const tissue::VesselCourse& course) {
  double sum = 0.0;
  for (const auto& depot : course.depots) sum += depot.density_gain_mm3[1];
  return sum;
}

TEST(Deposition, KeepsTheGainVolume) {
  for (std::uint32_t id = 0; id < 100; ++id) {
    Treated t = treated(id, 120.0, 1.0);
    t.depots[0].position_mm = {300.0, 0.0, 0.0};  // far outside: its gain goes to the near wall
    std::vector<double> density(t.heart.size());
    deposit(weights_of(t), t.course, 1, density);
    const double expected = deposited_mm3(t.course);
    ASSERT_NEAR(gain_volume_mm3(t.heart, density), expected, 1e-12 * expected);
  }
}

TEST(Deposition, LeavesOutNothingThatMatters) {
  const Treated t = treated(3, 120.0, 1.0);
  const Ventricle& v = t.heart;
  const double volume = v.mass_g.value() * mm3_per_g / double(v.size());
  const double radius = std::cbrt(volume * 3.0 / (4.0 * 3.141592653589793));
  std::vector<double> all(v.size(), 0.0), density(v.size());
  for (std::size_t d = 0; d < t.depots.size(); ++d) {
    const double r = t.course.depots[d].gain_radius_mm[1];
    const double variance = r * r / 3.0 + radius * radius / 5.0;
    const auto& at = t.depots[d].position_mm;
    std::vector<double> w(v.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double d2 = std::pow(v.x_mm[i] - at[0], 2) + std::pow(v.y_mm[i] - at[1], 2) +
                        std::pow(v.z_mm[i] - at[2], 2);
      w[i] = std::exp(-d2 / (2.0 * variance));
      sum += w[i] * v.mass_of_g[i] * mm3_per_g;
    }
    for (std::size_t i = 0; i < v.size(); ++i) {
      all[i] += t.course.depots[d].density_gain_mm3[1] * w[i] / sum;
    }
  }
  deposit(weights_of(t), t.course, 1, density);
  const double largest = *std::max_element(all.begin(), all.end());
  for (std::size_t i = 0; i < v.size(); ++i) EXPECT_NEAR(density[i], all[i], 1e-6 * largest);
}

TEST(ArteriolarGain, FollowsTheProductRuleOfTissue) {
  const Treated t = treated(8, 120.0, 0.7);
  std::vector<double> gain(t.heart.size());
  arteriolar_gain(weights_of(t), t.course, 1, gain);
  double largest = 0.0;
  for (std::size_t i = 0; i < gain.size(); ++i) {
    std::vector<double> pulls;
    for (const auto& depot : t.depots) {
      const auto& at = depot.position_mm;
      const double distance =
          std::hypot(t.heart.x_mm[i] - at[0], t.heart.y_mm[i] - at[1], t.heart.z_mm[i] - at[2]);
      pulls.push_back(0.7 * tissue::kernel(distance, 11.0));
    }
    // Beyond four reaches each of ten depots leaves out 3e-4 at most, times the ceiling.
    EXPECT_NEAR(gain[i], tissue::arteriolar_gain(pulls, reach.ceiling), 1.2e-3);
    largest = std::max(largest, gain[i]);
  }
  EXPECT_GT(largest, 0.2);
  EXPECT_LE(largest, 0.35);
}

TEST(ConductanceGain, IsOneBeforeAnythingGrowsAndWithoutDepots) {
  const Treated t = treated(1, 120.0, 1.0);
  std::vector<double> gain(t.heart.size(), -1.0);
  conductance_gain(Parameters{}, weights_of(t), t.course, 0, gain);
  for (const double g : gain) EXPECT_EQ(g, 1.0);
  const tissue::VesselCourse none{.times = {units::Days(0.0)}, .depots = {}};
  conductance_gain(Parameters{}, t.heart, none, {}, reach, 0, gain);
  for (const double g : gain) EXPECT_EQ(g, 1.0);
}

TEST(ConductanceGain, IsThatOfArteriolesAndCapillariesInSeries) {
  const Treated t = treated(2, 120.0, 0.8);
  const DepositionWeights weights = weights_of(t);
  std::vector<double> density(t.heart.size()), arterioles(t.heart.size()), gain(t.heart.size());
  deposit(weights, t.course, 1, density);
  arteriolar_gain(weights, t.course, 1, arterioles);
  for (const double s : {0.0, 0.25, 1.0}) {
    Parameters p;
    p.growth.capillary_resistance_share_fraction = units::Fraction(s);
    conductance_gain(p, weights, t.course, 1, gain);
    for (std::size_t i = 0; i < gain.size(); ++i) {
      const double resistance = (1.0 - s) / (1.0 + arterioles[i]) + s / (1.0 + density[i]);
      EXPECT_NEAR(gain[i], 1.0 / resistance, 1e-14);
      if (s == 0.0) EXPECT_NEAR(gain[i], 1.0 + arterioles[i], 1e-14);
      if (s == 1.0) EXPECT_NEAR(gain[i], 1.0 + density[i], 1e-13);
    }
  }
}

RC_GTEST_PROP(GrowthLaw, NoMicroregionLosesConductanceWhenMoreGrows, ()) {
  const auto id = *rc::gen::inRange<std::uint32_t>(0, 10000);
  const double drive = *rc::gen::inRange(0, 500) / 1000.0;
  Treated t = treated(id, 80.0, drive);
  std::vector<double> less(t.heart.size()), more(t.heart.size());
  const DepositionWeights weights = weights_of(t);
  conductance_gain(Parameters{}, weights, t.course, 1, less);
  for (auto& depot : t.course.depots) {
    depot.density_gain_mm3[1] *= 2.0;
    depot.arteriolar_drive[1] += 0.4;
  }
  conductance_gain(Parameters{}, weights, t.course, 1, more);
  for (std::size_t i = 0; i < less.size(); ++i) RC_ASSERT(more[i] >= less[i] && less[i] >= 1.0);
}

/// The five viable segments of lowest endocardial flow.
std::vector<std::size_t> ischaemic_zone(const Ventricle& v, const Perfusion& f) {
  std::array<double, segment_count> flow{}, count{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (v.viable[i] == 0 || v.depth[i] < 0.67) continue;
    flow[v.segment[i] - 1U] += f.hyperaemic_flow[i];
    count[v.segment[i] - 1U] += 1.0;
  }
  std::vector<std::size_t> segments, zone;
  for (std::size_t s = 0; s < segment_count; ++s) {
    if (count[s] > 0.0) segments.push_back(s);
  }
  std::stable_sort(segments.begin(), segments.end(), [&](std::size_t a, std::size_t b) {
    return flow[a] / count[a] < flow[b] / count[b];
  });
  segments.resize(std::min<std::size_t>(5, segments.size()));
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::size_t s = v.segment[i] - 1U;
    if (std::find(segments.begin(), segments.end(), s) != segments.end()) zone.push_back(i);
  }
  return zone;
}

/// Percent change of RPP* when `grams` of the zone around ten random sites gain conductance, over
/// hearts with RPP* of a trial's patients.
sample::Series threshold_change(double grams, double gain, const Parameters& p = {}) {
  sample::Series change;
  for (std::uint32_t id = 0; id < 1200; ++id) {
    const Ventricle v = sample::heart(p, id);
    const Perfusion before = sample::perfusion(p, v);
    const double threshold = before.threshold.value();
    if (threshold < 8000.0 || threshold > 16500.0) continue;
    std::vector<std::size_t> zone = ischaemic_zone(v, before);
    auto stream = sample::streams(id).at(random::Purpose::site_choice);
    std::vector<double> nearest2(v.size(), 1e9);
    for (int site = 0; site < 10; ++site) {
      const std::size_t s = zone[static_cast<std::size_t>(stream.uniform() * double(zone.size()))];
      for (const std::size_t i : zone) {
        const double d2 = std::pow(v.x_mm[i] - v.x_mm[s], 2) + std::pow(v.y_mm[i] - v.y_mm[s], 2) +
                          std::pow(v.z_mm[i] - v.z_mm[s], 2);
        nearest2[i] = std::min(nearest2[i], d2);
      }
    }
    std::stable_sort(zone.begin(), zone.end(),
                     [&](std::size_t a, std::size_t b) { return nearest2[a] < nearest2[b]; });
    std::vector<double> gains(v.size(), 1.0);
    double mass = 0.0;
    for (auto it = zone.begin(); it != zone.end() && mass < grams; ++it) {
      gains[*it] = 1.0 + gain;
      mass += v.mass_of_g[*it];
    }
    change.add(100.0 * (sample::perfusion(p, v, gains).threshold.value() / threshold - 1.0));
  }
  return change;
}

constexpr double whole_zone_g = 1e6;

/// Collaterals that stay as they were: where steal shows.
Parameters fixed_collaterals() {
  Parameters p;
  p.growth.collateral_following_fraction = units::Fraction(0.0);
  return p;
}

TEST(Coverage, TreatingAFewGramsRaisesTheThresholdByOnePercentAtMost) {
  // A rebuild of the closed form by others gave +0.3 / +0.8 / +1.5 %. Our Monte Carlo standard
  // errors are 0.05 to 0.1, and the exact pick of grams around sites is free.
  EXPECT_NEAR(threshold_change(4.0, 0.24, fixed_collaterals()).mean(), 0.3, 0.25);
  EXPECT_NEAR(threshold_change(8.0, 0.24, fixed_collaterals()).mean(), 0.8, 0.35);
  EXPECT_NEAR(threshold_change(12.0, 0.24, fixed_collaterals()).mean(), 1.5, 0.4);
}

TEST(Coverage, TreatingTheWholeZoneRaisesItTenfold) {
  // Published for the prototype: +9 to +15 %. Collaterals that stay and collaterals that grow
  // with the zone they feed (the default) bracket that range.
  EXPECT_NEAR(threshold_change(whole_zone_g, 0.24, fixed_collaterals()).mean(), 7.7, 1.0);
  EXPECT_NEAR(threshold_change(whole_zone_g, 0.24).mean(), 15.5, 1.5);
}

TEST(Coverage, VeryLargeLocalGainsStealFromTheNeighbours) {
  const sample::Series large = threshold_change(8.0, 3.0, fixed_collaterals());
  EXPECT_LT(large.mean(), -10.0);
  EXPECT_LT(threshold_change(8.0, 1.0, fixed_collaterals()).median(), 0.0);
  const auto losers = std::count_if(large.values.begin(), large.values.end(),
                                    [](double percent) { return percent < 0.0; });
  EXPECT_GT(static_cast<double>(losers), 0.9 * static_cast<double>(large.values.size()));
}

}  // namespace
}  // namespace angiotrial::heart
