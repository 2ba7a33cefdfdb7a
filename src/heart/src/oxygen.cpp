// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/krogh.hpp>
#include <angiotrial/heart/oxygen.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::heart {

double saturation(const Oxygen& p, double pressure_mmhg) {
  const double ratio = std::pow(pressure_mmhg / p.half_saturation_mmhg.value(), p.hill_exponent);
  return ratio / (1.0 + ratio);
}

double pressure_at_mmhg(const Oxygen& p, double s) {
  ANGIOTRIAL_EXPECT(s >= 0.0 && s < 1.0, "a saturation is in [0, 1)");
  return p.half_saturation_mmhg.value() * std::pow(s / (1.0 - s), 1.0 / p.hill_exponent);
}

double resting_oxygen_mmhg(const Parameters& all, double demand, double hyperaemic,
                           units::Fraction maximal_extraction, double density_relative) {
  const Oxygen& p = all.oxygen;
  ANGIOTRIAL_EXPECT(demand > 0.0, "the heart at rest needs oxygen");
  const double flow = std::min(demand, hyperaemic);
  if (flow <= 0.0) return 0.0;
  const double rest = p.rest_extraction_fraction.value();
  const double most = std::max(rest, maximal_extraction.value());
  const double extraction = std::min(most, rest * demand / flow);
  const double met = std::min(1.0, flow * extraction / (demand * rest));
  const double per_minute =
      flow * extraction * p.arterial_oxygen_content * all.anatomy.muscle_density_g_per_ml.value();
  const double inner = p.capillary_radius_um.value();
  const double outer =
      std::max(inner, krogh_radius_um(p.capillary_density_per_mm2 * density_relative));
  const double drop = krogh_mean_drop_mmhg(
      per_minute / 60.0, p.krogh_coefficient_ml_per_cm_per_s_per_mmhg.value(), outer, inner);
  const double venous = pressure_at_mmhg(
      p, std::min(p.arterial_saturation_fraction.value(), 0.999) * (1.0 - extraction));
  return met * std::max(venous - drop, 0.0);
}

std::vector<float> resting_oxygen_mmhg(const Parameters& p, const Ventricle& v, const Perfusion& f,
                                       double density_relative) {
  ANGIOTRIAL_EXPECT(f.hyperaemic_flow.size() == v.size(), "one flow for each microregion");
  const double demand =
      p.oxygen.demand_ml_per_min_per_g_per_10k_rpp.value() * v.resting_rate_pressure.value() / 1e4;
  std::vector<float> pressure(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    pressure[i] = static_cast<float>(resting_oxygen_mmhg(
        p, demand, f.hyperaemic_flow[i], v.maximal_extraction_fraction, density_relative));
  }
  return pressure;
}

}  // namespace angiotrial::heart
