// SPDX-License-Identifier: Apache-2.0
#include "heterogeneity.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace angiotrial::heart {
namespace {

constexpr std::size_t most_remembered = 32;  // a population has about 16 sets of patch counts

/// All that the factor depends on.
struct Key {
  std::array<int, 4> patches{};
  std::array<double, 12> numbers{};
  bool operator==(const Key&) const = default;
};

/// Lower triangle of the Cholesky factor, column by column.
struct Factor {
  Key key;
  std::vector<double> columns;
};

Key key_of(const Parameters& p, const Rings& rings) {
  const Anatomy& a = p.anatomy;
  Key key;
  for (std::size_t r = 0; r < rings.size(); ++r) key.patches[r] = rings[r].patches;
  key.numbers = {p.microcirculation.correlation_length_mm.value(),
                 p.microcirculation.correlation_exponent,
                 a.microregion_mass_g.value(),
                 a.muscle_density_g_per_ml.value(),
                 a.male_endocardial_radius_mm.value(),
                 a.male_endocardial_half_length_mm.value(),
                 a.male_base_height_mm.value(),
                 a.male_equatorial_wall_mm.value(),
                 a.male_apical_wall_mm.value(),
                 a.basal_segment_mass_g.value() / a.apex_mass_g.value(),
                 a.mid_segment_mass_g.value() / a.apex_mass_g.value(),
                 a.apical_segment_mass_g.value() / a.apex_mass_g.value()};
  return key;
}

/// Places in the male reference heart, scaled to microregion_mass_g in every patch.
Ventricle nominal_places(const Parameters& p, const Rings& rings) {
  const Anatomy& a = p.anatomy;
  const std::size_t count = microregions_of(rings);
  const double mass_g = static_cast<double>(count) * a.microregion_mass_g.value();
  const double radius = a.male_endocardial_radius_mm.value();
  const double half_length = a.male_endocardial_half_length_mm.value();
  const double base = a.male_base_height_mm.value();
  const double cavity_mm3 = truncated_volume_mm3(radius, half_length, base);
  const double wall_mm3 = truncated_volume_mm3(radius + a.male_equatorial_wall_mm.value(),
                                               half_length + a.male_apical_wall_mm.value(), base) -
                          cavity_mm3;
  const double cavity_ml =
      mass_g / a.muscle_density_g_per_ml.value() * cavity_mm3 / std::max(wall_mm3, 1.0);
  const Shape shape = shape_of(a, cohort::Sex::male, mass_g, cavity_ml);
  Rings nominal = rings_of(a, shape, mass_g);
  for (std::size_t r = 0; r < rings.size(); ++r) nominal[r].patches = rings[r].patches;
  Ventricle v;
  v.resize(count);
  place(nominal, shape, Borders{}, v);
  return v;
}

std::vector<double> factorise(const Parameters& p, const Rings& rings) {
  const Ventricle v = nominal_places(p, rings);
  const double r0 = p.microcirculation.correlation_length_mm.value();
  const double beta = p.microcirculation.correlation_exponent;
  const auto n = static_cast<Eigen::Index>(v.size());
  Eigen::MatrixXd covariance(n, n);
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double dx = v.x_mm[i] - v.x_mm[j], dy = v.y_mm[i] - v.y_mm[j];
      const double dz = v.z_mm[i] - v.z_mm[j];
      const double square = (dx * dx + dy * dy + dz * dz) / (r0 * r0);
      covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          std::pow(1.0 + square, -0.5 * beta);
    }
  }
  // Two places may fall together where patches are tiny: keep the matrix definite.
  covariance.diagonal().array() += 1e-9;
  const Eigen::LLT<Eigen::MatrixXd> cholesky(covariance);
  ANGIOTRIAL_EXPECT(cholesky.info() == Eigen::Success, "a covariance is positive definite");
  const Eigen::MatrixXd lower = cholesky.matrixL();
  std::vector<double> columns;
  columns.reserve(v.size() * (v.size() + 1) / 2);
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index i = j; i < n; ++i) columns.push_back(lower(i, j));
  }
  return columns;
}

/// A pure function of parameters and patch counts, remembered: patients share a few of them.
const std::vector<double>& factor_of(const Parameters& p, const Rings& rings) {
  thread_local std::vector<Factor> remembered;
  const Key key = key_of(p, rings);
  for (const Factor& factor : remembered) {
    if (factor.key == key) return factor.columns;
  }
  if (remembered.size() == most_remembered) remembered.clear();
  remembered.push_back({key, factorise(p, rings)});
  return remembered.back().columns;
}

}  // namespace

double dispersion(const Parameters& p, double mass_g) {
  const Microcirculation& micro = p.microcirculation;
  const double m = std::max(mass_g, p.anatomy.microregion_mass_g.value());
  if (micro.heterogeneity == Heterogeneity::fractal) {
    return micro.dispersion_at_one_gram * std::pow(m, 1.0 - micro.fractal_dimension);
  }
  return micro.microregion_cv *
         std::pow(m / micro.reference_mass_g.value(), 1.0 - micro.fractal_dimension);
}

void correlate(const Parameters& p, const Rings& rings, std::span<double> z) {
  if (p.microcirculation.heterogeneity == Heterogeneity::independent) return;
  // z_i <- sum over j <= i of L_ij z_j, a column at a time.
  const double* column = factor_of(p, rings).data();
  const std::vector<double> drawn(z.begin(), z.end());
  std::fill(z.begin(), z.end(), 0.0);
  for (std::size_t j = 0; j < z.size(); ++j) {
    const double draw = drawn[j];
    for (std::size_t i = j; i < z.size(); ++i) z[i] += draw * *column++;
  }
}

}  // namespace angiotrial::heart
