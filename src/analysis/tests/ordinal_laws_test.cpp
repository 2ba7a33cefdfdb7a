// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/random_intercept_likelihood.hpp"

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Rows of a Markov diary in `states` states: previous state, treatment, a time in 0 to 1.
struct Diary {
  std::vector<int> previous, current, patient;
  std::vector<double> covariates;

  Diary(std::uint32_t seed, int states, std::uint32_t patients = 24, int days = 12,
        double sd = 0.0) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      const double treated = i % 2 == 0 ? 1.0 : 0.0;
      const double shift = sd * draw.normal();
      int state = static_cast<int>(draw.uniform() * states);
      for (int day = 0; day < days; ++day) {
        const double time = static_cast<double>(day % 4) / 4.0;
        const double eta = 0.8 * state - 0.5 * treated + 0.4 * time + shift;
        const double u = draw.uniform();
        int next = 0;
        for (int j = 0; j + 1 < states; ++j) {
          next += u > 1.0 / (1.0 + std::exp(eta - 1.1 * j)) ? 1 : 0;
        }
        previous.push_back(state);
        current.push_back(next);
        patient.push_back(static_cast<int>(i));
        covariates.insert(covariates.end(), {treated, time});
        state = next;
      }
    }
  }
  [[nodiscard]] MarkovTransitions transitions(int states) const {
    MarkovTransitions t;
    t.previous = previous;
    t.current = current;
    t.states = states;
    t.covariates = covariates;
    t.columns = 2;
    return t;
  }
};

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double relative) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i], b[i], relative * (1.0 + std::fabs(b[i]))) << i;
  }
}

constexpr double rounding = 1.0e-9;

TEST(OrdinalLaws, gradients_and_informations_agree_with_finite_differences) {
  const Diary diary(1, 4);
  const std::array by_threshold{std::size_t{1}};
  for (const auto link : {CumulativeLink::logit, CumulativeLink::probit, CumulativeLink::cloglog,
                          CumulativeLink::loglog, CumulativeLink::cauchit}) {
    for (const bool partial : {false, true}) {
      MarkovTransitions transitions = diary.transitions(4);
      if (partial) transitions.by_threshold = by_threshold;
      MarkovDesign design(transitions);
      design.model.link = link;
      CumulativeRows rows;
      rows.read(design.model);
      const auto d = static_cast<Index>(rows.parameters());
      VectorXd at = VectorXd::Constant(d, 0.1), gradient(d), upper(d), lower(d);
      for (Index j = 0; j < 3; ++j) at[j] = 0.7 * static_cast<double>(j) - 0.5;
      MatrixXd information(d, d), unused(d, d);
      (void)cumulative_likelihood(rows, at, Order::information, gradient, information);
      const double h = 1.0e-5;
      for (Index i = 0; i < d; ++i) {
        VectorXd moved = at;
        moved[i] = at[i] + h;
        const double above = cumulative_likelihood(rows, moved, Order::gradient, upper, unused);
        moved[i] = at[i] - h;
        const double below = cumulative_likelihood(rows, moved, Order::gradient, lower, unused);
        EXPECT_NEAR(gradient[i], (above - below) / (2.0 * h), 1e-5) << i;
        EXPECT_LT((information.col(i) - (lower - upper) / (2.0 * h)).cwiseAbs().maxCoeff(), 1e-5);
      }
    }
  }
}

TEST(OrdinalLaws, the_gradient_of_the_quadrature_sum_is_exact_with_any_number_of_nodes) {
  const Diary diary(2, 4, 12, 9, 1.0);
  const std::array by_threshold{std::size_t{1}};
  MarkovTransitions transitions = diary.transitions(4);
  transitions.by_threshold = by_threshold;
  const MarkovDesign design(transitions);
  for (const int nodes : {1, 2, 5}) {
    RandomInterceptLikelihood likelihood(design.model, diary.patient, nodes);
    const Index d = likelihood.parameters();
    VectorXd at = VectorXd::Constant(d, 0.2), gradient, unused;
    for (Index j = 0; j < 3; ++j) at[j] = 0.9 * static_cast<double>(j) - 0.5;
    (void)likelihood.evaluate(at, gradient);
    const double h = 1.0e-5;
    for (Index i = 0; i < d; ++i) {
      VectorXd moved = at;
      moved[i] = at[i] + h;
      const double above = likelihood.evaluate(moved, unused);
      moved[i] = at[i] - h;
      EXPECT_NEAR(gradient[i], (above - likelihood.evaluate(moved, unused)) / (2.0 * h), 1e-6)
          << nodes << " " << i;
    }
  }
}

TEST(OrdinalLaws, without_dependence_on_the_previous_state_a_markov_model_is_proportional_odds) {
  const Diary diary(3, 5);
  MarkovTransitions transitions = diary.transitions(5);
  transitions.dependence = PreviousState::none;
  const CumulativeFit markov = fit_markov_ordinal(transitions);
  CumulativeModel plain;
  plain.response = diary.current;
  plain.categories = 5;
  plain.proportional = diary.covariates;
  plain.proportional_columns = 2;
  EXPECT_EQ(markov.coefficients, fit_cumulative_model(plain).coefficients);
}

