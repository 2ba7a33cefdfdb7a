// SPDX-License-Identifier: Apache-2.0
#include "point_course.hpp"

#include <algorithm>
#include <cmath>

#include "signal.hpp"

namespace angiotrial::tissue {
namespace {

// How often to look whether fields are still true: vessels change within days at first and in weeks
// later.
double look_after(double time_days) { return time_days < 20.0 ? 1.0 : 4.0; }

std::vector<std::uint32_t> outside(const PointLookup* lookup, const ActiveCells& active) {
  std::vector<std::uint32_t> cells;
  for (std::size_t i = 0; i < active.size(); ++i) {
    if (lookup == nullptr || !lookup->covers(active.slow[i], active.fast[i])) {
      cells.push_back(static_cast<std::uint32_t>(i));
    }
  }
  return cells;
}

std::size_t padded(std::size_t n) {
  return (n + PointKernel::lanes - 1) / PointKernel::lanes * PointKernel::lanes;
}

// Living cells per mm3 at time 0 in each slot, of all depots.
std::vector<float> young_cells(const PointCourse::Cells& cells) {
  std::vector<float> sum(cells.all.slots(), 0.0F);
  for (const SiteBox& site : cells.sites) {
    const auto peak = static_cast<float>(site.peak_per_mm3);
    cells.all.each_row(site.box, [&](std::size_t slot, std::size_t at, std::size_t length) {
      for (std::size_t i = 0; i < length; ++i) sum[slot + i] += peak * site.shape[at + i];
    });
  }
  return sum;
}

}  // namespace

double most_homed(const Parameters& p) {
  if (!p.homing.homing) return 0.0;
  const Transport t = transport(p);
  double most = 0.0;
  // The peak lies between the two time constants, SDF-1 (4 d) and the cells (3.6 d): days.
  for (int i = 1; i <= 400; ++i) most = std::max(most, homed_cells_per_mm3(p, t, 0.25 * i));
  return most;
}

PointCourse::PointCourse(const Parameters& p, const Cells& cells, const PointLookup* lookup,
                         std::span<const units::Days> times, const VoxelOptions& options)
    : p_(p),
      cells_(cells),
      lookup_(lookup),
      times_(times),
      transport_(transport(p)),
      kernel_(p),
      largest_change_(static_cast<float>(options.largest_change)),
      uptake_(p.uptake.vessel_uptake_fraction.value() > 0.0),
      stepped_(outside(lookup, cells.active)),
      arrays_(padded(stepped_.size())),
      stepped_gains_(arrays_.size()),
      gains_(cells.active.size()) {
  if (!stepped_.empty()) steps_ = point_steps(p, times, options.step_refinement);
  place_.assign(cells.active.size(), -1);
  for (std::size_t i = 0; i < stepped_.size(); ++i) {
    place_[stepped_[i]] = static_cast<std::int32_t>(i);
  }
  if (lookup_ != nullptr) lookup_->locate(cells.active.slow, cells.active.fast, places_);
  take_signals(cells.active.slow, cells.active.fast, cells.active.homed);
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    arrays_.signal_peak[i] = arrays_.slow[i] + arrays_.fast[i];
  }
  if (p.crowding.crowding) {
    const std::vector<float> young = young_cells(cells);
    young_.resize(arrays_.size());
    for (std::size_t i = 0; i < stepped_.size(); ++i) {
      young_[i] = young[cells.active.slot[stepped_[i]]];
    }
    spared_.assign(arrays_.size(), 1.0F);
    spared_then_ = spared_;
    spared_of_slot_.assign(cells.all.slots(), 1.0F);
  }
  if (uptake_) {
    density_then_.assign(arrays_.size(), 0.0F);
    decay_of_slot_.assign(cells.all.slots(), 1.0F);
  }
}

void PointCourse::take_signals(std::span<const float> slow, std::span<const float> fast,
                               std::span<const float> homed) {
  for (std::size_t i = 0; i < stepped_.size(); ++i) {
    arrays_.slow[i] = slow[stepped_[i]];
    arrays_.fast[i] = fast[stepped_[i]];
    if (!homed.empty()) arrays_.homed[i] = homed[stepped_[i]];
    strongest_ = std::max(strongest_, arrays_.slow[i]);
  }
}

void PointCourse::advance_to(std::size_t time, UnitFields& fields, UnitSignals& signals) {
  time_ = time;
  if (lookup_ != nullptr) lookup_->gains(time, places_, gains_);
  if (stepped_.empty()) return;
  step_to(times_[time].value(), fields, signals);
  kernel_.gains(arrays_, stepped_gains_);
  for (std::size_t i = 0; i < stepped_.size(); ++i) gains_[stepped_[i]] = stepped_gains_[i];
}

