// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/bounds_parts.hpp"
#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {

using bounds::check;
using bounds::infinity;
using bounds::mirror;
using bounds::none;

namespace {

/// Stage probabilities of one set of bounds at many drifts. One recursion without drift serves all,
/// by the likelihood ratio of the score s at information t: exp(theta s - theta^2 t / 2).
class DriftFamily {
 public:
  DriftFamily(std::span<const double> lower, std::span<const double> upper,
              std::span<const double> information)
      : lower_(lower), upper_(upper), information_(information) {
    SequentialRecursion recursion(0.0, information[0], reach_for(upper));
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
  // On the probit scale power is nearly straight in the drift.
  const auto probit = [](double p) {
    return quadrature::normal_quantile(std::clamp(p, 1.0e-15, 1.0 - 1.0e-15));
  };
  DesignCharacteristics out;
  const double fixed =
      quadrature::upper_quantile(two ? 0.5 * alpha : alpha) + quadrature::normal_quantile(power);
  out.fixed = fixed * fixed;
  const double drift = smooth_root([&](double d) { return probit(at(d).reject()) - probit(power); },
                                   1.02 * fixed, 1.03 * fixed, 0.0, 3.0 * fixed + 5.0);
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
  const double reach = bounds::spending_reach(spend_a, t, alpha);
  SequentialRecursion null(0.0, t[0], reach);
  SequentialRecursion alternative(drift, t[0], reach);
  double a = 0.0;
  double b = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double next_a = spend_a.spent(t[k], alpha);
    const double next_b = spend_b.spent(t[k], beta);
    const double z = null.solve_above(next_a - a);
    const double l = alternative.solve_below(next_b - b);
    out.upper.push_back(z);
    out.lower.push_back(l);
    // No trial is left for the type II error: the drift is too large.
    if (k + 1 == t.size()) return std::min(l - z, 50.0);
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
  double low = 0.8 * fixed;
  double high = 2.0 * fixed;
  if (gap(low) > 0.0) low = 0.0;
  for (int i = 0; i < 4 && gap(high) < 0.0; ++i) high *= 1.5;
  if (gap(low) > 0.0 || gap(high) < 0.0) {
    out.drift = std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.drift = root(gap, low, high);
  static_cast<void>(gap(out.drift));
  if (out.lower.size() != information.size()) {  // the bounds meet before the last look
    out.drift = std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.lower.back() = out.upper.back();
  out.inflation = out.drift * out.drift / (fixed * fixed);
  out.under_null = stage_probabilities(out.lower, out.upper, information, 0.0);
  out.under_alternative = stage_probabilities(out.lower, out.upper, information, out.drift);
  return out;
}

}  // namespace angiotrial::analysis
