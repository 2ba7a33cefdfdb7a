// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "cubic.hpp"
#include "point_table.hpp"

namespace angiotrial::tissue {
namespace {

// Steps that the smooth signal allows: tested against the much finer ones of the reference.
double step_days(double time_days) {
  if (time_days < 1.0) return 0.125;
  if (time_days < 5.0) return 0.25;
  if (time_days < 20.0) return 0.5;
  if (time_days < 60.0) return 1.0;
  return 4.0;
}

struct Step {
  double length_days;
  std::array<Signal, 3> unit;  // per unit of amplitude, at start, middle and end
  bool at_time;                // ends at the next requested time
};

}  // namespace

PointTable::PointTable(const Parameters& p, std::span<const units::Days> times, double least_ratio,
                       double most_ratio)
    : hill_(std::min(1.0, p.relay.hill_exponent)),
      ratio_{least_ratio, 0.5 * (least_ratio + most_ratio), most_ratio},
      values_(times.size() * ratios_ * amplitudes_) {
  const PointModel model(p);
  const Transport t = transport(p);
  for (std::size_t i = 0; i < ratios_; ++i) fill(model, t, times, i);
}

void PointTable::fill(const PointModel& model, const Transport& t,
                      std::span<const units::Days> times, std::size_t ratio_index) {
  const auto unit = [&](double time) {
    return model.signal(std::exp(-t.slow_loss_per_day * time) +
                        ratio_[ratio_index] * std::exp(-t.fast_loss_per_day * time));
  };
  // The signal's course is the same for all amplitudes but for a factor: powers are taken once.
  const double stable = model.longest_step_days();
  std::vector<Step> steps;
  double now = 0.0;
  for (const units::Days time : times) {
    while (now < time.value()) {
      const double length = std::min({step_days(now), stable, time.value() - now});
      steps.push_back({length, {unit(now), unit(now + 0.5 * length), unit(now + length)}, false});
      now = length == time.value() - now ? time.value() : now + length;
    }
    steps.push_back({0.0, {}, true});
  }
  for (std::size_t a = 0; a < amplitudes_; ++a) {
    const Signal scale = model.signal(std::exp(least_log_ + step_log_ * static_cast<double>(a)));
    const auto scaled = [&scale](const Signal& s) {
      return Signal{scale.level * s.level, scale.powered * s.powered};
    };
    PointState y;
    std::size_t time_index = 0;
    for (const Step& step : steps) {
      if (step.at_time) {
        values_[(time_index * ratios_ + ratio_index) * amplitudes_ + a] = {model.gain(y), y.drive};
        ++time_index;
      } else {
        model.advance(y, step.length_days, scaled(step.unit[0]), scaled(step.unit[1]),
                      scaled(step.unit[2]));
      }
    }
  }
}

PointResponse PointTable::at(std::size_t time_index, double log_amplitude, double ratio) const {
  const double position = (log_amplitude - least_log_) / step_log_;
  const double held = std::clamp(position, 1.0, static_cast<double>(amplitudes_ - 2));
  const CubicWeights w = cubic_weights(held, amplitudes_);
  // Lagrange over the three ratios.
  const double x = (ratio - ratio_[0]) / (ratio_[2] - ratio_[0]);
  const std::array<double, ratios_> across{(2.0 * x - 1.0) * (x - 1.0), 4.0 * x * (1.0 - x),
                                           x * (2.0 * x - 1.0)};
  PointResponse sum;
  for (std::size_t i = 0; i < ratios_; ++i) {
    const PointResponse* row = &values_[(time_index * ratios_ + i) * amplitudes_ + w.first];
    for (std::size_t k = 0; k < 4; ++k) {
      sum.gain += across[i] * w.weight[k] * row[k].gain;
      sum.drive += across[i] * w.weight[k] * row[k].drive;
    }
  }
  if (position < 1.0) {
    const double fade = std::exp(hill_ * step_log_ * (position - 1.0));
    sum.gain *= fade;
    sum.drive *= fade;
  }
  return sum;
}

}  // namespace angiotrial::tissue
