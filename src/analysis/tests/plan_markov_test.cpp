// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "plan_case.hpp"
#include "reference_case.hpp"

/// Markov models of daily categories through plans as a user writes them.
namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable parsed(const std::string& csv) {
  auto read = formats::parse_csv_table(csv, "diary.csv");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return std::move(read).value();
}

/// Oedema states of c42 with the columns that its model needs.
formats::DataTable edema() {
  const reference::Data d("c42_markov_ordinal_pbcseq/data.csv");
  std::ostringstream csv;
  csv.precision(17);
  csv << "id,dpca,yprev,y,t,decade,loggap\n";
  for (std::size_t i = 0; i < d.rows(); ++i) {
    csv << d.number(i, "id") << ',' << d.number(i, "dpca") << ',' << d.number(i, "yprev") << ','
        << d.number(i, "y") << ',' << d.number(i, "t") << ',' << (d.number(i, "age") - 50.0) / 10.0
        << ',' << std::log(d.number(i, "gap")) << '\n';
  }
  return parsed(csv.str());
}

const std::string edema_keys = R"(
response = "y"
previous = "yprev"
day = "t"
covariates = ["decade", "loggap"]
absorbing = ["4"]
day_states = ["1"]
days = [1, 8]
start = "1"
at = ["decade = 0", "loggap = 0"]
)";
const std::string edema_head = "[columns]\nsubject = \"id\"\narm = \"dpca\"\n";

TEST(PlanMarkov, OddsRatioAndOccupancyAgreeWithTheReferenceCase) {
  const auto own =
      rows(edema_head + "[analysis.x]\nmethod = \"markov_ordinal\"" + edema_keys +
               "[analysis.model]\nmethod = \"markov_ordinal\"\nerrors = \"model\"" + edema_keys,
           {edema()});
  EXPECT_NEAR(value(own, "x", "odds_ratio", "1"), std::exp(-0.0870675852816645), 1e-7);
  EXPECT_NEAR(value(own, "x", "se_log", "1"), 0.118455576586454, 1e-7);
  EXPECT_NEAR(value(own, "model", "se_log", "1"), 0.118091802868238, 1e-8);
  EXPECT_NEAR(value(own, "x", "threshold", "", "at most 3"), 5.83213886697149, 1e-6);
  EXPECT_NEAR(value(own, "x", "log_likelihood"), -1216.60845012267, 1e-6);
  EXPECT_EQ(value(own, "x", "transitions"), 1773.0);
  EXPECT_NEAR(value(own, "x", "expected", "1", "days in 1"), 5.82394823681899, 1e-6);
  EXPECT_NEAR(value(own, "x", "expected", "0", "days in 1"), 5.63551951330105, 1e-6);
  EXPECT_NEAR(value(own, "x", "difference", "1", "days in 1"), 0.188428723517949, 1e-6);
  // The first of the rows "se" of an arm is that of its mean.
  EXPECT_NEAR(value(own, "x", "se", "1", "days in 1"), 0.230442215774365, 1e-6);
  EXPECT_NEAR(value(own, "model", "se", "1", "days in 1"), 0.196597694084208, 1e-6);
}

TEST(PlanMarkov, PosteriorAgreesWithTheReferenceCase) {
  const auto own = rows(edema_head +
                            "[analysis.x]\nmethod = \"bayesian_markov_ordinal\"\nseed = 20"
                            "\narm_prior_sd = 1.5\nthin = 4" +
                            edema_keys,
                        {edema()});
  EXPECT_LT(value(own, "x", "r_hat_max"), 1.01);
  EXPECT_GT(value(own, "x", "ess_tail_min"), 400.0);
  // c44 with standard deviations of its priors; four Monte Carlo errors of 400 draws.
  EXPECT_NEAR(value(own, "x", "probability_of_benefit", "1"), 0.779225, 4.0 * 0.0207);
  EXPECT_NEAR(std::log(value(own, "x", "odds_ratio", "1")), -0.0905795, 4.0 * 1.25 * 0.118 / 20.0);
  EXPECT_NEAR(value(own, "x", "sd_log", "1"), 0.118065, 4.0 * 0.118 / std::sqrt(800.0));
  EXPECT_NEAR(value(own, "x", "expected", "1", "days in 1"), 5.8243, 4.0 * 0.195 / 20.0);
  EXPECT_NEAR(value(own, "x", "difference", "1", "days in 1"), 0.1946, 4.0 * 0.2532 / 20.0);
  EXPECT_GT(value(own, "x", "upper", "1"), value(own, "x", "lower", "1"));
}

