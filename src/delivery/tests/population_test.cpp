// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/cohort/population.hpp>
#include <angiotrial/heart/anatomy.hpp>

#include <gtest/gtest.h>

/// What the room gives over a population, against the published figures it was built from.
namespace angiotrial::delivery {
namespace {

/// Candidates of the cohort with ischaemia, on the heart room's own ventricles.
class Treated : public ::testing::Test {
 protected:
  static constexpr std::size_t patients = 500;

  static const std::vector<Procedure>& procedures() {
    static const std::vector<Procedure> all = treat();
    return all;
  }

 private:
  static std::vector<Procedure> treat() {
    std::vector<Procedure> all;
    const cohort::Population population{cohort::Parameters{}};
    const heart::Parameters anatomy;
    for (std::uint32_t id = 0; all.size() < patients && id < 20 * patients; ++id) {
      const random::Streams streams = sample::streams(id);
      const cohort::Patient patient = population.draw(streams);
      const heart::Ventricle ventricle = heart::build(anatomy, patient, streams);
      heart::Perfusion perfusion;
      heart::perfuse(anatomy, ventricle, {}, perfusion);
      if (perfusion.burden_at_15000 < 0.10) continue;
      all.push_back(deliver({}, ventricle, perfusion, sample::bag(9e6), patient, streams));
    }
    return all;
  }
};

double share(double part, double whole) { return part / whole; }

TEST_F(Treated, AlmostAllGetTenSitesMostlyByTheRule) {
  double full = 0.0, breaches = 0.0, sites = 0.0;
  for (const Procedure& done : procedures()) {
    full += done.plan.sites.size() == 10 ? 1.0 : 0.0;
    breaches += done.plan.sites_breaking_rule;
    sites += static_cast<double>(done.plan.sites.size());
  }
  EXPECT_GT(share(full, patients), 0.95);
  EXPECT_LT(share(breaches, sites), 0.30);
}

TEST_F(Treated, AMapMissesATargetLessOftenThanChance) {
  double off = 0.0, sites = 0.0, normal = 0.0, points = 0.0;
  for (const Procedure& done : procedures()) {
    off += done.administration.sites_off_target;
    sites += static_cast<double>(done.administration.sites.size());
    for (const MapPoint& point : done.map.points) {
      points += 1.0;
      normal += point.truth.ischaemic ? 0.0 : 1.0;
    }
  }
  EXPECT_LT(share(off, sites), share(normal, points) - 0.08);
  EXPECT_GT(share(off, sites), 0.25);  // no oracle: a third or more of sites are misplaced
}

TEST_F(Treated, RetainTenToTwentyFivePercentAfterEighteenHours) {
  sample::Series first, later, lungs;
  for (const Procedure& done : procedures()) {
    const Administration& given = done.administration;
    if (given.sites.empty()) continue;
    first.add(given.retained_cells / given.administered_cells);
    later.add(alive_share(given, tissue::Survival{}, units::Hours(18.0)).value());
    lungs.add(lung_share(given, Retention{}).value());
  }
  // Human CD34+ after transendocardial injection: 0.192 (SD 0.048).
  EXPECT_GT(later.mean(), 0.10);
  EXPECT_LT(later.mean(), 0.25);
  // Mean of a logit-normal with SD sqrt(0.5^2 + 0.8^2) about logit 0.25 is 0.282.
  EXPECT_NEAR(first.mean(), 0.28, 0.02);
  EXPECT_GT(lungs.mean(), 0.20);
  EXPECT_LT(lungs.mean(), 0.40);
}

/// One heart and plan, many patients: injury does not depend on either.
struct Injuries {
  sample::Series log_mass, age;
};

Injuries injuries(std::uint32_t patients) {
  const Parameters p;
  const sample::Heart heart = sample::half_ischaemic();
  const Endocardium wall = endocardium_of(p, heart.ventricle, heart.perfusion);
  const Plan sites = plan(p, measure(p, wall, sample::streams(0)));
  const cohort::Population population{cohort::Parameters{}};
  Injuries all;
  for (std::uint32_t id = 0; id < patients; ++id) {
    const random::Streams streams = sample::streams(id);
    const cohort::Patient patient = population.draw(streams);
    const Administration given = inject(p, wall, sites, product::Bag{}, patient, streams);
    all.log_mass.add(std::log(given.injured_mass_mg.value()));
    all.age.add(patient.chart.age_years.value());
  }
  return all;
}

TEST(Injury, SpreadsAsTroponinDidAfterInjection) {
  const Injuries all = injuries(20000);
  // Standard errors with 20 000 patients: 0.010 of the spread, 0.0035 of a share.
  EXPECT_NEAR(all.log_mass.sd(), 1.93, 0.05);
  // Median 0.83 x ULN: 46.1 % above 1 and 25.2 % above 3 x ULN were published.
  const double upper_limit = all.log_mass.median() - std::log(0.83);
  EXPECT_NEAR(all.log_mass.share_above(upper_limit), 0.461, 0.015);
  EXPECT_NEAR(all.log_mass.share_above(upper_limit + std::log(3.0)), 0.252, 0.015);
  // Ten sites of 1 mg, less half the variance that ten sites leave.
  EXPECT_NEAR(std::exp(all.log_mass.median()), 10.0, 1.0);
}

TEST(Injury, RisesWithAge) {
  const Injuries all = injuries(20000);
  const double mean_age = all.age.mean(), mean_log = all.log_mass.mean();
  double xy = 0.0, xx = 0.0;
  for (std::size_t i = 0; i < all.age.values.size(); ++i) {
    xy += (all.age.values[i] - mean_age) * (all.log_mass.values[i] - mean_log);
    xx += (all.age.values[i] - mean_age) * (all.age.values[i] - mean_age);
  }
  EXPECT_NEAR(10.0 * xy / xx, 0.4, 0.06);  // four standard errors of the slope per decade
}

}  // namespace
}  // namespace angiotrial::delivery
