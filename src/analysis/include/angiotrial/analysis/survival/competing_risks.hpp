// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// Competing risks: cumulative incidence (Aalen and Johansen 1978) and Gray's test.
///
///   F_k(t) = sum_{u <= t} S(u-) d_k(u) / n(u),   S Kaplan-Meier of any event
namespace angiotrial::analysis {

enum class CompetingStatus {
  fitted = 0,
  invalid_input = 1,  ///< a time not finite or negative, a cause outside 0 .. causes
  empty_sample = 2,
  no_information = 3  ///< a test without variance
};
[[nodiscard]] std::string_view name_of(CompetingStatus status);

struct CompetingObservation {
  double time = 0.0;
  int cause = 0;  ///< 0: censored; 1 .. causes
};

/// Row k holds what is true from `time[k]` on, times of any event rising.
struct CumulativeIncidence {
  CompetingStatus status = CompetingStatus::invalid_input;
  int causes = 0;
  std::vector<double> time;
  std::vector<double> event_free;  ///< S
  std::vector<double> incidence;   ///< times x causes
  /// Times x causes: delta method with hypergeometric factors for ties, as R's cmprsk.
  std::vector<double> variance;
};
[[nodiscard]] CumulativeIncidence cumulative_incidence(std::span<const CompetingObservation> sample,
                                                       int causes);

struct IncidenceEstimate {
  double incidence = 0.0;
  double variance = 0.0;
};
/// Of cause 1 .. causes at `time`.
[[nodiscard]] IncidenceEstimate incidence_at(const CumulativeIncidence& curve, int cause,
                                             double time);

/// Standard errors by the infinitesimal jackknife, as R's survfit: times x (1 + causes), that of S
/// first. The sample is the one of `curve`.
[[nodiscard]] std::vector<double> jackknife_errors(std::span<const CompetingObservation> sample,
                                                   const CumulativeIncidence& curve,
                                                   std::span<const double> times);

struct GrayTest {
  CompetingStatus status = CompetingStatus::invalid_input;
  std::vector<double> score;     ///< by group: events less expected of the subdistribution hazard
  std::vector<double> variance;  ///< groups x groups
  double chi_square = 0.0;
  int df = 0;
  double p_value = 1.0;
};
struct GrayData {
  std::span<const CompetingObservation> sample = {};
  std::span<const int> group = {};  ///< 0 .. groups - 1
  int groups = 2;
  int causes = 2;
  std::span<const int> stratum = {};  ///< any labels; empty: one stratum
};
/// Equal cumulative incidence of `cause` in all groups (Gray 1988, doi:10.1214/aos/1176350951) with
/// weights (1 - F)^rho of the incidence of all groups together.
[[nodiscard]] GrayTest gray_test(const GrayData& data, int cause, double rho = 0.0);

}  // namespace angiotrial::analysis
