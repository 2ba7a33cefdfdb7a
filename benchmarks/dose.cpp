// SPDX-License-Identifier: Apache-2.0
// Question: what does dose finding cost per trial? Operating characteristics need thousands of
// trials, so a contrast test with fits must stay below a tenth of a millisecond.
#include <angiotrial/analysis/dose/bayesian_model_average.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/dose/mcp_mod_planning.hpp>
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/random/stream.hpp>

#include <benchmark/benchmark.h>

#include <cmath>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

const std::vector<double> doses{0.0, 1.0, 5.0, 10.0};
const std::vector<Candidate> candidates{{"linear", Shape::linear, {}},
                                        {"emax", Shape::emax, {1.5}},
                                        {"quadratic", Shape::quadratic, {-0.06}}};

struct Trial {
  std::vector<double> dose, response;
};

Trial trial(std::uint32_t number, const std::vector<double>& levels) {
  Trial out;
  for (std::uint32_t i = 0; i < 167; ++i) {
    random::Stream draw = random::Streams(8, number, i).at(random::Purpose::diary);
    out.dose.push_back(levels[i % levels.size()]);
    out.response.push_back(out.dose.back() / (1.5 + out.dose.back()) + 1.5 * draw.normal());
  }
  return out;
}

std::vector<double> equal_sizes() {
  std::vector<double> s(16, 0.0);
  for (std::size_t i = 0; i < 4; ++i) s[i * 5] = 1.0 / 42.0;
  return s;
}

/// Target 0.01 ms.
void optimal_contrasts(benchmark::State& state) {
  const auto s = equal_sizes();
  for (auto _ : state) {
    for (const Candidate& c : candidates) {
      benchmark::DoNotOptimize(optimal_contrast(candidate_means(c, doses, {}), s).data());
    }
  }
}
BENCHMARK(optimal_contrasts)->Unit(benchmark::kMicrosecond);

/// Target 0.5 ms, contrasts included.
void critical_value(benchmark::State& state) {
  const auto s = equal_sizes();
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan_contrast_test({candidates, doses, s, 164.0}).critical_value);
  }
}
BENCHMARK(critical_value)->Unit(benchmark::kMicrosecond);

/// Target 2 ms.
void power_under_three_shapes(benchmark::State& state) {
  const auto s = equal_sizes();
  const ContrastTest test = plan_contrast_test({candidates, doses, s, 164.0});
  for (auto _ : state) {
    for (const Candidate& c : candidates) {
      benchmark::DoNotOptimize(contrast_test_power(test, candidate_means(c, doses, {}), s, 1.5));
    }
  }
}
BENCHMARK(power_under_three_shapes)->Unit(benchmark::kMicrosecond);

/// Target 0.5 ms: means by dose, contrasts, critical value and adjusted p-values, nothing shared.
void contrast_test_from_data(benchmark::State& state) {
  const Trial one = trial(3, doses);
  for (auto _ : state) {
    const DoseEstimates data = summarise_doses(one.dose, one.response);
    const ContrastTest test =
        plan_contrast_test({candidates, data.doses, data.covariance, data.df});
    double p = 1.0;
    for (const double t : contrast_statistics(test, data.estimates, data.covariance, data.sigma)) {
      p = std::min(p, 1.0 - max_t_probability(t, test.matrix(), test.df, Sides::one).value);
    }
    benchmark::DoNotOptimize(p);
  }
}
BENCHMARK(contrast_test_from_data)->Unit(benchmark::kMicrosecond);

