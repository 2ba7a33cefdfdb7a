// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/plain_fit_status.hpp"
#include "counts/random_intercept_ascent.hpp"
#include "reference_distributions.hpp"

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
/// Below these an estimate is compared with the fit at 0.
constexpr double small_sigma = 1.0e-3;
constexpr double small_phi = 1.0e-3;
/// Two log-likelihoods this near are the same maximum.
constexpr double same_likelihood = 1.0e-7;

struct Maximum {
  bool converged = false;
  bool poisson = false;  ///< no dispersion was estimated
  bool intercept = false;
  double log_likelihood = -infinity;
  VectorXd psi;         ///< beta, log sigma, log phi
  MatrixXd covariance;  ///< of psi; 0 where a parameter was not estimated
};

/// Where the ascent starts, from a fit without intercepts.
struct Start {
  VectorXd beta;
  MatrixXd root;  ///< of the covariance of beta
  double phi = 0.0;
};

Maximum maximise(InterceptLikelihood& likelihood, const Start& start, CountFamily family,
                 bool intercept) {
  const Index p = start.beta.size();
  const bool dispersed = family != CountFamily::poisson;
  VectorXd base(p + 2);
  base.head(p) = start.beta;
  base[p] = intercept ? std::log(0.5) : -infinity;
  base[p + 1] = std::log(std::clamp(intercept ? 0.5 * start.phi : start.phi, 0.05, 20.0));
  const Index free = p + (intercept ? 1 : 0) + (dispersed ? 1 : 0);
  MatrixXd transform = MatrixXd::Zero(p + 2, free);
  transform.topLeftCorner(p, p) = start.root;
  constexpr double typical_error = 0.2;  // of log sigma and log phi
  if (intercept) transform(p, p) = typical_error;
  if (dispersed) transform(p + 1, free - 1) = typical_error;
  Maximum out;
  out.intercept = intercept;
  out.poisson = !dispersed;
  InterceptAscent ascent(likelihood, family, base, transform);
  out.converged = ascent.climb();
  out.psi = ascent.psi();
  out.log_likelihood = ascent.value();
  if (out.converged) out.covariance = ascent.covariance();
  return out;
}

/// The maximum of the family, or of Poisson where the likelihood rises to phi = 0.
Maximum best(InterceptLikelihood& likelihood, const Start& start, CountFamily family,
             bool intercept) {
  Maximum out = maximise(likelihood, start, family, intercept);
  const double phi = std::exp(out.psi[out.psi.size() - 1]);
  if (family == CountFamily::poisson || (out.converged && phi > small_phi)) return out;
  const Maximum poisson = maximise(likelihood, start, CountFamily::poisson, intercept);
  const bool higher = poisson.log_likelihood >= out.log_likelihood - same_likelihood;
  return poisson.converged && (higher || !out.converged) ? poisson : out;
}

/// Whether the likelihood falls as sigma leaves 0.
bool falls_from_zero(InterceptLikelihood& likelihood, const Maximum& without, CountFamily family) {
  VectorXd psi = without.psi;
  VectorXd gradient;
  const Index p = psi.size() - 2;
  psi[p] = std::log(small_sigma);
  likelihood.evaluate(psi, without.poisson ? CountFamily::poisson : family, gradient);
  return gradient[p] <= 1.0e-9;
}

void report(InterceptLikelihood& likelihood, const Maximum& top, CountFamily family,
            InterceptFit& fit) {
  VectorXd gradient;
  const Index p = top.psi.size() - 2;
  const bool dispersed = !top.poisson;
  fit.log_likelihood =
      likelihood.evaluate(top.psi, top.poisson ? CountFamily::poisson : family, gradient);
  fit.sigma = std::exp(top.psi[p]);
  fit.dispersion = dispersed ? std::exp(top.psi[p + 1]) : 0.0;
  fit.coefficients.assign(top.psi.data(), top.psi.data() + p);
  fit.covariance.resize(static_cast<std::size_t>(p * p));
  for (Index a = 0; a < p; ++a) {
    fit.se.push_back(std::sqrt(top.covariance(a, a)));
    for (Index b = 0; b < p; ++b) {
      fit.covariance[static_cast<std::size_t>(a * p + b)] = top.covariance(a, b);
    }
  }
  fit.se_log_sigma = std::sqrt(top.covariance(p, p));
  fit.se_log_dispersion = std::sqrt(top.covariance(p + 1, p + 1));
  fit.effects = likelihood.modes();
  for (double& effect : fit.effects) effect *= fit.sigma;
}

