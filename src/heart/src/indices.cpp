// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/indices.hpp>

#include <limits>

namespace angiotrial::heart {

void describe(schema::Visitor& visit, ResistanceScale& p) {
  visit("index_at_reference", p.index_at_reference, {5.0, 40.0},
        "index of microvascular resistance at the reference conductance: between healthy 12.6 and "
        "19 without atheroma, mmHg s",
        {schema::Provenance::derived,
         "middle of two published healthy groups, 12.6 (7.3-27.2) and 19 (5)", ""});
}

std::array<double, territory_count> microvascular_resistance(const Parameters& p,
                                                             const Ventricle& v,
                                                             std::span<const double> gain,
                                                             const ResistanceScale& scale) {
  ANGIOTRIAL_EXPECT(gain.empty() || gain.size() == v.size(), "one gain for each microregion");
  std::array<double, territory_count> conductance{}, mass{}, index{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto k = static_cast<std::size_t>(v.territory[i]);
    const double g = gain.empty() ? v.conductance[i] : v.conductance[i] * gain[i];
    conductance[k] += g * v.mass_of_g[i];
    mass[k] += v.mass_of_g[i];
  }
  const double g0 = p.microcirculation.conductance_ml_per_min_per_g_per_mmhg.value();
  for (std::size_t k = 0; k < territory_count; ++k) {
    index[k] = conductance[k] > 0.0 ? scale.index_at_reference * g0 * mass[k] / conductance[k]
                                    : std::numeric_limits<double>::infinity();
  }
  return index;
}

std::vector<double> burden_curve(const Parameters& p, const Ventricle& v, const Perfusion& f,
                                 std::span<const units::BpmMmhg> rate_pressures) {
  std::vector<double> curve;
  curve.reserve(rate_pressures.size());
  for (const units::BpmMmhg rpp : rate_pressures) curve.push_back(burden(p, v, f, rpp));
  return curve;
}

}  // namespace angiotrial::heart
