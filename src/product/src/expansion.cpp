// SPDX-License-Identifier: Apache-2.0
#include "expansion.hpp"

#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::product {
namespace {

struct Rates {
  double mu_per_day, inverse_capacity, division_ratio, loss_per_day;

  /// `excess` is a - 1/2.
  [[nodiscard]] Culture operator()(const Culture& c, double excess) const {
    const double crowding = (c.cd34_cells + c.differentiated_cells) * inverse_capacity;
    const double mu = mu_per_day * std::max(0.0, 1.0 - crowding);
    return {mu * 2.0 * excess * c.cd34_cells,
            mu * (1.0 - 2.0 * excess) * c.cd34_cells +
                (division_ratio * mu - loss_per_day) * c.differentiated_cells};
  }
};

Culture moved(const Culture& from, const Culture& slope, double days) {
  return {from.cd34_cells + days * slope.cd34_cells,
          from.differentiated_cells + days * slope.differentiated_cells};
}

}  // namespace

Culture grow(const Expansion& p, double input_cells, Tempo donor, int steps) {
  Culture c{input_cells, 0.0};
  const double growth_days = p.culture_days.value() - donor.lag_days;
  if (growth_days <= 0.0) return c;
  const Rates rates{std::numbers::ln2 / donor.doubling_days, 1.0 / p.capacity_cells.value(),
                    p.differentiated_division_ratio, p.differentiated_loss_per_day.value()};
  const double h = growth_days / steps;
  const double tau_a = p.self_renewal_days.value();
  const double half_step = std::exp(-0.5 * h / tau_a);
  double start = (p.self_renewal_fraction.value() - 0.5) * std::exp(-donor.lag_days / tau_a);
  for (int i = 0; i < steps; ++i) {
    const double middle = start * half_step;
    const double end = middle * half_step;
    const Culture k1 = rates(c, start);
    const Culture k2 = rates(moved(c, k1, 0.5 * h), middle);
    const Culture k3 = rates(moved(c, k2, 0.5 * h), middle);
    const Culture k4 = rates(moved(c, k3, h), end);
    c = moved(moved(moved(moved(c, k1, h / 6.0), k2, h / 3.0), k3, h / 3.0), k4, h / 6.0);
    start = end;
  }
  return c;
}

Expanded expand_donor(const Expansion& p, double input_cells, const random::Streams& streams) {
  random::Stream draws = streams.at(random::Purpose::expansion);
  const double doubling_days = p.doubling_hours.to<units::Days>().value() *
                               std::exp(p.doubling_sd_log.value() * draws.normal());
  const units::Hours lag = p.lag_hours + p.lag_sd_hours * draws.normal();
  const Culture culture =
      grow(p, input_cells, {doubling_days, std::max(0.0, lag.to<units::Days>().value())});
  const double s = p.donor_yield_sd_log.value();
  const double yield = std::exp(s * draws.normal() - 0.5 * s * s);
  const double reselected =
      random::inverse_logit(random::logit(p.reselection_recovery_fraction.value()) +
                            p.reselection_sd_log.value() * draws.normal());
  const double all_cells = culture.cd34_cells + culture.differentiated_cells;
  return {culture.cd34_cells / input_cells * yield * reselected, culture.cd34_cells / all_cells,
          draws.normal()};
}

double culture_potency(const Expansion& p) {
  return p.potency_floor + (1.0 - p.potency_floor) * std::exp(-(p.culture_days / p.potency_days));
}

}  // namespace angiotrial::product
