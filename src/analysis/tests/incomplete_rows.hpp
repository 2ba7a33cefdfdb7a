// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/random/stream.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "mixed_rows.hpp"

namespace angiotrial::analysis {

/// Two arms, three visits; everyone has the first, some leave before the second or the third.
struct IncompleteRows {
  std::vector<double> outcome, baseline;
  std::vector<int> arm, event, label, reference;
  std::vector<ImputationStrategy> strategy;

  IncompleteRows() = default;
  IncompleteRows(std::uint64_t seed, std::uint32_t patients, double leaving) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      const int its_arm = static_cast<int>(i % 2);
      const double shared = draw.normal();
      const double x = 0.6 * shared + 0.8 * draw.normal();
      const double u = draw.uniform();
      const int leaves = u < 0.5 * leaving ? 1 : (u < leaving ? 2 : 3);
      for (int v = 0; v < 3; ++v) {
        const double y =
            0.5 * v + 0.4 * its_arm * (v + 1) + shared + (0.7 + 0.2 * v) * draw.normal();
        outcome.push_back(v < leaves ? y : std::numeric_limits<double>::quiet_NaN());
      }
      baseline.push_back(x);
      arm.push_back(its_arm);
      event.push_back(leaves);
      label.push_back(static_cast<int>(i));
    }
  }

  [[nodiscard]] IncompleteTrial trial() const {
    IncompleteTrial out;
    out.patients = arm.size();
    out.visits = 3;
    out.outcome = outcome;
    out.arm = arm;
    out.reference = reference;
    out.by_visit = baseline;
    out.by_visit_columns = 1;
    out.adjustment = baseline;
    out.adjustment_columns = 1;
    out.event_visit = event;
    out.strategy = strategy;
    out.label = label;
    return out;
  }
  /// At each visit an intercept, the arm and the baseline.
  [[nodiscard]] Rows as_rows() const {
    Rows out;
    for (std::size_t i = 0; i < arm.size(); ++i) {
      for (std::size_t v = 0; v < 3; ++v) {
        if (std::isnan(outcome[3 * i + v])) continue;
        std::vector<double> x(9, 0.0);
        x[3 * v] = 1.0;
        x[3 * v + 1] = arm[i];
        x[3 * v + 2] = baseline[i];
        out.add(static_cast<int>(i), static_cast<int>(v), outcome[3 * i + v], x);
      }
    }
    return out;
  }
  void add(const IncompleteRows& from, std::size_t i) {
    outcome.insert(outcome.end(), from.outcome.begin() + static_cast<std::ptrdiff_t>(3 * i),
                   from.outcome.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
    baseline.push_back(from.baseline[i]);
    arm.push_back(from.arm[i]);
    event.push_back(from.event[i]);
    label.push_back(from.label[i]);
    if (from.strategy.size() > 1) strategy.push_back(from.strategy[i]);
  }
  [[nodiscard]] IncompleteRows without(std::size_t patient) const {
    IncompleteRows out;
    for (std::size_t i = 0; i < arm.size(); ++i) {
      if (i != patient) out.add(*this, i);
    }
    return out;
  }
  [[nodiscard]] IncompleteRows reversed() const {
    IncompleteRows out;
    for (std::size_t i = arm.size(); i-- > 0;) out.add(*this, i);
    return out;
  }
};

}  // namespace angiotrial::analysis
