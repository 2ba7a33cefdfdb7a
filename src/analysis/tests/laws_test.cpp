// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/linear/ancova.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// Two arms and a baseline covariate; counts with the given dispersion, exposures of 3 to 4 weeks.
struct Trial {
  std::vector<double> design, offset;
  std::vector<int> counts;

  Trial(std::uint64_t seed, std::uint32_t replicate, std::uint32_t n, double mean,
        double dispersion, double log_ratio = 0.0) {
    for (std::uint32_t i = 0; i < n; ++i) {
      random::Stream draw = random::Streams(seed, replicate, i).at(random::Purpose::diary);
      const double arm = i % 2;
      const double x = 0.5 * draw.normal();
      const double weeks = 3.0 + draw.uniform();
      design.insert(design.end(), {1.0, arm, x});
      offset.push_back(std::log(weeks));
      counts.push_back(random::negative_binomial_quantile(
          draw.uniform(), weeks * mean * std::exp(x + log_ratio * arm), dispersion));
    }
  }
  [[nodiscard]] CountModel model() const { return {design, 3, counts, offset, Aliased::refuse}; }
};

RC_GTEST_PROP(NegativeBinomial, shifts_only_the_intercept_when_exposure_is_scaled, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const double factor = 0.01 * *rc::gen::inRange(10, 1000);
  Trial trial(seed, 0, 80, 3.0, 0.5);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit before = fit_negative_binomial(trial.model(), workspace);
  RC_PRE(usable(before.status));
  for (double& o : trial.offset) o += std::log(factor);
  const NegativeBinomialFit& after = fit_negative_binomial(trial.model(), workspace);
  // The stop leaves errors of about 1e-11 in coefficients, 1e-9 in the flatter dispersion.
  RC_ASSERT(std::fabs(after.coefficients[0] - before.coefficients[0] + std::log(factor)) < 1e-9);
  RC_ASSERT(std::fabs(after.coefficients[1] - before.coefficients[1]) < 1e-9);
  RC_ASSERT(std::fabs(after.dispersion - before.dispersion) < 1e-7);
}

RC_GTEST_PROP(NegativeBinomial, flips_the_sign_when_arms_are_relabelled, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  Trial trial(seed, 0, 80, 3.0, 0.5, -0.4);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit before = fit_negative_binomial(trial.model(), workspace);
  for (std::size_t i = 1; i < trial.design.size(); i += 3) trial.design[i] = 1.0 - trial.design[i];
  const NegativeBinomialFit& after = fit_negative_binomial(trial.model(), workspace);
  RC_ASSERT(after.status == before.status);
  RC_ASSERT(std::fabs(after.coefficients[1] + before.coefficients[1]) < 1e-9);
  RC_ASSERT(std::fabs(after.se_expected[1] - before.se_expected[1]) < 1e-8);
  RC_ASSERT(std::fabs(after.log_likelihood - before.log_likelihood) < 1e-9);
}

RC_GTEST_PROP(NegativeBinomial, does_not_depend_on_the_order_of_rows, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  Trial trial(seed, 0, 60, 2.0, 1.0);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit before = fit_negative_binomial(trial.model(), workspace);
  RC_PRE(before.status == FitStatus::fitted);
  // Steps of a length without a common divisor with 60 visit every row once.
  const std::size_t step = *rc::gen::element<std::size_t>(7, 11, 13, 29, 59);
  const std::size_t first = *rc::gen::inRange<std::size_t>(0, 60);
  Trial turned = trial;
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t from = (first + i * step) % 60;
    turned.counts[i] = trial.counts[from];
    turned.offset[i] = trial.offset[from];
    for (std::size_t c = 0; c < 3; ++c) turned.design[3 * i + c] = trial.design[3 * from + c];
  }
  const NegativeBinomialFit& after = fit_negative_binomial(turned.model(), workspace);
  for (std::size_t c = 0; c < 3; ++c) {
    RC_ASSERT(std::fabs(after.coefficients[c] - before.coefficients[c]) < 1e-10);
  }
}

