// SPDX-License-Identifier: Apache-2.0
// Reference cases of ranks (c20) and sequential designs (c50 - c54); see tests/data/stat_reference.
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/design/sample_size.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;
constexpr double infinity = std::numeric_limits<double>::infinity();

// --- c20 -----------------------------------------------------------------------------------------

void expect_two_sample(const std::string& name, const std::vector<double>& x,
                       const std::vector<double>& y) {
  SCOPED_TRACE(name);
  const Block block("c20_wilcoxon_hl/expected.json", name);
  const WilcoxonResult r = wilcoxon(x, y);
  ASSERT_EQ(r.status, RankStatus::fitted);
  block.expect({"m"}, static_cast<double>(x.size()));
  block.expect({"n"}, static_cast<double>(y.size()));
  EXPECT_EQ(r.ties, block.truth({"any_ties"}));
  block.expect({"W_mann_whitney_x"}, r.u);
  block.expect({"rank_sum_x"}, r.rank_sum);
  block.expect({"z_no_continuity"}, r.z);
  block.expect({"p_no_continuity"}, r.p_asymptotic);
  block.expect({"z_continuity"}, r.z_continuity);
  block.expect({"p_continuity"}, r.p_continuity);
  block.expect({"hodges_lehmann"}, r.hodges_lehmann);
  ASSERT_TRUE(r.exact_interval.has_value() && r.asymptotic_interval.has_value());
  block.expect({"ci_exact_order_stat"}, {r.exact_interval->lower, r.exact_interval->upper});
  block.expect({"exact_rank_lower"}, static_cast<double>(r.exact_interval->rank));
  block.expect({"achieved_level"}, r.exact_interval->achieved_level);
  block.expect({"ci_moses_asymptotic"},
               {r.asymptotic_interval->lower, r.asymptotic_interval->upper});
  block.expect({"moses_rank_lower"}, static_cast<double>(r.asymptotic_interval->rank));
  block.expect({"prob_x_gt_y_plus_half_ties"}, r.probability);
  ASSERT_TRUE(r.brunner_munzel.has_value());
  block.expect({"brunner_munzel"}, {r.brunner_munzel->probability, r.brunner_munzel->t,
                                    r.brunner_munzel->df, r.brunner_munzel->p_value});
}

std::vector<double> weight_change(const std::string& arm) {
  const Data d("c20_wilcoxon_hl/data_anorexia.csv");
  const auto before = where(d, "Prewt", "Treat", arm);
  auto after = where(d, "Postwt", "Treat", arm);
  for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[i];
  return after;
}

TEST(DesignReference, c20_two_sample_rank_tests_and_shifts_agree) {
  const Data pain("c20_wilcoxon_hl/data_neuropathy.csv");
  expect_two_sample("neuropathy", where(pain, "pain", "group", "treat"),
                    where(pain, "pain", "group", "control"));
  // What R prints. Its shift is any point between the two differences in the middle, 0.118 and
  // 0.121, where its search stops; ours is half way.
  const Block printed("c20_wilcoxon_hl/expected.json", "neuropathy_R_asymptotic");
  const WilcoxonResult own =
      wilcoxon(where(pain, "pain", "group", "treat"), where(pain, "pain", "group", "control"));
  EXPECT_NEAR(own.hodges_lehmann, 0.5 * (0.118 + 0.121), 1e-14);
  EXPECT_NEAR(printed.numbers({"estimate"})[0], own.hodges_lehmann, 0.5 * (0.121 - 0.118));
  printed.expect({"W"}, own.u);
  printed.expect({"p"}, own.p_continuity);
  printed.expect({"ci"}, {own.asymptotic_interval->lower, own.asymptotic_interval->upper});
  const Data rod("c20_wilcoxon_hl/data_rotarod.csv");
  const auto x = where(rod, "time", "group", "control");
  const auto y = where(rod, "time", "group", "treatment");
  expect_two_sample("rotarod", x, y);
  const Block exact("c20_wilcoxon_hl/expected.json", "rotarod_exact_ties");
  exact.expect({"z"}, wilcoxon(x, y).z);
  exact.expect({"p_two_sided"}, wilcoxon(x, y).p_exact.value());
  expect_two_sample("anorexia_ft_cont", weight_change("FT"), weight_change("Cont"));
  expect_two_sample("anorexia_cbt_cont", weight_change("CBT"), weight_change("Cont"));
}

