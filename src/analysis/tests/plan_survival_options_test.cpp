// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan_case.hpp"
#include "reference_case.hpp"

/// Options of times to an event through plans: one-sided maxima of tests, curves drawn on, and
/// censoring by group.
namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable parsed(const std::string& csv) {
  return formats::parse_csv_table(csv, "trial.csv").value();
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// --- fewer_events --------------------------------------------------------------------------------

formats::DataTable veteran() { return table("c31_survival_veteran_maxcombo/data.csv"); }

std::string combo(const std::string& options, const std::string& head = "") {
  return head + "[columns]\nsubject = \"row\"\narm = \"trt\"\n[analysis.x]\n" +
         "method = \"max_combo\"\ntime = \"time\"\nevent = \"status\"\n" + options;
}

/// The library's test of fewer events on one arm of the trial.
MaxCombo fewer_events_on(const std::string& arm) {
  const reference::Data d("c31_survival_veteran_maxcombo/data.csv");
  std::vector<Observation> sample;
  std::vector<int> group;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    sample.push_back({d.number(i, "time"), d.number(i, "status") == 1.0});
    group.push_back(d.text(i, "trt") == arm ? 1 : 0);
  }
  const std::vector<LogRankWeight> weights{{0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0}, {1.0, 1.0}};
  return max_combo({.sample = sample, .group = group}, weights, Sides::one);
}

TEST(PlanSurvivalOptions, FewerEventsIsTheOneSidedMaximum) {
  const std::string fewer = "alternative = \"fewer_events\"\n";
  const auto both = rows(combo(""), {veteran()});
  const auto own = rows(combo(fewer), {veteran()});
  const MaxCombo library = fewer_events_on("2");
  EXPECT_NEAR(value(own, "x", "largest_z", "2"), library.largest, 1e-12);
  EXPECT_NEAR(value(own, "x", "p_value", "2"), library.p_value, 1e-12);
  // Of the four z that of FH(0, 1) alone is below 0, and that of FH(1, 0) is larger in size.
  EXPECT_NEAR(value(own, "x", "largest_z", "2"), 0.898024314591002, 1e-11);
  EXPECT_NEAR(value(both, "x", "largest_z", "2"), 0.933386036389649, 1e-11);
  EXPECT_LT(value(own, "x", "p_value", "2"), 0.75 * value(both, "x", "p_value", "2"));
  EXPECT_NE(own.at(0).conventions.find("sides: fewer_events"), std::string::npos);
  // The other arm as reference turns the question round.
  const auto turned = rows(combo(fewer, "reference_arm = \"2\"\n"), {veteran()});
  EXPECT_NEAR(value(turned, "x", "largest_z", "1"), 0.933386036389649, 1e-11);
  EXPECT_NEAR(value(turned, "x", "p_value", "1"), fewer_events_on("1").p_value, 1e-12);
}

TEST(PlanSurvivalOptions, FewerEventsByOneWeightIsTheTailOfItsZ) {
  for (const std::string reference : {"1", "2"}) {
    const std::string arm = reference == "1" ? "2" : "1";
    const auto own = rows(combo("rho = [0.0]\ngamma = [1.0]\nalternative = \"fewer_events\"\n",
                                "reference_arm = \"" + reference + "\"\n"),
                          {veteran()});
    const double z = value(own, "x", "z", arm, "weight FH(0, 1)");
    EXPECT_NEAR(z, reference == "1" ? -0.898024314591002 : 0.898024314591002, 1e-11);
    EXPECT_NEAR(value(own, "x", "p_value", arm), normal_cdf(z), 1e-12);
  }
}

TEST(PlanSurvivalOptions, FewerEventsIsTakenAsOneSidedWhereHypothesesAreMany) {
  const std::string family =
      "[analysis.m]\nmethod = \"multiplicity\"\nanalyses = [\"x\"]\nprocedure = \"holm\"\n";
  const auto words = [&](const std::string& options) {
    const auto own = rows(combo(options) + family, {veteran()});
    return std::ranges::find(own, "m", &Row::analysis)->conventions;
  };
  EXPECT_NE(words("alternative = \"fewer_events\"\n").find("0.025; sides: one"), std::string::npos);
  EXPECT_NE(words("").find("0.05; sides: two"), std::string::npos);
}

TEST(PlanSurvivalOptions, AnUnknownAlternativeIsAProblem) {
  const std::string text = complaints(combo("alternative = \"fewer\"\n"), {veteran()});
  EXPECT_NE(text.find("analysis.x.alternative = \"fewer\": must be one of \"two_sided\", "
                      "\"fewer_events\""),
            std::string::npos)
      << text;
}

// --- extend --------------------------------------------------------------------------------------

/// The curves end at 4 and 10, at one half and one third.
formats::DataTable short_trial() {
  return parsed("USUBJID,ARM,t,e\n1,a,2,1\n2,a,4,0\n3,b,3,1\n4,b,8,1\n5,b,10,0\n");
}

