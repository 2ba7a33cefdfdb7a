// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/recurrent.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "procedure.hpp"

/// Times to an event, competing risks and recurrent events.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double z95 = 1.959963984540054;

Verdict judge(double estimate, double se, double truth) {
  return {false, std::fabs(estimate) > z95 * se, std::fabs(estimate - truth) <= z95 * se};
}

struct Trial {
  std::vector<Observation> sample;
  std::vector<double> time, design;
  std::vector<int> event, arm;
};

double exponential(random::Stream& draw, double rate) { return -std::log(draw.uniform()) / rate; }

/// Hazard 1, times the ratio on the second arm; censoring uniform on 0.5 to 2.5.
Trial exponential_trial(random::Stream& draw, const Setting& s, double log_ratio) {
  Trial t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double event = exponential(draw, std::exp(log_ratio * arm));
    const double censored = 0.5 + 2.0 * draw.uniform();
    t.sample.push_back({std::min(event, censored), event <= censored});
    t.time.push_back(t.sample.back().time);
    t.event.push_back(t.sample.back().event ? 1 : 0);
    t.arm.push_back(arm);
    t.design.push_back(arm);
  }
  return t;
}

const std::string exponential_words =
    "exponential times, hazard ratio 0.5, censoring uniform on 0.5 to 2.5 of the mean time";

Procedure log_rank_test(std::string name, LogRankWeight weight) {
  Procedure p;
  p.name = std::move(name);
  p.trial = exponential_words;
  p.coverage = -1.0;
  p.slack = 0.005;
  p.run = [weight](random::Stream& draw, const Setting& s) {
    const Trial t = exponential_trial(draw, s, s.null ? 0.0 : std::log(0.5));
    const WeightedLogRank test = weighted_log_rank({t.sample, t.arm}, weight);
    return Verdict{test.status != LogRankStatus::fitted, test.p_value < 0.05, true};
  };
  return p;
}

Procedure max_combo_test(std::string name, std::vector<LogRankWeight> weights) {
  Procedure p;
  p.name = std::move(name);
  p.trial = exponential_words;
  p.coverage = -1.0;
  p.slack = 0.005;
  p.run = [weights = std::move(weights)](random::Stream& draw, const Setting& s) {
    const Trial t = exponential_trial(draw, s, s.null ? 0.0 : std::log(0.5));
    const MaxCombo test = max_combo({t.sample, t.arm}, weights);
    return Verdict{test.status != LogRankStatus::fitted, test.p_value < 0.05, true};
  };
  return p;
}

Procedure cox(std::string name, bool robust) {
  Procedure p;
  p.name = std::move(name);
  p.trial = exponential_words;
  p.slack = 0.005;
  p.run = [robust](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(0.5);
    const Trial t = exponential_trial(draw, s, truth);
    thread_local CoxWorkspace workspace;
    const CoxFit& fit =
        fit_cox({.stop = t.time, .event = t.event, .design = t.design, .columns = 1},
                {CoxTies::efron, robust}, workspace);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return judge(fit.coefficients[0], robust ? fit.se_robust[0] : fit.se[0], truth);
  };
  return p;
}

/// Of an exponential time: (1 - exp(-rate tau)) / rate.
double restricted_exponential(double rate, double horizon) {
  return -std::expm1(-rate * horizon) / rate;
}

/// Of two restricted means: what a row of a plan says.
enum class MeanEffect { difference, ratio, lost_ratio };

/// Everybody is observed for 1.2 at least, so that the horizon of 1 is reached.
Procedure restricted_means(const std::string& effect_name, MeanEffect effect) {
  Procedure p;
  p.name = "restricted mean survival time to the mean time, " + effect_name + ", Greenwood";
  p.trial = "exponential times, hazard ratio 0.5, censoring uniform on 1.2 to 2.2 of the mean time";
  p.slack = 0.01;
  p.run = [effect](random::Stream& draw, const Setting& s) {
    constexpr double horizon = 1.0;
    const double ratio = s.null ? 1.0 : 0.5;
    std::vector<Observation> arms[2];
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double event = exponential(draw, i % 2 == 1 ? ratio : 1.0);
      const double censored = 1.2 + draw.uniform();
      arms[i % 2].push_back({std::min(event, censored), event <= censored});
    }
    const RestrictedComparison c = compare_restricted_means(restricted_mean(arms[1], horizon),
                                                            restricted_mean(arms[0], horizon));
    const double first = restricted_exponential(ratio, horizon);
    const double second = restricted_exponential(1.0, horizon);
    if (c.status != SurvivalStatus::fitted || !c.ratio || !c.lost_ratio) return Verdict{true};
    if (effect == MeanEffect::difference) return verdict_of(c.difference, first - second);
    if (effect == MeanEffect::ratio) return verdict_of(*c.ratio, first / second);
    return verdict_of(*c.lost_ratio, (horizon - first) / (horizon - second));
  };
  return p;
}

