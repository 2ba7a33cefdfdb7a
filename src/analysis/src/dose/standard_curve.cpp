// SPDX-License-Identifier: Apache-2.0
#include "dose/standard_curve.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis::dose {

StandardCurve::StandardCurve(Shape shape, const ShapeParameters& theta,
                             const ShapeConstants& constants, double largest)
    : shape_(shape), theta_(theta), constants_(&constants), largest_(largest) {
  placebo_ = raw(0.0);
  if (shape == Shape::quadratic) {
    add_turn(-0.5 * largest * std::cos(theta[0]) / std::sin(theta[0]));
  } else if (shape == Shape::beta) {
    add_turn(constants.scale * theta[0] / (theta[0] + theta[1]));
  } else if (shape == Shape::gaussian) {
    add_turn(theta[0]);
  } else if (shape == Shape::table) {
    for (std::size_t i = 0; i < constants.table.count; ++i) add_turn(constants.table.doses[i]);
  }
  double most = std::fabs(raw(largest) - placebo_);
  for (std::size_t i = 0; i < count_; ++i) most = std::max(most, std::fabs(heights_[i]));
  scale_ = most > 0.0 && std::isfinite(most) ? 1.0 / most : 0.0;
  double low = 0.0;
  double high = 0.0;
  for (std::size_t i = 0; i <= count_; ++i) {
    if (i < count_) heights_[i] *= scale_;
    const double here = i < count_ ? heights_[i] : at(largest);
    swing_.rise = std::max(swing_.rise, here - low);
    swing_.fall = std::max(swing_.fall, high - here);
    low = std::min(low, here);
    high = std::max(high, here);
  }
}

double StandardCurve::raw(double dose) const {
  if (shape_ != Shape::quadratic) return shape_value(shape_, theta_, dose, *constants_);
  const double u = dose / largest_;
  return u * (std::cos(theta_[0]) + std::sin(theta_[0]) * u);
}

void StandardCurve::add_turn(double dose) {
  if (!(dose > 0.0) || !(dose < largest_)) return;
  turns_[count_] = dose;
  heights_[count_++] = raw(dose) - placebo_;
}

double StandardCurve::at(double dose) const { return scale_ * (raw(dose) - placebo_); }

StandardCurve::Reach StandardCurve::reach(double dose) const {
  const double here = at(dose);
  Reach out{std::max(here, 0.0), std::max(-here, 0.0)};
  for (std::size_t i = 0; i < count_ && turns_[i] < dose; ++i) {
    out.up = std::max(out.up, heights_[i]);
    out.down = std::max(out.down, -heights_[i]);
  }
  return out;
}

}  // namespace angiotrial::analysis::dose
