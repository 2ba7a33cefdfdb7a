// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/analysis/ranks/rank_ancova.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Rank tests, proportions in strata, and the family-wise error of two and three hypotheses.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double alpha = 0.05;

bool inside(const std::optional<ShiftInterval>& interval, double truth) {
  return !interval || (interval->lower <= truth && truth <= interval->upper);
}

/// Skewed: a normal and an exponential part.
double skewed(random::Stream& draw) { return draw.normal() - 1.5 * std::log(draw.uniform()); }

Procedure rank_sum(std::string name, bool exact) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "skewed response without ties, shifted by 1.2";
  p.claim = exact ? Claim::exact : Claim::asymptotic;
  p.slack = exact ? 0.0 : 0.002;
  p.run = [exact](random::Stream& draw, const Setting& s) {
    const double shift = s.null ? 0.0 : 1.2;
    std::vector<double> x, y;
    for (int i = 0; i < s.per_arm; ++i) {
      x.push_back(shift + skewed(draw));
      y.push_back(skewed(draw));
    }
    thread_local WilcoxonWorkspace workspace;
    const WilcoxonResult w = wilcoxon(x, y, {}, workspace);
    if (w.status != RankStatus::fitted || !w.p_exact) return Verdict{true};
    return exact ? Verdict{false, *w.p_exact <= alpha, inside(w.exact_interval, shift)}
                 : Verdict{false, w.p_asymptotic <= alpha, inside(w.asymptotic_interval, shift)};
  };
  return p;
}

/// Counts, so that there are ties: the exact permutation distribution at 20 an arm.
Procedure rank_sum_of_ties() {
  Procedure p;
  p.name = "Wilcoxon, exact permutation p-value with ties";
  p.trial = "whole numbers 0 to 8";
  p.claim = Claim::exact;
  p.usual_per_arm = 30;
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> x, y;
    for (int i = 0; i < s.per_arm; ++i) {
      x.push_back(std::floor((s.null ? 9.0 : 6.0) * draw.uniform()));
      y.push_back(std::floor(9.0 * draw.uniform()));
    }
    thread_local WilcoxonWorkspace workspace;
    const WilcoxonResult w = wilcoxon(x, y, {}, workspace);
    if (w.status != RankStatus::fitted || !w.p_exact) return Verdict{true};
    return Verdict{false, *w.p_exact <= alpha, true};
  };
  return p;
}

Procedure brunner_munzel() {
  Procedure p;
  p.name = "Brunner-Munzel, t with estimated degrees of freedom";
  p.trial = "normal response, standard deviations 1 and 2, difference 0.8";
  p.slack = 0.004;
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> x, y;
    for (int i = 0; i < s.per_arm; ++i) {
      x.push_back((s.null ? 0.0 : 0.8) + 2.0 * draw.normal());
      y.push_back(draw.normal());
    }
    thread_local WilcoxonWorkspace workspace;
    const WilcoxonResult w = wilcoxon(x, y, {}, workspace);
    if (!w.brunner_munzel) return Verdict{true};
    return Verdict{false, w.brunner_munzel->p_value <= alpha, true};
  };
  return p;
}

Procedure signed_ranks() {
  Procedure p;
  p.name = "signed rank, exact p-value and interval";
  p.trial = "one arm, symmetric differences: normal with standard deviation 1, centre 0.4";
  p.claim = Claim::exact;
  p.usual_per_arm = 40;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double centre = s.null ? 0.0 : 0.4;
    std::vector<double> d;
    for (int i = 0; i < s.per_arm; ++i) d.push_back(centre + draw.normal());
    const SignedRankResult r = signed_rank(d);
    if (r.status != RankStatus::fitted) return Verdict{true};
    return Verdict{false, r.p_exact <= alpha, inside(r.exact_interval, centre)};
  };
  return p;
}

/// Four strata of unequal size and level; half of the patients of each are treated.
struct Stratified {
  std::vector<double> response, baseline;
  std::vector<int> arm, stratum;
};

