// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/coronary.hpp>

#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

constexpr double pascal_per_mmhg = 133.322387415;  // NIST SP 811
constexpr double metres_per_mm = 1e-3;
constexpr double ml_per_cubic_metre = 1e6;

}  // namespace

StenosisLaw stenosis_law(const Arteries& p, double diameter_fraction) {
  ANGIOTRIAL_EXPECT(diameter_fraction >= 0.0 && diameter_fraction < 1.0,
                    "an open stenosis is in [0, 1)");
  const double radius = 0.5 * p.vessel_diameter_mm.value() * metres_per_mm;
  const double open = 1.0 - diameter_fraction;
  const double normal_area = std::numbers::pi * radius * radius;
  const double stenosis_area = normal_area * open * open;
  const double viscosity = p.blood_viscosity_mpa_s.value() * 1e-3;  // Pa s
  const double density = p.blood_density_g_per_ml.value() * 1e3;    // kg/m3
  const double length = p.lesion_length_mm.value() * metres_per_mm;
  const double linear =
      8.0 * std::numbers::pi * viscosity * length / (stenosis_area * stenosis_area);
  const double narrowing = 1.0 / stenosis_area - 1.0 / normal_area;
  const double quadratic = 0.5 * p.expansion_loss * density * narrowing * narrowing;
  return {linear / (pascal_per_mmhg * ml_per_cubic_metre),
          quadratic / (pascal_per_mmhg * ml_per_cubic_metre * ml_per_cubic_metre)};
}

double antegrade_flow_ml_per_s(const StenosisLaw& law, const TerritoryLoad& load,
                               double aortic_pressure_mmhg) {
  const double h =
      load.conductance_ml_per_s_per_mmhg + load.collateral_conductance_ml_per_s_per_mmhg;
  if (h <= 0.0) return 0.0;
  const double wanted =
      load.conductance_ml_per_s_per_mmhg * (aortic_pressure_mmhg - load.back_pressure_mmhg);
  if (wanted <= 0.0) return 0.0;
  // q = 2 (Q0/H) / ( (A + 1/H) + sqrt((A + 1/H)^2 + 4 B Q0/H) ), the same root without
  // cancellation.
  const double a = law.linear_mmhg_s_per_ml + 1.0 / h;
  const double drive = wanted / h;
  return 2.0 * drive / (a + std::sqrt(a * a + 4.0 * law.quadratic_mmhg_s2_per_ml2 * drive));
}

double distal_pressure_mmhg(const TerritoryLoad& load, double aortic_pressure_mmhg,
                            double antegrade_flow) {
  const double h =
      load.conductance_ml_per_s_per_mmhg + load.collateral_conductance_ml_per_s_per_mmhg;
  if (h <= 0.0) return aortic_pressure_mmhg;
  const double wanted =
      load.conductance_ml_per_s_per_mmhg * (aortic_pressure_mmhg - load.back_pressure_mmhg);
  return aortic_pressure_mmhg - (wanted - antegrade_flow) / h;
}

}  // namespace angiotrial::heart
