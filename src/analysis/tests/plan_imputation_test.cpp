// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deep_block.hpp"
#include "plan_case.hpp"

/// Reference-based imputation and the tipping point through plans as a user writes them.
namespace angiotrial::analysis::plan_test {
namespace {

const std::string head = R"(
reference_arm = "PLACEBO"
[columns]
subject = "PATIENT"
arm = "THERAPY"
[analysis.x]
response = "CHANGE"
visit = "VISIT"
covariates = ["BASVAL"]
)";

std::string imputed(const std::string& options) {
  return head + "method = \"reference_based_imputation\"\n" + options + "\n";
}

const std::vector<formats::DataTable>& data() {
  static const std::vector<formats::DataTable> tables{
      table("c15_rbmi_antidepressant/data.snapshot.csv")};
  return tables;
}

/// As the peer lists them: by visit the contrast, the reference's mean, the other's.
std::vector<double> as_listed(const std::vector<Row>& rows, const std::string& statistic) {
  std::vector<double> means, contrasts, out;
  for (const Row& row : rows) {
    if (row.statistic == statistic) {
      (row.arm_ref.empty() ? means : contrasts).push_back(row.value.value_or(std::nan("")));
    }
  }
  for (std::size_t v = 0; v < contrasts.size(); ++v) {
    out.insert(out.end(), {contrasts[v], means[2 * v], means[2 * v + 1]});
  }
  return out;
}

TEST(PlanImputation, EveryStrategyAgreesWithTheReferenceCase) {
  for (const auto& [strategy, name] :
       {std::pair{"missing_at_random", "MAR"}, std::pair{"jump_to_reference", "JR"},
        std::pair{"copy_reference", "CR"}, std::pair{"copy_increments", "CIR"},
        std::pair{"last_mean_carried_forward", "LMCF"}}) {
    const auto own = rows(imputed("strategy = \"" + std::string(strategy) + "\""), data());
    const Deep expected("c15_rbmi_antidepressant/expected.json",
                        "condmean_jackknife_" + std::string(name));
    expected.expect({"se"}, as_listed(own, "se"));
    expected.expect({"lci"}, as_listed(own, "lower"));
    expected.expect({"uci"}, as_listed(own, "upper"));
    std::vector<double> differences;
    for (const Row& row : own) {
      if (row.statistic == "difference") differences.push_back(*row.value);
    }
    const auto listed = expected.numbers({"est"});
    for (std::size_t v = 0; v < 4; ++v) EXPECT_NEAR(differences[v], listed[3 * v], 2e-3);
  }
}

TEST(PlanImputation, SaysHowItImputedAndHowMany) {
  const auto own = rows(imputed(""), data());
  for (const Row& row : own) {
    EXPECT_NE(row.conventions.find("strategy: jump to reference"), std::string::npos);
    EXPECT_NE(row.conventions.find("variance: jackknife"), std::string::npos);
  }
  double at_last = 0.0;
  for (const Row& row : own) {
    if (row.statistic == "n_imputed" && row.avisit == "7") at_last += *row.value;
  }
  EXPECT_DOUBLE_EQ(at_last, 43.0);
  EXPECT_DOUBLE_EQ(value(own, "x", "n"), 172.0);
}

const std::string multiple = "route = \"multiple_imputation\"\nimputations = 20\n";

TEST(PlanImputation, DrawsAskForASeedAndRepeatWithIt) {
  const auto without = result(imputed(multiple), data());
  EXPECT_NE(diagnostics::to_string(without.problems).find("seed"), std::string::npos);
  const auto none = result(imputed("route = \"multiple_imputation\"\nseed = 1\n"), data());
  EXPECT_NE(diagnostics::to_string(none.problems).find("2 or more"), std::string::npos);
  const auto a = rows(imputed(multiple + "seed = 7"), data());
  EXPECT_EQ(a, rows(imputed(multiple + "seed = 7"), data()));
  EXPECT_NE(a, rows(imputed(multiple + "seed = 8"), data()));
  EXPECT_NE(a.front().conventions.find("seed 7"), std::string::npos);
}

TEST(PlanImputation, DrawsDoNotDependOnTheOrderOfRows) {
  formats::DataTable turned = data().front();
  const std::size_t n = turned.rows();
  for (formats::DataColumn& column : turned.columns) {
    std::ranges::reverse(column.numbers);
    formats::TextCells texts;
    for (std::size_t i = n; i-- > 0 && column.kind == formats::DataColumn::Kind::text;) {
      texts.push_back(column.texts[i]);
    }
    column.texts = texts;
  }
  const auto a = rows(imputed(multiple + "seed = 7"), data());
  const auto b = rows(imputed(multiple + "seed = 7"), {turned});
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i].value.value_or(0.0), b[i].value.value_or(0.0), 1e-6) << a[i].statistic;
  }
}

