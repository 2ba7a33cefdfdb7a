// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/parameters.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// The equations of a point (kinetics.hpp) for many cells side by side, in single precision and
/// with steps graded to the smooth signal. Every instruction set gives the same bytes.
namespace angiotrial::tissue {

/// exp(x), relative error below 3e-7; 0 below x = -87.
void exp_of(std::span<const float> x, std::span<float> out);

/// ln(x) of normal x > 0, error below 3e-7.
void log_of(std::span<const float> x, std::span<float> out);

/// Cells as arrays of one length, a multiple of PointKernel::lanes. The signal of a cell is
/// slow e^(-k_slow t) + fast e^(-k_fast t) + homed x homed cells at the centre of a depot.
struct PointArrays {
  explicit PointArrays(std::size_t n);
  [[nodiscard]] std::size_t size() const { return slow.size(); }

  std::vector<float> slow, fast, homed;        // c/c50
  std::vector<float> relay, immature, mature;  // H, rho_i, rho_m - rho_m0
  std::vector<float> drive, relay_peak, mature_peak, signal_peak;
};

/// One step of all cells; amplitudes of the three parts of the signal at its middle.
struct PointStep {
  double start_days = 0.0, length_days = 0.0;
  float slow = 0.0F, fast = 0.0F, homed = 0.0F;
};

/// From time 0 to the last of the times, none of which is stepped over.
[[nodiscard]] std::vector<PointStep> point_steps(const Parameters& p,
                                                 std::span<const units::Days> times,
                                                 double refinement = 1.0);

class PointKernel {
 public:
  static constexpr std::size_t lanes = 16;
  explicit PointKernel(const Parameters& p);

  /// All cells through the steps, in order. Second order in the length of the steps.
  void advance(std::span<const PointStep> steps, PointArrays& cells) const;
  /// Relative gain of functional density of each cell.
  void gains(const PointArrays& cells, std::span<float> out) const;

  struct Constants {
    float induction, relay_loss, relay_hill;
    float direct_weight, endogenous, growth_hill, half_power, growth_at_rest, per_growth_above_rest;
    float growth, rest, per_ceiling, maturation, immature_loss, mature_loss;
    float maturation_from_cells, maturation_half;
    float drive_rate, per_relay_ceiling;
  };

 private:
  Parameters p_;
  Constants k_{};
  bool common_ = false;  ///< exponents 1/2 and 3/2, nothing that needs the general form
};

/// Both components' cells die alike where they are dense (E3): `spared` is what crowding leaves,
/// `cells_per_mm3` the living cells at time 0.
void crowd(const Parameters& p, std::span<const PointStep> steps,
           std::span<const float> cells_per_mm3, std::span<float> spared);

}  // namespace angiotrial::tissue