std::string mean_up_to(const std::string& horizon, const std::string& options = "") {
  return "[analysis.x]\nmethod = \"restricted_mean_survival\"\ntime = \"t\"\nevent = \"e\"\n"
         "horizon = " +
         horizon + "\n" + options;
}

TEST(PlanSurvivalOptions, ExtendDrawsTheCurvesOnToTheHorizon) {
  const std::string refused = complaints(mean_up_to("12.0"), {short_trial()});
  EXPECT_NE(refused.find("a: the horizon lies beyond the last time of the arm (an earlier horizon, "
                         "or extend = true)"),
            std::string::npos)
      << refused;
  const auto own = rows(mean_up_to("12.0", "extend = true\n"), {short_trial()});
  // a: 2 + 10 / 2; b: 3 + 5 (2 / 3) + 4 / 3.
  EXPECT_NEAR(value(own, "x", "restricted_mean", "a"), 7.0, 1e-14);
  EXPECT_NEAR(value(own, "x", "restricted_mean", "b"), 23.0 / 3.0, 1e-14);
  EXPECT_NEAR(value(own, "x", "difference", "b"), 2.0 / 3.0, 1e-14);
  // Squares of the areas after each event, over n (n - 1).
  EXPECT_NEAR(value(own, "x", "se", "a"), std::sqrt(25.0 / 2.0), 1e-14);
  EXPECT_NEAR(value(own, "x", "se", "b"), std::sqrt(196.0 / 9.0 / 6.0 + 16.0 / 9.0 / 2.0), 1e-14);
  EXPECT_NE(own.at(0).conventions.find("horizon beyond the last time: curve drawn on"),
            std::string::npos);
}

TEST(PlanSurvivalOptions, ExtendChangesNothingWhereTheCurvesReachTheHorizon) {
  EXPECT_EQ(rows(mean_up_to("4.0", "extend = true\n"), {short_trial()}),
            rows(mean_up_to("4.0"), {short_trial()}));
}

TEST(PlanSurvivalOptions, ExtendIsTrueOrFalse) {
  const std::string text = complaints(mean_up_to("4.0", "extend = \"yes\"\n"), {short_trial()});
  EXPECT_NE(text.find("analysis.x.extend = \"yes\": must be true or false"), std::string::npos)
      << text;
}

// --- censoring_groups ----------------------------------------------------------------------------

std::string fine_gray(const std::string& options) {
  return "[columns]\nsubject = \"id\"\narm = \"sex\"\n[analysis.x]\nmethod = \"fine_gray\"\n"
         "time = \"time\"\nevent = \"event\"\ncause = \"1\"\n" +
         options;
}

double log_ratio(const std::vector<Row>& own, const std::string& arm) {
  return std::log(value(own, "x", "subdistribution_hazard_ratio", arm));
}

formats::DataTable mgus() { return table("c32_competing_mgus2/data.csv"); }

struct Mgus {
  std::vector<CompetingObservation> sample;
  std::vector<double> design;  ///< male, age
  std::vector<int> male;

  Mgus() {
    const reference::Data d("c32_competing_mgus2/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      sample.push_back({d.number(i, "time"), static_cast<int>(d.number(i, "event"))});
      male.push_back(d.text(i, "sex") == "M" ? 1 : 0);
      design.insert(design.end(), {static_cast<double>(male.back()), d.number(i, "age")});
    }
  }
};

TEST(PlanSurvivalOptions, CensoringByGroupIsThatOfTheLibrary) {
  const Mgus d;
  const auto own =
      rows(fine_gray("covariates = [\"age\"]\ncensoring_groups = [\"sex\"]\n"), {mgus()});
  const FineGrayFit fit = fit_fine_gray({d.sample, 1, d.design, 2, d.male});
  ASSERT_EQ(fit.status, CoxStatus::fitted);
  EXPECT_NEAR(log_ratio(own, "M"), fit.coefficients[0], 1e-12);
  EXPECT_NEAR(value(own, "x", "se_log", "M"), fit.se[0], 1e-12);
  EXPECT_NEAR(std::log(value(own, "x", "subdistribution_hazard_ratio", "", "age")),
              fit.coefficients[1], 1e-12);
  EXPECT_NE(own.at(0).conventions.find("of the censoring, by group"), std::string::npos);
  const auto together = rows(fine_gray("covariates = [\"age\"]\n"), {mgus()});
  EXPECT_NEAR(log_ratio(together, "M"), -0.260038237827949, 1e-8);  // crr
  EXPECT_GT(std::fabs(log_ratio(own, "M") - log_ratio(together, "M")), 0.01);
  EXPECT_NE(together.at(0).conventions.find("of the censoring, all together"), std::string::npos);
}

