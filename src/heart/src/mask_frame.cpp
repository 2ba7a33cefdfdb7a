// SPDX-License-Identifier: Apache-2.0
#include "segmented.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <utility>

namespace angiotrial::heart {
namespace {

using diagnostics::Problem;
using Vector = tissue::PositionMm;

constexpr double least_spacing_mm = 0.1, most_spacing_mm = 4.0, most_anisotropy = 4.0;
constexpr std::size_t most_cells = 200'000'000;  // eight bytes each while distances are computed
// Adult hearts with room to spare.
constexpr double least_length_mm = 30.0, most_length_mm = 180.0;
constexpr double least_arc_deg = 60.0, most_arc_deg = 170.0, least_radius_mm = 5.0;

Vector minus(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
double length(const Vector& a) { return std::sqrt(dot(a, a)); }
Vector unit(const Vector& a) {
  const double l = length(a);
  return {a[0] / l, a[1] / l, a[2] / l};
}
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
/// The part of a across the unit vector u.
Vector across(const Vector& a, const Vector& u) {
  const double along = dot(a, u);
  return {a[0] - along * u[0], a[1] - along * u[1], a[2] - along * u[2]};
}

std::string text(double number) {
  std::ostringstream out;
  out.precision(4);
  out << number;
  return out.str();
}
std::string text(const Vector& v) {
  return "(" + text(v[0]) + ", " + text(v[1]) + ", " + text(v[2]) + ")";
}

std::array<std::pair<std::string, Vector>, 4> named(const Landmarks& l) {
  return {{{"landmarks.apex_mm", l.apex_mm},
           {"landmarks.base_centre_mm", l.base_centre_mm},
           {"landmarks.anterior_insertion_mm", l.anterior_insertion_mm},
           {"landmarks.inferior_insertion_mm", l.inferior_insertion_mm}}};
}

bool in_box(const Mask& mask, const Vector& at) {
  for (std::size_t a = 0; a < 3; ++a) {
    const double cell = (at[a] - mask.first_centre_mm[a]) / mask.spacing_mm[a];
    if (!(cell >= -0.5 && cell <= mask.cells[a] - 0.5)) return false;
  }
  return true;
}

/// Radial directions to the insertions, and the arc between them.
struct Insertions {
  Vector anterior{}, inferior{};
  double anterior_mm = 0.0, inferior_mm = 0.0, arc_deg = 0.0;
};

Insertions insertions_of(const Landmarks& l, const Vector& up) {
  const Vector a = across(minus(l.anterior_insertion_mm, l.base_centre_mm), up);
  const Vector i = across(minus(l.inferior_insertion_mm, l.base_centre_mm), up);
  Insertions out{a, i, length(a), length(i), 0.0};
  if (out.anterior_mm <= 0.0 || out.inferior_mm <= 0.0) return out;
  const double cosine = dot(a, i) / (out.anterior_mm * out.inferior_mm);
  out.arc_deg = 180.0 / std::numbers::pi * std::acos(std::clamp(cosine, -1.0, 1.0));
  return out;
}

void check_spacing(const Mask& mask, std::vector<Problem>& problems) {
  const auto [least, most] = std::minmax_element(mask.spacing_mm.begin(), mask.spacing_mm.end());
  for (const double h : mask.spacing_mm) {
    if (h >= least_spacing_mm && h <= most_spacing_mm) continue;  // false for what is no number
    problems.push_back(problem_of(mask, "spacing_mm", text(h), "is from 0.1 to 4 mm",
                                  "are the units metres or micrometres?"));
    return;
  }
  if (*most > most_anisotropy * *least) {
    problems.push_back(problem_of(mask, "spacing_mm", text(*most / *least),
                                  "is at most 4 times as coarse along one axis as along another",
                                  "resample the segmentation"));
  }
}

}  // namespace

Problem problem_of(const Mask& mask, std::string key, std::string value, std::string rule,
                   std::string hint) {
  return {mask.name, 0, std::move(key), std::move(value), std::move(rule), std::move(hint)};
}

Vector Axes::to_heart(const Vector& at) const {
  const Vector d = minus(at, base_mm);
  return {dot(d, lateral), dot(d, anterior), dot(d, up)};
}

Vector Axes::to_mask(const Vector& at) const {
  Vector out = base_mm;
  for (std::size_t a = 0; a < 3; ++a) {
    out[a] += at[0] * lateral[a] + at[1] * anterior[a] + at[2] * up[a];
  }
  return out;
}

std::vector<Problem> problems_of_grid(const Mask& mask) {
  std::vector<Problem> problems;
  std::size_t count = 1;
  for (const int n : mask.cells) {
    if (n < 3 || static_cast<std::size_t>(n) > most_cells / count) {
      problems.push_back(problem_of(mask, "cells", std::to_string(n),
                                    "a box has at least 3 cells each way and at most 200 million",
                                    "crop the segmentation to the left ventricle"));
      return problems;
    }
    count *= static_cast<std::size_t>(n);
  }
  if (mask.inside.size() != count) {
    problems.push_back(problem_of(mask, "inside", std::to_string(mask.inside.size()),
                                  "holds one value for each of " + std::to_string(count) + " cells",
                                  ""));
  }
  check_spacing(mask, problems);
  for (const double x : mask.first_centre_mm) {
    if (std::isfinite(x) && std::abs(x) < 1e6) continue;
    problems.push_back(problem_of(mask, "first_centre_mm", text(x), "is a finite place in mm", ""));
    break;
  }
  return problems;
}

std::vector<Problem> problems_of_landmarks(const Mask& mask) {
  std::vector<Problem> problems;
  for (const auto& [key, at] : named(mask.landmarks)) {
    if (in_box(mask, at)) continue;
    problems.push_back(problem_of(mask, key, text(at), "lies in the box of the mask",
                                  "landmarks are in mm, in the frame of the mask"));
  }
  if (!problems.empty()) return problems;
  const Landmarks& l = mask.landmarks;
  const Vector axis = minus(l.base_centre_mm, l.apex_mm);
  if (!(length(axis) >= least_length_mm && length(axis) <= most_length_mm)) {
    problems.push_back(problem_of(mask, "landmarks.apex_mm", text(length(axis)),
                                  "lies 30 to 180 mm from landmarks.base_centre_mm", ""));
    return problems;
  }
  const Insertions in = insertions_of(l, unit(axis));
  if (std::min(in.anterior_mm, in.inferior_mm) < least_radius_mm) {
    problems.push_back(problem_of(mask, "landmarks.anterior_insertion_mm",
                                  text(std::min(in.anterior_mm, in.inferior_mm)),
                                  "both insertions lie at least 5 mm from the axis", ""));
    return problems;
  }
  if (in.arc_deg < least_arc_deg || in.arc_deg > most_arc_deg) {
    problems.push_back(problem_of(mask, "landmarks.anterior_insertion_mm", text(in.arc_deg),
                                  "insertions are 60 to 170 degrees apart around the axis", ""));
    return problems;
  }
  const Axes axes = axes_of(mask);
  const bool left_handed = dot(cross(axes.lateral, axes.anterior), axes.up) > 0.0;
  if (left_handed != mask.left_handed) {
    problems.push_back(problem_of(mask, "landmarks.anterior_insertion_mm", "",
                                  "seen from the apex, the way from the lateral wall over the "
                                  "anterior insertion to the septum is counter-clockwise",
                                  "are the two insertions swapped, or is the frame mirrored?"));
  }
  return problems;
}

Axes axes_of(const Mask& mask) {
  const Landmarks& l = mask.landmarks;
  Axes axes;
  axes.base_mm = l.base_centre_mm;
  axes.up = unit(minus(l.base_centre_mm, l.apex_mm));
  const Insertions in = insertions_of(l, axes.up);
  const Vector a = unit(in.anterior), i = unit(in.inferior);
  axes.lateral = unit({-(a[0] + i[0]), -(a[1] + i[1]), -(a[2] + i[2])});
  axes.anterior = unit(minus(a, i));
  axes.septal_arc_deg = in.arc_deg;
  return axes;
}

}  // namespace angiotrial::heart