Stratified stratified_trial(random::Stream& draw, const Setting& s, double effect) {
  Stratified t;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int h = static_cast<int>(4.0 * draw.uniform() * draw.uniform());
    const double base = draw.normal();
    t.stratum.push_back(h);
    t.arm.push_back(i % 2);
    t.baseline.push_back(base);
    t.response.push_back(1.5 * h + 0.8 * base + effect * (i % 2) + draw.normal());
  }
  return t;
}

/// A test, without an interval.
template <class Result>
Verdict tested(const Result& r) {
  if (r.status != RankStatus::fitted) return Verdict{true};
  return Verdict{false, r.p_value <= alpha, true};
}

Procedure stratified_test(std::string name, std::string trial) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.slack = 0.003;
  p.coverage = -1.0;
  return p;
}

Procedure van_elteren() {
  Procedure p =
      stratified_test("van Elteren", "normal response, four strata 1.5 apart, effect 0.7");
  p.run = [](random::Stream& draw, const Setting& s) {
    const Stratified t = stratified_trial(draw, s, s.null ? 0.0 : 0.7);
    return tested(stratified_wilcoxon(t.response, t.arm, t.stratum, 4));
  };
  return p;
}

Procedure rank_covariance() {
  Procedure p =
      stratified_test("rank analysis of covariance, mean scores in strata",
                      "normal response, four strata 1.5 apart, baseline covariate, effect 0.5");
  p.run = [](random::Stream& draw, const Setting& s) {
    const Stratified t = stratified_trial(draw, s, s.null ? 0.0 : 0.5);
    RankAncovaModel model;
    model.response = t.response;
    model.covariates = t.baseline;
    model.covariate_count = 1;
    model.arm = t.arm;
    model.stratum = t.stratum;
    model.strata = 4;
    return tested(rank_ancova(model));
  };
  return p;
}

/// Without strata; the baseline explains two fifths of the variance within arms.
Procedure quade() {
  Procedure p = stratified_test("rank analysis of covariance, Quade's F, no strata",
                                "normal response, baseline covariate, effect 0.5");
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> response, base;
    std::vector<int> arm;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      arm.push_back(i % 2);
      base.push_back(draw.normal());
      response.push_back(0.8 * base.back() + (s.null ? 0.0 : 0.5) * (i % 2) + draw.normal());
    }
    RankAncovaModel model;
    model.response = response;
    model.covariates = base;
    model.covariate_count = 1;
    model.arm = arm;
    const RankAncovaResult r = rank_ancova(model);
    if (r.status != RankStatus::fitted || !r.quade) return Verdict{true};
    return Verdict{false, r.quade->p_value <= alpha, true};
  };
  return p;
}

/// logit P(Y = 1) = -0.8 + 0.6 h + effect: the common odds ratio is exp(effect).
Procedure mantel_haenszel_odds() {
  Procedure p;
  p.name = "Mantel-Haenszel test without correction, odds ratio with Robins variance";
  p.trial = "binary response, four strata, log odds ratio 1";
  p.slack = 0.003;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : 1.0;
    Stratified t = stratified_trial(draw, s, 0.0);
    std::vector<int> outcome;
    for (std::size_t i = 0; i < t.arm.size(); ++i) {
      const double logit = -0.8 + 0.6 * t.stratum[i] + effect * t.arm[i];
      outcome.push_back(draw.uniform() < 1.0 / (1.0 + std::exp(-logit)) ? 1 : 0);
    }
    const MantelHaenszel m = mantel_haenszel({t.arm, outcome, t.stratum, 4});
    if (m.status != TableStatus::fitted) return Verdict{true};
    const double odds = std::exp(effect);
    return Verdict{false, m.p_value <= alpha, m.lower <= odds && odds <= m.upper};
  };
  return p;
}

Procedure newcombe() {
  Procedure p;
  p.name = "difference of proportions, Newcombe interval";
  p.trial = "proportions 0.2 and 0.2, or 0.2 and 0.45";
  p.slack = 0.005;
  p.error = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double risk = s.null ? 0.2 : 0.45;
    TwoProportions t{0.0, static_cast<double>(s.per_arm), 0.0, static_cast<double>(s.per_arm)};
    for (int i = 0; i < s.per_arm; ++i) {
      t.active_events += draw.uniform() < risk ? 1.0 : 0.0;
      t.control_events += draw.uniform() < 0.2 ? 1.0 : 0.0;
    }
    const ProportionDifference d = proportion_difference(t);
    const double truth = risk - 0.2;
    return Verdict{false, false, d.newcombe_lower <= truth && truth <= d.newcombe_upper};
  };
  return p;
}

