// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/re_estimation.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "procedure.hpp"

/// Sizes chosen again from pooled data of half the patients: means and proportions.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr PlanningErrors errors{0.025, 0.8};

/// The difference, in standard deviations, for which the planned size has the planned power.
double detectable(const Setting& s) {
  return (1.959963984540054 + 0.8416212335729143) * std::sqrt(2.0 / s.per_arm);
}

/// Patients an arm: what the review asks for, from the half there is up to twice the plan.
int size_after(const SizeReview& review, const Setting& s) {
  const int wanted = static_cast<int>(std::ceil(0.5 * std::min(review.total, 1.0e6)));
  return std::clamp(wanted, s.per_arm / 2, 2 * s.per_arm);
}

Procedure procedure(std::string name, std::string trial, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.slack = slack;
  return p;
}

struct TwoMeans {
  std::vector<double> response, design;

  void draw_pairs(random::Stream& draw, int pairs, double effect) {
    for (int i = 0; i < 2 * pairs; ++i) {
      const double arm = i % 2;
      response.push_back(effect * arm + 1.2 * draw.normal());
      design.insert(design.end(), {1.0, arm});
    }
  }
};

/// A spread of 1 was planned and is 1.2. The spread after the review is a little too small where
/// the first half had a small one by chance and so called for few more.
Procedure means(std::string name, bool adjusted) {
  Procedure p =
      procedure(std::move(name),
                "two means, spread 1.2 where 1 was planned; half the patients reviewed", 0.005);
  p.run = [adjusted](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : detectable(s);
    TwoMeans t;
    t.draw_pairs(draw, s.per_arm / 2, effect);
    const SizeReview review = review_means(t.response, {detectable(s), 1.0}, errors, adjusted);
    if (review.status != ReviewStatus::revised &&
        review.status != ReviewStatus::difference_exceeds_spread) {
      return Verdict{true};
    }
    // A spread that the planned difference alone exceeds asks for no more than there are.
    const int size = review.status == ReviewStatus::revised ? size_after(review, s) : s.per_arm / 2;
    t.draw_pairs(draw, size - s.per_arm / 2, effect);
    LinearModel model;
    model.response = t.response;
    model.design = t.design;
    model.columns = 2;
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) return Verdict{true};
    return verdict_of(estimate_contrast(model, fit, std::array{0.0, 1.0}), effect);
  };
  return p;
}

void draw_events(random::Stream& draw, int pairs, double risk, TwoProportions& t) {
  for (int i = 0; i < pairs; ++i) {
    t.active_events += draw.uniform() < risk ? 1.0 : 0.0;
    t.control_events += draw.uniform() < 0.4 ? 1.0 : 0.0;
  }
  t.active_patients += pairs;
  t.control_patients += pairs;
}

/// Where pooled risk and planned difference do not go together the plan stands.
Procedure rates() {
  Procedure p = procedure(
      "difference of proportions, Pearson's test, Newcombe interval, size from a blinded review",
      "proportions 0.4 and 0.4, or the difference planned for; half the patients reviewed", 0.01);
  p.run = [](random::Stream& draw, const Setting& s) {
    const double planned = 0.5 * detectable(s), truth = s.null ? 0.0 : planned;
    TwoProportions t{};
    draw_events(draw, s.per_arm / 2, 0.4 + truth, t);
    const SizeReview review =
        review_rates(t.active_events + t.control_events, t.active_patients + t.control_patients,
                     {0.4 + planned, 0.4}, errors);
    const bool revised = review.status == ReviewStatus::revised;
    const int size = revised ? size_after(review, s) : s.per_arm;
    draw_events(draw, size - s.per_arm / 2, 0.4 + truth, t);
    const ProportionDifference d = proportion_difference(t);
    if (d.status != TableStatus::fitted || !std::isfinite(d.chi_square_p)) return Verdict{true};
    return Verdict{false, d.chi_square_p < 0.05,
                   d.newcombe_lower <= truth && truth <= d.newcombe_upper};
  };
  return p;
}

}  // namespace

std::vector<Procedure> blinded_review_procedures() {
  return {means("t test, size from a blinded review of the spread, adjusted", true),
          means("t test, size from a blinded review of the spread, as it is", false), rates()};
}

}  // namespace angiotrial::operating
