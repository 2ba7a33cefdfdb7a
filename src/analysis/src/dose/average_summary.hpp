// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/bayesian_model_average.hpp>

#include <vector>

#include "dose/evidence.hpp"

namespace angiotrial::analysis::dose {

/// The posterior of the curve: a mixture of normal (e_0, e_1), each with its theta.
class Mixture {
 public:
  void add(const Component& component);
  void summarise(const DoseEstimates& data, const AverageQuestions& questions,
                 DoseAverage& out) const;

 private:
  void rank(const DoseEstimates& data, double direction, std::vector<double>& best) const;
  void swings(const AverageQuestions& questions, DoseAverage& out) const;
  [[nodiscard]] double gained(double dose, double direction, double effect) const;
  [[nodiscard]] double relevant(double dose, double direction, double effect) const;
  [[nodiscard]] TargetDosePosterior target(double largest, const AverageQuestions& questions) const;
  [[nodiscard]] AveragedPoint point(double dose, double level) const;

  std::vector<Component> components_;
};

}  // namespace angiotrial::analysis::dose
