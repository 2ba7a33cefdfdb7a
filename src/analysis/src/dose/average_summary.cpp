// SPDX-License-Identifier: Apache-2.0
#include "dose/average_summary.hpp"

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis::dose {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double negligible = 1.0e-11;
/// Doses whose standardised means differ by less are equally good.
constexpr double tie = 1.0e-12;

double height(const Component& c, double dose) { return c.curve.usable() ? c.curve.at(dose) : 0.0; }

/// P(sign e_1 > x); e_1 is 0 in the flat component.
double upper(const Component& c, double sign, double x) {
  if (!(c.var1 > 0.0)) return 0.0 > x ? 1.0 : 0.0;
  if (x == infinity) return 0.0;
  return quadrature::normal_cdf((sign * c.mean1 - x) / std::sqrt(c.var1));
}

double over(double amount, double reach) { return reach > 0.0 ? amount / reach : infinity; }

struct Normal {
  double weight, mean, sd;
};

double below(const std::vector<Normal>& mixture, double x) {
  double sum = 0.0;
  for (const Normal& n : mixture) {
    const bool all = n.sd == 0.0 && x >= n.mean;
    sum +=
        n.weight * (n.sd > 0.0 ? quadrature::normal_cdf((x - n.mean) / n.sd) : (all ? 1.0 : 0.0));
  }
  return sum;
}

double quantile_of(const std::vector<Normal>& mixture, double p) {
  double low = infinity;
  double high = -infinity;
  for (const Normal& n : mixture) {
    low = std::min(low, n.mean - 9.0 * n.sd);
    high = std::max(high, n.mean + 9.0 * n.sd);
  }
  if (!(low < high)) return low;
  const auto excess = [&](double x) { return below(mixture, x) - p; };
  const double at_low = excess(low);
  const double at_high = excess(high);
  if (at_low >= 0.0) return low;
  if (at_high <= 0.0) return high;
  boost::uintmax_t iterations = 80;
  const double width = 1.0e-10 * (high - low);
  const auto close = [&](double a, double b) { return std::fabs(a - b) <= width; };
  const auto [a, b] =
      boost::math::tools::toms748_solve(excess, low, high, at_low, at_high, close, iterations);
  return 0.5 * (a + b);
}

/// Shares `weight` among the doses at the extreme of sign * h.
void share(const std::array<double, most_doses>& h, std::size_t k, double sign, double weight,
           std::vector<double>& best) {
  double most = -infinity;
  for (std::size_t i = 0; i < k; ++i) most = std::max(most, sign * h[i]);
  double tied = 0.0;
  for (std::size_t i = 0; i < k; ++i) tied += sign * h[i] >= most - tie ? 1.0 : 0.0;
  for (std::size_t i = 0; i < k; ++i) {
    if (sign * h[i] >= most - tie) best[i] += weight / tied;
  }
}

}  // namespace

void Mixture::add(const Component& component) {
  if (component.weight > negligible) components_.push_back(component);
}

void Mixture::rank(const DoseEstimates& data, double direction, std::vector<double>& best) const {
  const std::size_t k = data.doses.size();
  best.assign(k, 0.0);
  double sum = 0.0;
  for (const Component& c : components_) {
    std::array<double, most_doses> h{};
    for (std::size_t i = 0; i < k; ++i) h[i] = height(c, data.doses[i]);
    const double up = c.var1 > 0.0 ? upper(c, 1.0, 0.0) : 0.5;
    share(h, k, direction, c.weight * up, best);
    share(h, k, -direction, c.weight * (1.0 - up), best);
    sum += c.weight;
  }
  for (double& b : best) b /= sum;
}

// In the direction of benefit the curve is s e_1 h: with s e_1 > 0 it falls where h falls.
void Mixture::swings(const AverageQuestions& questions, DoseAverage& out) const {
  const double s = questions.direction < 0.0 ? -1.0 : 1.0;
  for (const Component& c : components_) {
    const auto [rise, fall] = c.curve.usable() ? c.curve.swing() : StandardCurve::Swing{};
    const double both = std::min(rise, fall);
    out.falls += c.weight * (upper(c, s, over(questions.fall, fall)) +
                             upper(c, -s, over(questions.fall, rise)));
    out.non_monotone += c.weight * (upper(c, s, over(questions.fall, both)) +
                                    upper(c, -s, over(questions.fall, both)));
  }
}

