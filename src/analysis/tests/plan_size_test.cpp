// SPDX-License-Identifier: Apache-2.0
// Sizes and assurance as a user writes them: given sizes, signs, limits, and keys without use.
#include <angiotrial/analysis/design/assurance.hpp>
#include <angiotrial/analysis/design/sample_size.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

std::string size_plan(const std::string& head, const std::string& table) {
  return "[analysis.x]\nmethod = \"sample_size\"\n" + head + "[analysis.x." + table;
}

TEST(PlanSize, AGivenSizeOfHighPowerIsTheSizePlanned) {
  const auto own = rows(size_plan("given_size = 1000.0\ninformation = [0.5, 1.0]\n",
                                  "means]\ndifference = 1.0\nsd = 1.0\n"),
                        {});
  EXPECT_EQ(value(own, "x", "size"), 1000.0);
  EXPECT_EQ(value(own, "x", "n_treatment"), 500.0);
  EXPECT_EQ(value(own, "x", "size", "", "look 1"), 500.0);
  // A t bound on 998 degrees of freedom is that of z within 2 in 1000.
  const double last = value(own, "x", "critical_value", "", "look 2") * 2.0 / std::sqrt(1000.0);
  EXPECT_NEAR(value(own, "x", "critical_difference", "", "look 2"), last, 2e-3 * last);
  EXPECT_NEAR(value(own, "x", "expected_size_alternative"), 500.0, 1e-6);
  EXPECT_GT(value(own, "x", "expected_size_null"), 995.0);
  for (const Row& row : own) EXPECT_NE(row.statistic, "fixed_size");
}

TEST(PlanSize, EveryEndpointTakesAGivenSize) {
  const std::string head = "given_size = 20000.0\ninformation = [0.5, 1.0]\n";
  for (const auto& [endpoint, table] :
       {std::pair<std::string, std::string>{"rates", "rates]\ntreatment = 0.6\ncontrol = 0.3\n"},
        {"counts", "counts]\ncontrol_rate = 2.0\nrate_ratio = 0.5\nfollow_up = 1.0\n"},
        {"survival",
         "survival]\ncontrol_hazard = [0.1]\nhazard_ratio = 0.5\naccrual = 5.0\n"
         "follow_up = 5.0\n"}}) {
    SCOPED_TRACE(endpoint);
    const auto own = rows(size_plan("endpoint = \"" + endpoint + "\"\n" + head, table), {});
    EXPECT_EQ(value(own, "x", "size"), 20000.0);
    EXPECT_EQ(value(own, "x", "n_control"), 10000.0);
  }
}

TEST(PlanSize, AGivenSizeHasTheLooksOfThePowerItReaches) {
  const std::string means = "means]\ndifference = 0.5\nsd = 1.2\n";
  const auto by_power = rows(size_plan("power = 0.83\ninformation = [0.4, 1.0]\n", means), {});
  const std::string size = std::to_string(value(by_power, "x", "size"));
  const auto by_size =
      rows(size_plan("given_size = " + size + "\ninformation = [0.4, 1.0]\n", means), {});
  ASSERT_EQ(by_size.size(), by_power.size());
  for (std::size_t i = 0; i < by_size.size(); ++i) {
    EXPECT_EQ(by_size[i].statistic, by_power[i].statistic);
    const double wanted = by_power[i].value.value_or(-1.0);
    EXPECT_NEAR(by_size[i].value.value_or(-2.0), wanted, 1e-6 * std::fabs(wanted))
        << by_size[i].statistic;
  }
}

TEST(PlanSize, CriticalDifferencesHaveTheSignOfTheDifference) {
  const auto critical = [](const char* difference) {
    const auto own =
        rows(size_plan("", std::string("means]\ndifference = ") + difference + "\n"), {});
    return value(own, "x", "critical_difference", "", "look 1");
  };
  EXPECT_GT(critical("1.0"), 0.0);
  EXPECT_EQ(critical("-1.0"), -critical("1.0"));
}

double survival_size(const std::string& formula, double accrual) {
  const auto own =
      rows(size_plan("endpoint = \"survival\"\n",
                     "survival]\ncontrol_hazard = [0.1]\nhazard_ratio = 0.5\nfollow_up = 10.0\n"
                     "formula = \"" +
                         formula + "\"\naccrual = " + std::to_string(accrual) + "\n"),
           {});
  return value(own, "x", "size");
}

