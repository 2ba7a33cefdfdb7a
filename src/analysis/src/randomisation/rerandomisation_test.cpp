// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace angiotrial::analysis {
namespace {

/// Equal statistics of different allocations may differ by rounding.
constexpr double slack = 1.0e-12;

bool as_extreme(double drawn, double observed, RandomisationTail tail, double equal_within) {
  const double near = std::max(equal_within, slack * std::fabs(observed));
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

void count(double drawn, RandomisationTail tail, double equal_within, RerandomisationTest& out) {
  const bool finite = std::isfinite(drawn);
  ++out.allocations;
  if (!finite) ++out.undefined;
  if (!finite || as_extreme(drawn, out.observed, tail, equal_within)) ++out.extreme;
}

void monte_carlo_interval(double level, RerandomisationTest& out) {
  using Binomial = boost::math::binomial_distribution<double>;
  const auto trials = static_cast<double>(out.allocations);
  const auto hits = static_cast<double>(out.extreme);
  const double tail = 0.5 * (1.0 - level);
  out.monte_carlo_lower = Binomial::find_lower_bound_on_p(trials, hits, tail);
  out.monte_carlo_upper = Binomial::find_upper_bound_on_p(trials, hits, tail);
}

/// The arms of each stratum, in its patients' order; goes through all their orders.
class Orders {
 public:
  Orders(std::span<const int> arm, std::span<const int> stratum) {
    const int strata = stratum.empty() ? 1 : *std::max_element(stratum.begin(), stratum.end()) + 1;
    patients_.resize(static_cast<std::size_t>(strata));
    arms_.resize(patients_.size());
    for (std::size_t i = 0; i < arm.size(); ++i) {
      const auto h = static_cast<std::size_t>(stratum.empty() ? 0 : stratum[i]);
      patients_[h].push_back(i);
      arms_[h].push_back(arm[i]);
    }
    for (std::vector<int>& arms : arms_) std::sort(arms.begin(), arms.end());
  }

  /// prod over strata of N! / prod n_a!, or `most` + 1 where it is larger.
  [[nodiscard]] std::uint64_t count(std::uint64_t most) const {
    double product = 1.0;
    for (const std::vector<int>& arms : arms_) {
      double run = 0.0;
      for (std::size_t i = 0; i < arms.size(); ++i) {
        run = i > 0 && arms[i] == arms[i - 1] ? run + 1.0 : 1.0;
        product = product * static_cast<double>(i + 1) / run;
        if (product > 1.5 * static_cast<double>(most) + 1.0) return most + 1;
      }
    }
    return static_cast<std::uint64_t>(std::llround(product));
  }

  void write(std::span<int> arm) const {
    for (std::size_t h = 0; h < arms_.size(); ++h) {
      for (std::size_t k = 0; k < arms_[h].size(); ++k) arm[patients_[h][k]] = arms_[h][k];
    }
  }

  /// False after the last. A stratum that is through begins again, and the one after it moves on.
  bool next() {
    for (std::vector<int>& arms : arms_) {
      if (std::next_permutation(arms.begin(), arms.end())) return true;
    }
    return false;
  }

 private:
  std::vector<std::vector<std::size_t>> patients_;
  std::vector<std::vector<int>> arms_;
};

bool start(std::span<const int> arm, const ArmStatistic& statistic, RerandomisationTest& out) {
  if (arm.empty() || std::any_of(arm.begin(), arm.end(), [](int a) { return a < 0; })) {
    return false;
  }
  out.observed = statistic(arm);
  out.status = RerandomisationStatus::undefined;
  return std::isfinite(out.observed);
}

}  // namespace

double rounding_of_means(std::span<const double> response, double centre) {
  constexpr double share = 1.0e-10;
  constexpr double unit = std::numeric_limits<double>::epsilon();
  double squares = 0.0;
  double largest = 0.0;
  for (const double y : response) {
    squares += (y - centre) * (y - centre);
    largest = std::max(largest, std::fabs(y));
  }
  const auto n = static_cast<double>(std::max<std::size_t>(response.size(), 1));
  // Each outcome lies within half a unit of the number meant, and again when centred: a mean moves
  // by no more, the difference of two by twice that, and two such differences are compared.
  return share * std::sqrt(squares / n) + 4.0 * unit * largest;
}

std::string_view name_of(RerandomisationStatus status) {
  switch (status) {
    case RerandomisationStatus::tested:
      return "tested";
    case RerandomisationStatus::invalid_input:
      return "invalid input";
    case RerandomisationStatus::undefined:
      return "undefined";
    case RerandomisationStatus::too_many:
      return "too many";
    case RerandomisationStatus::empty_arm:
      return "empty arm";
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
    count(statistic(drawn), options.tail, options.equal_within, out);
  }
  out.p_value = static_cast<double>(out.extreme + 1) / static_cast<double>(out.allocations + 1);
  monte_carlo_interval(options.level, out);
  out.status = RerandomisationStatus::tested;
  return out;
}

RerandomisationTest enumeration_test(std::span<const int> arm, const ArmStatistic& statistic,
                                     const EnumerationOptions& options) {
  const std::span<const int> stratum = options.stratum;
  ANGIOTRIAL_EXPECT(stratum.empty() || stratum.size() == arm.size(), "a stratum a patient");
  ANGIOTRIAL_EXPECT(std::all_of(stratum.begin(), stratum.end(), [](int h) { return h >= 0; }),
                    "strata from 0");
  RerandomisationTest out;
  if (!start(arm, statistic, out)) return out;
  Orders orders(arm, stratum);
  out.status = RerandomisationStatus::too_many;
  if (orders.count(options.most) > options.most) return out;
  std::vector<int> drawn(arm.size());
  do {
    orders.write(drawn);
    count(statistic(drawn), options.tail, options.equal_within, out);
  } while (orders.next());
  out.p_value = static_cast<double>(out.extreme) / static_cast<double>(out.allocations);
  out.monte_carlo_lower = out.monte_carlo_upper = out.p_value;
  out.status = RerandomisationStatus::tested;
  return out;
}

}  // namespace angiotrial::analysis
