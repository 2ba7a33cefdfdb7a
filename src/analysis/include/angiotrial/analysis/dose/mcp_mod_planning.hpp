// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// What a trial analysed by MCP-Mod would find, over simulated trials under one true dose-response:
/// how often there is a signal and which shape is chosen, how far the fitted curve is from the
/// truth, and where the estimated target dose falls.
///
/// A trial of normal responses enters MCP-Mod by its means and pooled variance alone, so these are
/// drawn from their exact laws, independent of each other:
///
///   m_i ~ N(f(d_i), sigma^2 / n_i),   s^2 ~ sigma^2 chi-square(nu) / nu,   nu = N - k
namespace angiotrial::analysis {

/// The curve that trials are drawn from.
struct DoseResponseTruth {
  Candidate curve;  ///< a shape with its parameters
  double placebo = 0.0;
  double effect = 0.0;  ///< signed, against placebo, where the curve is furthest from it
  double sigma = 1.0;   ///< standard deviation of a response; > 0
};

struct McpModTrial {
  std::span<const Candidate> candidates;  ///< 1 to 12
  std::span<const double> doses;          ///< rising from placebo (0); 3 to 12
  std::span<const double> sizes;          ///< patients of each dose, at least 1
  double alpha = 0.025;                   ///< one-sided
  double direction = 1.0;                 ///< -1: contrasts point down
  ContrastKind kind = ContrastKind::optimal;
  McpModOptions analysis;   ///< `adjusted_p` is not used: the critical value decides
  double tolerance = 0.25;  ///< a target dose is near within this share of the true one
};

/// A result of a simulation and its Monte Carlo standard error.
struct SimulatedValue {
  double value = 0.0;
  double se = 0.0;
};

/// The error of the fitted curve at one dose, over the trials with a curve.
struct CurveError {
  double dose = 0.0;
  double truth = 0.0;
  SimulatedValue bias;
  SimulatedValue rmse;
};

/// Probabilities 0.05, 0.25, 0.5, 0.75 and 0.95 of the quantiles below.
inline constexpr std::array<double, 5> forecast_probabilities{0.05, 0.25, 0.5, 0.75, 0.95};
using ForecastQuantiles = std::array<double, 5>;

enum class ForecastStatus {
  simulated = 0,
  invalid_doses = 1,      ///< not 3 to 12, or not rising from 0
  invalid_sizes = 2,      ///< not one a dose, below 1, or no degree of freedom left
  invalid_truth = 3,      ///< sigma not positive, numbers not finite, or a curve that is flat
  invalid_parameter = 4,  ///< level, tolerance, target effect, number of trials or of candidates
  no_contrast = 5,        ///< a candidate that is flat at the doses, or against the constraint
};
[[nodiscard]] std::string_view name_of(ForecastStatus status);

struct McpModForecast {
  ForecastStatus status = ForecastStatus::invalid_parameter;
  int trials = 0;
  SimulatedValue power;                     ///< P(some contrast is significant)
  double exact_power = 0.0;                 ///< the same by quadrature
  std::vector<SimulatedValue> significant;  ///< of each candidate's contrast
  /// P(the shape of this candidate is chosen), of all trials, at the first candidate of a shape.
  /// All 0 where curves are averaged.
  std::vector<SimulatedValue> selected;
  SimulatedValue modelled;  ///< P(there is a curve)

  // Over trials with a curve; 0 and empty without one.
  std::vector<CurveError> curve;
  SimulatedValue rmse;             ///< root of the squared error averaged over doses and trials
  ForecastQuantiles trial_rmse{};  ///< of one trial's root mean squared error over the doses

  // Where a target effect is given.
  std::optional<double> target;     ///< the true target dose; absent where the truth never has it
  SimulatedValue target_found;      ///< P(the trial names a dose), of all trials
  SimulatedValue target_near;       ///< P(it is near the true one), of all trials
  SimulatedValue target_mean;       ///< of the doses named
  double target_sd = 0.0;           ///< of the doses named
  ForecastQuantiles target_dose{};  ///< of the doses named
};

/// Trial i draws from (seed, i): the same bytes whatever the number of trials, so that more trials
/// only add to those before. 1 to 10^6 trials.
[[nodiscard]] McpModForecast forecast_mcp_mod(const McpModTrial& trial,
                                              const DoseResponseTruth& truth, int trials,
                                              std::uint64_t seed);

}  // namespace angiotrial::analysis
