// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/negative_binomial_state.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using State = NegativeBinomialWorkspace::State;
using Eigen::Index;

/// diag(V M V) of a symmetric V into `out`, as square roots.
void robust_errors(State& s, std::vector<double>& out) {
  rows_of(s.w) = rows_of(s.r).square();
  weighted_gram(design_of(s), s.w, s.gram);
  s.product.noalias() = s.covariance * s.gram;
  for (std::size_t a = 0; a < s.k; ++a) {
    out[s.kept[a]] = std::sqrt(s.product.row(ix(a)).dot(s.covariance.col(ix(a))));
  }
}

void observed_errors(State& s) {
  const Index k = ix(s.k);
  const bool boundary = s.fit.status == FitStatus::poisson_boundary;
  Eigen::MatrixXd& inverse = boundary ? s.product : s.joint_inverse;
  if (boundary) {
    s.cholesky.compute(s.information);
    inverse.setIdentity(k, k);
    s.cholesky.solveInPlace(inverse);
  } else {
    joint_information(s);
    s.joint_cholesky.compute(s.joint);
    inverse.setIdentity(k + 1, k + 1);
    s.joint_cholesky.solveInPlace(inverse);
  }
  for (std::size_t a = 0; a < s.k; ++a) {
    s.fit.se_observed[s.kept[a]] = std::sqrt(inverse(ix(a), ix(a)));
  }
  s.fit.se_log_theta = boundary ? 0.0 : std::sqrt(inverse(k, k));
}

void report(const CountModel& model, State& s) {
  const std::size_t p = model.columns;
  NegativeBinomialFit& fit = s.fit;
  fit.dispersion = s.phi;
  fit.iterations = s.iterations;
  fit.log_likelihood = s.log_likelihood;
  rows_of(s.w) = rows_of(s.mu) * rows_of(s.d);
  weighted_gram(design_of(s), s.w, s.gram);
  s.cholesky.compute(s.gram);
  s.covariance.setIdentity(ix(s.k), ix(s.k));
  s.cholesky.solveInPlace(s.covariance);
  for (std::size_t a = 0; a < s.k; ++a) {
    const std::size_t c = s.kept[a];
    fit.dropped[c] = false;
    fit.coefficients[c] = s.beta[ix(a)];
    fit.se_expected[c] = std::sqrt(s.covariance(ix(a), ix(a)));
    for (std::size_t b = 0; b < s.k; ++b) {
      fit.covariance_expected[c * p + s.kept[b]] = s.covariance(ix(a), ix(b));
    }
  }
  robust_errors(s, fit.se_robust);
  observed_errors(s);
}

/// An empty result of the right size.
void clear(const CountModel& model, NegativeBinomialFit& fit) {
  const std::size_t p = model.columns;
  for (auto* values : {&fit.coefficients, &fit.se_expected, &fit.se_observed, &fit.se_robust}) {
    values->assign(p, 0.0);
  }
  fit.covariance_expected.assign(p * p, 0.0);
  fit.dropped.assign(p, true);
  fit.dispersion = fit.log_likelihood = fit.se_log_theta = 0.0;
  fit.iterations = 0;
}

FitStatus fit_status(const CountModel& model, State& s) {
  if (!valid(model)) return FitStatus::invalid_input;
  if (model.counts.size() < model.columns + 2) return FitStatus::too_few_rows;
  const bool independent = keep_independent(model, s);
  if (!independent && (model.aliased == Aliased::refuse || s.k == 0)) return FitStatus::collinear;
  load_counts(model, s);
  if (s.tail.empty()) return FitStatus::separated;
  return climb(s);
}

}  // namespace

double NegativeBinomialFit::theta() const {
  return dispersion > 0.0 ? 1.0 / dispersion : std::numeric_limits<double>::infinity();
}

NegativeBinomialWorkspace::NegativeBinomialWorkspace() : state_(std::make_unique<State>()) {}
NegativeBinomialWorkspace::~NegativeBinomialWorkspace() = default;
NegativeBinomialWorkspace::NegativeBinomialWorkspace(NegativeBinomialWorkspace&&) noexcept =
    default;
NegativeBinomialWorkspace& NegativeBinomialWorkspace::operator=(
    NegativeBinomialWorkspace&&) noexcept = default;

const NegativeBinomialFit& fit_negative_binomial(const CountModel& model,
                                                 NegativeBinomialWorkspace& workspace) {
  const std::size_t n = model.counts.size();
  ANGIOTRIAL_EXPECT(model.columns > 0, "a model has columns");
  ANGIOTRIAL_EXPECT(model.design.size() == n * model.columns, "the design has a row a count");
  ANGIOTRIAL_EXPECT(model.offset.size() == n, "the offset has a number a count");
  State& s = workspace.state();
  clear(model, s.fit);
  s.fit.status = fit_status(model, s);
  if (usable(s.fit.status)) report(model, s);
  return s.fit;
}

}  // namespace angiotrial::analysis
