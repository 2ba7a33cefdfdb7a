// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "mixed_rows.hpp"
#include "plan_case.hpp"

/// Subjects of leverage 1: a sandwich by subject has no error of what rests on one of them alone.
namespace angiotrial::analysis {
namespace {

constexpr std::array linear_forms{LinearVariance::cr0, LinearVariance::cr1, LinearVariance::cr2};
constexpr std::array gee_forms{GeeVariance::robust, GeeVariance::kauermann_carroll,
                               GeeVariance::mancl_derouen};
constexpr std::array count_forms{CountVariance::cr0, CountVariance::cr1, CountVariance::cr2,
                                 CountVariance::cr3};
constexpr std::array mixed_forms{MixedInference::cr0, MixedInference::cr2, MixedInference::cr3};

/// Two rows a subject: intercept, arm, class. The first `active` subjects are in arm 1, the last of
/// them, where asked for, is the only one of the class.
struct Trial {
  std::vector<double> y, design, offset;
  std::vector<int> counts, subject;
  std::size_t columns;

  Trial(int active, bool lone) : columns(lone ? 3 : 2) {
    for (int i = 0; i < 24; ++i) {
      if (!lone && i == 1) continue;
      for (int k = 0; k < 2; ++k) {
        design.insert(design.end(), {1.0, i < active ? 1.0 : 0.0});
        if (lone) design.push_back(i == 1 ? 1.0 : 0.0);
        counts.push_back((7 * i + 5 * k + i * i) % 11 + 1);
        y.push_back(counts.back());
        subject.push_back(i);
      }
    }
    offset.assign(y.size(), 0.0);
  }
  [[nodiscard]] LinearModel model(Family family) const {
    return {y, design, columns, family, {}, {}, subject};
  }
  [[nodiscard]] std::vector<double> arm() const {
    std::vector<double> out(columns, 0.0);
    out[1] = 1.0;
    return out;
  }
  [[nodiscard]] CountModel count_model() const {
    return {design, columns, counts, offset, Aliased::refuse};
  }
};

void expect_none(const auto& contrast) {
  EXPECT_TRUE(std::isnan(contrast.se));
  EXPECT_TRUE(std::isnan(contrast.p_value));
  EXPECT_TRUE(std::isfinite(contrast.estimate));
}

TEST(LoneSubject, leaves_the_other_of_two_in_his_arm_without_an_error) {
  const Trial trial(2, true);
  for (const Family family : {Family::gaussian, Family::poisson}) {
    const LinearModel model = trial.model(family);
    const LinearFit fit = fit_linear_model(model);
    ASSERT_EQ(fit.status, LinearStatus::fitted);
    for (const LinearVariance form : linear_forms) {
      expect_none(estimate_contrast(model, fit, trial.arm(), form));
      const auto all = coefficient_covariance(model, fit, form);
      EXPECT_TRUE(std::isnan(all[4]) && std::isnan(all[8]) && all[0] > 0.0);
    }
    const GeeModel repeated{model, WorkingCorrelation::exchangeable, {}};
    const GeeFit gee = fit_gee(repeated);
    ASSERT_EQ(gee.status, GeeStatus::fitted);
    for (const GeeVariance form : gee_forms) {
      expect_none(gee_contrast(repeated, gee, trial.arm(), form));
      const auto all = gee_covariance(repeated, gee, form);
      EXPECT_TRUE(std::isnan(all[4]) && std::isnan(all[8]) && all[0] > 0.0);
    }
    EXPECT_GT(gee_contrast(repeated, gee, trial.arm(), GeeVariance::model).se, 0.0);
  }
  NegativeBinomialWorkspace workspace;
  const CountModel counts = trial.count_model();
  const NegativeBinomialFit fit = fit_negative_binomial(counts, workspace);
  ASSERT_TRUE(usable(fit.status));
  for (const CountVariance form : count_forms) {
    expect_none(count_contrast(counts, fit, trial.arm(), form, trial.subject));
    EXPECT_TRUE(std::isnan(count_covariance(counts, fit, form, trial.subject)[4]));
  }
}

TEST(LoneSubject, changes_no_contrast_that_does_not_rest_on_him) {
  const Trial with(12, true), without(12, false);
  for (const Family family : {Family::gaussian, Family::poisson}) {
    const LinearModel a = with.model(family), b = without.model(family);
    const LinearFit fit_a = fit_linear_model(a), fit_b = fit_linear_model(b);
    for (const LinearVariance form : {LinearVariance::cr0, LinearVariance::cr2}) {
      const auto own = estimate_contrast(a, fit_a, with.arm(), form);
      const auto other = estimate_contrast(b, fit_b, without.arm(), form);
      EXPECT_NEAR(own.se, other.se, 1e-9 * other.se);
      if (form == LinearVariance::cr2) EXPECT_NEAR(own.df, other.df, 1e-6 * other.df);
    }
    const GeeModel gee_a{a, WorkingCorrelation::independence, {}};
    const GeeModel gee_b{b, WorkingCorrelation::independence, {}};
    for (const GeeVariance form : gee_forms) {
      const auto own = gee_contrast(gee_a, fit_gee(gee_a), with.arm(), form);
      const auto other = gee_contrast(gee_b, fit_gee(gee_b), without.arm(), form);
      EXPECT_NEAR(own.se, other.se, 1e-8 * other.se);
    }
  }
}

/// Visits with means of their own by arm; the last of arm 1 has one patient.
Rows last_visit_of_one() {
  Rows rows;
  for (int i = 0; i < 40; ++i) {
    const double arm = i < 20 ? 0.0 : 1.0;
    const double shared = std::sin(3.1 * i);
    for (int v = 0; v < (i <= 20 ? 3 : 2); ++v) {
      std::vector<double> x(6, 0.0);
      x[static_cast<std::size_t>(v)] = 1.0;
      x[static_cast<std::size_t>(3 + v)] = arm;
      rows.add(i, v, shared + std::cos(7.3 * i + 2.9 * v * v), x);
    }
  }
  return rows;
}

TEST(LoneSubject, refuses_in_a_mixed_model_the_visit_that_rests_on_him_and_no_other) {
  const Rows rows = last_visit_of_one();
  for (const auto structure : {Structures::unstructured, Structures::ar1}) {
    MixedWorkspace workspace;
    ASSERT_EQ(fit_mixed_model(rows.model(structure), workspace).status, MixedStatus::fitted);
    for (const MixedInference form : mixed_forms) {
      const MixedEstimate last = estimate_contrast(workspace, unit(6, 5), form);
      EXPECT_TRUE(last.rests_on_one);
      expect_none(last);
      for (const std::size_t other : {0U, 1U, 2U, 3U, 4U}) {
        const MixedEstimate sound = estimate_contrast(workspace, unit(6, other), form);
        EXPECT_FALSE(sound.rests_on_one);
        EXPECT_GT(sound.se, 0.0);
        EXPECT_GT(sound.p_value, 0.0);
      }
      std::vector<double> both = unit(6, 4), last_two = both;
      const std::vector<double> fifth = unit(6, 5), third = unit(6, 3);
      both.insert(both.end(), third.begin(), third.end());
      last_two.insert(last_two.end(), fifth.begin(), fifth.end());
      EXPECT_TRUE(std::isfinite(test_jointly(workspace, both, form).p_value));
      const JointTest none = test_jointly(workspace, last_two, form);
      EXPECT_TRUE(none.rests_on_one && std::isnan(none.p_value) && std::isnan(none.f));
      const auto all = coefficient_covariance(workspace, form);
      EXPECT_TRUE(std::isnan(all[35]) && std::isnan(all[5]) && all[28] > 0.0);
    }
    const MixedEstimate model_based = estimate_contrast(workspace, unit(6, 5));
    EXPECT_FALSE(model_based.rests_on_one);
    EXPECT_GT(model_based.se, 0.1);
  }
}

TEST(LoneSubject, has_no_standardised_mean_but_his_share_of_a_difference_may_cancel) {
  // Columns: arm 0, arm 1, a class of one patient. Everybody in that class, or in none.
  Rows rows;
  for (int i = 0; i < 20; ++i) {
    for (int v = 0; v < 2; ++v) {
      rows.add(i, v, std::sin(2.7 * i) + std::cos(5.1 * i + v),
               {i % 2 == 0 ? 1.0 : 0.0, i % 2 == 0 ? 0.0 : 1.0, i == 0 ? 1.0 : 0.0});
    }
  }
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(Structures::compound_symmetry), workspace).status,
            MixedStatus::fitted);
  std::vector<double> own;
  std::vector<int> population;
  for (int i = 0; i < 20; ++i) population.push_back(i);
  for (int a = 0; a < 2; ++a) {
    for (int i = 0; i < 20; ++i) {
      own.insert(own.end(), {a == 0 ? 1.0 : 0.0, a == 0 ? 0.0 : 1.0, i == 0 ? 1.0 : 0.0});
    }
  }
  const StandardisedMeans means = standardise_means(workspace, own, population);
  EXPECT_EQ(means.rests_on_one, (std::vector<char>{1, 0, 0, 1}));
}

