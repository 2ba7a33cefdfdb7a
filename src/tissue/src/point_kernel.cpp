// SPDX-License-Identifier: Apache-2.0
#include "point_kernel.hpp"

#include <angiotrial/tissue/field.hpp>
#include <angiotrial/tissue/kinetics.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "signal.hpp"
#include "vector_math.hpp"

#ifndef ANGIOTRIAL_VECTOR_CLONES  // the build may have named one: none, under sanitizers
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

namespace angiotrial::tissue {
namespace {

template <bool Common>
ANGIOTRIAL_INLINE float growth(const PointKernel::Constants& k, float effective) {
  const float powered =
      Common ? effective * std::sqrt(effective) : power_of(effective, k.growth_hill);
  return powered / (k.half_power + powered);
}

/// Cells worked on side by side: in one object, so that no array can overlap another, and small
/// enough for the first-level cache through all steps.
struct Block {
  static constexpr std::size_t size = 256;
  alignas(64) float slow[size], fast[size], homed[size];
  alignas(64) float relay[size], immature[size], mature[size];
  alignas(64) float drive[size], relay_peak[size], mature_peak[size], signal_peak[size];
};

// Equations of kinetics.cpp. H by the implicit midpoint rule (linear, so one division), vessels by
// the explicit one with the stimulus of the middle of the step, a by the implicit one.
template <bool Common>
ANGIOTRIAL_INLINE void step_cells(const PointKernel::Constants& constants, const PointStep& step,
                                  Block& at) {
  // Copies, so that no store to the arrays can seem to change them.
  const PointKernel::Constants k = constants;
  const PointStep s = step;
  const auto dt = static_cast<float>(s.length_days);
  const float half = 0.5F * dt;
  const float z = dt * k.drive_rate;
  const float drive_kept = (1.0F - 0.5F * z) / (1.0F + 0.5F * z);
  const float drive_gained = z / (1.0F + 0.5F * z);
  for (std::size_t i = 0; i < Block::size; ++i) {
    float c = s.slow * at.slow[i] + s.fast * at.fast[i];  // NOLINT(misc-const-correctness)
    if constexpr (!Common) c += s.homed * at.homed[i];
    const float powered = Common ? std::sqrt(c) : power_of(c, k.relay_hill);
    const float h0 = at.relay[i];
    const float gained = dt * k.induction * powered;
    const float moved = gained + dt * k.relay_loss * (1.0F + powered);
    const float h1 = (h0 * (2.0F * (1.0F + powered) - moved) + 2.0F * gained) /
                     (2.0F * (1.0F + powered) + moved);
    const float h = above_zero(0.5F * (h0 + h1));
    const float stimulus =
        above_zero((growth<Common>(k, h + k.direct_weight * c + k.endogenous) - k.growth_at_rest) *
                   k.per_growth_above_rest);
    float maturation = k.maturation;  // NOLINT(misc-const-correctness)
    if constexpr (!Common) {
      const float a = 1.0F + k.maturation_from_cells * c;
      maturation *= a * (1.0F + k.maturation_half) / (a + k.maturation_half);
    }
    const float grown = k.growth * stimulus;
    const float lost = maturation + k.immature_loss * (1.0F - stimulus);
    const float i0 = at.immature[i];
    const float m0 = at.mature[i];
    const float rho0 = k.rest + m0 + i0;
    const float im = i0 + half * (grown * rho0 * (1.0F - rho0 * k.per_ceiling) - lost * i0);
    const float mm = m0 + half * (maturation * i0 - k.mature_loss * m0);
    const float rho = k.rest + mm + im;
    const float m1 = m0 + dt * (maturation * im - k.mature_loss * mm);
    at.immature[i] = i0 + dt * (grown * rho * (1.0F - rho * k.per_ceiling) - lost * im);
    at.mature[i] = m1;
    at.relay[i] = h1;
    float target =  // NOLINT(misc-const-correctness)
        greater(at.relay_peak[i], h) * k.per_relay_ceiling;
    if constexpr (!Common) {
      const float peak = at.mature_peak[i];
      const float stays = above_zero(mm) / (peak > 0.0F ? peak : 1.0F);
      target *= peak > 0.0F && stays < 1.0F ? stays : 1.0F;
      at.mature_peak[i] = greater(peak, m1);
      at.signal_peak[i] = greater(at.signal_peak[i], c);
    }
    at.drive[i] = drive_kept * at.drive[i] + drive_gained * target;
    at.relay_peak[i] = greater(at.relay_peak[i], h1);
  }
}

ANGIOTRIAL_VECTOR_CLONES void run_common(const PointKernel::Constants& k,
                                         std::span<const PointStep> steps, Block& block) {
  for (const PointStep& step : steps) step_cells<true>(k, step, block);
}

ANGIOTRIAL_VECTOR_CLONES void run_general(const PointKernel::Constants& k,
                                          std::span<const PointStep> steps, Block& block) {
  for (const PointStep& step : steps) step_cells<false>(k, step, block);
}

ANGIOTRIAL_VECTOR_CLONES void exp_array(const float* x, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float y = x[i] * std::numbers::log2e_v<float>;
    const float held = y < -126.0F ? -126.0F : y;
    out[i] = x[i] < -87.0F ? 0.0F : exp2_of(held);
  }
}

ANGIOTRIAL_VECTOR_CLONES void log_array(const float* x, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = log2_of(x[i]) * std::numbers::ln2_v<float>;
}

ANGIOTRIAL_VECTOR_CLONES void crowd_array(float per_half_density, float exponent, float alive,
                                          float death, const float* cells, float* spared,
                                          std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float x = power_of(cells[i] * spared[i] * alive * per_half_density, exponent);
    const float y = -death * x / (1.0F + x) * std::numbers::log2e_v<float>;
    spared[i] *= exp2_of(y < -126.0F ? -126.0F : y);
  }
}

