// SPDX-License-Identifier: Apache-2.0
// Question: what do count models of one trial cost? Targets in CPU time on one core of a server:
// negative binomial, 167 patients and 7 coefficients with offset 50 us (with observed information,
// as of glmmTMB, 50 us), with HC3 60 us, with g-computation 80 us, 500 patients 120 us; Poisson
// 20 us; random intercept, 167 patients by 12 weeks, 10 ms. `news`: allocations a fit.
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>
#include <angiotrial/analysis/counts/zero_inflated.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <benchmark/benchmark.h>

#include <cmath>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

/// Patients of three arms with four covariates, `weeks` rows each; offset log days.
struct Diaries {
  std::vector<double> design, offset;
  std::vector<int> counts, patient;

  Diaries(std::uint32_t patients, int weeks, double sigma) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(5, 0, i).at(random::Purpose::diary);
      std::vector<double> row{1.0, i % 3 == 1 ? 1.0 : 0.0, i % 3 == 2 ? 1.0 : 0.0};
      while (row.size() < 7) row.push_back(0.5 * draw.normal());
      const double shared = sigma * draw.normal();
      for (int week = 0; week < weeks; ++week) {
        design.insert(design.end(), row.begin(), row.end());
        offset.push_back(std::log(3.0 + draw.uniform()));
        const double mean =
            (weeks > 1 ? 2.0 : 10.0) * std::exp(offset.back() + row[3] - 0.5 * row[1] + shared);
        counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.5));
        patient.push_back(static_cast<int>(i));
      }
    }
  }
  [[nodiscard]] CountModel model() const { return {design, 7, counts, offset, Aliased::refuse}; }
};

void negative_binomial(benchmark::State& state) {
  const Diaries data(static_cast<std::uint32_t>(state.range(0)), 1, 0.0);
  NegativeBinomialWorkspace workspace;
  fit_negative_binomial(data.model(), workspace);
  const Allocations count;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fit_negative_binomial(data.model(), workspace).log_likelihood);
  }
  count.report(state);
  state.counters["iterations"] = fit_negative_binomial(data.model(), workspace).iterations;
}
BENCHMARK(negative_binomial)->Arg(167)->Arg(500)->Unit(benchmark::kMicrosecond);

void negative_binomial_with(benchmark::State& state, CountVariance variance) {
  const Diaries data(167, 1, 0.0);
  const CountModel model = data.model();
  NegativeBinomialWorkspace workspace;
  const auto covariance = [&] {
    const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
    return count_covariance(model, fit, variance, {}, workspace)[0];
  };
  benchmark::DoNotOptimize(covariance());
  const Allocations count;
  for (auto _ : state) benchmark::DoNotOptimize(covariance());
  count.report(state);
}
BENCHMARK_CAPTURE(negative_binomial_with, hc3, CountVariance::hc3)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(negative_binomial_with, observed, CountVariance::observed)
    ->Unit(benchmark::kMicrosecond);

/// 7 coefficients, offset.
void poisson_regression(benchmark::State& state) {
  const Diaries data(167, 1, 0.0);
  const std::vector<double> y(data.counts.begin(), data.counts.end());
  LinearModel model;
  model.response = y;
  model.design = data.design;
  model.columns = 7;
  model.family = Family::poisson;
  model.offset = data.offset;
  LinearWorkspace workspace;
  fit_linear_model(model, workspace);
  const Allocations count;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fit_linear_model(model, workspace).log_likelihood);
  }
  count.report(state);
  state.counters["iterations"] = fit_linear_model(model, workspace).iterations;
}
BENCHMARK(poisson_regression)->Unit(benchmark::kMicrosecond);

/// Fit, predictions in each of three arms, standardised means and two log rate ratios.
void negative_binomial_standardised(benchmark::State& state) {
  const Diaries data(167, 1, 0.0);
  const CountModel model = data.model();
  const std::vector<double> y(data.counts.begin(), data.counts.end());
  std::vector<double> designs;
  std::vector<int> arm;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (a == 0) arm.push_back(static_cast<int>(i % 3));
      const auto row = data.design.begin() + static_cast<std::ptrdiff_t>(7 * i);
      designs.insert(designs.end(), {1.0, a == 1 ? 1.0 : 0.0, a == 2 ? 1.0 : 0.0});
      designs.insert(designs.end(), row + 3, row + 7);
    }
  }
  NegativeBinomialWorkspace workspace;
  StandardisationWorkspace standardisation;
  std::vector<double> predictions;
  const auto analyse = [&] {
    const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
    predict_counts(model, fit, designs, 3, predictions);
    const MarginalMeans& means = standardise({y, arm, predictions, 3, {}}, standardisation);
    for (const int treated : {1, 2}) {
      benchmark::DoNotOptimize(marginal_effect(means, treated, 0, EffectScale::log_ratio));
    }
  };
  analyse();
  const Allocations count;
  for (auto _ : state) analyse();
  count.report(state);
}
BENCHMARK(negative_binomial_standardised)->Unit(benchmark::kMicrosecond);

void profile_interval(benchmark::State& state) {
  const Diaries data(167, 1, 0.0);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  for (auto _ : state) {
    benchmark::DoNotOptimize(count_profile_interval(data.model(), fit, 1, workspace).lower);
  }
}
BENCHMARK(profile_interval)->Unit(benchmark::kMicrosecond);

/// range(0) quadrature points.
void random_intercept(benchmark::State& state) {
  const Diaries data(167, 12, 0.6);
  const InterceptModel model{data.model(), data.patient, CountFamily::quadratic_nb,
                             static_cast<int>(state.range(0))};
  InterceptWorkspace workspace;
  state.counters["evaluations"] = fit_random_intercept(model, workspace).evaluations;
  const Allocations count;
  for (auto _ : state) benchmark::DoNotOptimize(fit_random_intercept(model, workspace).sigma);
  count.report(state);
}
BENCHMARK(random_intercept)->Arg(1)->Arg(7)->Arg(15)->Unit(benchmark::kMillisecond);

void gee_exchangeable(benchmark::State& state) {
  const Diaries data(167, 12, 0.6);
  const std::vector<double> y(data.counts.begin(), data.counts.end());
  GeeModel model;
  model.mean.response = y;
  model.mean.design = data.design;
  model.mean.columns = 7;
  model.mean.family = Family::poisson;
  model.mean.offset = data.offset;
  model.mean.cluster = data.patient;
  for (auto _ : state) benchmark::DoNotOptimize(fit_gee(model).alpha);
}
BENCHMARK(gee_exchangeable)->Unit(benchmark::kMillisecond);

/// 0 inflated, 1 hurdle; one zero intercept.
void zero_counts(benchmark::State& state) {
  const Diaries data(167, 1, 0.8);
  const std::vector<double> ones(data.counts.size(), 1.0);
  const ZeroCountModel model{data.model(), ones, 1,
                             state.range(0) == 0 ? ZeroPart::inflated : ZeroPart::hurdle};
  for (auto _ : state) benchmark::DoNotOptimize(fit_zero_counts(model).log_likelihood);
}
BENCHMARK(zero_counts)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
