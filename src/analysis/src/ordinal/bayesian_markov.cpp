// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>

#include "hermite_rule.hpp"
#include "ordinal/markov_layout.hpp"
#include "ordinal/markov_log_posterior.hpp"
#include "ordinal/quasi_newton.hpp"
#include "symmetric_eigen.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_nodes = 101;
/// No chain has an iteration of this number: its random numbers are free for the starts.
constexpr std::uint32_t start_occasion = 65535;

bool positive(double v) { return std::isfinite(v) && v > 0.0; }

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool valid(const BayesianMarkovModel& model, const MarkovDesign& design) {
  if (!design.valid || model.transitions.current.empty()) return false;
  const auto& weights = model.transitions.weights;
  return finite(model.transitions.covariates) && finite(weights) &&
         std::all_of(weights.begin(), weights.end(), [](double w) { return w >= 0.0; }) &&
         positive(model.priors.threshold_sd) && positive(model.priors.intercept_scale) &&
         std::all_of(model.priors.coefficient_sd.begin(), model.priors.coefficient_sd.end(),
                     positive) &&
         model.nodes >= 1 && model.nodes <= most_nodes && model.sampler.chains > 0;
}

/// The inverse information; where the search stopped short of a maximum, that of the nearest matrix
/// whose eigenvalues are large enough. It only starts the adaptation.
MatrixXd covariance_about(const Maximum& mode) {
  constexpr double smallest = 0.01;  // a variance of 100, beyond any prior of use
  const SymmetricEigen solver(mode.information);
  const VectorXd variances = solver.eigenvalues().cwiseAbs().cwiseMax(smallest).cwiseInverse();
  return solver.eigenvectors() * variances.asDiagonal() * solver.eigenvectors().transpose();
}

/// Points about the mode, twice as spread as the normal approximation; nearer where the density is
/// 0 there.
std::vector<double> starting_points(MarkovLogPosterior& posterior, const Maximum& mode,
                                    const MatrixXd& root, int chains, SamplerSeed seed) {
  constexpr double spread = 2.0;
  constexpr int most_halvings = 40;
  std::vector<double> out;
  VectorXd z(mode.at.size()), gradient;
  for (int c = 0; c < chains; ++c) {
    random::Stream stream =
        random::Streams(seed.seed, seed.replicate, static_cast<std::uint32_t>(c))
            .at(random::Purpose::posterior_sampling, start_occasion);
    for (Index i = 0; i < z.size(); ++i) z[i] = spread * stream.normal();
    VectorXd at = mode.at + root * z;
    for (int h = 0; h < most_halvings && !std::isfinite(posterior.evaluate(at, gradient)); ++h) {
      at = 0.5 * (at + mode.at);
    }
    out.insert(out.end(), at.data(), at.data() + at.size());
  }
  return out;
}

/// Draws in natural parameters and the reported sign.
void to_natural(const MarkovLogPosterior& posterior, const MarkovLayout& layout, ThresholdSign sign,
                NoUTurnSample& sample) {
  const std::size_t d = sample.dimension;
  const std::size_t head = sign == ThresholdSign::at_least
                               ? (layout.level.size() - 1) * (1 + layout.nominal_columns())
                               : 0;
  std::vector<double> phi(d);
  for (std::size_t i = 0; i + d <= sample.values.size(); i += d) {
    std::copy_n(&sample.values[i], d, phi.begin());
    posterior.natural(phi, std::span(sample.values).subspan(i, d));
    for (std::size_t k = 0; k < head; ++k) sample.values[i + k] *= -1.0;
  }
}

void summarise(MarkovPosterior& out) {
  out.worst_r_hat = 0.0;
  out.smallest_size = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < out.sample.dimension; ++i) {
    out.summary.push_back(summarise_draws(out.sample.coordinate(i), out.sample.chains));
    const PosteriorSummary& s = out.summary.back();
    out.worst_r_hat = std::max(out.worst_r_hat, s.r_hat);
    out.smallest_size = std::min({out.smallest_size, s.bulk_size, s.tail_size});
  }
}

}  // namespace

