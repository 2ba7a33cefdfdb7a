// SPDX-License-Identifier: Apache-2.0
#include "gain_model.hpp"
#include "map_model.hpp"
#include "sample.hpp"

#include <angiotrial/cohort/population.hpp>
#include <angiotrial/delivery/compare.hpp>
#include <angiotrial/heart/anatomy.hpp>

#include <gtest/gtest.h>

namespace angiotrial::delivery {
namespace {

/// Candidates of the cohort with ischaemia, on the heart room's own ventricles.
struct Person {
  random::Streams streams;
  cohort::Patient patient;
  heart::Ventricle ventricle;
  Endocardium wall;
  ElectromechanicalMap map;

  [[nodiscard]] PlanCase ready(std::span<const PositionMm> listed = {}) const {
    return {wall, map, ventricle, patient, streams, listed};
  }
};

class PlanKinds : public ::testing::Test {
 protected:
  static Person person(std::uint32_t& id) {
    static const cohort::Population population{cohort::Parameters{}};
    for (;; ++id) {
      const random::Streams streams = sample::streams(id);
      Person made{streams, population.draw(streams), {}, {}, {}};
      made.ventricle = heart::build(anatomy(), made.patient, streams);
      heart::Perfusion perfusion;
      heart::perfuse(anatomy(), made.ventricle, {}, perfusion);
      if (perfusion.burden_at_15000 < 0.10 || !std::isfinite(perfusion.threshold.value())) continue;
      made.wall = endocardium_of({}, made.ventricle, perfusion);
      made.map = measure({}, made.wall, streams);
      ++id;
      return made;
    }
  }
  static const heart::Parameters& anatomy() {
    static const heart::Parameters p;
    return p;
  }
  static const tissue::ResponseTable& growth() {
    static const tissue::ResponseTable table({}, {units::Months(6.0).to<units::Days>()});
    return table;
  }
  static PlanContext context() {
    static const std::vector<cohort::Patient> people = [] {
      std::vector<cohort::Patient> drawn;
      std::uint32_t id = 500000;
      while (drawn.size() < 60) drawn.push_back(person(id).patient);
      return drawn;
    }();
    return {anatomy(), growth(), people};
  }
  static Plan made(PlanKind kind, const Person& who, const Parameters& p = {}) {
    const auto plan = make_plan(p, kind, context(), who.ready());
    EXPECT_TRUE(plan.ok());
    return plan.value();
  }
};

TEST_F(PlanKinds, GainMoreTheMoreTheyKnow) {
  constexpr std::array kinds{PlanKind::protocol, PlanKind::even, PlanKind::optimised,
                             PlanKind::oracle};
  std::array<sample::Series, kinds.size()> gain;
  sample::Series over_protocol, over_optimised, over_even, expected_less_true;
  std::uint32_t id = 0;
  for (int k = 0; k < 30; ++k) {
    const Person who = person(id);
    const auto outcomes = compare_plans({}, context(), who.ready(), kinds);
    for (std::size_t j = 0; j < kinds.size(); ++j) {
      gain[j].add(outcomes[j].threshold_gain_percent.value());
    }
    over_protocol.add(gain[2].values.back() - gain[0].values.back());
    over_even.add(gain[2].values.back() - gain[1].values.back());
    over_optimised.add(gain[3].values.back() - gain[2].values.back());
    expected_less_true.add(outcomes[2].expected_gain_percent.value() - gain[2].values.back());
  }
  const auto t = [](const sample::Series& s) { return s.mean() / (s.sd() / std::sqrt(30.0)); };
  EXPECT_GT(t(over_protocol), 3.0);
  EXPECT_GT(t(over_even), 3.0);
  EXPECT_GT(over_optimised.mean(), 0.0);
  EXPECT_GT(gain[3].mean(), gain[0].mean());
  // What the optimiser expects is what it gets, within three standard errors.
  EXPECT_LT(std::abs(t(expected_less_true)), 3.0);
}

TEST_F(PlanKinds, AreTheSameEachTimeAndKeepTheProtocolsLimits) {
  std::uint32_t id = 40;
  const Person who = person(id);
  const Parameters p;
  for (const PlanKind kind : {PlanKind::even, PlanKind::optimised, PlanKind::oracle}) {
    const Plan plan = made(kind, who);
    EXPECT_EQ(sample::chosen(plan), sample::chosen(made(kind, who)));
    EXPECT_EQ(plan.kind, kind);
    ASSERT_EQ(plan.sites.size(), 10U);
    for (std::size_t i = 0; i < plan.sites.size(); ++i) {
      const MapPoint& point = who.map.points[plan.sites[i].map_point];
      EXPECT_GE(point.unipolar_mv, p.target.least_voltage_mv);
      EXPECT_GT(point.wall_mm, p.target.wall_floor_mm);
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_GE(sample::distance(plan.sites[i].position_mm, plan.sites[j].position_mm), 5.0);
      }
    }
  }
  const Plan optimised = made(PlanKind::optimised, who);
  EXPECT_GE(optimised.effective_hearts, 0.999 * p.planning.least_effective_hearts);
  EXPECT_LE(optimised.temper, 1.0);
}

TEST_F(PlanKinds, ButTheOracleCannotSeeTheTruth) {
  std::uint32_t id = 80;
  const Person who = person(id);
  Person lied = who;
  for (MapPoint& point : lied.map.points) point.truth.ischaemic = !point.truth.ischaemic;
  for (double& g : lied.ventricle.conductance) g = 0.02 + 0.04 * (g > 0.03 ? 0.0 : 1.0);
  for (auto& viable : lied.ventricle.viable) viable = viable == 0 ? 1 : 0;
  for (auto* of : {&lied.wall.ischaemic, &lied.wall.scar}) {
    for (double& state : *of) state = 1.0 - state;
  }
  for (double& mm : lied.wall.wall_mm) mm *= 1.3;
  lied.patient.traits.conductance_factor *= 1.7;
  lied.patient.traits.capillary_density_relative *= 0.7;
  for (const PlanKind kind : {PlanKind::protocol, PlanKind::even, PlanKind::optimised}) {
    EXPECT_EQ(sample::chosen(made(kind, who)), sample::chosen(made(kind, lied)));
  }
  EXPECT_NE(sample::chosen(made(PlanKind::oracle, who)),
            sample::chosen(made(PlanKind::oracle, lied)));
}

TEST_F(PlanKinds, EvenSitesLieFartherApartThanTheProtocols) {
  std::uint32_t id = 120;
  const Person who = person(id);
  const auto least = [](const Plan& plan) {
    double mm = 1e9;
    for (std::size_t i = 0; i < plan.sites.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        mm = std::min(mm, sample::distance(plan.sites[i].position_mm, plan.sites[j].position_mm));
      }
    }
    return mm;
  };
  EXPECT_GT(least(made(PlanKind::even, who)), 1.3 * least(made(PlanKind::protocol, who)));
}