using plan_test::result;

std::string row_of(const std::string& subject, const std::string& arm, int visit, double y) {
  return subject + "," + arm + "," + std::to_string(visit) + "," + std::to_string(y) + "\n";
}

formats::DataTable visits_of_plan() {
  std::string csv = "USUBJID,ARM,W,V\n";
  const Rows rows = last_visit_of_one();
  for (std::size_t i = 0; i < rows.response.size(); ++i) {
    csv += row_of("s" + std::to_string(rows.patient[i]), rows.patient[i] < 20 ? "a" : "b",
                  rows.visit[i] + 1, rows.response[i]);
  }
  return formats::parse_csv_table(csv, "lone.csv").value();
}

TEST(LoneSubject, is_named_as_the_reason_in_the_rows_of_a_plan) {
  for (const std::string options : {"variance = \"cr2\"", "variance = \"cr3\"\ndf = \"residual\"",
                                    "adjusted_means = \"standardised\""}) {
    const auto out = result(
        "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"V\"\nvisit = \"W\"\n" + options + "\n",
        {visits_of_plan()});
    EXPECT_TRUE(out.problems.empty());
    int refused = 0, given = 0;
    for (const Row& row : out.rows) {
      if (row.statistic != "p_value" || row.arm != "b" || row.avisit.empty()) continue;
      EXPECT_EQ(row.value.has_value(), row.avisit != "3");
      EXPECT_EQ(row.note.find("rests on one subject alone") != std::string::npos,
                row.avisit == "3");
      ++(row.value ? given : refused);
    }
    EXPECT_EQ(given, 2);
    EXPECT_EQ(refused, 1);
    if (options[0] != 'v') continue;
    for (const Row& row : out.rows) {
      if (row.statistic != "f") continue;
      EXPECT_FALSE(row.value.has_value());
      EXPECT_NE(row.note.find("rests on one subject alone"), std::string::npos);
    }
  }
}

