// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lattice.hpp"
#include "plan.hpp"
#include "tally.hpp"

#include <angiotrial/heart/organ.hpp>

#include <span>
#include <vector>

/// Fills an organ row by row from its level set and depth. Private.
namespace angiotrial::heart {

/// Regions are labelled up to here outside the wall, in cells: finer boxes around the sites look
/// them up two cells outwards along any diagonal, which is 3.5; distances to first order overstate
/// by up to a half inside the apex.
inline constexpr double margin_cells = 5.5;

/// Sizes the arrays of an organ whose box is set and whose ventricle is furnished.
void prepare(const Parameters& parameters, Organ& organ);

/// The last field of every organ: oxygen of its regions at rest.
void add_oxygen(const Parameters& parameters, const cohort::Patient& patient, Organ& organ);

class Labeller {
 public:
  /// `angle_deg`: of each column of the box, x fastest; counter-clockwise seen from the apex.
  Labeller(const Plan& plan, std::vector<double> angle_deg, Organ& organ);

  /// Row j of slice k; slices and rows in ascending order.
  void add_row(int j, int k, std::span<const float> level_mm, std::span<const float> depth);

  [[nodiscard]] const Locator& locator() const { return locator_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void set_slice(double z_mm);

  Organ& organ_;
  Locator locator_;
  std::vector<double> angle_deg_;
  // Of the present slice, by column: they change from one row of patches to the next.
  Level level_{-1, -1};
  std::vector<std::uint16_t> outer_region_;
  std::vector<std::uint8_t> segment_;
  Tally tally_;
};

}  // namespace angiotrial::heart
