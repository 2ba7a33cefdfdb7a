// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/prescription.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::product {

void describe(schema::Visitor& visit, ArmDose& p) {
  using schema::Provenance;
  constexpr schema::Source protocol{Provenance::protocol,
                                    "ACT34-CMI registry record and Losordo 2011", "NCT00300053"};
  visit("dose_cells_per_kg", p.dose_cells_per_kg, {0.0, 1.0e9},
        "viable CD34+ cells prescribed per kilogram of body weight, over all sites; 0 is placebo",
        protocol);
  visit("weight_cap_kg", p.weight_cap_kg, {1.0, 500.0},
        "body weight above which the dose no longer grows", protocol);
  visit("cap_cells", p.cap_cells, {1.0, 1.0e11}, "most cells one patient may be given",
        {Provenance::assumed, "", ""});
  visit("tolerance_fraction", p.tolerance_fraction, {0.0, 0.5},
        "how far the bag may lie from the prescribed number and still count as the dose", protocol);
}

Prescription prescribe(const ArmDose& arm, units::Kilograms weight) {
  ANGIOTRIAL_EXPECT(weight.value() > 0.0, "a patient weighs something");
  const units::Kilograms dosed = std::min(weight, arm.weight_cap_kg);
  const units::Cells cells = arm.dose_cells_per_kg * dosed;
  return {std::min(cells, arm.cap_cells), weight > arm.weight_cap_kg || cells > arm.cap_cells};
}

}  // namespace angiotrial::product
