// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/linear/ancova.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "counted_allocations.hpp"
#include "incomplete_rows.hpp"

// A campaign analyses thousands of replicates: once warm, an analysis must ask the heap for
// nothing.
namespace angiotrial::analysis {
namespace {

constexpr std::uint32_t replicates = 6;

/// Most allocations of a replicate, of a second pass over all of them.
template <class Analysis>
std::size_t most_when_warm(Analysis&& analysis) {
  for (std::uint32_t r = 0; r < replicates; ++r) analysis(r);
  std::size_t most = 0;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    most = std::max(most, allocations_of([&] { analysis(r); }));
  }
  return most;
}

/// A trial of two arms with everything that the analyses below ask for.
struct Replicate {
  std::vector<double> design, offset, response, x, y, time, second_time, baseline, score_x;
  std::vector<int> counts, arm, event, second_event, category, treated, patient;
  std::vector<Observation> sample;

  Replicate(std::uint32_t number, std::uint32_t patients) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(11, number, i).at(random::Purpose::diary);
      const int its_arm = static_cast<int>(i % 2);
      const double z = draw.normal();
      add_count(its_arm, z, draw);
      add_times(its_arm, z, draw);
      (its_arm == 1 ? x : y).push_back(0.4 * its_arm + draw.normal());
      category.push_back(std::clamp(static_cast<int>(2.0 + z + draw.normal()), 0, 4));
      score_x.insert(score_x.end(), {static_cast<double>(its_arm), z});
      arm.push_back(its_arm);
      treated.push_back(its_arm);
      baseline.push_back(z);
      patient.push_back(static_cast<int>(i / 3));
    }
  }
  void add_count(int its_arm, double z, random::Stream& draw) {
    design.insert(design.end(), {1.0, static_cast<double>(its_arm), z});
    offset.push_back(std::log(3.0 + draw.uniform()));
    const double mean = 2.0 * std::exp(offset.back() + 0.3 * z - 0.4 * its_arm);
    counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.6));
    response.push_back(counts.back());
  }
  void add_times(int its_arm, double z, random::Stream& draw) {
    const double rate = 0.001 * std::exp(0.3 * z - 0.4 * its_arm);
    const double death = std::ceil(-std::log(draw.uniform()) / rate);
    const double admission = std::ceil(-std::log(draw.uniform()) / (2.0 * rate));
    const double end = std::ceil(400.0 + 1600.0 * draw.uniform());
    time.push_back(std::min(death, end));
    event.push_back(death <= end ? 1 : 0);
    second_time.push_back(std::min(admission, time.back()));
    second_event.push_back(admission <= time.back() ? 1 : 0);
    sample.push_back({time.back(), death <= end});
  }
  [[nodiscard]] CountModel count_model() const {
    return {design, 3, counts, offset, Aliased::refuse};
  }
};

std::vector<Replicate> trials(std::uint32_t patients = 120) {
  std::vector<Replicate> out;
  for (std::uint32_t r = 0; r < replicates; ++r) out.emplace_back(r, patients);
  return out;
}

TEST(CountedAllocations, SeeVectorsAndMatrices) {
  EXPECT_EQ(allocations_of([] { std::vector<double> v(100, 1.0); }), 1U);
  EXPECT_GT(allocations_of([] { (void)fit_linear_model({}); }), 0U);
}

TEST(WarmFits, OfNegativeBinomialCountsAllocateNothing) {
  const auto data = trials();
  NegativeBinomialWorkspace workspace;
  const std::array weights{0.0, 1.0, 0.0};
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const CountModel model = data[r].count_model();
              const auto& fit = fit_negative_binomial(model, workspace);
              ASSERT_EQ(fit.status, FitStatus::fitted);
              for (const auto variance :
                   {CountVariance::hc3, CountVariance::observed, CountVariance::expected,
                    CountVariance::cr1, CountVariance::cr2, CountVariance::cr3}) {
                const CountContrast contrast =
                    count_contrast(model, fit, weights, variance, data[r].patient, 0.95, workspace);
                ASSERT_GT(contrast.se, 0.0);
              }
            }),
            0U);
}

