// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/bag.hpp>
#include <angiotrial/product/preview.hpp>
#include <angiotrial/schema/ledger.hpp>

#include "expansion.hpp"
#include "kernels.hpp"
#include "sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace angiotrial::product {
namespace {

std::vector<Harvest> harvests(const Parameters& parameters) {
  std::vector<Harvest> all;
  for (const cohort::Patient& p : sample()) all.push_back(harvest(parameters, p, streams_of(p)));
  return all;
}

template <class Get>
double quantile(const std::vector<Harvest>& all, double probability, Get get) {
  std::vector<double> values;
  for (const Harvest& h : all) {
    if (h.collected) values.push_back(get(h));
  }
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(probability * static_cast<double>(values.size())));
}

TEST(Parameters, AreFullyDescribed) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
  EXPECT_EQ(schema::audit(ArmDose{}), std::vector<std::string>{});
}

TEST(Mobilisation, MedianDayFiveCountIsThePublished21PerMicrolitre) {
  const auto all = harvests({});
  const auto count = [](const Harvest& h) { return h.blood_cd34_cells_per_ul.value(); };
  EXPECT_NEAR(quantile(all, 0.5, count), 21.0, 0.6);
  // Nine patients lay within 10 to 40: about the 10th to the 90th centile.
  EXPECT_NEAR(quantile(all, 0.1, count), 10.0, 2.0);
  EXPECT_NEAR(quantile(all, 0.9, count), 45.0, 9.0);
  const double below_20 = static_cast<double>(std::count_if(
                              all.begin(), all.end(),
                              [&](const Harvest& h) { return h.collected && count(h) < 20.0; })) /
                          sample_size;
  EXPECT_GT(below_20, 0.3);
  EXPECT_LT(below_20, 0.6);
}

TEST(Mobilisation, TimeCourseRisesToItsPeakAndKeepsTheHealthyRatios) {
  const Mobilisation p;
  const double peak = blood_count_per_ul(p, 2.5, 128.0, p.peak_days.value());
  EXPECT_NEAR(peak, 128.0, 1e-12);
  EXPECT_DOUBLE_EQ(blood_count_per_ul(p, 2.5, 128.0, 0.0), 2.5);
  const double day3 = blood_count_per_ul(p, 2.5, 128.0, 3.0);
  const double day4 = blood_count_per_ul(p, 2.5, 128.0, 4.0);
  const double day5 = blood_count_per_ul(p, 2.5, 128.0, 5.0);
  EXPECT_LT(day3, day5);
  EXPECT_LT(day5, day4);
  // Published means 60.7, 128, 107 in 22 donors, SDs up to 136: the ratios carry a factor of 1.4.
  EXPECT_LT(std::abs(std::log(day3 / day4 / (60.7 / 128.0))), std::log(1.4));
  EXPECT_LT(std::abs(std::log(day5 / day4 / (107.0 / 128.0))), std::log(1.4));
}

TEST(Mobilisation, DoubleGcsfDoublesThePeakAndAgeAndDiabetesLowerIt) {
  Mobilisation p;
  cohort::Chart chart = plain_patient().chart;
  const double base = log_peak_per_ul(p, chart);
  p.gcsf_dose_ug_per_kg_per_day = units::UgPerKgPerDay(10.0);
  EXPECT_NEAR(log_peak_per_ul(p, chart) - base, std::numbers::ln2, 1e-12);
  p.gcsf_dose_ug_per_kg_per_day = units::UgPerKgPerDay(5.0);
  chart.diabetes = true;
  EXPECT_NEAR(log_peak_per_ul(p, chart) - base, std::log(0.7), 1e-12);
  chart.age_years = units::Years(70.0);
  EXPECT_NEAR(log_peak_per_ul(p, chart) - base, std::log(0.7) - 0.1, 1e-12);
}