TEST(NegativeBinomial, returns_poisson_for_counts_without_extra_variation) {
  // Each count is its mean, rounded: less variable than Poisson.
  std::vector<double> design, offset;
  std::vector<int> counts;
  for (int i = 0; i < 60; ++i) {
    const double x = 0.02 * i;
    design.insert(design.end(), {1.0, x});
    offset.push_back(0.0);
    counts.push_back(static_cast<int>(std::lround(5.0 * std::exp(x))));
  }
  NegativeBinomialWorkspace workspace;
  const auto& fit = fit_negative_binomial({design, 2, counts, offset, Aliased::refuse}, workspace);
  EXPECT_EQ(fit.status, FitStatus::poisson_boundary);
  EXPECT_NEAR(fit.coefficients[1], 1.0, 0.02);
  EXPECT_EQ(fit.se_log_theta, 0.0);
  EXPECT_NEAR(fit.se_expected[1], fit.se_observed[1], 1e-12);
}

TEST(NegativeBinomial, says_why_it_refuses) {
  NegativeBinomialWorkspace workspace;
  Trial trial(7, 0, 40, 3.0, 0.5);
  Trial separated = trial;
  for (std::size_t i = 0; i < 40; i += 2) separated.counts[i] = 0;  // the reference arm
  EXPECT_EQ(fit_negative_binomial(separated.model(), workspace).status, FitStatus::separated);
  separated = trial;
  for (std::size_t i = 1; i < 40; i += 2) separated.counts[i] = 0;
  EXPECT_EQ(fit_negative_binomial(separated.model(), workspace).status, FitStatus::separated);
  std::fill(separated.counts.begin(), separated.counts.end(), 0);
  EXPECT_EQ(fit_negative_binomial(separated.model(), workspace).status, FitStatus::separated);
  Trial collinear = trial;
  for (std::size_t i = 0; i < 40; ++i)
    collinear.design[3 * i + 2] = 2.0 * collinear.design[3 * i + 1];
  EXPECT_EQ(fit_negative_binomial(collinear.model(), workspace).status, FitStatus::collinear);
  Trial invalid = trial;
  invalid.counts[3] = -1;
  EXPECT_EQ(fit_negative_binomial(invalid.model(), workspace).status, FitStatus::invalid_input);
  invalid = trial;
  invalid.offset[3] = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(fit_negative_binomial(invalid.model(), workspace).status, FitStatus::invalid_input);
  const Trial tiny(7, 0, 4, 3.0, 0.5);
  EXPECT_EQ(fit_negative_binomial(tiny.model(), workspace).status, FitStatus::too_few_rows);
  EXPECT_EQ(fit_negative_binomial(trial.model(), workspace).status, FitStatus::fitted);
}

TEST(NegativeBinomial, fits_every_trial_of_two_thousand_and_keeps_its_known_type_one_error) {
  constexpr std::uint32_t replicates = 2000;
  NegativeBinomialWorkspace workspace;
  int rejected = 0;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    const Trial trial(11, r, 112, 8.0, 0.6);
    const auto& fit = fit_negative_binomial(trial.model(), workspace);
    ASSERT_TRUE(usable(fit.status)) << r << " " << name_of(fit.status);
    const double z = fit.coefficients[1] / fit.se_expected[1];
    rejected += normal_p_value(z) < 0.05 ? 1 : 0;
  }
  // The Wald test with a normal reference is slightly anticonservative at 56 an arm: 0.0562 over
  // 100,000 trials of this kind (standard error 0.0007). Four binomial standard errors around it.
  const double reference = 0.0562;
  const double rate = static_cast<double>(rejected) / replicates;
  EXPECT_NEAR(rate, reference, 4.0 * std::sqrt(reference * (1.0 - reference) / replicates));
}

// What a workspace did before changes no bit, nor does the largest count it has seen.
TEST(NegativeBinomial, a_used_workspace_gives_the_bytes_of_a_new_one) {
  NegativeBinomialWorkspace used;
  for (std::uint32_t r = 0; r < 200; ++r) {
    const Trial trial(7, r, 30, 0.5 + static_cast<double>(3 * r), 0.8);
    NegativeBinomialWorkspace fresh;
    const double before = fit_negative_binomial(trial.model(), fresh).log_likelihood;
    EXPECT_EQ(fit_negative_binomial(trial.model(), used).log_likelihood, before) << r;
  }
}

