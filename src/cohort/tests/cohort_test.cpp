// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/cohort/population.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace angiotrial::cohort {
namespace {

std::vector<Patient> sample(int size, const Parameters& parameters = {}) {
  const Population population(parameters);
  std::vector<Patient> patients;
  for (int i = 0; i < size; ++i) {
    patients.push_back(population.draw(random::Streams(11, 0, static_cast<std::uint32_t>(i))));
  }
  return patients;
}

template <class Of>
double mean(const std::vector<Patient>& patients, Of of) {
  double sum = 0.0;
  for (const Patient& patient : patients) sum += of(patient);
  return sum / static_cast<double>(patients.size());
}

template <class A, class B>
double correlation(const std::vector<Patient>& patients, A a, B b) {
  const double ma = mean(patients, a), mb = mean(patients, b);
  const double cov = mean(patients, [&](const Patient& p) { return (a(p) - ma) * (b(p) - mb); });
  const double va = mean(patients, [&](const Patient& p) { return (a(p) - ma) * (a(p) - ma); });
  const double vb = mean(patients, [&](const Patient& p) { return (b(p) - mb) * (b(p) - mb); });
  return cov / std::sqrt(va * vb);
}

TEST(Parameters, AreDescribedWithUnitsRangesAndSources) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(Population, HasTheStatedMeansAndShares) {
  const auto patients = sample(20000);
  const auto age = [](const Patient& p) { return p.chart.age_years.value(); };
  EXPECT_NEAR(mean(patients, age), 64.0, 0.3);  // four standard errors are 0.27 years
  EXPECT_NEAR(mean(patients, [](const Patient& p) { return double(p.chart.diabetes); }), 0.50,
              0.015);
  EXPECT_NEAR(mean(patients, [](const Patient& p) { return double(p.chart.sex == Sex::male); }),
              0.80, 0.012);
  EXPECT_NEAR(mean(patients, [](const Patient& p) { return p.traits.conductance_factor; }), 0.98,
              0.007);
  EXPECT_NEAR(mean(patients, [](const Patient& p) { return p.traits.slope_factor; }), 1.0, 0.006);
}

TEST(Population, CorrelatesWhatItShould) {
  const auto patients = sample(20000);
  const auto age = [](const Patient& p) { return p.chart.age_years.value(); };
  const auto haemoglobin = [](const Patient& p) { return p.chart.haemoglobin_g_per_dl.value(); };
  const auto lvef = [](const Patient& p) { return p.chart.lvef_fraction.value(); };
  const auto infarct = [](const Patient& p) { return double(p.chart.prior_infarction); };
  // Within one sex haemoglobin would give -0.20; the mix of sexes dilutes it.
  EXPECT_LT(correlation(patients, age, haemoglobin), -0.12);
  // A threshold on the liability turns -0.40 into about -0.40 x 0.785.
  EXPECT_NEAR(correlation(patients, infarct, lvef), -0.31, 0.04);
  const auto distance = [](const Patient& p) { return p.traits.activity_distance_log.value(); };
  EXPECT_NEAR(correlation(patients, age, distance), 0.0, 0.03);
}

TEST(Population, HoldsNoImpossiblePerson) {
  for (const Patient& patient : sample(20000)) ASSERT_FALSE(impossible(patient)) << patient.id;
}

TEST(Population, DrawsAreAFunctionOfTheCandidateAlone) {
  const Population population{Parameters{}};
  const Patient first = population.draw(random::Streams(11, 2, 5));
  (void)population.draw(random::Streams(11, 2, 6));
  const Patient again = population.draw(random::Streams(11, 2, 5));
  EXPECT_EQ(first.chart.weight_kg, again.chart.weight_kg);
  EXPECT_EQ(first.traits.tolerance_s, again.traits.tolerance_s);
}

TEST(Population, RefusesCorrelationsThatCannotHoldTogether) {
  Correlations correlations;
  correlations.age_weight = 0.9;
  correlations.weight_diabetes = 0.9;
  correlations.age_lvef = -0.9;
  correlations.infarction_lvef = 0.9;
  EXPECT_TRUE(refusal(correlations).has_value());
  EXPECT_FALSE(refusal(Correlations{}).has_value());
}

}  // namespace
}  // namespace angiotrial::cohort
