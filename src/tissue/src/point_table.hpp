// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/field.hpp>
#include <angiotrial/tissue/kinetics.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace angiotrial::tissue {

struct PointResponse {
  double gain = 0.0;
  double drive = 0.0;
};

/// What a point of tissue does over time under c/c50 = A [ e^(-k_slow t) + R e^(-k_fast t) ], on a
/// grid of ln A and R. Cubic in ln A, quadratic in R.
class PointTable {
 public:
  PointTable(const Parameters& p, std::span<const units::Days> times, double least_ratio,
             double most_ratio);
  /// Response at time `index`; a power law below the grid.
  [[nodiscard]] PointResponse at(std::size_t time_index, double log_amplitude, double ratio) const;

 private:
  static constexpr double least_log_ = -16.0, step_log_ = 0.5;
  static constexpr std::size_t amplitudes_ = 61;  // up to ln A = 14
  static constexpr std::size_t ratios_ = 3;
  void fill(const PointModel& model, const Transport& t, std::span<const units::Days> times,
            std::size_t ratio_index);

  double hill_ = 1.0;
  std::array<double, ratios_> ratio_{};
  std::vector<PointResponse> values_;  ///< [time][ratio][amplitude]
};

}  // namespace angiotrial::tissue
