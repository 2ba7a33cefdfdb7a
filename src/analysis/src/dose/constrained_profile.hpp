// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_fit.hpp>

#include "dose/profile.hpp"

namespace angiotrial::analysis::dose {

/// The least sum of squares among curves of a shape with f(x) - f(0) = effect:
///
///   f = e_0 + effect h,  h = (g(d) - g(0)) / (g(x) - g(0)),   Q(x) = min over theta of
///   (m - effect h)' P (m - effect h)
class ConstrainedProfile {
 public:
  ConstrainedProfile(const DoseFit& fit, const DoseEstimates& data, double effect,
                     const ShapeBounds& bounds);

  /// Q(x), x > 0; searched from the last x's theta and from a coarse grid.
  [[nodiscard]] double at(double x);
  /// Forgets the last x.
  void restart() { last_ = start_; }
  /// Q at given theta = exp(phi); its gradient in phi where asked.
  double value(double x, const double* phi, double* gradient) const;

 private:
  double search(double x, ShapeParameters from, ShapeParameters& found) const;
  [[nodiscard]] double quadratic(double x) const;

  Shape shape_;
  ShapeConstants constants_;
  std::vector<double> doses_;
  Metric metric_;
  Vector response_;
  double effect_;
  ShapeBounds box_;  ///< in phi
  ShapeParameters start_{}, last_{};
};

}  // namespace angiotrial::analysis::dose
