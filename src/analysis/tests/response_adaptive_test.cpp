// SPDX-License-Identifier: Apache-2.0
// Probabilities behind response-adaptive trials, and what the rule makes of them at a look.
#include <angiotrial/analysis/design/response_adaptive.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/arm_posteriors.hpp"

namespace angiotrial::analysis {
namespace {

using boost::math::beta_distribution;
using boost::math::normal_distribution;

constexpr double promised = 1.0e-6;  ///< the library's own bound
constexpr double reached = 1.0e-7;

constexpr std::array tails{1e-15, 1e-6, 0.05, 0.5, 0.95, 1.0 - 1e-6, 1.0 - 1e-14};

template <class F>
double integral(F f, double low, double high) {
  static boost::math::quadrature::tanh_sinh<double> rule(9);
  return high > low ? rule.integrate(f, low, high, 1e-9) : 0.0;
}

/// E f(X) between far quantiles of X, in pieces that end at the edges of f.
template <class F>
double expectation(const normal_distribution<>& law, double, F f) {
  double sum = 0.0;
  for (std::size_t i = 1; i < tails.size(); ++i) {
    sum += integral([&](double x) { return pdf(law, x) * f(x); }, quantile(law, tails[i - 1]),
                    quantile(law, tails[i]));
  }
  return sum;
}

/// The same over angles, x = sin^2, which takes the edge off densities without bound.
template <class F>
double expectation(const beta_distribution<>& law, double margin, F f) {
  const auto angle = [](double x) { return std::asin(std::sqrt(x)); };
  std::vector<double> cuts{angle(margin), angle(1.0 - margin)};
  for (const double p : tails) cuts.push_back(angle(quantile(law, p)));
  const auto [low, high] = std::pair(cuts[2], cuts.back());
  for (double& cut : cuts) cut = std::clamp(cut, low, high);
  std::ranges::sort(cuts);
  double sum = 0.0;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    sum += integral(
        [&](double t) {
          const double x = std::sin(t) * std::sin(t);
          return pdf(law, x) * f(x) * std::sin(2.0 * t);
        },
        cuts[i - 1], cuts[i]);
  }
  return sum;
}

double below(const beta_distribution<>& law, double x) {
  return x <= 0.0 ? 0.0 : x >= 1.0 ? 1.0 : cdf(law, x);
}
double below(const normal_distribution<>& law, double x) { return cdf(law, x); }

template <class Law>
std::vector<double> slow_best(const std::vector<Law>& laws, bool largest) {
  std::vector<double> out;
  for (std::size_t k = 0; k < laws.size(); ++k) {
    out.push_back(expectation(laws[k], 0.0, [&](double x) {
      double all = 1.0;
      for (std::size_t j = 0; j < laws.size(); ++j) {
        if (j != k) all *= largest ? below(laws[j], x) : 1.0 - below(laws[j], x);
      }
      return all;
    }));
  }
  return out;
}

template <class Law>
double slow_below(const Law& j, const Law& k, double shift) {
  return expectation(k, std::fabs(shift), [&](double x) { return below(j, x + shift); });
}

template <class Law>
double slow_within(const std::vector<Law>& laws, double margin) {
  double sum = 0.0;
  for (std::size_t k = 0; k < laws.size(); ++k) {
    sum += expectation(laws[k], margin, [&](double x) {
      double all = 1.0;
      for (std::size_t j = 0; j < laws.size(); ++j) {
        if (j != k) all *= below(laws[j], x + margin) - below(laws[j], x);
      }
      return all;
    });
  }
  return sum;
}

struct Betas {
  std::vector<double> a, b;
};

/// Largest error of every probability of these posteriors.
double worst_error(const Betas& betas, double margin) {
  std::vector<beta_distribution<>> laws;
  for (std::size_t k = 0; k < betas.a.size(); ++k) laws.emplace_back(betas.a[k], betas.b[k]);
  const std::vector<char> all(laws.size(), 1);
  ArmPosteriors own;
  EXPECT_TRUE(own.set_beta(betas.a, betas.b, all));
  double worst = 0.0;
  std::vector<double> best(laws.size());
  for (const bool largest : {true, false}) {
    own.best(all, largest, best);
    const auto slow = slow_best(laws, largest);
    for (std::size_t k = 0; k < laws.size(); ++k) {
      worst = std::max(worst, std::fabs(best[k] - slow[k]));
    }
  }
  for (const double shift : {0.0, margin, -margin}) {
    worst =
        std::max(worst, std::fabs(own.below(1, 0, shift) - slow_below(laws[1], laws[0], shift)));
    worst =
        std::max(worst, std::fabs(own.below(0, 1, shift) - slow_below(laws[0], laws[1], shift)));
  }
  return std::max(worst, std::fabs(own.within(all, margin) - slow_within(laws, margin)));
}

TEST(ArmPosteriors, BetaProbabilitiesMeetAdaptiveQuadrature) {
  const std::vector<Betas> cases{
      {{1, 1, 1}, {1, 1, 1}},                 // nothing known
      {{1, 1}, {1, 400}},                     // no event among 399, nothing known of the other
      {{26, 30, 22}, {76, 68, 80}},           // alike
      {{501, 480, 530}, {1501, 1490, 1480}},  // large
      {{3, 26, 251}, {9, 76, 751}},           // of very unlike size
      {{0.5, 40.5, 1.5, 20.5}, {0.5, 0.5, 30.5, 20.5}},  // Jeffreys, near both ends
      {{1, 100001}, {3, 300001}},                        // a hundred thousand against two
      {{200, 60}, {2, 60}}};
  double worst = 0.0;
  for (const Betas& c : cases) {
    const double error = worst_error(c, 0.05);
    EXPECT_LT(error, reached) << c.a[0] << " " << c.b[0];
    worst = std::max(worst, error);
  }
  RecordProperty("worst", std::to_string(worst * 1e9) + "e-9");
  EXPECT_LT(worst, promised);
}

TEST(ArmPosteriors, ProbabilitiesOfAnyCountsKeepTheBound) {
  random::Stream draw = random::Streams(7, 0, 0).at(random::Purpose::diary);
  const auto below_limit = [&](double limit) { return std::floor(draw.uniform() * limit); };
  for (int i = 0; i < 20; ++i) {
    Betas betas;
    for (int arms = 2 + i % 3, k = 0; k < arms; ++k) {
      const double n = below_limit(2000.0), y = below_limit(n + 1.0);
      betas.a.push_back(1.0 + y);
      betas.b.push_back(1.0 + n - y);
    }
    EXPECT_LT(worst_error(betas, 0.005 + 0.3 * draw.uniform()), promised) << i;
  }
}

// P(X > Y) for X ~ Beta(a, b) and Y ~ Beta(c, d) with whole a (Miller 2015):
// sum over i < a of B(c + i, b + d) / ((b + i) B(1 + i, b) B(c, d)).
double whole_sum(int a, double b, double c, double d) {
  const auto ln_beta = [](double x, double y) {
    return std::lgamma(x) + std::lgamma(y) - std::lgamma(x + y);
  };
  double sum = 0.0;
  for (int i = 0; i < a; ++i) {
    sum += std::exp(ln_beta(c + i, b + d) - std::log(b + i) - ln_beta(1.0 + i, b) - ln_beta(c, d));
  }
  return sum;
}

TEST(ArmPosteriors, TwoArmsGiveTheFiniteSum) {
  const std::vector<char> both(2, 1);
  ArmPosteriors own;
  double best[2];
  for (const auto& [a, b, c, d] : std::vector<std::array<int, 4>>{
           {1, 1, 1, 1}, {8, 12, 5, 15}, {41, 61, 51, 51}, {2, 300, 7, 300}, {150, 1, 149, 3}}) {
    ASSERT_TRUE(own.set_beta(std::array{a + 0.0, c + 0.0}, std::array{b + 0.0, d + 0.0}, both));
    own.best(both, true, best);
    EXPECT_NEAR(best[0], whole_sum(a, b, c, d), reached) << a << " " << b << " " << c << " " << d;
  }
}

TEST(ArmPosteriors, NormalProbabilitiesMeetClosedFormAndQuadrature) {
  const std::vector<double> mean{1.0, 1.4, 0.2}, sd{0.3, 0.5, 2.0};
  std::vector<normal_distribution<>> laws;
  for (std::size_t k = 0; k < 3; ++k) laws.emplace_back(mean[k], sd[k]);
  const std::vector<char> all(3, 1);
  ArmPosteriors own;
  ASSERT_TRUE(own.set_normal(mean, sd, all));
  const auto closed = [&](double shift) {
    return cdf(normal_distribution<>(), (mean[0] + shift - mean[1]) / std::hypot(sd[0], sd[1]));
  };
  for (const double shift : {0.0, 0.3, -0.3, 5.0}) {
    EXPECT_NEAR(own.below(1, 0, shift), closed(shift), reached) << shift;
  }
  std::vector<double> best(3);
  own.best(all, true, best);
  const auto slow = slow_best(laws, true);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(best[k], slow[k], reached);
  EXPECT_NEAR(own.within(all, 1.0), slow_within(laws, 1.0), reached);
}

AdaptiveArms design_of(std::size_t arms) {
  AdaptiveArms d;
  d.arms = arms;
  d.looks = {300, 600, 900};
  return d;
}

TEST(AdaptiveArmsLook, EqualArmsAreBestAlikeAndShareAlike) {
  for (const std::size_t arms : {2U, 3U, 7U}) {
    const std::vector<double> n(arms, 40.0), y(arms, 11.0);
    const ArmsLook look = analyse_adaptive_arms(design_of(arms), {n, y, {}});
    ASSERT_EQ(look.status, ArmsStatus::valid);
    for (std::size_t k = 0; k < arms; ++k) {
      EXPECT_NEAR(look.best[k], 1.0 / static_cast<double>(arms), 1e-14);
      EXPECT_NEAR(look.shares[k], 1.0 / static_cast<double>(arms), 1e-14);
      EXPECT_NEAR(look.estimate[k], 12.0 / 42.0, 1e-15);
    }
  }
}

RC_GTEST_PROP(AdaptiveArmsLook, relabelling_arms_permutes_everything, ()) {
  AdaptiveArms d = design_of(4);
  d.equivalence = {0.9};
  d.equivalence_margin = 0.05;
  const bool controlled = *rc::gen::arbitrary<bool>();
  if (controlled) {
    d.control = 0;
    d.control_share =
        *rc::gen::element(ControlShare::root, ControlShare::match, ControlShare::adaptive);
    d.futility = {0.95};
    d.futility_margin = 0.03;
  }
  std::vector<double> n, y;
  for (int k = 0; k < 4; ++k) {
    n.push_back(*rc::gen::inRange(20, 200));
    y.push_back(std::floor(n.back() * 0.01 * *rc::gen::inRange(10, 45)));
  }
  const std::vector<std::size_t> order{2, 0, 3, 1};
  std::vector<double> n2(4), y2(4);
  for (std::size_t k = 0; k < 4; ++k) {
    n2[order[k]] = n[k];
    y2[order[k]] = y[k];
  }
  AdaptiveArms d2 = d;
  if (controlled) d2.control = order[0];
  const ArmsLook one = analyse_adaptive_arms(d, {n, y, {}});
  const ArmsLook two = analyse_adaptive_arms(d2, {n2, y2, {}});
  RC_ASSERT(one.decision == two.decision);
  for (std::size_t k = 0; k < 4; ++k) {
    RC_ASSERT(one.states[k] == two.states[order[k]]);
    RC_ASSERT(std::fabs(one.best[k] - two.best[order[k]]) < 1e-13);
    RC_ASSERT(std::fabs(one.shares[k] - two.shares[order[k]]) < 1e-12);
  }
}

RC_GTEST_PROP(AdaptiveArmsLook, shares_sum_to_one_and_obey_the_limits, ()) {
  AdaptiveArms d = design_of(4);
  d.inferiority = {0.0};
  d.superiority = {1.0};
  d.softening = {0.1 * *rc::gen::inRange(0, 11)};
  d.least = {0.1, 0.05, 0.0, 0.15};
  d.most = {0.5, 0.3, 0.6, 0.4};
  if (*rc::gen::arbitrary<bool>()) d.fixed = {0.0, 0.0, 0.25, 0.0};
  std::vector<double> n(4, 100.0), y;
  for (int k = 0; k < 4; ++k) y.push_back(*rc::gen::inRange(5, 95));
  const ArmsLook look = analyse_adaptive_arms(d, {n, y, {}});
  RC_ASSERT(look.status == ArmsStatus::valid);
  RC_ASSERT(std::fabs(std::accumulate(look.shares.begin(), look.shares.end(), 0.0) - 1.0) < 1e-12);
  for (std::size_t k = 0; k < 4; ++k) {
    const bool fixed = !d.fixed.empty() && d.fixed[k] > 0.0;
    RC_ASSERT(look.shares[k] >= (fixed ? 0.25 : d.least[k]) - 1e-12);
    RC_ASSERT(look.shares[k] <= (fixed ? 0.25 : d.most[k]) + 1e-12);
  }
}

RC_GTEST_PROP(AdaptiveArmsLook, a_matching_control_leaves_the_others_their_limits, ()) {
  AdaptiveArms d = design_of(4);
  d.control = 0;
  d.control_share = ControlShare::match;
  d.inferiority = {0.0};
  d.superiority = {1.0};
  d.softening = {0.1 * *rc::gen::inRange(0, 11)};
  d.least = {0.0, 0.1, 0.05, 0.15};
  d.most = {1.0, 0.4, 0.3, 0.4};
  if (*rc::gen::arbitrary<bool>()) d.fixed = {0.0, 0.0, 0.2, 0.0};
  std::vector<double> n(4, 100.0), y;
  for (int k = 0; k < 4; ++k) y.push_back(*rc::gen::inRange(30, 60));
  const ArmsLook look = analyse_adaptive_arms(d, {n, y, {}});
  RC_ASSERT(look.status == ArmsStatus::valid);
  RC_ASSERT(std::fabs(std::accumulate(look.shares.begin(), look.shares.end(), 0.0) - 1.0) < 1e-12);
  RC_ASSERT(std::ranges::max(look.shares) == look.shares[0]);
  RC_ASSERT(std::ranges::count(look.shares, look.shares[0]) >= 2);
  for (std::size_t k = 1; k < 4; ++k) {
    const bool fixed = !d.fixed.empty() && d.fixed[k] > 0.0;
    RC_ASSERT(look.shares[k] >= (fixed ? 0.2 : d.least[k]) - 1e-12);
    RC_ASSERT(look.shares[k] <= (fixed ? 0.2 : d.most[k]) + 1e-12);
  }
}

TEST(AdaptiveArmsLook, AMatchingControlSharesWhatLimitsLeave) {
  AdaptiveArms d = design_of(3);
  d.control = 0;
  d.control_share = ControlShare::match;
  d.inferiority = {0.0};
  d.superiority = {1.0};
  const std::vector<double> n{50, 50, 50}, y{25, 10, 25};
  const auto shares = [&] { return analyse_adaptive_arms(d, {n, y, {}}).shares; };
  const auto expect = [](const std::vector<double>& own, const std::vector<double>& right) {
    ASSERT_EQ(own.size(), right.size());
    for (std::size_t k = 0; k < own.size(); ++k) EXPECT_NEAR(own[k], right[k], 1e-9) << k;
  };
  d.least = {0.0, 0.3, 0.3};
  expect(shares(), {0.35, 0.35, 0.3});
  d.least.clear();
  d.most = {1.0, 0.4, 1.0};
  expect(shares(), {0.4, 0.4, 0.2});
  d.most.clear();
  d.fixed = {0.0, 0.0, 0.45};
  expect(shares(), {0.45, 0.1, 0.45});
  d.fixed = {0.0, 0.0, 0.2};
  expect(shares(), {0.4, 0.4, 0.2});
  expect(starting_shares(d), {0.4, 0.4, 0.2});
}

TEST(AdaptiveArmsLook, LimitsCountTheControlsOwnShare) {
  using Rule = ControlShare;
  using Shares = std::vector<double>;
  const auto status = [](Rule rule, const Shares& fixed, const Shares& least, const Shares& most) {
    AdaptiveArms d = design_of(3);
    d.control = 0;
    d.control_share = rule;
    d.control_fixed = 0.4;
    d.fixed = fixed;
    d.least = least;
    d.most = most;
    return check(d);
  };
  for (const Rule rule : {Rule::root, Rule::root_start, Rule::root_fixed, Rule::fixed}) {
    EXPECT_EQ(status(rule, {0, 0.5, 0.4}, {}, {}), ArmsStatus::invalid_shares);
    EXPECT_EQ(status(rule, {0, 0.3, 0.2}, {}, {}), ArmsStatus::invalid_shares);
    EXPECT_EQ(status(rule, {}, {0, 0.31, 0.31}, {}), ArmsStatus::invalid_shares);
    EXPECT_EQ(status(rule, {}, {0, 0.29, 0.29}, {}), ArmsStatus::valid);
    EXPECT_EQ(status(rule, {}, {}, {1, 0.2, 0.2}), ArmsStatus::invalid_shares);
  }
  EXPECT_EQ(status(Rule::root, {}, {0, 0.4, 0}, {}), ArmsStatus::invalid_start);
  EXPECT_EQ(status(Rule::root_fixed, {}, {0, 0.4, 0}, {}), ArmsStatus::invalid_shares);
  EXPECT_EQ(status(Rule::match, {}, {0, 0.34, 0.34}, {}), ArmsStatus::invalid_shares);
  EXPECT_EQ(status(Rule::match, {0, 0.3, 0.3}, {}, {}), ArmsStatus::invalid_shares);
  EXPECT_EQ(status(Rule::match, {0, 0.4, 0.2}, {}, {}), ArmsStatus::valid);
  EXPECT_EQ(status(Rule::match, {}, {}, {1, 0.3, 0.3}), ArmsStatus::invalid_shares);
}

TEST(AdaptiveArmsLook, SofteningRunsFromEqualSharesToTheProbabilities) {
  AdaptiveArms d = design_of(3);
  d.inferiority = {0.0};
  const std::vector<double> n{50, 50, 50}, y{10, 14, 18};
  d.softening = {0.0};
  const ArmsLook equal = analyse_adaptive_arms(d, {n, y, {}});
  for (const double share : equal.shares) EXPECT_NEAR(share, 1.0 / 3.0, 1e-15);
  d.softening = {1.0};
  const ArmsLook thompson = analyse_adaptive_arms(d, {n, y, {}});
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(thompson.shares[k], thompson.best[k], 1e-15);
  d.softening = {0.5};
  const ArmsLook half = analyse_adaptive_arms(d, {n, y, {}});
  EXPECT_NEAR(half.shares[0] / half.shares[2], std::sqrt(half.best[0] / half.best[2]), 1e-12);
}

TEST(AdaptiveArmsLook, TheControlsShareFollowsItsRule) {
  AdaptiveArms d = design_of(4);
  d.control = 1;
  d.inferiority = {0.0};
  const std::vector<double> n(4, 50.0), y{10, 14, 18, 12};
  const double root = std::sqrt(3.0) / (std::sqrt(3.0) + 3.0);
  for (const auto rule : {ControlShare::root, ControlShare::root_start, ControlShare::root_fixed}) {
    d.control_share = rule;
    EXPECT_NEAR(starting_shares(d)[1], root, 1e-15);
    EXPECT_NEAR(starting_shares(d)[0], (1.0 - root) / 3.0, 1e-15);
    EXPECT_NEAR(analyse_adaptive_arms(d, {n, y, {}}).shares[1], root, 1e-15);
  }
  EXPECT_NEAR(analyse_adaptive_arms(d, {n, y, {}}).shares[2], (1.0 - root) / 3.0, 1e-15);
  const ArmsCourse later{1, {{}, {}, ArmState::inferior, {}}, {}};
  d.control_share = ControlShare::root;
  const double fewer = std::sqrt(2.0) / (std::sqrt(2.0) + 2.0);
  EXPECT_NEAR(analyse_adaptive_arms(d, {n, y, {}}, later).shares[1], fewer, 1e-15);
  d.control_share = ControlShare::match;
  const ArmsLook matched = analyse_adaptive_arms(d, {n, y, {}});
  EXPECT_NEAR(matched.shares[1], std::ranges::max(matched.shares), 1e-15);
}

TEST(AdaptiveArmsLook, ABetterArmReplacesTheControlAndTheRestMeetsIt) {
  AdaptiveArms d = design_of(3);
  d.control = 0;
  const std::vector<double> n{200, 200, 200}, y{90, 40, 85};
  const ArmsLook look = analyse_adaptive_arms(d, {n, y, {}});
  EXPECT_EQ(look.decision, TrialDecision::superiority);
  EXPECT_EQ(look.control, 1U);
  EXPECT_EQ(look.states[0], ArmState::inferior);
  EXPECT_EQ(look.states[1], ArmState::superior);
  EXPECT_EQ(look.states[2], ArmState::inferior);
  EXPECT_GT(look.better[1], 0.99);
  EXPECT_LT(look.better[2], 0.99);
}

TEST(AdaptiveArmsLook, EquivalentAndFutileArmsGoAfterInferiorOnes) {
  AdaptiveArms d = design_of(4);
  d.control = 0;
  d.equivalence = {0.9};
  d.equivalence_margin = 0.05;
  d.futility = {0.9};
  d.futility_margin = 0.05;
  const std::vector<double> n{2000, 2000, 200, 200}, y{500, 502, 62, 100};
  const ArmsLook look = analyse_adaptive_arms(d, {n, y, {}});
  EXPECT_EQ(look.states[1], ArmState::equivalent);
  EXPECT_EQ(look.states[2], ArmState::futile);
  EXPECT_EQ(look.states[3], ArmState::inferior);
  EXPECT_EQ(look.states[0], ArmState::control);
  EXPECT_EQ(look.decision, TrialDecision::futility);
  AdaptiveArms alone = design_of(2);
  alone.equivalence = {0.9};
  alone.equivalence_margin = 0.05;
  const ArmsLook two =
      analyse_adaptive_arms(alone, {std::vector{2000.0, 2000.0}, std::vector{500.0, 502.0}, {}});
  EXPECT_EQ(two.decision, TrialDecision::equivalence);
  EXPECT_GT(two.all_equivalent, 0.9);
}

TEST(AdaptiveArmsLook, NormalPosteriorsAreThoseOfTheEndpoint) {
  AdaptiveArms d = design_of(2);
  d.endpoint = ArmsEndpoint::normal;
  d.favours = Favours::larger;
  const std::vector<double> n{25, 50}, mean{1.0, 1.3}, sd{2.0, 2.0};
  const normal_distribution<> z;
  const ArmsLook known = analyse_adaptive_arms(d, {n, mean, sd});
  EXPECT_NEAR(known.best[1], cdf(z, 0.3 / std::sqrt(4.0 / 25 + 4.0 / 50)), reached);
  d.endpoint = ArmsEndpoint::normal_estimated;
  const ArmsLook estimated = analyse_adaptive_arms(d, {n, mean, sd});
  EXPECT_NEAR(estimated.best[1], cdf(z, 0.3 / std::sqrt(4.0 / 24 + 4.0 / 49)), reached);
}

TEST(AdaptiveArmsLook, TheLastLookEndsTheTrial) {
  const std::vector<double> n{50, 50, 50}, y{10, 14, 18};
  const ArmsLook last = analyse_adaptive_arms(design_of(3), {n, y, {}}, {2, {}, {}});
  EXPECT_EQ(last.decision, TrialDecision::maximum);
  for (const double share : last.shares) EXPECT_EQ(share, 0.0);
}

TEST(AdaptiveArmsLook, WhatCannotBeIsRefused) {
  const std::vector<double> n{50, 50, 50}, y{10, 14, 18};
  const auto status = [&](auto change) {
    AdaptiveArms d = design_of(3);
    change(d);
    const std::vector<double> sd(d.arms, 0.0);
    return analyse_adaptive_arms(d, {std::span(n).first(std::min<std::size_t>(d.arms, 3)), y, sd})
        .status;
  };
  using enum ArmsStatus;
  EXPECT_EQ(status([](AdaptiveArms& d) { d.looks = {300, 300}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.looks.clear(); }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.inferiority = {0.4}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.superiority = {NAN}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.softening = {1.0, 1.0}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.equivalence = {0.9}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.prior_events = 0.0; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.randomised = {100, 600, 900}; }), invalid_design);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.start = {0.5, 0.5, 0.5}; }), invalid_shares);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.least = {0.5, 0.5, 0.5}; }), invalid_shares);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.most = {0.2, 0.2, 0.2}; }), invalid_shares);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.most = {1.0, 0.0, 0.0}; }), invalid_shares);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.control_share = ControlShare::root; }), invalid_shares);
  EXPECT_EQ(status([](AdaptiveArms& d) { d.endpoint = ArmsEndpoint::normal; }), invalid_data);
  const auto data = [&](std::vector<double> totals, std::vector<double> events) {
    return analyse_adaptive_arms(design_of(3), {totals, events, {}}).status;
  };
  EXPECT_EQ(data({0, 0, 0}, {0, 0, 0}), valid);
  EXPECT_EQ(data({50, 50, 50}, {51, 0, 0}), invalid_data);
  EXPECT_EQ(data({50, 50, NAN}, {1, 0, 0}), invalid_data);
  AdaptiveArms normal = design_of(2);
  normal.endpoint = ArmsEndpoint::normal_estimated;
  const std::vector<double> few{1, 50}, mean{0, 0}, sd{1, 1}, enough{50, 50}, far{0, 1e12};
  EXPECT_EQ(analyse_adaptive_arms(normal, {few, mean, sd}).status, too_few);
  EXPECT_EQ(analyse_adaptive_arms(normal, {enough, far, sd}).status, too_unlike);
}

}  // namespace
}  // namespace angiotrial::analysis
