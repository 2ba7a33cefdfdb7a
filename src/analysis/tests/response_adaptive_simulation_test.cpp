// SPDX-License-Identifier: Apache-2.0
// Simulated response-adaptive trials: against published runs of adaptr, a plain implementation by
// posterior draws, closed forms, and laws.
#include <angiotrial/analysis/design/response_adaptive_simulation.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace angiotrial::analysis {
namespace {

AdaptiveArms three_arms() {
  AdaptiveArms d;
  d.arms = 3;
  d.looks = {60, 120, 180, 240};
  return d;
}

ArmsOutcome run(const AdaptiveArms& d, std::vector<double> rates, int trials,
                std::uint64_t seed = 1) {
  return simulate_adaptive_arms(d, {std::move(rates), {}}, ArmsFallback::best, trials, seed);
}

void expect_near(const Simulated& own, double published, double error, const char* what) {
  EXPECT_LT(std::fabs(own.value - published), 4.0 * std::hypot(own.error, error))
      << what << ": " << own.value << " (" << own.error << "), published " << published;
}

// The worked example of adaptr's manual: three arms at 25 %, looks at 300 to 2000 patients with 100
// more randomised, least shares 20 %, equivalence 5 points at 90 %; 1,000 trials each, with the
// limits that it calibrated to a type I error below 5 %.
struct PublishedRun {
  double superiority_limit, softening;
  double size, size_error, size_sd, superior, equivalent, sum, sum_error;
};

TEST(AdaptiveArmsSimulation, MeetsPublishedRunsOfAdaptrAtTheirCalibratedLimits) {
  for (const PublishedRun& p :
       {PublishedRun{0.9814318, 1.0, 1749.6, 11.36, 373.74, 0.048, 0.381, 438.69, 2.95},
        PublishedRun{0.9830921, 0.5, 1757.2, 11.26, 370.74, 0.045, 0.38, 440.16, 2.90}}) {
    AdaptiveArms d;
    d.arms = 3;
    for (int n = 300; n <= 2000; n += 100) {
      d.looks.push_back(n);
      d.randomised.push_back(std::min(n + 100, 2000));
    }
    d.least = {0.2, 0.2, 0.2};
    d.superiority = {p.superiority_limit};
    d.inferiority = {1.0 - p.superiority_limit};
    d.softening = {p.softening};
    d.equivalence = {0.9};
    d.equivalence_margin = 0.05;
    const ArmsOutcome own = run(d, {0.25, 0.25, 0.25}, 2000);
    ASSERT_EQ(own.status, ArmsStatus::valid);
    expect_near(own.superiority, p.superior, 0.0067, "superiority");
    expect_near(own.equivalence, p.equivalent, 0.0154, "equivalence");
    expect_near(own.size, p.size, p.size_error, "size");
    expect_near(own.sum, p.sum, p.sum_error, "events");
    EXPECT_NEAR(own.size_sd, p.size_sd, 4.0 * 12.0);
    expect_near(own.rmse, 0.0173, 0.0006, "rmse");
    EXPECT_EQ(own.none_selected.value, 0.0);
  }
}

/// A gamma variate for shape >= 1 (Marsaglia and Tsang 2000).
double gamma_draw(random::Stream& draw, double shape) {
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double z = draw.normal(), v = std::pow(1.0 + c * z, 3.0);
    if (v > 0.0 && std::log(draw.uniform()) < 0.5 * z * z + d - d * v + d * std::log(v)) {
      return d * v;
    }
  }
}

using Three = std::array<double, 3>;

/// P(lowest rate) of the arms that are in, by counting draws.
Three drawn_best(random::Stream& draw, const Three& n, const Three& y,
                 const std::array<bool, 3>& in, int draws) {
  Three best{};
  for (int i = 0; i < draws; ++i) {
    std::size_t winner = 3;
    double lowest = 2.0;
    for (std::size_t k = 0; k < 3; ++k) {
      if (!in[k]) continue;
      const double a = gamma_draw(draw, 1.0 + y[k]), b = gamma_draw(draw, 1.0 + n[k] - y[k]);
      if (a / (a + b) >= lowest) continue;
      lowest = a / (a + b);
      winner = k;
    }
    best[winner] += 1.0 / draws;
  }
  return best;
}

struct PlainTrial {
  bool superior = false;
  double size = 0.0;
  Three n{};
};

