// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/growth.hpp>
#include <angiotrial/tissue/arterioles.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory_resource>
#include <numbers>

namespace angiotrial::heart {
namespace {

constexpr double mm3_per_ml = 1000.0;
constexpr double farthest_reaches = 4.0;      // the Gaussian kernel is 3e-4 there
constexpr double negligible_exponent = 18.0;  // exp(-18) = 1.5e-8 of the nearest microregion

/// Variance on one axis: a gain of root-mean-square radius r in three dimensions gives r^2/3.
double deposit_variance_mm2(double patch_variance_mm2, double gain_radius_mm) {
  return gain_radius_mm * gain_radius_mm / 3.0 + patch_variance_mm2;
}

/// R^2/5: variance on one axis of a uniform ball of the mean volume.
double patch_variance_mm2(double mean_volume_mm3) {
  const double radius = std::cbrt(3.0 * mean_volume_mm3 / (4.0 * std::numbers::pi));
  return radius * radius / 5.0;
}

double distance2_mm2(const Ventricle& v, std::size_t i, const tissue::PositionMm& at) {
  const double dx = v.x_mm[i] - at[0], dy = v.y_mm[i] - at[1], dz = v.z_mm[i] - at[2];
  return dx * dx + dy * dy + dz * dz;
}

double nearest2_mm2(const Ventricle& v, const tissue::PositionMm& at) {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < v.size(); ++i) nearest = std::min(nearest, distance2_mm2(v, i, at));
  return nearest;
}

void add_pairs(const Ventricle& v, const tissue::PositionMm& at, double widest_variance_mm2,
               double reach_mm, double mm3_per_g, DepositionWeights& weights) {
  const double reach2 = farthest_reaches * farthest_reaches * reach_mm * reach_mm;
  const double farthest2 =
      std::max(reach2, nearest2_mm2(v, at) + 2.0 * negligible_exponent * widest_variance_mm2);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double d2 = distance2_mm2(v, i, at);
    if (d2 > farthest2) continue;
    const double kernel = d2 < reach2 ? tissue::kernel(std::sqrt(d2), reach_mm) : 0.0;
    weights.pairs.push_back(
        {static_cast<std::uint32_t>(i), d2, kernel, v.mass_of_g[i] * mm3_per_g});
  }
}

double widest_gain_mm(const tissue::DepotCourse& depot) {
  double widest = 0.0;
  for (const double radius : depot.gain_radius_mm) widest = std::max(widest, radius);
  return widest;
}

std::span<const DepositionWeights::Pair> pairs_of(const DepositionWeights& weights,
                                                  std::size_t depot) {
  return std::span(weights.pairs)
      .subspan(weights.first_pair[depot],
               weights.first_pair[depot + 1] - weights.first_pair[depot]);
}

/// Lays one depot's gain volume down: weights w_p = V_p exp(-(d^2 - d_min^2)/(2 SD^2)), and
/// dRho_p += gain w_p / (V_p sum w). Measured from the nearest microregion, so that a depot beside
/// the wall loses nothing to underflow.
void deposit_one(std::span<const DepositionWeights::Pair> pairs, double gain_mm3,
                 double variance_mm2, std::span<double> density_gain) {
  double nearest2 = std::numeric_limits<double>::infinity();
  for (const auto& pair : pairs) nearest2 = std::min(nearest2, pair.distance2_mm2);
  const auto closeness = [&](const DepositionWeights::Pair& pair) {
    const double exponent = (pair.distance2_mm2 - nearest2) / (2.0 * variance_mm2);
    return exponent > negligible_exponent ? 0.0 : std::exp(-exponent);
  };
  alignas(double) std::array<std::byte, 1024 * sizeof(double)> bytes;
  std::pmr::monotonic_buffer_resource pool(bytes.data(), bytes.size());
  std::pmr::vector<double> near(pairs.size(), 0.0, &pool);
  double total_mm3 = 0.0;
  for (std::size_t j = 0; j < pairs.size(); ++j) {
    near[j] = closeness(pairs[j]);
    total_mm3 += near[j] * pairs[j].volume_mm3;
  }
  for (std::size_t j = 0; j < pairs.size(); ++j) {
    density_gain[pairs[j].microregion] += gain_mm3 * near[j] / total_mm3;
  }
}

}  // namespace

