// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/plain_fit_status.hpp"
#include "counts/random_intercept_ascent.hpp"
#include "reference_distributions.hpp"

#include <Eigen/Cholesky>

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

}  // namespace

/// Each kind of model has an ascent of its own, so that none changes size from trial to trial.
struct InterceptWorkspace::State {
  NegativeBinomialWorkspace plain;
  Eigen::LLT<MatrixXd> cholesky;
  InterceptStart start;
  InterceptLikelihood likelihood;
  InterceptAscent with{likelihood}, poisson_with{likelihood};
  InterceptAscent without{likelihood}, poisson_without{likelihood};
  VectorXd psi, gradient;
  InterceptFit fit;
};

namespace {

using State = InterceptWorkspace::State;

/// The maximum of the family, or of Poisson where the likelihood rises to phi = 0.
InterceptAscent& best(State& s, CountFamily family, bool intercept) {
  InterceptAscent& dispersed = intercept ? s.with : s.without;
  InterceptAscent& poisson = intercept ? s.poisson_with : s.poisson_without;
  if (family != CountFamily::poisson) {
    dispersed.climb(s.start, family, intercept);
    const double log_phi = dispersed.psi()[dispersed.psi().size() - 1];
    if (dispersed.converged() && std::exp(log_phi) > small_phi) return dispersed;
  }
  poisson.climb(s.start, CountFamily::poisson, intercept);
  if (family == CountFamily::poisson) return poisson;
  const bool higher = poisson.log_likelihood() >= dispersed.log_likelihood() - same_likelihood;
  return poisson.converged() && (higher || !dispersed.converged()) ? poisson : dispersed;
}

/// Whether the likelihood falls as sigma leaves 0.
bool falls_from_zero(State& s, const InterceptAscent& without) {
  s.psi = without.psi();
  const Index p = s.psi.size() - 2;
  s.psi[p] = std::log(small_sigma);
  s.likelihood.evaluate(s.psi, without.family(), s.gradient);
  return s.gradient[p] <= 1.0e-9;
}

InterceptStatus status_of(const InterceptAscent& top, CountFamily family) {
  const bool at_poisson = top.family() != family;
  if (!top.intercept()) {
    return at_poisson ? InterceptStatus::both_boundaries : InterceptStatus::no_patient_variance;
  }
  return at_poisson ? InterceptStatus::poisson_boundary : InterceptStatus::fitted;
}

void report(State& s, InterceptAscent& top, CountFamily family) {
  InterceptFit& fit = s.fit;
  const VectorXd& psi = top.psi();
  const MatrixXd& covariance = top.covariance();
  const Index p = psi.size() - 2;
  fit.status = status_of(top, family);
  fit.log_likelihood = s.likelihood.evaluate(psi, top.family(), s.gradient);
  fit.sigma = std::exp(psi[p]);
  fit.dispersion = top.family() == CountFamily::poisson ? 0.0 : std::exp(psi[p + 1]);
  fit.coefficients.assign(psi.data(), psi.data() + p);
  for (Index a = 0; a < p; ++a) {
    fit.se.push_back(std::sqrt(covariance(a, a)));
    for (Index b = 0; b < p; ++b) fit.covariance.push_back(covariance(a, b));
  }
  fit.se_log_sigma = std::sqrt(covariance(p, p));
  fit.se_log_dispersion = std::sqrt(covariance(p + 1, p + 1));
  fit.effects = s.likelihood.modes();
  for (double& effect : fit.effects) effect *= fit.sigma;
}

void fit_from_start(State& s, CountFamily family) {
  InterceptFit& fit = s.fit;
  InterceptAscent& with = best(s, family, true);
  InterceptAscent& without = best(s, family, false);
  const Index p = s.start.beta.size();
  const double gain = with.log_likelihood() - without.log_likelihood();
  const bool interior =
      with.converged() && gain > same_likelihood && std::exp(with.psi()[p]) > small_sigma;
  if (interior) {
    report(s, with, family);
    if (without.converged()) {
      fit.variance_statistic = 2.0 * gain;
      fit.variance_p_value = 0.5 * chi_square_tail(1.0, 2.0 * gain);
    }
  } else if (without.converged() && falls_from_zero(s, without)) {
    report(s, without, family);
  } else {
    fit.status = InterceptStatus::not_converged;
  }
  fit.evaluations = s.likelihood.evaluations();
}

void take_start(const NegativeBinomialFit& independent, State& s) {
  const auto p = static_cast<Index>(independent.coefficients.size());
  s.start.beta = Eigen::Map<const VectorXd>(independent.coefficients.data(), p);
  s.cholesky.compute(Eigen::Map<const MatrixXd>(independent.covariance_expected.data(), p, p));
  s.start.root = s.cholesky.matrixL();
  s.start.phi = independent.dispersion;
}

void clear(InterceptFit& fit) {
  for (auto* values : {&fit.coefficients, &fit.se, &fit.covariance, &fit.effects}) values->clear();
  fit.points = fit.evaluations = fit.patients = 0;
  fit.log_likelihood = fit.sigma = fit.dispersion = 0.0;
  fit.se_log_sigma = fit.se_log_dispersion = 0.0;
  fit.variance_statistic = 0.0;
  fit.variance_p_value = 1.0;
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

InterceptWorkspace::InterceptWorkspace() : state_(std::make_unique<State>()) {}
InterceptWorkspace::~InterceptWorkspace() = default;
InterceptWorkspace::InterceptWorkspace(InterceptWorkspace&&) noexcept = default;
InterceptWorkspace& InterceptWorkspace::operator=(InterceptWorkspace&&) noexcept = default;

InterceptFit fit_random_intercept(const InterceptModel& model) {
  InterceptWorkspace workspace;
  return fit_random_intercept(model, workspace);
}

const InterceptFit& fit_random_intercept(const InterceptModel& model,
                                         InterceptWorkspace& workspace) {
  expect_sizes(model);
  State& s = workspace.state();
  InterceptFit& fit = s.fit;
  clear(fit);
  fit.points = model.points;
  CountModel plain = model.counts;
  plain.aliased = Aliased::refuse;
  const NegativeBinomialFit& independent = fit_negative_binomial(plain, s.plain);
  fit.status = status_of_plain<InterceptStatus>(independent.status);
  if (!usable(independent.status)) return fit;
  s.likelihood.load(model);
  fit.patients = static_cast<int>(s.likelihood.patients());
  fit.status = InterceptStatus::too_few_rows;
  if (fit.patients < 2 || model.counts.counts.size() <= plain.columns + 2) return fit;
  take_start(independent, s);
  fit_from_start(s, model.family);
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
