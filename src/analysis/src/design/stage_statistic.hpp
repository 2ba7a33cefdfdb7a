// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include "design/stage_evidence.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {

/// The design's statistic at stage k of the test of theta, for one direction; Fisher: ln product.
class StageStatistic {
 public:
  StageStatistic(const AdaptiveDesign& design, const StageEvidence& evidence)
      : design_(design), evidence_(evidence) {}

  [[nodiscard]] double operator()(std::size_t k, double theta, double sign) const {
    if (design_.plan.rule == StageRule::group_sequential) {
      return sign * evidence_.overall_z(k, theta);
    }
    double sum = 0.0;
    double square = 0.0;
    for (std::size_t j = 0; j <= k; ++j) {
      const double w = design_.weights[j];
      const double z = sign * evidence_.stage_z(j, theta);
      sum += w * (fisher() ? std::log(std::max(quadrature::normal_cdf(-z), 1.0e-300)) : z);
      square += w * w;
    }
    return fisher() ? sum : sum / std::sqrt(square);
  }
  [[nodiscard]] bool fisher() const { return design_.plan.rule == StageRule::fisher; }
  /// As the design counts it: the product for Fisher.
  [[nodiscard]] double as_planned(double value) const { return fisher() ? std::exp(value) : value; }

  /// theta whose statistic is `bound`.
  [[nodiscard]] std::optional<double> solve(std::size_t k, double bound, double sign) const {
    const double wanted = fisher() ? std::log(bound) : bound;
    if (!std::isfinite(wanted)) return std::nullopt;
    return monotone_root([&](double theta) { return (*this)(k, theta, sign) - wanted; },
                         evidence_.estimate(k), std::max(evidence_.standard_error(k), 1.0e-12));
  }

 private:
  const AdaptiveDesign& design_;
  const StageEvidence& evidence_;
};

}  // namespace angiotrial::analysis