TEST(DesignReference, c20_one_sample_many_sample_and_stratified_rank_tests_agree) {
  const std::string file = "c20_wilcoxon_hl/expected.json";
  const SignedRankResult one = signed_rank(weight_change("FT"));
  const Block block(file, "signed_rank_ft");
  block.expect({"n"}, static_cast<double>(one.count));
  block.expect({"V"}, one.v);
  block.expect({"p_exact"}, one.p_exact);
  block.expect({"pseudomedian"}, one.pseudomedian);
  block.expect({"ci_exact"}, {one.exact_interval->lower, one.exact_interval->upper});

  std::vector<double> all;
  std::vector<int> group;
  for (const std::string arm : {"CBT", "Cont", "FT"}) {
    const int next = group.empty() ? 0 : group.back() + 1;
    for (const double v : weight_change(arm)) {
      all.push_back(v);
      group.push_back(next);
    }
  }
  const ChiSquareResult many = kruskal_wallis(all, group, 3);
  const Block kruskal(file, "kruskal");
  kruskal.expect({"chisq"}, many.chi_square);
  kruskal.expect({"df"}, many.df);
  kruskal.expect({"p"}, many.p_value);

  const Data d("c20_wilcoxon_hl/data_birthwt.csv");
  std::vector<double> weight;
  std::vector<int> smoker, race;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    weight.push_back(d.number(i, "bwt"));
    smoker.push_back(static_cast<int>(d.number(i, "smoke")));
    race.push_back(static_cast<int>(d.number(i, "race")) - 1);
  }
  const StratifiedRankResult elteren = stratified_wilcoxon(weight, smoker, race, 3);
  const Block van_elteren(file, "van_elteren");
  van_elteren.expect({"z"}, elteren.z);
  van_elteren.expect({"chisq"}, elteren.z * elteren.z);
  van_elteren.expect({"p"}, elteren.p_value);
  const StratifiedRankResult overall =
      stratified_wilcoxon(weight, smoker, race, 3, StratumWeights::overall);
  const Block unweighted(file, "stratified_unweighted");
  unweighted.expect({"z"}, -overall.z);  // coin takes the non-smokers
  unweighted.expect({"p"}, overall.p_value);
}

// --- c50 -----------------------------------------------------------------------------------------

const std::string c50 = "c50_gsd_boundaries/expected.json";

void expect_power(const Block& block, const std::string& key, const DesignCharacteristics& c) {
  block.expect({key, "shift"}, c.shift);
  block.expect({key, "n_fixed"}, c.fixed);
  block.expect({key, "inflation_factor"}, c.inflation);
  block.expect({key, "reject_per_stage_H1"}, c.under_alternative.upper);
  block.expect({key, "futility_per_stage_H1"}, c.under_alternative.lower);
  block.expect({key, "reject_per_stage_H0"}, c.under_null.upper);
  block.expect({key, "futility_per_stage_H0"}, c.under_null.lower);
  block.expect({key, "asn_ratio_H1"}, c.expected_alternative);
  block.expect({key, "asn_ratio_H01"}, c.expected_half);
  block.expect({key, "asn_ratio_H0"}, c.expected_null);
}

struct BoundCase {
  const char* name;
  SpendingKind kind;
  double parameter;
};

TEST(DesignReference, c50_spending_bounds_and_characteristics_agree) {
  for (const auto& [name, kind, parameter] :
       {BoundCase{"asOF_K3_equal", SpendingKind::obrien_fleming, 0.0},
        BoundCase{"asOF_K2_half", SpendingKind::obrien_fleming, 0.0},
        BoundCase{"asOF_K4_unequal", SpendingKind::obrien_fleming, 0.0},
        BoundCase{"asOF_K5", SpendingKind::obrien_fleming, 0.0},
        BoundCase{"asP_K3_equal", SpendingKind::pocock, 0.0},
        BoundCase{"asP_K2_0.6", SpendingKind::pocock, 0.0},
        BoundCase{"asKD_K3_gamma2", SpendingKind::kim_demets, 2.0},
        BoundCase{"asHSD_K4_gamma_m4", SpendingKind::hwang_shih_decani, -4.0},
        BoundCase{"asHSD_K3_gamma1", SpendingKind::hwang_shih_decani, 1.0},
        BoundCase{"asOF_K3_two_sided", SpendingKind::obrien_fleming, 0.0}}) {
    SCOPED_TRACE(name);
    const Block block(c50, name);
    const auto info = block.numbers({"information_rates"});
    const double alpha = block.numbers({"alpha"})[0];
    const Sides sides = block.numbers({"sided"})[0] == 2.0 ? Sides::two : Sides::one;
    const auto z = spending_bounds(info, alpha, {kind, parameter}, sides);
    block.expect({"z"}, z);
    expect_power(block, "power80", characterise(z, {}, info, alpha, 0.8, sides));
    expect_power(block, "power90", characterise(z, {}, info, alpha, 0.9, sides));
  }
}

