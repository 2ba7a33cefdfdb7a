// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/kinetics.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::tissue {
namespace {

double loss_per_day(units::Hours half_life) {
  return std::numbers::ln2 / half_life.to<units::Days>().value();
}

}  // namespace

double surviving_share(const Survival& p, units::Days time) {
  const double phi = p.fast_loss_fraction.value();
  const double t = time.value();
  return (1.0 - phi) * std::exp(-loss_per_day(p.slow_half_life_hours) * t) +
         phi * std::exp(-loss_per_day(p.fast_half_life_hours) * t);
}

units::Days exposure(const Survival& p, units::Days time) {
  const double phi = p.fast_loss_fraction.value();
  const auto integral = [&](units::Hours half_life) {
    const double loss = loss_per_day(half_life);
    return -std::expm1(-loss * time.value()) / loss;
  };
  return units::Days((1.0 - phi) * integral(p.slow_half_life_hours) +
                     phi * integral(p.fast_half_life_hours));
}

double oxygen_factor(const Secretion& p) {
  const double ratio = p.tissue_oxygen_mmhg / p.half_hypoxia_mmhg;
  return 1.0 + (p.hypoxia_fold - 1.0) / (1.0 + ratio * ratio);
}

units::Cells retained_after_saturation(const RetentionSaturation& p, units::Cells injected,
                                       units::Fraction retention) {
  const double linear = injected.value() * retention.value();
  if (!p.saturation) return units::Cells(linear);
  return units::Cells(linear / (1.0 + injected / p.scale_cells));
}

PointModel::PointModel(const Parameters& p)
    : p_(p),
      induction_(p.relay.induction_per_day.value()),
      relay_loss_(1.0 / p.relay.persistence_days.value()),
      relay_ceiling_(induction_ / (induction_ + relay_loss_)),
      half_power_(std::pow(p.vessels.growth_half_response, p.vessels.growth_hill_exponent)),
      maturation_(p.vessels.maturation_per_week.to<units::PerDay>().value()),
      immature_loss_(p.vessels.immature_loss_per_week.to<units::PerDay>().value()),
      mature_loss_(p.vessels.mature_loss_per_year.to<units::PerDay>().value()),
      // A first-order lag stands at 95 % after three time constants: that is called the plateau.
      drive_rate_(3.0 / p.arterioles.plateau_weeks.to<units::Days>().value()) {
  growth_at_rest_ = growth(p.vessels.endogenous_signal);
  ANGIOTRIAL_EXPECT(growth_at_rest_ < 1.0, "growth at rest must leave room for growth");
}

Signal PointModel::signal(double level) const {
  return {level, std::pow(level, p_.relay.hill_exponent)};
}

// g(c) = c^h / (c50^h + c^h)
double PointModel::growth(double effective) const {
  const double powered = std::pow(effective, p_.vessels.growth_hill_exponent);
  return powered / (half_power_ + powered);
}

