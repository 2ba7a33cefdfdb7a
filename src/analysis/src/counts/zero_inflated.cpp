// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/counts/zero_inflated.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/plain_fit_status.hpp"
#include "counts/zero_ascent.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double same_likelihood = 1.0e-7;
/// Below it the fit is compared with Poisson; above its bound phi runs to infinity.
constexpr double small_phi = 1.0e-3;
constexpr double largest_phi = 1.0e4;
/// A logit of 25, rates 1e8 apart or all means below e^-15: the estimate runs to infinity.
constexpr double largest_logit = 25.0;
constexpr double largest_rate_range = 18.4;
constexpr double least_eta = -15.0;

/// Starting values with a given share of the zeros taken as structural: a logistic fit to that
/// share and a Poisson fit with the rest as weight. The hurdle parts need no share.
bool start(const ZeroCountModel& model, double share, ZeroStatus& why, VectorXd& psi) {
  const std::size_t n = model.counts.counts.size();
  std::vector<double> zero(n), weight(n), y(n);
  const bool hurdle = model.part == ZeroPart::hurdle;
  for (std::size_t i = 0; i < n; ++i) {
    y[i] = model.counts.counts[i];
    const bool none = model.counts.counts[i] == 0;
    zero[i] = hurdle ? (none ? 0.0 : 1.0) : (none ? share : 0.0);
    weight[i] = none ? (hurdle ? 1.0e-6 : 1.0 - share) : 1.0;
  }
  LinearModel logistic;
  logistic.response = zero;
  logistic.design = model.zero_design;
  logistic.columns = model.zero_columns;
  logistic.family = Family::binomial;
  LinearModel poisson;
  poisson.response = y;
  poisson.design = model.counts.design;
  poisson.columns = model.counts.columns;
  poisson.family = Family::poisson;
  poisson.weights = weight;
  poisson.offset = model.counts.offset;
  const LinearFit gamma = fit_linear_model(logistic);
  const LinearFit beta = fit_linear_model(poisson);
  for (const LinearStatus status : {gamma.status, beta.status}) {
    if (status == LinearStatus::fitted) continue;
    why = status_of_plain<ZeroStatus>(status);
    return false;
  }
  const auto p = static_cast<Index>(model.counts.columns);
  const auto q = static_cast<Index>(model.zero_columns);
  psi.resize(p + q + 1);
  psi.head(p) = Eigen::Map<const VectorXd>(beta.coefficients.data(), p);
  psi.segment(p, q) = Eigen::Map<const VectorXd>(gamma.coefficients.data(), q);
  psi[p + q] = std::log(0.5);
  return true;
}

/// The highest of the tops that are reached with different shares of structural zeros.
ZeroTop best(const ZeroCountModel& model, ZeroLikelihood& likelihood, ZeroStatus& why) {
  constexpr double shares[] = {0.5, 0.1, 0.9};
  ZeroTop top;
  for (const double share : shares) {
    VectorXd psi;
    if (!start(model, share, why, psi)) return {};
    ZeroTop other = climb_zero_counts(likelihood, psi.head(likelihood.parameters()));
    if (other.value > top.value + (top.converged ? same_likelihood : 0.0) ||
        (other.converged && !top.converged && other.value > top.value - same_likelihood)) {
      top = std::move(other);
    }
    if (model.part == ZeroPart::hurdle) break;
  }
  return top;
}

