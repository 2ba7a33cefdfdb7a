// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check(std::span<const double> information, double alpha) {
  ANGIOTRIAL_EXPECT(!information.empty(), "a stage");
  double before = 0.0;
  for (const double t : information) {
    ANGIOTRIAL_EXPECT(t > before, "information fractions rise from 0");
    before = t;
  }
  ANGIOTRIAL_EXPECT(std::fabs(before - 1.0) < 1.0e-9, "the last fraction is 1");
  ANGIOTRIAL_EXPECT(alpha > 0.0 && alpha < 0.5, "a level below one half");
}

/// Root of a function that changes sign on [low, high].
template <class F>
double root(F&& f, double low, double high) {
  boost::uintmax_t most = 200;
  const auto tolerance = [](double a, double b) {
    return std::fabs(a - b) <= 2.0e-14 * std::max(1.0, std::fabs(a));
  };
  const auto [a, b] = boost::math::tools::toms748_solve(f, low, high, tolerance, most);
  return 0.5 * (a + b);
}

std::vector<double> mirror(std::span<const double> upper) {
  std::vector<double> lower(upper.begin(), upper.end());
  for (double& z : lower) z = -z;
  return lower;
}

std::vector<double> none(std::size_t stages) { return std::vector<double>(stages, -infinity); }

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Stage probabilities of one set of bounds at many drifts. One recursion without drift serves all,
/// by the likelihood ratio of the score s at information t: exp(theta s - theta^2 t / 2).
class DriftFamily {
 public:
  DriftFamily(std::span<const double> lower, std::span<const double> upper,
              std::span<const double> information)
      : lower_(lower), upper_(upper), information_(information) {
    SequentialRecursion recursion(0.0, information[0]);
    for (std::size_t k = 0; k + 1 < information.size(); ++k) {
      recursion.advance(lower[k], upper[k], information[k + 1]);
      scores_.push_back(recursion.scores());
      weights_.push_back(recursion.weights());
    }
  }

  [[nodiscard]] StageProbabilities at(double drift) const {
    StageProbabilities out;
    const double shift = drift * std::sqrt(information_[0]);
    out.upper.push_back(quadrature::normal_cdf(shift - upper_[0]));
    out.lower.push_back(quadrature::normal_cdf(lower_[0] - shift));
    for (std::size_t k = 1; k < information_.size(); ++k) {
      const double before = information_[k - 1];
      const double gain = information_[k] - before;
      const double step = std::sqrt(gain);
      const double high = upper_[k] * std::sqrt(information_[k]);
      const double low = lower_[k] * std::sqrt(information_[k]);
      double above = 0.0;
      double below = 0.0;
      for (std::size_t i = 0; i < scores_[k - 1].size(); ++i) {
        const double s = scores_[k - 1][i];
        const double w = weights_[k - 1][i] * std::exp(drift * (s - 0.5 * drift * before));
        const double next = s + drift * gain;
        above += w * quadrature::normal_cdf((next - high) / step);
        if (std::isfinite(low)) below += w * quadrature::normal_cdf((low - next) / step);
      }
      out.upper.push_back(above);
      out.lower.push_back(below);
    }
    return out;
  }

 private:
  std::span<const double> lower_, upper_, information_;
  std::vector<std::vector<double>> scores_, weights_;
};

}  // namespace

double Spending::spent(double t, double total_level) const {
  if (t >= 1.0) return total_level;
  switch (kind) {
    case SpendingKind::obrien_fleming:
      return 2.0 *
             quadrature::normal_cdf(-quadrature::upper_quantile(0.5 * total_level) / std::sqrt(t));
    case SpendingKind::pocock:
      return total_level * std::log1p(std::expm1(1.0) * t);
    case SpendingKind::kim_demets:
      ANGIOTRIAL_EXPECT(parameter > 0.0, "a positive power");
      return total_level * std::pow(t, parameter);
    case SpendingKind::hwang_shih_decani:
      return parameter == 0.0 ? total_level * t
                              : total_level * std::expm1(-parameter * t) / std::expm1(-parameter);
  }
  ANGIOTRIAL_EXPECT(false, "a known spending function");
  return 0.0;
}

double StageProbabilities::reject() const { return total(upper); }

StageProbabilities stage_probabilities(std::span<const double> lower, std::span<const double> upper,
                                       std::span<const double> information, double drift) {
  check(information, 0.1);
  const std::size_t stages = information.size();
  ANGIOTRIAL_EXPECT(lower.size() == stages && upper.size() == stages, "bounds for each stage");
  StageProbabilities out;
  SequentialRecursion recursion(drift, information[0]);
  for (std::size_t k = 0; k < stages; ++k) {
    ANGIOTRIAL_EXPECT(lower[k] <= upper[k], "the lower bound below the upper");
    out.upper.push_back(recursion.above(upper[k]));
    out.lower.push_back(recursion.below(lower[k]));
    if (k + 1 < stages) recursion.advance(lower[k], upper[k], information[k + 1]);
  }
  return out;
}

