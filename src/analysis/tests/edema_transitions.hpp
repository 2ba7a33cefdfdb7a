// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

#include <array>
#include <cmath>

#include "reference_case.hpp"

namespace angiotrial::analysis {

/// Oedema states 0 to 2 and death (3) in primary biliary cholangitis, as c42 and c44 read them:
/// covariates treatment, (age - 50) / 10, years, log of the gap in years.
struct EdemaTransitions {
  std::vector<int> previous, current, patient;
  std::vector<double> covariates;
  std::array<int, 1> dead{3};

  EdemaTransitions() {
    const reference::Data d("c42_markov_ordinal_pbcseq/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      previous.push_back(static_cast<int>(d.number(i, "yprev")) - 1);
      current.push_back(static_cast<int>(d.number(i, "y")) - 1);
      patient.push_back(static_cast<int>(d.number(i, "id")));
      for (const double x : {d.number(i, "dpca"), (d.number(i, "age") - 50.0) / 10.0,
                             d.number(i, "t"), std::log(d.number(i, "gap"))}) {
        covariates.push_back(x);
      }
    }
  }
  [[nodiscard]] MarkovTransitions transitions() const {
    MarkovTransitions t;
    t.previous = previous;
    t.current = current;
    t.states = 4;
    t.covariates = covariates;
    t.columns = 4;
    t.absorbing = dead;
    return t;
  }
};

/// Yearly visits 1 to 8 of a patient aged 50 without oedema at the start.
struct EightYears {
  std::vector<double> covariates;
  std::array<double, 4> start{1.0, 0.0, 0.0, 0.0};

  explicit EightYears(double treated) {
    for (int year = 1; year <= 8; ++year) {
      covariates.insert(covariates.end(), {treated, 0.0, static_cast<double>(year), 0.0});
    }
  }
  [[nodiscard]] MarkovCourses courses() const { return {8, covariates, start, {}}; }
};

}  // namespace angiotrial::analysis