PlainTrial plain_trial(random::Streams streams, const Three& rate, double limit) {
  PlainTrial t;
  random::Stream patient = streams.at(random::Purpose::diary);
  Three y{}, shares{1.0 / 3, 1.0 / 3, 1.0 / 3};
  std::array<bool, 3> in{true, true, true};
  for (std::uint32_t look = 1; look <= 4; ++look) {
    for (; t.size < 60.0 * look; ++t.size) {
      const double u = patient.uniform();
      const std::size_t k = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2;
      ++t.n[k];
      y[k] += patient.bernoulli(rate[k]) ? 1.0 : 0.0;
    }
    random::Stream draw = streams.at(random::Purpose::diary, look);
    for (bool dropped = true; dropped;) {
      dropped = false;
      shares = drawn_best(draw, t.n, y, in, 1000);
      for (std::size_t k = 0; k < 3; ++k) {
        if (!in[k] || shares[k] >= 1.0 - limit) continue;
        in[k] = false;
        dropped = true;
      }
    }
    t.superior = std::ranges::max(shares) > limit;
    if (t.superior) break;
  }
  return t;
}

TEST(AdaptiveArmsSimulation, MeetsAPlainImplementationByDraws) {
  const Three rate{0.4, 0.25, 0.35};
  AdaptiveArms d = three_arms();
  d.superiority = {0.97};
  d.inferiority = {0.03};
  const ArmsOutcome own = run(d, {rate.begin(), rate.end()}, 4000);
  constexpr double trials = 500.0;
  double superior = 0.0, size = 0.0, square = 0.0, second = 0.0, second_square = 0.0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const PlainTrial t = plain_trial({5, i, 0}, rate, 0.97);
    superior += t.superior ? 1.0 / trials : 0.0;
    size += t.size / trials;
    square += t.size * t.size / trials;
    second += t.n[1] / trials;
    second_square += t.n[1] * t.n[1] / trials;
  }
  // 1,000 draws let a probability near the limit err by 0.005, which moves what is compared by less
  // than its own Monte Carlo error.
  expect_near(own.superiority, superior, std::sqrt(superior * (1 - superior) / trials), "superior");
  expect_near(own.size, size, std::sqrt((square - size * size) / trials), "size");
  expect_near(own.patients[1], second, std::sqrt((second_square - second * second) / trials),
              "patients of the best arm");
}

TEST(AdaptiveArmsSimulation, ProbabilitiesAtALookAreThoseOfDraws) {
  constexpr int parts = 5, draws = 3000;  // a stream's occasion holds 131,072 uniforms
  for (const auto& [n, y] : {std::pair<Three, Three>{{40, 60, 20}, {9, 11, 5}},
                             std::pair<Three, Three>{{200, 80, 30}, {50, 26, 12}}}) {
    const ArmsLook look = analyse_adaptive_arms(three_arms(), {n, y, {}});
    Three drawn{};
    for (std::uint32_t part = 0; part < parts; ++part) {
      random::Stream draw = random::Streams(3, part, 0).at(random::Purpose::diary);
      const Three share = drawn_best(draw, n, y, {true, true, true}, draws);
      for (std::size_t k = 0; k < 3; ++k) drawn[k] += share[k] / parts;
    }
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(look.best[k], drawn[k],
                  4.0 * std::sqrt(drawn[k] * (1 - drawn[k]) / (parts * draws)));
    }
  }
}

// Two arms, one look, spread known: superior where |z| exceeds the quantile of the limit.
TEST(AdaptiveArmsSimulation, OneLookOfTwoNormalArmsHasClosedFormError) {
  AdaptiveArms d;
  d.arms = 2;
  d.looks = {400};
  d.endpoint = ArmsEndpoint::normal;
  d.favours = Favours::larger;
  d.superiority = {0.975};
  d.inferiority = {0.0};
  const auto sims = [&](double difference) {
    return simulate_adaptive_arms(d, {{0.0, difference}, {2.0, 2.0}}, ArmsFallback::none, 4000, 2);
  };
  const ArmsOutcome null = sims(0.0);
  expect_near(null.superiority, 0.05, 0.0, "level");
  EXPECT_NEAR(null.none_selected.value, 1.0 - null.superiority.value, 1e-12);
  // Drift 0.5 / (2 sqrt(1/200 + 1/200)) = 2.5; sizes that chance makes unequal cost under 1 %.
  const boost::math::normal_distribution<> z;
  const double power = cdf(z, 2.5 - quantile(z, 0.975)) + cdf(z, -2.5 - quantile(z, 0.975));
  expect_near(sims(0.5).selected[1], power, 0.003, "power");
}

TEST(AdaptiveArmsSimulation, WithoutLimitsEveryoneIsRecruited) {
  AdaptiveArms d = three_arms();
  d.superiority = {1.0};
  d.inferiority = {0.0};
  const ArmsOutcome all = run(d, {0.9, 0.1, 0.5}, 200);
  EXPECT_EQ(all.size.value, 240.0);
  EXPECT_EQ(all.size.error, 0.0);
  EXPECT_EQ(all.inconclusive.value, 1.0);
  EXPECT_GT(all.patients[1].value, 180.0);
  d.softening = {0.0};
  const ArmsOutcome equal = run(d, {0.9, 0.1, 0.5}, 500);
  for (const Simulated& n : equal.patients) expect_near(n, 80.0, 0.0, "equal shares");
}