/// Daily episodes 0 to 2 of 24 subjects over 21 days, from a baseline state.
struct Daily {
  std::vector<int> previous, current, subject;
  std::vector<double> covariates;  ///< arm, age, day
  std::vector<double> age;
  std::vector<int> base;
  std::string csv = "USUBJID,ARM,ADY,BASE,AGE,EP\n";

  Daily() {
    for (int s = 0; s < 24; ++s) {
      random::Stream draw(7, 0, static_cast<std::uint32_t>(s), random::Purpose::bootstrap, 0);
      age.push_back(std::round(10.0 * draw.normal()) / 10.0);
      int state = s % 3;
      base.push_back(state);
      for (int day = 1; day <= 21; ++day) {
        const double eta = 1.2 * state - 0.6 * (s % 2) + 0.4 * age.back() - 0.02 * day;
        const double u = draw.uniform();
        const auto at_most = [&](double theta) { return 1.0 / (1.0 + std::exp(eta - theta)); };
        const int now = u < at_most(0.5) ? 0 : (u < at_most(2.0) ? 1 : 2);
        add(s, day, state, now);
        state = now;
      }
    }
  }
  void add(int s, int day, int from, int to) {
    previous.push_back(from);
    current.push_back(to);
    subject.push_back(s);
    const auto i = static_cast<std::size_t>(s);
    covariates.insert(covariates.end(),
                      {static_cast<double>(s % 2), age[i], static_cast<double>(day)});
    std::ostringstream row;
    row << 's' << s << ',' << (s % 2 == 1 ? "active" : "placebo") << ',' << day << ',' << base[i]
        << ',' << age[i] << ',' << to << '\n';
    csv += row.str();
  }
  [[nodiscard]] MarkovTransitions transitions(
      PreviousState dependence = PreviousState::proportional) const {
    MarkovTransitions t;
    t.dependence = dependence;
    t.previous = previous;
    t.current = current;
    t.states = 3;
    t.covariates = covariates;
    t.columns = 3;
    return t;
  }
  /// Every subject on one arm.
  [[nodiscard]] StateOccupancy on(double arm, const CumulativeFit& fit,
                                  PreviousState dependence = PreviousState::proportional) const {
    std::vector<double> course, start;
    for (std::size_t s = 0; s < age.size(); ++s) {
      for (int k = 0; k < 3; ++k) start.push_back(base[s] == k ? 1.0 : 0.0);
      for (int day = 1; day <= 21; ++day) {
        course.insert(course.end(), {arm, age[s], static_cast<double>(day)});
      }
    }
    return state_occupancy(transitions(dependence), fit.coefficients, {21, course, start, {}});
  }
};

const std::string daily_head = "reference_arm = \"placebo\"\n";
const std::string daily_keys = "response = \"EP\"\nbaseline = \"BASE\"\ncovariates = [\"AGE\"]\n";