TEST(PlanSize, PatientsOfASurvivalTrialMayEnterAtOnce) {
  for (const char* formula : {"schoenfeld", "freedman", "lachin_foulkes"}) {
    const double at_once = survival_size(formula, 0.0);
    EXPECT_NEAR(survival_size(formula, 1e-3) / at_once, 1.0, 1e-4) << formula;
  }
  // 4 (z_a + z_b)^2 / ln^2 h events over their mean probability.
  const double events =
      4.0 * std::pow(1.959963984540054 + 1.2815515655446, 2.0) / (std::log(0.5) * std::log(0.5));
  const double seen = 0.5 * (-std::expm1(-1.0) - std::expm1(-0.5));
  EXPECT_NEAR(survival_size("schoenfeld", 0.0), events / seen, 1e-6 * events / seen);
}

// Values by mpmath to 20 digits, panels about the rise at 0 and one a unit of the log ratio.
TEST(PlanSize, AssuranceOfCountsHoldsUnderWidePriors) {
  struct Case {
    double mean, sd, rate, exposure, dispersion, per_arm, assurance;
  };
  for (const Case& c : {Case{-0.3, 10.0, 100.0, 10.0, 0.0, 1e4, 0.492880447289169729855},
                        {-0.3, 10.0, 100.0, 10.0, 0.8, 1e4, 0.491926120675532144708},
                        {-0.288, 0.15, 6.8, 1.0, 0.8, 84.0, 0.479754295965671519688},
                        {0.5, 1000.0, 0.01, 1.0, 0.0, 50.0, 0.0125889714893891535273},
                        {-0.3, 100.0, 1000.0, 10.0, 0.0, 1e6, 0.122469506976756700122},
                        {-5.0, 20.0, 1.0, 1.0, 2.0, 30.0, 0.100911534561310295074}}) {
    CountAssurance plan;
    plan.prior_mean = c.mean;
    plan.prior_sd = c.sd;
    plan.control_rate = c.rate;
    plan.exposure = c.exposure;
    plan.dispersion = c.dispersion;
    plan.per_arm = c.per_arm;
    EXPECT_NEAR(assurance(plan).assurance, c.assurance, 1e-10) << c.sd << " " << c.per_arm;
  }
  CountAssurance sharp;
  sharp.prior_mean = -0.3;
  sharp.prior_sd = 1e-18;
  sharp.control_rate = 2.0;
  sharp.per_arm = 100.0;
  EXPECT_NEAR(assurance(sharp).assurance, assurance(sharp).power_at_mean, 1e-12);
}

TEST(PlanSize, PatientsOfASurvivalTrialMayAllHaveTheirEventAtOnce) {
  const auto own = rows(size_plan("endpoint = \"survival\"\ninformation = [0.5, 1.0]\n",
                                  "survival]\ncontrol_hazard = [1e6]\nhazard_ratio = 0.5\n"
                                  "follow_up = 1e6\n"),
                        {});
  // Both arms half and fully exponential: x with x + x^2 = 1, x = e^(-t / 2), is left of each pair.
  const double left = 0.5 * (std::sqrt(5.0) - 1.0);
  EXPECT_NEAR(value(own, "x", "calendar_time", "", "look 1"), -2.0 * std::log(left) * 1e-6, 1e-12);
}

TEST(PlanSize, AGreatEffectNeedsTheFewestPatients) {
  // A noncentrality of 30,001 goes by quadrature, one of 29,999 by Boost's series.
  const double below = power({29999.0 * 2.0 / std::sqrt(2.5), 1.0, 1.0}, 2.5, 1e-3);
  const double above = power({30001.0 * 2.0 / std::sqrt(2.5), 1.0, 1.0}, 2.5, 1e-3);
  EXPECT_GT(below, 0.01);
  EXPECT_LT(below, 0.9);
  EXPECT_NEAR(above, below, 1e-4);
  EXPECT_EQ(value(rows(size_plan("", "means]\ndifference = 1e9\nsd = 1e-9\n"), {}), "x", "size"),
            2.5);
}

TEST(PlanSize, SurvivalTrialsWithoutASizeAreRefused) {
  for (const std::string formula : {"schoenfeld", "freedman", "lachin_foulkes"}) {
    for (const std::string hazard : {"1e-300", "1e-308"}) {
      const std::string said = complaints(
          size_plan("endpoint = \"survival\"\ninformation = [0.5, 1.0]\n",
                    "survival]\ncontrol_hazard = [" + hazard + "]\nhazard_ratio = 1.0000001\n" +
                        "follow_up = 1e-6\naccrual = 1e-6\nformula = \"" + formula + "\"\n"));
      EXPECT_NE(said.find("no size gives that power"), std::string::npos) << said;
    }
  }
}

/// Of patients who enter one after the other, summed one by one.
double plain_information(const CountTrial& t, double rate, int n, double time) {
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    const double entry = t.accrual * std::pow(i / (n - 1.0), 1.0 / t.speed);
    const double exposure = std::min(std::max(time - entry, 0.0), t.follow_up.value_or(1e300));
    sum += rate * exposure / (1.0 + t.dispersion * rate * exposure);
  }
  return sum;
}