TEST(AdaptiveArmsSimulation, SharesOfTrialsAddUpAndArmsAreExchangeable) {
  AdaptiveArms d = three_arms();
  d.control = 0;
  d.control_share = ControlShare::root;
  d.equivalence = {0.8};
  d.equivalence_margin = 0.1;
  d.futility = {0.9};
  d.futility_margin = 0.05;
  const ArmsOutcome one = run(d, {0.4, 0.2, 0.3}, 1500, 1), two = run(d, {0.4, 0.3, 0.2}, 1500, 2);
  EXPECT_NEAR(
      one.superiority.value + one.equivalence.value + one.futility.value + one.inconclusive.value,
      1.0, 1e-12);
  double n = 0.0, chosen = one.none_selected.value;
  for (std::size_t k = 0; k < 3; ++k) {
    n += one.patients[k].value;
    chosen += one.selected[k].value;
  }
  EXPECT_NEAR(n, one.size.value, 1e-9);
  EXPECT_NEAR(chosen, 1.0, 1e-12);
  for (const auto& [i, j] : {std::pair{0U, 0U}, std::pair{1U, 2U}, std::pair{2U, 1U}}) {
    expect_near(one.patients[i], two.patients[j].value, two.patients[j].error, "patients");
    expect_near(one.selected[i], two.selected[j].value, two.selected[j].error, "selected");
  }
  expect_near(one.replaced, two.replaced.value, two.replaced.error, "replaced");
  EXPECT_GE(one.replaced.value, 0.3);
}

TEST(AdaptiveArmsSimulation, TheSameSeedGivesTheSameBytes) {
  for (const auto endpoint : {ArmsEndpoint::binary, ArmsEndpoint::normal_estimated}) {
    AdaptiveArms d = three_arms();
    d.endpoint = endpoint;
    const ArmsTruth truth{{0.3, 0.3, 0.2}, {1.0, 2.0, 1.0}};
    const auto once = [&](std::uint64_t seed) {
      return simulate_adaptive_arms(d, truth, ArmsFallback::best, 100, seed);
    };
    const ArmsOutcome a = once(4), b = once(4), c = once(5);
    EXPECT_EQ(std::memcmp(&a.rmse, &b.rmse, sizeof a.rmse), 0);
    EXPECT_EQ(std::memcmp(a.sums.data(), b.sums.data(), 3 * sizeof(Simulated)), 0);
    EXPECT_NE(a.sums[0].value, c.sums[0].value);
  }
}

TEST(AdaptiveArmsSimulation, ArmsWithHardlyAPatientDoNotStopIt) {
  AdaptiveArms d;
  d.arms = 3;
  d.looks = {6, 12, 60};
  d.endpoint = ArmsEndpoint::normal_estimated;
  const ArmsOutcome few =
      simulate_adaptive_arms(d, {{0.0, 0.0, 0.0}, {1.0, 1.0, 1.0}}, ArmsFallback::best, 300, 1);
  EXPECT_EQ(few.status, ArmsStatus::valid);
  EXPECT_GT(few.rmse.value, 0.0);
  EXPECT_EQ(run(d, {0.0, 1.0, 0.5}, 1).status, ArmsStatus::invalid_truth);
  d.endpoint = ArmsEndpoint::binary;
  EXPECT_EQ(run(d, {0.0, 1.0, 0.5}, 50).status, ArmsStatus::valid);
}

TEST(AdaptiveArmsSimulation, WhatCannotBeIsRefused) {
  using enum ArmsStatus;
  AdaptiveArms d = three_arms();
  EXPECT_EQ(run(d, {0.2, 0.3}, 10).status, invalid_truth);
  EXPECT_EQ(run(d, {0.2, 0.3, 1.2}, 10).status, invalid_truth);
  EXPECT_EQ(run(d, {0.2, 0.3, NAN}, 10).status, invalid_truth);
  EXPECT_EQ(run(d, {0.2, 0.3, 0.4}, 0).status, invalid_truth);
  d.most = {1.0, 0.0, 0.0};  // nobody could be shared out once the first arm is dropped
  EXPECT_EQ(run(d, {0.9, 0.1, 0.1}, 10).status, invalid_shares);
  d.most.clear();
  d.endpoint = ArmsEndpoint::normal;
  d.looks = {5};
  const ArmsTruth truth{{0, 0, 0}, {1, 1, 1}};
  EXPECT_EQ(simulate_adaptive_arms(d, truth, ArmsFallback::none, 10, 1).status, too_few);
  d.looks.clear();
  EXPECT_EQ(simulate_adaptive_arms(d, truth, ArmsFallback::none, 10, 1).status, invalid_design);
}

}  // namespace
}  // namespace angiotrial::analysis