TEST(DesignReference, c50_constant_shape_bounds_and_characteristics_agree) {
  struct Case {
    const char* name;
    double delta;
  };
  for (const auto& [name, delta] :
       {Case{"OF_K3", 0.0}, Case{"OF_K5", 0.0}, Case{"OF_K2_unequal", 0.0}, Case{"P_K2", 0.5},
        Case{"P_K4", 0.5}, Case{"WT_K3_0.25", 0.25}, Case{"P_K3_two_sided", 0.5},
        Case{"OF_K4_two_sided", 0.0}}) {
    SCOPED_TRACE(name);
    const Block block(c50, name);
    const auto info = block.numbers({"information_rates"});
    const double alpha = block.numbers({"alpha"})[0];
    const Sides sides = block.numbers({"sided"})[0] == 2.0 ? Sides::two : Sides::one;
    const auto z = wang_tsiatis_bounds(info, alpha, delta, sides);
    block.expect({"z"}, z);
    expect_power(block, "power80", characterise(z, {}, info, alpha, 0.8, sides));
    expect_power(block, "power90", characterise(z, {}, info, alpha, 0.9, sides));
  }
}

TEST(DesignReference, c50_futility_bounds_agree_binding_and_not) {
  const std::vector<double> info{0.4, 0.7, 1.0};
  for (const bool binding : {true, false}) {
    const Block block(c50, binding ? "gsDesign_type3" : "gsDesign_type4");
    const FutilityDesign d = futility_design(info, 0.025, 0.1, {SpendingKind::obrien_fleming, 0.0},
                                             {SpendingKind::hwang_shih_decani, -2.0},
                                             binding ? Futility::binding : Futility::non_binding);
    block.expect({"upper"}, d.upper);
    // The type 3 reference spends 0.02499983 of 0.025, so two of its numbers carry its own error of
    // about 2e-6; ours must spend the level.
    EXPECT_NEAR(
        d.under_alternative.lower[0] + d.under_alternative.lower[1] + d.under_alternative.lower[2],
        0.1, 1.0e-11);
    if (binding) {
      EXPECT_NEAR(d.under_null.reject(), 0.025, 1.0e-11);
    }
    const auto near = [&](const std::string& key, const std::vector<double>& actual,
                          std::size_t off) {
      const auto wanted = block.numbers({key});
      ASSERT_EQ(actual.size(), wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const double slack = binding && i == off ? 4.0e-6 : 1.0e-10 + 1.0e-5 * std::fabs(wanted[i]);
        EXPECT_NEAR(actual[i], wanted[i], slack) << key << " " << i;
      }
    };
    near("lower", d.lower, 0);
    near("prob_upper_H0", d.under_null.upper, 2);
    block.expect({"n_I"}, {d.inflation * 0.4, d.inflation * 0.7, d.inflation});
    block.expect({"prob_upper_H1"}, d.under_alternative.upper);
    block.expect({"prob_lower_H0"}, d.under_null.lower);
    block.expect({"prob_lower_H1"}, d.under_alternative.lower);
    block.expect({"en"}, {d.inflation * expected_information(d.under_null, info),
                          d.inflation * expected_information(d.under_alternative, info)});
  }
  const std::vector<double> third{1.0 / 3.0, 2.0 / 3.0, 1.0};
  Block(c50, "haybittle_peto_K3").expect({"z"}, last_bound(std::vector{3.0, 3.0}, third, 0.025));

  const Deep fixed(c50, "futility_fixed_z0_z0.5");
  std::vector<double> reject, futile;
  const auto upper = spending_bounds(third, 0.025, {});
  const std::vector<double> lower{0.0, 0.5, upper[2]};
  for (const double drift : {0.0, 1.0, 2.0, 3.0}) {
    const auto p = stage_probabilities(lower, upper, third, drift);
    reject.insert(reject.end(), p.upper.begin(), p.upper.end());
    futile.insert(futile.end(), p.lower.begin(), p.lower.end());
  }
  fixed.expect({"upper"}, upper);
  fixed.expect({"reject"}, reject);
  fixed.expect({"futility"}, futile);
}

