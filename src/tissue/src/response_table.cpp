// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/reference.hpp>
#include <angiotrial/tissue/regions.hpp>
#include <angiotrial/tissue/response_table.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "cubic.hpp"
#include "point_table.hpp"
#include "shell_sums.hpp"

namespace angiotrial::tissue {
namespace {

// Widths and central potencies tabulated, evenly in their logarithms. Widths: the spread of a
// 0.1 to 0.5 mL injection with its uncertainty of 1.6 (B4). Potencies: e^-11 c50 and less grow
// nothing that could be seen and fade as a power; e^11 c50 is 1000 times the high dose.
constexpr double least_sd_mm = 1.5;
constexpr double most_sd_mm = 4.0;
constexpr std::size_t widths = 9;
constexpr double least_log = -12.0;
constexpr double log_step = 0.5;
constexpr std::size_t potencies = 49;

double width_step() { return std::log(most_sd_mm / least_sd_mm) / (widths - 1); }

double width_at(std::size_t index) {
  return least_sd_mm * std::exp(width_step() * static_cast<double>(index));
}

double most_log() { return least_log + log_step * static_cast<double>(potencies - 2); }

/// ln of the slow component's profile and the ratio of fast to slow, in each shell.
struct ShellProfiles {
  std::vector<double> log_slow;
  std::vector<double> ratio;
  std::vector<double> core;
};

ShellProfiles profiles(const Parameters& p, double sd_mm) {
  const Transport t = transport(p);
  const double phi = p.survival.fast_loss_fraction.value();
  const Shells shells = make_shells(p, sd_mm);
  ShellProfiles out;
  out.core = core_weights(shells, sd_mm);
  for (const double r : shells.radius_mm) {
    const double slow = (1.0 - phi) * profile(t, t.slow_loss_per_day, sd_mm, r);
    out.log_slow.push_back(std::log(slow));
    out.ratio.push_back(phi * profile(t, t.fast_loss_per_day, sd_mm, r) / slow);
  }
  return out;
}

// Gains of all shells, then the drive of the core.
void fill_row(const PointTable& points, std::size_t time, double log_potency,
              const ShellProfiles& one, std::span<double> row) {
  double drive = 0.0;
  for (std::size_t k = 0; k + 1 < row.size(); ++k) {
    const PointResponse point = points.at(time, log_potency + one.log_slow[k], one.ratio[k]);
    row[k] = point.gain;
    drive += one.core[k] * point.drive;
  }
  row.back() = drive;
}

// out[i] = sum of weights x rows, element by element in a fixed order.
void blend(std::span<const double* const, 8> rows, std::span<const double, 8> weights,
           std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = weights[0] * rows[0][i] + weights[1] * rows[1][i] + weights[2] * rows[2][i] +
             weights[3] * rows[3][i] + weights[4] * rows[4][i] + weights[5] * rows[5][i] +
             weights[6] * rows[6][i] + weights[7] * rows[7][i];
  }
}

// The course of one depot from its rows, one for each time: gains of all shells, then the drive.
DepotCourse summed(const Shells& shells, std::span<const double> shares,
                   std::span<const double> rows) {
  const std::size_t row = shares.size() + 1;
  const std::size_t times = rows.size() / row;
  DepotCourse course{std::vector<double>(times), std::vector<double>(times),
                     std::vector<double>(times)};
  for (std::size_t t = 0; t < times; ++t) {
    const GainSums sums = sum_gain(shells, shares, rows.subspan(t * row, row - 1));
    course.density_gain_mm3[t] = sums.gain_mm3;
    course.gain_radius_mm[t] = sums.radius_mm;
    course.arteriolar_drive[t] = rows[t * row + row - 1];
  }
  return course;
}

}  // namespace

