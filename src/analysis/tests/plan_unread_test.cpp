// SPDX-License-Identifier: Apache-2.0
// Keys that nothing would read are problems, each with its name.
#include <gtest/gtest.h>

#include <string>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

struct Unread {
  const char* name;
  std::string method;     ///< and what stands above the key
  std::string key;        ///< as the plan has it, and tables that follow
  const char* complaint;  ///< where it stands and what is said
};
void PrintTo(const Unread& u, std::ostream* out) { *out << u.name; }

/// Twelve subjects in three arms of rising doses, two of them without a response.
formats::DataTable trial() {
  std::string csv = "USUBJID,ARM,DOSE,Y,B,N,T,E,START,DIED,POP,AVISIT\n";
  for (int i = 0; i < 12; ++i) {
    const std::string arm(1, static_cast<char>('a' + i % 3));
    csv += "S" + std::to_string(i) + "," + arm + "," + std::to_string(i % 3) + "," +
           (i < 2 ? "" : std::to_string((i * 7) % 11)) + "," +
           (i < 2 ? "" : std::to_string(i % 4 / 2)) + "," + std::to_string(i % 4) + "," +
           std::to_string(1 + (i * 5) % 13) + "," + std::to_string(i % 3 == 0 ? 0 : 1) +
           ",0,0,Y,W1\n";
  }
  auto read = formats::parse_csv_table(csv, "data.csv");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return std::move(read).value();
}

std::string said(const std::string& method, const std::string& key) {
  return complaints("arms = [\"a\", \"b\", \"c\"]\n[analysis.x]\nmethod = " + method + key,
                    {trial()});
}

class UnreadKey : public testing::TestWithParam<Unread> {};

TEST_P(UnreadKey, IsAProblem) {
  const std::string with = said(GetParam().method, GetParam().key);
  EXPECT_NE(with.find(GetParam().complaint), std::string::npos) << with;
  const std::string without = said(GetParam().method, "");
  EXPECT_EQ(without.find(GetParam().complaint), std::string::npos) << without;
}

std::string name_of(const testing::TestParamInfo<Unread>& info) { return info.param.name; }

// --- rows that no method reads -------------------------------------------------------------------

const std::string design = "\"group_sequential_design\"\n";

INSTANTIATE_TEST_SUITE_P(
    Rows, UnreadKey,
    testing::Values(
        Unread{"table", design, "table = \"ADSL\"\n", "x.table = ADSL: is of data"},
        Unread{"where", design, "where = [\"AVISIT = W1\"]\n", "x.where = AVISIT = W1: is of data"},
        Unread{"population", design, "[analysis.x.estimand]\npopulation = \"POP\"\n",
               "x.estimand.population = POP: is of data"},
        Unread{"of_a_simulation",
               "\"two_stage_simulation\"\nseed = 1\nfirst = 10.0\nsecond = 9.0\n",
               "where = [\"AVISIT = W1\"]\n", "x.where"},
        Unread{"of_planning",
               "\"mcp_mod_planning\"\ndoses = [0.0, 1.0, 2.0]\nsizes = [20.0]\nsd = 1.0\nseed = 1\n"
               "truth = \"linear\"\ntrials = 10\n",
               "table = \"ADSL\"\n", "x.table"},
        Unread{"of_a_size", "\"sample_size\"\n",
               "where = [\"AVISIT = W1\"]\n[analysis.x.means]\ndifference = 1.0\n", "x.where"},
        Unread{"of_a_review_without_data", "\"sample_size_review\"\npooled_rate = 1.0\n",
               "where = [\"AVISIT = W1\"]\n[analysis.x.counts]\nrate_ratio = 0.5\n", "x.where"}),
    name_of);

TEST(PlanUnread, RowsOfDataMayBeChosen) {
  EXPECT_EQ(said("\"kaplan_meier\"\ntime = \"T\"\nevent = \"E\"\n",
                 "where = [\"AVISIT = W1\"]\n[analysis.x.estimand]\npopulation = \"POP\"\n"),
            "");
}

// --- looks, sizes and their reviews --------------------------------------------------------------

const std::string review = "\"sample_size_review\"\n";
const std::string counts = "[analysis.x.counts]\nrate_ratio = 0.5\n";
const std::string of_means = "endpoint = \"means\"\nresponse = \"Y\"\n[analysis.x.means]\n";
const std::string two_stages = "\"two_stage_simulation\"\nseed = 1\nfirst = 50.0\nsecond = 50.0\n";
const std::string stages = "\"adaptive_analysis\"\n";
const std::string one_arm =
    "[analysis.x.means]\nn_treatment = [20.0]\nmean_treatment = [1.0]\nsd_treatment = [2.0]\n";