// --- c51, c52, c54 -------------------------------------------------------------------------------

const std::string c51 = "c51_gsd_samplesize/expected.json";

struct TwoLooks {
  std::vector<double> info{0.5, 1.0};
  std::vector<double> z = spending_bounds(info, 0.025, {});
  DesignCharacteristics c = characterise(z, {}, info, 0.025, 0.9);
};

TEST(DesignReference, c51_means_and_rates_agree) {
  const PlanningErrors errors{0.025, 0.9};
  Block(c51, "means_fixed_t").expect({"n"}, sample_size(MeansDesign{0.5, 1.2, 1.0}, errors));
  const TwoLooks looks;
  const Block sequential(c51, "means_gs_2to1");
  const MeansDesign two_to_one{0.5, 1.2, 2.0};
  const double fixed = sample_size(two_to_one, errors);
  const double most = fixed * looks.c.inflation;
  sequential.expect({"max_n"}, most);
  sequential.expect({"n_stage"}, {0.5 * most, most});
  sequential.expect({"EN_H0"}, fixed * looks.c.expected_null);
  sequential.expect({"EN_H1"}, fixed * looks.c.expected_alternative);

  const Block powers(c51, "means_gs_power");
  std::vector<double> reject, early, expected;
  for (const double difference : {0.0, 0.25, 0.5}) {
    const double drift = sequential_drift({difference, 1.2, 1.0}, 240.0, 0.025);
    const auto p =
        stage_probabilities(std::vector{-infinity, -infinity}, looks.z, looks.info, drift);
    reject.push_back(p.reject());
    early.push_back(p.upper[0]);
    expected.push_back(240.0 * expected_information(p, looks.info));
  }
  powers.expect({"overall_reject"}, reject);
  powers.expect({"early_stop"}, early);
  powers.expect({"EN"}, expected);

  const RatesDesign rates{0.5, 0.3, 0.0, 1.0};
  Block(c51, "rates_fixed").expect({"n"}, sample_size(rates, {0.025, 0.8}));
  Block(c51, "rates_gs").expect({"max_n"}, sample_size(rates, errors) * looks.c.inflation);
  Block(c51, "rates_noninferiority")
      .expect({"n"}, sample_size(RatesDesign{0.35, 0.3, -0.1, 1.0}, {0.025, 0.8}));
}

TEST(DesignReference, c51_survival_agrees) {
  const PlanningErrors errors{0.025, 0.9};
  Block(c51, "schoenfeld_events").expect({"events"}, schoenfeld_events(0.7, errors));
  Block(c51, "freedman_events").expect({"events"}, freedman_events(0.7, errors));
  const TwoLooks looks;
  const SurvivalDesign d{std::log(2.0) / 24.0, 0.7, -std::log(0.95) / 12.0, 18.0, 12.0};
  const double events = schoenfeld_events(0.7, errors) * looks.c.inflation;
  const double subjects = subjects_for_events(d, events);
  const Block block(c51, "survival_gs");
  block.expect({"max_events"}, events);
  block.expect({"max_subjects"}, subjects);
  block.expect({"events_stage"}, {0.5 * events, events});
  block.expect({"analysis_time"},
               {time_of_events(d, subjects, 0.5 * events), time_of_events(d, subjects, events)});
  const SubjectsAndEvents lachin = lachin_foulkes(d, errors);
  const Block nsurv(c51, "gsDesign_nSurv");
  nsurv.expect({"n"}, lachin.subjects);
  nsurv.expect({"d"}, lachin.events);
}

