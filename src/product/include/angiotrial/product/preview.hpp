// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/product/bag.hpp>

#include <cstdint>
#include <span>

/// What a process promises before a trial is run: derived quantities for a look at a study file.
namespace angiotrial::product {

struct Preview {
  units::CellsPerUl median_blood_cd34_cells_per_ul;  ///< on the day of collection
  units::CellsPerKg median_collected_cells_per_kg;   ///< CD34+ harvested
  units::CellsPerKg median_available_cells_per_kg;   ///< viable CD34+ at the end of the hold
  units::Fraction short_fraction;            ///< of patients with a product: cannot reach the dose
  units::Fraction failed_fraction;           ///< of patients with a product: fails a release test
  units::Fraction without_product_fraction;  ///< of all patients
};

/// The process and one arm's dose over a sample of patients, each with the streams of its id.
/// About 1 us a patient. Expects at least one patient; medians are 0 when none has a product.
[[nodiscard]] Preview preview(const Parameters& parameters, const ArmDose& arm,
                              std::span<const cohort::Patient> patients, std::uint64_t seed);

}  // namespace angiotrial::product
