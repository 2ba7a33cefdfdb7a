// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/krogh.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {

double krogh_radius_um(units::PerMm2 capillary_density) {
  ANGIOTRIAL_EXPECT(capillary_density.value() > 0.0, "a capillary density is positive");
  constexpr double um_per_mm = 1000.0;
  return um_per_mm / std::sqrt(std::numbers::pi * capillary_density.value());
}

double krogh_drop_mmhg(double consumption_per_s, double coefficient, double tissue_radius_um,
                       double capillary_radius_um) {
  ANGIOTRIAL_EXPECT(capillary_radius_um > 0.0 && tissue_radius_um >= capillary_radius_um,
                    "the cylinder surrounds its capillary");
  constexpr double cm_per_um = 1e-4;
  const double outer = tissue_radius_um * cm_per_um, inner = capillary_radius_um * cm_per_um;
  const double shape =
      2.0 * outer * outer * std::log(outer / inner) - (outer * outer - inner * inner);
  return consumption_per_s / (4.0 * coefficient) * shape;
}

double krogh_mean_drop_mmhg(double consumption_per_s, double coefficient, double tissue_radius_um,
                            double capillary_radius_um) {
  ANGIOTRIAL_EXPECT(capillary_radius_um > 0.0 && tissue_radius_um >= capillary_radius_um,
                    "the cylinder surrounds its capillary");
  constexpr double cm_per_um = 1e-4;
  const double outer = tissue_radius_um * cm_per_um, inner = capillary_radius_um * cm_per_um;
  const double outer2 = outer * outer, wall2 = outer2 - inner * inner;
  if (wall2 <= 0.0) return 0.0;
  const double shape =
      2.0 * outer2 * (outer2 * std::log(outer / inner) / wall2 - 0.5) - 0.5 * wall2;
  return consumption_per_s / (4.0 * coefficient) * shape;
}

units::Fraction diffusion_limited_extraction(const Oxygen& p, units::PerMm2 capillary_density) {
  const double inner = p.capillary_radius_um.value();
  const double outer = std::max(inner, krogh_radius_um(capillary_density));
  const double drop =
      krogh_drop_mmhg(p.maximal_consumption_per_minute.value() / 60.0,
                      p.krogh_coefficient_ml_per_cm_per_s_per_mmhg.value(), outer, inner);
  const double venous_mmhg = p.critical_pressure_mmhg.value() + drop;
  const double ratio = std::pow(venous_mmhg / p.half_saturation_mmhg.value(), p.hill_exponent);
  const double saturation = ratio / (1.0 + ratio);
  return units::Fraction(std::max(0.0, 1.0 - saturation / p.arterial_saturation_fraction.value()));
}

units::Fraction maximal_extraction(const Oxygen& p, double relative_density) {
  ANGIOTRIAL_EXPECT(relative_density > 0.0, "a relative capillary density is positive");
  const units::PerMm2 density = p.capillary_density_per_mm2 * relative_density;
  if (density >= p.diffusion_limit_density_per_mm2) return p.maximal_extraction_fraction;
  return std::min(p.maximal_extraction_fraction, diffusion_limited_extraction(p, density));
}

}  // namespace angiotrial::heart
