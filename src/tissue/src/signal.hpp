// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/depot.hpp>
#include <angiotrial/tissue/field.hpp>
#include <angiotrial/tissue/kinetics.hpp>

#include <cstddef>
#include <vector>

namespace angiotrial::tissue {

/// The tissue density at which potency is counted: 1e6 cells per mL.
inline constexpr double reference_cells_per_mm3 = 1000.0;

/// Equal shells around a depot, out to 3 SD and 6 decay lengths.
struct Shells {
  double width_mm = 0.0;
  std::vector<double> radius_mm;  ///< of the middle
};
[[nodiscard]] Shells make_shells(const Parameters& p, double sd_mm);

/// Potency of the depot's centre, as n/n_ref times everything but the field: c/c50 there if
/// nothing diffused, all cells living.
[[nodiscard]] double central_potency(const Parameters& p, const Depot& depot);

/// Field of a Gaussian depot of unit central density, times k: 1 deep inside a very wide one.
[[nodiscard]] double profile(const Transport& t, double loss_per_day, double sd_mm,
                             double distance_mm);

/// Homed cells at the centre of a depot (B8).
[[nodiscard]] double homed_cells_per_mm3(const Parameters& p, const Transport& t, double time_days);

/// c/c50 per living cell per mm3 in a wide field at the given secretion.
[[nodiscard]] double potency_per_density(const Parameters& p, double potency);

/// c/c50 in each shell of one depot over time.
class ShellSignal {
 public:
  ShellSignal(const Parameters& p, const Depot& depot, const Shells& shells);
  /// Signal at a time not before that of the last call.
  [[nodiscard]] const std::vector<Signal>& at(double time_days, const PointModel& model);

 private:
  void crowd(double step_days);
  void refresh_crowded();

  const Parameters p_;
  Transport t_;
  double potency_ = 0.0;  ///< c/c50 per cell per mm3
  double shell_width_mm_ = 0.0;
  double time_days_ = 0.0;
  std::vector<double> slow_, fast_;              ///< c/c50 at time 0, or now when crowded
  std::vector<double> slow_cells_, fast_cells_;  ///< per mm3, kept only when crowded
  std::vector<double> homed_;                    ///< c/c50 per homed cell per mm3 at the centre
  std::vector<Signal> now_;
};

}  // namespace angiotrial::tissue