DepositionWeights deposition_weights(const Parameters& p, const Ventricle& v,
                                     const tissue::VesselCourse& course,
                                     std::span<const tissue::Depot> depots,
                                     const ArteriolarReach& reach) {
  ANGIOTRIAL_EXPECT(course.depots.size() == depots.size(), "one course for each depot");
  ANGIOTRIAL_EXPECT(v.size() > 0, "a ventricle has microregions");
  const double mm3_per_g = mm3_per_ml / p.anatomy.muscle_density_g_per_ml.value();
  DepositionWeights weights;
  weights.patch_variance_mm2 =
      patch_variance_mm2(v.mass_g.value() * mm3_per_g / static_cast<double>(v.size()));
  weights.ceiling = reach.ceiling.value();
  weights.first_pair.reserve(depots.size() + 1);
  weights.first_pair.push_back(0);
  for (std::size_t d = 0; d < depots.size(); ++d) {
    const double widest =
        deposit_variance_mm2(weights.patch_variance_mm2, widest_gain_mm(course.depots[d]));
    add_pairs(v, depots[d].position_mm, widest, reach.reach_mm.value(), mm3_per_g, weights);
    weights.first_pair.push_back(weights.pairs.size());
  }
  return weights;
}

void deposit(const DepositionWeights& weights, const tissue::VesselCourse& course,
             std::size_t time_index, std::span<double> density_gain) {
  std::fill(density_gain.begin(), density_gain.end(), 0.0);
  for (std::size_t d = 0; d < course.depots.size(); ++d) {
    const tissue::DepotCourse& depot = course.depots[d];
    const double variance =
        deposit_variance_mm2(weights.patch_variance_mm2, depot.gain_radius_mm[time_index]);
    deposit_one(pairs_of(weights, d), depot.density_gain_mm3[time_index], variance, density_gain);
  }
}

void arteriolar_gain(const DepositionWeights& weights, const tissue::VesselCourse& course,
                     std::size_t time_index, std::span<double> gain) {
  // First the product of what each depot leaves undriven, then A = ceiling (1 - product).
  std::fill(gain.begin(), gain.end(), 1.0);
  for (std::size_t d = 0; d < course.depots.size(); ++d) {
    const double drive = course.depots[d].arteriolar_drive[time_index];
    for (const auto& pair : pairs_of(weights, d)) {
      gain[pair.microregion] *= 1.0 - drive * pair.arteriolar_kernel;
    }
  }
  for (double& value : gain) value = weights.ceiling * (1.0 - value);
}

void conductance_gain(const Parameters& p, const DepositionWeights& weights,
                      const tissue::VesselCourse& course, std::size_t time_index,
                      std::span<double> gain) {
  alignas(double) std::array<std::byte, 1024 * sizeof(double)> bytes;
  std::pmr::monotonic_buffer_resource pool(bytes.data(), bytes.size());
  std::pmr::vector<double> density(gain.size(), 0.0, &pool);
  deposit(weights, course, time_index, density);
  arteriolar_gain(weights, course, time_index, gain);
  const double s = p.growth.capillary_resistance_share_fraction.value();
  for (std::size_t i = 0; i < gain.size(); ++i) {
    gain[i] = 1.0 / ((1.0 - s) / (1.0 + gain[i]) + s / (1.0 + density[i]));
  }
}

void conductance_gain(const Parameters& p, const Ventricle& v, const tissue::VesselCourse& course,
                      std::span<const tissue::Depot> depots, const ArteriolarReach& reach,
                      std::size_t time_index, std::span<double> gain) {
  ANGIOTRIAL_EXPECT(gain.size() == v.size(), "one gain for each microregion");
  conductance_gain(p, deposition_weights(p, v, course, depots, reach), course, time_index, gain);
}

}  // namespace angiotrial::heart