TEST(Mobilisation, StoppingGcsfEarlyHalvesTheExcessEveryWashoutHalfLife) {
  Mobilisation p;
  const double full = blood_count_per_ul(p, 2.0, 22.0, 5.0) - 2.0;
  p.gcsf_days = 3;
  EXPECT_NEAR(blood_count_per_ul(p, 2.0, 22.0, 5.0) - 2.0, full / 4.0, 1e-12);
}

TEST(Apheresis, MassBalanceOfThePhaseOneHarvestCloses) {
  // 21/uL, 12.5 L, CE2 0.5, 80 kg: 1.64e6 CD34+ per kg.
  EXPECT_NEAR(collected_cells(21.0, 12500.0, 0.5) / 80.0, 1.64e6, 0.005e6);
}

TEST(Apheresis, MedianHarvestAgreesWithNinePublishedPatients) {
  const Preview p = preview({}, dose_of(1e5), sample(), test_seed);
  // Published median 1.65e6/kg, n = 9, log-SD near 1: its own error is a factor of 1.5.
  EXPECT_GT(p.median_collected_cells_per_kg.value(), 1.65e6 / 1.5);
  EXPECT_LT(p.median_collected_cells_per_kg.value(), 1.65e6 * 1.5);
  EXPECT_NEAR(p.median_available_cells_per_kg.value(), 0.8e6, 0.12e6);
  EXPECT_NEAR(p.median_blood_cd34_cells_per_ul.value(), 21.0, 0.6);
}

TEST(Apheresis, AnaemiaLowersTheYieldBy123PointsForEachHaematocritPoint) {
  Parameters parameters;
  parameters.apheresis.collection_efficiency_sd_log = units::LogUnits(0.0);
  cohort::Patient p = plain_patient();
  const double normal = harvest(parameters, p, streams_of(p)).collected_cells.value();
  p.chart.haemoglobin_g_per_dl = units::GramsPerDl(14.0 - 1.0 / 3.0);
  const double anaemic = harvest(parameters, p, streams_of(p)).collected_cells.value();
  EXPECT_NEAR(0.5 * (1.0 - anaemic / normal), 0.0123, 0.0005);
}

TEST(Marrow, BulkAspirateHoldsThePublishedCells) {
  const Marrow p;
  const double cells = aspirated_cells(p, p.first_pull_cells_per_ml.value());
  EXPECT_NEAR(cells / p.aspirate_ml.value(), 4.6e4, 0.2e4);
  Marrow small_pulls = p;
  small_pulls.sites = 70;
  EXPECT_GT(aspirated_cells(small_pulls, 2e5), 2.5 * cells);  // 5 mL a site: 3 to 10 times richer
  Parameters parameters;
  parameters.source = CellSource::marrow;
  parameters.device = Device::isolex_marrow;
  const auto all = harvests(parameters);
  // 5.0 (SD 2.7) million selected cells of purity 64 %.
  EXPECT_NEAR(quantile(all, 0.5, [](const Harvest& h) { return h.selected_cells.value(); }), 5.0e6,
              0.5e6);
  EXPECT_NEAR(quantile(all, 0.5, [](const Harvest& h) { return h.purity_fraction.value(); }), 0.64,
              0.03);
  EXPECT_FALSE(all.front().mobilised);
  EXPECT_TRUE(all.front().collected);
}

