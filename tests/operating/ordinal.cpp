// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "procedure.hpp"

/// Models of ordered categories, measured at one visit and daily.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::array thresholds{-1.0, 0.3, 1.6};
constexpr int categories = 4;

/// The category at `eta` by inversion: P(Y <= j) = logistic(theta_j - eta).
int draw_category(random::Stream& draw, double eta) {
  const double u = draw.uniform();
  int category = 0;
  while (category < categories - 1 &&
         u > 1.0 / (1.0 + std::exp(eta - thresholds[static_cast<std::size_t>(category)]))) {
    ++category;
  }
  return category;
}

Verdict judge(const Contrast& c, double truth) {
  return {false, c.p_value < 0.05, c.lower <= truth && truth <= c.upper};
}

Contrast one_coefficient(const CumulativeFit& fit, std::span<const double> covariance,
                         std::size_t at) {
  return normal_contrast(fit.coefficients[at],
                         std::sqrt(covariance[at * fit.coefficients.size() + at]));
}

/// Four categories at one visit, slope 0.8 on a normal covariate.
Procedure one_visit(std::string name, bool likelihood_ratio) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "four ordered categories, a covariate, odds ratio 2 under the alternative";
  p.slack = 0.005;
  if (likelihood_ratio) p.coverage = -1.0;
  p.run = [likelihood_ratio](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : std::log(2.0);
    std::vector<int> response;
    std::vector<double> both, base;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double arm = i % 2;
      base.push_back(draw.normal());
      both.insert(both.end(), {base.back(), arm});
      response.push_back(draw_category(draw, 0.8 * base.back() + effect * arm));
    }
    CumulativeModel model;
    model.response = response;
    model.categories = categories;
    model.proportional = both;
    model.proportional_columns = 2;
    const CumulativeFit fit = fit_cumulative_model(model);
    if (fit.status != OrdinalStatus::fitted) return Verdict{true};
    if (!likelihood_ratio) return judge(one_coefficient(fit, fit.covariance, 4), effect);
    model.proportional = base;
    model.proportional_columns = 1;
    const CumulativeFit without = fit_cumulative_model(model);
    if (without.status != OrdinalStatus::fitted) return Verdict{true};
    return Verdict{false, likelihood_ratio_test(fit, without).p_value < 0.05, true};
  };
  return p;
}

/// Daily categories over a fortnight that depend on the day before.
struct Diary {
  static constexpr std::size_t days = 14;
  std::vector<int> previous, current, patient;
  std::vector<double> arm;

  Diary(random::Stream& draw, const Setting& s, double effect) {
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      int state = draw_category(draw, 0.0);
      for (std::size_t day = 0; day < days; ++day) {
        previous.push_back(state);
        state = draw_category(draw, 0.9 * state + effect * (i % 2));
        current.push_back(state);
        patient.push_back(i);
        arm.push_back(i % 2);
      }
    }
  }

  [[nodiscard]] MarkovTransitions transitions() const {
    MarkovTransitions t;
    t.previous = previous;
    t.current = current;
    t.states = categories;
    t.covariates = arm;
    t.columns = 1;
    return t;
  }
  /// Shares of the states before the first day, of all patients.
  [[nodiscard]] std::array<double, categories> start() const {
    std::array<double, categories> shares{};
    const std::size_t patients = previous.size() / days;
    for (std::size_t i = 0; i < patients; ++i) {
      shares[static_cast<std::size_t>(previous[i * days])] += 1.0 / static_cast<double>(patients);
    }
    return shares;
  }
};

Procedure daily() {
  Procedure p;
  p.name = "Markov cumulative logit, Wald, sandwich by subject";
  p.trial = "four ordered categories a day over 14 days, each on the day before";
  // No small-sample factor: the sandwich is some 1 / n short.
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : -0.25;
    const Diary d(draw, s, effect);
    const MarkovTransitions t = d.transitions();
    const CumulativeFit fit = fit_markov_ordinal(t);
    if (fit.status != OrdinalStatus::fitted) return Verdict{true};
    const auto covariance = markov_cluster_covariance(t, fit, d.patient);
    return judge(one_coefficient(fit, covariance, fit.coefficients.size() - 1), effect);
  };
  return p;
}

/// All patients put on an arm for the fortnight, each from its own first state. The occupancy is
/// linear in the start, so that their average is one course from the average start.
StateOccupancy on_arm(const Diary& d, double arm, std::span<const double> coefficients) {
  const std::vector<double> course(Diary::days, arm);
  const std::array<double, categories> start = d.start();
  return state_occupancy(d.transitions(), coefficients, {Diary::days, course, start, {}});
}

using Scores = std::array<double, categories>;

/// The difference of the arms in a total over the fortnight; the truth is that of the same starts.
Procedure occupancy(std::string name, const Scores& scores) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "four ordered categories a day over 14 days, each on the day before";
  p.slack = 0.01;  // as for the odds ratio
  p.run = [scores](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : -0.25;
    const Diary d(draw, s, effect);
    const MarkovTransitions t = d.transitions();
    const CumulativeFit fit = fit_markov_ordinal(t);
    if (fit.status != OrdinalStatus::fitted) return Verdict{true};
    const auto covariance = markov_cluster_covariance(t, fit, d.patient);
    const std::array truth{thresholds[0], thresholds[1], thresholds[2], 0.9, 1.8, 2.7, effect};
    const double difference = occupancy_total(on_arm(d, 1.0, truth), scores) -
                              occupancy_total(on_arm(d, 0.0, truth), scores);
    return judge(occupancy_difference(on_arm(d, 1.0, fit.coefficients),
                                      on_arm(d, 0.0, fit.coefficients), scores, covariance),
                 difference);
  };
  return p;
}

}  // namespace

std::vector<Procedure> ordinal_procedures() {
  return {one_visit("cumulative logit, Wald, observed information", false),
          one_visit("cumulative logit, likelihood ratio", true), daily(),
          occupancy("Markov cumulative logit, days above the lowest state, difference, by subject",
                    {0.0, 1.0, 1.0, 1.0}),
          occupancy("Markov cumulative logit, mean episodes, difference, by subject",
                    {0.0, 1.0, 2.0, 3.0})};
}

}  // namespace angiotrial::operating
