// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace angiotrial::analysis {
namespace {

/// Equal statistics of different allocations may differ by rounding.
constexpr double slack = 1.0e-12;

bool as_extreme(double drawn, double observed, RandomisationTail tail) {
  const double near = slack * std::fabs(observed);
  switch (tail) {
    case RandomisationTail::two_sided:
      return std::fabs(drawn) >= std::fabs(observed) - near;
    case RandomisationTail::greater:
      return drawn >= observed - near;
    case RandomisationTail::less:
      break;
  }
  return drawn <= observed + near;
}

void count(double drawn, RandomisationTail tail, RerandomisationTest& out) {
  const bool finite = std::isfinite(drawn);
  ++out.allocations;
  if (!finite) ++out.undefined;
  if (!finite || as_extreme(drawn, out.observed, tail)) ++out.extreme;
}

void monte_carlo_interval(double level, RerandomisationTest& out) {
  using Binomial = boost::math::binomial_distribution<double>;
  const auto trials = static_cast<double>(out.allocations);
  const auto hits = static_cast<double>(out.extreme);
  const double tail = 0.5 * (1.0 - level);
  out.monte_carlo_lower = Binomial::find_lower_bound_on_p(trials, hits, tail);
  out.monte_carlo_upper = Binomial::find_upper_bound_on_p(trials, hits, tail);
}

/// N! / prod n_a!, or `most` + 1 where it is larger.
std::uint64_t orders(const std::vector<int>& sorted, std::uint64_t most) {
  double product = 1.0;
  double run = 0.0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1.0 : 1.0;
    product = product * static_cast<double>(i + 1) / run;
    if (product > 1.5 * static_cast<double>(most) + 1.0) return most + 1;
  }
  return static_cast<std::uint64_t>(std::llround(product));
}

bool start(std::span<const int> arm, const ArmStatistic& statistic, RerandomisationTest& out) {
  if (arm.empty() || std::any_of(arm.begin(), arm.end(), [](int a) { return a < 0; })) {
    return false;
  }
  out.observed = statistic(arm);
  out.status = RerandomisationStatus::undefined;
  return std::isfinite(out.observed);
}

}  // namespace

std::string_view name_of(RerandomisationStatus status) {
  switch (status) {
    case RerandomisationStatus::tested:
      return "tested";
    case RerandomisationStatus::invalid_input:
      return "invalid_input";
    case RerandomisationStatus::undefined:
      return "undefined";
    case RerandomisationStatus::too_many:
      return "too_many";
    case RerandomisationStatus::empty_arm:
      return "empty_arm";
  }
  return "unknown";
}

RerandomisationTest rerandomisation_test(std::span<const int> arm, const Assign& assign,
                                         const ArmStatistic& statistic,
                                         const RerandomisationOptions& options) {
  ANGIOTRIAL_EXPECT(options.level > 0.0 && options.level < 1.0, "a confidence level");
  RerandomisationTest out;
  if (options.replicates == 0 || !start(arm, statistic, out)) return out;
  std::vector<int> drawn(arm.size());
  for (std::uint32_t r = 0; r < options.replicates; ++r) {
    assign(r, drawn);
    count(statistic(drawn), options.tail, out);
  }
  out.p_value = static_cast<double>(out.extreme + 1) / static_cast<double>(out.allocations + 1);
  monte_carlo_interval(options.level, out);
  out.status = RerandomisationStatus::tested;
  return out;
}

RerandomisationTest enumeration_test(std::span<const int> arm, const ArmStatistic& statistic,
                                     RandomisationTail tail, std::uint64_t most) {
  RerandomisationTest out;
  if (!start(arm, statistic, out)) return out;
  std::vector<int> drawn(arm.begin(), arm.end());
  std::sort(drawn.begin(), drawn.end());
  out.status = RerandomisationStatus::too_many;
  if (orders(drawn, most) > most) return out;
  do {
    count(statistic(drawn), tail, out);
  } while (std::next_permutation(drawn.begin(), drawn.end()));
  out.p_value = static_cast<double>(out.extreme) / static_cast<double>(out.allocations);
  out.monte_carlo_lower = out.monte_carlo_upper = out.p_value;
  out.status = RerandomisationStatus::tested;
  return out;
}

}  // namespace angiotrial::analysis
