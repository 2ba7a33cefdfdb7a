// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/bayesian_model_average.hpp>

#include <cstddef>
#include <vector>

#include "dose/profile.hpp"
#include "dose/standard_curve.hpp"

namespace angiotrial::analysis::dose {

/// Posterior of (e_0, e_1) given theta, and the weight of that theta.
struct Component {
  double weight = 0.0;
  double mean0 = 0.0, mean1 = 0.0;
  double var0 = 0.0, covariance = 0.0, var1 = 0.0;
  StandardCurve curve;
};

/// The evidence of one shape and the components of its posterior.
struct Evidence {
  double log_evidence = 0.0;
  double error = 0.0;                 ///< relative
  std::vector<Component> components;  ///< weights sum to 1
};

/// The likelihood with e_0 and e_1 integrated.
class Conditional {
 public:
  Conditional(const DoseEstimates& data, const Metric& metric, const AveragePrior& prior);

  struct Answer {
    double log_evidence = 0.0;
    Component component;
    std::size_t label = 0;  ///< which study doses are highest and lowest
  };
  [[nodiscard]] Answer at(const StandardCurve& curve) const;
  /// No effect at all: e_0 only.
  [[nodiscard]] Answer flat() const;

 private:
  const DoseEstimates* data_;
  Matrix weight_;  ///< (sigma^2 S)^-1
  Vector response_, sums_, weighted_;
  double total_ = 0.0;
  double constant_ = 0.0;  ///< of the log likelihood, with the prior of e_0
  double square_ = 0.0;
  double precision0_ = 0.0, precision1_ = 0.0;
  double centre_ = 0.0;
};

/// Integrates over theta, uniform in its coordinates.
[[nodiscard]] Evidence integrate(const Conditional& conditional, const AveragedShape& shape,
                                 const ShapeConstants& constants, double largest);

}  // namespace angiotrial::analysis::dose
