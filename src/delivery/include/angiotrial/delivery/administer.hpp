// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/plan.hpp>
#include <angiotrial/product/bag.hpp>
#include <angiotrial/tissue/depot.hpp>
#include <angiotrial/tissue/kinetics.hpp>

#include <vector>

/// From the bag through the needle into the wall, counted in whole cells.
///
///   bag      = injected + killed in the catheter + unused (when sites are short)
///   injected = retained + outside + leaked + washed out, at each site, exactly
///
/// Every draw is a function of patient and site. A bag without cells goes to the same places and
/// injures the same muscle.
namespace angiotrial::delivery {

/// One injection as it happened.
struct Site {
  PositionMm position_mm{};  ///< centre of the depot, inside the wall
  int segment = 0;
  bool truly_ischaemic = false;
  bool truly_viable = true;
  units::Cells injected;    ///< viable, out of the needle
  units::Cells retained;    ///< in place after early washout
  units::Cells outside;     ///< beyond the faces of the wall; 0 unless cells_outside is lost
  units::Cells leaked;      ///< back along the needle
  units::Cells washed_out;  ///< into veins and lymph
  units::Milligrams injured_mass_mg;
};

struct Administration {
  std::vector<Site> sites;
  std::vector<tissue::Depot> depots;  ///< one for each site, empty ones included
  units::Cells administered_cells;    ///< viable, out of the needle
  units::Cells killed_cells;          ///< in the catheter
  units::Cells unused_cells;          ///< left in the syringe for want of sites
  units::Cells retained_cells;
  units::Cells outside_cells;  ///< placed beyond the faces of the wall
  units::Ml volume_ml;
  units::Milligrams injured_mass_mg;
  int sites_off_target = 0;     ///< in truth not ischaemic or not viable
  int sites_breaking_rule = 0;  ///< by the map
};

/// Draws from site_choice (return of the catheter), retention_patient, retention_site and injury;
/// site j uses draw j. Expects delivered_cells >= 0 and below 2^53, purity in (0, 1].
[[nodiscard]] Administration inject(const Parameters& parameters, const Endocardium& wall,
                                    const Plan& plan, const product::Bag& bag,
                                    const cohort::Patient& patient, const random::Streams& streams,
                                    const tissue::RetentionSaturation& saturation = {});

/// Share of injected cells alive in the heart at a time after injection; 0 without cells.
[[nodiscard]] units::Fraction alive_share(const Administration& given, const tissue::Survival& p,
                                          units::Hours after);

/// Share of injected cells that the lungs catch; 0 without cells.
[[nodiscard]] units::Fraction lung_share(const Administration& given, const Retention& p);

/// SD of the round depot that has the volume of the elongated one: (s_along s_across^2)^(1/3),
/// in proportion to the cube root of the injected volume.
[[nodiscard]] units::Mm depot_sd(const Injection& p);

}  // namespace angiotrial::delivery
