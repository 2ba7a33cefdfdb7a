// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// A positive measure on points of the line.
struct DiscreteMeasure {
  std::vector<double> point;  ///< ascending, no two equal
  std::vector<double> weight;
};

/// The Gauss rule of a measure on more than `nodes` points: `nodes` points within its range and
/// positive weights with the same integrals of all polynomials of degree 2 nodes - 1.
[[nodiscard]] DiscreteMeasure gauss_rule(const DiscreteMeasure& measure, std::size_t nodes);

}  // namespace angiotrial::analysis