TEST_F(PlanKinds, ListedSitesAreMovedOntoTheWallAndFlagged) {
  std::uint32_t id = 160;
  const Person who = person(id);
  const PositionMm on = who.wall.position(30);
  const PositionMm out = frame_at(who.wall, on).outward;
  const PositionMm off{on[0] + 5.0 * out[0], on[1] + 5.0 * out[1], on[2] + 5.0 * out[2]};
  const std::vector<PositionMm> sites{off, who.wall.position(60)};
  const auto plan = make_plan({}, PlanKind::listed, context(), who.ready(sites));
  ASSERT_TRUE(plan.ok()) << diagnostics::to_string(plan.problems());
  ASSERT_EQ(plan.value().sites.size(), 2U);
  EXPECT_LT(sample::distance(plan.value().sites[0].position_mm, on), 1e-9);
  EXPECT_EQ(plan.value().kind, PlanKind::listed);
}

TEST_F(PlanKinds, ListedSitesOffTheHeartTooCloseOrNotNumbersAreProblems) {
  std::uint32_t id = 160;
  const Person who = person(id);
  const PositionMm on = who.wall.position(30);
  const std::vector<PositionMm> sites{
      on, {on[0], on[1] + 90.0, on[2]}, {on[0], on[1], on[2] + 0.5}, {NAN, 0.0, 0.0}};
  const auto plan = make_plan({}, PlanKind::listed, context(), who.ready(sites), "my sites");
  ASSERT_EQ(plan.problems().size(), 3U);
  EXPECT_EQ(plan.problems()[0].key, "sites[1]");
  EXPECT_EQ(plan.problems()[1].key, "sites[2]");
  EXPECT_EQ(plan.problems()[2].key, "sites[3]");
  EXPECT_EQ(plan.problems()[2].file, "my sites");
  EXPECT_FALSE(make_plan({}, PlanKind::listed, context(), who.ready()).ok());
}