/// G(t-) of one sex.
double uncensored_before(const Mgus& d, int male, double t) {
  std::vector<double> times;
  for (std::size_t i = 0; i < d.sample.size(); ++i) {
    const auto& [time, cause] = d.sample[i];
    if (d.male[i] == male && cause == 0 && time < t) times.push_back(time);
  }
  std::ranges::sort(times);
  double g = 1.0;
  for (std::size_t k = 0; k < times.size();) {
    const auto last = std::ranges::upper_bound(times, times[k]) - times.begin();
    double at_risk = 0.0;
    for (std::size_t i = 0; i < d.sample.size(); ++i) {
      at_risk += d.male[i] == male && d.sample[i].time >= times[k] ? 1.0 : 0.0;
    }
    g *= 1.0 - static_cast<double>(static_cast<std::size_t>(last) - k) / at_risk;
    k = static_cast<std::size_t>(last);
  }
  return g;
}

/// The score of Fine and Gray's weighted likelihood for the arm alone, from its definition:
///
///   U(b) = sum_i [x_i - sum_j w_j(t_i) x_j e^(b x_j) / sum_j w_j(t_i) e^(b x_j)]
double score_by_group(const Mgus& d, double b) {
  std::map<std::pair<int, double>, double> known;
  const auto uncensored = [&](int male, double t) {
    const auto [at, fresh] = known.try_emplace({male, t}, 0.0);
    if (fresh) at->second = uncensored_before(d, male, t);
    return at->second;
  };
  double score = 0.0;
  for (std::size_t i = 0; i < d.sample.size(); ++i) {
    if (d.sample[i].cause != 1) continue;
    const double t = d.sample[i].time;
    double sum = 0.0, of_men = 0.0;
    for (std::size_t j = 0; j < d.sample.size(); ++j) {
      const auto& [time, cause] = d.sample[j];
      double w = time >= t ? 1.0 : 0.0;
      if (w == 0.0 && cause == 2) w = uncensored(d.male[j], t) / uncensored(d.male[j], time);
      sum += w * std::exp(b * d.male[j]);
      of_men += w * d.male[j] * std::exp(b * d.male[j]);
    }
    score += d.male[i] - of_men / sum;
  }
  return score;
}

TEST(PlanSurvivalOptions, CensoringByGroupSolvesTheScoreByItsDefinition) {
  const Mgus d;
  const auto own = rows(fine_gray("censoring_groups = [\"sex\"]\n"), {mgus()});
  EXPECT_NEAR(score_by_group(d, log_ratio(own, "M")), 0.0, 1e-7);
  const auto together = rows(fine_gray(""), {mgus()});
  EXPECT_GT(std::fabs(score_by_group(d, log_ratio(together, "M"))), 0.1);
}

/// Eighty subjects of two arms in two regions; region 2 censors early, and a few have no region.
struct Regions {
  std::string csv = "USUBJID,ARM,time,event,region\n";
  std::vector<CompetingObservation> sample;
  std::vector<double> design;
  std::vector<int> group;

  Regions() {
    for (int i = 0; i < 80; ++i) {
      const int arm = i % 2, region = 1 + i / 2 % 2;
      const int cause = i % 5 == 0 || (region == 2 && i % 3 == 0) ? 0 : 1 + i * 7 % 3 / 2;
      const double time = (region == 2 && cause == 0 ? 0.3 : 1.0) * (1 + i * 29 % 80);
      const bool known = i % 16 != 5;
      csv += std::to_string(i) + (arm == 1 ? ",b," : ",a,") + std::to_string(time) + "," +
             std::to_string(cause) + "," + (known ? std::to_string(region) : "") + "\n";
      if (!known) continue;
      sample.push_back({time, cause});
      design.push_back(arm);
      group.push_back(10 * arm + region);
    }
  }
};

TEST(PlanSurvivalOptions, CensoringGroupsAreCombinationsAndLeaveOutWhoHasNone) {
  const Regions d;
  const std::string text =
      "[analysis.x]\nmethod = \"fine_gray\"\ntime = \"time\"\nevent = \"event\"\ncause = \"1\"\n";
  const auto both = rows(text + "censoring_groups = [\"ARM\", \"region\"]\n", {parsed(d.csv)});
  const FineGrayFit fit = fit_fine_gray({d.sample, 1, d.design, 1, d.group});
  EXPECT_NEAR(log_ratio(both, "b"), fit.coefficients[0], 1e-12);
  EXPECT_NEAR(value(both, "x", "se_log", "b"), fit.se[0], 1e-12);
  EXPECT_EQ(value(both, "x", "n_missing"), 5.0);
  EXPECT_EQ(value(both, "x", "n"), 75.0);
  const auto one = rows(text + "censoring_groups = [\"region\"]\n", {parsed(d.csv)});
  EXPECT_GT(std::fabs(log_ratio(both, "b") - log_ratio(one, "b")), 1e-4);
}

TEST(PlanSurvivalOptions, CensoringGroupsAreAListOfColumnsThatExist) {
  const std::string number = complaints(fine_gray("censoring_groups = \"sex\"\n"), {mgus()});
  EXPECT_NE(number.find("analysis.x.censoring_groups = \"sex\": must be a list"), std::string::npos)
      << number;
  const std::string unknown = complaints(fine_gray("censoring_groups = [\"sx\"]\n"), {mgus()});
  EXPECT_NE(unknown.find("sx: the data have no such column (did you mean sex?)"), std::string::npos)
      << unknown;
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
