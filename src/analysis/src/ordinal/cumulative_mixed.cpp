// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "ordinal/centred_model.hpp"
#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/quasi_newton.hpp"
#include "ordinal/random_intercept_likelihood.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_nodes = 101;

/// Derivative of the log-likelihood in sigma^2 at 0: half the sum over groups of the squared score
/// of the intercept and its derivative.
double score_of_variance(const CumulativeModel& model, const VectorXd& parameters,
                         std::span<const int> group) {
  // An intercept of each group is a shift of all thresholds: its score is their sum.
  CumulativeRows rows;
  rows.read(model);
  const Index head = model.categories - 1;
  const MatrixXd scores = cumulative_scores(rows, parameters);
  std::map<int, double> sums;
  for (std::size_t r = 0; r < group.size(); ++r) {
    sums[group[r]] += scores.row(static_cast<Index>(r)).head(head).sum();
  }
  VectorXd gradient(parameters.size());
  MatrixXd information(parameters.size(), parameters.size());
  (void)cumulative_likelihood(rows, parameters, Order::information, gradient, information);
  double total = -information.topLeftCorner(head, head).sum();
  for (const auto& [label, sum] : sums) total += sum * sum;
  return 0.5 * total;
}

void report_fixed(const CumulativeFit& fixed, RandomInterceptFit& fit) {
  fit.status = OrdinalStatus::no_variance;
  fit.log_likelihood = fixed.log_likelihood;
  fit.coefficients = fixed.coefficients;
  fit.se = fixed.se;
  fit.covariance = fixed.covariance;
}

void report(const Maximum& best, const CumulativeModel& model, const CentredModel& centred,
            RandomInterceptFit& fit) {
  const Index size = best.at.size();
  MatrixXd covariance = best.information.llt().solve(MatrixXd::Identity(size, size));
  VectorXd at = best.at;
  centred.restore(at, covariance);
  if (model.sign == ThresholdSign::at_least) {
    const Index head = (model.categories - 1) * (1 + static_cast<Index>(model.nominal_columns));
    at.head(head) *= -1.0;
    covariance.topRows(head) *= -1.0;
    covariance.leftCols(head) *= -1.0;
  }
  fit.status = OrdinalStatus::fitted;
  fit.log_likelihood = best.value;
  fit.sd = std::exp(at[size - 1]);
  fit.se_log_sd = std::sqrt(covariance(size - 1, size - 1));
  fit.coefficients.assign(at.data(), at.data() + size - 1);
  for (Index i = 0; i + 1 < size; ++i) fit.se.push_back(std::sqrt(covariance(i, i)));
  fit.covariance.assign(covariance.data(), covariance.data() + size * size);
}

/// Each search of the modes starts from the last ones.
Objective objective_of(RandomInterceptLikelihood& likelihood, int nodes) {
  return [&likelihood, nodes](const VectorXd& at, VectorXd& gradient) {
    likelihood.use_nodes(nodes);
    const double value = likelihood.evaluate(at, gradient);
    if (std::isfinite(value)) likelihood.keep_modes();
    return value;
  };
}

/// Whether the sum over the nodes is not the integral at its maximum: it moves with more nodes, or
/// lies below the likelihood without intercepts, which it contains. One node, Laplace's
/// approximation, is asked the second alone.
bool too_coarse(RandomInterceptLikelihood& likelihood, const Maximum& best, int nodes,
                double without) {
  constexpr double tolerance = 0.01;
  const int others = nodes <= most_nodes / 2 ? std::max(2 * nodes + 1, 21) : nodes / 2 + 1;
  VectorXd gradient;
  likelihood.use_nodes(others);
  const double other = likelihood.evaluate(best.at, gradient);
  likelihood.use_nodes(nodes);
  if (!(std::min(best.value, other) > without - tolerance)) return true;
  return nodes > 1 && !(std::fabs(best.value - other) < tolerance);
}

}  // namespace

RandomInterceptFit fit_random_intercept(const RandomInterceptModel& model) {
  ANGIOTRIAL_EXPECT(model.group.size() == model.fixed.response.size(), "a group a row");
  RandomInterceptFit fit;
  if (model.fixed.link != CumulativeLink::logit || !std::isinf(model.fixed.outermost)) return fit;
  if (model.nodes < 1 || model.nodes > most_nodes) return fit;
  CumulativeModel at_most = model.fixed;
  at_most.sign = ThresholdSign::at_most;
  CentredModel centred;
  at_most = centred.of(at_most);
  const CumulativeFit fixed = fit_cumulative_model(at_most);
  fit.status = fixed.status;
  if (fixed.status != OrdinalStatus::fitted) return fit;
  fit.status = OrdinalStatus::single_rows;
  const std::set<int> labels(model.group.begin(), model.group.end());
  if (labels.size() >= model.group.size()) return fit;
  VectorXd start(static_cast<Index>(fixed.coefficients.size()) + 1);
  start.head(start.size() - 1) =
      Eigen::Map<const VectorXd>(fixed.coefficients.data(), start.size() - 1);
  RandomInterceptLikelihood likelihood(at_most, model.group, model.nodes);
  if (!(score_of_variance(at_most, start.head(start.size() - 1), model.group) > 0.0)) {
    report_fixed(fit_cumulative_model(model.fixed), fit);
    fit.intercepts.assign(likelihood.groups(), 0.0);
    return fit;
  }
  // Coefficients given an intercept are larger than marginal ones by about this much at sd 1.
  constexpr double attenuation = 1.16;
  start *= attenuation;
  start[start.size() - 1] = 0.0;
  const Objective objective = objective_of(likelihood, model.nodes);
  const Objective rough = objective_of(likelihood, std::min(model.nodes, 3));
  const Maximum best = maximise(objective, rough, start);
  fit.evaluations = best.evaluations;
  fit.status = OrdinalStatus::not_converged;
  if (!best.converged) return fit;
  fit.status = OrdinalStatus::coarse_quadrature;
  if (too_coarse(likelihood, best, model.nodes, fixed.log_likelihood)) return fit;
  report(best, model.fixed, centred, fit);
  VectorXd gradient;
  (void)likelihood.evaluate(best.at, gradient);
  fit.intercepts = likelihood.modes();
  return fit;
}

}  // namespace angiotrial::analysis