/// Longest step at a time, days: short against the 6 h half-life of the fast cells at first, then
/// against vessel growth (weeks). Error against steps half as long: voxel_test.cpp.
double longest_step_days(double time_days) {
  if (time_days < 1.0) return 0.125;
  if (time_days < 4.0) return 0.25;
  if (time_days < 20.0) return 0.5;
  if (time_days < 60.0) return 1.0;
  return time_days < 120.0 ? 2.0 : 4.0;
}

}  // namespace

void exp_of(std::span<const float> x, std::span<float> out) {
  exp_array(x.data(), out.data(), x.size());
}

void log_of(std::span<const float> x, std::span<float> out) {
  log_array(x.data(), out.data(), x.size());
}

PointArrays::PointArrays(std::size_t n)
    : slow(n),
      fast(n),
      homed(n),
      relay(n),
      immature(n),
      mature(n),
      drive(n),
      relay_peak(n),
      mature_peak(n),
      signal_peak(n) {}

std::vector<PointStep> point_steps(const Parameters& p, std::span<const units::Days> times,
                                   double refinement) {
  const Transport t = transport(p);
  const Vessels& v = p.vessels;
  // The explicit rule needs steps short against every rate of the vessels; from cells,
  // maturation can rise (1 + a50)-fold.
  const double rate =
      v.growth_per_day.value() +
      (1.0 + v.maturation_half_response) * v.maturation_per_week.to<units::PerDay>().value() +
      v.immature_loss_per_week.to<units::PerDay>().value() +
      v.mature_loss_per_year.to<units::PerDay>().value();
  const double stable = rate > 0.0 ? 1.0 / rate : 4.0;
  std::vector<PointStep> steps;
  double now = 0.0;
  for (const units::Days time : times) {
    while (now < time.value()) {
      const double rest = time.value() - now;
      const double length = std::min(rest, std::min(stable, longest_step_days(now)) / refinement);
      const double middle = now + 0.5 * length;
      steps.push_back(
          {now, length, static_cast<float>(std::exp(-t.slow_loss_per_day * middle)),
           static_cast<float>(std::exp(-t.fast_loss_per_day * middle)),
           p.homing.homing ? static_cast<float>(homed_cells_per_mm3(p, t, middle)) : 0.0F});
      now = length == rest ? time.value() : now + length;
    }
  }
  return steps;
}

