// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

#include "plan_case.hpp"

/// Mixed models in plans at the edge of what data say: covariates by visit, a variance at its
/// bound, columns and times far from 0.
namespace angiotrial::analysis::plan_test {
namespace {

/// What stands in the columns of a subject at a visit.
struct Cell {
  int subject, visit;
  double x, time, y;
  std::string stratum;
};

std::vector<Cell> cells(int subjects, int visits, const std::function<Cell(int, int)>& make) {
  std::vector<Cell> out;
  for (int i = 0; i < subjects; ++i) {
    for (int v = 0; v < visits; ++v) out.push_back(make(i, v));
  }
  return out;
}

formats::DataTable table_of(const std::vector<Cell>& cells) {
  std::string csv = "USUBJID,ARM,W,T,X,ST,V\n";
  const auto text = [](double value) {
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%.17g", value);
    return std::string(out.data());
  };
  for (const Cell& c : cells) {
    csv += "s" + std::to_string(c.subject) + (c.subject % 2 == 0 ? ",a," : ",b,") +
           std::to_string(c.visit + 1) + "," + text(c.time) + "," + text(c.x) + "," + c.stratum +
           "," + text(c.y) + "\n";
  }
  return formats::parse_csv_table(csv, "trial.csv").value();
}

std::string mmrm(const std::string& more) {
  return "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"V\"\nvisit = \"W\"\n" + more + "\n";
}

std::vector<double> values(const std::vector<Row>& rows, const std::string& statistic,
                           const std::string& group = "") {
  std::vector<double> out;
  for (const Row& row : rows) {
    if (row.statistic == statistic && row.group == group && row.value) out.push_back(*row.value);
  }
  return out;
}

double wave(int i, int v) { return std::sin(2.3 * i + 1.1 * v * v) + std::cos(5.7 * i * v + v); }

TEST(PlanMixedLimits, StandardisedMeansRefuseCovariatesThatChangeWithinASubject) {
  const auto changing = cells(30, 3, [](int i, int v) {
    return Cell{i, v, wave(i, v + 7), 0.0, wave(i, v) + std::sin(1.0 * i), i % 3 == 0 ? "p" : "q"};
  });
  for (const std::string terms : {"[\"X\"]", "[\"X\", \"arm:X\", \"ST\"]"}) {
    const auto out = result(mmrm("adjusted_means = \"standardised\"\ncovariates = " + terms),
                            {table_of(changing)});
    EXPECT_TRUE(out.problems.empty());
    ASSERT_EQ(out.refusals.size(), 1U);
    EXPECT_NE(out.refusals[0].rule.find("differ between rows of a subject"), std::string::npos);
    EXPECT_NE(out.refusals[0].rule.find(": X"), std::string::npos) << out.refusals[0].rule;
    EXPECT_EQ(out.refusals[0].rule.find("ST"), std::string::npos) << out.refusals[0].rule;
  }
  // Baseline by visit is the same covariate at each visit.
  const auto constant = cells(30, 3, [](int i, int v) {
    return Cell{i, v, wave(i, 9), 0.0, wave(i, v) + std::sin(1.0 * i), "p"};
  });
  const std::string plan = mmrm("adjusted_means = \"standardised\"\ncovariates = [\"X\", \"X:W\"]");
  const auto forward = rows(plan, {table_of(constant)});
  const auto backward = rows(plan, {table_of({constant.rbegin(), constant.rend()})});
  for (const char* statistic : {"difference", "se"}) {
    const auto a = values(forward, statistic), b = values(backward, statistic);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-9);
  }
}

TEST(PlanMixedLimits, TheMeanOverVisitsOfStandardisedMeansIsTheirs) {
  const auto data = table_of(cells(60, 3, [](int i, int v) {
    const std::string stratum = i < 45 ? "p" : "q";
    const double effect = i % 2 == 1 && i >= 45 ? 2.0 : 0.0;
    return Cell{i, v, 0.0, 0.0, wave(i, v) + std::sin(1.0 * i) + effect, stratum};
  }));
  const auto own =
      rows(mmrm("adjusted_means = \"standardised\"\ncovariates = [\"ST\", \"arm:ST\"]"), {data});
  const auto each = values(own, "difference");
  ASSERT_EQ(each.size(), 3U);
  const double mean = std::accumulate(each.begin(), each.end(), 0.0) / 3.0;
  EXPECT_NEAR(values(own, "difference", "mean over visits").at(0), mean, 1e-12);
  // Without arm by visit in the strata the differences share the part of the covariates, so the
  // error of their mean is no more than the largest.
  const auto errors = values(own, "se");
  EXPECT_LE(values(own, "se", "mean over visits").at(0),
            *std::max_element(errors.begin(), errors.end()));
  EXPECT_EQ(values(own, "df", "arm at any visit").at(0), 3.0);
  EXPECT_EQ(values(own, "df", "arm by visit").at(0), 2.0);
  EXPECT_GT(values(own, "chi_square", "arm at any visit").at(0), 0.0);
  for (const Row& row : own) {
    EXPECT_EQ(row.conventions.find("Kenward"), std::string::npos) << row.conventions;
    EXPECT_EQ(row.conventions.find("reference: t"), std::string::npos) << row.conventions;
    EXPECT_NE(row.conventions.find("cr2; reference: normal"), std::string::npos);
  }
  // Two visits: chi-square of one contrast is the square of its normal statistic.
  const auto two =
      rows(mmrm("visits = [\"1\"]\ncovariance = \"compound_symmetry\"\nadjusted_means = "
                "\"standardised\""),
           {data});
  const double z = values(two, "difference").at(0) / values(two, "se").back();
  EXPECT_NEAR(values(two, "chi_square", "arm at any visit").at(0), z * z, 1e-9);
}

TEST(PlanMixedLimits, StandardisedMeansTakeNoOptionsOfTheModelsErrors) {
  const auto data =
      table_of(cells(20, 2, [](int i, int v) { return Cell{i, v, 0.0, 0.0, wave(i, v), "p"}; }));
  for (const std::string option : {"df = \"kenward_roger\"", "variance = \"model\""}) {
    const auto out = result(mmrm("adjusted_means = \"standardised\"\n" + option), {data});
    ASSERT_EQ(out.problems.size(), 1U) << option;
    EXPECT_NE(out.problems[0].rule.find("standardised means"), std::string::npos);
  }
}

TEST(PlanMixedLimits, ConstrainedModelsNameTheirCollinearColumns) {
  const auto data = table_of(cells(30, 2, [](int i, int v) {
    return Cell{i, v, 7.0, std::sin(3.1 * i), wave(i, v) + std::sin(1.0 * i), "p"};
  }));
  const auto out = result(
      "[analysis.x]\nmethod = \"constrained_longitudinal\"\nresponse = \"V\"\nvisit = \"W\"\n"
      "baseline = \"T\"\ncovariates = [\"X\"]\n",
      {data});
  ASSERT_EQ(out.refusals.size(), 1U);
  EXPECT_NE(out.refusals[0].rule.find(": X at baseline, X at 1, X at 2"), std::string::npos)
      << out.refusals[0].rule;
}

/// Rows of a subject that go apart.
formats::DataTable repelling() {
  return table_of(cells(16, 2, [](int i, int v) {
    const double split = 1.0 + std::fabs(std::sin(3.0 * i));
    return Cell{i, v, 0.0, 0.0, (v == 0 ? split : -split) + 0.3 * wave(i, v), "p"};
  }));
}

TEST(PlanMixedLimits, ARandomInterceptHasNoNegativeVarianceUnlessThePlanAsksForOne) {
  const std::string head = "[analysis.x]\nmethod = \"random_intercept_model\"\nresponse = \"V\"\n";
  const auto data = repelling();
  // Rows as subjects of their own: least squares.
  const std::string ancova =
      "[columns]\nsubject = \"row\"\n[analysis.x]\nmethod = \"ancova\"\nresponse = \"V\"\n"
      "errors = \"model\"\n";
  const auto plain = rows(ancova, {data});
  for (const std::string preset : {"recommended", "r", "sas"}) {
    const auto own = rows("conventions = \"" + preset + "\"\n" + head, {data});
    EXPECT_EQ(value(own, "x", "intercept_variance"), 0.0);
    EXPECT_NEAR(values(own, "difference").at(0), values(plain, "difference").at(0), 1e-9);
    EXPECT_NEAR(values(own, "se").back(), values(plain, "se").back(), 1e-9);
    EXPECT_NEAR(values(own, "df").back(), 30.0, 1e-6);
    EXPECT_NE(own.front().note.find("at its bound 0"), std::string::npos);
    EXPECT_NE(own.front().conventions.find("variance not below 0"), std::string::npos);
  }
  const auto unbounded = rows(head + "intercept_variance = \"unbounded\"\n", {data});
  EXPECT_LT(value(unbounded, "x", "intercept_variance"), -0.5);
  EXPECT_LT(values(unbounded, "se").back(), 0.5 * values(plain, "se").back());
  EXPECT_NE(unbounded.front().note.find("compound symmetry"), std::string::npos);
}

TEST(PlanMixedLimits, ARandomInterceptWithAVarianceIsCompoundSymmetryEitherWay) {
  const auto data = table_of(cells(24, 3, [](int i, int v) {
    return Cell{i, v, 0.0, 0.0, 2.0 * std::sin(3.7 * i) + wave(i, v), "p"};
  }));
  const std::string head = "[analysis.x]\nmethod = \"random_intercept_model\"\nresponse = \"V\"\n";
  const auto own = rows(head, {data});
  const auto other = rows(head + "intercept_variance = \"unbounded\"\n", {data});
  for (const char* statistic : {"difference", "se", "df", "p_value", "log_likelihood"}) {
    EXPECT_EQ(values(own, statistic), values(other, statistic));
  }
  EXPECT_TRUE(own.front().note.empty());
}

std::vector<Cell> sloped(double origin, double unit, double x_origin) {
  return cells(40, 4, [=](int i, int v) {
    const double y = std::sin(2.3 * i) + 0.4 * std::sin(7.1 * i) * v + 0.5 * wave(i, v) +
                     (i % 2 == 0 ? 0.0 : 0.2 * v);
    return Cell{i,
                v,
                x_origin + std::sin(2.3 * i) + 0.5 * std::cos(9.1 * i),
                origin + unit * v,
                y,
                i % 3 == 0 ? "p" : "q"};
  });
}

/// Largest difference between two lists, for their size.
double apart(const std::vector<double>& a, const std::vector<double>& b, double unit = 1.0) {
  EXPECT_EQ(a.size(), b.size());
  EXPECT_FALSE(a.empty());
  double out = a.size() == b.size() ? 0.0 : 1e300;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    out = std::max(out, std::fabs(unit * a[k] - b[k]) / std::max(1.0, std::fabs(b[k])));
  }
  return out;
}