TEST(LoneSubject, makes_regressions_by_subject_refuse) {
  std::string csv = "USUBJID,ARM,C,Y\n";
  const Trial trial(2, true);
  for (std::size_t i = 0; i < trial.y.size(); ++i) {
    csv += "s" + std::to_string(trial.subject[i]) + (trial.subject[i] < 2 ? ",b," : ",a,") +
           (trial.subject[i] == 1 ? "u," : "x,") + std::to_string(trial.counts[i]) + "\n";
  }
  const auto data = formats::parse_csv_table(csv, "lone.csv").value();
  for (const std::string method :
       {"gee\"", "ancova\"\nerrors = \"cr2\"", "poisson_regression\"\nerrors = \"cr0\"",
        "negative_binomial\"\nerrors = \"cr2\"", "negative_binomial\"\nerrors = \"cr3\""}) {
    const auto out = result("reference_arm = \"a\"\n[analysis.x]\nmethod = \"" + method +
                                "\nresponse = \"Y\"\ncovariates = [\"C\"]\n",
                            {data});
    EXPECT_TRUE(out.problems.empty()) << diagnostics::to_string(out.problems);
    ASSERT_EQ(out.refusals.size(), 1U) << method;
    EXPECT_NE(out.refusals[0].rule.find("rests on one subject alone"), std::string::npos)
        << out.refusals[0].rule;
    for (const Row& row : out.rows) EXPECT_NE(row.statistic, "p_value");
  }
}

}  // namespace
}  // namespace angiotrial::analysis
