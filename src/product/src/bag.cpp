// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/bag.hpp>

#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cstdint>

namespace angiotrial::product {
namespace {

using random::Purpose;

/// Draws of the release stream.
enum ReleaseDraw : std::uint32_t { sterility_draw = 0, count_draw = 1 };

/// 1 + sd Z with Z a standard normal cut off at +-tolerance/sd: the true over the counted number.
double drawn_over_planned(double sd, double tolerance, double u) {
  if (sd == 0.0 || tolerance == 0.0) return 1.0;
  const double tail = random::normal_cdf(-tolerance / sd);
  const double error = sd * random::normal_quantile(tail + u * (1.0 - 2.0 * tail));
  return 1.0 + std::clamp(error, -tolerance, tolerance);
}

}  // namespace

Release inspect(const Parameters& parameters, const Harvest& harvest,
                const random::Streams& streams) {
  if (!harvest.collected) return Release::no_cells;
  const ReleaseTests& tests = parameters.release;
  if (streams.at(Purpose::release).at(sterility_draw) < tests.sterility_failure_fraction.value()) {
    return Release::failed_sterility;
  }
  if (harvest.viability_fraction < tests.viability_floor_fraction) return Release::failed_viability;
  if (harvest.purity_fraction < tests.purity_floor_fraction) return Release::failed_purity;
  return Release::released;
}

Bag fill_bag(const Parameters& parameters, const ArmDose& arm, const Harvest& harvest,
             const cohort::Patient& patient, const random::Streams& streams) {
  Bag bag;
  bag.planned_cells = prescribe(arm, patient.chart.weight_kg).cells;
  if (bag.planned_cells.value() == 0.0) return bag;
  const double tolerance = arm.tolerance_fraction.value();
  bag.available_cells = harvest.viable_cells;
  bag.viability_fraction = harvest.viability_fraction;
  bag.purity_fraction = harvest.purity_fraction;
  bag.potency = harvest.potency;
  bag.short_of_dose = bag.available_cells < (1.0 - tolerance) * bag.planned_cells;
  bag.release = inspect(parameters, harvest, streams);
  if (bag.release == Release::released && bag.short_of_dose) {
    bag.release = parameters.release.shortfall_rule == ShortfallRule::fail
                      ? Release::failed_dose
                      : Release::released_short;
  }
  if (!is_released(bag.release)) return bag;
  const double drawn = drawn_over_planned(parameters.release.count_error_fraction.value(),
                                          tolerance, streams.at(Purpose::release).at(count_draw));
  bag.delivered_cells = std::min(drawn * bag.planned_cells, bag.available_cells);
  return bag;
}

}  // namespace angiotrial::product