TEST(PlanMixedLimits, ACovariateFarFromZeroChangesNothing) {
  const std::string plan = mmrm("covariates = [\"X\", \"X:W\", \"arm:X\", \"ST\"]");
  const auto base = rows(plan, {table_of(sloped(0.0, 1.0, 0.0))});
  for (const double far : {1e3, 3e4, 1e6}) {
    const auto own = rows(plan, {table_of(sloped(0.0, 1.0, far))});
    // The covariate has lost digits of its own in the file.
    for (const char* statistic : {"adjusted_mean", "difference", "se", "df", "p_value"}) {
      EXPECT_LT(apart(values(own, statistic), values(base, statistic)), 1e-8) << far << statistic;
    }
    EXPECT_LT(apart(values(own, "log_likelihood"), values(base, "log_likelihood")), 1e-8);
  }
}

TEST(PlanMixedLimits, AProductWithoutItsPartsKeepsItsOrigin) {
  // This model, with a slope of stratum q that starts from 0, changes with the origin of X.
  const std::string plan = mmrm("covariates = [\"X\", \"ST:X\"]");
  const auto out = rows(plan, {table_of(sloped(0.0, 1.0, 400.0))});
  const auto other = rows(plan, {table_of(sloped(0.0, 1.0, 500.0))});
  EXPECT_GT(std::fabs(values(out, "aic").at(0) - values(other, "aic").at(0)), 1e-6);
}

