// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "ranks/rank_distribution.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double slack = 1.0e-12;

/// All replicates, one byte a patient.
struct Draws {
  std::vector<unsigned char> in_one;
  std::size_t patients = 0;
  std::size_t replicates = 0;

  Draws(std::size_t n, const Assign& assign, std::uint32_t count) : patients(n), replicates(count) {
    std::vector<int> arm(n);
    in_one.reserve(n * replicates);
    for (std::uint32_t r = 0; r < count; ++r) {
      assign(r, arm);
      for (const int a : arm) in_one.push_back(a == 1 ? 1 : 0);
    }
  }
  [[nodiscard]] std::span<const unsigned char> of(std::size_t r) const {
    return std::span(in_one).subspan(r * patients, patients);
  }
};

struct MeanDifferences {
  double response = 0.0;
  double arm = 0.0;  ///< of the trial's own arms, as if they were an outcome
};

double mean_of(std::span<const double> y) {
  return std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
}

/// Summed about `centre`, so that rounding is of the outcomes' spread.
template <class Arms>
MeanDifferences differences(const ShiftTrial& trial, double centre, const Arms& in_one) {
  double n[2] = {0.0, 0.0};
  double y[2] = {0.0, 0.0};
  double a[2] = {0.0, 0.0};
  for (std::size_t i = 0; i < trial.response.size(); ++i) {
    const std::size_t side = in_one[i] == 1 ? 1 : 0;
    n[side] += 1.0;
    y[side] += trial.response[i] - centre;
    a[side] += trial.arm[i];
  }
  return {y[1] / n[1] - y[0] / n[0], a[1] / n[1] - a[0] / n[0]};
}

/// With D the mean difference and C that of the arms, T*(d) - T(d) = D* - D + d (1 - C*): replicate
/// r is at least as large as the trial from d_r = (D - D*) / (1 - C*) on, and at most as large up
/// to it. A replicate that is the trial itself, or lacks an arm, is both for all d. Differences
/// that are equal but for rounding give d_r = 0.
void invert_means(const ShiftTrial& trial, const Draws& draws, std::size_t k,
                  RerandomisationShift& out) {
  const double centre = mean_of(trial.response);
  const double near = rounding_of_means(trial.response, centre);
  out.estimate = differences(trial, centre, trial.arm).response;
  std::vector<double> from, upto;
  for (std::size_t r = 0; r < draws.replicates; ++r) {
    const MeanDifferences drawn = differences(trial, centre, draws.of(r));
    const double apart = out.estimate - drawn.response;
    const double at = std::fabs(apart) <= near ? 0.0 : apart / (1.0 - drawn.arm);
    const bool always = !(drawn.arm < 1.0 - slack);
    from.push_back(always ? -infinity : at);
    upto.push_back(always ? infinity : at);
  }
  const auto kth = static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(from.begin(), from.begin() + kth, from.end());
  std::nth_element(upto.begin(), upto.begin() + kth, upto.end(), std::greater<>());
  out.lower = from[k - 1];
  out.upper = upto[k - 1];
}

/// Replicates whose centred rank sum is at least (sign 1) or at most (sign -1) the trial's, after d
/// was taken off the treated.
std::size_t as_extreme(const ShiftTrial& trial, const Draws& draws, double d, double sign) {
  std::vector<double> moved(trial.response.begin(), trial.response.end());
  for (std::size_t i = 0; i < moved.size(); ++i) moved[i] -= trial.arm[i] == 1 ? d : 0.0;
  std::vector<double> score = ranks::mid_ranks(moved);
  const double centre = 0.5 * (static_cast<double>(score.size()) + 1.0);
  double observed = 0.0;
  for (std::size_t i = 0; i < score.size(); ++i) {
    score[i] = sign * (score[i] - centre);
    if (trial.arm[i] == 1) observed += score[i];
  }
  std::size_t count = 0;
  for (std::size_t r = 0; r < draws.replicates; ++r) {
    const auto in_one = draws.of(r);
    double sum = 0.0;
    for (std::size_t i = 0; i < score.size(); ++i) sum += in_one[i] * score[i];
    // Sums of halves are exact.
    if (sum >= observed) ++count;
  }
  return count;
}

/// Ranks change only where d passes a difference of a treated and a control patient.
void invert_ranks(const ShiftTrial& trial, const Draws& draws, std::size_t k,
                  RerandomisationShift& out) {
  std::vector<double> x, y, steps;
  for (std::size_t i = 0; i < trial.response.size(); ++i) {
    (trial.arm[i] == 1 ? x : y).push_back(trial.response[i]);
  }
  out.estimate = wilcoxon(x, y, {0.95, 0}).hodges_lehmann;
  for (const double a : x) {
    for (const double b : y) steps.push_back(a - b);
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  const std::size_t last = steps.size();
  // Between steps i - 1 and i; outside all steps for i = 0 and i = last.
  const auto between = [&](std::size_t i) {
    if (i == 0) return steps.front() - 1.0 - std::fabs(steps.front());
    if (i == last) return steps.back() + 1.0 + std::fabs(steps.back());
    return std::midpoint(steps[i - 1], steps[i]);
  };
  const auto first_kept = [&](auto&& kept) {
    std::size_t low = 0;
    std::size_t high = last;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (kept(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const std::size_t lower =
      first_kept([&](std::size_t i) { return as_extreme(trial, draws, between(i), 1.0) >= k; });
  const std::size_t upper = first_kept(
      [&](std::size_t i) { return as_extreme(trial, draws, between(last - i), -1.0) >= k; });
  out.lower = lower == 0 ? -infinity : steps[lower - 1];
  out.upper = upper == 0 ? infinity : steps[last - upper];
}

bool valid(const ShiftTrial& trial, const RerandomisationOptions& options) {
  return !trial.arm.empty() && options.replicates > 0 &&
         std::all_of(trial.arm.begin(), trial.arm.end(), [](int a) { return a == 0 || a == 1; }) &&
         std::all_of(trial.response.begin(), trial.response.end(),
                     [](double v) { return std::isfinite(v); });
}

}  // namespace

// p(d) = (1 + c(d)) / (1 + R) exceeds a = (1 - level) / 2 where c(d) >= k = floor(a (1 + R)).
RerandomisationShift rerandomisation_shift(const ShiftTrial& trial, const Assign& assign,
                                           ShiftStatistic statistic,
                                           const RerandomisationOptions& options) {
  ANGIOTRIAL_EXPECT(trial.response.size() == trial.arm.size(), "an arm a patient");
  ANGIOTRIAL_EXPECT(options.level > 0.0 && options.level < 1.0, "a confidence level");
  RerandomisationShift out;
  if (!valid(trial, options)) return out;
  const auto treated = std::count(trial.arm.begin(), trial.arm.end(), 1);
  out.status = RerandomisationStatus::empty_arm;
  if (treated == 0 || static_cast<std::size_t>(treated) == trial.arm.size()) return out;
  const Draws draws(trial.arm.size(), assign, options.replicates);
  const double allowed = 0.5 * (1.0 - options.level) * (1.0 + options.replicates);
  const auto k = static_cast<std::size_t>(std::floor(allowed * (1.0 + slack)));
  out.status = RerandomisationStatus::tested;
  if (statistic == ShiftStatistic::mean_difference) {
    invert_means(trial, draws, std::max<std::size_t>(k, 1), out);
  } else {
    invert_ranks(trial, draws, std::max<std::size_t>(k, 1), out);
  }
  if (k == 0) {
    out.lower = -infinity;
    out.upper = infinity;
  }
  return out;
}

}  // namespace angiotrial::analysis
