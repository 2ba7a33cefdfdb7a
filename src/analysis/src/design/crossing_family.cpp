// SPDX-License-Identifier: Apache-2.0
#include "design/crossing_family.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {

using Eigen::ArrayXd;

CrossingFamily::CrossingFamily(std::span<const double> times, std::span<const double> lower,
                               std::span<const double> upper, const DriftRange& drifts) {
  SequentialRecursion recursion(drifts, times[0]);
  const auto copy = [](const std::vector<double>& values) {
    return ArrayXd(
        Eigen::Map<const ArrayXd>(values.data(), static_cast<Eigen::Index>(values.size())));
  };
  for (std::size_t k = 0; k < upper.size(); ++k) {
    Stage stage;
    stage.before = k > 0 ? times[k - 1] : 0.0;
    stage.time = times[k];
    stage.upper = upper[k];
    stage.lower =
        std::min(k < lower.size() ? lower[k] : -std::numeric_limits<double>::infinity(), upper[k]);
    stage.score = copy(recursion.scores());
    stage.weight = copy(recursion.weights());
    if (k + 1 < upper.size()) recursion.advance(stage.lower, stage.upper, times[k + 1]);
    stages_.push_back(std::move(stage));
  }
}

//   P(stop above at k) = sum_i w_i exp(theta s_i - theta^2 t / 2) Phi((s_i + theta g - b) / sqrt g)
// with t the information before, g what look k adds, b the bound of the score.
StageProbabilities CrossingFamily::at(double drift) const {
  StageProbabilities out;
  for (const Stage& stage : stages_) {
    const double root = std::sqrt(stage.time);
    if (stage.before == 0.0) {
      out.upper.push_back(quadrature::normal_cdf(drift * root - stage.upper));
      out.lower.push_back(quadrature::normal_cdf(stage.lower - drift * root));
      continue;
    }
    const double gain = stage.time - stage.before;
    const double step = std::sqrt(gain);
    const ArrayXd mass =
        stage.weight * (drift * stage.score - 0.5 * drift * drift * stage.before).exp();
    const auto beyond = [&](double bound, double side) {
      if (!std::isfinite(bound)) return side * bound > 0.0 ? 0.0 : mass.sum();
      const double shift = drift * gain - bound * root;
      double sum = 0.0;
      for (Eigen::Index i = 0; i < mass.size(); ++i) {
        sum += mass[i] * quadrature::normal_cdf(side * (stage.score[i] + shift) / step);
      }
      return sum;
    };
    out.upper.push_back(beyond(stage.upper, 1.0));
    out.lower.push_back(beyond(stage.lower, -1.0));
  }
  return out;
}

}  // namespace angiotrial::analysis
