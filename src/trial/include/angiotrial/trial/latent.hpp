// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What nobody in the trial could see. Only campaign and report may read it.
namespace angiotrial::trial {

/// Running mean and standard deviation, in the order of the patients.
class Moments {
 public:
  void add(double x) {
    ++n_;
    const double step = x - mean_;
    mean_ += step / n_;
    squares_ += step * (x - mean_);
  }
  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] double mean() const { return mean_; }  ///< 0 when nothing was added
  [[nodiscard]] double variance() const { return n_ > 1 ? squares_ / (n_ - 1) : 0.0; }

 private:
  int n_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;
};

/// True individual effects of one arm against the reference arm at one visit, over treated
/// patients of all arms, each run under both arms.
struct TwinEffect {
  std::size_t arm = 0;
  std::size_t visit = 0;
  Moments exercise_s;
  Moments angina_per_week;
  Moments threshold_gain_percent;
};

/// Where the change in the placebo arm comes from; each step keeps those before it.
inline constexpr std::array<std::string_view, 6> decomposition_steps{
    "1 at enrolment", "2 regression to the mean and noise", "3 drift of the threshold",
    "4 learning",     "5 tolerance and motivation",         "6 placebo reporting"};

struct Decomposition {
  std::string scenario;
  std::array<Moments, decomposition_steps.size()> angina_per_week;
  std::array<Moments, decomposition_steps.size()> exercise_change_s;
};

struct Latent {
  std::vector<TwinEffect> twins;
  std::vector<Decomposition> decompositions;
  Moments retention_18_h_percent;  ///< of injected cells, arms with cells
  Moments lung_percent;
  Moments sites_off_target;
  Moments baseline_threshold;    ///< RPP*, treated
  Moments baseline_stress_flow;  ///< mL/min/g, treated
  Moments baseline_flow_reserve;
  Moments baseline_fractional_flow_reserve;  ///< of the worst of the three territories
  Moments silent_fraction;
  Moments harvest_cells_per_kg;       ///< selected viable CD34+ per kg, all harvests
  Moments short_of_dose_percent;      ///< highest dose, all harvests: 0 or 100
  Moments short_of_low_dose_percent;  ///< lowest dose above 0
};

}  // namespace angiotrial::trial