ResponseTable::ResponseTable(const Parameters& p, std::vector<units::Days> times)
    : p_(p), times_(std::move(times)) {
  ANGIOTRIAL_EXPECT(
      std::is_sorted(times_.begin(), times_.end()) && (times_.empty() || times_[0].value() >= 0.0),
      "times must ascend from 0 or later");
  std::vector<ShellProfiles> all;
  for (std::size_t width = 0; width < widths; ++width) all.push_back(profiles(p_, width_at(width)));
  double least = all[0].ratio[0];
  double most = least;
  for (const ShellProfiles& one : all) {
    least = std::min(least, *std::min_element(one.ratio.begin(), one.ratio.end()));
    most = std::max(most, *std::max_element(one.ratio.begin(), one.ratio.end()));
  }
  constexpr double room = 1.0e-6;  // keeps the interpolation defined when no cell dies fast
  const PointTable points(p_, times_, least, most + room);
  values_.resize(widths * potencies * times_.size() * row_length());
  double* out = values_.data();
  for (const ShellProfiles& one : all) {
    for (std::size_t y = 0; y < potencies; ++y) {
      const double log_potency = least_log + log_step * static_cast<double>(y);
      for (std::size_t t = 0; t < times_.size(); ++t, out += row_length()) {
        fill_row(points, t, log_potency, one, std::span(out, row_length()));
      }
    }
  }
}

bool ResponseTable::covers(std::span<const Depot> depots) const {
  if (p_.homing.homing || p_.crowding.crowding) return false;
  const double most_potency = std::exp(most_log());
  return std::all_of(depots.begin(), depots.end(), [&](const Depot& depot) {
    return depot.sd_mm.value() >= least_sd_mm && depot.sd_mm.value() <= most_sd_mm &&
           central_potency(p_, depot) <= most_potency;
  });
}

const double* ResponseTable::block(std::size_t width, std::size_t potency) const {
  return values_.data() + (width * potencies + potency) * times_.size() * row_length();
}

void ResponseTable::read(double log_potency, double sd_mm, std::span<double> out) const {
  const double across = std::min(std::log(sd_mm / least_sd_mm) / width_step(), widths - 1.0);
  const std::size_t width = std::min(static_cast<std::size_t>(across), widths - 2);
  const double wide = across - static_cast<double>(width);
  const double position = (log_potency - least_log) / log_step;
  const CubicWeights w = cubic_weights(std::max(1.0, position), potencies);
  // Below the table the response is a power of the potency, as the Hill function is.
  const double fade =
      position < 1.0 ? std::exp(std::min(1.0, p_.relay.hill_exponent) * log_step * (position - 1.0))
                     : 1.0;
  std::array<const double*, 8> rows{};
  std::array<double, 8> weights{};
  for (std::size_t k = 0; k < 4; ++k) {
    rows[k] = block(width, w.first + k);
    rows[k + 4] = block(width + 1, w.first + k);
    weights[k] = fade * (1.0 - wide) * w.weight[k];
    weights[k + 4] = fade * wide * w.weight[k];
  }
  blend(rows, weights, out);
}

VesselCourse grow(const ResponseTable& table, std::span<const Depot> depots) {
  const Parameters& p = table.parameters();
  if (!table.covers(depots)) return grow_reference(p, depots, table.times());
  const Regions regions(depots);
  VesselCourse course;
  course.times = table.times();
  course.depots.reserve(depots.size());
  std::vector<double> grown(table.times().size() * table.row_length());
  std::vector<double> shares(table.row_length() - 1);
  Shells shells;
  double shells_for_mm = 0.0;
  for (std::size_t j = 0; j < depots.size(); ++j) {
    const double sd = depots[j].sd_mm.value();
    if (sd != shells_for_mm) shells = make_shells(p, sd);
    shells_for_mm = sd;
    const double potency = central_potency(p, depots[j]);
    if (potency > 0.0) {
      table.read(std::log(potency), sd, grown);
    } else {
      std::fill(grown.begin(), grown.end(), 0.0);
    }
    regions.shares(j, shells.radius_mm, shares);
    course.depots.push_back(summed(shells, shares, grown));
  }
  return course;
}

}  // namespace angiotrial::tissue