void fill(const ZeroCountModel& model, const ZeroTop& top, ZeroLikelihood& likelihood,
          ZeroCountFit& fit) {
  const auto p = static_cast<Index>(model.counts.columns);
  const auto q = static_cast<Index>(model.zero_columns);
  fit.log_likelihood = likelihood.evaluate(top.psi);
  const Index k = likelihood.parameters();
  const MatrixXd v = likelihood.information().llt().solve(MatrixXd::Identity(k, k));
  const VectorXd se = v.diagonal().cwiseSqrt();
  fit.coefficients.assign(top.psi.data(), top.psi.data() + p);
  fit.zero_coefficients.assign(top.psi.data() + p, top.psi.data() + p + q);
  fit.se.assign(se.data(), se.data() + p);
  fit.zero_se.assign(se.data() + p, se.data() + p + q);
  const MatrixXd block = v.topLeftCorner(p + q, p + q);
  fit.covariance.assign(block.data(), block.data() + block.size());
  fit.dispersion = k > p + q ? std::exp(top.psi[p + q]) : 0.0;
  fit.se_log_theta = k > p + q ? se[p + q] : 0.0;
  fit.mean.assign(likelihood.mean().data(), likelihood.mean().data() + likelihood.mean().size());
}

/// The fit without a zero part, of the family of the model.
struct Plain {
  double value = -infinity;
  double phi = 0.0;
  double se_log_theta = 0.0;
  std::vector<double> beta, covariance;
};

Plain plain_poisson(const ZeroCountModel& model) {
  const std::vector<double> y(model.counts.counts.begin(), model.counts.counts.end());
  LinearModel poisson;
  poisson.response = y;
  poisson.design = model.counts.design;
  poisson.columns = model.counts.columns;
  poisson.family = Family::poisson;
  poisson.offset = model.counts.offset;
  const LinearFit fit = fit_linear_model(poisson);
  if (fit.status != LinearStatus::fitted) return {};
  return {fit.log_likelihood, 0.0, 0.0, fit.coefficients, fit.bread};
}

void fill_plain(const ZeroCountModel& model, const Plain& plain, ZeroCountFit& fit) {
  const std::size_t p = model.counts.columns;
  const std::size_t q = model.zero_columns;
  fit.status = ZeroStatus::no_excess_zeros;
  fit.log_likelihood = plain.value;
  fit.coefficients = plain.beta;
  fit.zero_coefficients.assign(q, -infinity);
  fit.zero_se.assign(q, 0.0);
  fit.dispersion = plain.phi;
  fit.se_log_theta = plain.se_log_theta;
  fit.covariance.assign((p + q) * (p + q), 0.0);
  for (std::size_t a = 0; a < p; ++a) {
    fit.se.push_back(std::sqrt(plain.covariance[a * p + a]));
    for (std::size_t b = 0; b < p; ++b) {
      fit.covariance[a * (p + q) + b] = plain.covariance[a * p + b];
    }
  }
  for (std::size_t i = 0; i < model.counts.counts.size(); ++i) {
    double eta = model.counts.offset[i];
    for (std::size_t c = 0; c < p; ++c) eta += model.counts.design[i * p + c] * plain.beta[c];
    fit.mean.push_back(std::exp(eta));
  }
}

void expect_sizes(const ZeroCountModel& model) {
  const std::size_t n = model.counts.counts.size();
  ANGIOTRIAL_EXPECT(model.zero_columns > 0, "a zero part has columns");
  ANGIOTRIAL_EXPECT(model.zero_design.size() == n * model.zero_columns, "a zero row a count");
  ANGIOTRIAL_EXPECT(model.counts.design.size() == n * model.counts.columns, "a row a count");
  ANGIOTRIAL_EXPECT(model.counts.offset.size() == n, "an offset a count");
}

/// Positive counts against parameters of the count part; zeros.
ZeroStatus enough(const ZeroCountModel& model) {
  const auto& y = model.counts.counts;
  const auto zeros = static_cast<std::size_t>(std::count(y.begin(), y.end(), 0));
  const std::size_t parameters = model.counts.columns + model.zero_columns + 1;
  const bool hurdle = model.part == ZeroPart::hurdle;
  if (y.size() <= parameters) return ZeroStatus::too_few_rows;
  if (hurdle && y.size() - zeros <= model.counts.columns + 1) return ZeroStatus::too_few_rows;
  return zeros == 0 ? ZeroStatus::no_zeros : ZeroStatus::fitted;
}

bool runs_away(const ZeroLikelihood& at) {
  return at.largest_logit() > largest_logit || at.rate_range() > largest_rate_range ||
         at.largest_eta() < least_eta;
}