/// Target 0.2 ms for the full analysis of three shapes: test (range(0): with adjusted p-values),
/// fits, choice and target dose; the plan is shared by trials.
void test_and_model_one_trial(benchmark::State& state) {
  const Trial one = trial(3, doses);
  const DoseEstimates first = summarise_doses(one.dose, one.response);
  const ContrastTest test =
      plan_contrast_test({candidates, first.doses, first.covariance, first.df});
  McpModOptions options;
  options.target_effect = 0.5;
  options.adjusted_p = state.range(0) != 0;
  for (auto _ : state) {
    const DoseEstimates data = summarise_doses(one.dose, one.response);
    benchmark::DoNotOptimize(mcp_mod(test, candidates, data, options).target_dose);
  }
}
BENCHMARK(test_and_model_one_trial)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// Targets 20 us (emax) and 50 us (sigmoid emax, logistic, beta); range(1): doses and S shared.
void fit_shapes(benchmark::State& state) {
  const Trial one = trial(4, {0.0, 0.5, 2.0, 5.0, 10.0});
  const DoseEstimates data = summarise_doses(one.dose, one.response);
  const auto shape = static_cast<Shape>(state.range(0));
  state.SetLabel(std::string(name_of(shape)));
  DoseFitWorkspace kept;
  for (auto _ : state) {
    if (state.range(1) != 0) {
      benchmark::DoNotOptimize(fit_shape(shape, data, {1.0, 12.0}, std::nullopt, kept).aic);
    } else {
      benchmark::DoNotOptimize(fit_shape(shape, data, {1.0, 12.0}).aic);
    }
  }
}
BENCHMARK(fit_shapes)->ArgsProduct({{2, 3, 4, 5, 6, 7, 8}, {0, 1}})->Unit(benchmark::kMicrosecond);

/// Target 60 ms: test, AIC and target dose of 1,000 trials.
void a_thousand_trials(benchmark::State& state) {
  std::vector<Trial> trials;
  for (std::uint32_t t = 0; t < 1000; ++t) trials.push_back(trial(t, doses));
  McpModOptions options;
  options.target_effect = 0.5;
  options.adjusted_p = false;
  const Allocations count;
  for (auto _ : state) {
    const DoseEstimates first = summarise_doses(trials[0].dose, trials[0].response);
    const ContrastTest test =
        plan_contrast_test({candidates, first.doses, first.covariance, first.df});
    DoseFitWorkspace workspace;
    DoseEstimates data = first;
    McpModResult result;
    for (const Trial& one : trials) {
      summarise_doses(one.dose, one.response, data);
      mcp_mod(test, candidates, data, options, workspace, result);
      benchmark::DoNotOptimize(result.target_dose);
    }
  }
  count.report(state, static_cast<double>(trials.size()));
}
BENCHMARK(a_thousand_trials)->Unit(benchmark::kMillisecond);

/// Target 60 ms: planning by 1,000 simulated trials.
void planning_of_a_thousand_trials(benchmark::State& state) {
  const std::vector<double> sizes(4, 42.0);
  McpModTrial trial{candidates, doses, sizes, 0.025, 1.0, ContrastKind::optimal, {}, 0.25};
  trial.analysis.target_effect = 0.5;
  for (auto _ : state) {
    const DoseResponseTruth truth{candidates[1], 0.0, 1.0, 1.5};
    benchmark::DoNotOptimize(forecast_mcp_mod(trial, truth, 1000, 8).rmse.value);
  }
}
BENCHMARK(planning_of_a_thousand_trials)->Unit(benchmark::kMillisecond);

/// No peer's figure: one analysis with six shapes.
void bayesian_average(benchmark::State& state) {
  const Trial one = trial(5, doses);
  const DoseEstimates data = summarise_doses(one.dose, one.response);
  const auto shapes = default_averaged_shapes();
  AverageQuestions questions;
  questions.effect = 0.5;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        average_dose_response(data, shapes, {0.0, 5.0, 1.5, 0.2}, questions, {1.0, 12.0})
            .non_monotone);
  }
}
BENCHMARK(bayesian_average)->Unit(benchmark::kMillisecond);

void profile_interval(benchmark::State& state) {
  const Trial one = trial(6, {0.0, 0.5, 2.0, 5.0, 10.0});
  const DoseEstimates data = summarise_doses(one.dose, one.response);
  const DoseFit fit = fit_shape(Shape::emax, data, {});
  const double effect = 0.3 * (fit.predict(10.0) - fit.predict(0.0));
  for (auto _ : state) benchmark::DoNotOptimize(target_dose_profile(fit, data, effect).lower);
}
BENCHMARK(profile_interval)->Unit(benchmark::kMicrosecond);

void order_restricted(benchmark::State& state) {
  const Trial one = trial(7, {0.0, 0.5, 2.0, 5.0, 8.0, 10.0});
  const DoseEstimates data = summarise_doses(one.dose, one.response);
  for (auto _ : state) benchmark::DoNotOptimize(order_restricted_test(data, 4).p_flat);
}
BENCHMARK(order_restricted)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace angiotrial::analysis