TEST(WarmFits, StandardisedCountsAllocateNothing) {
  const auto data = trials();
  NegativeBinomialWorkspace workspace;
  StandardisationWorkspace standardisation;
  std::vector<double> predictions, designs, y;
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const CountModel model = data[r].count_model();
              const auto& fit = fit_negative_binomial(model, workspace);
              ASSERT_EQ(fit.status, FitStatus::fitted);
              designs.clear();
              for (const double arm : {0.0, 1.0}) {
                for (std::size_t i = 0; i < model.counts.size(); ++i) {
                  designs.insert(designs.end(), {1.0, arm, model.design[3 * i + 2]});
                }
              }
              y.assign(model.counts.begin(), model.counts.end());
              predict_counts(model, fit, designs, 2, predictions);
              const auto& means =
                  standardise({y, data[r].arm, predictions, 2, {}}, standardisation);
              ASSERT_GT(marginal_effect(means, 1, 0, EffectScale::log_ratio).se, 0.0);
            }),
            0U);
}

TEST(WarmFits, OfCountsWithARandomInterceptAllocateNothing) {
  const auto data = trials();
  std::vector<int> patient;  // of 1, 3, 5 ... rows
  for (std::size_t i = 0; i < data[0].counts.size(); ++i) {
    patient.push_back(static_cast<int>(std::sqrt(static_cast<double>(i))));
  }
  for (const CountFamily family :
       {CountFamily::poisson, CountFamily::quadratic_nb, CountFamily::linear_nb}) {
    for (const int points : {1, 5}) {
      InterceptWorkspace workspace;
      EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                  const InterceptModel model{data[r].count_model(), patient, family, points};
                  ASSERT_TRUE(usable(fit_random_intercept(model, workspace).status));
                }),
                0U)
          << static_cast<int>(family) << " " << points;
    }
  }
}

/// As counts over the visits of a patient, or as their rates.
LinearModel repeated_model(const Replicate& data, Family family) {
  LinearModel model;
  model.response = data.response;
  model.design = data.design;
  model.columns = 3;
  model.family = family;
  if (family == Family::poisson) model.offset = data.offset;
  model.cluster = data.patient;
  return model;
}

TEST(WarmFits, OfEstimatingEquationsAllocateNothing) {
  const auto data = trials();
  GeeWorkspace workspace;
  const std::array weights{0.0, 1.0, 0.0};
  for (const Family family : {Family::poisson, Family::gaussian}) {
    for (const auto correlation :
         {WorkingCorrelation::exchangeable, WorkingCorrelation::autoregressive}) {
      EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                  const GeeModel model{repeated_model(data[r], family), correlation, {}};
                  const GeeFit& fit = fit_gee(model, workspace);
                  ASSERT_EQ(fit.status, GeeStatus::fitted);
                  for (const auto variance :
                       {GeeVariance::model, GeeVariance::robust, GeeVariance::kauermann_carroll,
                        GeeVariance::mancl_derouen}) {
                    ASSERT_GT(gee_contrast(model, fit, weights, variance, 0.95, workspace).se, 0.0);
                  }
                }),
                0U);
    }
  }
}

TEST(WarmFits, OfLinearModelsByClusterAllocateNothing) {
  const auto data = trials();
  LinearWorkspace workspace;
  const std::array weights{0.0, 1.0, 0.0};
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const LinearModel model = repeated_model(data[r], Family::gaussian);
              const LinearFit& fit = fit_linear_model(model, workspace);
              ASSERT_EQ(fit.status, LinearStatus::fitted);
              for (const auto variance :
                   {LinearVariance::cr0, LinearVariance::cr1, LinearVariance::cr2}) {
                ASSERT_GT(estimate_contrast(model, fit, weights, variance, 0.95, workspace).se,
                          0.0);
              }
            }),
            0U);
}

TEST(WarmFits, OfPoissonCountsAllocateNothing) {
  const auto data = trials();
  LinearWorkspace workspace;
  const std::array weights{0.0, 1.0, 0.0};
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const LinearModel model = repeated_model(data[r], Family::poisson);
              const LinearFit& fit = fit_linear_model(model, workspace);
              ASSERT_EQ(fit.status, LinearStatus::fitted);
              ASSERT_GT(
                  estimate_contrast(model, fit, weights, LinearVariance::hc3, 0.95, workspace).se,
                  0.0);
            }),
            0U);
}

TEST(WarmFits, OfCovarianceAnalysisAllocateNothing) {
  const auto data = trials();
  AncovaWorkspace workspace;
  for (const Variance variance : {Variance::model, Variance::hc3}) {
    EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                AncovaModel model;
                model.response = data[r].response;
                model.arm = data[r].arm;
                model.arms = 2;
                model.covariates = data[r].baseline;
                model.covariate_count = 1;
                model.variance = variance;
                ASSERT_EQ(fit_ancova(model, workspace).status, FitStatus::fitted);
              }),
              0U);
  }
}

