// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "ordinal/centred_model.hpp"
#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/cumulative_link.hpp"
#include "reference_distributions.hpp"

#include <Eigen/Cholesky>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Index threshold_parameters(const CumulativeModel& model) {
  return static_cast<Index>(static_cast<std::size_t>(model.categories - 1) *
                            (1 + model.nominal_columns));
}

/// The coefficients in the sign at_most.
VectorXd at_most(const CumulativeModel& model, std::span<const double> coefficients) {
  VectorXd out =
      Eigen::Map<const VectorXd>(coefficients.data(), static_cast<Index>(coefficients.size()));
  if (model.sign == ThresholdSign::at_least) out.head(threshold_parameters(model)) *= -1.0;
  return out;
}

/// Sums of weights up to a rank (Fenwick).
class CumulativeCounts {
 public:
  explicit CumulativeCounts(std::size_t size) : tree_(size + 1, 0.0) {}
  void add(std::size_t rank, double weight) {
    for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += weight;
  }
  /// Over ranks below `rank`.
  [[nodiscard]] double below(std::size_t rank) const {
    double sum = 0.0;
    for (std::size_t i = rank; i > 0; i &= i - 1) sum += tree_[i];
    return sum;
  }

 private:
  std::vector<double> tree_;
};

/// Sums of the scores of the rows of each cluster, clusters x parameters.
MatrixXd score_sums(const CumulativeRows& rows, const VectorXd& parameters,
                    std::span<const int> cluster) {
  const MatrixXd scores = cumulative_scores(rows, parameters);
  std::map<int, Index> place;
  for (const int label : cluster) place.emplace(label, 0);
  Index next = 0;
  for (auto& [label, index] : place) index = next++;
  MatrixXd sums = MatrixXd::Zero(next, scores.cols());
  for (std::size_t r = 0; r < cluster.size(); ++r) {
    sums.row(place[cluster[r]]) += scores.row(static_cast<Index>(r));
  }
  return sums;
}

/// The inverse of the observed information.
MatrixXd bread_of(const CumulativeRows& rows, const VectorXd& parameters) {
  const Index size = parameters.size();
  VectorXd gradient(size);
  MatrixXd information(size, size);
  (void)cumulative_likelihood(rows, parameters, Order::information, gradient, information);
  const VectorXd root = information.diagonal().cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = root.asDiagonal() * information * root.asDiagonal();
  const MatrixXd inverse = scaled.llt().solve(MatrixXd::Identity(size, size));
  return root.asDiagonal() * inverse * root.asDiagonal();
}

}  // namespace

std::vector<double> cluster_covariance(const CumulativeModel& model, const CumulativeFit& fit,
                                       std::span<const int> cluster) {
  ANGIOTRIAL_EXPECT(cluster.size() == model.response.size(), "a cluster a row");
  ANGIOTRIAL_EXPECT(fit.status == OrdinalStatus::fitted, "a fitted model");
  CentredModel centred;
  CumulativeRows rows;
  rows.read(centred.of(model));
  VectorXd parameters = at_most(model, fit.coefficients);
  centred.centre(parameters);
  const MatrixXd half = score_sums(rows, parameters, cluster) * bread_of(rows, parameters);
  MatrixXd sandwich = half.transpose() * half;
  centred.restore_covariance(sandwich);
  if (model.sign == ThresholdSign::at_least) {
    sandwich.topRows(threshold_parameters(model)) *= -1.0;
    sandwich.leftCols(threshold_parameters(model)) *= -1.0;
  }
  return {sandwich.data(), sandwich.data() + sandwich.size()};
}

LikelihoodRatioTest likelihood_ratio_test(const CumulativeFit& larger,
                                          const CumulativeFit& smaller) {
  ANGIOTRIAL_EXPECT(larger.coefficients.size() > smaller.coefficients.size(), "nested models");
  LikelihoodRatioTest test;
  test.df = static_cast<int>(larger.coefficients.size() - smaller.coefficients.size());
  test.statistic = std::max(0.0, 2.0 * (larger.log_likelihood - smaller.log_likelihood));
  test.p_value = chi_square_tail(test.df, test.statistic);
  return test;
}

