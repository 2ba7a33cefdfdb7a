// SPDX-License-Identifier: Apache-2.0
#include "map_model.hpp"

#include "kernel.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::delivery {
namespace {

/// Rows of weights of `sources` at each of `places`, each row summing to one.
template <class Place, class Source>
std::vector<double> weights(std::size_t places, std::size_t sources, double reach_mm, Place place,
                            Source source) {
  std::vector<double> rows(places * sources);
  for (std::size_t i = 0; i < places; ++i) {
    double* row = rows.data() + i * sources;
    double sum = 0.0, nearest = 1e300;
    std::size_t closest = 0;
    for (std::size_t j = 0; j < sources; ++j) {
      const double d2 = distance2_mm2(place(i), source(j));
      row[j] = reach_weight(d2, reach_mm);
      sum += row[j];
      if (d2 < nearest) {
        nearest = d2;
        closest = j;
      }
    }
    if (sum <= 0.0) row[closest] = sum = 1.0;  // a place apart belongs to the nearest source
    for (std::size_t j = 0; j < sources; ++j) row[j] /= sum;
  }
  return rows;
}

/// n / sum_ij rho_ij^2 with rho = A A' scaled to a unit diagonal.
double independent_share(const std::vector<double>& a, std::size_t n) {
  std::vector<double> product(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < n; ++k) sum += a[i * n + k] * a[j * n + k];
      product[i * n + j] = sum;
    }
  }
  double squares = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double rho2 =
          product[i * n + j] * product[i * n + j] / (product[i * n + i] * product[j * n + j]);
      squares += i == j ? rho2 : 2.0 * rho2;
    }
  }
  return static_cast<double>(n) / squares;
}

double log_normal_density(double x, double mean, double variance) {
  return -0.5 * ((x - mean) * (x - mean) / variance + std::log(variance));
}

constexpr double least_variance = 1e-12;  // a map without noise still has a density

}  // namespace

MapModel::MapModel(const Map& p, std::span<const PositionMm> patches,
                   const ElectromechanicalMap& map)
    : p_(p),
      shortening_(map.shortening_measured),
      points_(map.points.size()),
      patches_(patches.size()) {
  ANGIOTRIAL_EXPECT(points_ > 0 && patches_ > 0, "a map has points and a wall patches");
  const auto point = [&](std::size_t i) { return map.points[i].position_mm; };
  tissue_ = weights(points_, patches_, p.tissue_reach_mm.value(), point,
                    [&](std::size_t j) { return patches[j]; });
  averaging_ = weights(points_, points_, p.averaging_reach_mm.value(), point, point);
  overlap_temper_ = independent_share(averaging_, points_);
  for (const MapPoint& at : map.points) {
    upv_mv_.push_back(at.unipolar_mv.value());
    lls_percent_.push_back(at.local_shortening_percent.value());
  }
}

/// Of each reading before the system averages it.
std::vector<MapModel::Expected> MapModel::raw(std::span<const double> scar,
                                              std::span<const double> impaired) const {
  const double noise2 = p_.voltage_noise_log.value() * p_.voltage_noise_log.value();
  const double bias = std::exp(0.5 * noise2), spread = std::expm1(noise2);
  const double normal_mv = p_.normal_voltage_mv.value();
  const double normal = p_.normal_shortening_percent.value();
  const double normal_sd = p_.normal_shortening_sd_percent.value();
  const double fall = p_.impaired_shortening_percent.value() - normal;
  const double sd_change = p_.impaired_shortening_sd_percent.value() - normal_sd;
  std::vector<Expected> readings;
  for (std::size_t i = 0; i < points_; ++i) {
    const double* row = tissue_.data() + i * patches_;
    double dead = 0.0, poor = 0.0;
    for (std::size_t j = 0; j < patches_; ++j) {
      dead += row[j] * scar[j];
      poor += row[j] * impaired[j];
    }
    const double mv =
        bias * (normal_mv * (1.0 - poor) + p_.ischaemic_voltage_mv.value() * (poor - dead) +
                p_.scar_voltage_mv.value() * dead);
    const double sd = normal_sd + sd_change * poor;
    readings.push_back({mv, mv * mv * spread, normal + fall * poor, sd * sd});
  }
  return readings;
}

std::vector<MapModel::Expected> MapModel::expected(std::span<const double> scar,
                                                   std::span<const double> impaired) const {
  const std::vector<Expected> readings = raw(scar, impaired);
  std::vector<Expected> shown(points_);
  for (std::size_t i = 0; i < points_; ++i) {
    const double* row = averaging_.data() + i * points_;
    for (std::size_t j = 0; j < points_; ++j) {
      const double a = row[j];
      shown[i].mv += a * readings[j].mv;
      shown[i].variance_mv2 += a * a * readings[j].variance_mv2;
      shown[i].percent += a * readings[j].percent;
      shown[i].variance_percent2 += a * a * readings[j].variance_percent2;
    }
  }
  return shown;
}

double MapModel::log_likelihood(std::span<const double> scar,
                                std::span<const double> impaired) const {
  const std::vector<Expected> shown = expected(scar, impaired);
  double sum = 0.0;
  for (std::size_t i = 0; i < points_; ++i) {
    sum += log_normal_density(upv_mv_[i], shown[i].mv,
                              std::max(shown[i].variance_mv2, least_variance));
    if (!shortening_) continue;
    sum += log_normal_density(lls_percent_[i], shown[i].percent,
                              std::max(shown[i].variance_percent2, least_variance));
  }
  return sum;
}

}  // namespace angiotrial::delivery