TEST(OrdinalLaws, two_categories_are_logistic_regression) {
  const Diary diary(4, 2);
  const CumulativeFit fit = fit_markov_ordinal(diary.transitions(2));
  std::vector<double> y, design;
  for (std::size_t i = 0; i < diary.current.size(); ++i) {
    y.push_back(diary.current[i]);
    design.insert(design.end(), {1.0, static_cast<double>(diary.previous[i]),
                                 diary.covariates[2 * i], diary.covariates[2 * i + 1]});
  }
  LinearModel model;
  model.response = y;
  model.design = design;
  model.columns = 4;
  model.family = Family::binomial;
  auto logistic = fit_linear_model(model).coefficients;
  logistic[0] = -logistic[0];
  expect_near(fit.coefficients, logistic, rounding);
}

RC_GTEST_PROP(OrdinalLaws, merging_equal_rows_into_weights_changes_nothing, ()) {
  const Diary diary(*rc::gen::inRange(0U, 10000U), 3);
  const MarkovDesign design(diary.transitions(3));
  const AggregatedRows cells = aggregate_rows(design.model);
  RC_ASSERT(cells.weights.size() < diary.current.size() / 2);
  const CumulativeFit rows = fit_cumulative_model(design.model);
  const CumulativeFit merged = fit_cumulative_model(cells.in_place_of(design.model));
  RC_ASSERT(rows.status == merged.status);
  if (rows.status == OrdinalStatus::fitted) {
    expect_near(merged.coefficients, rows.coefficients, rounding);
    expect_near(merged.covariance, rows.covariance, rounding);
    expect_near({merged.log_likelihood}, {rows.log_likelihood}, rounding);
  }
}

RC_GTEST_PROP(OrdinalLaws, reversing_the_categories_flips_the_signs, ()) {
  const Diary diary(*rc::gen::inRange(0U, 10000U), 4);
  const MarkovDesign design(diary.transitions(4));
  const CumulativeFit fit = fit_cumulative_model(design.model);
  std::vector<int> reversed;
  for (const int y : diary.current) reversed.push_back(3 - y);
  CumulativeModel model = design.model;
  model.response = reversed;
  const CumulativeFit back = fit_cumulative_model(model);
  RC_ASSERT(fit.status == back.status);
  if (fit.status == OrdinalStatus::fitted) {
    std::vector<double> expected{-fit.coefficients[2], -fit.coefficients[1], -fit.coefficients[0]};
    for (std::size_t i = 3; i < fit.coefficients.size(); ++i) {
      expected.push_back(-fit.coefficients[i]);
    }
    expect_near(back.coefficients, expected, rounding);
  }
}

RC_GTEST_PROP(OrdinalLaws, permuting_patients_changes_nothing, ()) {
  const auto seed = *rc::gen::inRange(0U, 10000U);
  const Diary diary(seed, 3, 16, 10, 1.0);
  const std::size_t n = diary.current.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(10 * (1 + seed % 15)),
              order.end());
  Diary other = diary;
  for (std::size_t i = 0; i < n; ++i) {
    other.previous[i] = diary.previous[order[i]];
    other.current[i] = diary.current[order[i]];
    other.patient[i] = 1000 - diary.patient[order[i]];
    for (std::size_t c = 0; c < 2; ++c) {
      other.covariates[2 * i + c] = diary.covariates[2 * order[i] + c];
    }
  }
  const auto t = diary.transitions(3), u = other.transitions(3);
  const CumulativeFit fit = fit_markov_ordinal(t), same = fit_markov_ordinal(u);
  RC_ASSERT(fit.status == same.status);
  if (fit.status != OrdinalStatus::fitted) return;
  expect_near(same.coefficients, fit.coefficients, rounding);
  expect_near(markov_cluster_covariance(u, same, other.patient),
              markov_cluster_covariance(t, fit, diary.patient), rounding);
  const auto mixed = fit_random_intercept({MarkovDesign(t).model, diary.patient, 5});
  const auto mixed_too = fit_random_intercept({MarkovDesign(u).model, other.patient, 5});
  RC_ASSERT(mixed.status == mixed_too.status);
  // The search stops at a squared decrement of 1e-13: 3e-7 standard errors.
  expect_near(mixed_too.coefficients, mixed.coefficients, 1e-6);
}

