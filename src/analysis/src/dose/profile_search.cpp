// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "dose/profile.hpp"

namespace angiotrial::analysis::dose {
namespace {

constexpr std::size_t most_starts = 4;
constexpr int most_steps = 80;
/// The longest step: a factor e in a parameter.
constexpr double longest = 1.0;

struct Start {
  int i = 0;
  int j = 0;
  double value = 0.0;
};

/// Minima of the grid, the best first; a point beside a better one is none.
struct Starts {
  std::array<Start, most_starts> list{};
  std::size_t count = 0;

  void add(const Start& start) {
    std::size_t at = count;
    while (at > 0 && start.value < list[at - 1].value) --at;
    if (at == most_starts) return;
    count = std::min(count + 1, most_starts);
    for (std::size_t m = count - 1; m > at; --m) list[m] = list[m - 1];
    list[at] = start;
  }
};

Starts starts_of(const Profile& profile, const Grid& grid, std::vector<double>& values) {
  const auto [rows, columns] = grid.size;
  const auto k = profile.response().size();
  values.clear();
  for (int at = 0; at < rows * columns; ++at) {
    const Eigen::Map<const Eigen::VectorXd> direction(grid.directions.data() + at * k, k);
    const double along = direction.dot(profile.response());
    values.push_back(profile.flat() - along * along);
  }
  const auto value = [&](int i, int j) {
    return values[static_cast<std::size_t>(i) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(j)];
  };
  Starts out;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      bool lowest = true;
      for (int a = std::max(i - 1, 0); a <= std::min(i + 1, rows - 1); ++a) {
        for (int b = std::max(j - 1, 0); b <= std::min(j + 1, columns - 1); ++b) {
          lowest = lowest && value(i, j) <= value(a, b);
        }
      }
      if (lowest) out.add({i, j, value(i, j)});
    }
  }
  return out;
}

/// -|H|^-1 g on the free coordinates: Newton's step, turned downhill where H is not positive.
ShapeParameters newton_step(const ProfilePoint& at, const bool* held, std::size_t free) {
  const bool first = !held[0];
  const bool second = free > 1 && !held[1];
  const double huge = std::numeric_limits<double>::max();
  if (first != second) {
    const std::size_t p = first ? 0 : 1;
    const double h = std::fabs(at.hessian[p == 0 ? 0 : 2]);
    ShapeParameters step{};
    step[p] = std::clamp(-at.gradient[p] / std::max(h, 1.0 / huge), -longest, longest);
    return step;
  }
  // Eigenvalues of a symmetric 2 x 2 matrix, with its eigenvectors (c, s) and (-s, c).
  const double mean = 0.5 * (at.hessian[0] + at.hessian[2]);
  const double half = 0.5 * (at.hessian[0] - at.hessian[2]);
  const double radius = std::hypot(half, at.hessian[1]);
  const double angle = 0.5 * std::atan2(at.hessian[1], half);
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const double along = at.gradient[0] * c + at.gradient[1] * s;
  const double across = -at.gradient[0] * s + at.gradient[1] * c;
  const double least = 1.0e-12 * (std::fabs(mean) + radius) + 1.0 / huge;
  const double u = -along / std::max(std::fabs(mean + radius), least);
  const double v = -across / std::max(std::fabs(mean - radius), least);
  ShapeParameters step{u * c - v * s, u * s + v * c};
  const double length = std::max(std::fabs(step[0]), std::fabs(step[1]));
  if (length > longest) step = {step[0] * longest / length, step[1] * longest / length};
  return step;
}

struct Place {
  ShapeParameters phi{};
  ProfilePoint point;
};

double norm(const ProfilePoint& at, const bool* held, std::size_t free) {
  double out = 0.0;
  for (std::size_t p = 0; p < free; ++p) {
    if (!held[p]) out = std::max(out, std::fabs(at.gradient[p]));
  }
  return out;
}

/// One damped step inside the box; false when nothing better is found.
bool advance(const Profile& profile, const ShapeBounds& box, std::size_t free, Place& place) {
  bool held[2] = {false, false};
  bool any = false;
  for (std::size_t p = 0; p < free; ++p) {
    held[p] = (place.phi[p] <= box.low[p] && place.point.gradient[p] >= 0.0) ||
              (place.phi[p] >= box.high[p] && place.point.gradient[p] <= 0.0);
    any = any || !held[p];
  }
  if (!any) return false;
  const ShapeParameters step = newton_step(place.point, held, free);
  double share = 1.0;
  for (int halving = 0; halving < 30; ++halving, share *= 0.5) {
    Place next;
    double moved = 0.0;
    double promised = 0.0;
    for (std::size_t p = 0; p < free; ++p) {
      next.phi[p] = std::clamp(place.phi[p] + share * step[p], box.low[p], box.high[p]);
      promised += place.point.gradient[p] * (next.phi[p] - place.phi[p]);
      moved = std::max(moved, std::fabs(next.phi[p] - place.phi[p]));
    }
    if (moved == 0.0) return false;
    next.point = profile.at(next.phi);
    const bool lower = next.point.value <= place.point.value + 1.0e-4 * promised;
    // So near that rounding hides the descent, a smaller gradient decides.
    const bool settled = share == 1.0 && moved < 1.0e-4 &&
                         norm(next.point, held, free) < norm(place.point, held, free);
    if (!lower && !settled) continue;
    place = next;
    return moved > 1.0e-13;
  }
  return false;
}

}  // namespace

ShapeParameters search(const Profile& profile, const Grid& grid, std::size_t free,
                       std::vector<double>& values) {
  const Starts starts = starts_of(profile, grid, values);
  Place best;
  best.point.value = std::numeric_limits<double>::infinity();
  for (std::size_t m = 0; m < starts.count; ++m) {
    Place place;
    place.phi = grid.point(starts.list[m].i, starts.list[m].j);
    place.point = profile.at(place.phi);
    for (int step = 0; step < most_steps; ++step) {
      if (!advance(profile, grid.box, free, place)) break;
    }
    if (place.point.value < best.point.value) best = place;
  }
  return best.phi;
}

}  // namespace angiotrial::analysis::dose
