// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/product/harvest.hpp>
#include <angiotrial/product/prescription.hpp>

/// From a harvest and an arm's dose to the bag that goes to the catheter laboratory.
///
///   delivered = min(planned x (1 + count error), viable cells)
///
/// The count error is normal, cut off at the protocol's tolerance. Two arms of one patient share
/// every draw. Loss in the catheter is not here: delivery applies it.
namespace angiotrial::product {

enum class Release {
  released,
  released_short,  ///< below the tolerance, given all the same
  failed_viability,
  failed_purity,
  failed_sterility,
  failed_dose,  ///< below the tolerance, and the protocol then gives nothing
  no_cells      ///< mobilisation or collection gave no product
};

[[nodiscard]] constexpr bool is_released(Release verdict) {
  return verdict == Release::released || verdict == Release::released_short;
}

struct Bag {
  units::Cells planned_cells;
  units::Cells delivered_cells;  ///< viable CD34+ drawn for injection; 0 for placebo or a failure
  units::Cells available_cells;  ///< viable CD34+ at hand
  units::Fraction viability_fraction;
  units::Fraction purity_fraction;
  double potency = 0.0;
  Release release = Release::released;
  bool short_of_dose = false;  ///< the harvest cannot reach planned x (1 - tolerance)

  bool operator==(const Bag&) const = default;
};

/// The arm-blind verdict on a product, its dose aside: a protocol that selects before it randomises
/// may ask for it first. Uses the stream release.
[[nodiscard]] Release inspect(const Parameters& parameters, const Harvest& harvest,
                              const random::Streams& streams);

/// The bag of one arm. At dose 0 it is diluent: a released bag without cells, the same for every
/// patient and process. Uses the stream release. Expects weight > 0.
[[nodiscard]] Bag fill_bag(const Parameters& parameters, const ArmDose& arm, const Harvest& harvest,
                           const cohort::Patient& patient, const random::Streams& streams);

}  // namespace angiotrial::product
