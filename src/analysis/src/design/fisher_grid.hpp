// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <span>
#include <vector>

#include "design/fisher_recursion.hpp"

/// Grid for R_j(x) = P(reject at stage j or later | ln product x), every stage after `first`.
///
/// With u = -ln p, most accepted at u_j = -ln alpha_j, and y = x - v_j u the next ln product,
///   R_j(x) = c_j^(1/v_j) e^(-x/v_j) + e^(-u_j) H_j(x - v_j u_j),
///   H_j(s) = (1/v_j) integral of e^(-(s - y)/v_j) R_(j+1)(y) over ln c_j < y < s.
/// R bends where x or a later shifted y meets a bound. In xi = x - sum_(i >= j) v_i u_i all these
/// points, and the argument of H, are the same for every stage: one grid serves them all.
namespace angiotrial::analysis {

enum class Edges {
  plain,
  graded,  ///< panels that shrink towards the bends, for functions with singular derivatives there
};

class FisherGrid {
 public:
  static constexpr Eigen::Index order = 16;
  using Nodes = Eigen::Array<double, order, 1>;
  using Panels = std::vector<Nodes>;

  /// Up to the xi of `log_product` at stage `first`: later arguments lie below.
  FisherGrid(const FisherBounds& bounds, std::size_t first, double log_product,
             Edges edges = Edges::plain);

  [[nodiscard]] std::size_t panels() const { return edge_.size() - 1; }
  [[nodiscard]] double edge(std::size_t panel) const { return edge_[panel]; }
  [[nodiscard]] Nodes nodes(std::size_t panel) const;
  [[nodiscard]] double half_width(std::size_t panel) const {
    return 0.5 * (edge_[panel + 1] - edge_[panel]);
  }
  /// Sum of v_i u_i over stages i >= j.
  [[nodiscard]] double shift(std::size_t j) const { return shift_[j]; }
  /// The panel that begins at xi, or the one that holds it.
  [[nodiscard]] std::size_t panel_at(double xi) const;
  /// The polynomial through values at a panel's nodes.
  [[nodiscard]] double interpolate(const Panels& values, double xi) const;
  /// Points of xi where R_j may bend.
  [[nodiscard]] const std::vector<double>& bends() const { return bends_; }

 private:
  void cut(double from, double to, double width, Edges edges);

  std::vector<double> edge_, bends_, shift_;
};

/// Gauss-Legendre abscissae and weights on [-1, 1], barycentric weights, and the matrix that takes
/// values at them to integrals from -1.
struct GaussPanel {
  FisherGrid::Nodes abscissa, weight, barycentric;
  Eigen::Matrix<double, FisherGrid::order, FisherGrid::order> integral;
};
[[nodiscard]] const GaussPanel& gauss_panel();

/// u = -ln p below which stage j stops for futility, 0: never; the last stage has none.
[[nodiscard]] double futility_u(const FisherBounds& bounds, std::size_t j);

}  // namespace angiotrial::analysis
