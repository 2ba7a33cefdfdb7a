// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mixed/mixed_state.hpp"

/// The sums of differentiate() parameter by parameter, for many visits and few parameters: m^3 work
/// a pattern and parameter, where pairs of visits, which serve any number of parameters, take m^4.
namespace angiotrial::analysis {

[[nodiscard]] bool has_few_parameters(const MixedState& s);
/// Adds tr(S_i V S_j W) of a pattern, W its `product`, to `hessian`; overwrites s.quadratic.
void add_traces(MixedState& s, VisitPattern& pattern, Eigen::MatrixXd& hessian);
/// The same for all patterns, W = 2 M - n V, and P_i and b_i of all parameters.
void sum_by_parameter(MixedState& s);

}  // namespace angiotrial::analysis