void PointCourse::step_to(double end_days, UnitFields& fields, UnitSignals& signals) {
  while (next_step_ < steps_.size() && steps_[next_step_].start_days < end_days) {
    const double start = steps_[next_step_].start_days;
    const bool look = (uptake_ || p_.crowding.crowding) && fields_matter(start);
    const double stop = look ? std::min(end_days, start + look_after(start)) : end_days;
    std::size_t last = next_step_ + 1;
    while (last < steps_.size() && steps_[last].start_days < stop) ++last;
    const auto steps = std::span(steps_).subspan(next_step_, last - next_step_);
    kernel_.advance(steps, arrays_);
    if (p_.crowding.crowding) crowd(p_, steps, young_, spared_);
    next_step_ = last;
    if (look && stale()) {
      refresh(steps.back().start_days + steps.back().length_days, fields, signals);
    }
  }
}

// Whether any cell still has a signal worth counting.
bool PointCourse::fields_matter(double time_days) const {
  const auto alive = static_cast<float>(std::exp(-transport_.slow_loss_per_day * time_days));
  return p_.homing.homing || strongest_ * alive >= PointLookup::least_signal;
}

// k/k_d = 1 + u (rho - rho_0)/rho_0
bool PointCourse::stale() const {
  const auto weight = static_cast<float>(p_.uptake.vessel_uptake_fraction.value() /
                                         p_.vessels.baseline_density_fraction.value());
  float most = 0.0F;
  for (std::size_t i = 0; i < density_then_.size(); ++i) {
    const float change = arrays_.mature[i] + arrays_.immature[i] - density_then_[i];
    most = std::max(most, weight * std::abs(change) / (1.0F + weight * density_then_[i]));
  }
  for (std::size_t i = 0; i < spared_.size(); ++i) {
    most = std::max(most, std::abs(spared_[i] / spared_then_[i] - 1.0F));
  }
  return most > largest_change_;
}

void PointCourse::refresh(double time_days, UnitFields& fields, UnitSignals& signals) {
  const ActiveCells& active = cells_.active;
  const auto weight = static_cast<float>(p_.uptake.vessel_uptake_fraction.value() /
                                         p_.vessels.baseline_density_fraction.value());
  for (std::size_t i = 0; i < stepped_.size(); ++i) {
    const std::size_t slot = active.slot[stepped_[i]];
    if (uptake_) {
      density_then_[i] = arrays_.mature[i] + arrays_.immature[i];
      decay_of_slot_[slot] = 1.0F + weight * density_then_[i];
    }
    if (!spared_.empty()) spared_of_slot_[slot] = spared_[i];
  }
  spared_then_ = spared_;
  fields.solve(decay_of_slot_, spared_of_slot_, time_days, signals);
  for (std::size_t i = 0; i < stepped_.size(); ++i) {
    const std::size_t slot = active.slot[stepped_[i]];
    arrays_.slow[i] = signals.slow[slot];
    arrays_.fast[i] = signals.fast[slot];
    if (!signals.homed.empty()) arrays_.homed[i] = signals.homed[slot];
  }
}

float PointCourse::drive(std::size_t cell) const {
  if (place_[cell] >= 0) return arrays_.drive[static_cast<std::size_t>(place_[cell])];
  return lookup_->drive(time_, places_, cell);
}

std::vector<float> PointCourse::signals() const {
  const ActiveCells& active = cells_.active;
  const double t = times_[time_].value();
  const auto slow = static_cast<float>(std::exp(-transport_.slow_loss_per_day * t));
  const auto fast = static_cast<float>(std::exp(-transport_.fast_loss_per_day * t));
  const auto homed =
      p_.homing.homing ? static_cast<float>(homed_cells_per_mm3(p_, transport_, t)) : 0.0F;
  std::vector<float> out(active.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int32_t at = place_[i];
    out[i] = slow * active.slow[i] + fast * active.fast[i];
    if (at < 0) continue;
    const auto j = static_cast<std::size_t>(at);
    out[i] = slow * arrays_.slow[j] + fast * arrays_.fast[j] + homed * arrays_.homed[j];
  }
  return out;
}

std::vector<float> PointCourse::cells_per_mm3() const {
  const auto alive = static_cast<float>(surviving_share(p_.survival, times_[time_]));
  const std::vector<float> young = young_cells(cells_);
  std::vector<float> out(cells_.active.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = alive * young[cells_.active.slot[i]];
    if (!spared_.empty()) out[i] *= spared_[static_cast<std::size_t>(place_[i])];
  }
  return out;
}

}  // namespace angiotrial::tissue