TEST(Selection, IsolexRecoveryAndPurityLieAsPublished) {
  const auto all = harvests({});
  const auto recovery = [](const Harvest& h) { return h.selected_cells / h.collected_cells; };
  const auto purity = [](const Harvest& h) { return h.purity_fraction.value(); };
  EXPECT_NEAR(quantile(all, 0.5, recovery), 0.55, 0.02);
  EXPECT_NEAR(quantile(all, 0.05, recovery), 0.35, 0.04);
  EXPECT_NEAR(quantile(all, 0.95, recovery), 0.75, 0.04);
  EXPECT_NEAR(quantile(all, 0.5, [](const Harvest& h) { return h.input_cd34_fraction.value(); }),
              0.002, 0.0003);
  EXPECT_NEAR(quantile(all, 0.5, purity), 0.825, 0.02);  // coronary patients
  // 51 runs spanned 0.478 to 0.983 around their median of 0.889: the same spread on the logit
  // scale.
  using random::logit;
  const double middle = logit(quantile(all, 0.5, purity));
  EXPECT_NEAR(middle - logit(quantile(all, 0.01, purity)), logit(0.889) - logit(0.478), 0.4);
  EXPECT_NEAR(logit(quantile(all, 0.99, purity)) - middle, logit(0.983) - logit(0.889), 0.8);
}

TEST(Selection, RichInputIsPurerAndAnOverloadedColumnRecoversItsCapacity) {
  const Separator isolex = Isolex{}.run;
  EXPECT_NEAR(expected_purity(isolex, 0.002), 0.825, 0.001);
  EXPECT_NEAR(expected_purity(isolex, 0.01), 0.917, 0.005);  // oncology, 240 runs
  EXPECT_DOUBLE_EQ(capacity_factor(isolex, 6.0e8), 1.0);
  EXPECT_DOUBLE_EQ(capacity_factor(isolex, 1.2e9), 0.5);
}

TEST(Hold, ViabilityFollowsThePublishedStorageTable) {
  struct Row {
    HoldTemperature temperature;
    double hours, lost, margin;
  };
  // The margin is the published scatter about one exponential.
  const std::vector<Row> table{{HoldTemperature::refrigerated, 24, 0.094, 0.02},
                               {HoldTemperature::refrigerated, 48, 0.194, 0.02},
                               {HoldTemperature::refrigerated, 72, 0.280, 0.02},
                               {HoldTemperature::room, 24, 0.219, 0.04},
                               {HoldTemperature::room, 48, 0.307, 0.04},
                               {HoldTemperature::room, 72, 0.433, 0.04},
                               {HoldTemperature::body, 24, 1.000, 0.02}};
  const cohort::Patient patient = plain_patient();
  for (const Row& row : table) {
    Parameters parameters;
    parameters.hold.temperature = row.temperature;
    parameters.hold.loss_sd_log = units::LogUnits(0.0);
    parameters.hold.hold_hours = units::Hours(0.0);
    const Harvest fresh = harvest(parameters, patient, streams_of(patient));
    parameters.hold.hold_hours = units::Hours(row.hours);
    const Harvest held = harvest(parameters, patient, streams_of(patient));
    EXPECT_NEAR(1.0 - held.viable_cells / fresh.viable_cells, row.lost, row.margin) << row.hours;
    EXPECT_NEAR(held.viability_fraction / fresh.viability_fraction,
                held.viable_cells / fresh.viable_cells, 1e-12);
  }
}

TEST(Expansion, NetFoldHasThePublishedMeanAndSpread) {
  const Expansion p;
  double sum = 0.0;
  double squares = 0.0;
  for (std::uint32_t id = 0; id < sample_size; ++id) {
    const double fold = expand_donor(p, 17.1e6, random::Streams(test_seed, 0, id)).fold;
    sum += fold;
    squares += fold * fold;
  }
  const double mean = sum / sample_size;
  const double cv = std::sqrt(squares / sample_size - mean * mean) / mean;
  // Monte Carlo: 0.4 % of the mean; the CV of a lognormal this wide is known to about 1.5 %.
  EXPECT_NEAR(mean, 3.5, 0.07);
  EXPECT_NEAR(cv, 0.62, 0.03);
}

TEST(Expansion, WithoutCrowdingTheCultureAgreesWithItsClosedForm) {
  Expansion p;
  p.capacity_cells = units::Cells(1e30);
  const Tempo donor{26.0 / 24.0, 40.0 / 24.0};
  const double tau = p.self_renewal_days.value();
  const double span = std::exp(-donor.lag_days / tau) - std::exp(-9.0 / tau);
  const double exponent = std::numbers::ln2 / donor.doubling_days *
                          (2.0 * p.self_renewal_fraction.value() - 1.0) * tau * span;
  EXPECT_NEAR(grow(p, 1.0, donor).cd34_cells / std::exp(exponent), 1.0, 1e-6);
}

