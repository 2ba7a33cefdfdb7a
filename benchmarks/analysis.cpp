// SPDX-License-Identifier: Apache-2.0
// Question: what does the analysis of one trial cost? A campaign analyses thousands, so the whole
// of analyse() must stay near a millisecond, and its core, one regression, near a tenth of that.
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/linear/ancova.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/mixed/mmrm.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <benchmark/benchmark.h>

#include "../src/analysis/tests/synthetic_trial.hpp"
#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

/// n = 167, an intercept, two arms and range(0) - 3 covariates, offset log days.
void negative_binomial_167(benchmark::State& state) {
  const auto columns = static_cast<std::size_t>(state.range(0));
  std::vector<double> design, offset;
  std::vector<int> counts;
  for (std::uint32_t i = 0; i < 167; ++i) {
    random::Stream draw = random::Streams(5, 0, i).at(random::Purpose::diary);
    std::vector<double> row{1.0, i % 3 == 1 ? 1.0 : 0.0, i % 3 == 2 ? 1.0 : 0.0};
    while (row.size() < columns) row.push_back(0.5 * draw.normal());
    design.insert(design.end(), row.begin(), row.end());
    offset.push_back(std::log(3.0 + draw.uniform()));
    const double mean = 10.0 * std::exp(offset.back() + row[3] - 0.5 * row[1]);
    counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.5));
  }
  NegativeBinomialWorkspace workspace;
  for (auto _ : state) {
    const auto& fit =
        fit_negative_binomial({design, columns, counts, offset, Aliased::refuse}, workspace);
    benchmark::DoNotOptimize(fit.log_likelihood);
  }
}
BENCHMARK(negative_binomial_167)->Arg(4)->Arg(7)->Unit(benchmark::kMicrosecond);

/// Three arms, visits with a baseline effect of their own; one patient in five leaves early, one
/// visit in fifty is missed.
struct Visits {
  std::vector<double> response, design;
  std::vector<int> patient, visit;
  std::size_t columns;

  Visits(std::uint32_t patients, int visits) : columns(4 * static_cast<std::size_t>(visits)) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(6, 0, i).at(random::Purpose::diary);
      const double shared = draw.normal();
      const double baseline = 0.6 * shared + 0.8 * draw.normal();
      const bool leaves = draw.uniform() < 0.2;
      const int last = leaves ? 1 + static_cast<int>(draw.uniform() * (visits - 1)) : visits;
      double drift = 0.0;
      for (int v = 0; v < last; ++v) {
        drift = 0.6 * drift + 0.5 * draw.normal();
        const double y = 480.0 + 60.0 * (shared + drift + 0.1 * v) + 20.0 * draw.normal();
        if (draw.uniform() < 0.02 && v > 0) continue;
        std::vector<double> row(columns, 0.0);
        const auto at = 4 * static_cast<std::size_t>(v);
        row[at] = 1.0;
        if (i % 3 > 0) row[at + i % 3] = 1.0;
        row[at + 3] = baseline;
        response.push_back(y);
        design.insert(design.end(), row.begin(), row.end());
        patient.push_back(static_cast<int>(i));
        visit.push_back(v);
      }
    }
  }
};

/// range(0) patients, range(1) visits, unstructured, Kenward-Roger, both doses at each visit.
void mixed_model(benchmark::State& state) {
  const int visits = static_cast<int>(state.range(1));
  const Visits data(static_cast<std::uint32_t>(state.range(0)), visits);
  RepeatedModel model;
  model.response = data.response;
  model.design = data.design;
  model.columns = data.columns;
  model.patient = data.patient;
  model.visit = data.visit;
  model.visits = visits;
  MixedWorkspace workspace;
  std::vector<double> weights(data.columns, 0.0);
  fit_mixed_model(model, workspace);
  benchmark::DoNotOptimize(estimate_contrast(workspace, weights));
  const Allocations count;
  for (auto _ : state) {
    const MixedFit& fit = fit_mixed_model(model, workspace);
    if (fit.status != MixedStatus::fitted) state.SkipWithError("not fitted");
    for (std::size_t at = 0; at < data.columns; at += 4) {
      for (std::size_t dose = 1; dose < 3; ++dose) {
        weights[at + dose] = 1.0;
        benchmark::DoNotOptimize(estimate_contrast(workspace, weights));
        weights[at + dose] = 0.0;
      }
    }
    state.counters["iterations"] = fit.iterations;
    state.counters["patterns"] = static_cast<double>(fit.patterns);
  }
  count.report(state);
}
BENCHMARK(mixed_model)->Args({167, 3})->Args({1000, 10})->Unit(benchmark::kMillisecond);