/// Two endpoints with correlation 0.6; under the alternative the first has an effect. A rejection
/// is that of any true hypothesis under the null, of the first one under the alternative.
Procedure holm_of_two() {
  Procedure p;
  p.name = "Holm over two exact Wilcoxon tests, family-wise";
  p.trial = "two normal endpoints, correlation 0.6; effect 0.6 on the first";
  p.claim = Claim::exact;
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> endpoints[2][2];
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double common = std::sqrt(0.6) * draw.normal();
      for (auto& arms : endpoints) {
        const bool effect = !s.null && i % 2 == 1 && &arms == &endpoints[0];
        arms[i % 2].push_back(common + std::sqrt(0.4) * draw.normal() + (effect ? 0.6 : 0.0));
      }
    }
    thread_local WilcoxonWorkspace workspace;
    std::vector<double> raw;
    for (const auto& arms : endpoints) {
      const WilcoxonResult w = wilcoxon(arms[1], arms[0], {}, workspace);
      if (!w.p_exact) return Verdict{true};
      raw.push_back(*w.p_exact);
    }
    const std::vector<double> adjusted = adjust(raw, Adjustment::holm);
    const bool any = std::ranges::min(adjusted) <= alpha;
    return Verdict{false, s.null ? any : adjusted[0] <= alpha, true};
  };
  return p;
}

Procedure dunnett_of_three() {
  Procedure p;
  p.name = "Dunnett, three arms against a control, family-wise";
  p.trial = "normal response, means 0, 0.2, 0.4 and 0.6 above the control's";
  p.claim = Claim::exact;
  p.usual_per_arm = 40;
  p.run = [](random::Stream& draw, const Setting& s) {
    constexpr int arms = 4;
    std::vector<double> means(arms, 0.0), sizes(arms, s.per_arm);
    double squares = 0.0;
    for (int a = 0; a < arms; ++a) {
      std::vector<double> y;
      for (int i = 0; i < s.per_arm; ++i) y.push_back((s.null ? 0.0 : 0.2 * a) + draw.normal());
      for (const double v : y) means[static_cast<std::size_t>(a)] += v / s.per_arm;
      for (const double v : y) squares += std::pow(v - means[static_cast<std::size_t>(a)], 2);
    }
    const double df = arms * (s.per_arm - 1.0);
    // t and its bounds do not depend on the means, so one critical value serves every trial.
    thread_local int sized_for = 0;
    thread_local double critical = 0.0;
    if (sized_for != s.per_arm) {
      critical = dunnett({means, sizes, 1.0, df}, Sides::two).critical_value;
      sized_for = s.per_arm;
    }
    const double half = critical * std::sqrt(squares / df) * std::sqrt(2.0 / s.per_arm);
    Verdict verdict;
    for (std::size_t a = 1; a < arms; ++a) {
      const double estimate = means[a] - means[0];
      const double truth = s.null ? 0.0 : 0.2 * static_cast<double>(a);
      verdict.rejected = verdict.rejected || std::fabs(estimate) > half;
      verdict.covered = verdict.covered && std::fabs(estimate - truth) <= half;
    }
    return verdict;
  };
  return p;
}

}  // namespace

std::vector<Procedure> rank_procedures() {
  return {rank_sum("Wilcoxon exact, Hodges-Lehmann interval of exact rank", true),
          rank_sum("Wilcoxon normal, Hodges-Lehmann interval after Moses", false),
          rank_sum_of_ties(),
          brunner_munzel(),
          signed_ranks(),
          van_elteren(),
          rank_covariance(),
          quade(),
          mantel_haenszel_odds(),
          newcombe(),
          holm_of_two(),
          dunnett_of_three()};
}

}  // namespace angiotrial::operating
