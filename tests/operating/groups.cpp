// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Four arms at once: all pairs, contrasts, and ranks.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::size_t arms = 4;
constexpr std::array<double, arms> rising{0.0, 0.2, 0.4, 0.6};
constexpr std::array<double, arms> peaked{0.0, 0.6, 0.4, 0.0};

struct OneWay {
  std::array<double, arms> means{}, sizes{}, truth{};
  double sigma = 0.0, df = 0.0;

  OneWay(random::Stream& draw, const Setting& s, const std::array<double, arms>& alternative) {
    double squares = 0.0;
    for (std::size_t a = 0; a < arms; ++a) {
      truth[a] = s.null ? 0.0 : alternative[a];
      for (int i = 1; i <= s.per_arm; ++i) {
        const double step = truth[a] + draw.normal() - means[a];
        means[a] += step / i;
        squares += step * step * (i - 1.0) / i;
      }
      sizes[a] = s.per_arm;
    }
    df = static_cast<double>(arms) * (s.per_arm - 1.0);
    sigma = std::sqrt(squares / df);
  }

  [[nodiscard]] ArmMeans view() const { return {means, sizes, sigma, df}; }
};

Procedure procedure(std::string name, std::string trial) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.claim = Claim::exact;
  p.usual_per_arm = 42;
  return p;
}

/// t and its bounds do not depend on the means, so one critical value of a size serves every trial;
/// adjusted p-values cost more than the trial.
template <class Make>
double critical_of(const OneWay& t, Make make) {
  thread_local double sized_for = 0.0, critical = 0.0;
  if (sized_for != t.sizes[0]) {
    critical = make();
    sized_for = t.sizes[0];
  }
  return critical;
}

/// Any contrast is beyond the critical value; all true ones lie in their intervals. Row by row.
Verdict judge(const OneWay& t, std::span<const double> contrasts, double critical, Sides sides) {
  Verdict verdict;
  for (std::size_t i = 0; i < contrasts.size(); i += arms) {
    double estimate = 0.0, truth = 0.0, squares = 0.0;
    for (std::size_t a = 0; a < arms; ++a) {
      estimate += contrasts[i + a] * t.means[a];
      truth += contrasts[i + a] * t.truth[a];
      squares += contrasts[i + a] * contrasts[i + a] / t.sizes[a];
    }
    const double half = critical * t.sigma * std::sqrt(squares), off = estimate - truth;
    const bool one = sides == Sides::one;
    verdict.rejected = verdict.rejected || (one ? estimate : std::fabs(estimate)) > half;
    verdict.covered = verdict.covered && (one ? off : std::fabs(off)) <= half;
  }
  return verdict;
}

/// Equal sizes: the studentized range is exact.
Procedure all_pairs() {
  Procedure p = procedure("Tukey, all pairs of four arms, simultaneous intervals",
                          "normal response, means 0 to 0.6");
  p.run = [](random::Stream& draw, const Setting& s) {
    constexpr std::array pairs{-1.0, 1.0,  0.0, 0.0, -1.0, 0.0,  1.0, 0.0, -1.0, 0.0, 0.0,  1.0,
                               0.0,  -1.0, 1.0, 0.0, 0.0,  -1.0, 0.0, 1.0, 0.0,  0.0, -1.0, 1.0};
    const OneWay t(draw, s, rising);
    const double range = critical_of(t, [&] { return tukey(t.view()).critical_value; });
    return judge(t, pairs, range / std::sqrt(2.0), Sides::two);
  };
  return p;
}

/// Active arms against control, high dose against middle ones, and a trend: three given contrasts.
Procedure given_contrasts() {
  Procedure p = procedure("three given contrasts, two-sided, simultaneous intervals",
                          "normal response, four arms, means 0 to 0.6");
  p.run = [](random::Stream& draw, const Setting& s) {
    constexpr double third = 1.0 / 3.0;
    constexpr std::array contrasts{-1.0, third, third, third, 0.0, -0.5,
                                   -0.5, 1.0,   -3.0,  -1.0,  1.0, 3.0};
    const OneWay t(draw, s, rising);
    const double critical = critical_of(
        t, [&] { return contrast_test(t.view(), contrasts, Sides::two).critical_value; });
    return judge(t, contrasts, critical, Sides::two);
  };
  return p;
}

/// Blocks of neighbouring doses against all other arms.
Procedure blocks() {
  Procedure p = procedure("umbrella contrasts of blocks of doses, one-sided, simultaneous limits",
                          "normal response, four arms, means 0, 0.6, 0.4, 0");
  p.run = [](random::Stream& draw, const Setting& s) {
    const OneWay t(draw, s, peaked);
    const double critical = critical_of(t, [&] { return umbrella(t.view()).critical_value; });
    return judge(t, umbrella_contrasts(t.sizes), critical, Sides::one);
  };
  return p;
}

/// Skewed responses, rounded to one decimal so that there are ties.
Procedure kruskal() {
  Procedure p = procedure("Kruskal-Wallis, chi-square", "skewed response with ties, four arms");
  p.claim = Claim::asymptotic;
  p.coverage = -1.0;
  p.slack = 0.002;  // the statistic is bounded: its tail is the shorter one
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> values;
    std::vector<int> group;
    for (int i = 0; i < s.per_arm * static_cast<int>(arms); ++i) {
      const int a = i % static_cast<int>(arms);
      const double shift = s.null ? 0.0 : 0.9 * rising[static_cast<std::size_t>(a)];
      values.push_back(std::round(10.0 * (shift - std::log(draw.uniform()))) / 10.0);
      group.push_back(a);
    }
    const ChiSquareResult r = kruskal_wallis(values, group, static_cast<int>(arms));
    return Verdict{r.status != RankStatus::fitted, r.p_value < 0.05, true};
  };
  return p;
}

}  // namespace

std::vector<Procedure> group_procedures() {
  return {all_pairs(), given_contrasts(), blocks(), kruskal()};
}

}  // namespace angiotrial::operating