TEST_F(PlanKinds, TheGainModelIsThatOfTheHeartForSitesApart) {
  std::uint32_t id = 200;
  const Person who = person(id);
  // Two patches on opposite walls: beyond 23 mm no depot meets the other's tissue.
  std::vector<Candidate> places;
  for (const std::size_t patch : {std::size_t{0}, who.wall.size() / 2}) {
    places.push_back({who.wall.position(patch), 9.0, 4.0});
  }
  ASSERT_GT(sample::distance(places[0].position_mm, places[1].position_mm), 23.0);
  const NominalDepot nominal{units::Cells(2e5), 0.8, units::Mm(2.52)};
  std::vector<tissue::Depot> depots(2);
  for (std::size_t j = 0; j < 2; ++j) {
    depots[j].position_mm = places[j].position_mm;
    depots[j].cells = nominal.cells;
    depots[j].potency = nominal.potency;
    depots[j].sd_mm = nominal.sd_mm;
    depots[j].wall_thickness_mm = units::Mm(9.0);
    depots[j].depth_mm = units::Mm(4.0);
  }
  const auto& arterioles = growth().parameters().arterioles;
  std::vector<double> wanted(who.ventricle.size()), got(wanted);
  heart::conductance_gain(anatomy(), who.ventricle, tissue::grow(growth(), depots), depots,
                          {arterioles.arteriolar_reach_mm, arterioles.arteriolar_ceiling_fraction},
                          0, wanted);
  const GainModel model(anatomy(), growth(), units::Months(6.0).to<units::Days>(), nominal,
                        who.ventricle, places);
  GainModel::State state = model.none();
  model.add(0, state);
  model.gain(state, got);
  model.gain_with(state, 1, got);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-12);
  EXPECT_GT(*std::max_element(got.begin(), got.end()), 1.05);
}

TEST(MapModel, ExpectsWhatMapsShowAndHowFarTheyScatter) {
  for (const sample::State state :
       {sample::State::normal, sample::State::ischaemic, sample::State::scar}) {
    const sample::Heart heart = sample::uniform(state);
    const Endocardium wall = endocardium_of({}, heart.ventricle, heart.perfusion);
    std::vector<PositionMm> patches;
    for (std::size_t j = 0; j < wall.size(); ++j) patches.push_back(wall.position(j));
    std::vector<double> impaired(wall.size(), state == sample::State::normal ? 0.0 : 1.0);
    sample::Series mv, percent;
    for (std::uint32_t id = 0; id < 100; ++id) {
      const ElectromechanicalMap map = measure({}, wall, sample::streams(id));
      const MapModel model({}, patches, map);
      const auto expected = model.expected(wall.scar, impaired);
      EXPECT_GT(model.overlap_temper(), 0.1);
      EXPECT_LT(model.overlap_temper(), 0.8);
      for (std::size_t i = 0; i < map.points.size(); ++i) {
        const MapPoint& point = map.points[i];
        mv.add((point.unipolar_mv.value() - expected[i].mv) / std::sqrt(expected[i].variance_mv2));
        percent.add((point.local_shortening_percent.value() - expected[i].percent) /
                    std::sqrt(expected[i].variance_percent2));
      }
    }
    // 10 000 values of which some 4000 are independent: standard error of a mean 0.016.
    EXPECT_NEAR(mv.mean(), 0.0, 0.08);
    EXPECT_NEAR(percent.mean(), 0.0, 0.08);
    EXPECT_NEAR(mv.sd(), 1.0, 0.06);
    EXPECT_NEAR(percent.sd(), 1.0, 0.06);
  }
}

TEST(MapModel, FindsTheTrueStateMoreLikelyThanItsMirrorImage) {
  const sample::Heart heart = sample::half_ischaemic();
  const Endocardium wall = endocardium_of({}, heart.ventricle, heart.perfusion);
  std::vector<PositionMm> patches;
  std::vector<double> mirrored;
  for (std::size_t j = 0; j < wall.size(); ++j) {
    patches.push_back(wall.position(j));
    mirrored.push_back(1.0 - wall.ischaemic[j]);
  }
  for (std::uint32_t id = 0; id < 30; ++id) {
    const ElectromechanicalMap map = measure({}, wall, sample::streams(id));
    const MapModel model({}, patches, map);
    EXPECT_GT(model.log_likelihood(wall.scar, wall.ischaemic),
              model.log_likelihood(wall.scar, mirrored));
  }
}

}  // namespace
}  // namespace angiotrial::delivery