/// P(some dose up to this one gains the effect)
double Mixture::gained(double dose, double direction, double effect) const {
  double sum = 0.0;
  for (const Component& c : components_) {
    if (!c.curve.usable()) continue;
    const auto [up, down] = c.curve.reach(dose);
    sum += c.weight *
           (upper(c, direction, over(effect, up)) + upper(c, -direction, over(effect, down)));
  }
  return sum;
}

double Mixture::relevant(double dose, double direction, double effect) const {
  double sum = 0.0;
  for (const Component& c : components_) {
    const double h = height(c, dose);
    if (h == 0.0) continue;
    sum += c.weight * upper(c, h > 0.0 ? direction : -direction, effect / std::fabs(h));
  }
  return sum;
}

TargetDosePosterior Mixture::target(double largest, const AverageQuestions& questions) const {
  const double s = questions.direction < 0.0 ? -1.0 : 1.0;
  TargetDosePosterior out;
  out.reached = gained(largest, s, questions.effect);
  if (questions.effect == 0.0) return out;
  const auto quantile = [&](double p) {
    if (out.reached < p) return infinity;
    const auto excess = [&](double x) { return x > 0.0 ? gained(x, s, questions.effect) - p : -p; };
    boost::uintmax_t iterations = 60;
    const auto close = [&](double a, double b) { return std::fabs(a - b) <= 1.0e-8 * largest; };
    const auto [a, b] = boost::math::tools::toms748_solve(excess, 0.0, largest, -p, out.reached - p,
                                                          close, iterations);
    return 0.5 * (a + b);
  };
  const double tail = 0.5 * (1.0 - questions.level);
  out.lower = quantile(tail);
  out.median = quantile(0.5);
  out.upper = quantile(1.0 - tail);
  return out;
}

AveragedPoint Mixture::point(double dose, double level) const {
  AveragedPoint out;
  out.dose = dose;
  std::vector<Normal> responses, effects;
  double total = 0.0;
  double square = 0.0;
  for (const Component& c : components_) {
    const double h = height(c, dose);
    const double mean = c.mean0 + c.mean1 * h;
    const double variance = std::max(c.var0 + h * (2.0 * c.covariance + h * c.var1), 0.0);
    responses.push_back({c.weight, mean, std::sqrt(variance)});
    effects.push_back({c.weight, c.mean1 * h, std::fabs(h) * std::sqrt(c.var1)});
    total += c.weight;
    out.mean += c.weight * mean;
    out.effect += c.weight * c.mean1 * h;
    square += c.weight * variance;
  }
  out.mean /= total;
  out.effect /= total;
  for (const Normal& n : responses) square += n.weight * (n.mean - out.mean) * (n.mean - out.mean);
  out.sd = std::sqrt(square / total);
  const double tail = 0.5 * (1.0 - level) * total;
  out.lower = quantile_of(responses, tail);
  out.upper = quantile_of(responses, total - tail);
  out.effect_lower = quantile_of(effects, tail);
  out.effect_upper = quantile_of(effects, total - tail);
  return out;
}

void Mixture::summarise(const DoseEstimates& data, const AverageQuestions& questions,
                        DoseAverage& out) const {
  const double s = questions.direction < 0.0 ? -1.0 : 1.0;
  rank(data, s, out.best);
  for (const double d : data.doses) out.relevant.push_back(relevant(d, s, questions.effect));
  swings(questions, out);
  out.target = target(data.doses.back(), questions);
  const std::vector<double>& doses =
      questions.curve_doses.empty() ? data.doses : questions.curve_doses;
  for (const double d : doses) out.curve.push_back(point(d, questions.level));
}

}  // namespace angiotrial::analysis::dose