const std::string one_arm_of_rates =
    "endpoint = \"rates\"\n[analysis.x.rates]\nn_treatment = [20.0]\nevents_treatment = [7.0]\n";

INSTANTIATE_TEST_SUITE_P(
    Looks, UnreadKey,
    testing::Values(
        Unread{"parameter_of_bounds_without", design, "parameter = 2.0\n",
               "x.parameter: is used with bounds kim_demets"},
        Unread{"parameter_of_pocock", design + "bounds = \"pocock\"\n", "parameter = 0.5\n",
               "x.parameter: is used with bounds kim_demets"},
        Unread{"bounds_of_one_look", design + "information = [1.0]\n", "bounds = \"pocock\"\n",
               "x.bounds: is used with two looks or more alone"},
        Unread{"futility_parameter", design, "futility_parameter = -2.0\n",
               "x.futility_parameter: is used with futility_rule"},
        Unread{"futility_parameter_of_pocock", design + "futility_rule = \"pocock\"\n",
               "futility_parameter = -2.0\n", "x.futility_parameter: is used with futility_rule"},
        Unread{"futility_of_one_look", design + "information = [1.0]\n",
               "futility_rule = \"bounds\"\n", "x.futility_rule = bounds: needs two looks"},
        Unread{"bounds_of_a_size", "\"sample_size\"\n",
               "bounds = \"pocock\"\n[analysis.x.means]\ndifference = 1.0\n", "x.bounds"},
        Unread{"parameter_of_a_simulation", two_stages, "parameter = 2.0\n", "x.parameter"},
        Unread{"level_beside_a_critical_value",
               "\"conditional_power\"\nstatistic = 1.0\ncritical_value = 2.0\n", "alpha = 0.05\n",
               "x.alpha: is used with critical_value = 0 alone"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Sizes, UnreadKey,
    testing::Values(
        Unread{"power_beside_a_size", "\"sample_size\"\n",
               "given_size = 100.0\npower = 0.8\n[analysis.x.means]\ndifference = 1.0\n",
               "x.power: is used with given_size = 0 alone"},
        Unread{"speed_of_no_accrual", "\"sample_size\"\nendpoint = \"counts\"\n",
               "[analysis.x.counts]\ncontrol_rate = 1.0\nrate_ratio = 0.5\naccrual_speed = 2.0\n",
               "x.counts.accrual_speed: is used with an accrual above 0 alone"},
        Unread{"rate_of_no_accrual", "\"sample_size\"\nendpoint = \"survival\"\n",
               "[analysis.x.survival]\ncontrol_hazard = [0.1]\nhazard_ratio = 0.5\n"
               "follow_up = 5.0\naccrual_rate = [2.0]\n",
               "x.survival.accrual_rate: is used with an accrual above 0 alone"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Reviews, UnreadKey,
    testing::Values(
        Unread{"exposure_of_means", review, "exposure = \"T\"\n" + of_means + "difference = 1.0\n",
               "x.exposure: is used with endpoint = \"counts\""},
        Unread{"exposure_without_response", review + "pooled_rate = 1.0\n",
               "exposure = \"T\"\n" + counts, "x.exposure: is used with endpoint = \"counts\""},
        Unread{"rate_beside_a_response", review + "response = \"N\"\n",
               "pooled_rate = 1.0\n" + counts, "x.pooled_rate: is used with"},
        Unread{"events_of_counts", review + "pooled_rate = 1.0\n", "pooled_events = 5.0\n" + counts,
               "x.pooled_events: is used with endpoint = \"rates\""},
        Unread{"adjustment_of_counts", review + "pooled_rate = 1.0\n",
               "adjusted = false\n" + counts, "x.adjusted: is used with endpoint = \"means\""},
        Unread{"planned_rate", review + "pooled_rate = 1.0\n", counts + "control_rate = 2.0\n",
               "x.counts.control_rate: is estimated by the review"},
        Unread{"planned_dispersion", review + "pooled_rate = 1.0\n", counts + "dispersion = 2.0\n",
               "x.counts.dispersion: is estimated by the review"},
        Unread{"accrual_of_one_exposure", review + "pooled_rate = 1.0\n",
               counts + "same_exposure = true\naccrual = 2.0\n",
               "x.counts.accrual: is used with same_exposure = false alone"},
        Unread{"planned_spread", review, of_means + "difference = 1.0\nsd = 3.0\n",
               "x.means.sd: is estimated by the review"},
        Unread{"comparison", review, of_means + "difference = 1.0\ncomparison = \"change\"\n",
               "x.means.comparison: a review takes the spread"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Stages, UnreadKey,
    testing::Values(
        Unread{"target_of_a_planned_size", two_stages, "target = 0.9\n",
               "x.target: is used with again = true alone"},
        Unread{"least_of_a_planned_size", two_stages, "least = 20.0\n", "x.least: is used with"},
        Unread{"most_of_a_planned_size", two_stages, "most = 90.0\n", "x.most: is used with"},
        Unread{"effect_of_a_planned_size", two_stages, "effect = \"assumed\"\n",
               "x.effect: is used with again = true alone"},
        Unread{"assumed_beside_observed", two_stages + "again = true\nleast = 20.0\nmost = 90.0\n",
               "assumed = 0.5\n", "x.assumed: is used with effect = \"assumed\" alone"},
        Unread{"rate_of_means", two_stages, "treatment = 0.5\n",
               "x.treatment: is used with endpoint = \"rates\" alone"},
        Unread{"difference_of_rates",
               two_stages + "endpoint = \"rates\"\ntreatment = 0.4\ncontrol = 0.4\n",
               "difference = 0.1\n", "x.difference: is used with endpoint = \"means\" alone"},
        Unread{"effect_without_sizes", stages, "effect = \"assumed\"\n" + one_arm,
               "x.effect: is used with next_sizes alone"},
        Unread{"allocation_without_sizes", stages, "allocation = 2.0\n" + one_arm,
               "x.allocation: is used with next_sizes alone"},
        Unread{"allocation_of_one_arm", stages, "next_sizes = [20.0]\nallocation = 2.0\n" + one_arm,
               "x.allocation: is used with controls alone"},
        Unread{"mean_of_no_controls", stages, one_arm + "mean_control = [0.0]\n",
               "x.means.mean_control: is used with means.n_control alone"},
        Unread{"spread_of_no_controls", stages, one_arm + "sd_control = [1.0]\n",
               "x.means.sd_control: is used with means.n_control alone"},
        Unread{"events_of_no_controls", stages, one_arm_of_rates + "events_control = [3.0]\n",
               "x.rates.events_control: is used with rates.n_control alone"}),
    name_of);

// --- response-adaptive trials --------------------------------------------------------------------

const std::string arms =
    "\"response_adaptive_design\"\narms = [\"a\", \"b\", \"c\"]\nlooks = [30.0, 60.0]\nseed = 1\n"
    "trials = 2\n";
const std::string binary = arms + "truth = [0.2, 0.2, 0.2]\n";
const std::string controlled = binary + "control = \"a\"\n";

INSTANTIATE_TEST_SUITE_P(
    Adaptive, UnreadKey,
    testing::Values(
        Unread{"prior_of_means",
               arms + "endpoint = \"normal\"\ntruth = [0.0, 0.0, 0.0]\nsd = [1.0, 1.0, 1.0]\n",
               "prior_events = 2.0\n", "x.prior_events: is used with endpoint = \"binary\" alone"},
        Unread{"share_that_is_not_fixed", controlled, "control_fixed = 0.4\n",
               "x.control_fixed: is used with control_share = \"fixed\" alone"},
        Unread{"softening_of_equal_shares", controlled + "control_share = \"root_fixed\"\n",
               "softening = [0.5]\n", "x.softening: is used with"},
        Unread{"equivalence_margin", binary, "equivalence_margin = 0.1\n",
               "x.equivalence_margin: is used with equivalence alone"},
        Unread{"futility_margin", controlled, "futility_margin = 0.1\n",
               "x.futility_margin: is used with futility alone"},
        Unread{"futility_first", controlled, "futility_first_only = true\n",
               "x.futility_first_only: is used with futility alone"},
        Unread{"equivalence_first_without_control",
               binary + "equivalence = [0.9]\nequivalence_margin = 0.1\n",
               "equivalence_first_only = true\n",
               "x.equivalence_first_only: is used with control alone"},
        Unread{"margin_of_a_look_without_control",
               "\"response_adaptive_look\"\narms = [\"a\", \"b\"]\nlooks = [30.0]\nn = [10.0, "
               "20.0]\nevents = [1.0, 2.0]\n",
               "futility_margin = 0.1\n", "x.futility_margin: is used with control alone"}),
    name_of);

TEST(PlanUnread, ALookOfDataTellsOfMissingOutcomes) {
  const auto own = rows(
      "[analysis.x]\nmethod = \"response_adaptive_look\"\narms = [\"a\", \"b\", \"c\"]\n"
      "looks = [10.0, 20.0]\nresponse = \"B\"\n",
      {trial()});
  EXPECT_EQ(value(own, "x", "n_missing"), 2.0);
}

TEST(PlanUnread, AReviewTellsOfMissingValues) {
  const auto own = rows(
      "[analysis.x]\nmethod = \"sample_size_review\"\nendpoint = \"means\"\nresponse = \"Y\"\n"
      "[analysis.x.means]\ndifference = 1.0\n",
      {trial()});
  EXPECT_EQ(value(own, "x", "n"), 10.0);
  EXPECT_EQ(value(own, "x", "n_missing"), 2.0);
}

// --- historical borrowing ------------------------------------------------------------------------

const std::string history = "events = [5, 6]\nsize = [40, 42]\n";
const std::string robust = "\"robust_map\"\n";
const std::string from_studies = robust + history;
const std::string known = robust + "prior_weight = [1.0]\nprior_a = [4.0]\nprior_b = [12.0]\n";
const std::string power = "\"power_prior\"\n";
const std::string old = "[analysis.x.history]\nvalue = 20.0\nsize = 80.0\n";
const std::string near = "\"commensurate_prior\"\nestimate = 1.0\nse = 0.5\nsigma = 2.0\n";
const std::string control = "[analysis.x.control]\nvalue = 6.0\nsize = 24.0\n";
const std::string treated = "[analysis.x.treatment]\nvalue = 9.0\nsize = 24.0\n";

INSTANTIATE_TEST_SUITE_P(
    Histories, UnreadKey,
    testing::Values(
        Unread{"estimate_of_rates", "\"map_prior\"\n" + history, "estimate = [1.0, 2.0]\n",
               "x.estimate: is used with endpoint = \"means\" alone"},
        Unread{"sigma_of_rates", "\"map_prior\"\n" + history, "sigma = 3.0\n",
               "x.sigma: is used with endpoint = \"means\" alone"},
        Unread{"studies_beside_a_prior", known, history, "x.events: is used with an empty prior"},
        Unread{"scale_beside_a_prior", known, "tau_scale = 0.5\n", "x.tau_scale: is used with"},
        Unread{"prior_without_weight", from_studies, "prior_a = [4.0]\n",
               "x.prior_a: is used with prior_weight alone"},
        Unread{"centre_not_given", from_studies, "robust_centre = 0.3\n",
               "x.robust_centre: is used with robust_at = \"given\" alone"},
        Unread{"size_without_weight", from_studies + "robust_weight = 0.0\n", "robust_size = 2.0\n",
               "x.robust_size: is used with a robust_weight above 0"},
        Unread{"place_without_weight", from_studies + "robust_weight = 0.0\n",
               "robust_at = \"given\"\n", "x.robust_at: is used with a robust_weight above 0"},
        Unread{"fixed_share_of_beta", power + "delta_rule = \"beta\"\n", "delta = 0.3\n" + old,
               "x.delta: is used with delta_rule = \"fixed\" alone"},
        Unread{"shape_of_a_fixed_share", power, "delta_a = 2.0\n" + old,
               "x.delta_a: is used with delta_rule = \"beta\" alone"},
        Unread{"sigma_of_a_power_prior", power, "sigma = 3.0\n" + old, "x.sigma: is used with"},
        Unread{"fixed_spread", near, "gamma = 2.0\n", "x.gamma: is used with gamma_rule"},
        Unread{"scale_of_a_fixed_spread", near + "gamma_rule = \"fixed\"\n", "scale = 2.0\n",
               "x.scale: is used with gamma_rule = \"half_normal\" alone"},
        Unread{"slab", near, "slab_to = 2.0\n", "x.slab_to: is used with gamma_rule"},
        Unread{"vague_spread", near, "vague_sd = 9.0\n", "x.vague_sd: is used with treated"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Borrowers, UnreadKey,
    testing::Values(Unread{"value_without_size", from_studies,
                           "[analysis.x.control]\nvalue = 6.0\n",
                           "x.control.value: is used with control.size alone"},
                    Unread{"treated_without_controls", from_studies, treated,
                           "x.treatment.value: is used with control.size and treatment.size alone"},
                    Unread{"size_of_treated_without_controls", from_studies, treated,
                           "x.treatment.size: is used with true_control"},
                    Unread{"prior_of_no_treated", from_studies,
                           "treatment_prior_weight = [1.0]\ntreatment_prior_a = [1.0]\n"
                           "treatment_prior_b = [1.0]\n" +
                               control,
                           "x.treatment_prior_weight: is used with true_control"},
                    Unread{"prior_of_treated_without_weight", from_studies,
                           "treatment_prior_a = [1.0]\n" + control + treated,
                           "x.treatment_prior_a: is used with treatment_prior_weight alone"},
                    Unread{"decision_without_treated", from_studies,
                           "probability = [0.9]\ndifference = [0.0]\n" + control,
                           "x.probability: is used with true_control"},
                    Unread{"side_of_no_decision", from_studies,
                           "smaller = true\n" + control + treated,
                           "x.smaller: is used with probability alone"},
                    Unread{"truth_of_the_treated_alone", from_studies,
                           "true_treatment = [0.2]\n" + control + treated,
                           "x.true_treatment: is used with true_control alone"}),
    name_of);

// --- times, doses, visits ------------------------------------------------------------------------

const std::string times = "time = \"T\"\nevent = \"E\"\n";
const std::string incidence =
    "\"cumulative_incidence\"\ntime = \"T\"\nevent = \"E\"\ncause = \"1\"\n";
const std::string doses = "response = \"Y\"\ndose = \"DOSE\"\n";
const std::string imputed =
    "\"reference_based_imputation\"\nresponse = \"Y\"\nvisit = \"AVISIT\"\n";

INSTANTIATE_TEST_SUITE_P(
    Data, UnreadKey,
    testing::Values(
        Unread{"hazard_at_no_time", "\"kaplan_meier\"\n" + times, "hazard = \"nelson_aalen\"\n",
               "x.hazard: is used with at_times alone"},
        Unread{"interval_of_nothing", "\"kaplan_meier\"\nquantiles = []\n" + times,
               "interval = \"plain\"\n", "x.interval: is used with at_times or quantiles alone"},
        Unread{"interval_at_no_time", incidence, "interval = \"plain\"\n",
               "x.interval: is used with at_times alone"},
        Unread{"variance_at_no_time", incidence, "variance = \"jackknife\"\n",
               "x.variance: is used with at_times alone"},
        Unread{"death_at_no_time", "\"recurrent_events\"\nstart = \"START\"\n" + times,
               "death = \"DIED\"\n", "x.death: is used with at_times alone"},
        Unread{"proportionality_of_exact_ties", "\"cox\"\nties = \"exact\"\n" + times,
               "proportionality = \"log\"\n", "x.proportionality = log: is offered for ties"},
        Unread{"proportionality_of_firth", "\"cox\"\nfirth = true\n" + times,
               "proportionality = \"rank\"\n", "x.proportionality = rank: is offered for ties"},
        Unread{"peak_of_a_rise", "\"order_restricted_test\"\n" + doses, "peak_dose = 1.0\n",
               "x.peak_dose: is used with order = \"umbrella\" alone"},
        Unread{"fall_of_blocks", "\"umbrella_test\"\ncontrasts = \"blocks\"\n" + doses,
               "falling = true\n", "x.falling: is used with contrasts = \"peaks\" alone"},
        Unread{"zeros_of_means", "\"williams\"\n" + doses, "zero_counts = \"add_half\"\n",
               "x.zero_counts: is used with family = \"poisson\""},
        Unread{"seed_without_draws", imputed, "seed = 3\n",
               "x.seed: is used with route = \"multiple_imputation\" alone"},
        Unread{"imputations_without_draws", imputed, "imputations = 30\n",
               "x.imputations: is used with route = \"multiple_imputation\" alone"},
        Unread{"draw_without_draws", imputed, "draw = \"normal_approximation\"\n",
               "x.draw: is used with route = \"multiple_imputation\" alone"},
        Unread{"scope_of_no_delta", imputed, "delta_scope = \"every_missing\"\n",
               "x.delta_scope: is used with delta or delta_reference alone"},
        Unread{"times_without_time", "\"random_intercept_model\"\nresponse = \"Y\"\n",
               "at = [1.0]\n", "x.at: is used with time alone"}),
    name_of);

}  // namespace
}  // namespace angiotrial::analysis::plan_test
