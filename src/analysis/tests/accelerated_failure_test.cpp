// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/accelerated_failure.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "reference_case.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

struct Lung {
  std::vector<Observation> sample;
  std::vector<double> design;  ///< intercept, age, sex

  Lung() {
    const Data d("c30_survival_lung/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      sample.push_back({d.number(i, "time"), d.number(i, "status") == 2.0});
      design.insert(design.end(), {1.0, d.number(i, "age"), d.number(i, "sex")});
    }
  }
  [[nodiscard]] AcceleratedFailureFit fit(FailureDistribution distribution) const {
    return fit_accelerated_failure(
        {.sample = sample, .design = design, .columns = 3, .distribution = distribution});
  }
};

const std::vector<std::pair<std::string, FailureDistribution>> distributions{
    {"aft_weibull", FailureDistribution::weibull},
    {"aft_exponential", FailureDistribution::exponential},
    {"aft_lognormal", FailureDistribution::lognormal},
    {"aft_loglogistic", FailureDistribution::loglogistic}};

TEST(AcceleratedFailure, c30_four_distributions_agree_with_survreg) {
  const Lung lung;
  const std::vector<double> intercept(lung.sample.size(), 1.0);
  for (const auto& [name, distribution] : distributions) {
    const AcceleratedFailureFit fit = lung.fit(distribution);
    ASSERT_EQ(fit.status, CoxStatus::fitted);
    const AcceleratedFailureFit null = fit_accelerated_failure(
        {.sample = lung.sample, .design = intercept, .columns = 1, .distribution = distribution});
    const Block block("c30_survival_lung/expected.json", name);
    block.expect({"coef"}, fit.coefficients);
    block.expect({"scale"}, fit.sigma);
    block.expect({"loglik"}, {null.log_likelihood, fit.log_likelihood});
    block.expect({"se"}, fit.se);
  }
}

TEST(AcceleratedFailure, another_unit_of_time_shifts_only_the_intercept) {
  Lung lung;
  for (const auto& [name, distribution] : distributions) {
    const AcceleratedFailureFit days = lung.fit(distribution);
    Lung in_years = lung;
    for (Observation& o : in_years.sample) o.time /= 365.25;
    const AcceleratedFailureFit years = in_years.fit(distribution);
    EXPECT_NEAR(years.coefficients[0], days.coefficients[0] - std::log(365.25), 1e-9);
    EXPECT_NEAR(years.coefficients[2], days.coefficients[2], 1e-10);
    EXPECT_NEAR(years.sigma, days.sigma, 1e-10);
  }
}

TEST(AcceleratedFailure, what_cannot_be_fitted_has_a_status) {
  Lung lung;
  Lung censored = lung;
  for (Observation& o : censored.sample) o.event = false;
  EXPECT_EQ(censored.fit(FailureDistribution::weibull).status, CoxStatus::no_events);
  Lung zero = lung;
  zero.sample[0].time = 0.0;
  EXPECT_EQ(zero.fit(FailureDistribution::weibull).status, CoxStatus::invalid_input);
  Lung same = lung;
  for (std::size_t i = 0; i < same.sample.size(); ++i) same.design[3 * i + 2] = 2.0;
  EXPECT_EQ(same.fit(FailureDistribution::weibull).status, CoxStatus::collinear);
  // Women without any event: their times have no upper limit.
  for (std::size_t i = 0; i < lung.sample.size(); ++i) {
    if (lung.design[3 * i + 2] == 2.0) lung.sample[i].event = false;
  }
  for (const auto& [name, distribution] : distributions) {
    EXPECT_EQ(lung.fit(distribution).status, CoxStatus::separated) << name;
  }
}

}  // namespace
}  // namespace angiotrial::analysis
