// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// From the protocol's dose to the number of cells a physician would sign for.
///
///   cells = dose_cells_per_kg x min(weight, weight_cap_kg), at most cap_cells
///
/// Whether the harvest can give them is the business of bag.hpp.
namespace angiotrial::product {

/// What one arm of the protocol asks for. It is the total over all injection sites.
struct ArmDose {
  units::CellsPerKg dose_cells_per_kg;  ///< 0 in a placebo arm
  units::Kilograms weight_cap_kg{100.0};
  units::Cells cap_cells{1.0e10};  ///< the default is none in practice
  units::Fraction tolerance_fraction{0.10};
};

void describe(schema::Visitor& visit, ArmDose& p);

/// What one patient is to receive.
struct Prescription {
  units::Cells cells;
  bool capped = false;  ///< a cap, not the body weight, set the number
};

/// Linear in the dose below `cap_cells`, zero in a placebo arm. Expects weight > 0 and the arm
/// inside its described ranges.
[[nodiscard]] Prescription prescribe(const ArmDose& arm, units::Kilograms weight);

}  // namespace angiotrial::product
