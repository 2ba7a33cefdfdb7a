// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/reference_based.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "procedure.hpp"
#include "visit_trials.hpp"

/// Imputation at random and by reference: conditional means with the jackknife, and Rubin's rules.
namespace angiotrial::operating {
namespace {

using namespace analysis;

/// A trial as the imputations take it; what is missing follows an event.
struct Incomplete {
  VisitTrial trial;
  std::vector<int> event;
  std::array<ImputationStrategy, 1> strategy;

  Incomplete(random::Stream& draw, const Setting& s, ImputationStrategy assumed)
      : trial(draw_visits(draw, s)), strategy{assumed} {
    for (std::size_t i = 0; i < trial.arm.size(); ++i) {
      int first = static_cast<int>(visits);
      while (std::isnan(trial.outcome[visits * i + static_cast<std::size_t>(first) - 1])) --first;
      event.push_back(first);
    }
  }

  [[nodiscard]] IncompleteTrial view() const {
    IncompleteTrial out;
    out.patients = trial.arm.size();
    out.visits = static_cast<int>(visits);
    out.outcome = trial.outcome;
    out.arm = trial.arm;
    out.by_visit = trial.baseline;
    out.by_visit_columns = 1;
    out.adjustment = trial.baseline;
    out.adjustment_columns = 1;
    out.event_visit = event;
    out.strategy = strategy;
    return out;
  }
};

/// The share of the effect at the last visit that is left under an assumption. Deviations from the
/// mean before leaving carry over alike in both arms and drop out of the difference.
///
///   jump to reference   who leaves has the reference's mean: the share of those who stay
///   copy reference      also, what the effect at the last visit seen brings to the later ones: the
///                       errors are a chain with correlation 0.7, so that B = 0.7^k sd_3 / sd_seen,
///                       and the effects at the first and second visit are 1/3 and 2/3
///   copy increments     who leaves keeps the effect at the last visit seen
///   last mean           the same: the arms' means differ by that effect ever after
double share_left(ImputationStrategy strategy) {
  constexpr double after_first = 0.15, after_second = 0.85 * 0.1;
  const double stay = 1.0 - missing_at_end;
  if (strategy == ImputationStrategy::missing_at_random) return 1.0;
  if (strategy == ImputationStrategy::jump_to_reference) return stay;
  if (strategy != ImputationStrategy::copy_reference) {
    return stay + after_first / 3.0 + after_second * 2.0 / 3.0;
  }
  return stay + after_first * 0.49 * 1.5 / 1.0 / 3.0 + after_second * 0.7 * (1.5 / 1.2) * 2.0 / 3.0;
}

Verdict judge(const ImputationResult& result, const Incomplete& t, ImputationStrategy strategy) {
  if (result.status != ImputationStatus::imputed) return {true};
  return verdict_of(result.contrasts.back(), t.trial.truth * share_left(strategy));
}

Procedure procedure(std::string name) {
  Procedure p;
  p.name = std::move(name);
  p.trial = visit_words;
  p.usual_per_arm = 60;
  p.slack = 0.01;
  return p;
}

Procedure conditional_means(std::string name, ImputationStrategy strategy) {
  Procedure p = procedure(std::move(name));
  p.run = [strategy](random::Stream& draw, const Setting& s) {
    thread_local ImputationWorkspace workspace;
    const Incomplete t(draw, s, strategy);
    return judge(impute_conditional_means(t.view(), workspace), t, strategy);
  };
  return p;
}

/// Ten imputations: few, but Rubin's rules allow for their number. Under an assumption about the
/// reference his variance is meant to exceed that over repetitions of the trial (information
/// anchored, Cro et al. 2019), so that errors below and coverage above nominal are what is
/// promised.
Procedure rubin(std::string name, ImputationStrategy strategy, ParameterDraw parameters) {
  Procedure p = procedure(std::move(name));
  p.usual_per_arm = 40;
  p.run = [strategy, parameters](random::Stream& draw, const Setting& s) {
    thread_local ImputationWorkspace workspace;
    const Incomplete t(draw, s, strategy);
    const auto seed = static_cast<std::uint64_t>(draw.uniform() * 9007199254740992.0);
    const MultipleImputation plan{10, parameters, 0};
    return judge(impute_multiply(t.view(), plan, seed, workspace), t, strategy);
  };
  return p;
}

}  // namespace

std::vector<Procedure> imputation_procedures() {
  using enum ImputationStrategy;
  constexpr auto resampled = ParameterDraw::bootstrap;
  constexpr auto normal = ParameterDraw::normal_approximation;
  return {
      conditional_means("jump to reference, conditional means, jackknife", jump_to_reference),
      conditional_means("copy reference, conditional means, jackknife", copy_reference),
      conditional_means("copy increments, conditional means, jackknife", copy_increments),
      conditional_means("last mean carried forward, conditional means, jackknife",
                        last_mean_carried_forward),
      rubin("missing at random, 10 imputations, bootstrap, Rubin's rules", missing_at_random,
            resampled),
      rubin("missing at random, 10 imputations, normal approximation, Rubin's rules",
            missing_at_random, normal),
      rubin("jump to reference, 10 imputations, bootstrap, Rubin's rules", jump_to_reference,
            resampled),
      rubin("copy reference, 10 imputations, bootstrap, Rubin's rules", copy_reference, resampled),
      rubin("copy increments, 10 imputations, bootstrap, Rubin's rules", copy_increments,
            resampled),
      rubin("last mean carried forward, 10 imputations, bootstrap, Rubin's rules",
            last_mean_carried_forward, resampled)};
}

}  // namespace angiotrial::operating