/// Ascends with the family of the model and, where phi falls to 0, with Poisson.
void fit_parts(const ZeroCountModel& model, const Plain& plain, ZeroCountFit& fit) {
  fit.status = ZeroStatus::not_converged;
  ZeroLikelihood likelihood(model, model.negative_binomial);
  ZeroLikelihood poisson(model, false);
  ZeroStatus why = ZeroStatus::not_converged;
  ZeroTop top = best(model, likelihood, why);
  if (top.psi.size() == 0) {
    fit.status = why;
    return;
  }
  const double phi = model.negative_binomial ? std::exp(top.psi[top.psi.size() - 1]) : 0.0;
  bool boundary = false;
  if (model.negative_binomial && (!top.converged || phi < small_phi)) {
    ZeroTop even = best(model, poisson, why);
    boundary = even.converged && even.value >= top.value - same_likelihood;
    if (boundary) top = std::move(even);
  }
  ZeroLikelihood& chosen = boundary ? poisson : likelihood;
  chosen.evaluate(top.psi);
  fit.iterations = top.iterations;
  if (model.part == ZeroPart::inflated && plain.value >= top.value - same_likelihood) {
    fill_plain(model, plain, fit);
  } else if (!boundary && phi > largest_phi) {
    fit.status = ZeroStatus::unbounded_dispersion;
  } else if (runs_away(chosen)) {
    fit.status = ZeroStatus::separated;
  } else if (top.converged) {
    fit.status = boundary ? ZeroStatus::poisson_boundary : ZeroStatus::fitted;
    fill(model, top, chosen, fit);
  }
}

}  // namespace

std::string_view name_of(ZeroStatus status) {
  constexpr std::string_view names[] = {
      "fitted",        "Poisson boundary",  "no excess zeros", "too few rows",
      "separated",     "collinear columns", "no zeros",        "unbounded dispersion",
      "invalid input", "not converged"};
  return names[static_cast<std::size_t>(status)];
}

ZeroCountFit fit_zero_counts(const ZeroCountModel& model) {
  expect_sizes(model);
  ZeroCountFit fit;
  NegativeBinomialWorkspace workspace;
  CountModel counts = model.counts;
  counts.aliased = Aliased::refuse;
  const NegativeBinomialFit& plain = fit_negative_binomial(counts, workspace);
  fit.status = status_of_plain<ZeroStatus>(plain.status);
  if (!usable(plain.status)) return fit;
  fit.status = ZeroStatus::invalid_input;
  for (const double z : model.zero_design) {
    if (!std::isfinite(z)) return fit;
  }
  fit.status = enough(model);
  if (fit.status != ZeroStatus::fitted) return fit;
  if (model.negative_binomial) {
    fit_parts(model,
              {plain.log_likelihood, plain.dispersion, plain.se_log_theta, plain.coefficients,
               count_covariance(counts, plain, CountVariance::observed)},
              fit);
  } else {
    fit_parts(model, plain_poisson(model), fit);
  }
  return fit;
}

ZeroCountDerivatives zero_count_likelihood(const ZeroCountModel& model,
                                           std::span<const double> parameters) {
  expect_sizes(model);
  ZeroLikelihood likelihood(model, model.negative_binomial);
  ANGIOTRIAL_EXPECT(parameters.size() == static_cast<std::size_t>(likelihood.parameters()),
                    "beta, gamma and, for negative binomial counts, ln phi");
  ZeroCountDerivatives out;
  out.log_likelihood = likelihood.evaluate(
      Eigen::Map<const VectorXd>(parameters.data(), static_cast<Index>(parameters.size())));
  const VectorXd& gradient = likelihood.gradient();
  out.gradient.assign(gradient.data(), gradient.data() + gradient.size());
  const MatrixXd hessian = -likelihood.information();
  out.hessian.assign(hessian.data(), hessian.data() + hessian.size());
  return out;
}

}  // namespace angiotrial::analysis
