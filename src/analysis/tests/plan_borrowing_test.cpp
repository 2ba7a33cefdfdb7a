// SPDX-License-Identifier: Apache-2.0
// Borrowing and assurance as a user writes them: c90 and c91 through plans.
#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"
#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

const std::string c90 = "c90_bayes_map_borrowing/expected.json";
const std::string c91 = "c91_assurance_estimands/expected.json";

TEST(PlanBorrowing, RobustPriorOfTheReferenceCase) {
  const auto own = rows(R"(
[analysis.x]
method = "robust_map"
prior_weight = [0.6, 0.4]
prior_a = [8.0, 2.2]
prior_b = [22.0, 5.6]
probability = [0.95, 0.5]
difference = [0.0, 0.1]
true_control = [0.15, 0.25, 0.35]
true_treatment = [0.45, 0.55, 0.65]
[analysis.x.control]
value = 4.0
size = 12.0
[analysis.x.treatment]
value = 15.0
size = 24.0
)",
                        {});
  const Deep prior(c90, "map_mixture");
  prior.expect({"mean_sd"},
               {value(own, "x", "mean", "", "prior"), value(own, "x", "sd", "", "prior")});
  const Deep sizes(c90, "ess");
  sizes.expect({"elir"}, value(own, "x", "effective_size_elir", "", "prior"));
  sizes.expect({"moment"}, value(own, "x", "effective_size_moment", "", "prior"));
  sizes.expect({"morita"}, value(own, "x", "effective_size_morita", "", "prior"));
  const Deep difference(c90, "pmixdiff");
  difference.expect({"gt0"}, value(own, "x", "probability_above", "", "difference 0"));
  difference.expect({"gt10"}, value(own, "x", "probability_above", "", "difference 0.1"));
  const auto power = Deep(c90, "oc2S").numbers({"power"});
  EXPECT_NEAR(value(own, "x", "probability_of_success", "", "treatment 0.45, control 0.15"),
              power[0], 1e-6);
  EXPECT_NEAR(value(own, "x", "probability_of_success", "", "treatment 0.65, control 0.35"),
              power[2], 1e-6);
}

TEST(PlanBorrowing, NormalMixtureOfTheReferenceCase) {
  const auto own = rows(R"(
[analysis.x]
method = "robust_map"
endpoint = "means"
sigma = 88.0
prior_weight = [0.7, 0.3]
prior_a = [-50.0, -45.0]
prior_b = [6.0, 30.0]
robust_weight = 0.0
[analysis.x.control]
value = -60.0
size = 30.0
)",
                        {});
  Deep(c90, "normal_mixture")
      .expect({"ess_elir"}, value(own, "x", "effective_size_elir", "", "prior"));
  EXPECT_NEAR(value(own, "x", "weight", "control", "posterior, component 1"),
              Deep(c90, "normal_mixture").numbers({"posterior", "values"})[0], 1e-6);
}

const std::string studies = R"(
events = [23, 12, 19, 9, 39, 6, 9, 10]
size = [107, 44, 51, 39, 139, 20, 78, 35]
)";

TEST(PlanBorrowing, PriorFromStudiesAndATrialThatUsesIt) {
  const auto prior = rows("[analysis.x]\nmethod = \"map_prior\"\n" + studies, {});
  // As analyses of these eight studies by sampling print: 0.26 and 0.09.
  EXPECT_NEAR(value(prior, "x", "mean", "", "prior"), 0.26, 0.01);
  EXPECT_NEAR(value(prior, "x", "sd", "", "prior"), 0.09, 0.01);
  const auto trial = rows("[analysis.x]\nmethod = \"robust_map\"\n" + studies +
                              "[analysis.x.control]\nvalue = 6.0\nsize = 24.0\n",
                          {});
  EXPECT_LT(value(trial, "x", "sd", "control", "posterior"), value(trial, "x", "sd", "", "prior"));
}

TEST(PlanBorrowing, APowerPriorOfShareOneIsTheWholeStudy) {
  const auto own = rows(R"(
[analysis.x]
method = "power_prior"
delta = 1.0
[analysis.x.history]
value = 20.0
size = 80.0
[analysis.y]
method = "power_prior"
delta_rule = "beta"
[analysis.y.history]
value = 20.0
size = 80.0
[analysis.y.control]
value = 30.0
size = 40.0
)",
                        {});
  EXPECT_NEAR(value(own, "x", "mean", "", "prior"), 21.0 / 82.0, 1e-12);
  EXPECT_NEAR(value(own, "y", "delta_mean", "", "prior"), 0.5, 1e-6);
  // Data that disagree bring the share down.
  EXPECT_LT(value(own, "y", "delta_mean", "", "posterior"), 0.4);
}

