// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "procedure.hpp"

/// Standardisation (g-computation) of linear, logistic and Poisson working models.
namespace angiotrial::operating {
namespace {

using namespace analysis;

/// An intercept, the arm and the baseline; the means by arm over the population of the baseline.
struct Trial {
  std::vector<double> response, design;
  std::vector<int> arm, stratum;
  std::array<double, 2> mean{};

  void add(int a, double base, double y) {
    arm.push_back(a);
    design.insert(design.end(), {1.0, static_cast<double>(a), base});
    response.push_back(y);
  }
  /// Everybody in arm 0, then everybody in arm 1.
  [[nodiscard]] std::vector<double> designs() const {
    std::vector<double> out;
    for (const double a : {0.0, 1.0}) {
      for (std::size_t i = 0; i < arm.size(); ++i) {
        out.insert(out.end(), {1.0, a, design[3 * i + 2]});
      }
    }
    return out;
  }
  [[nodiscard]] double effect(EffectScale scale) const {
    if (scale == EffectScale::difference) return mean[1] - mean[0];
    const double log_ratio = std::log(mean[1] / mean[0]);
    if (scale == EffectScale::log_ratio) return log_ratio;
    return log_ratio - std::log((1.0 - mean[1]) / (1.0 - mean[0]));
  }
};

/// The slope on the baseline is 0.2 or 0.8 by arm and the spread 1 or 2; the working model has one
/// slope and one spread.
Trial normal_trial(random::Stream& draw, const Setting& s) {
  Trial t;
  t.mean = {0.0, s.null ? 0.0 : 0.8};
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double base = draw.normal();
    t.add(arm, base, (0.2 + 0.6 * arm) * base + t.mean[arm == 1] + (1.0 + arm) * draw.normal());
  }
  return t;
}

double risk(double base, double effect) {
  return 1.0 / (1.0 + std::exp(0.3 - 0.8 * base - effect));
}

/// Mean of the risk over a standard normal baseline: midpoint rule in the baseline's quantiles.
double marginal_risk(double effect) {
  constexpr int points = 20000;
  double sum = 0.0;
  for (int i = 0; i < points; ++i) {
    sum += risk(random::normal_quantile((i + 0.5) / points), effect);
  }
  return sum / points;
}

/// logit P(Y = 1) = -0.3 + 0.8 baseline + effect.
Trial binary_trial(random::Stream& draw, const Setting& s) {
  static const std::array<double, 2> marginal{marginal_risk(0.0), marginal_risk(1.0)};
  Trial t;
  t.mean = {marginal[0], marginal[s.null ? 0 : 1]};
  const double effect = s.null ? 0.0 : 1.0;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = draw.normal();
    t.add(i % 2, base, draw.uniform() < risk(base, effect * (i % 2)) ? 1.0 : 0.0);
  }
  return t;
}

/// Negative binomial with mean 3 exp(0.5 baseline + effect) and dispersion 0.5: E exp(0.5 z) is
/// exp(1 / 8).
Trial count_trial(random::Stream& draw, const Setting& s) {
  Trial t;
  const double ratio = s.null ? 1.0 : 0.6;
  t.mean = {3.0 * std::exp(0.125), 3.0 * std::exp(0.125) * ratio};
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = draw.normal();
    const double mean = 3.0 * std::exp(0.5 * base) * std::pow(ratio, i % 2);
    t.add(i % 2, base, random::negative_binomial_quantile(draw.uniform(), mean, 0.5));
  }
  return t;
}

/// Blocks of four within four strata that lie 0.7 apart and that the working model does not know.
Trial blocked_trial(random::Stream& draw, const Setting& s) {
  Trial t;
  t.mean = {0.0, s.null ? 0.0 : 0.5};
  struct Block {
    int left = 0, treated = 0;
  };
  std::array<Block, 4> blocks;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const auto h = static_cast<std::size_t>(4.0 * draw.uniform());
    Block& block = blocks[h];
    if (block.left == 0) block = {4, 2};
    const int arm = draw.uniform() * block.left < block.treated ? 1 : 0;
    --block.left;
    block.treated -= arm;
    const double base = draw.normal();
    t.add(arm, base, 0.6 * base + 0.7 * static_cast<double>(h) + t.mean[arm == 1] + draw.normal());
    t.stratum.push_back(static_cast<int>(h));
  }
  return t;
}

struct Kind {
  Family family;
  const char* trial;
  Trial (*draw)(random::Stream&, const Setting&);
  StratumMeans stratum_means = StratumMeans::as_published;
};

const Kind linear{Family::gaussian,
                  "normal response, slopes 0.2 and 0.8 and standard deviations 1 and 2 by arm",
                  normal_trial};
const Kind logistic{Family::binomial, "binary response, baseline covariate", binary_trial};
const Kind poisson{Family::poisson,
                   "negative binomial counts, 3 a patient, dispersion 0.5, baseline covariate",
                   count_trial};
const Kind blocked{Family::gaussian,
                   "normal response, blocks of four in four strata 0.7 apart, baseline covariate",
                   blocked_trial};

Procedure standardised(std::string name, const Kind& kind, EffectScale scale, double slack) {
  Procedure p;
  p.name = "standardised " + std::move(name);
  p.trial = kind.trial;
  p.slack = slack;
  p.run = [kind, scale](random::Stream& draw, const Setting& s) {
    const Trial t = kind.draw(draw, s);
    LinearModel model;
    model.response = t.response;
    model.design = t.design;
    model.columns = 3;
    model.family = kind.family;
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    const auto predictions = predict_arms(model, fit, t.designs(), 2);
    const MarginalMeans means =
        standardise({t.response, t.arm, predictions, 2, t.stratum, kind.stratum_means});
    return verdict_of(marginal_effect(means, 1, 0, scale), t.effect(scale));
  };
  return p;
}

}  // namespace

std::vector<Procedure> standardisation_procedures() {
  using enum EffectScale;
  Kind corrected = blocked;
  corrected.stratum_means = StratumMeans::corrected;
  // A normal reference for an error estimated from 84 patients an arm that counts no coefficient
  // as spent: 0.3 points. Counts are skewed besides, and their error rises with their mean.
  constexpr double plain = 0.005, skewed = 0.01;
  return {standardised("risk difference, logistic working model, Ye et al. variance", logistic,
                       difference, 0.0),
          standardised("risk ratio, logistic working model, Ye et al. variance", logistic,
                       log_ratio, plain),
          standardised("odds ratio, logistic working model, Ye et al. variance", logistic,
                       log_odds_ratio, plain),
          standardised("mean difference, linear working model, Ye et al. variance", linear,
                       difference, plain),
          standardised("mean difference, permuted blocks in strata, Ye et al. variance", blocked,
                       difference, plain),
          standardised("mean difference, permuted blocks in strata, corrected stratum means",
                       corrected, difference, plain),
          standardised("difference of mean counts, Poisson working model, Ye et al. variance",
                       poisson, difference, skewed),
          standardised("ratio of mean counts, Poisson working model, Ye et al. variance", poisson,
                       log_ratio, skewed)};
}

}  // namespace angiotrial::operating
