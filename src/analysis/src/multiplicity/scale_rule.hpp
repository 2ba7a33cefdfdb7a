// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis::quadrature {

/// Gauss's rule for the law of S, nu S^2 ~ chi-square(nu), from 30 degrees of freedom. Weights sum
/// to 1. Its few points serve functions that change slowly over the law's standard deviation,
/// 1 / sqrt(2 nu).
struct ScaleRule {
  std::vector<double> node, weight;
};
inline constexpr double least_gauss_df = 30.0;
[[nodiscard]] ScaleRule scale_rule(double df);

/// Calls f(s, w) on a rule for E[g(S)]: Gauss's where it serves, else panels over the density.
template <class F>
void for_each_scale_node(double df, F&& f) {
  if (!(std::isfinite(df) && df >= least_gauss_df)) {
    for_each_scale(df, f);
    return;
  }
  const ScaleRule rule = scale_rule(df);
  for (std::size_t i = 0; i < rule.node.size(); ++i) f(rule.node[i], rule.weight[i]);
}

}  // namespace angiotrial::analysis::quadrature
