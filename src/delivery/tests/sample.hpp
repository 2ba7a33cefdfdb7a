// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/deliver.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

/// A heart made by hand, so that the truth under the catheter is known: a truncated ellipsoid of
/// three layers with about a hundred patches in each.
namespace angiotrial::delivery::sample {

enum class State { normal, ischaemic, scar };

struct Heart {
  heart::Ventricle ventricle;
  heart::Perfusion perfusion;
};

/// `state` is asked at the angle around the long axis (radians) and the height z (mm).
inline Heart heart_of(const std::function<State(double, double)>& state, double wall_mm = 9.5) {
  Heart made;
  heart::Ventricle& v = made.ventricle;
  v.mass_g = units::Grams(150.0);
  v.wall_thickness_mm = wall_mm;
  constexpr int rings = 9, around = 12;
  for (int ring = 0; ring < rings; ++ring) {
    // Rings from near the apex (z = -64) to the base (z = 20).
    const double z = -62.0 + 10.0 * ring;
    for (int layer = 0; layer < 3; ++layer) {
      for (int k = 0; k < around; ++k) {
        const double angle = 2.0 * std::numbers::pi * (k + 0.5) / around;
        const double depth = (2.0 * layer + 1.0) / 6.0;
        const double half_length = 66.0 + (1.0 - depth) * 7.0;
        const double equator = 26.0 + (1.0 - depth) * wall_mm;
        const double radius = equator * std::sqrt(1.0 - z * z / (half_length * half_length));
        v.segment.push_back(static_cast<std::uint8_t>(1 + (ring * around + k) * 17 / (9 * 12)));
        v.territory.push_back(heart::Territory::lad);
        v.depth.push_back(depth);
        v.mass_of_g.push_back(0.05 + radius * 0.02);
        v.conductance.push_back(0.04);
        const State here = state(angle, z);
        v.viable.push_back(here == State::scar ? 0 : 1);
        made.perfusion.hyperaemic_flow.push_back(here == State::normal ? 2.5 : 0.8);
        v.x_mm.push_back(radius * std::cos(angle));
        v.y_mm.push_back(radius * std::sin(angle));
        v.z_mm.push_back(z);
      }
    }
  }
  return made;
}

inline Heart uniform(State state) {
  return heart_of([state](double, double) { return state; });
}

/// Ischaemic on one side of the long axis.
inline Heart half_ischaemic(double wall_mm = 9.5) {
  return heart_of(
      [](double angle, double) {
        return angle < std::numbers::pi ? State::ischaemic : State::normal;
      },
      wall_mm);
}

inline random::Streams streams(std::uint32_t patient) { return {20240611, 0, patient}; }

inline cohort::Patient patient(std::uint32_t id, double age = 64.0) {
  cohort::Patient p;
  p.id = id;
  p.chart.age_years = units::Years(age);
  return p;
}

inline product::Bag bag(double cells, double purity = 0.9) {
  product::Bag b;
  b.planned_cells = b.delivered_cells = units::Cells(cells);
  b.purity_fraction = units::Fraction(purity);
  b.potency = 0.7;
  return b;
}

/// Ten sites on a heart, ready to inject.
struct Bench {
  Endocardium wall;
  Plan sites;
};

inline Bench bench(const Parameters& p, std::uint32_t id, double wall_mm = 9.5) {
  const Heart heart = half_ischaemic(wall_mm);
  Bench b{endocardium_of(p, heart.ventricle, heart.perfusion), {}};
  b.sites = plan(p, measure(p, b.wall, streams(id)));
  return b;
}

inline std::vector<std::size_t> chosen(const Plan& plan) {
  std::vector<std::size_t> points;
  for (const PlannedSite& site : plan.sites) points.push_back(site.map_point);
  return points;
}

/// A rapidcheck draw in [least, most].
inline double between(double least, double most) {
  return least + (most - least) * (*rc::gen::inRange(0, 1000001)) / 1e6;
}

inline double distance(const PositionMm& a, const PositionMm& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

struct Series {
  std::vector<double> values;

  void add(double x) { values.push_back(x); }
  [[nodiscard]] double mean() const {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
  [[nodiscard]] double sd() const {
    const double m = mean();
    double sum = 0.0;
    for (const double x : values) sum += (x - m) * (x - m);
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
  }
  [[nodiscard]] double median() const {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  [[nodiscard]] double share_above(double limit) const {
    const auto above =
        std::count_if(values.begin(), values.end(), [limit](double x) { return x > limit; });
    return static_cast<double>(above) / static_cast<double>(values.size());
  }
};

}  // namespace angiotrial::delivery::sample