std::vector<double> spending_bounds(std::span<const double> information, double alpha,
                                    const Spending& spending, Sides sides) {
  check(information, alpha);
  const bool two = sides == Sides::two;
  const double level = two ? 0.5 * alpha : alpha;
  std::vector<double> bounds;
  SequentialRecursion recursion(0.0, information[0]);
  double before = 0.0;
  for (std::size_t k = 0; k < information.size(); ++k) {
    const double now = spending.spent(information[k], level);
    // By symmetry each side takes its half.
    const double z = recursion.solve_above(now - before);
    bounds.push_back(z);
    before = now;
    if (k + 1 < information.size()) recursion.advance(two ? -z : -infinity, z, information[k + 1]);
  }
  return bounds;
}

std::vector<double> wang_tsiatis_bounds(std::span<const double> information, double alpha,
                                        double delta, Sides sides) {
  check(information, alpha);
  const auto bounds = [&](double c) {
    std::vector<double> z;
    for (const double t : information) z.push_back(c * std::pow(t, delta - 0.5));
    return z;
  };
  const auto excess = [&](double c) {
    const std::vector<double> z = bounds(c);
    const auto p =
        stage_probabilities(sides == Sides::two ? mirror(z) : none(z.size()), z, information, 0.0);
    return p.reject() + (sides == Sides::two ? total(p.lower) : 0.0) - alpha;
  };
  const double level = sides == Sides::two ? 0.5 * alpha : alpha;
  // Bonferroni's bound at every stage spends less than alpha.
  const auto stages = static_cast<double>(information.size());
  double most = quadrature::upper_quantile(level / stages);
  for (const double t : information) {
    most = std::max(most, quadrature::upper_quantile(level / stages) / std::pow(t, delta - 0.5));
  }
  return bounds(root(excess, quadrature::upper_quantile(level) - 1.0e-9, most + 1.0e-9));
}

std::vector<double> last_bound(std::span<const double> interim, std::span<const double> information,
                               double alpha) {
  check(information, alpha);
  ANGIOTRIAL_EXPECT(interim.size() + 1 == information.size(), "a bound an interim look");
  std::vector<double> bounds(interim.begin(), interim.end());
  SequentialRecursion recursion(0.0, information[0]);
  double spent = 0.0;
  for (std::size_t k = 0; k < interim.size(); ++k) {
    spent += recursion.above(interim[k]);
    recursion.advance(-infinity, interim[k], information[k + 1]);
  }
  ANGIOTRIAL_EXPECT(spent < alpha, "interim bounds that leave some level");
  bounds.push_back(recursion.solve_above(alpha - spent));
  return bounds;
}

double expected_information(const StageProbabilities& stages, std::span<const double> information) {
  double sum = 0.0;
  double stopped = 0.0;
  for (std::size_t k = 0; k + 1 < information.size(); ++k) {
    const double stop = stages.upper[k] + stages.lower[k];
    sum += stop * information[k];
    stopped += stop;
  }
  return sum + (1.0 - stopped) * information.back();
}

DesignCharacteristics characterise(std::span<const double> upper, std::span<const double> lower,
                                   std::span<const double> information, double alpha, double power,
                                   Sides sides) {
  check(information, alpha);
  const bool two = sides == Sides::two;
  ANGIOTRIAL_EXPECT(power > alpha && power < 1.0, "a power between alpha and 1");
  std::vector<double> low(lower.begin(), lower.end());
  if (low.empty()) low = two ? mirror(upper) : none(upper.size());
  ANGIOTRIAL_EXPECT(low.size() == information.size() && upper.size() == information.size(),
                    "bounds for each stage");
  const DriftFamily family(low, upper, information);
  // A stage without an upper bound would need a wider grid at a large drift.
  constexpr double widest = 7.0;
  const bool bounded =
      std::all_of(upper.begin(), upper.end() - 1, [](double z) { return z < widest; });
  const auto at = [&](double drift) {
    return bounded ? family.at(drift) : stage_probabilities(low, upper, information, drift);
  };
  DesignCharacteristics out;
  const double fixed =
      quadrature::upper_quantile(two ? 0.5 * alpha : alpha) + quadrature::normal_quantile(power);
  out.fixed = fixed * fixed;
  const double drift =
      root([&](double d) { return at(d).reject() - power; }, 0.0, 3.0 * fixed + 5.0);
  out.shift = drift * drift;
  out.inflation = out.shift / out.fixed;
  out.under_null = at(0.0);
  out.under_alternative = at(drift);
  out.expected_null = out.inflation * expected_information(out.under_null, information);
  out.expected_half = out.inflation * expected_information(at(0.5 * drift), information);
  out.expected_alternative =
      out.inflation * expected_information(out.under_alternative, information);
  return out;
}