void expect_warm_mixed_model(CovarianceStructure structure, MixedInference inference,
                             double missing = 0.3) {
  std::vector<Rows> data;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    data.push_back(IncompleteRows(20 + r, 120, missing).as_rows());
  }
  MixedWorkspace workspace;
  const std::vector<double> weights = unit(9, 7);
  std::vector<double> both = weights;
  for (const double weight : unit(9, 8)) both.push_back(weight);
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const auto& fit = fit_mixed_model(data[r].model(structure), workspace);
              ASSERT_EQ(fit.status, MixedStatus::fitted);
              ASSERT_GT(estimate_contrast(workspace, weights, inference).df, 1.0);
              ASSERT_GT(test_jointly(workspace, both, inference).denominator_df, 1.0);
            }),
            0U)
      << name_of(structure);
}

TEST(WarmFits, OfMixedModelsAllocateNothing) {
  using enum CovarianceStructure;
  expect_warm_mixed_model(unstructured, MixedInference::kenward_roger);
  expect_warm_mixed_model(unstructured, MixedInference::satterthwaite);
  for (const CovarianceStructure structure :
       {heterogeneous_toeplitz, heterogeneous_ante_dependence, ar1, compound_symmetry}) {
    expect_warm_mixed_model(structure, MixedInference::kenward_roger);
    expect_warm_mixed_model(structure, MixedInference::kenward_roger_exact);
  }
  // The sandwiches keep matrices of as many rows as the last fit had.
  for (const auto sandwich : {MixedInference::cr0, MixedInference::cr2, MixedInference::cr3}) {
    expect_warm_mixed_model(unstructured, sandwich, 0.0);
  }
}

void expect_warm_imputation(auto&& impute) {
  std::vector<IncompleteRows> data;
  for (std::uint32_t r = 0; r < replicates; ++r) data.emplace_back(40 + r, 60, 0.3);
  constexpr std::array strategy{ImputationStrategy::jump_to_reference};
  ImputationWorkspace workspace;
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              IncompleteTrial trial = data[r].trial();
              trial.strategy = strategy;
              ASSERT_EQ(impute(trial, workspace).status, ImputationStatus::imputed);
            }),
            0U);
}

TEST(WarmFits, OfReferenceBasedImputationAllocateNothing) {
  expect_warm_imputation([](const IncompleteTrial& trial, ImputationWorkspace& workspace) -> auto& {
    return impute_conditional_means(trial, workspace);
  });
  for (const ParameterDraw draw : {ParameterDraw::bootstrap, ParameterDraw::normal_approximation}) {
    expect_warm_imputation(
        [&](const IncompleteTrial& trial, ImputationWorkspace& workspace) -> auto& {
          return impute_multiply(trial, {5, draw, 0}, 1, workspace);
        });
  }
}

TEST(WarmFits, OfCoxRegressionAllocateNothing) {
  const auto data = trials();
  const CoxOptions plain, robust{.robust = true}, firth{.firth = true};
  for (const CoxOptions& options : {plain, robust, firth}) {
    for (const bool clustered : {false, true}) {
      CoxWorkspace workspace;
      EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                  CoxData rows;
                  rows.stop = data[r].time;
                  rows.event = data[r].event;
                  rows.design = data[r].score_x;
                  rows.columns = 2;
                  if (clustered) rows.cluster = data[r].patient;
                  ASSERT_EQ(fit_cox(rows, options, workspace).status, CoxStatus::fitted);
                }),
                0U);
    }
  }
}

TEST(WarmCurves, AndLogRankTestsAllocateNothing) {
  for (const std::uint32_t patients : {120U, 700U}) {
    const auto data = trials(patients);
    SurvivalWorkspace workspace;
    EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                ASSERT_TRUE(log_rank(data[r].sample, data[r].arm, 2, workspace).p_value);
                ASSERT_FALSE(kaplan_meier(data[r].sample, workspace).empty());
                ASSERT_GT(restricted_mean(data[r].sample, 365.0, workspace).se, 0.0);
              }),
              0U);
  }
}