InterceptStatus status_of(const Maximum& top, CountFamily family) {
  const bool at_poisson = top.poisson && family != CountFamily::poisson;
  if (!top.intercept) {
    return at_poisson ? InterceptStatus::both_boundaries : InterceptStatus::no_patient_variance;
  }
  return at_poisson ? InterceptStatus::poisson_boundary : InterceptStatus::fitted;
}

void fit_from(const InterceptModel& model, const Start& start, InterceptFit& fit) {
  InterceptLikelihood likelihood(model);
  const Maximum with = best(likelihood, start, model.family, true);
  const Maximum without = best(likelihood, start, model.family, false);
  const Index p = start.beta.size();
  const double gain = with.log_likelihood - without.log_likelihood;
  const bool interior =
      with.converged && gain > same_likelihood && std::exp(with.psi[p]) > small_sigma;
  if (interior) {
    fit.status = status_of(with, model.family);
    report(likelihood, with, model.family, fit);
    if (without.converged) {
      fit.variance_statistic = 2.0 * gain;
      fit.variance_p_value = 0.5 * chi_square_tail(1.0, 2.0 * gain);
    }
  } else if (without.converged && falls_from_zero(likelihood, without, model.family)) {
    fit.status = status_of(without, model.family);
    report(likelihood, without, model.family, fit);
  } else {
    fit.status = InterceptStatus::not_converged;
  }
  fit.evaluations = likelihood.evaluations();
}

void expect_sizes(const InterceptModel& model) {
  ANGIOTRIAL_EXPECT(model.patient.size() == model.counts.counts.size(), "a patient a count");
  ANGIOTRIAL_EXPECT(model.points >= 1 && model.points <= 101, "1 to 101 quadrature points");
}

}  // namespace

double InterceptFit::theta() const { return dispersion > 0.0 ? 1.0 / dispersion : infinity; }

std::string_view name_of(InterceptStatus status) {
  constexpr std::string_view names[] = {"fitted",
                                        "no variance between patients",
                                        "Poisson boundary",
                                        "no variance between patients, Poisson boundary",
                                        "too few rows or patients",
                                        "a group without events",
                                        "collinear columns",
                                        "invalid input",
                                        "not converged"};
  return names[static_cast<std::size_t>(status)];
}

InterceptFit fit_random_intercept(const InterceptModel& model) {
  expect_sizes(model);
  InterceptFit fit;
  fit.points = model.points;
  NegativeBinomialWorkspace workspace;
  CountModel plain = model.counts;
  plain.aliased = Aliased::refuse;
  const NegativeBinomialFit& independent = fit_negative_binomial(plain, workspace);
  fit.status = status_of_plain<InterceptStatus>(independent.status);
  if (!usable(independent.status)) return fit;
  std::vector<int> labels(model.patient.begin(), model.patient.end());
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  fit.patients = static_cast<int>(labels.size());
  fit.status = InterceptStatus::too_few_rows;
  if (labels.size() < 2 || model.counts.counts.size() <= plain.columns + 2) return fit;
  const auto p = static_cast<Index>(plain.columns);
  Start start;
  start.beta = Eigen::Map<const VectorXd>(independent.coefficients.data(), p);
  start.root =
      Eigen::Map<const MatrixXd>(independent.covariance_expected.data(), p, p).llt().matrixL();
  start.phi = independent.dispersion;
  fit_from(model, start, fit);
  return fit;
}

InterceptGradient random_intercept_likelihood(const InterceptModel& model,
                                              std::span<const double> beta, double log_sigma,
                                              double log_phi) {
  expect_sizes(model);
  ANGIOTRIAL_EXPECT(beta.size() == model.counts.columns, "a coefficient a column");
  InterceptLikelihood likelihood(model);
  const auto p = static_cast<Index>(beta.size());
  VectorXd psi(p + 2);
  psi.head(p) = Eigen::Map<const VectorXd>(beta.data(), p);
  psi[p] = log_sigma;
  psi[p + 1] = log_phi;
  VectorXd gradient;
  InterceptGradient out;
  out.log_likelihood = likelihood.evaluate(psi, model.family, gradient);
  out.gradient.assign(gradient.data(), gradient.data() + gradient.size());
  return out;
}

}  // namespace angiotrial::analysis