TEST(PlanMarkov, ChainsOfRowsGiveWhatTransitionsMadeByHandGive) {
  const Daily daily;
  const auto own = rows(daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + daily_keys,
                        {parsed(daily.csv)});
  const CumulativeFit fit = fit_markov_ordinal(daily.transitions());
  ASSERT_EQ(fit.status, OrdinalStatus::fitted);
  const auto covariance = markov_cluster_covariance(daily.transitions(), fit, daily.subject);
  EXPECT_NEAR(value(own, "x", "odds_ratio", "active"), std::exp(fit.coefficients[4]), 1e-12);
  EXPECT_NEAR(value(own, "x", "se_log", "active"), std::sqrt(covariance[4 * 7 + 4]), 1e-12);
  const auto active = daily.on(1.0, fit), placebo = daily.on(0.0, fit);
  const std::vector<double> angina{0, 1, 1}, episodes{0, 1, 2};
  const auto days = occupancy_difference(active, placebo, angina, covariance);
  EXPECT_NEAR(value(own, "x", "difference", "active", "days above 0"), days.estimate, 1e-10);
  EXPECT_NEAR(value(own, "x", "p_value", "active", "days above 0"), days.p_value, 1e-10);
  const auto mean = occupancy_estimate(placebo, episodes, covariance);
  EXPECT_NEAR(value(own, "x", "expected", "placebo", "total score"), mean.estimate, 1e-10);
  EXPECT_NEAR(value(own, "x", "se", "placebo", "mean score a day"), mean.se / 21.0, 1e-10);
  EXPECT_EQ(value(own, "x", "transitions"), 24.0 * 21.0);
}

TEST(PlanMarkov, TheCategoryBeforeByThresholdAgreesWithTheReferenceCase) {
  const std::string head = edema_head + "[analysis.x]\nmethod = \"markov_ordinal\"" + edema_keys;
  const auto own = rows(head + "dependence = \"by_threshold\"\n", {edema()});
  const auto common = rows(head, {edema()});
  const reference::Block block("c42_markov_ordinal_pbcseq/expected.json", "partial_po_prev_state");
  const auto coefficient = block.numbers({"coef"});  // thresholds, 6 of states, the arm, ..
  const auto threshold = [&](const std::vector<Row>& some, int k) {
    return value(some, "x", "threshold", "", "at most " + std::to_string(k));
  };
  for (const int k : {1, 2, 3}) {
    EXPECT_NEAR(threshold(own, k), coefficient[static_cast<std::size_t>(k - 1)], 1e-5) << k;
  }
  EXPECT_NEAR(std::log(value(own, "x", "odds_ratio", "1")), coefficient[9], 1e-6);
  block.expect({"logLik"}, value(own, "x", "log_likelihood"));
  EXPECT_GT(std::fabs(threshold(own, 3) - threshold(common, 3)), 1.0);
  EXPECT_NE(own.at(0).conventions.find("category before: by_threshold"), std::string::npos);
}

TEST(PlanMarkov, OccupancyFollowsTheDependenceOnTheCategoryBefore) {
  const Daily daily;
  const auto data = parsed(daily.csv);
  const std::string text = daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + daily_keys;
  const std::vector<double> angina{0, 1, 1};
  std::vector<double> days;
  for (const auto& [name, dependence] : {std::pair{"none", PreviousState::none},
                                         std::pair{"proportional", PreviousState::proportional},
                                         std::pair{"by_threshold", PreviousState::by_threshold}}) {
    SCOPED_TRACE(name);
    const auto own = rows(text + "dependence = \"" + name + "\"\n", {data});
    const auto transitions = daily.transitions(dependence);
    const CumulativeFit fit = fit_markov_ordinal(transitions);
    const auto covariance = markov_cluster_covariance(transitions, fit, daily.subject);
    const auto by_hand = occupancy_difference(daily.on(1.0, fit, dependence),
                                              daily.on(0.0, fit, dependence), angina, covariance);
    EXPECT_NEAR(value(own, "x", "log_likelihood"), fit.log_likelihood, 1e-9);
    days.push_back(value(own, "x", "difference", "active", "days above 0"));
    EXPECT_NEAR(days.back(), by_hand.estimate, 1e-10);
    EXPECT_NEAR(value(own, "x", "p_value", "active", "days above 0"), by_hand.p_value, 1e-10);
  }
  for (const double other : {days[0], days[2]}) EXPECT_GT(std::fabs(days[1] - other), 1e-3);
  const std::string wrong = complaints(text + "dependence = \"by_treshold\"\n", {data});
  EXPECT_NE(wrong.find("analysis.x.dependence = \"by_treshold\": must be one of \"none\", "
                       "\"proportional\", \"by_threshold\" (did you mean \"by_threshold\"?)"),
            std::string::npos)
      << wrong;
}

