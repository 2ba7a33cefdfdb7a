// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

/// Hearts of a population as the notes give it: LV mass 134 (21) g, volume 160 (28) mL, f_pat
/// lognormal of mean 0.98 and coefficient of variation 0.22, at rest 65 bpm and 130 mmHg.
namespace angiotrial::heart::sample {

inline cohort::Patient patient(std::uint32_t id) {
  auto stream = random::Streams(20240601, 0, id).at(random::Purpose::traits);
  cohort::Patient p;
  p.id = id;
  p.traits.lv_mass_g = units::Grams(std::clamp(134.0 + 21.0 * stream.normal(), 80.0, 200.0));
  p.traits.end_diastolic_volume_ml =
      units::Ml(std::clamp(160.0 + 28.0 * stream.normal(), 90.0, 240.0));
  const double sd = std::sqrt(std::log1p(0.22 * 0.22));
  p.traits.conductance_factor = 0.98 * std::exp(sd * stream.normal() - 0.5 * sd * sd);
  p.traits.rest_heart_rate_bpm = units::Bpm(65.0);
  p.traits.rest_systolic_mmhg = units::Mmhg(130.0);
  return p;
}

inline random::Streams streams(std::uint32_t id) { return {20240601, 0, id}; }

inline Ventricle heart(const Parameters& p, std::uint32_t id) {
  return build(p, patient(id), streams(id));
}

inline Perfusion perfusion(const Parameters& p, const Ventricle& v,
                           std::span<const double> gain = {}) {
  Perfusion out;
  perfuse(p, v, gain, out);
  return out;
}

/// No stenosis, no occlusion, no scar.
inline Parameters without_disease() {
  Parameters p;
  p.arteries.occlusion_fraction = units::Fraction(0.0);
  p.arteries.least_stenosis_percent = units::Percent(0.0);
  p.arteries.most_stenosis_percent = units::Percent(0.0);
  p.anatomy.scarred_segment_fraction = units::Fraction(0.0);
  return p;
}

struct Series {
  std::vector<double> values;

  void add(double x) { values.push_back(x); }
  [[nodiscard]] double mean() const {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
  [[nodiscard]] double sd() const {
    const double m = mean();
    double sum = 0.0;
    for (const double x : values) sum += (x - m) * (x - m);
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
  }
  [[nodiscard]] double median() const {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

}  // namespace angiotrial::heart::sample