TEST(DesignReference, c51_counts_agree) {
  const PlanningErrors errors{0.025, 0.8};
  for (const auto& [name, d] :
       {std::pair{"counts_fixed_exposure_rate2_rr0.75_phi0.5", CountsDesign{2.0, 0.75, 0.5, 0, 1}},
        std::pair{"counts_fixed_exposure_rate10_rr0.7_phi0.9",
                  CountsDesign{10.0, 0.7, 0.9, 0, 1}}}) {
    const Block block(c51, name);
    const double n = patients_per_arm(d, errors);
    block.expect({"n_per_arm_closed_form"}, n);
    block.expect({"n_total_rpact"}, 2.0 * std::ceil(n));
  }
  Block(c51, "counts_variable_exposure")
      .expect({"n"}, 2.0 * std::ceil(patients_per_arm({1.4, 0.75, 0.6, 1.0, 1.0}, {0.025, 0.9})));

  // Blinded data: pooled rate and dispersion by maximum likelihood.
  const Data d("c51_gsd_samplesize/data_blinded.csv");
  std::vector<double> design(d.rows(), 1.0), offset(d.rows(), 0.0);
  std::vector<int> y;
  for (std::size_t i = 0; i < d.rows(); ++i) y.push_back(static_cast<int>(d.number(i, "y")));
  NegativeBinomialWorkspace workspace;
  const auto& fit = fit_negative_binomial({design, 1, y, offset, Aliased::refuse}, workspace);
  const double rate = std::exp(fit.coefficients[0]);
  const Block blinded(c51, "blinded_ssr_nb");
  blinded.expect({"pooled_rate"}, rate);
  blinded.expect({"dispersion_phi"}, fit.dispersion);
  blinded.expect({"n_per_arm"}, blinded_patients_per_arm(rate, fit.dispersion, 0.75, 1.0, errors));
}

TEST(DesignReference, c52_conditional_and_predictive_power_and_promising_zone_agree) {
  const std::string c52 = "c52_adaptive_analysis/expected.json";
  const Block block(c52, "conditional_power");
  std::vector<double> trend, design, flat;
  const double critical = 1.959963984540054;
  for (const double z : {0.0, 0.5, 1.0, 1.5, 2.0, 2.5}) {
    trend.push_back(conditional_power(z, 0.5, z / std::sqrt(0.5), critical));
    design.push_back(conditional_power(z, 0.5, 2.8, critical));
    flat.push_back(predictive_power(z, 0.5, critical));
  }
  block.expect({"current_trend"}, trend);
  block.expect({"design_drift"}, design);
  block.expect({"predictive_flat"}, flat);
  std::vector<double> zone;
  for (const double z : {0.8, 1.2, 1.5, 1.8}) {
    const PromisingZone p = promising_zone(z, {100.0, 200.0, 400.0, 0.8, 0.3, 0.025});
    zone.insert(zone.end(), {z, p.conditional_power, p.uncapped, p.size, p.adjusted_critical});
  }
  Deep(c52, "promising_zone").expect({}, zone);
}

TEST(DesignReference, c54_count_information_with_unequal_exposure_is_exact) {
  struct Case {
    const char* name;
    CountsDesign design;
  };
  for (const auto& [name, d] :
       {Case{"rate0.5_rr0.6_phi0.1_accr20_fu4", {0.5, 0.6, 0.1, 20.0, 4.0}},
        Case{"rate6.8_rr0.75_phi0.8_accr26_fu4", {6.8, 0.75, 0.8, 26.0, 4.0}},
        Case{"rate1.4_rr0.7_phi0.6_accr1_fu1", {1.4, 0.7, 0.6, 1.0, 1.0}}}) {
    const Block block("c54_nb_design_exposure/expected.json", name);
    const auto information = [&](double rate) {
      return expected_count_information(rate, d.dispersion, d.accrual, d.follow_up);
    };
    block.expect({"info_per_patient_control"}, information(d.control_rate));
    block.expect({"info_per_patient_active"}, information(d.control_rate * d.rate_ratio));
    block.expect({"n_per_arm_exact_information"}, patients_per_arm(d, {0.025, 0.8}));
    const CountsDesign average{d.control_rate, d.rate_ratio, d.dispersion, 0.0,
                               d.follow_up + 0.5 * d.accrual};
    block.expect({"n_per_arm_mean_exposure_approximation"},
                 patients_per_arm(average, {0.025, 0.8}));
  }
}

}  // namespace
}  // namespace angiotrial::analysis
