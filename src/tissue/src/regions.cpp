// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/regions.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::tissue {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

// Share of a normal distribution below x standard deviations.
double normal_below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

bool in_wall(const Depot& depot) { return depot.wall_thickness_mm.value() > 0.0; }

}  // namespace

double share_beyond(double plane_mm, double radius_mm) {
  return std::clamp(0.5 * (1.0 - plane_mm / radius_mm), 0.0, 1.0);
}

double share_in_wall(const Depot& depot) {
  if (!in_wall(depot)) return 1.0;
  const double depth = depot.depth_mm / depot.sd_mm;
  const double rest = (depot.wall_thickness_mm - depot.depth_mm) / depot.sd_mm;
  return normal_below(rest) - normal_below(-depth);
}

Regions::Regions(std::span<const Depot> depots) : depots_(depots) {
  log_density_.reserve(depots.size());
  for (const Depot& depot : depots) {
    ANGIOTRIAL_EXPECT(
        depot.cells.value() >= 0.0 && depot.potency >= 0.0 && depot.sd_mm.value() > 0.0,
        "a depot needs cells and potency >= 0 and a width > 0");
    ANGIOTRIAL_EXPECT(!in_wall(depot) || (depot.depth_mm.value() >= 0.0 &&
                                          depot.depth_mm <= depot.wall_thickness_mm),
                      "a depot's depth must lie inside the wall");
    const double strength = depot.cells.value() * depot.potency;
    log_density_.push_back(strength > 0.0 ? std::log(strength / share_in_wall(depot)) -
                                                3.0 * std::log(depot.sd_mm.value())
                                          : -never);
  }
}

double Regions::plane_mm(std::size_t own, std::size_t other) const {
  // A depot without cells claims nothing.
  if (log_density_[other] == -never) return never;
  const Depot& a = depots_[own];
  const Depot& b = depots_[other];
  double square = 0.0;
  for (std::size_t k = 0; k < 3; ++k) {
    const double step = a.position_mm[k] - b.position_mm[k];
    square += step * step;
  }
  const double lead = log_density_[own] - log_density_[other];
  if (square == 0.0) return lead == 0.0 ? 0.0 : std::copysign(never, lead);
  const double distance = std::sqrt(square);
  // The border of two Gaussians is a plane when their widths are equal; else the mean variance
  // places one near the right distance.
  const double variance =
      0.5 * (a.sd_mm.value() * a.sd_mm.value() + b.sd_mm.value() * b.sd_mm.value());
  return 0.5 * distance + variance * lead / distance;
}

void Regions::shares(std::size_t index, std::span<const double> radii_mm,
                     std::span<double> shares) const {
  const std::size_t n = radii_mm.size();
  std::fill(shares.begin(), shares.end(), 1.0);
  const auto cut = [&](double plane) {
    if (plane >= radii_mm[n - 1]) return;
    for (std::size_t k = 0; k < n; ++k) shares[k] *= 1.0 - share_beyond(plane, radii_mm[k]);
  };
  for (std::size_t j = 0; j < depots_.size(); ++j) {
    if (j != index) cut(plane_mm(index, j));
  }
  const Depot& depot = depots_[index];
  if (!in_wall(depot)) return;
  const double depth = depot.depth_mm.value();
  const double rest = depot.wall_thickness_mm.value() - depth;
  for (std::size_t k = 0; k < n; ++k) {
    shares[k] *= 1.0 - share_beyond(depth, radii_mm[k]) - share_beyond(rest, radii_mm[k]);
  }
}

}  // namespace angiotrial::tissue