// dH/dt     = k_H c^h/(1 + c^h) (1 - H) - H/tau_H
// e         = [ g(H + w c + c_endo) - g(c_endo) ] / [ 1 - g(c_endo) ]     stimulus above rest
// drho_i/dt = r e rho (1 - rho/rho_max) - ( k_m m + k_r (1 - e) ) rho_i,  rho = rho_i + rho_m
// drho_m/dt = k_m m rho_i - k_t (rho_m - rho_m0)
// da/dt     = ( E - a )/tau_a,  E = max H/H_ceiling x share of the new mature vessels that stays
PointModel::Rates PointModel::rates(const PointState& y, Signal c) const {
  const Vessels& v = p_.vessels;
  const double relay = std::max(0.0, y.relay);
  const double effective = relay + v.direct_weight * c.level + v.endogenous_signal;
  const double excess =
      std::max(0.0, (growth(effective) - growth_at_rest_) / (1.0 - growth_at_rest_));
  const double density = v.baseline_density_fraction.value() + y.mature_excess + y.immature;
  const double a = 1.0 + v.maturation_from_cells * c.level;
  const double factor = a * (1.0 + v.maturation_half_response) / (a + v.maturation_half_response);
  const double matured = maturation_ * factor * y.immature;
  const double stays =
      y.mature_peak > 0.0 ? std::min(1.0, std::max(0.0, y.mature_excess) / y.mature_peak) : 1.0;
  const double target =
      relay_ceiling_ > 0.0 ? std::max(y.relay_peak, relay) / relay_ceiling_ * stays : 0.0;
  Rates d{};
  d.relay = induction_ * c.powered / (1.0 + c.powered) * (1.0 - y.relay) - relay_loss_ * y.relay;
  d.immature = v.growth_per_day.value() * excess * density * (1.0 - density / v.density_ceiling) -
               matured - immature_loss_ * (1.0 - excess) * y.immature;
  d.mature_excess = matured - mature_loss_ * y.mature_excess;
  d.drive = drive_rate_ * (target - y.drive);
  return d;
}

double PointModel::longest_step_days() const {
  constexpr double stable = 2.5;
  constexpr double logistic = 2.0;  // |d/drho rho (1 - rho/rho_max)| <= 1 below 2 rho_max, doubled
  const Vessels& v = p_.vessels;
  const double maturation =
      v.maturation_from_cells > 0.0
          ? maturation_ * (1.0 + v.maturation_half_response)  // a (1 + a50)/(a + a50) < 1 + a50
          : maturation_;
  const double vessels = maturation + immature_loss_ + logistic * v.growth_per_day.value();
  const double fastest = std::max({induction_ + relay_loss_, vessels, mature_loss_, drive_rate_});
  return stable / fastest;
}

void PointModel::advance(PointState& y, double step_days, Signal start, Signal middle,
                         Signal end) const {
  const auto moved = [&y](const Rates& d, double by) {
    PointState z = y;
    z.relay += by * d.relay;
    z.immature += by * d.immature;
    z.mature_excess += by * d.mature_excess;
    z.drive += by * d.drive;
    return z;
  };
  const Rates k1 = rates(y, start);
  const Rates k2 = rates(moved(k1, 0.5 * step_days), middle);
  const Rates k3 = rates(moved(k2, 0.5 * step_days), middle);
  const Rates k4 = rates(moved(k3, step_days), end);
  const auto mean = [](double a, double b, double c, double d) {
    return (a + 2.0 * b + 2.0 * c + d) / 6.0;
  };
  y = moved({mean(k1.relay, k2.relay, k3.relay, k4.relay),
             mean(k1.immature, k2.immature, k3.immature, k4.immature),
             mean(k1.mature_excess, k2.mature_excess, k3.mature_excess, k4.mature_excess),
             mean(k1.drive, k2.drive, k3.drive, k4.drive)},
            step_days);
  y.relay_peak = std::max(y.relay_peak, y.relay);
  y.mature_peak = std::max(y.mature_peak, y.mature_excess);
  y.signal_peak = std::max({y.signal_peak, start.level, end.level});
}

double PointModel::gain(const PointState& y) const {
  const double rest = p_.vessels.baseline_density_fraction.value();
  const double functional =
      y.mature_excess + p_.vessels.immature_conductance_fraction.value() * y.immature;
  const double gain = functional / rest;
  if (!p_.aberrant.aberrant) return gain;
  // a = c^p/(c_ab^p + c^p): of the new vessels, the share a is malformed and shunts.
  const double x = std::pow(y.signal_peak / p_.aberrant.threshold, p_.aberrant.exponent);
  const double malformed = x / (1.0 + x);
  const double added = y.mature_excess + y.immature;
  const double shunt = p_.aberrant.shunt_fraction.value() * malformed * added / (rest + added);
  return (1.0 + gain * (1.0 - malformed)) * (1.0 - shunt) - 1.0;
}

}  // namespace angiotrial::tissue
