// SPDX-License-Identifier: Apache-2.0
// Planning of MCP-Mod trials: simulated results against quadrature and closed forms.
#include <gtest/gtest.h>

#include <angiotrial/analysis/dose/mcp_mod_planning.hpp>
#include <angiotrial/random/stream.hpp>

#include <cmath>
#include <numeric>

#include "plan_dose_case.hpp"

namespace angiotrial::analysis {
namespace {

const std::vector<double> doses{0.0, 1.0, 5.0, 10.0};
const std::vector<double> sizes{42.0, 42.0, 42.0, 41.0};
const std::vector<Candidate> three{{"linear", Shape::linear, {}, {}},
                                   {"emax", Shape::emax, {1.5}, {}},
                                   {"quadratic", Shape::quadratic, {-0.06}, {}}};

McpModTrial trial_of(std::span<const Candidate> candidates) {
  McpModTrial trial{candidates, doses, sizes, 0.025, 1.0, ContrastKind::optimal, {}, 0.25};
  trial.analysis.target_effect = 0.5;
  return trial;
}

/// Five Monte Carlo standard errors: a seed in two million fails by chance.
void expect_within(const SimulatedValue& x, double truth) {
  EXPECT_NEAR(x.value, truth, 5.0 * x.se + 1.0e-12);
}

TEST(McpModPlanning, PowerIsThatOfTheQuadrature) {
  for (const double effect : {0.0, 0.5, 1.0}) {
    const DoseResponseTruth truth{three[1], 0.3, effect, 1.5};
    const McpModForecast f = forecast_mcp_mod(trial_of(three), truth, 4000, 11);
    ASSERT_EQ(f.status, ForecastStatus::simulated);
    expect_within(f.power, f.exact_power);
    if (effect == 0.0) {
      EXPECT_NEAR(f.exact_power, 0.025, 1.0e-8);
    }
    EXPECT_LE(f.modelled.value, f.power.value);
  }
}

TEST(McpModPlanning, TheTruthIsTheCurveAskedFor) {
  const DoseResponseTruth truth{three[1], 0.3, 1.0, 1.5};
  const McpModForecast f = forecast_mcp_mod(trial_of(three), truth, 50, 2);
  const double most = 10.0 / 11.5;
  ASSERT_EQ(f.curve.size(), doses.size());
  for (const CurveError& at : f.curve) {
    EXPECT_NEAR(at.truth, 0.3 + at.dose / (1.5 + at.dose) / most, 1.0e-12);
  }
  // d / (1.5 + d) = 0.5 most
  EXPECT_NEAR(*f.target, 1.5 * 0.5 * most / (1.0 - 0.5 * most), 1.0e-10);
}

// One straight line, and an effect that no trial misses: least squares in closed form.
TEST(McpModPlanning, AStraightLineHasTheErrorsOfLeastSquares) {
  const std::vector<Candidate> line{three[0]};
  const DoseResponseTruth truth{line[0], 1.0, 4.0, 1.5};
  McpModTrial trial = trial_of(line);
  trial.analysis.target_effect = 2.0;
  const McpModForecast f = forecast_mcp_mod(trial, truth, 4000, 5);
  ASSERT_EQ(f.modelled.value, 1.0);
  ASSERT_EQ(f.selected[0].value, 1.0);
  const double n = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  double mean = 0.0, spread = 0.0, total = 0.0;
  for (std::size_t i = 0; i < doses.size(); ++i) mean += sizes[i] * doses[i] / n;
  for (std::size_t i = 0; i < doses.size(); ++i) {
    spread += sizes[i] * (doses[i] - mean) * (doses[i] - mean);
  }
  for (const CurveError& at : f.curve) {
    const double off = at.dose - mean;
    const double variance = 1.5 * 1.5 * (1.0 / n + off * off / spread);
    expect_within(at.bias, 0.0);
    expect_within(at.rmse, std::sqrt(variance));
    total += variance / static_cast<double>(doses.size());
  }
  expect_within(f.rmse, std::sqrt(total));
  EXPECT_NEAR(*f.target, 5.0, 1.0e-10);
  // Delta method: sd(2 / slope) = 5 sd(slope) / slope.
  const double sd = 5.0 * 1.5 / std::sqrt(spread) / 0.4;
  EXPECT_NEAR(f.target_sd, sd, 0.1 * sd);
  EXPECT_NEAR(f.target_dose[2], 5.0, 5.0 * 1.26 * sd / std::sqrt(4000.0));
  EXPECT_EQ(f.target_found.value, 1.0);
}

/// The same trials from single responses, analysed as a data set would be.
TEST(McpModPlanning, TrialsOfSingleResponsesFindTheSame) {
  const DoseResponseTruth truth{three[1], 0.0, 1.0, 1.5};
  const McpModForecast f = forecast_mcp_mod(trial_of(three), truth, 3000, 7);
  std::vector<double> s(16, 0.0);
  for (std::size_t i = 0; i < 4; ++i) s[i * 5] = 1.0 / sizes[i];
  const ContrastTest test = plan_contrast_test({three, doses, s, 163.0});
  McpModOptions options = trial_of(three).analysis;
  options.adjusted_p = false;
  DoseFitWorkspace workspace;
  constexpr int trials = 1500;
  int selected = 0, found = 0;
  double square = 0.0, modelled = 0.0;
  for (int t = 0; t < trials; ++t) {
    random::Stream draw =
        random::Streams(3, static_cast<std::uint32_t>(t), 9).at(random::Purpose::diary);
    std::vector<double> dose, response;
    for (std::size_t i = 0; i < 4; ++i) {
      for (int j = 0; j < static_cast<int>(sizes[i]); ++j) {
        dose.push_back(doses[i]);
        response.push_back(f.curve[i].truth + 1.5 * draw.normal());
      }
    }
    const McpModResult r =
        mcp_mod(test, three, summarise_doses(dose, response), options, workspace);
    if (r.status != McpModStatus::selected) continue;
    modelled += 1.0;
    const DoseFit& fit = r.fits[*r.selected];
    selected += fit.shape == Shape::emax ? 1 : 0;
    found += r.target_dose ? 1 : 0;
    for (std::size_t i = 0; i < 4; ++i) {
      square += std::pow(fit.predict(doses[i]) - f.curve[i].truth, 2.0) / 4.0;
    }
  }
  // Two simulations: their errors add.
  const double wider = std::sqrt(1.0 + 3000.0 / trials);
  EXPECT_NEAR(modelled / trials, f.modelled.value, 5.0 * wider * f.modelled.se);
  EXPECT_NEAR(selected / double{trials}, f.selected[1].value, 5.0 * wider * f.selected[1].se);
  EXPECT_NEAR(found / double{trials}, f.target_found.value, 5.0 * wider * f.target_found.se);
  EXPECT_NEAR(std::sqrt(square / modelled), f.rmse.value, 5.0 * wider * f.rmse.se);
}

TEST(McpModPlanning, MoreTrialsAddToThoseBefore) {
  const DoseResponseTruth truth{three[0], 0.0, 1.2, 1.5};
  const McpModForecast one = forecast_mcp_mod(trial_of(three), truth, 1, 21);
  const McpModForecast two = forecast_mcp_mod(trial_of(three), truth, 2, 21);
  const McpModForecast again = forecast_mcp_mod(trial_of(three), truth, 2, 21);
  ASSERT_EQ(two.curve.size(), again.curve.size());
  EXPECT_EQ(two.rmse.value, again.rmse.value);
  EXPECT_EQ(two.target_mean.value, again.target_mean.value);
  EXPECT_LE(one.power.value, 2.0 * two.power.value);
  const McpModForecast other = forecast_mcp_mod(trial_of(three), truth, 2, 22);
  EXPECT_NE(two.rmse.value, other.rmse.value);
}

TEST(McpModPlanning, DirectionsAndUnitsChangeNothing) {
  const DoseResponseTruth truth{three[1], 0.2, 1.0, 1.5};
  const McpModForecast up = forecast_mcp_mod(trial_of(three), truth, 300, 4);
  // The mirrored trial in units of a tenth.
  McpModTrial mirrored = trial_of(three);
  mirrored.direction = -1.0;
  mirrored.analysis.target_effect = -5.0;
  const McpModForecast down = forecast_mcp_mod(mirrored, {three[1], -2.0, -10.0, 15.0}, 300, 4);
  EXPECT_NEAR(up.exact_power, down.exact_power, 1.0e-10);
  EXPECT_NEAR(*up.target, *down.target, 1.0e-9);
  const double noise = std::hypot(up.rmse.se, 0.1 * down.rmse.se);
  EXPECT_NEAR(up.rmse.value, 0.1 * down.rmse.value, 5.0 * noise);
}

TEST(McpModPlanning, AveragedCurvesAreForecastToo) {
  McpModTrial trial = trial_of(three);
  trial.analysis.selection = Selection::average;
  const McpModForecast f = forecast_mcp_mod(trial, {three[1], 0.0, 1.2, 1.5}, 400, 6);
  for (const SimulatedValue& s : f.selected) EXPECT_EQ(s.value, 0.0);
  EXPECT_GT(f.rmse.value, 0.0);
  EXPECT_GT(f.target_found.value, 0.5);
}

TEST(McpModPlanning, WhatCannotBePlannedIsRefused) {
  const DoseResponseTruth truth{three[0], 0.0, 1.0, 1.0};
  const auto status = [&](const McpModTrial& trial, const DoseResponseTruth& t, int trials = 10) {
    return forecast_mcp_mod(trial, t, trials, 1).status;
  };
  McpModTrial trial = trial_of(three);
  const std::vector<double> falling{0.0, 5.0, 1.0, 10.0};
  trial.doses = falling;
  EXPECT_EQ(status(trial, truth), ForecastStatus::invalid_doses);
  trial = trial_of(three);
  const std::vector<double> singles{1.0, 1.0, 1.0, 1.0};
  trial.sizes = singles;
  EXPECT_EQ(status(trial, truth), ForecastStatus::invalid_sizes);
  trial = trial_of(three);
  EXPECT_EQ(status(trial, {three[0], 0.0, 1.0, 0.0}), ForecastStatus::invalid_truth);
  EXPECT_EQ(status(trial, {three[0], 0.0, std::nan(""), 1.0}), ForecastStatus::invalid_truth);
  EXPECT_EQ(status(trial, truth, 0), ForecastStatus::invalid_parameter);
  trial.analysis.target_effect = 0.0;
  EXPECT_EQ(status(trial, truth), ForecastStatus::invalid_parameter);
  EXPECT_EQ(name_of(ForecastStatus::invalid_doses).substr(0, 9), "3 to 12 d");
}

}  // namespace

namespace plan_test {
namespace {

const std::string planned = R"(
[analysis.x]
method = "mcp_mod_planning"
doses = [0.0, 1.0, 5.0, 10.0]
sizes = [42]
candidates = ["linear", "emax 1.5", "quadratic -0.06"]
truth = "emax 1.5"
placebo = 10.0
effect = 1.0
sd = 1.5
target_effect = 0.5
trials = 500
seed = 8
)";

TEST(PlanMcpModPlanning, RowsAreTheForecast) {
  const auto found = rows(planned, {});
  expect_each_once(found);
  const std::vector<double> same(4, 42.0);
  McpModTrial trial = trial_of(three);
  trial.sizes = same;
  trial.analysis.constants.offset = 0.1;
  trial.analysis.constants.scale = 12.0;
  const McpModForecast f = forecast_mcp_mod(trial, {three[1], 10.0, 1.0, 1.5}, 500, 8);
  EXPECT_EQ(value(found, "x", "power"), f.power.value);
  EXPECT_EQ(value(found, "x", "exact_power"), f.exact_power);
  EXPECT_EQ(value(found, "x", "rmse"), f.rmse.value);
  EXPECT_EQ(value(found, "x", "true_mean", "", "dose 0"), 10.0);
  EXPECT_EQ(value(found, "x", "true_target_dose"), *f.target);
  EXPECT_EQ(value(found, "x", "target_dose_median"), f.target_dose[2]);
  EXPECT_EQ(value(found, "x", "selected", "", "emax 1.5"), f.selected[1].value);
  EXPECT_NE(found.front().conventions.find("seed: 8"), std::string::npos);
}

TEST(PlanMcpModPlanning, WhatIsMissingIsAskedFor) {
  const auto complaint = [](const std::string& text) {
    const auto read = read_plan(text, "plan.toml");
    if (!read.ok()) return diagnostics::to_string(read.problems());
    const PlanResult out = run_plan(read.value(), {});
    return diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  };
  const std::string bare = complaint("[analysis.x]\nmethod = \"mcp_mod_planning\"\n");
  for (const std::string key : {"doses", "sizes", "truth", "sd", "seed"}) {
    EXPECT_NE(bare.find(key), std::string::npos) << key << "\n" << bare;
  }
  std::string falling = planned;
  falling.replace(falling.find("5.0, 10.0"), 9, "10.0, 5.0");
  EXPECT_NE(complaint(falling).find("rising"), std::string::npos);
  std::string unknown = planned;
  unknown.replace(unknown.find("truth = \"emax 1.5\""), 18, "truth = \"bell 1.5\" ");
  EXPECT_NE(complaint(unknown).find("must begin with"), std::string::npos);
}

}  // namespace
}  // namespace plan_test
}  // namespace angiotrial::analysis