TEST(NegativeBinomial, climbs_to_the_top_from_poor_starts_on_wild_and_sparse_counts) {
  NegativeBinomialWorkspace workspace;
  for (std::uint32_t r = 0; r < 3000; ++r) {
    const Trial wild(99, r, 30, 20.0, 8.0);
    ASSERT_NE(fit_negative_binomial(wild.model(), workspace).status, FitStatus::not_converged) << r;
    const Trial sparse(99, r, 20, 0.2, 2.0);
    ASSERT_NE(fit_negative_binomial(sparse.model(), workspace).status, FitStatus::not_converged)
        << r;
  }
}

TEST(Ancova, does_not_invent_a_contrast_for_an_empty_arm) {
  const std::vector<double> y{1.0, 2.0, 3.0, 4.0, 6.0, 5.0};
  const std::vector<double> x{1.0, 3.0, 2.0, 1.0, 3.0, 2.5};
  const std::vector<int> arm{0, 0, 0, 2, 2, 2};
  const AncovaFit fit = fit_ancova({y, arm, 3, 0, x, 1, Variance::model, 0.95});
  EXPECT_EQ(fit.status, FitStatus::fitted);
  EXPECT_FALSE(fit.contrasts[1].has_value());
  EXPECT_TRUE(fit.contrasts[2].has_value());
  const AncovaFit swapped = fit_ancova({y, arm, 3, 2, x, 1, Variance::model, 0.95});
  EXPECT_NEAR(swapped.contrasts[0]->estimate, -fit.contrasts[2]->estimate, 1e-12);
  const std::vector<double> constant(6, 1.0);
  EXPECT_EQ(fit_ancova({y, arm, 3, 0, constant, 1, Variance::model, 0.95}).status,
            FitStatus::collinear);
}

TEST(Ancova, an_arm_of_one_has_no_robust_error_and_leaves_those_of_the_others) {
  std::vector<double> y, x;
  std::vector<int> arm;
  for (std::size_t i = 0; i < 30; ++i) {
    const double t = static_cast<double>(i);
    y.push_back(std::sin(3.0 * t) + 0.1 * t);
    x.push_back(std::cos(t));
    arm.push_back(static_cast<int>(i % 2));
  }
  const AncovaFit two = fit_ancova({y, arm, 3, 0, x, 1, Variance::hc3, 0.95});
  y.push_back(4.0);
  x.push_back(0.3);
  arm.push_back(2);
  const AncovaFit three = fit_ancova({y, arm, 3, 0, x, 1, Variance::hc3, 0.95});
  ASSERT_EQ(three.status, FitStatus::fitted);
  EXPECT_NEAR(three.contrasts[1]->se, two.contrasts[1]->se, 1e-13);
  EXPECT_TRUE(std::isnan(three.contrasts[2]->se));
  EXPECT_TRUE(std::isnan(three.contrasts[2]->p_value));
}

// 0.3 and 0.1 + 0.2 differ by rounding only.
TEST(Ancova, a_covariate_that_is_constant_up_to_rounding_is_collinear) {
  const std::vector<double> y{1.0, 2.0, 3.0, 4.0, 6.0, 5.0},
      x{0.3, 0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3};
  const std::vector<int> arm{0, 0, 0, 1, 1, 1};
  EXPECT_EQ(fit_ancova({y, arm, 2, 0, x, 1, Variance::model, 0.95}).status, FitStatus::collinear);
}

TEST(Ancova, does_not_depend_on_the_unit_of_a_covariate_however_far) {
  const std::vector<double> y{1.0, 2.0, 3.5, 4.0, 6.0, 5.0}, x{3.0, 1.0, 2.0, 4.0, 1.0, 3.0};
  const std::vector<int> arm{0, 0, 0, 1, 1, 1};
  const AncovaFit plain = fit_ancova({y, arm, 2, 0, x, 1, Variance::model, 0.95});
  for (const double unit : {1.0e-150, 1.0e-30, 1.0e150}) {
    std::vector<double> scaled = x;
    for (double& value : scaled) value *= unit;
    const AncovaFit fit = fit_ancova({y, arm, 2, 0, scaled, 1, Variance::model, 0.95});
    ASSERT_EQ(fit.status, FitStatus::fitted) << unit;
    EXPECT_NEAR(fit.contrasts[1]->p_value, plain.contrasts[1]->p_value, 1e-12) << unit;
  }
}

