// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

using Structures = CovarianceStructure;

/// Outcomes of patients at visits, put together row by row.
struct Rows {
  std::vector<double> response, design, times;
  std::vector<int> patient, visit, group;
  std::size_t columns = 0;
  int visits = 0;
  int groups = 1;

  void add(int who, int when, double y, const std::vector<double>& x, int cohort = 0) {
    columns = x.size();
    visits = std::max(visits, when + 1);
    groups = std::max(groups, cohort + 1);
    response.push_back(y);
    design.insert(design.end(), x.begin(), x.end());
    patient.push_back(who);
    visit.push_back(when);
    group.push_back(cohort);
  }
  [[nodiscard]] RepeatedModel model(Structures structure = Structures::unstructured,
                                    Criterion criterion = Criterion::reml) const {
    return {response, design, columns,   patient,   visit, visits, group,
            groups,   times,  structure, criterion, {},    {}};
  }
};

/// Weights that pick one coefficient.
inline std::vector<double> unit(std::size_t columns, std::size_t at) {
  std::vector<double> weights(columns, 0.0);
  weights[at] = 1.0;
  return weights;
}

}  // namespace angiotrial::analysis