TEST(PlanSize, InformationOfCountsIsTheSumOverPatients) {
  for (const double follow_up : {0.0, 0.3, 1.0, 2.5}) {
    for (const double accrual : {0.0, 1.0, 4.0}) {
      CountTrial t;
      t.control_rate = 0.4;
      t.rate_ratio = 0.7;
      t.dispersion = 1.5;
      t.accrual = accrual;
      t.end = accrual + 1.0;
      if (follow_up > 0.0) t.follow_up = follow_up;
      for (const double time : {0.2, 0.9, 1.0, 2.2, 4.0, 5.0, 6.5}) {
        const double c = plain_information(t, 0.4, 301, time);
        const double x = plain_information(t, 0.28, 500, time);
        const double wanted = 1.0 / (1.0 / c + 1.0 / x);
        EXPECT_NEAR(information_at(t, 301, 500, time), wanted, 1e-9 * wanted)
            << follow_up << " " << accrual << " " << time;
      }
    }
  }
}

TEST(PlanSize, PowerOfManyPatientsWithFewCountsIsFoundAtOnce) {
  for (const std::string entry : {"follow_up = 1.0\n", "accrual = 1.0\nfollow_up = 1.0\n",
                                  "accrual = 1.0\nfollow_up = 1.0\nsame_exposure = true\n"}) {
    const std::string table =
        "counts]\ncontrol_rate = 1e-5\nrate_ratio = 0.7\ndispersion = 0.5\n" + entry;
    const std::string head = "endpoint = \"counts\"\ninformation = [0.5, 1.0]\n";
    const auto planned = rows(size_plan(head + "power = 0.8\n", table), {});
    const std::string size = std::to_string(value(planned, "x", "size"));
    const auto back = rows(size_plan(head + "given_size = " + size + "\n", table), {});
    EXPECT_NEAR(value(back, "x", "power"), 0.8, 1e-6) << entry;
  }
  EXPECT_NE(complaints(size_plan("endpoint = \"counts\"\n",
                                 "counts]\ncontrol_rate = 1e-6\nrate_ratio = 0.9\naccrual = 1.0\n"
                                 "accrual_speed = 2.0\n"))
                .find("too many for exposures that are summed one by one"),
            std::string::npos);
}

struct Unused {
  const char* name;
  std::string plan;
  const char* complaint;
};
void PrintTo(const Unused& u, std::ostream* out) { *out << u.name; }
class UnusedKey : public testing::TestWithParam<Unused> {};

TEST_P(UnusedKey, IsAProblem) {
  const std::string said = complaints(GetParam().plan);
  EXPECT_NE(said.find(GetParam().complaint), std::string::npos) << said;
}

const std::string assured = "[analysis.x]\nmethod = \"assurance\"\nper_arm = [50.0]\n";
const std::string survival = "endpoint = \"survival\"\n";
INSTANTIATE_TEST_SUITE_P(
    PlanSize, UnusedKey,
    testing::Values(
        Unused{"prior_of_rates", assured + "endpoint = \"rates\"\nprior_mean = 0.2\n",
               "analysis.x.prior_mean"},
        Unused{"spread_of_counts", assured + "endpoint = \"counts\"\nprior_sd = 0.2\nsd = 2.0\n",
               "analysis.x.sd"},
        Unused{"dispersion_of_means", assured + "prior_sd = 0.2\ndispersion = 2.0\n",
               "analysis.x.dispersion"},
        Unused{"table_of_another_endpoint",
               size_plan("", "means]\ndifference = 1.0\n[analysis.x.counts]\nrate_ratio = 0.5\n"),
               "analysis.x.counts"},
        Unused{"correlation_of_final_values",
               size_plan("", "means]\ndifference = 1.0\nbaseline_correlation = 0.5\n"),
               "means.baseline_correlation"},
        Unused{"nobody_followed",
               size_plan(survival, "survival]\ncontrol_hazard = [0.1]\nhazard_ratio = 0.5\n"),
               "survival.follow_up"},
        Unused{"no_hazard", size_plan(survival, "survival]\nhazard_ratio = 0.5\n"),
               "survival.control_hazard"},
        Unused{"no_spread", size_plan("", "means]\ndifference = 1.0\nsd = 0.0\n"), "means.sd"},
        Unused{"table_of_another_endpoint_of_a_review",
               "[analysis.x]\nmethod = \"sample_size_review\"\npooled_rate = 1.0\n"
               "[analysis.x.counts]\nrate_ratio = 0.5\n[analysis.x.means]\ndifference = 1.0\n",
               "analysis.x.means"},
        Unused{"no_rate", size_plan("endpoint = \"rates\"\n", "rates]\ntreatment = 0.5\n"),
               "rates.control"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