TEST(PlanMixedLimits, TimesInYearsOrInThousandthsHaveTheAnswersOfWeeks) {
  const std::string slope =
      "[analysis.x]\nmethod = \"random_slope_model\"\nresponse = \"V\"\ntime = \"T\"\n";
  const std::string spatial = mmrm("covariance = \"spatial_exponential\"\ntime = \"T\"");
  const auto a = rows(slope, {table_of(sloped(0.0, 1.0, 0.0))});
  const auto b = rows(spatial, {table_of(sloped(0.0, 1.0, 0.0))});
  for (const auto& [origin, unit] : {std::pair{2020.0, 1.0}, {0.0, 1e-3}, {0.0, 1e-5}}) {
    const auto data = table_of(sloped(origin, unit, 0.0));
    const auto own = rows(slope, {data});
    EXPECT_LT(apart(values(own, "slope_difference"), values(a, "slope_difference"), unit), 1e-6);
    EXPECT_LT(apart(values(own, "slope_variance"), values(a, "slope_variance"), unit * unit), 1e-6);
    EXPECT_LT(apart(values(own, "residual_variance"), values(a, "residual_variance")), 1e-6);
    // The intercept at time 0 of weeks: v_0 + 2 t c + t^2 v_1.
    const double moved = value(own, "x", "intercept_variance") +
                         2.0 * origin * value(own, "x", "intercept_slope_covariance") +
                         origin * origin * value(own, "x", "slope_variance");
    EXPECT_NEAR(moved, value(a, "x", "intercept_variance"), 1e-5);
    const auto other = rows(spatial, {data});
    for (const char* statistic : {"difference", "se", "df", "log_likelihood"}) {
      EXPECT_LT(apart(values(other, statistic), values(b, statistic)), 1e-6) << unit << statistic;
    }
  }
}