namespace {

/// Bounds at a trial drift, and by how much the lower one passes the upper at the last stage.
double futility_gap(std::span<const double> t, double alpha, double beta, const Spending& spend_a,
                    const Spending& spend_b, Futility futility, double drift, FutilityDesign& out) {
  out.upper.clear();
  out.lower.clear();
  SequentialRecursion null(0.0, t[0]);
  SequentialRecursion alternative(drift, t[0]);
  double a = 0.0;
  double b = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double next_a = spend_a.spent(t[k], alpha);
    const double next_b = spend_b.spent(t[k], beta);
    const double z = null.solve_above(next_a - a);
    const double l = alternative.solve_below(next_b - b);
    out.upper.push_back(z);
    out.lower.push_back(l);
    if (k + 1 == t.size()) return l - z;
    if (l >= z) return static_cast<double>(t.size() - k);  // crossed early: the drift is too large
    a = next_a;
    b = next_b;
    null.advance(futility == Futility::binding ? l : -infinity, z, t[k + 1]);
    alternative.advance(l, z, t[k + 1]);
  }
  return 0.0;
}

}  // namespace

FutilityDesign futility_design(std::span<const double> information, double alpha, double beta,
                               const Spending& alpha_spending, const Spending& beta_spending,
                               Futility futility) {
  check(information, alpha);
  ANGIOTRIAL_EXPECT(beta > 0.0 && beta < 1.0 - alpha, "a type II error");
  FutilityDesign out;
  const auto gap = [&](double drift) {
    return futility_gap(information, alpha, beta, alpha_spending, beta_spending, futility, drift,
                        out);
  };
  const double fixed = quadrature::upper_quantile(alpha) + quadrature::upper_quantile(beta);
  out.drift = root(gap, 0.8 * fixed, 2.0 * fixed);
  static_cast<void>(gap(out.drift));
  out.lower.back() = out.upper.back();
  out.inflation = out.drift * out.drift / (fixed * fixed);
  out.under_null = stage_probabilities(out.lower, out.upper, information, 0.0);
  out.under_alternative = stage_probabilities(out.lower, out.upper, information, out.drift);
  return out;
}

double conditional_power(double z, double t, double drift, double critical) {
  ANGIOTRIAL_EXPECT(t > 0.0 && t < 1.0, "an interim look");
  return quadrature::normal_cdf((z * std::sqrt(t) + drift * (1.0 - t) - critical) /
                                std::sqrt(1.0 - t));
}

double predictive_power(double z, double t, double critical) {
  ANGIOTRIAL_EXPECT(t > 0.0 && t < 1.0, "an interim look");
  return quadrature::normal_cdf((z / std::sqrt(t) - critical) * std::sqrt(t / (1.0 - t)));
}

double inverse_normal(std::span<const double> p, std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(p.size() == weights.size() && !p.empty(), "a weight a p-value");
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    ANGIOTRIAL_EXPECT(p[k] > 0.0 && p[k] < 1.0, "p-values inside (0, 1)");
    sum += weights[k] * quadrature::upper_quantile(p[k]);
    square += weights[k] * weights[k];
  }
  return sum / std::sqrt(square);
}

double fisher_combination(std::span<const double> p) {
  ANGIOTRIAL_EXPECT(!p.empty(), "a p-value");
  double sum = 0.0;
  for (const double value : p) {
    ANGIOTRIAL_EXPECT(value > 0.0 && value <= 1.0, "p-values inside (0, 1]");
    sum -= 2.0 * std::log(value);
  }
  const boost::math::chi_squared_distribution<double> chi(2.0 * static_cast<double>(p.size()));
  return cdf(complement(chi, sum));
}

PromisingZone promising_zone(double z, const PromisingZonePlan& plan) {
  ANGIOTRIAL_EXPECT(
      plan.interim > 0.0 && plan.planned > plan.interim && plan.largest >= plan.planned,
      "rising sample sizes");
  const double critical = quadrature::upper_quantile(plan.alpha);
  const double second = plan.planned - plan.interim;
  const double needed =
      (critical * std::sqrt(plan.planned) - z * std::sqrt(plan.interim)) / std::sqrt(second);
  PromisingZone out;
  out.conditional_power = quadrature::normal_cdf(z * std::sqrt(second / plan.interim) - needed);
  const double aim = needed + quadrature::normal_quantile(plan.target);
  out.uncapped = plan.interim / (z * z) * aim * aim + plan.interim;
  const bool enlarge =
      out.conditional_power >= plan.promising && out.conditional_power < plan.target;
  out.size = enlarge ? std::min(out.uncapped, plan.largest) : plan.planned;
  out.adjusted_critical =
      (std::sqrt(out.size - plan.interim) * needed + z * std::sqrt(plan.interim)) /
      std::sqrt(out.size);
  return out;
}

}  // namespace angiotrial::analysis