struct CompetingTrial {
  std::vector<CompetingObservation> sample;
  std::vector<double> design;
  std::vector<int> arm;
};

/// Proportional subdistribution hazards (Fine and Gray 1999, section 4):
///   F_1(t | x) = 1 - (1 - p (1 - exp(-t)))^exp(beta x),   p = 0.5,
/// the competing time exponential of mean 1; censoring uniform on 0.5 to 3.
CompetingTrial competing_trial(random::Stream& draw, const Setting& s, double beta) {
  constexpr double p = 0.5;
  CompetingTrial t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double ratio = std::exp(beta * arm);
    const double u = draw.uniform();
    const bool first = u < 1.0 - std::pow(1.0 - p, ratio);
    const double other = exponential(draw, 1.0);
    const double event = first ? -std::log1p(-(1.0 - std::pow(1.0 - u, 1.0 / ratio)) / p) : other;
    const double censored = 0.5 + 2.5 * draw.uniform();
    const int cause = censored < event ? 0 : first ? 1 : 2;
    t.sample.push_back({std::min(event, censored), cause});
    t.arm.push_back(arm);
    t.design.push_back(arm);
  }
  return t;
}

const std::string competing_words =
    "two competing causes, half the patients have the first on the reference arm; subdistribution "
    "hazard ratio 0.5; censoring uniform on 0.5 to 3";

Procedure fine_gray() {
  Procedure p;
  p.name = "Fine-Gray, Wald, variance with estimated weights";
  p.trial = competing_words;
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(0.5);
    const CompetingTrial t = competing_trial(draw, s, truth);
    const FineGrayFit fit = fit_fine_gray({t.sample, 1, t.design, 1, {}});
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return judge(fit.coefficients[0], fit.se[0], truth);
  };
  return p;
}

Procedure gray() {
  Procedure p;
  p.name = "Gray's test";
  p.trial = competing_words;
  p.coverage = -1.0;
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    const CompetingTrial t = competing_trial(draw, s, s.null ? 0.0 : std::log(0.5));
    const GrayTest test = gray_test({t.sample, t.arm, 2, 2, {}}, 1);
    return Verdict{test.status != CompetingStatus::fitted, test.p_value < 0.05, true};
  };
  return p;
}

/// Events at rate 2 times a patient's gamma factor of mean 1 and variance 0.5 (Erlang of two), in
/// a follow-up of 0.5 to 1.5: dependent within patients, means proportional.
Procedure proportional_means() {
  Procedure p;
  p.name = "recurrent events, proportional means (LWYY), robust by subject";
  p.trial = "Poisson events with a gamma factor of variance 0.5 a patient, rate ratio 0.6";
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(0.6);
    std::vector<double> start, stop, design;
    std::vector<int> event, subject;
    const auto add = [&](int who, double from, double to, bool happens) {
      start.push_back(from);
      stop.push_back(to);
      event.push_back(happens ? 1 : 0);
      subject.push_back(who);
      design.push_back(who % 2);
    };
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double factor = 0.5 * (exponential(draw, 1.0) + exponential(draw, 1.0));
      const double rate = 2.0 * factor * std::exp(truth * (i % 2));
      const double end = 0.5 + draw.uniform();
      double from = 0.0;
      for (double to = exponential(draw, rate); to < end; to += exponential(draw, rate)) {
        add(i, from, to, true);
        from = to;
      }
      add(i, from, end, false);
    }
    thread_local CoxWorkspace workspace;
    const CoxFit& fit = fit_proportional_means({.start = start,
                                                .stop = stop,
                                                .event = event,
                                                .design = design,
                                                .columns = 1,
                                                .cluster = subject},
                                               CoxTies::efron, workspace);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return judge(fit.coefficients[0], fit.se_robust[0], truth);
  };
  return p;
}

}  // namespace

std::vector<Procedure> survival_procedures() {
  return {log_rank_test("log-rank, hypergeometric variance", {}),
          log_rank_test("weighted log-rank, FH(0, 1)", {0.0, 1.0, {}}),
          log_rank_test("modestly weighted log-rank, to half the mean time", {0.0, 0.0, 0.5}),
          max_combo_test("max-combo of FH(0,0), FH(0,1), FH(1,0), two-sided",
                         {{0.0, 0.0, {}}, {0.0, 1.0, {}}, {1.0, 0.0, {}}}),
          max_combo_test(
              "max-combo of the default weights, FH(0,0), FH(0,1), FH(1,0), FH(1,1), two-sided",
              {{0.0, 0.0, {}}, {0.0, 1.0, {}}, {1.0, 0.0, {}}, {1.0, 1.0, {}}}),
          cox("Cox, Efron, Wald", false),
          cox("Cox, Efron, robust", true),
          restricted_means("difference", MeanEffect::difference),
          restricted_means("ratio", MeanEffect::ratio),
          restricted_means("ratio of the time lost", MeanEffect::lost_ratio),
          fine_gray(),
          gray(),
          proportional_means()};
}

}  // namespace angiotrial::operating