TEST(OrdinalLaws, the_other_sign_turns_thresholds_and_keeps_slopes_and_occupancy) {
  const Diary diary(5, 3, 20, 12, 1.0);
  MarkovTransitions transitions = diary.transitions(3);
  transitions.dependence = PreviousState::by_threshold;
  const auto mixed = fit_random_intercept({MarkovDesign(transitions).model, diary.patient, 7});
  ASSERT_EQ(mixed.status, OrdinalStatus::fitted);
  transitions.sign = ThresholdSign::at_least;
  const auto turned = fit_random_intercept({MarkovDesign(transitions).model, diary.patient, 7});
  for (std::size_t i = 0; i < mixed.coefficients.size(); ++i) {
    EXPECT_NEAR(turned.coefficients[i], (i < 6 ? -1.0 : 1.0) * mixed.coefficients[i], 1e-9);
  }
  EXPECT_DOUBLE_EQ(turned.sd, mixed.sd);
}

TEST(StateOccupancy, of_two_states_is_the_closed_form) {
  // P(1 | 0) = p, P(1 | 1) = r: P_t = s + (P_0 - s) (r - p)^t with s = p / (1 - r + p).
  const double p = 0.2, r = 0.7;
  const double threshold = std::log((1.0 - p) / p);
  const double state = threshold - std::log((1.0 - r) / r);
  MarkovTransitions structure;
  structure.states = 2;
  const std::array coefficients{threshold, state};
  const std::array start{1.0, 0.0, 0.0, 1.0};
  const std::array weights{3.0, 1.0};
  const auto occupancy = state_occupancy(structure, coefficients, {10, {}, start, weights});
  const double s = p / (1.0 - r + p);
  for (std::size_t t = 0; t < 10; ++t) {
    const double expected = s + (0.25 - s) * std::pow(r - p, static_cast<double>(t + 1));
    EXPECT_NEAR(occupancy.probability[2 * t + 1], expected, 1e-14);
    EXPECT_NEAR(occupancy.probability[2 * t] + occupancy.probability[2 * t + 1], 1.0, 1e-14);
  }
}

TEST(OrdinalRefusals, each_degenerate_input_has_its_status) {
  const auto status = [](std::vector<int> y, int categories, std::vector<double> x,
                         std::vector<double> w = {}) {
    CumulativeModel model;
    model.response = y;
    model.categories = categories;
    model.proportional = x;
    model.proportional_columns = y.empty() ? 0 : x.size() / y.size();
    model.weights = w;
    return fit_cumulative_model(model).status;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(status({}, 3, {}), OrdinalStatus::invalid_input);
  EXPECT_EQ(status({0, 1, 3}, 3, {}), OrdinalStatus::invalid_input);
  EXPECT_EQ(status({0, 1, 2}, 3, {0, nan, 1}), OrdinalStatus::invalid_input);
  EXPECT_EQ(status({0, 1, 2}, 3, {0, 1, 0}, {1, -1, 1}), OrdinalStatus::invalid_input);
  EXPECT_EQ(status({0, 0, 2, 2}, 3, {0, 1, 0, 1}), OrdinalStatus::empty_category);
  EXPECT_EQ(status({0, 1, 2, 2}, 3, {0, 1, 0, 1}, {1, 0, 1, 1}), OrdinalStatus::empty_category);
  EXPECT_EQ(status({1, 1, 1}, 2, {0, 1, 0}), OrdinalStatus::empty_category);
  EXPECT_EQ(status({0, 1, 2, 0, 1, 2}, 3, {5, 5, 5, 5, 5, 5}), OrdinalStatus::collinear);
  EXPECT_EQ(status({0, 0, 1, 1, 2, 2}, 3, {0, 1, 2, 3, 4, 5}), OrdinalStatus::separated);
  EXPECT_EQ(status({0, 1, 2, 0, 2, 2, 2, 2}, 3, {0, 0, 0, 0, 0, 1, 1, 1}),
            OrdinalStatus::separated);
  EXPECT_EQ(status({0, 1, 2, 0, 1, 2}, 3, {0, 1, 2, 3, 4, 5}), OrdinalStatus::fitted);
}

TEST(OrdinalRefusals, a_transition_out_of_an_absorbing_state_is_refused) {
  const Diary diary(6, 3);
  MarkovTransitions transitions = diary.transitions(3);
  const std::array absorbing{2};
  transitions.absorbing = absorbing;
  EXPECT_EQ(fit_markov_ordinal(transitions).status, OrdinalStatus::invalid_input);
}

TEST(OrdinalRefusals, groups_that_do_not_differ_have_no_variance) {
  const Diary diary(7, 3);
  std::vector<int> group;
  for (std::size_t i = 0; i < diary.current.size(); ++i) group.push_back(diary.current[i] % 1);
  const MarkovDesign design(diary.transitions(3));
  const auto fit = fit_random_intercept({design.model, group, 10});
  EXPECT_EQ(fit.status, OrdinalStatus::no_variance);
  EXPECT_EQ(fit.sd, 0.0);
  EXPECT_EQ(fit.coefficients, fit_cumulative_model(design.model).coefficients);
  EXPECT_EQ(fit_random_intercept({design.model, group, 0}).status, OrdinalStatus::invalid_input);
}

}  // namespace
}  // namespace angiotrial::analysis
