// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/map.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/batch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#ifndef ANGIOTRIAL_VECTOR_CLONES  // the build may have named one: none, under sanitizers
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

namespace angiotrial::delivery {
namespace {

constexpr std::size_t lanes = 8;  // points worked on side by side
using Lanes [[gnu::vector_size(lanes * sizeof(double))]] = double;
constexpr std::size_t shared_draws = 2;  // number of points, start of the even cover
enum Draw : std::size_t { error_around, error_along, voltage, shortening, draws_per_point };

/// Points as arrays, padded to whole lanes.
struct Scratch {
  std::size_t points = 0;
  std::vector<std::size_t> patch;        // about which the point is scattered
  std::vector<Frame> frame;              // of that patch
  std::vector<double> x_mm, y_mm, z_mm;  // true place first, recorded place later
  std::vector<double> scar, impaired;    // shares of the reading's tissue
  std::vector<double> upv_mv, lls_percent;
  std::vector<double> smooth_upv_mv, smooth_lls_percent;

  explicit Scratch(std::size_t n) : points(n), patch(n), frame(n) {
    const std::size_t padded = (n + lanes - 1) / lanes * lanes;
    for (auto* of : {&x_mm, &y_mm, &z_mm, &scar, &impaired, &upv_mv, &lls_percent, &smooth_upv_mv,
                     &smooth_lls_percent}) {
      of->resize(padded);
    }
  }
};

/// Where two fields a and b are known.
struct Sources {
  std::size_t size;
  const double *x_mm, *y_mm, *z_mm;
  const double *a, *b;
};

/// Means of a and b over the sources within R of each point, weights (1 - d^2/R^2)^2; 0 where none.
/// Sums run in the order of the sources in every lane: all clones give the same bytes.
ANGIOTRIAL_VECTOR_CLONES void average(const Sources& s, double reach_mm, std::size_t padded,
                                      const double* x, const double* y, const double* z,
                                      double* mean_a, double* mean_b) {
  const Lanes zero{};
  const Lanes inverse2 = zero + 1.0 / (reach_mm * reach_mm);
  for (std::size_t first = 0; first < padded; first += lanes) {
    Lanes px, py, pz, weight{}, sum_a{}, sum_b{};
    std::memcpy(&px, x + first, sizeof px);
    std::memcpy(&py, y + first, sizeof py);
    std::memcpy(&pz, z + first, sizeof pz);
    for (std::size_t j = 0; j < s.size; ++j) {
      const Lanes dx = px - s.x_mm[j], dy = py - s.y_mm[j], dz = pz - s.z_mm[j];
      const Lanes t = 1.0 - (dx * dx + dy * dy + dz * dz) * inverse2;
      const Lanes inside = t > zero ? t : zero;
      const Lanes w = inside * inside;
      weight += w;
      sum_a += w * s.a[j];
      sum_b += w * s.b[j];
    }
    for (std::size_t k = 0; k < lanes; ++k) {
      mean_a[first + k] = weight[k] > 0.0 ? sum_a[k] / weight[k] : 0.0;
      mean_b[first + k] = weight[k] > 0.0 ? sum_b[k] / weight[k] : 0.0;
    }
  }
}

int number_of_points(const Map& p, double u) {
  ANGIOTRIAL_EXPECT(1 <= p.fewest_points && p.fewest_points <= p.most_points,
                    "a map has at least one point and an ordered range");
  const int choices = p.most_points - p.fewest_points + 1;
  return p.fewest_points + std::min(static_cast<int>(u * choices), choices - 1);
}

PositionMm moved(const PositionMm& from, const Frame& frame, double around_mm, double along_mm) {
  PositionMm to = from;
  for (std::size_t k = 0; k < 3; ++k) {
    to[k] += around_mm * frame.around[k] + along_mm * frame.along[k];
  }
  return to;
}

/// An even cover: equal steps of cumulative mass from a random start, each point scattered.
void place(const Map& p, const Endocardium& wall, const std::vector<double>& u, Scratch& s) {
  double total = 0.0;
  for (const double mass : wall.mass_g) total += mass;
  const double step = total / static_cast<double>(s.points);
  const double jitter = p.coverage_jitter_mm.value();
  std::size_t patch = 0;
  double upper = wall.mass_g[0];
  for (std::size_t i = 0; i < s.points; ++i) {
    const double wanted = (static_cast<double>(i) + u[1]) * step;
    while (upper < wanted && patch + 1 < wall.size()) upper += wall.mass_g[++patch];
    const PositionMm centre = wall.position(patch);
    const double around = jitter * (2.0 * u[shared_draws + 2 * i] - 1.0);
    const double along = jitter * (2.0 * u[shared_draws + 2 * i + 1] - 1.0);
    s.patch[i] = patch;
    s.frame[i] = frame_at(wall, centre);
    const PositionMm at = moved(centre, s.frame[i], around, along);
    s.x_mm[i] = at[0];
    s.y_mm[i] = at[1];
    s.z_mm[i] = at[2];
  }
}

/// One reading at each point, and the place as recorded.
void read_points(const Map& p, const std::vector<double>& z, Scratch& s) {
  const double normal_mv = p.normal_voltage_mv.value();
  const double ischaemic_mv = p.ischaemic_voltage_mv.value();
  const double scar_mv = p.scar_voltage_mv.value();
  const double lls = p.normal_shortening_percent.value();
  const double lls_sd = p.normal_shortening_sd_percent.value();
  const double lls_fall = p.impaired_shortening_percent.value() - lls;
  const double lls_sd_change = p.impaired_shortening_sd_percent.value() - lls_sd;
  const double error_mm = p.localisation_sd_mm.value();
  for (std::size_t i = 0; i < s.points; ++i) {
    const double* draw = z.data() + draws_per_point * i;
    const double scar = s.scar[i], impaired = s.impaired[i];
    const double true_mv =
        normal_mv * (1.0 - impaired) + ischaemic_mv * (impaired - scar) + scar_mv * scar;
    s.upv_mv[i] = true_mv * std::exp(p.voltage_noise_log.value() * draw[voltage]);
    s.lls_percent[i] =
        lls + lls_fall * impaired + (lls_sd + lls_sd_change * impaired) * draw[shortening];
    const PositionMm at{s.x_mm[i], s.y_mm[i], s.z_mm[i]};
    const PositionMm recorded =
        moved(at, s.frame[i], error_mm * draw[error_around], error_mm * draw[error_along]);
    s.x_mm[i] = recorded[0];
    s.y_mm[i] = recorded[1];
    s.z_mm[i] = recorded[2];
  }
}

ElectromechanicalMap record(const Endocardium& wall, const std::vector<double>& wall_error_mm,
                            double imaging_ratio, const Scratch& s) {
  ElectromechanicalMap map;
  map.points.resize(s.points);
  for (std::size_t i = 0; i < s.points; ++i) {
    const std::size_t patch = s.patch[i];
    const std::uint8_t segment = wall.segment[patch];
    MapPoint& point = map.points[i];
    point.position_mm = {s.x_mm[i], s.y_mm[i], s.z_mm[i]};
    point.segment = segment;
    point.unipolar_mv = units::Millivolts(s.smooth_upv_mv[i]);
    point.local_shortening_percent = units::Percent(s.smooth_lls_percent[i]);
    point.wall_mm = units::Mm(std::max(
        0.0, imaging_ratio * wall.wall_mm[patch] + wall_error_mm[segment - std::size_t{1}]));
    point.truth = {segment, wall.ischaemic[patch] > 0.0, wall.scar[patch] <= 0.0, s.impaired[i]};
  }
  return map;
}

}  // namespace

ElectromechanicalMap measure(const Parameters& p, const Endocardium& wall,
                             const random::Streams& streams) {
  const auto most = static_cast<std::size_t>(p.map.most_points);
  std::vector<double> u(shared_draws + 2 * most);
  random::fill_uniform(streams, random::Purpose::map, 0, u);
  Scratch s(static_cast<std::size_t>(number_of_points(p.map, u[0])));
  place(p.map, wall, u, s);

  std::vector<double> impaired(wall.size());
  for (std::size_t j = 0; j < wall.size(); ++j) impaired[j] = wall.ischaemic[j] + wall.scar[j];
  average({wall.size(), wall.x_mm.data(), wall.y_mm.data(), wall.z_mm.data(), wall.scar.data(),
           impaired.data()},
          p.map.tissue_reach_mm.value(), s.x_mm.size(), s.x_mm.data(), s.y_mm.data(), s.z_mm.data(),
          s.scar.data(), s.impaired.data());

  std::vector<double> z(draws_per_point * s.points);
  random::fill_normal(streams, random::Purpose::map, 1, z);
  read_points(p.map, z, s);
  average({s.points, s.x_mm.data(), s.y_mm.data(), s.z_mm.data(), s.upv_mv.data(),
           s.lls_percent.data()},
          p.map.averaging_reach_mm.value(), s.x_mm.size(), s.x_mm.data(), s.y_mm.data(),
          s.z_mm.data(), s.smooth_upv_mv.data(), s.smooth_lls_percent.data());

  std::vector<double> wall_error_mm(heart::segment_count);
  random::fill_normal(streams, random::Purpose::map, 2, wall_error_mm);
  for (double& error : wall_error_mm) error *= p.wall.imaging_sd_mm.value();
  return record(wall, wall_error_mm, p.wall.imaging_ratio, s);
}

ElectromechanicalMap measure(const Parameters& p, const heart::Ventricle& ventricle,
                             const heart::Perfusion& perfusion, const random::Streams& streams) {
  return measure(p, endocardium_of(p, ventricle, perfusion), streams);
}

}  // namespace angiotrial::delivery
