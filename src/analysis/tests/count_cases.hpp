// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "reference_case.hpp"

/// The count data of cases c01 to c04 as models.
namespace angiotrial::analysis {

struct CountCase {
  std::vector<double> design, offset;
  std::vector<int> y, subject;
  std::size_t columns = 0;

  void add(const std::vector<double>& row, double count, double log_exposure = 0.0, int label = 0) {
    columns = row.size();
    design.insert(design.end(), row.begin(), row.end());
    y.push_back(static_cast<int>(count));
    offset.push_back(log_exposure);
    subject.push_back(label);
  }
  [[nodiscard]] CountModel model(Aliased aliased = Aliased::refuse) const {
    return {design, columns, y, offset, aliased};
  }
};

/// c01: seizures of 59 patients in four periods; 1, progabide, lbase, lage, V4.
inline CountCase epil() {
  const reference::Data d("c01_nb_epil/data.csv");
  CountCase out;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    out.add({1.0, d.is(i, "trt", "progabide"), d.number(i, "lbase"), d.number(i, "lage"),
             d.number(i, "V4")},
            d.number(i, "y"), 0.0, static_cast<int>(d.number(i, "subject")));
  }
  return out;
}

/// c03: infections; 1, interferon, autosomal, age, steroids; offset log years.
inline CountCase infections(bool adjusted) {
  const reference::Data d("c03_nb_cgd_offset/data.csv");
  CountCase out;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    std::vector<double> row{1.0, d.is(i, "treat", "rIFN-g")};
    if (adjusted) {
      row.insert(row.end(),
                 {d.is(i, "inherit", "autosomal"), d.number(i, "age"), d.number(i, "steroids")});
    }
    out.add(row, d.number(i, "y"), std::log(d.number(i, "days") / 365.25));
  }
  return out;
}

inline std::vector<double> diagonal_roots(const std::vector<double>& covariance,
                                          std::size_t columns) {
  std::vector<double> out;
  for (std::size_t c = 0; c < columns; ++c) out.push_back(std::sqrt(covariance[c * columns + c]));
  return out;
}

}  // namespace angiotrial::analysis
