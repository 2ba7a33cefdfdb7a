// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <optional>
#include <vector>

#include "plan/regression.hpp"

namespace angiotrial::analysis {

/// Every arm against the reference in an analysis of covariance.
struct AdjustedDunnett {
  RegressionData data;
  std::vector<std::size_t> arms;  ///< of the comparisons
  std::vector<Comparison> comparisons;
  std::vector<double> step_down;  ///< adjusted p-values
  double critical_value = 0.0;
  double sigma = 0.0;
  double df = 0.0;
};

/// t_k = b_k / se_k of the arms' coefficients by least squares are multivariate t with the
/// correlation of the coefficients (Hothorn, Bretz and Westfall 2008, doi:10.1002/bimj.200810425).
/// `sign` -1 reflects the coefficients. None, with problems or a refusal, where it cannot be done.
[[nodiscard]] std::optional<AdjustedDunnett> adjusted_dunnett(const RegressionTerms& terms,
                                                              Sides sides, double sign, Task& task);

}  // namespace angiotrial::analysis