// Arms that nearly are one column, and a covariate far from 0: orthogonal factors take over.
TEST(Ancova, does_not_depend_on_the_origin_of_a_covariate_nor_on_how_alike_it_is_to_the_arm) {
  std::vector<double> y, near_arm, far, alike;
  std::vector<int> arm;
  for (std::size_t i = 0; i < 40; ++i) {
    const double t = static_cast<double>(i);
    arm.push_back(static_cast<int>(i % 2));
    y.push_back(std::sin(5.0 * t) + arm.back());
    near_arm.push_back(std::cos(t));
    far.push_back(std::cos(t) + 1.0e6);
    alike.push_back(arm.back() + 1.0e-3 * std::cos(t));
  }
  const auto slope = [&](const std::vector<double>& x) {
    return fit_ancova({y, arm, 2, 0, x, 1, Variance::model, 0.95}).covariates[0];
  };
  const LinearEstimate plain = slope(near_arm);
  EXPECT_NEAR(slope(far).estimate, plain.estimate, 1e-8 * plain.se);
  EXPECT_NEAR(slope(far).p_value, plain.p_value, 1e-8);
  EXPECT_NEAR(slope(alike).estimate, 1.0e3 * plain.estimate, 1e-8 * 1.0e3 * plain.se);
  EXPECT_NEAR(slope(alike).se, 1.0e3 * plain.se, 1e-8 * 1.0e3 * plain.se);
}

RC_GTEST_PROP(KaplanMeier, without_censoring_is_the_empirical_distribution,
              (const std::vector<unsigned char>& times)) {
  RC_PRE(!times.empty());
  std::vector<Observation> sample;
  for (const unsigned char t : times) sample.push_back({static_cast<double>(t), true});
  const auto curve = kaplan_meier(sample);
  for (const unsigned char t : times) {
    const auto later = std::count_if(times.begin(), times.end(), [&](auto u) { return u > t; });
    const double expected = static_cast<double>(later) / static_cast<double>(times.size());
    const double at = survival_at(curve, t, 0.95, SurvivalInterval::log).survival;
    RC_ASSERT(std::fabs(at - expected) < 1e-12);
  }
}

RC_GTEST_PROP(LogRank, is_the_same_whichever_group_comes_first,
              (const std::vector<std::tuple<unsigned char, bool, bool>>& rows)) {
  std::vector<Observation> sample;
  std::vector<int> group, swapped;
  for (const auto& [time, event, arm] : rows) {
    sample.push_back({static_cast<double>(time), event});
    group.push_back(arm ? 1 : 0);
    swapped.push_back(arm ? 0 : 1);
  }
  const LogRank a = log_rank(sample, group, 2);
  const LogRank b = log_rank(sample, swapped, 2);
  RC_ASSERT(a.p_value.has_value() == b.p_value.has_value());
  if (a.p_value) RC_ASSERT(std::fabs(*a.p_value - *b.p_value) < 1e-9);
  const double events = static_cast<double>(
      std::count_if(sample.begin(), sample.end(), [](const Observation& o) { return o.event; }));
  RC_ASSERT(std::fabs(a.expected[0] + a.expected[1] - events) < 1e-9);
}

TEST(Descriptive, agrees_with_hand_calculation) {
  std::vector<double> values{4.0, 1.0, 3.0, 2.0};
  const Summary s = summarise(values);
  EXPECT_EQ(s.n, 4);
  EXPECT_DOUBLE_EQ(*s.mean, 2.5);
  EXPECT_DOUBLE_EQ(*s.sd, std::sqrt(5.0 / 3.0));
  EXPECT_DOUBLE_EQ(*s.se, std::sqrt(5.0 / 12.0));
  EXPECT_DOUBLE_EQ(*s.median, 2.5);
  std::vector<double> one{7.0};
  EXPECT_FALSE(summarise(one).sd.has_value());
  EXPECT_FALSE(summarise({}).mean.has_value());
  const std::vector<double> sorted{1.0, 2.0, 3.0, 4.0};
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.25), 1.75);  // R: quantile(1:4, 0.25)
  EXPECT_DOUBLE_EQ(quantile(sorted, 1.0), 4.0);
  EXPECT_NEAR(normal_half_width(0.95), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_p_value(1.959963984540054), 0.05, 1e-15);
}

}  // namespace
}  // namespace angiotrial::analysis
