// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <cmath>
#include <vector>

#include "procedure.hpp"

/// Trials of counts, one row a patient and repeated: an intercept, the arm and a covariate.
namespace angiotrial::operating {

struct Counts {
  std::vector<double> design, offset;
  std::vector<int> counts, patient;

  [[nodiscard]] analysis::CountModel model() const {
    return {design, 3, counts, offset, analysis::Aliased::refuse};
  }
};

inline constexpr const char* single_words =
    "negative binomial counts, 10 a week over 3 to 4 weeks, dispersion 0.8, a covariate";
inline constexpr double single_effect = -0.43;  // log 0.65
inline constexpr double repeated_effect =
    -0.43;  // the same marginally: intercepts do not mix with it
inline const std::vector<double> arm_effect{0.0, 1.0, 0.0};

/// 10 episodes a week over 4 weeks, dispersion 0.8, slope 0.7 on a normal covariate.
inline Counts negative_binomial_trial(random::Stream& draw, const Setting& s, double log_ratio) {
  Counts t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = 0.6 * draw.normal();
    const double arm = i % 2;
    const double weeks = 3.0 + draw.uniform();
    const double mean = 10.0 * weeks * std::exp(0.7 * base + log_ratio * arm);
    t.design.insert(t.design.end(), {1.0, arm, base});
    t.offset.push_back(std::log(weeks));
    t.counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.8));
  }
  return t;
}

inline constexpr const char* repeated_words =
    "Poisson counts of 4 visits, 3 a visit, normal intercepts of standard deviation 0.6, a "
    "covariate";

/// 4 visits, mean 3 exp(0.5 base + b + effect), b ~ N(0, 0.6^2).
inline Counts repeated_trial(random::Stream& draw, const Setting& s, double log_ratio) {
  Counts t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = draw.normal();
    const double arm = i % 2;
    const double mean = 3.0 * std::exp(0.5 * base + 0.6 * draw.normal() + log_ratio * arm);
    for (int visit = 0; visit < 4; ++visit) {
      t.design.insert(t.design.end(), {1.0, arm, base});
      t.offset.push_back(0.0);
      t.counts.push_back(random::poisson_quantile(draw.uniform(), mean));
      t.patient.push_back(i);
    }
  }
  return t;
}

/// Two arms, 5 events a patient on the first and `ratio` times as many on the second, dispersion
/// 0.8; an intercept and the arm.
struct CountArms {
  std::vector<double> design;
  std::vector<int> counts;

  void draw_pairs(random::Stream& draw, int pairs, double ratio) {
    for (int i = 0; i < 2 * pairs; ++i) {
      const double arm = i % 2;
      design.insert(design.end(), {1.0, arm});
      counts.push_back(
          random::negative_binomial_quantile(draw.uniform(), 5.0 * std::pow(ratio, arm), 0.8));
    }
  }
};

}  // namespace angiotrial::operating
