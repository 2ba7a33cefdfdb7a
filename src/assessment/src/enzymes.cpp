// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/enzymes.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::assessment {
namespace {

/// Response to Q e^{-k t} of a pool that empties with k_el; the limit k = k_el is t e^{-k t}.
double pool(double k, double k_el, double t) {
  const double difference = k_el - k;
  if (std::abs(difference) < 1e-9) return k * t * std::exp(-k * t);
  return k * (std::exp(-k * t) - std::exp(-k_el * t)) / difference;
}

}  // namespace

double troponin_per_release(const Enzymes& parameters, units::Hours since_injury) {
  const double t = since_injury.value();
  const double k1 = parameters.cytosolic_release_per_hour.value();
  const double k2 = 1.0 / parameters.structural_release_hours.value();
  const double k_el = std::numbers::ln2 / parameters.elimination_half_life_hours.value();
  const double f_cyt = parameters.cytosolic_fraction.value();
  return f_cyt * pool(k1, k_el, t) + (1.0 - f_cyt) * pool(k2, k_el, t);
}

EnzymeRecord measure_enzymes(const Enzymes& parameters, const cohort::Patient& patient,
                             bool mobilised, bool injected, units::Milligrams injured_mass,
                             const random::Streams& streams) {
  const double age_effect =
      std::exp(parameters.age_effect_per_decade_log.value() *
               (patient.chart.age_years - parameters.reference_age_years).value() / 10.0);
  EnzymeRecord record;
  random::Stream enzymes = streams.at(random::Purpose::enzymes);
  const double base = parameters.baseline_median_uln.value() *
                      std::exp(parameters.baseline_sd_log.value() * enzymes.normal());
  record.troponin_baseline_uln = base;
  record.troponin_after_mobilisation_uln = base;
  record.troponin_after_injection_uln = base;
  record.ck_mb_baseline =
      parameters.ck_mb_baseline * std::exp(parameters.ck_mb_sd_log.value() * enzymes.normal());
  record.ck_mb_8_h = record.ck_mb_24_h = record.ck_mb_baseline;

  random::Stream mobilisation = streams.at(random::Purpose::mobilisation_injury);
  const double z = mobilisation.normal();
  if (mobilised) {
    record.troponin_after_mobilisation_uln += age_effect *
                                              parameters.mobilisation_median_uln.value() *
                                              std::exp(parameters.mobilisation_sd_log.value() * z);
    record.nstemi_at_mobilisation = record.troponin_after_mobilisation_uln > 3.0 &&
                                    mobilisation.bernoulli(parameters.symptomatic_fraction.value());
  }
  if (injected) {
    const double injured_g = injured_mass.to<units::Grams>().value();
    const double scale = parameters.injection_uln_per_injured_gram * injured_g;
    double highest = 0.0;
    for (const double hours : {8.0, 16.0, 24.0}) {
      highest = std::max(highest, troponin_per_release(parameters, units::Hours(hours)));
    }
    record.troponin_after_injection_uln += scale * highest;
    // CK-MB rises with the same injury, peaks near 8 h and halves every half-life after that.
    const double rise = parameters.ck_mb_rise_per_uln * scale * highest;
    const double half_life = parameters.ck_mb_half_life_hours.value();
    record.ck_mb_8_h += rise;
    record.ck_mb_24_h += rise * std::exp2(-16.0 / half_life);
  }
  return record;
}

}  // namespace angiotrial::assessment
