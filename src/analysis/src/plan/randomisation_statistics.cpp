// SPDX-License-Identifier: Apache-2.0
#include "plan/randomisation_statistics.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace angiotrial::analysis {
namespace {

double mean_of(std::span<const double> y) {
  return std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
}

std::vector<double> centred(std::span<const double> y) {
  const double mean = mean_of(y);
  std::vector<double> out;
  for (const double v : y) out.push_back(v - mean);
  return out;
}

/// Mid-ranks less their mean.
std::vector<double> centred_ranks(std::span<const double> y) {
  std::vector<std::size_t> order(y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return y[i]; });
  std::vector<double> out(y.size());
  const double centre = 0.5 * (static_cast<double>(y.size()) - 1.0);
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && y[order[last]] == y[order[first]]) ++last;
    const double rank = 0.5 * static_cast<double>(first + last - 1) - centre;
    for (std::size_t k = first; k < last; ++k) out[order[k]] = rank;
  }
  return out;
}

/// Mean of the scores in `arm` less that in `reference`; not a number where one is empty.
ArmStatistic mean_difference(std::vector<double> scores, int arm, int reference) {
  return [scores = std::move(scores), arm, reference](std::span<const int> drawn) {
    double sum[2] = {0.0, 0.0}, count[2] = {0.0, 0.0};
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn[i] != arm && drawn[i] != reference) continue;
      const int side = drawn[i] == arm ? 1 : 0;
      sum[side] += scores[i];
      count[side] += 1.0;
    }
    return sum[1] / count[1] - sum[0] / count[0];
  };
}

ArmStatistic score_sum(std::vector<double> scores, int arm) {
  return [scores = std::move(scores), arm](std::span<const int> drawn) {
    double sum = 0.0;
    for (std::size_t i = 0; i < drawn.size(); ++i) sum += drawn[i] == arm ? scores[i] : 0.0;
    return sum;
  };
}

/// A basis of the columns of X. Columns are centred and scaled first, as X has an intercept: else
/// an offset would take the digits of those beside it.
Eigen::MatrixXd basis_of(const RandomisedOutcomes& data) {
  using Eigen::Index;
  constexpr double constant = 1e-12;
  const auto rows = static_cast<Index>(data.response.size());
  Eigen::MatrixXd x =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          data.covariates.values.data(), rows, static_cast<Index>(data.covariates.columns()));
  for (Index c = 1; c < x.cols(); ++c) {
    const double size = x.col(c).norm();
    x.col(c).array() -= x.col(c).mean();
    const double spread = x.col(c).norm();
    x.col(c) *= spread > constant * size ? std::sqrt(static_cast<double>(rows)) / spread : 0.0;
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(x);
  return qr.householderQ() * Eigen::MatrixXd::Identity(rows, qr.rank());
}

/// The coefficient of `arm` in y ~ arms + X, through what X leaves of y and of the indicators Z:
///   (Z'MZ) b = Z'My,   M = I - QQ',   Q a basis of the columns of X.
ArmStatistic adjusted_difference(const RandomisedOutcomes& data, std::size_t arm) {
  using Eigen::Index;
  Eigen::MatrixXd q = basis_of(data);
  const std::vector<double> y = centred(data.response);
  const Eigen::Map<const Eigen::VectorXd> all(y.data(), static_cast<Index>(y.size()));
  Eigen::VectorXd left = all - q * (q.transpose() * all);
  const auto arms = static_cast<Index>(data.arms);
  const auto reference = static_cast<Index>(data.reference);
  const auto place = [reference](Index a) { return a < reference ? a : a - 1; };
  return [q = std::move(q), left = std::move(left), arms, reference, place,
          at = place(static_cast<Index>(arm))](std::span<const int> drawn) {
    Eigen::MatrixXd basis = Eigen::MatrixXd::Zero(arms - 1, q.cols());
    Eigen::VectorXd moment = Eigen::VectorXd::Zero(arms - 1), size = moment;
    for (Index i = 0; i < q.rows(); ++i) {
      const Index a = drawn[static_cast<std::size_t>(i)];
      if (a == reference) continue;
      basis.row(place(a)) += q.row(i);
      moment[place(a)] += left[i];
      size[place(a)] += 1.0;
    }
    // Scaled by the arms' sizes, so that what X leaves of them is a share.
    constexpr double least_share = 1e-10;
    if (!(size.minCoeff() > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    const Eigen::VectorXd scale = size.array().rsqrt();
    basis = scale.asDiagonal() * basis;
    const Eigen::LDLT<Eigen::MatrixXd> solver(
        Eigen::MatrixXd(Eigen::MatrixXd::Identity(arms - 1, arms - 1) - basis * basis.transpose()));
    if (!(solver.vectorD().minCoeff() > least_share)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    return scale[at] * solver.solve(Eigen::VectorXd(scale.asDiagonal() * moment))[at];
  };
}

}  // namespace

RoundedStatistic statistic_of(RandomisationStatistic statistic, const RandomisedOutcomes& data,
                              std::size_t arm) {
  const int a = static_cast<int>(arm), reference = static_cast<int>(data.reference);
  if (statistic == RandomisationStatistic::rank_sum) {
    std::vector<double> ranks = centred_ranks(data.response);
    // Sums of halves are exact.
    if (data.arms == 2) return {score_sum(std::move(ranks), a), 0.0};
    const double near = rounding_of_means(ranks, 0.0);
    return {mean_difference(std::move(ranks), a, reference), near};
  }
  const double near = rounding_of_means(data.response, mean_of(data.response));
  if (statistic == RandomisationStatistic::ancova) return {adjusted_difference(data, arm), near};
  return {mean_difference(centred(data.response), a, reference), near};
}

}  // namespace angiotrial::analysis