MarkovPosterior sample_markov_posterior(const BayesianMarkovModel& model, SamplerSeed seed) {
  MarkovPosterior out;
  const MarkovDesign design(model.transitions);
  ANGIOTRIAL_EXPECT(model.patient.empty() || model.patient.size() == design.model.response.size() ||
                        !design.valid,
                    "a patient a transition");
  if (!valid(model, design)) return out;
  const MarkovLayout layout(model.transitions);
  const auto thresholds = static_cast<std::size_t>(model.transitions.states - 1);
  ANGIOTRIAL_EXPECT(model.priors.coefficient_sd.empty() ||
                        model.priors.coefficient_sd.size() ==
                            thresholds * layout.nominal_columns() + layout.proportional_columns(),
                    "a prior a coefficient");
  out.sign = model.transitions.sign;
  out.with_intercepts = !model.patient.empty();
  // Rows of different patients are different once there are intercepts.
  const AggregatedRows cells =
      out.with_intercepts ? AggregatedRows{} : aggregate_rows(design.model);
  MarkovLogPosterior posterior(out.with_intercepts ? design.model : cells.in_place_of(design.model),
                               model.patient, model.nodes, model.priors);
  out.status = PosteriorStatus::no_mode;
  const Objective objective = [&](const VectorXd& at, VectorXd& gradient) {
    const double value = posterior.evaluate(at, gradient);
    if (std::isfinite(value)) posterior.keep_modes();
    return value;
  };
  const Maximum mode = maximise(objective, objective, posterior.guess());
  if (!std::isfinite(mode.value) || mode.information.size() == 0) return out;
  if (!mode.information.allFinite()) return out;
  const Index d = posterior.dimension();
  const MatrixXd covariance = covariance_about(mode);
  const MatrixXd root = covariance.llt().matrixL();
  posterior.follow_modes(mode.at, root);
  const std::vector<double> starts =
      starting_points(posterior, mode, root, model.sampler.chains, seed);
  VectorXd at(d), slope(d);
  const LogDensity density = [&](std::span<const double> position, std::span<double> gradient) {
    at = Eigen::Map<const VectorXd>(position.data(), d);
    const double value = posterior.evaluate(at, slope);
    std::copy_n(slope.data(), d, gradient.data());
    return value;
  };
  out.sample = sample_no_u_turn(
      density, static_cast<std::size_t>(d),
      {starts, std::span(covariance.data(), static_cast<std::size_t>(d * d))}, model.sampler, seed);
  out.status = PosteriorStatus::not_sampled;
  if (out.sample.status != SamplerStatus::sampled) return out;
  out.status = PosteriorStatus::sampled;
  to_natural(posterior, layout, out.sign, out.sample);
  summarise(out);
  return out;
}

OddsRatio posterior_odds_ratio(const MarkovPosterior& posterior, std::size_t column, double level) {
  const PosteriorSummary s =
      summarise_draws(posterior.sample.coordinate(column), posterior.sample.chains, level);
  return {std::exp(s.median), std::exp(s.lower), std::exp(s.upper), 1.0 - s.above_zero};
}

namespace {

/// Nodes and weights of the expectation over N(0, 1).
std::vector<std::pair<double, double>> normal_rule(int nodes) {
  const HermiteRule rule(nodes);
  std::vector<std::pair<double, double>> out;
  for (std::size_t i = 0; i < rule.node.size(); ++i) {
    const double x = rule.node[i];
    out.emplace_back(std::numbers::sqrt2 * x,
                     std::exp(rule.log_weight[i] - x * x) * std::numbers::inv_sqrtpi);
  }
  return out;
}

}  // namespace

std::vector<std::vector<double>> posterior_total_draws(const BayesianMarkovModel& model,
                                                       const MarkovPosterior& posterior,
                                                       const MarkovCourses& courses,
                                                       std::span<const double> scores,
                                                       std::size_t thin, int intercept_nodes) {
  ANGIOTRIAL_EXPECT(posterior.status == PosteriorStatus::sampled && thin > 0,
                    "a sampled posterior");
  const auto states = static_cast<std::size_t>(model.transitions.states);
  ANGIOTRIAL_EXPECT(scores.size() % states == 0, "a score a state");
  const NoUTurnSample& sample = posterior.sample;
  const std::size_t d = sample.dimension;
  const std::size_t coefficients = d - (posterior.with_intercepts ? 1 : 0);
  const auto rule = normal_rule(posterior.with_intercepts ? intercept_nodes : 1);
  std::vector<std::vector<double>> out(scores.size() / states);
  for (std::size_t c = 0; c < sample.chains; ++c) {
    for (std::size_t i = 0; i < sample.draws; i += thin) {
      const auto draw = std::span(sample.values).subspan((c * sample.draws + i) * d, d);
      for (auto& totals : out) totals.push_back(0.0);
      for (const auto& [node, weight] : rule) {
        const double shift = posterior.with_intercepts ? draw.back() * node : 0.0;
        const StateOccupancy occupancy =
            state_occupancy(model.transitions, draw.first(coefficients), courses, false, shift);
        for (std::size_t s = 0; s < out.size(); ++s) {
          out[s].back() += weight * occupancy_total(occupancy, scores.subspan(s * states, states));
        }
      }
    }
  }
  return out;
}

PosteriorTotals posterior_totals(const BayesianMarkovModel& model, const MarkovPosterior& posterior,
                                 const MarkovCourses& first, const MarkovCourses& second,
                                 std::span<const double> scores, std::size_t thin,
                                 int intercept_nodes, double level) {
  const auto draws = [&](const MarkovCourses& courses) {
    return posterior_total_draws(model, posterior, courses, scores, thin, intercept_nodes)[0];
  };
  const std::vector<double> one = draws(first), two = draws(second);
  std::vector<double> difference(one);
  for (std::size_t i = 0; i < two.size(); ++i) difference[i] -= two[i];
  const std::size_t chains = posterior.sample.chains;
  return {summarise_draws(one, chains, level), summarise_draws(two, chains, level),
          summarise_draws(difference, chains, level)};
}

std::string_view name_of(PosteriorStatus status) {
  switch (status) {
    case PosteriorStatus::sampled:
      return "sampled";
    case PosteriorStatus::invalid_input:
      return "invalid input";
    case PosteriorStatus::no_mode:
      return "the log posterior has no maximum";
    case PosteriorStatus::not_sampled:
      return "not sampled";
  }
  return "";
}

}  // namespace angiotrial::analysis