TEST(PlanMixedLimits, StandardisedContrastsThatRepeatAreTestedOnce) {
  const auto data = table_of(cells(60, 3, [](int i, int v) {
    return Cell{i, v, 0.0, 0.0, wave(i, v) + std::sin(1.0 * i), i % 3 == 0 ? "p" : "q"};
  }));
  for (const std::string terms : {"[\"ST\"]", "[\"ST\", \"arm:ST\", \"ST:W\"]"}) {
    const auto own =
        rows(mmrm("adjusted_means = \"standardised\"\narm_by_visit = false\ncovariates = " + terms),
             {data});
    const auto each = values(own, "difference"), errors = values(own, "se");
    ASSERT_EQ(each.size(), 3U);
    ASSERT_EQ(errors.size(), 9U);
    EXPECT_NEAR(each[0], each[2], 1e-12);
    const double z = each[0] / errors[2];
    const auto chi_square = values(own, "chi_square", "arm at any visit");
    ASSERT_EQ(chi_square.size(), 1U) << terms;
    EXPECT_NEAR(chi_square[0], z * z, 1e-9 * (1.0 + z * z));
    EXPECT_EQ(values(own, "df", "arm at any visit").at(0), 1.0);
    // The difference cannot change: nothing to test.
    EXPECT_TRUE(values(own, "df", "arm by visit").empty());
  }
}