std::vector<double> category_probabilities(const CumulativeModel& at,
                                           std::span<const double> coefficients) {
  const auto t = static_cast<std::size_t>(at.categories - 1);
  const std::size_t p = at.proportional_columns;
  const std::size_t q = at.nominal_columns;
  ANGIOTRIAL_EXPECT(coefficients.size() == t * (1 + q) + p, "a coefficient a parameter");
  const VectorXd b = at_most(at, coefficients);
  const std::size_t rows = p > 0   ? at.proportional.size() / p
                           : q > 0 ? at.nominal.size() / q
                                   : at.response.size();
  std::vector<double> out;
  for (std::size_t r = 0; r < rows; ++r) {
    double eta = 0.0;
    for (std::size_t c = 0; c < p; ++c) {
      eta += at.proportional[r * p + c] * b[static_cast<Index>(t * (1 + q) + c)];
    }
    LinkValue before = link_value(at.link, -at.outermost - eta);
    for (std::size_t j = 0; j <= t; ++j) {
      LinkValue here = link_value(at.link, at.outermost - eta);
      if (j < t) {
        double a = b[static_cast<Index>(j)] - eta;
        for (std::size_t c = 0; c < q; ++c) {
          a += at.nominal[r * q + c] * b[static_cast<Index>((1 + c) * t + j)];
        }
        here = link_value(at.link, a);
      }
      out.push_back(before.below > 0.5 ? before.above - here.above : here.below - before.below);
      before = here;
    }
  }
  return out;
}

double concordance(const CumulativeModel& model, const CumulativeFit& fit) {
  ANGIOTRIAL_EXPECT(model.nominal_columns == 0, "a linear predictor");
  const std::size_t n = model.response.size();
  const std::size_t p = model.proportional_columns;
  const auto t = static_cast<std::size_t>(model.categories - 1);
  std::vector<double> eta(n, 0.0);
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t c = 0; c < p; ++c)
      eta[r] += model.proportional[r * p + c] * fit.coefficients[t + c];
  }
  std::vector<double> levels = eta;
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return model.response[a] < model.response[b];
  });
  CumulativeCounts counts(levels.size());
  double pairs = 0.0, concordant = 0.0, total = 0.0;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    double weight = 0.0;
    const auto rank = [&](std::size_t i) {
      return static_cast<std::size_t>(
          std::lower_bound(levels.begin(), levels.end(), eta[order[i]]) - levels.begin());
    };
    const auto weight_of = [&](std::size_t i) {
      return model.weights.empty() ? 1.0 : model.weights[order[i]];
    };
    for (; last < n && model.response[order[last]] == model.response[order[first]]; ++last) {
      const double below = counts.below(rank(last));
      const double tied = counts.below(rank(last) + 1) - below;
      concordant += weight_of(last) * (below + 0.5 * tied);
      pairs += weight_of(last) * total;
      weight += weight_of(last);
    }
    for (std::size_t i = first; i < last; ++i) counts.add(rank(i), weight_of(i));
    total += weight;
    first = last;
  }
  return pairs > 0.0 ? concordant / pairs : std::numeric_limits<double>::quiet_NaN();
}

Contrast linear_contrast(std::span<const double> coefficients, std::span<const double> covariance,
                         std::span<const double> weights, double level) {
  const std::size_t size = coefficients.size();
  ANGIOTRIAL_EXPECT(weights.size() == size && covariance.size() == size * size,
                    "a weight a coefficient");
  double estimate = 0.0, variance = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    estimate += weights[i] * coefficients[i];
    for (std::size_t j = 0; j < size; ++j) {
      variance += weights[i] * weights[j] * covariance[i * size + j];
    }
  }
  return normal_contrast(estimate, std::sqrt(std::max(0.0, variance)), level);
}

Contrast normal_contrast(double estimate, double se, double level) {
  const boost::math::normal standard;
  const double half = boost::math::quantile(standard, 0.5 * (1.0 + level)) * se;
  Contrast out{estimate, se, estimate - half, estimate + half, 1.0};
  if (se > 0.0) {
    out.p_value =
        2.0 * boost::math::cdf(boost::math::complement(standard, std::fabs(estimate / se)));
  }
  return out;
}

}  // namespace angiotrial::analysis
