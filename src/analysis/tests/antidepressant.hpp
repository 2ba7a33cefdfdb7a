// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/imputation/reference_based.hpp>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "reference_case.hpp"

namespace angiotrial::analysis {

/// c15 as a table of patients by visit, with the intercurrent events of its second file.
struct Antidepressant {
  std::vector<double> outcome, baseline;
  std::vector<int> arm, event;
  std::map<std::string, std::size_t> known;

  Antidepressant() {
    const reference::Data d("c15_rbmi_antidepressant/data.snapshot.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      const auto [entry, fresh] = known.try_emplace(d.text(i, "PATIENT"), known.size());
      if (fresh) {
        outcome.resize(outcome.size() + 4, std::numeric_limits<double>::quiet_NaN());
        baseline.push_back(d.number(i, "BASVAL"));
        arm.push_back(d.text(i, "THERAPY") == "DRUG" ? 1 : 0);
        event.push_back(4);
      }
      const auto visit = static_cast<std::size_t>(d.number(i, "VISIT")) - 4;
      outcome[4 * entry->second + visit] = d.number(i, "CHANGE");
    }
    const reference::Data ice("c15_rbmi_antidepressant/data_ice.snapshot.csv");
    for (std::size_t i = 0; i < ice.rows(); ++i) {
      event[known.at(ice.text(i, "PATIENT"))] = static_cast<int>(ice.number(i, "VISIT")) - 4;
    }
  }

  [[nodiscard]] IncompleteTrial trial() const {
    IncompleteTrial out;
    out.patients = arm.size();
    out.visits = 4;
    out.outcome = outcome;
    out.arm = arm;
    out.by_visit = baseline;
    out.by_visit_columns = 1;
    out.adjustment = baseline;
    out.adjustment_columns = 1;
    out.event_visit = event;
    return out;
  }
};

}  // namespace angiotrial::analysis