TEST(Expansion, RungeKuttaConvergesWithFourthOrder) {
  const Expansion p;
  const Tempo donor{26.0 / 24.0, 40.0 / 24.0};
  const double exact = grow(p, 1e8, donor, 1024).cd34_cells;
  const double coarse = std::abs(grow(p, 1e8, donor, 16).cd34_cells / exact - 1.0);
  const double fine = std::abs(grow(p, 1e8, donor, culture_steps).cd34_cells / exact - 1.0);
  EXPECT_LT(fine, 1e-6);
  EXPECT_GT(coarse / fine, 12.0);
  EXPECT_LT(coarse / fine, 20.0);
}

TEST(Expansion, Cd34ShareFallsAsDescribedAndGrowthStopsAtCapacity) {
  Expansion p;
  const Tempo donor{26.0 / 24.0, 40.0 / 24.0};
  const auto share = [&](double days) {
    p.culture_days = units::Days(days);
    const Culture c = grow(p, 17.1e6, donor);
    return c.cd34_cells / (c.cd34_cells + c.differentiated_cells);
  };
  EXPECT_GT(share(7.0), 0.2);
  EXPECT_LT(share(7.0), 0.6);
  EXPECT_GT(share(12.0), 0.1);
  EXPECT_LT(share(12.0), 0.25);
  p.culture_days = units::Days(1.0);  // still in the lag
  EXPECT_DOUBLE_EQ(grow(p, 1e7, donor).cd34_cells, 1e7);
  p.culture_days = units::Days(30.0);
  const Culture full = grow(p, 1e8, donor);
  EXPECT_LE(full.cd34_cells + full.differentiated_cells, p.capacity_cells.value() * 1.001);
}

TEST(Potency, IsOneForTheMedianFreshNonDiabeticAndLowerWithDiabetesOrCulture) {
  Parameters parameters;
  parameters.potency.sd_log = units::LogUnits(0.0);
  cohort::Patient p = plain_patient();
  EXPECT_DOUBLE_EQ(harvest(parameters, p, streams_of(p)).potency, 1.0);
  p.chart.diabetes = true;
  EXPECT_DOUBLE_EQ(harvest(parameters, p, streams_of(p)).potency, 0.5);
  parameters.expand = true;
  EXPECT_NEAR(harvest(parameters, p, streams_of(p)).potency, 0.5 * 0.7, 0.005);
  parameters.expand = false;
  parameters.potency.purity_exponent = 1.0;
  const Harvest h = harvest(parameters, p, streams_of(p));
  EXPECT_DOUBLE_EQ(h.potency, 0.5 * h.purity_fraction.value());
}

TEST(Potency, CorrelatesWithMobilisationOnlyWhenAsked) {
  for (const double r : {0.0, 0.4}) {
    Parameters parameters;
    parameters.potency.mobilisation_correlation = r;
    parameters.mobilisation.baseline_sd_log = units::LogUnits(0.0);
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (std::uint32_t id = 0; id < sample_size; ++id) {
      const cohort::Patient p = plain_patient(id);
      const Harvest h = harvest(parameters, p, streams_of(p));
      if (!h.collected) continue;
      const double a = std::log(h.blood_cd34_cells_per_ul.value());
      const double b = std::log(h.potency);
      n += 1, x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    const double correlation =
        (xy / n - x / n * y / n) / std::sqrt((xx / n - x / n * x / n) * (yy / n - y / n * y / n));
    EXPECT_NEAR(correlation, r, 0.03);  // four standard errors
  }
}

}  // namespace
}  // namespace angiotrial::product
