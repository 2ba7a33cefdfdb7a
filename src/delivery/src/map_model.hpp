// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>

#include <span>
#include <vector>

/// The forward model of map.cpp without its noise: what a map would show of a given heart, and how
/// far it would scatter. Private.
namespace angiotrial::delivery {

class MapModel {
 public:
  /// Places of the innermost microregions, and a map of at least one point.
  MapModel(const Map& parameters, std::span<const PositionMm> patches,
           const ElectromechanicalMap& map);

  /// Mean and variance of what is shown at each point.
  struct Expected {
    double mv = 0.0, variance_mv2 = 0.0, percent = 0.0, variance_percent2 = 0.0;
  };
  [[nodiscard]] std::vector<Expected> expected(std::span<const double> scar,
                                               std::span<const double> impaired) const;

  /// Sum over the map's values; `scar` and `impaired` hold 0 or 1 for each patch.
  [[nodiscard]] double log_likelihood(std::span<const double> scar,
                                      std::span<const double> impaired) const;

  /// tau_0: independent values over values.
  [[nodiscard]] double overlap_temper() const { return overlap_temper_; }

 private:
  [[nodiscard]] std::vector<Expected> raw(std::span<const double> scar,
                                          std::span<const double> impaired) const;

  Map p_;
  bool shortening_ = true;
  std::size_t points_ = 0, patches_ = 0;
  std::vector<double> tissue_;     ///< [point][patch]: share of a reading's tissue
  std::vector<double> averaging_;  ///< [point][reading]
  std::vector<double> upv_mv_, lls_percent_;
  double overlap_temper_ = 1.0;
};

}  // namespace angiotrial::delivery
