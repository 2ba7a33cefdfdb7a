// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::product {

double blood_count_per_ul(const Mobilisation& p, double baseline_per_ul, double peak_per_ul,
                          double days) {
  const double n = p.shape_exponent;
  const double s = days / p.peak_days.value();
  const double rise = s > 0.0 ? std::exp(n * (std::log(s) + 1.0 - s)) : 0.0;
  const double after_last_dose = std::max(0.0, days - p.gcsf_days);
  const double washout = std::exp2(-after_last_dose / p.washout_half_life_days.value());
  return baseline_per_ul + (peak_per_ul - baseline_per_ul) * rise * washout;
}

double log_peak_per_ul(const Mobilisation& p, const cohort::Chart& chart) {
  const double dose = p.gcsf_dose_ug_per_kg_per_day / p.reference_dose_ug_per_kg_per_day;
  const double decades = (chart.age_years - p.reference_age_years).value() / 10.0;
  const double diabetes = (chart.diabetes ? 1.0 : 0.0) - p.reference_diabetes_fraction.value();
  return std::log(p.peak_cd34_cells_per_ul.value()) + p.dose_exponent * std::log(dose) +
         p.age_effect_per_decade_log.value() * decades + std::log(p.diabetes_ratio) * diabetes;
}

double blood_volume_ml(const cohort::Chart& chart) {
  const bool male = chart.sex == cohort::Sex::male;
  const double height_m = chart.height_m.value();
  const double cube = height_m * height_m * height_m;
  const double litres = male ? 0.3669 * cube + 0.03219 * chart.weight_kg.value() + 0.6041
                             : 0.3561 * cube + 0.03308 * chart.weight_kg.value() + 0.1833;
  return 1000.0 * litres;
}

double collected_cells(double count_per_ul, double processed_ml, double efficiency) {
  constexpr double ul_per_ml = 1000.0;
  return efficiency * count_per_ul * ul_per_ml * processed_ml;
}

double aspirated_cells(const Marrow& p, double first_pull_per_ml) {
  const double sites = p.sites;
  const double depth = p.aspirate_ml / (sites * p.dilution_ml);
  return sites * first_pull_per_ml * p.dilution_ml.value() * std::log1p(depth);
}

double expected_purity(const Separator& run, double input_share) {
  return run.purity_ceiling_fraction.value() * input_share /
         (input_share + run.half_purity_fraction.value());
}

double capacity_factor(const Separator& run, double input_cells) {
  return std::min(1.0, run.capacity_cells.value() / input_cells);
}

double hold_loss_per_hour(const Hold& p) {
  switch (p.temperature) {
    case HoldTemperature::refrigerated:
      return p.loss_refrigerated_per_hour.value();
    case HoldTemperature::room:
      return p.loss_room_per_hour.value();
    case HoldTemperature::body:
      return p.loss_body_per_hour.value();
  }
  return 0.0;
}

}  // namespace angiotrial::product