/// n = 140, two arms and a covariate; range(0) 1: with HC3. Target of the fit alone 3 us.
void linear_model_140(benchmark::State& state) {
  std::vector<double> response, design;
  for (std::uint32_t i = 0; i < 140; ++i) {
    random::Stream draw = random::Streams(7, 0, i).at(random::Purpose::diary);
    const double x = draw.normal();
    design.insert(design.end(), {1.0, i % 2 == 1 ? 1.0 : 0.0, x});
    response.push_back(10.0 + x + draw.normal());
  }
  LinearModel model;
  model.response = response;
  model.design = design;
  model.columns = 3;
  LinearWorkspace workspace;
  const auto result = [&] {
    const LinearFit& fit = fit_linear_model(model, workspace);
    if (state.range(0) == 0) return fit.coefficients[1];
    return coefficient_covariance(model, fit, LinearVariance::hc3, workspace)[0];
  };
  benchmark::DoNotOptimize(result());
  const Allocations count;
  for (auto _ : state) benchmark::DoNotOptimize(result());
  count.report(state);
}
BENCHMARK(linear_model_140)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// The same by analysis of covariance, with adjusted means and intervals; target 3 us.
void ancova_140(benchmark::State& state) {
  std::vector<double> response, baseline;
  std::vector<int> arm;
  for (std::uint32_t i = 0; i < 140; ++i) {
    random::Stream draw = random::Streams(7, 0, i).at(random::Purpose::diary);
    baseline.push_back(draw.normal());
    arm.push_back(static_cast<int>(i % 2));
    response.push_back(10.0 + baseline.back() + draw.normal());
  }
  AncovaModel model;
  model.response = response;
  model.arm = arm;
  model.arms = 2;
  model.covariates = baseline;
  model.covariate_count = 1;
  AncovaWorkspace workspace;
  fit_ancova(model, workspace);
  const Allocations count;
  for (auto _ : state) benchmark::DoNotOptimize(fit_ancova(model, workspace).sigma);
  count.report(state);
}
BENCHMARK(ancova_140)->Unit(benchmark::kMicrosecond);

/// 1,000 trials of 167 patients at four doses: contrast test, fits, AIC, target dose. The critical
/// value belongs to the design and is worked out once.
void mcp_mod_1000(benchmark::State& state) {
  const std::vector<double> doses{0.0, 1.0, 5.0, 10.0};
  const std::vector<Candidate> candidates{{"linear", Shape::linear, {}},
                                          {"emax", Shape::emax, {1.5}},
                                          {"quadratic", Shape::quadratic, {-0.06}}};
  std::vector<double> dose;
  for (std::size_t i = 0; i < 167; ++i) dose.push_back(doses[i % 4]);
  std::vector<std::vector<double>> trials;
  for (std::uint32_t t = 0; t < 1000; ++t) {
    std::vector<double>& response = trials.emplace_back();
    for (std::uint32_t i = 0; i < 167; ++i) {
      random::Stream draw = random::Streams(8, t, i).at(random::Purpose::diary);
      response.push_back(dose[i] / (1.5 + dose[i]) + 1.5 * draw.normal());
    }
  }
  McpModOptions options;
  options.target_effect = 0.5;
  options.adjusted_p = state.range(0) != 0;
  for (auto _ : state) {
    const DoseEstimates first = summarise_doses(dose, trials[0]);
    const ContrastTest test =
        plan_contrast_test({candidates, first.doses, first.covariance, first.df});
    for (const auto& response : trials) {
      const DoseEstimates data = summarise_doses(dose, response);
      benchmark::DoNotOptimize(mcp_mod(test, candidates, data, options).target_dose);
    }
  }
}
BENCHMARK(mcp_mod_1000)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void contrast_critical_value(benchmark::State& state) {
  const std::vector<double> r{1.0, 0.884, 0.973, 0.884, 1.0, 0.931, 0.973, 0.931, 1.0};
  for (auto _ : state) {
    benchmark::DoNotOptimize(max_t_quantile(0.975, {r, 3}, 163.0, Sides::one));
  }
}
BENCHMARK(contrast_critical_value)->Unit(benchmark::kMicrosecond);

void fit_dose_shape(benchmark::State& state) {
  std::vector<double> dose, response;
  for (std::uint32_t i = 0; i < 167; ++i) {
    random::Stream draw = random::Streams(9, 0, i).at(random::Purpose::diary);
    dose.push_back(0.25 * (i % 5));
    response.push_back(dose.back() / (0.2 + dose.back()) + draw.normal());
  }
  const DoseEstimates data = summarise_doses(dose, response);
  const auto shape = static_cast<Shape>(state.range(0));
  state.SetLabel(std::string(name_of(shape)));
  for (auto _ : state) benchmark::DoNotOptimize(fit_shape(shape, data, {0.1, 1.2}).aic);
}
BENCHMARK(fit_dose_shape)->DenseRange(2, 7)->Unit(benchmark::kMicrosecond);

/// O'Brien-Fleming-type spending at range(0) looks; range(1): with power and expected sizes.
void sequential_design(benchmark::State& state) {
  std::vector<double> information;
  for (int k = 1; k <= state.range(0); ++k) {
    information.push_back(static_cast<double>(k) / static_cast<double>(state.range(0)));
  }
  for (auto _ : state) {
    const auto z = spending_bounds(information, 0.025, {});
    if (state.range(1) != 0) {
      benchmark::DoNotOptimize(characterise(z, {}, information, 0.025, 0.9).shift);
    }
    benchmark::DoNotOptimize(z.data());
  }
}
BENCHMARK(sequential_design)
    ->Args({2, 0})
    ->Args({5, 0})
    ->Args({5, 1})
    ->Unit(benchmark::kMicrosecond);

void wilcoxon_167(benchmark::State& state) {
  std::vector<double> x, y;
  for (std::uint32_t i = 0; i < 167; ++i) {
    random::Stream draw = random::Streams(10, 0, i).at(random::Purpose::diary);
    (i % 2 == 0 ? x : y).push_back(draw.normal());
  }
  for (auto _ : state) benchmark::DoNotOptimize(wilcoxon(x, y).hodges_lehmann);
}
BENCHMARK(wilcoxon_167)->Unit(benchmark::kMicrosecond);

void analyse_168(benchmark::State& state) {
  const auto data = synthetic::trial(1);
  const AnalysisPlan plan;
  for (auto _ : state) benchmark::DoNotOptimize(analyse(data, plan).data());
}
BENCHMARK(analyse_168)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
