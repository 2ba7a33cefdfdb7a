// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>

#include <string>
#include <vector>

#include "reference_case.hpp"

namespace angiotrial::analysis {

/// Rows of the counting process that own their numbers.
struct CoxRows {
  std::vector<double> start, stop, design, weight, offset;
  std::vector<int> event, stratum, cluster;
  std::size_t columns = 0;

  void add(std::initializer_list<double> x, double time, bool happens) {
    columns = x.size();
    design.insert(design.end(), x);
    stop.push_back(time);
    event.push_back(happens ? 1 : 0);
  }
  [[nodiscard]] CoxData data() const {
    return {.start = start,
            .stop = stop,
            .event = event,
            .design = design,
            .columns = columns,
            .stratum = stratum,
            .weight = weight,
            .offset = offset,
            .cluster = cluster};
  }
};

inline bool missing(const reference::Data& d, std::size_t row, const std::string& column) {
  return d.text(row, column) == "NA" || d.text(row, column).empty();
}

/// lung: age, sex, and ph.ecog if asked; rows with missing ph.ecog or inst are left out if asked.
struct LungColumns {
  bool ecog = true;
  bool ecog_stratum = false;
  bool inst_cluster = false;
};
inline CoxRows lung_rows(const LungColumns& with) {
  const reference::Data d("c30_survival_lung/data.csv");
  CoxRows rows;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    if ((with.ecog || with.ecog_stratum) && missing(d, i, "ph.ecog")) continue;
    if (with.inst_cluster && missing(d, i, "inst")) continue;
    const double age = d.number(i, "age");
    const double sex = d.number(i, "sex");
    const bool dies = d.number(i, "status") == 2.0;
    if (with.ecog) {
      rows.add({age, sex, d.number(i, "ph.ecog")}, d.number(i, "time"), dies);
    } else {
      rows.add({age, sex}, d.number(i, "time"), dies);
    }
    if (with.ecog_stratum) rows.stratum.push_back(static_cast<int>(d.number(i, "ph.ecog")));
    if (with.inst_cluster) rows.cluster.push_back(static_cast<int>(d.number(i, "inst")));
  }
  return rows;
}

}  // namespace angiotrial::analysis