TEST(PlanImputation, EventsAndStrategiesMayComeFromColumns) {
  // Two columns that say what the pattern says, but for one subject who is imputed at random.
  std::string csv = "USUBJID,ARM,AVISIT,AVAL,EVENT,STRATEGY\n";
  for (int i = 0; i < 40; ++i) {
    const bool leaves = i % 4 == 0;
    for (int v = 1; v <= 3; ++v) {
      const double y = std::sin(1.3 * i) + 0.4 * v * (i % 2) + 0.5 * std::cos(7.0 * i + 3.0 * v);
      csv += "s" + std::to_string(i) + (i % 2 == 1 || i % 8 == 0 ? ",b," : ",a,") +
             std::to_string(v) + "," + (leaves && v == 3 ? "" : std::to_string(y)) + "," +
             (leaves ? "3" : "") + "," + (leaves ? "copy_increments" : "") + "\n";
    }
  }
  const auto trial = formats::parse_csv_table(csv, "trial.csv");
  const std::string plan_text =
      "[analysis.x]\nmethod = \"reference_based_imputation\"\nresponse = \"AVAL\"\n"
      "visit = \"AVISIT\"\n";
  const auto difference = [&](const std::string& options) {
    const auto own = rows(plan_text + options, {trial.value()});
    double last = 0.0;
    for (const Row& row : own) {
      if (row.statistic == "difference") last = *row.value;
    }
    return last;
  };
  EXPECT_DOUBLE_EQ(difference("event_visit = \"EVENT\"\n"), difference(""));
  EXPECT_DOUBLE_EQ(difference("strategy_column = \"STRATEGY\"\n"),
                   difference("strategy = \"copy_increments\"\n"));
  EXPECT_NE(difference("strategy = \"copy_increments\"\n"), difference(""));
  // Five of 25 subjects of arm b are imputed: 1 added to them moves the difference by their share.
  EXPECT_NEAR(difference("delta = [0.0, 0.0, 1.0]\n") - difference(""), 5.0 / 25.0, 1e-9);
}

TEST(PlanImputation, TippingPointStandsWhereTheConclusionChanges) {
  const std::string plan_text = head + R"(
method = "tipping_point"
limit = 6.0
points = 4
deltas = [0.0, 2.0]
deltas_reference = [0.0, 2.0]
)";
  const auto own = rows(plan_text, data());
  const double delta = value(own, "x", "tipping_delta", "DRUG");
  EXPECT_GT(delta, 0.0);
  EXPECT_LT(delta, 6.0);
  // At that delta a reference-based imputation has p = 0.05.
  std::string list = "delta = [";
  for (int v = 0; v < 4; ++v) list += (v == 0 ? "" : ", ") + std::to_string(delta);
  const auto at = rows(imputed(list + "]"), data());
  double p = 0.0;
  for (const Row& row : at) {
    if (row.statistic == "p_value") p = *row.value;
  }
  EXPECT_NEAR(p, 0.05, 1e-5);  // the delta was written with six decimals
  EXPECT_GT(value(own, "x", "p_value", "DRUG", "delta 6"), 0.05);
  EXPECT_LT(value(own, "x", "p_value", "DRUG", "delta 0"), 0.05);
  auto down = plan_text;
  down.replace(down.find("limit = 6.0"), 11, "limit = -6.0");
  for (const Row& row : result(down, data()).rows)
    EXPECT_EQ(row.group.find("-0"), std::string::npos);
  EXPECT_DOUBLE_EQ(value(own, "x", "difference", "DRUG", "delta 2"),
                   value(own, "x", "difference", "DRUG", "delta 2, reference 0"));
  EXPECT_GT(value(own, "x", "difference", "DRUG", "delta 2"),
            value(own, "x", "difference", "DRUG", "delta 2, reference 2"));
}

struct Refused {
  const char* name;
  const char* options;
  const char* words;
};

class BadImputationPlan : public testing::TestWithParam<Refused> {};

TEST_P(BadImputationPlan, IsToldInWords) {
  const auto out = result(head + GetParam().options, data());
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanImputation, BadImputationPlan,
    testing::Values(
        Refused{"limit", "method = \"tipping_point\"", "must be a delta other than 0"},
        Refused{"visit", "method = \"tipping_point\"\nlimit = 1.0\nat = \"8\"",
                "is not one of the visits analysed"},
        Refused{"deltas", "method = \"tipping_point\"\nlimit = 1.0\ndeltas = [1.0]",
                "needs deltas_reference"},
        Refused{"delta", "method = \"reference_based_imputation\"\ndelta = [1.0]",
                "one number for each of 4 visits"},
        Refused{"terms", "method = \"reference_based_imputation\"\nadjustment = [\"arm:BASVAL\"]",
                "arm and visit are in the model already"},
        Refused{"varying", "method = \"reference_based_imputation\"\nadjustment = [\"HAMDTL17\"]",
                "must hold one value a subject"},
        Refused{"event", "method = \"reference_based_imputation\"\nevent_visit = \"GENDER\"",
                "is not one of the visits analysed"},
        Refused{"strategy", "method = \"reference_based_imputation\"\nstrategy_column = \"GENDER\"",
                "is not a strategy of imputation"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(PlanImputation, ASubjectWithoutACovariateIsAProblemWithItsLine) {
  const auto trial = formats::parse_csv_table(
      "USUBJID,ARM,AVISIT,AVAL,BASE\ns1,a,1,1,1\ns2,b,1,2,\ns3,a,1,3,1\ns4,b,1,3,2\n", "trial.csv");
  const auto out = result(
      "[analysis.x]\nmethod = \"reference_based_imputation\"\nresponse = \"AVAL\"\n"
      "visit = \"AVISIT\"\ncovariates = [\"BASE\"]\n",
      {trial.value()});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find("trial.csv:3: BASE"), std::string::npos) << text;
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
