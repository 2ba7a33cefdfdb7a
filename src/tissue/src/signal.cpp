// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/tissue/regions.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "signal.hpp"

namespace angiotrial::tissue {
namespace {

// Reach of a depot: what lies further out gets nothing (3 SD and 6 decay lengths, numerics 5).
constexpr double reach_sd = 3.0;
constexpr double reach_lengths = 6.0;

double gaussian_volume_mm3(double sd_mm) {
  const double width = sd_mm * std::sqrt(2.0 * std::numbers::pi);
  return width * width * width;
}

double central_cells_per_mm3(const Depot& depot) {
  return depot.cells.value() / share_in_wall(depot) / gaussian_volume_mm3(depot.sd_mm.value());
}

}  // namespace

Shells make_shells(const Parameters& p, double sd_mm) {
  Shells shells;
  const double reach = reach_sd * sd_mm + reach_lengths * p.secretion.decay_length_mm.value();
  shells.width_mm = reach / p.shells;
  shells.radius_mm.reserve(static_cast<std::size_t>(p.shells));
  for (int k = 0; k < p.shells; ++k) shells.radius_mm.push_back(shells.width_mm * (k + 0.5));
  return shells;
}

double potency_per_density(const Parameters& p, double potency) {
  return p.secretion.potency_ratio * oxygen_factor(p.secretion) * potency / reference_cells_per_mm3;
}

double central_potency(const Parameters& p, const Depot& depot) {
  return potency_per_density(p, depot.potency) * central_cells_per_mm3(depot);
}

double profile(const Transport& t, double loss_per_day, double sd_mm, double distance_mm) {
  return t.decay_per_day * gaussian_volume_mm3(sd_mm) *
         gaussian_field(distance_mm, sd_mm, t.diffusivity_mm2_per_day,
                        t.decay_per_day - loss_per_day);
}

ShellSignal::ShellSignal(const Parameters& p, const Depot& depot, const Shells& shells)
    : p_(p),
      t_(transport(p)),
      potency_(potency_per_density(p, depot.potency)),
      shell_width_mm_(shells.width_mm) {
  const double phi = p.survival.fast_loss_fraction.value();
  const double sd = depot.sd_mm.value();
  const double density = central_cells_per_mm3(depot);
  for (const double r : shells.radius_mm) {
    slow_.push_back(potency_ * density * (1.0 - phi) * profile(t_, t_.slow_loss_per_day, sd, r));
    fast_.push_back(potency_ * density * phi * profile(t_, t_.fast_loss_per_day, sd, r));
    if (p.homing.homing) homed_.push_back(potency_ * profile(t_, 0.0, sd, r));
  }
  now_.resize(slow_.size());
  if (!p.crowding.crowding) return;
  // The closed outer face of the finite volumes stands as far again beyond the last shell.
  const std::size_t wide = 2 * shells.radius_mm.size();
  for (std::size_t k = 0; k < wide; ++k) {
    const double x = shell_width_mm_ * (static_cast<double>(k) + 0.5) / sd;
    slow_cells_.push_back((1.0 - phi) * density * std::exp(-0.5 * x * x));
    fast_cells_.push_back(phi * density * std::exp(-0.5 * x * x));
  }
  refresh_crowded();
}

// dn_h/dt = J ( SDF - 1 ) e^(-t/tau) - k n_h, with J = e_sp F C chi: homed cells at the centre.
// Only what the injury adds counts: homing at rest is part of the endogenous signal.
double homed_cells_per_mm3(const Parameters& p, const Transport& t, double time_days) {
  const Homing& h = p.homing;
  constexpr double minutes_per_day = 1440.0;
  constexpr double ml_per_g_and_mm3 = 1.05e-3;  // myocardium of 1.05 g/mL, per mm3
  constexpr double ul_per_ml = 1000.0;
  const double caught = h.extraction * h.resting_flow_ml_per_min_per_g.value() * minutes_per_day *
                        ml_per_g_and_mm3 * h.circulating_cells_per_ul.value() * ul_per_ml;
  const double stimulated = caught * h.sdf_gain * (h.sdf_fold - 1.0);
  const double fade = 1.0 / h.sdf_persistence_days.value();
  const double gap = t.slow_loss_per_day - fade;
  // (e^(-fade t) - e^(-k t))/gap without cancellation when the two rates meet.
  const double lag =
      std::abs(gap) * time_days < 1.0e-9 ? time_days : -std::expm1(-gap * time_days) / gap;
  return stimulated * std::exp(-fade * time_days) * lag;
}

// dn/dt = -[ k + k_c (n/n_c)^m / (1 + (n/n_c)^m) ] n in each shell, both components alike: the
// loss k is taken exactly, the crowding at the middle of the step.
void ShellSignal::crowd(double step_days) {
  const Crowding& c = p_.crowding;
  const double half_density = c.half_density_cells_per_ml.value() / 1000.0;
  const double slow_half = std::exp(-0.5 * t_.slow_loss_per_day * step_days);
  const double fast_half = std::exp(-0.5 * t_.fast_loss_per_day * step_days);
  for (std::size_t k = 0; k < slow_cells_.size(); ++k) {
    const double density = slow_cells_[k] * slow_half + fast_cells_[k] * fast_half;
    const double x = std::pow(density / half_density, c.exponent);
    const double spared = std::exp(-c.death_per_day.value() * x / (1.0 + x) * step_days);
    slow_cells_[k] *= slow_half * slow_half * spared;
    fast_cells_[k] *= fast_half * fast_half * spared;
  }
}

void ShellSignal::refresh_crowded() {
  const double d = t_.diffusivity_mm2_per_day;
  const double k = t_.decay_per_day;
  slow_ = shell_field(slow_cells_, shell_width_mm_, d, k - t_.slow_loss_per_day);
  fast_ = shell_field(fast_cells_, shell_width_mm_, d, k - t_.fast_loss_per_day);
  for (double& c : slow_) c *= potency_ * k;
  for (double& c : fast_) c *= potency_ * k;
}

const std::vector<Signal>& ShellSignal::at(double time_days, const PointModel& model) {
  double slow_alive = 1.0;
  double fast_alive = 1.0;
  if (p_.crowding.crowding) {
    if (time_days > time_days_) {
      crowd(time_days - time_days_);
      refresh_crowded();
    }
  } else {
    slow_alive = std::exp(-t_.slow_loss_per_day * time_days);
    fast_alive = std::exp(-t_.fast_loss_per_day * time_days);
  }
  time_days_ = time_days;
  const double homed = homed_.empty() ? 0.0 : homed_cells_per_mm3(p_, t_, time_days);
  for (std::size_t k = 0; k < now_.size(); ++k) {
    double level = slow_alive * slow_[k] + fast_alive * fast_[k];
    if (!homed_.empty()) level += homed * homed_[k];
    now_[k] = model.signal(level);
  }
  return now_;
}

}  // namespace angiotrial::tissue
