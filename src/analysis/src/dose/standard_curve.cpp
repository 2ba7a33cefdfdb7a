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
    turn_ = -0.5 * largest * std::cos(theta[0]) / std::sin(theta[0]);
  } else if (shape == Shape::beta) {
    turn_ = constants.scale * theta[0] / (theta[0] + theta[1]);
  } else if (shape == Shape::gaussian) {
    turn_ = theta[0];
  }
  if (!(turn_ > 0.0) || !(turn_ < largest)) turn_ = 0.0;
  measure();
}

void StandardCurve::measure() {
  double most = std::fabs(raw(largest_) - placebo_);
  for (std::size_t i = 0; i < turns(); ++i) {
    most = std::max(most, std::fabs(raw(turn(i)) - placebo_));
  }
  scale_ = most > 0.0 && std::isfinite(most) ? 1.0 / most : 0.0;
  if (turn_ > 0.0) height_ = at(turn_);
  double low = 0.0;
  double high = 0.0;
  for (std::size_t i = 0; i <= turns(); ++i) {
    const double here = at(i < turns() ? turn(i) : largest_);
    swing_.rise = std::max(swing_.rise, here - low);
    swing_.fall = std::max(swing_.fall, high - here);
    low = std::min(low, here);
    high = std::max(high, here);
  }
}

std::size_t StandardCurve::turns() const {
  if (shape_ == Shape::table) return constants_->table.count;
  return turn_ > 0.0 ? 1 : 0;
}

double StandardCurve::turn(std::size_t i) const {
  return shape_ == Shape::table ? std::clamp(constants_->table.doses[i], 0.0, largest_) : turn_;
}

double StandardCurve::raw(double dose) const {
  if (shape_ != Shape::quadratic) return shape_value(shape_, theta_, dose, *constants_);
  const double u = dose / largest_;
  return u * (std::cos(theta_[0]) + std::sin(theta_[0]) * u);
}

double StandardCurve::at(double dose) const { return scale_ * (raw(dose) - placebo_); }

StandardCurve::Reach StandardCurve::reach(double dose) const {
  const double here = at(dose);
  Reach out{std::max(here, 0.0), std::max(-here, 0.0)};
  for (std::size_t i = 0; i < turns() && turn(i) < dose; ++i) {
    const double height = shape_ == Shape::table ? at(turn(i)) : height_;
    out.up = std::max(out.up, height);
    out.down = std::max(out.down, -height);
  }
  return out;
}

}  // namespace angiotrial::analysis::dose
