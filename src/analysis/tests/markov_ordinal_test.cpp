// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"
#include "edema_transitions.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;

const std::string edema_file = "c42_markov_ordinal_pbcseq/expected.json";

std::vector<double> roots_of_diagonal(const std::vector<double>& covariance) {
  const auto size = static_cast<std::size_t>(std::sqrt(static_cast<double>(covariance.size())));
  std::vector<double> out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(std::sqrt(covariance[i * size + i]));
  return out;
}

TEST(MarkovOrdinalReference, c42_proportional_odds_agree_with_clm) {
  const EdemaTransitions edema;
  const CumulativeFit fit = fit_markov_ordinal(edema.transitions());
  ASSERT_EQ(fit.status, OrdinalStatus::fitted);
  const Block block(edema_file, "po_markov");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se"}, fit.se);
  block.expect({"logLik"}, fit.log_likelihood);
  block.expect({"n"}, static_cast<double>(edema.current.size()));
  std::vector<double> table(12, 0.0);
  for (std::size_t i = 0; i < edema.current.size(); ++i) {
    table[static_cast<std::size_t>(edema.current[i] * 3 + edema.previous[i])] += 1.0;
  }
  block.expect({"transitions"}, table);
}

TEST(MarkovOrdinalReference, c42_the_other_sign_agrees_with_lrm) {
  const EdemaTransitions edema;
  MarkovTransitions transitions = edema.transitions();
  transitions.sign = ThresholdSign::at_least;
  const CumulativeFit fit = fit_markov_ordinal(transitions);
  const Block block(edema_file, "lrm_sign_convention");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"model_LR"}, 2.0 * (fit.log_likelihood - fit.null_log_likelihood));
  // lrm counts pairs after binning probabilities in steps of 0.002, so ties are more.
  const double bins = 2.0e-4;
  EXPECT_NEAR(concordance(MarkovDesign(transitions).model, fit), block.numbers({"C"})[0], bins);
}

TEST(MarkovOrdinalReference, c42_errors_by_patient_agree_with_robcov) {
  const EdemaTransitions edema;
  const CumulativeFit fit = fit_markov_ordinal(edema.transitions());
  Block(edema_file, "cluster_robust_se")
      .expect({"se"}, roots_of_diagonal(
                          markov_cluster_covariance(edema.transitions(), fit, edema.patient)));
}

TEST(MarkovOrdinalReference, c42_state_occupancy_and_its_delta_errors_agree) {
  const EdemaTransitions edema;
  const EightYears treated(1.0), control(0.0);
  for (const ThresholdSign sign : {ThresholdSign::at_most, ThresholdSign::at_least}) {
    MarkovTransitions transitions = edema.transitions();
    transitions.sign = sign;
    const CumulativeFit fit = fit_markov_ordinal(transitions);
    const auto by_patient = markov_cluster_covariance(transitions, fit, edema.patient);
    const auto on = state_occupancy(transitions, fit.coefficients, treated.courses());
    const auto off = state_occupancy(transitions, fit.coefficients, control.courses());
    const Deep block(edema_file, "state_occupancy");
    block.expect({"dpca"}, on.probability);
    block.expect({"placebo"}, off.probability);
    const std::vector<double> free{1, 0, 0, 0}, dead{0, 0, 0, 1};
    const auto errors = [&](const std::vector<double>& covariance) {
      return std::vector<double>{occupancy_estimate(on, free, covariance).se,
                                 occupancy_estimate(off, free, covariance).se,
                                 occupancy_difference(on, off, free, covariance).se,
                                 occupancy_difference(on, off, dead, covariance).se};
    };
    block.expect({"time_in_state1"},
                 std::vector<double>{occupancy_total(on, free), occupancy_total(off, free),
                                     occupancy_difference(on, off, free, by_patient).estimate});
    block.expect({"difference_visits_dead"},
                 occupancy_difference(on, off, dead, by_patient).estimate);
    block.expect({"se_model"}, errors(fit.covariance));
    block.expect({"se_cluster_robust"}, errors(by_patient));
  }
}

TEST(MarkovOrdinalReference, c42_previous_state_by_threshold_agrees_with_clm) {
  const EdemaTransitions edema;
  MarkovTransitions transitions = edema.transitions();
  transitions.dependence = PreviousState::by_threshold;
  const CumulativeFit fit = fit_markov_ordinal(transitions);
  ASSERT_EQ(fit.status, OrdinalStatus::fitted);
  const Block block(edema_file, "partial_po_prev_state");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"logLik"}, fit.log_likelihood);
}

}  // namespace
}  // namespace angiotrial::analysis
