// SPDX-License-Identifier: Apache-2.0
// Question: what does the analysis of one trial cost? A campaign analyses thousands, so the whole
// of analyse() must stay near a millisecond, and its core, one regression, near a tenth of that.
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/analysis/negative_binomial.hpp>

#include <benchmark/benchmark.h>

#include "../src/analysis/tests/synthetic_trial.hpp"

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

void analyse_168(benchmark::State& state) {
  const auto data = synthetic::trial(1);
  const AnalysisPlan plan;
  for (auto _ : state) benchmark::DoNotOptimize(analyse(data, plan).data());
}
BENCHMARK(analyse_168)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
