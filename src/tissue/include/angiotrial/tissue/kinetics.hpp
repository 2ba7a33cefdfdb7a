// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/parameters.hpp>

/// What happens at one point of tissue over time, given the local signal c/c50.
namespace angiotrial::tissue {

/// Share of retained cells alive at time t >= 0: (1 - phi) 2^(-t/slow) + phi 2^(-t/fast).
[[nodiscard]] double surviving_share(const Survival& p, units::Days time);

/// Integral of surviving_share from 0 to `time`: cell-days per retained cell.
[[nodiscard]] units::Days exposure(const Survival& p, units::Days time);

/// 1 + (h - 1) / (1 + (P/P50)^2): secretion relative to well-oxygenated tissue.
[[nodiscard]] double oxygen_factor(const Secretion& p);

/// Retained cells N_r = N f0 / (1 + N/N_s) when the switch is on, N f0 when off (E2).
[[nodiscard]] units::Cells retained_after_saturation(const RetentionSaturation& p,
                                                     units::Cells injected,
                                                     units::Fraction retention);

/// State of a point. Densities are relative to control; `mature_excess` is above baseline.
struct PointState {
  double relay = 0.0;          ///< H in [0, 1]
  double immature = 0.0;       ///< rho_i
  double mature_excess = 0.0;  ///< rho_m - rho_m0
  double drive = 0.0;          ///< arteriolar drive a in [0, 1]
  double relay_peak = 0.0;     ///< highest H so far
  double mature_peak = 0.0;    ///< highest mature_excess so far
  double signal_peak = 0.0;    ///< highest c/c50 so far
};

/// Local signal c/c50, and the same to the power of the relay's Hill exponent.
struct Signal {
  double level = 0.0;
  double powered = 0.0;
};

/// The equations of a point, with the constants of one parameter set worked out once.
class PointModel {
 public:
  explicit PointModel(const Parameters& p);

  [[nodiscard]] Signal signal(double level) const;
  /// One Runge-Kutta step of fourth order over `step_days`, the signal known at its ends and
  /// middle.
  void advance(PointState& y, double step_days, Signal start, Signal middle, Signal end) const;
  /// Relative gain of functional density, rho_f/rho_f0 - 1.
  [[nodiscard]] double gain(const PointState& y) const;
  /// H under a signal that never ends and saturates: k_H tau_H / (1 + k_H tau_H).
  [[nodiscard]] double relay_ceiling() const { return relay_ceiling_; }
  /// The longest step at which `advance` is stable: 2.5 over the fastest of the rates (a
  /// Runge-Kutta step of fourth order is stable up to 2.78).
  [[nodiscard]] double longest_step_days() const;

 private:
  struct Rates {
    double relay, immature, mature_excess, drive;
  };
  [[nodiscard]] Rates rates(const PointState& y, Signal c) const;
  [[nodiscard]] double growth(double effective) const;

  Parameters p_;
  double induction_ = 0.0, relay_loss_ = 0.0, relay_ceiling_ = 0.0;
  double half_power_ = 0.0, growth_at_rest_ = 0.0;
  double maturation_ = 0.0, immature_loss_ = 0.0, mature_loss_ = 0.0;
  double drive_rate_ = 0.0;
};

}  // namespace angiotrial::tissue
