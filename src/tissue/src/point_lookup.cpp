// SPDX-License-Identifier: Apache-2.0
#include "point_lookup.hpp"

#include <angiotrial/tissue/field.hpp>

#include <algorithm>
#include <cmath>

#include "point_kernel.hpp"
#include "point_table.hpp"

namespace angiotrial::tissue {
namespace {

// ln A from just below ln(least_signal) to the end of PointTable, in steps of 1/16: linear
// interpolation then errs by less than 1e-4 of a gain.
constexpr double least_log = -14.5;
constexpr double most_log = 13.0;
constexpr int per_unit = 16;
constexpr int amplitudes = static_cast<int>((most_log - least_log) * per_unit) + 1;
constexpr int ratios = 9;
// Widest table that three ratios of PointTable carry.
constexpr double widest = 3.0;

}  // namespace

PointLookup::PointLookup(const Parameters& p, std::span<const units::Days> times) {
  // Fast over slow: phi/(1 - phi) next to a point source, (k - k_slow)/(k - k_fast) times that in
  // a wide depot, and growing outside, where the fast component's field reaches further.
  const Transport t = transport(p);
  const double phi = p.survival.fast_loss_fraction.value();
  const double slow = t.decay_per_day - t.slow_loss_per_day;
  const double fast = t.decay_per_day - t.fast_loss_per_day;
  const double d = t.diffusivity_mm2_per_day;
  constexpr double lengths_outside = 6.0;
  const double outside = lengths_outside * p.secretion.decay_length_mm.value() *
                         (std::sqrt(slow / d) - std::sqrt(fast / d));
  const double alone = phi / (1.0 - phi);
  const double least = 0.98 * alone;
  const double most = std::min(widest, slow / fast * std::exp(std::max(0.0, outside))) * alone;
  constexpr double room = 1.0e-6;  // keeps the interpolation defined when no cell dies fast
  least_ratio_ = static_cast<float>(least);
  most_ratio_ = static_cast<float>(most + room);
  const PointTable points(p, times, least, most + room);
  gain_.reserve(times.size() * ratios * static_cast<std::size_t>(amplitudes));
  drive_.reserve(gain_.capacity());
  for (std::size_t time = 0; time < times.size(); ++time) {
    for (int r = 0; r < ratios; ++r) {
      const double ratio = std::lerp(least, most + room, static_cast<double>(r) / (ratios - 1));
      for (int a = 0; a < amplitudes; ++a) {
        const PointResponse point =
            points.at(time, least_log + static_cast<double>(a) / per_unit, ratio);
        gain_.push_back(static_cast<float>(point.gain));
        drive_.push_back(static_cast<float>(point.drive));
      }
    }
  }
}

bool PointLookup::covers(float slow, float fast) const {
  static const auto least = static_cast<float>(std::exp(least_log));
  static const auto most = static_cast<float>(std::exp(most_log));
  return slow >= least && slow <= most && fast >= least_ratio_ * slow && fast <= most_ratio_ * slow;
}

void PointLookup::locate(std::span<const float> slow, std::span<const float> fast,
                         Places& out) const {
  const std::size_t n = slow.size();
  out.node.resize(n);
  out.along.resize(n);
  out.across.resize(n);
  log_of(slow, out.along);
  const float per_ratio = (ratios - 1) / (most_ratio_ - least_ratio_);
  for (std::size_t i = 0; i < n; ++i) {
    const float x = std::clamp((out.along[i] - static_cast<float>(least_log)) * per_unit, 0.0F,
                               static_cast<float>(amplitudes - 1));
    const float y = std::clamp((fast[i] / slow[i] - least_ratio_) * per_ratio, 0.0F,
                               static_cast<float>(ratios - 1));
    const std::int32_t a = std::min(static_cast<std::int32_t>(x), amplitudes - 2);
    const std::int32_t r = std::min(static_cast<std::int32_t>(y), ratios - 2);
    out.node[i] = r * amplitudes + a;
    out.along[i] = x - static_cast<float>(a);
    out.across[i] = y - static_cast<float>(r);
  }
}

float PointLookup::read(const std::vector<float>& table, std::size_t time, const Places& at,
                        std::size_t cell) const {
  const float* low = table.data() + time * static_cast<std::size_t>(amplitudes * ratios) +
                     static_cast<std::size_t>(at.node[cell]);
  const float* high = low + amplitudes;
  const float below = low[0] + at.along[cell] * (low[1] - low[0]);
  const float above = high[0] + at.along[cell] * (high[1] - high[0]);
  return below + at.across[cell] * (above - below);
}

void PointLookup::gains(std::size_t time, const Places& at, std::span<float> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = read(gain_, time, at, i);
}

float PointLookup::drive(std::size_t time, const Places& at, std::size_t cell) const {
  return read(drive_, time, at, cell);
}

}  // namespace angiotrial::tissue