TEST(PlanMarkov, WithoutDependenceItIsTheCumulativeModelOfAllDays) {
  const Daily daily;
  const auto own =
      rows(daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\ndependence = \"none\"\n" +
               daily_keys +
               "[analysis.days]\nmethod = \"cumulative_logit\"\nresponse = \"EP\"\n"
               "covariates = [\"AGE\", \"ADY\"]\nerrors = \"cluster\"\n",
           {parsed(daily.csv)});
  for (const char* statistic : {"odds_ratio", "se_log", "p_value"}) {
    EXPECT_NEAR(value(own, "x", statistic, "active"), value(own, "days", statistic, "active"), 1e-9)
        << statistic;
  }
}

TEST(PlanMarkov, PosteriorTakesTheDependenceToo) {
  const Daily daily;
  const auto data = parsed(daily.csv);
  const auto log_ratio = [&](const std::string& method, const std::string& dependence) {
    const auto own =
        rows(daily_head + "[analysis.x]\nmethod = \"" + method + "\"\n" + daily_keys +
                 "occupancy = false\ndependence = \"" + dependence + "\"\n" +
                 (method == "markov_ordinal" ? "" : "seed = 1\nleast_effective_size = 300\n"),
             {data});
    return std::log(value(own, "x", "odds_ratio", "active"));
  };
  for (const char* dependence : {"none", "by_threshold"}) {
    // Wide priors: the mode is the maximum of the likelihood; 500 draws a chain.
    EXPECT_NEAR(log_ratio("bayesian_markov_ordinal", dependence),
                log_ratio("markov_ordinal", dependence), 0.05)
        << dependence;
  }
  EXPECT_GT(
      std::fabs(log_ratio("markov_ordinal", "none") - log_ratio("markov_ordinal", "proportional")),
      0.1);
}

/// The rows of the diary without those of one subject's days `from` to `to`.
std::string with_gap(const std::string& csv, const std::string& subject, int from, int to) {
  std::istringstream in(csv);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const bool own = line.starts_with(subject + ",");
    const auto arm = line.find(',', line.find(',') + 1);
    const int day = own ? std::stoi(line.substr(arm + 1)) : 0;
    if (!(own && day >= from && day <= to)) out += line + '\n';
  }
  return out;
}

TEST(PlanMarkov, GapsAreRefusedUnlessThePlanSaysHow) {
  const Daily daily;
  const auto data = parsed(with_gap(daily.csv, "s3", 8, 9));
  const std::string text = daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + daily_keys;
  const auto refused = result(text, {data});
  ASSERT_EQ(refused.refusals.size(), 1U);
  const std::string words = diagnostics::to_string(refused.refusals);
  EXPECT_NE(words.find("in 1 places"), std::string::npos) << words;
  EXPECT_NE(words.find("(subject s3, day 10)"), std::string::npos) << words;
  const auto broken = rows(text + "gaps = \"break_chain\"\n", {data});
  EXPECT_EQ(value(broken, "x", "transitions"), 24.0 * 21.0 - 3.0);
  EXPECT_EQ(value(broken, "x", "gaps"), 1.0);
  const auto bridged = rows(text + "gaps = \"previous_record\"\n", {data});
  EXPECT_EQ(value(bridged, "x", "transitions"), 24.0 * 21.0 - 2.0);
}

