// SPDX-License-Identifier: Apache-2.0
#include "linear/column_rank.hpp"

namespace angiotrial::analysis {

std::vector<std::size_t> aliased_columns(const Eigen::MatrixXd& x) {
  RankScratch scratch;
  return aliased_columns(x, scratch);
}

const std::vector<std::size_t>& aliased_columns(const Eigen::MatrixXd& x, RankScratch& scratch) {
  constexpr double rank_tolerance = 1.0e-7;  // the same as in ancova
  auto& [basis, rest, share, aliased] = scratch;
  aliased.clear();
  basis.resize(x.rows(), x.cols());
  share.resize(x.cols());
  Eigen::Index rank = 0;
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    const double length = x.col(c).stableNorm();
    rest = x.col(c) / (length > 0.0 ? length : 1.0);
    // Twice: one pass of projections leaves rounding in proportion to what it removed.
    for (int pass = 0; pass < 2; ++pass) {
      share.head(rank).noalias() = basis.leftCols(rank).transpose() * rest;
      rest.noalias() -= basis.leftCols(rank) * share.head(rank);
    }
    const double left = rest.norm();
    if (left < rank_tolerance) {
      aliased.push_back(static_cast<std::size_t>(c));
    } else {
      basis.col(rank++) = rest / left;
    }
  }
  return aliased;
}

}  // namespace angiotrial::analysis
