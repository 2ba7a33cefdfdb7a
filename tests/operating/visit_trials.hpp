// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "procedure.hpp"

/// Trials of a normal outcome at three visits.
namespace angiotrial::operating {

inline constexpr std::size_t visits = 3;
inline constexpr double effect_at_end = 0.8;
/// Of a patient, either arm, to be missing at the last visit: 0.15 before the second, then 0.1.
inline constexpr double missing_at_end = 0.15 + 0.85 * 0.1;
inline constexpr const char* visit_words =
    "normal outcome at three visits, standard deviations 1 to 1.5, baseline; 24 % leave, more "
    "after a low first visit";

struct VisitTrial {
  std::vector<double> baseline, outcome;  ///< outcome: patients x visits, NaN: missing
  std::vector<int> arm;
  double truth = 0.0;  ///< at the last visit
};

inline VisitTrial draw_visits(random::Stream& draw, const Setting& s) {
  constexpr std::array<double, visits> sd{1.0, 1.2, 1.5};
  VisitTrial t;
  t.truth = s.null ? 0.0 : effect_at_end;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double base = draw.normal();
    double z = draw.normal();
    const double first = z, u = draw.uniform(), w = draw.uniform();
    const std::size_t leaves = u < (first > 0.0 ? 0.08 : 0.22) ? 1 : (w < 0.1 ? 2 : visits);
    for (std::size_t v = 0; v < visits; ++v) {
      if (v > 0) z = 0.7 * z + std::sqrt(1.0 - 0.49) * draw.normal();
      const double mean = 0.5 * base + 0.3 * static_cast<double>(v) +
                          arm * t.truth * static_cast<double>(v + 1) / visits;
      t.outcome.push_back(v < leaves ? mean + sd[v] * z : std::numeric_limits<double>::quiet_NaN());
    }
    t.baseline.push_back(base);
    t.arm.push_back(arm);
  }
  return t;
}

/// At each visit an intercept, the arm and the baseline.
struct VisitRows {
  std::vector<double> response, design;
  std::vector<int> patient, visit;
};
inline constexpr std::size_t visit_columns = 3 * visits;

inline VisitRows rows_of(const VisitTrial& t) {
  VisitRows out;
  for (std::size_t i = 0; i < t.arm.size(); ++i) {
    for (std::size_t v = 0; v < visits; ++v) {
      const double y = t.outcome[visits * i + v];
      if (std::isnan(y)) continue;
      std::array<double, visit_columns> x{};
      x[3 * v] = 1.0;
      x[3 * v + 1] = t.arm[i];
      x[3 * v + 2] = t.baseline[i];
      out.response.push_back(y);
      out.design.insert(out.design.end(), x.begin(), x.end());
      out.patient.push_back(static_cast<int>(i));
      out.visit.push_back(static_cast<int>(v));
    }
  }
  return out;
}

}  // namespace angiotrial::operating
