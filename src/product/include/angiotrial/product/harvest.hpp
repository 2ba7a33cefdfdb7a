// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/product/parameters.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/units/names.hpp>

/// What one patient's process yields, before any arm is known:
///
///   G-CSF -> blood count -> apheresis (or marrow aspirate) -> selection -> [culture] -> hold
///
/// Loss in the catheter is not here: delivery applies it.
namespace angiotrial::product {

struct Harvest {
  bool mobilised = false;  ///< G-CSF course completed and the least count reached; false for marrow
  bool collected = false;  ///< there is a product; every number below is 0 without one
  units::CellsPerUl baseline_cd34_cells_per_ul;
  units::CellsPerUl blood_cd34_cells_per_ul;  ///< on the day of collection
  units::Cells collected_cells;               ///< CD34+ in the apheresis product or aspirate
  units::Fraction input_cd34_fraction;        ///< of the nucleated cells put on the separator
  units::Cells selected_cells;                ///< CD34+ after selection, living and dead
  units::Fraction purity_fraction;            ///< CD34+ share of the finished product
  bool expanded = false;
  double expansion_fold = 1.0;         ///< viable CD34+ out over in, reselection included
  units::Hours hold_hours;             ///< from finished product to injection
  units::Fraction viability_fraction;  ///< at the end of the hold
  units::Cells viable_cells;           ///< viable CD34+ at the end of the hold
  double potency = 0.0;                ///< per viable cell; median 1 in fresh non-diabetic cells

  bool operator==(const Harvest&) const = default;
};

/// One harvest. Uses the streams mobilisation, apheresis, marrow, selection, expansion, potency.
/// Expects parameters inside their described ranges, weight, height and haemoglobin > 0.
[[nodiscard]] Harvest harvest(const Parameters& parameters, const cohort::Patient& patient,
                              const random::Streams& streams);

}  // namespace angiotrial::product
