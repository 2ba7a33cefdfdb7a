// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/product/prescription.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <cstdint>
#include <vector>

/// Hand-built patients, so that these tests do not hang on the cohort room's parameters.
namespace angiotrial::product {

inline constexpr std::uint64_t test_seed = 20110801;

inline cohort::Patient plain_patient(std::uint32_t id = 0) {
  cohort::Patient p;
  p.id = id;
  p.chart.age_years = units::Years(60.0);
  p.chart.weight_kg = units::Kilograms(80.0);
  p.chart.height_m = units::Metres(1.75);
  p.chart.haemoglobin_g_per_dl = units::GramsPerDl(14.0);
  return p;
}

inline random::Streams streams_of(const cohort::Patient& p) { return {test_seed, 0, p.id}; }

/// Refractory angina as recalled for ACT34-CMI: age 61 (9), 87 % men, about 90 kg, half diabetic.
inline std::vector<cohort::Patient> refractory_angina(std::uint32_t n) {
  std::vector<cohort::Patient> patients;
  for (std::uint32_t id = 0; id < n; ++id) {
    random::Stream draws = random::Streams(test_seed, 0, id).at(random::Purpose::traits);
    cohort::Patient p = plain_patient(id);
    p.chart.age_years = units::Years(61.0 + 9.0 * draws.normal());
    const bool male = draws.bernoulli(0.87);
    p.chart.sex = male ? cohort::Sex::male : cohort::Sex::female;
    p.chart.height_m = units::Metres((male ? 1.76 : 1.62) + 0.07 * draws.normal());
    p.chart.weight_kg = units::Kilograms(random::lognormal_quantile(draws.uniform(), 4.48, 0.17));
    p.chart.diabetes = draws.bernoulli(0.5);
    p.chart.haemoglobin_g_per_dl = units::GramsPerDl(13.9 + 1.2 * draws.normal());
    patients.push_back(p);
  }
  return patients;
}

// Monte Carlo error of a median at this size: 1.25 x 0.7 / sqrt(20 000) = 0.6 % of the log count.
inline constexpr std::uint32_t sample_size = 20000;

inline const std::vector<cohort::Patient>& sample() {
  static const std::vector<cohort::Patient> patients = refractory_angina(sample_size);
  return patients;
}

inline ArmDose dose_of(double cells_per_kg, double tolerance = 0.10) {
  ArmDose arm;
  arm.dose_cells_per_kg = units::CellsPerKg(cells_per_kg);
  arm.tolerance_fraction = units::Fraction(tolerance);
  return arm;
}

}  // namespace angiotrial::product