TEST(WarmCurves, AndLogRankTestsOfGroupsThatNeverMeetAllocateNothing) {
  const auto data = trials();
  std::vector<std::vector<int>> group, stratum;
  for (const auto& trial : data) {
    group.emplace_back();
    stratum.emplace_back();
    for (std::size_t i = 0; i < trial.arm.size(); ++i) {
      stratum.back().push_back(static_cast<int>(i / 2 % 2));
      group.back().push_back(trial.arm[i] + 2 * stratum.back().back());
    }
  }
  SurvivalWorkspace workspace;
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              ASSERT_EQ(
                  weighted_log_rank({data[r].sample, group[r], 4, stratum[r]}, {}, workspace).df,
                  2);
            }),
            0U);
}

TEST(WarmRankTests, AllocateNothing) {
  const auto data = trials();
  WilcoxonWorkspace workspace;
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              ASSERT_TRUE(wilcoxon(data[r].x, data[r].y, {}, workspace).exact_interval);
            }),
            0U);
}

TEST(WarmWinStatistics, AllocateNothing) {
  const auto data = trials();
  WinWorkspace workspace;
  std::vector<std::array<WinTier, 2>> tiers;
  for (const Replicate& one : data) {
    tiers.push_back({WinTier{TierKind::event_time, one.time, one.event},
                     WinTier{TierKind::event_time, one.second_time, one.second_event}});
  }
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              const WinTrial trial{data[r].treated, tiers[r], {}};
              ASSERT_TRUE(win_statistics(trial, {}, workspace).win_ratio);
              ASSERT_TRUE(std::isfinite(finkelstein_schoenfeld(trial, {}, workspace).z));
            }),
            0U);
}

TEST(WarmMcpMod, AllocatesNothing) {
  const std::vector<double> levels{0.0, 1.0, 5.0, 10.0};
  const std::vector<Candidate> candidates{{"linear", Shape::linear, {}},
                                          {"emax", Shape::emax, {1.5}},
                                          {"quadratic", Shape::quadratic, {-0.06}}};
  std::vector<double> dose;
  std::vector<std::vector<double>> response(replicates);
  for (std::uint32_t i = 0; i < 160; ++i) {
    dose.push_back(levels[i % levels.size()]);
    for (std::uint32_t r = 0; r < replicates; ++r) {
      random::Stream draw = random::Streams(12, r, i).at(random::Purpose::diary);
      response[r].push_back(2.0 * dose.back() / (1.5 + dose.back()) + draw.normal());
    }
  }
  DoseEstimates data = summarise_doses(dose, response[0]);
  const ContrastTest test = plan_contrast_test({candidates, data.doses, data.covariance, data.df});
  McpModOptions options;
  options.target_effect = 0.5;
  options.adjusted_p = false;
  DoseFitWorkspace workspace;
  McpModResult result;
  EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
              summarise_doses(dose, response[r], data);
              mcp_mod(test, candidates, data, options, workspace, result);
              ASSERT_TRUE(result.target_dose);
            }),
            0U);
}

TEST(WarmFits, OfCumulativeLinksAllocateNothing) {
  const auto data = trials();
  CumulativeWorkspace workspace;
  for (const CumulativeLink link : {CumulativeLink::logit, CumulativeLink::probit}) {
    EXPECT_EQ(most_when_warm([&](std::uint32_t r) {
                CumulativeModel model;
                model.response = data[r].category;
                model.categories = 5;
                model.proportional = data[r].score_x;
                model.proportional_columns = 2;
                model.link = link;
                ASSERT_EQ(fit_cumulative_model(model, workspace).status, OrdinalStatus::fitted);
              }),
              0U)
        << static_cast<int>(link);
  }
}

// Tables and blocks of draws belong to the call, not to its trials.
TEST(SimulatedDesigns, AllocateNoMoreForMoreTrials) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  TwoStageMeans means;
  means.plan.design = plan_adaptive(plan);
  means.plan.first = means.plan.second = 84.0;
  means.difference = 0.5;
  means.sd = 1.2;
  TwoStageRates rates;
  rates.plan = means.plan;
  rates.treatment = 0.5;
  rates.control = 0.3;
  const auto of = [](const auto& trial, int number) {
    return allocations_of([&] { (void)simulate(trial, number, 1); });
  };
  EXPECT_EQ(of(means, 2000), of(means, 20000));
  EXPECT_EQ(of(rates, 2000), of(rates, 20000));
}

}  // namespace
}  // namespace angiotrial::analysis