PointKernel::PointKernel(const Parameters& p) : p_(p) {
  const PointModel model(p);  // checks what must hold of the parameters
  const Vessels& v = p.vessels;
  const auto single = [](double x) { return static_cast<float>(x); };
  common_ = p.relay.hill_exponent == 0.5 && v.growth_hill_exponent == 1.5 &&
            v.maturation_from_cells == 0.0 && v.mature_loss_per_year.value() == 0.0 &&
            !p.aberrant.aberrant && !p.homing.homing;
  k_.induction = single(p.relay.induction_per_day.value());
  k_.relay_loss = single(1.0 / p.relay.persistence_days.value());
  k_.relay_hill = single(p.relay.hill_exponent);
  k_.direct_weight = single(v.direct_weight);
  k_.endogenous = single(v.endogenous_signal);
  k_.growth_hill = single(v.growth_hill_exponent);
  k_.half_power = single(std::pow(v.growth_half_response, v.growth_hill_exponent));
  // By the kernel's own formula, so that no signal gives exactly no growth.
  k_.growth_at_rest = common_ ? growth<true>(k_, k_.endogenous) : growth<false>(k_, k_.endogenous);
  k_.per_growth_above_rest = 1.0F / (1.0F - k_.growth_at_rest);
  k_.growth = single(v.growth_per_day.value());
  k_.rest = single(v.baseline_density_fraction.value());
  k_.per_ceiling = single(1.0 / v.density_ceiling);
  k_.maturation = single(v.maturation_per_week.to<units::PerDay>().value());
  k_.immature_loss = single(v.immature_loss_per_week.to<units::PerDay>().value());
  k_.mature_loss = single(v.mature_loss_per_year.to<units::PerDay>().value());
  k_.maturation_from_cells = single(v.maturation_from_cells);
  k_.maturation_half = single(v.maturation_half_response);
  k_.drive_rate = single(3.0 / p.arterioles.plateau_weeks.to<units::Days>().value());
  const double ceiling = model.relay_ceiling();
  k_.per_relay_ceiling = ceiling > 0.0 ? single(1.0 / ceiling) : 0.0F;
}

void PointKernel::advance(std::span<const PointStep> steps, PointArrays& cells) const {
  Block block{};
  const auto each = [&](auto&& move) {
    move(cells.relay, block.relay), move(cells.immature, block.immature);
    move(cells.mature, block.mature), move(cells.drive, block.drive);
    move(cells.relay_peak, block.relay_peak);
    if (common_) return;
    move(cells.mature_peak, block.mature_peak), move(cells.signal_peak, block.signal_peak);
  };
  for (std::size_t first = 0; first < cells.size(); first += Block::size) {
    const std::size_t n = std::min(Block::size, cells.size() - first);
    const auto load = [&](const std::vector<float>& from, float* to) {
      std::copy_n(from.data() + first, n, to);
    };
    each(load);
    load(cells.slow, block.slow), load(cells.fast, block.fast), load(cells.homed, block.homed);
    (common_ ? run_common : run_general)(k_, steps, block);
    each([&](std::vector<float>& to, const float* from) {
      std::copy_n(from, n, to.data() + first);
    });
  }
}

void PointKernel::gains(const PointArrays& cells, std::span<float> out) const {
  if (!p_.aberrant.aberrant) {
    const auto phi = static_cast<float>(p_.vessels.immature_conductance_fraction.value());
    const float per_rest = 1.0F / k_.rest;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = (cells.mature[i] + phi * cells.immature[i]) * per_rest;
    }
    return;
  }
  const PointModel model(p_);
  for (std::size_t i = 0; i < out.size(); ++i) {
    PointState y;
    y.immature = static_cast<double>(cells.immature[i]);
    y.mature_excess = static_cast<double>(cells.mature[i]);
    y.signal_peak = static_cast<double>(cells.signal_peak[i]);
    out[i] = static_cast<float>(model.gain(y));
  }
}

void crowd(const Parameters& p, std::span<const PointStep> steps,
           std::span<const float> cells_per_mm3, std::span<float> spared) {
  const Crowding& c = p.crowding;
  const float phi = static_cast<float>(p.survival.fast_loss_fraction.value());
  const auto per_half = static_cast<float>(1000.0 / c.half_density_cells_per_ml.value());
  for (const PointStep& step : steps) {
    crowd_array(per_half, static_cast<float>(c.exponent),
                (1.0F - phi) * step.slow + phi * step.fast,
                static_cast<float>(c.death_per_day.value() * step.length_days),
                cells_per_mm3.data(), spared.data(), spared.size());
  }
}

}  // namespace angiotrial::tissue
