// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/parameters.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace angiotrial::tissue {

/// PointTable sampled so finely that linear interpolation does, for cells in single precision.
/// Holds where nothing but survival changes the signal: no uptake, crowding or homing.
class PointLookup {
 public:
  /// Where a cell lies in the table: the node below it and its shares of the nodes above.
  struct Places {
    std::vector<std::int32_t> node;
    std::vector<float> along, across;
  };

  PointLookup(const Parameters& p, std::span<const units::Days> times);

  /// Whether a cell's signal A [ e^(-k_slow t) + R e^(-k_fast t) ] is inside the table.
  [[nodiscard]] bool covers(float slow, float fast) const;
  /// Expects covered cells; others get the nearest place.
  void locate(std::span<const float> slow, std::span<const float> fast, Places& out) const;
  void gains(std::size_t time, const Places& at, std::span<float> out) const;
  [[nodiscard]] float drive(std::size_t time, const Places& at, std::size_t cell) const;

  /// Cells with less signal than this at time 0, as c/c50, are left out everywhere.
  static constexpr float least_signal = 1.0e-6F;

 private:
  [[nodiscard]] float read(const std::vector<float>& table, std::size_t time, const Places& at,
                           std::size_t cell) const;

  float least_ratio_ = 0.0F, most_ratio_ = 0.0F;
  std::vector<float> gain_, drive_;  ///< [time][ratio][amplitude]
};

}  // namespace angiotrial::tissue