TEST(PlanMarkov, OrderOfRowsAndNamesOfCategoriesDoNotMatter) {
  const Daily daily;
  std::istringstream in(daily.csv);
  std::string head;
  std::getline(in, head);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    const auto comma = line.rfind(',');
    const std::string name = line.substr(comma + 1) == "0"   ? "none"
                             : line.substr(comma + 1) == "1" ? "one"
                                                             : "more";
    lines.push_back(line.substr(0, comma + 1) + name);
  }
  std::ranges::reverse(lines);
  std::string csv = head + '\n';
  for (const std::string& line : lines) csv += line + '\n';
  const std::string common = "covariates = [\"AGE\"]\nresponse = \"EP\"\n";
  const auto texts = rows(daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + common +
                              "levels = [\"none\", \"one\", \"more\"]\nscores = [0, 1, 2]\n",
                          {parsed(csv)});
  const auto numbers = rows(daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + common,
                            {parsed(daily.csv)});
  for (const char* statistic : {"odds_ratio", "se_log"}) {
    EXPECT_NEAR(value(texts, "x", statistic, "active"), value(numbers, "x", statistic, "active"),
                1e-9);
  }
  EXPECT_NEAR(value(texts, "x", "difference", "active", "total score"),
              value(numbers, "x", "difference", "active", "total score"), 1e-8);
  EXPECT_EQ(value(texts, "x", "transitions"), 24.0 * 20.0);
}

TEST(PlanMarkov, ANaturalSplineWithTheArmGivesOddsRatiosOfTheFirstAndLastDay) {
  const Daily daily;
  const auto own = rows(daily_head + "[analysis.x]\nmethod = \"markov_ordinal\"\n" + daily_keys +
                            "time = \"spline\"\narm_by_time = true\n"
                            "[analysis.line]\nmethod = \"markov_ordinal\"\n" +
                            daily_keys + "arm_by_time = true\n",
                        {parsed(daily.csv)});
  EXPECT_GT(value(own, "x", "odds_ratio", "active", "day 1"), 0.0);
  EXPECT_EQ(value(own, "x", "df", "", "arm: Wald"), 4.0);
  EXPECT_EQ(value(own, "line", "df", "", "arm: Wald"), 2.0);
  EXPECT_GT(value(own, "x", "log_likelihood"), value(own, "line", "log_likelihood"));
  Daily by_hand;
  std::vector<double> wider;
  for (std::size_t i = 0; i < by_hand.current.size(); ++i) {
    const auto row = std::span(by_hand.covariates).subspan(3 * i, 3);
    wider.insert(wider.end(), row.begin(), row.end());
    wider.push_back(row[0] * row[2]);
  }
  MarkovTransitions t = by_hand.transitions();
  t.covariates = wider;
  t.columns = 4;
  const auto b = fit_markov_ordinal(t).coefficients;
  EXPECT_NEAR(value(own, "line", "odds_ratio", "active", "day 21"), std::exp(b[4] + 21.0 * b[7]),
              1e-9);
}

TEST(PlanMarkov, ChainsThatHaveNotMixedAreRefusedUnlessThePlanLowersTheBar) {
  const Daily daily;
  const std::string text = daily_head + "[analysis.x]\nmethod = \"bayesian_markov_ordinal\"\n" +
                           daily_keys + "seed = 1\nchains = 2\nwarmup = 50\niterations = 100\n";
  const auto data = parsed(daily.csv);
  const auto refused = result(text, {data});
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_NE(diagnostics::to_string(refused.refusals).find("have not mixed"), std::string::npos);
  for (const Row& row : refused.rows) EXPECT_NE(row.statistic, "odds_ratio");
  EXPECT_LT(value(refused.rows, "x", "ess_bulk_min"), 400.0);
  const std::string lowered = text +
                              "largest_r_hat = 1.2\nleast_effective_size = 5\nthin = 5\n"
                              "subject_intercepts = true\nquadrature_points = 3\n";
  const auto own = rows(lowered, {data});
  EXPECT_EQ(own, rows(lowered, {data}));
  EXPECT_GT(value(own, "x", "intercept_sd"), 0.0);
  EXPECT_NE(own[0].conventions.find("of every draw number 5"), std::string::npos)
      << own[0].conventions;
}