TEST(PlanBorrowing, ACommensuratePriorOfSpreadNoughtPools) {
  const auto own = rows(R"(
[analysis.x]
method = "commensurate_prior"
estimate = 2.0
se = 0.5
sigma = 3.0
gamma_rule = "fixed"
[analysis.x.control]
value = 3.0
size = 36.0
)",
                        {});
  EXPECT_NEAR(value(own, "x", "mean", "control", "posterior"), 2.5, 1e-12);
  EXPECT_NEAR(value(own, "x", "sd", "control", "posterior"), 0.5 / std::sqrt(2.0), 1e-12);
}

TEST(PlanBorrowing, AssuranceAndPredictiveProbabilityOfTheReferenceCase) {
  const auto own = rows(R"(
[analysis.means]
method = "assurance"
per_arm = [50, 84, 150, 300]
prior_mean = 0.5
prior_sd = 0.2
sd = 1.2
[analysis.counts]
method = "assurance"
endpoint = "counts"
per_arm = [56]
prior_mean = -0.2876820724517809
prior_sd = 0.15
control_rate = 6.8
dispersion = 0.8
[analysis.seen]
method = "predictive_probability"
events = 9
observed = 20
largest = 40
null = 0.3
)",
                        {});
  const auto wanted = Deep(c91, "assurance_normal").numbers({"assurance"});
  EXPECT_NEAR(value(own, "means", "assurance", "", "84 an arm"), wanted[1], 1e-10);
  EXPECT_NEAR(value(own, "counts", "assurance", "", "56 an arm"),
              Deep(c91, "assurance_negbin").numbers({"assurance"})[0], 1e-7);
  EXPECT_NEAR(value(own, "seen", "predictive_probability"),
              Deep(c91, "predictive_probability_binary").numbers({"pp"})[5], 1e-9);
}

struct Wrong {
  const char* name;
  const char* plan;
  const char* words;
};
class WrongBorrowing : public testing::TestWithParam<Wrong> {};

TEST_P(WrongBorrowing, IsRefusedInWords) {
  const auto read = read_plan(std::string("[analysis.x]\n") + GetParam().plan, "plan.toml");
  std::string text = read.ok() ? "" : diagnostics::to_string(read.problems());
  if (read.ok()) {
    const PlanResult out = run_plan(read.value(), {});
    text = diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  }
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanBorrowing, WrongBorrowing,
    testing::Values(
        Wrong{"no_study", "method = \"map_prior\"\n", "no historical study"},
        Wrong{"lists", "method = \"map_prior\"\nevents = [1]\nsize = []\n", "needs 1 numbers"},
        Wrong{"events", "method = \"map_prior\"\nevents = [5]\nsize = [4]\n",
              "outside their range"},
        Wrong{"sigma", "method = \"map_prior\"\nendpoint = \"means\"\nestimate = [1]\nse = [1]\n",
              "analysis.x.sigma"},
        Wrong{"weights",
              "method = \"robust_map\"\nprior_weight = [0.5]\nprior_a = [1]\nprior_b = [1]\n",
              "analysis.x.prior_weight"},
        Wrong{"initial", "method = \"power_prior\"\ninitial_a = -1.0\n", "analysis.x.initial_a"},
        Wrong{"history", "method = \"power_prior\"\n", "historical data"},
        Wrong{"slab",
              "method = \"commensurate_prior\"\nsigma = 1.0\ngamma_rule = \"spike_and_slab\"\n"
              "slab_from = 2.0\n",
              "analysis.x.gamma_rule"},
        Wrong{"no_spread", "method = \"assurance\"\nendpoint = \"counts\"\nper_arm = [50]\n",
              "analysis.x.prior_sd"},
        Wrong{"no_size", "method = \"assurance\"\n", "must name a size"},
        Wrong{"seen_more", "method = \"predictive_probability\"\nobserved = 5\nlargest = 4\n",
              "analysis.x.observed"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