/// The difference of the arms' weighted means of subjects' means.
double weighted_difference(const std::vector<Cell>& data, double between, double residual) {
  double sum[2] = {0.0, 0.0}, weight[2] = {0.0, 0.0};
  for (const Cell& cell : data) {
    const auto rows_of_subject = static_cast<double>(std::ranges::count_if(
        data, [&](const Cell& other) { return other.subject == cell.subject; }));
    const double w = 1.0 / (residual + rows_of_subject * between);
    sum[cell.subject % 2] += w * cell.y;
    weight[cell.subject % 2] += w;
  }
  return sum[1] / weight[1] - sum[0] / weight[0];
}

TEST(PlanMixedLimits, ARandomInterceptNeedsNoSecondSubjectWithAsManyRows) {
  std::vector<Cell> data;
  for (int i = 0; i < 6; ++i) {
    for (int v = 0; v < (i == 0 ? 10 : 2); ++v) {
      data.push_back({i, v, 0.0, 0.0, 5.0 * std::sin(3.7 * i) + wave(i, v), "p"});
    }
  }
  const std::vector<Cell> backward(data.rbegin(), data.rend());
  for (const std::string variance : {"nonnegative", "unbounded"}) {
    const std::string plan =
        "[analysis.x]\nmethod = \"random_intercept_model\"\nresponse = \"V\"\n"
        "intercept_variance = \"" +
        variance + "\"\n";
    const auto own = rows(plan, {table_of(data)});
    const auto other = rows(plan, {table_of(backward)});
    const double expected = weighted_difference(data, value(own, "x", "intercept_variance"),
                                                value(own, "x", "residual_variance"));
    EXPECT_NEAR(std::fabs(values(own, "difference").at(0)), std::fabs(expected), 1e-8);
    for (const char* statistic : {"difference", "residual_variance", "log_likelihood"}) {
      EXPECT_LT(apart(values(own, statistic), values(other, statistic)), 1e-6) << statistic;
    }
  }
}

/// Subject 1 has its first two visits at one time, but for a gap.
formats::DataTable tied(double gap = 0.0) {
  std::vector<Cell> data = sloped(0.0, 1.0, 0.0);
  data[5].time = data[4].time + gap;
  return table_of(data);
}

TEST(PlanMixedLimits, TiedTimesBarTheSpatialCovarianceAlone) {
  const auto plain = rows(mmrm(""), {tied()});
  const auto own = rows(mmrm("fallback = [\"spatial_exponential\"]\ntime = \"T\""), {tied()});
  EXPECT_EQ(own.front().note, "");
  for (const char* statistic : {"difference", "se", "df", "log_likelihood"}) {
    EXPECT_LT(apart(values(own, statistic), values(plain, statistic)), 1e-6) << statistic;
  }
  const std::string spatial = "covariance = \"spatial_exponential\"\ntime = \"T\"\n";
  const auto fallen = rows(mmrm(spatial + "fallback = [\"compound_symmetry\"]"), {tied()});
  EXPECT_NE(fallen.front().note.find("in place of spatial exponential ("), std::string::npos)
      << fallen.front().note;
  const auto compound = rows(mmrm("covariance = \"compound_symmetry\""), {tied()});
  EXPECT_LT(apart(values(fallen, "se"), values(compound, "se")), 1e-6);
  const auto refused = result(mmrm(spatial), {tied()});
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_NE(refused.refusals[0].rule.find("two rows of one patient"), std::string::npos);
}

TEST(PlanMixedLimits, RandomSlopesTakeTwoRowsAtOneTime) {
  const std::string slope =
      "[analysis.x]\nmethod = \"random_slope_model\"\nresponse = \"V\"\ntime = \"T\"\n";
  const auto own = rows(slope, {tied()});
  const auto close = rows(slope, {tied(1e-9)});
  for (const char* statistic :
       {"slope_difference", "slope_variance", "residual_variance", "log_likelihood"}) {
    EXPECT_LT(apart(values(own, statistic), values(close, statistic)), 1e-6) << statistic;
  }
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