TEST(PlanMarkov, ThinLeavesEnoughDrawsForDaysAndScores) {
  const Daily daily;
  const auto data = parsed(daily.csv);
  const std::string text = daily_head + "[analysis.x]\nmethod = \"bayesian_markov_ordinal\"\n" +
                           daily_keys + "seed = 1\nlargest_r_hat = 1.5\n";
  const auto said = complaints(text + "chains = 2\niterations = 400\nthin = 400\n", {data});
  EXPECT_NE(said.find("analysis.x.thin = 400: leaves 2 draws of all chains"), std::string::npos)
      << said;
  // The bar holds for days and scores too: 100 draws of 4 chains are hardly worth 100.
  const auto out = result(
      text + "warmup = 100\niterations = 500\nthin = 20\nleast_effective_size = 99\n", {data});
  EXPECT_TRUE(out.problems.empty()) << diagnostics::to_string(out.problems);
  EXPECT_GT(value(out.rows, "x", "odds_ratio", "active"), 0.0);
  ASSERT_EQ(out.refusals.size(), 1U);
  EXPECT_NE(out.refusals[0].rule.find("least_effective_size"), std::string::npos);
}

TEST(PlanMarkov, KeysOfWhatIsNotAskedForAreProblems) {
  const Daily daily;
  const std::string text = daily_head + "[analysis.x]\nmethod = \"bayesian_markov_ordinal\"\n" +
                           daily_keys + "seed = 1\noccupancy = false\nthin = 2\n" +
                           "quadrature_points = 7\nintercept_prior_scale = 2.0\n";
  const std::string said = complaints(text, {parsed(daily.csv)});
  for (const char* part : {"x.thin: is used with occupancy = true alone",
                           "x.quadrature_points: is used with subject_intercepts = true alone",
                           "x.intercept_prior_scale: is used with subject_intercepts = true"}) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

struct Refused {
  const char* name;
  const char* keys;
  const char* words;
};

class BadDiary : public testing::TestWithParam<Refused> {};

TEST_P(BadDiary, IsAProblemInWords) {
  static const Daily daily;
  const auto out = result(daily_head + "[analysis.x]\nresponse = \"EP\"\n" + GetParam().keys,
                          {parsed(daily.csv)});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
  for (const Row& row : out.rows) EXPECT_NE(row.statistic, "odds_ratio");
}

INSTANTIATE_TEST_SUITE_P(
    PlanMarkov, BadDiary,
    testing::Values(
        Refused{"seed", "method = \"bayesian_markov_ordinal\"\n", "there is no default seed"},
        Refused{"day", "method = \"markov_ordinal\"\nday = \"DAY\"\n", "no such column"},
        Refused{"level", "method = \"markov_ordinal\"\nlevels = [\"0\", \"1\"]\n",
                "EP = 2: is not one of the categories"},
        Refused{"empty", "method = \"markov_ordinal\"\nlevels = [\"0\", \"1\", \"2\", \"3\"]\n",
                "category"},
        Refused{"absorbing", "method = \"markov_ordinal\"\nabsorbing = [\"2\"]\n",
                "has left an absorbing category"},
        Refused{"scores", "method = \"markov_ordinal\"\nscores = [0, 1]\n",
                "must hold one for each of the 3 categories"},
        Refused{"varies", "method = \"markov_ordinal\"\ncovariates = [\"ADY\"]\ntime = \"none\"\n",
                "ADY changes over the days of a subject"},
        Refused{"twice", "method = \"markov_ordinal\"\nday = \"BASE\"\n",
                "the subject has another row of this day"},
        Refused{"product", "method = \"markov_ordinal\"\ncovariates = [\"arm:AGE\"]\n",
                "products with the arm"},
        Refused{"knots", "method = \"markov_ordinal\"\ntime = \"spline\"\nknots = [5, 3, 9]\n",
                "ascending order"},
        Refused{"collinear",
                "method = \"markov_ordinal\"\ncovariates = [\"AGE\", \"BASE\", \"AGE\"]\n",
                "collinear columns: AGE"},
        Refused{"constant", "method = \"markov_ordinal\"\nwhere = [\"ADY <= 2\"]\n",
                "collinear columns: day"},
        Refused{"errors", "method = \"cumulative_logit\"\nerrors = \"model\"\n",
                "errors must be by subject"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
