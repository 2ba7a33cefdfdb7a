// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counts/zero_likelihood.hpp"

#include <Eigen/Core>
#include <limits>

namespace angiotrial::analysis {

/// Where an ascent ended.
struct ZeroTop {
  bool converged = false;
  int iterations = 0;
  double value = -std::numeric_limits<double>::infinity();
  Eigen::VectorXd psi;
};

/// Newton with halved steps from psi.
[[nodiscard]] ZeroTop climb_zero_counts(ZeroLikelihood& likelihood, Eigen::VectorXd psi);

}  // namespace angiotrial::analysis
