// SPDX-License-Identifier: Apache-2.0
// Question: what do simulated trials of counts and of times to an event cost, from the draws to the
// decision? Designs are judged on 10,000 of them. Targets (CPU ms, one core): 1,000 two-stage count
// trials n = 167 80, 1,000 of one stage n = 168 40, 200 with a covariate n = 167 12; 20 group
// sequential n = 168 1.5; survival n = 334: 200 with Cox 12, 100 cut at events 4, 10,000 in two
// stages 350. `news`: allocations a trial.
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <benchmark/benchmark.h>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <vector>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

using random::Purpose;

/// Uniforms of one purpose of a trial, a draw a patient.
void draw(std::uint32_t trial, std::uint32_t occasion, std::vector<double>& u) {
  random::fill_uniform(random::Streams(1, trial, 0), Purpose::design_simulation, occasion, u);
}

/// Unit exponentials of one purpose of a trial.
void draw_exponentials(std::uint32_t trial, std::uint32_t occasion, std::vector<double>& out) {
  draw(trial, occasion, out);
  Eigen::Map<Eigen::ArrayXd> values(out.data(), static_cast<Eigen::Index>(out.size()));
  values = -values.log();
}

/// Two arms of negative binomial counts, patients entering evenly over a year.
class CountTrials {
 public:
  static constexpr double rate = 1.2, ratio = 0.7, dispersion = 0.6;

  /// range of the model: an intercept, the arm, and `covariates` normals of effect 0.3.
  CountTrials(std::size_t patients, std::size_t covariates)
      : columns_(2 + covariates),
        u_(patients),
        counts_(patients),
        offset_(patients),
        mean_(patients),
        seen_(patients),
        design_(patients * columns_) {}

  void start(std::uint32_t trial) {
    trial_ = trial;
    occasion_ = 0;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (c > 1) draw(trial, occasion_++, u_);
      for (std::size_t i = 0; i < u_.size(); ++i) {
        design_[i * columns_ + c] = c == 0   ? 1.0
                                    : c == 1 ? static_cast<double>(i % 2)
                                             : random::normal_quantile(u_[i]);
      }
    }
    for (std::size_t i = 0; i < u_.size(); ++i) {
      double eta = std::log(rate) + (i % 2 == 1 ? std::log(ratio) : 0.0);
      for (std::size_t c = 2; c < columns_; ++c) eta += 0.3 * design_[i * columns_ + c];
      mean_[i] = std::exp(eta);
    }
    std::fill(seen_.begin(), seen_.end(), 0.0);
    std::fill(counts_.begin(), counts_.end(), 0);
  }
  /// Follows everyone to `exposure`. Given y counts in time t a patient's gamma rate has shape
  /// 1/phi + y and rate 1/phi + t mean, so that what comes next is negative binomial again.
  void follow(auto&& exposure) {
    draw(trial_, occasion_++, u_);
    for (std::size_t i = 0; i < u_.size(); ++i) {
      const double until = exposure(i);
      const double shape = 1.0 / dispersion + counts_[i];
      const double scale = mean_[i] / (1.0 / dispersion + seen_[i] * mean_[i]);
      counts_[i] += random::negative_binomial_quantile(u_[i], shape * scale * (until - seen_[i]),
                                                       1.0 / shape);
      seen_[i] = until;
      offset_[i] = std::log(until);
    }
  }
  /// Follows to calendar time `now`.
  void follow_to(double now) {
    follow([&](std::size_t i) { return now - static_cast<double>(i) / (1.01 * patients()); });
  }
  /// z of the arm; below 0 the treated have fewer events.
  double z() {
    const auto& fit =
        fit_negative_binomial({design_, columns_, counts_, offset_, Aliased::refuse}, workspace_);
    return usable(fit.status) ? fit.coefficients[1] / fit.se_expected[1] : 0.0;
  }

 private:
  [[nodiscard]] double patients() const { return static_cast<double>(u_.size()); }

  std::size_t columns_;
  std::uint32_t trial_ = 0, occasion_ = 0;
  std::vector<double> u_;
  std::vector<int> counts_;
  std::vector<double> offset_, mean_, seen_, design_;
  NegativeBinomialWorkspace workspace_;
};

/// range(0) trials of range(1) patients, looked at after 1 and 2 years against spending bounds.
void two_stage_counts(benchmark::State& state) {
  const auto number = static_cast<std::uint32_t>(state.range(0));
  CountTrials trial(static_cast<std::size_t>(state.range(1)), 0);
  trial.start(0);
  trial.follow_to(1.0);
  benchmark::DoNotOptimize(trial.z());
  const Allocations count;
  int rejected = 0;
  for (auto _ : state) {
    const auto bounds = spending_bounds(std::vector{0.5, 1.0}, 0.025, {});
    rejected = 0;
    for (std::uint32_t t = 0; t < number; ++t) {
      trial.start(t);
      trial.follow_to(1.0);
      bool reject = trial.z() <= -bounds[0];
      if (!reject) {
        trial.follow_to(2.0);
        reject = trial.z() <= -bounds[1];
      }
      rejected += reject ? 1 : 0;
    }
  }
  count.report(state, static_cast<double>(number));
  state.counters["power"] = rejected / static_cast<double>(number);
}
BENCHMARK(two_stage_counts)->Args({1000, 167})->Args({20, 168})->Unit(benchmark::kMillisecond);

/// range(0) trials of range(1) patients, a year each, range(2) covariates.
void one_stage_counts(benchmark::State& state) {
  const auto number = static_cast<std::uint32_t>(state.range(0));
  CountTrials trial(static_cast<std::size_t>(state.range(1)),
                    static_cast<std::size_t>(state.range(2)));
  trial.start(0);
  trial.follow([](std::size_t) { return 1.0; });
  benchmark::DoNotOptimize(trial.z());
  const Allocations count;
  int rejected = 0;
  for (auto _ : state) {
    rejected = 0;
    for (std::uint32_t t = 0; t < number; ++t) {
      trial.start(t);
      trial.follow([](std::size_t i) { return 0.8 + 0.001 * static_cast<double>(i); });
      rejected += trial.z() <= -1.96 ? 1 : 0;
    }
  }
  count.report(state, static_cast<double>(number));
  state.counters["power"] = rejected / static_cast<double>(number);
}
BENCHMARK(one_stage_counts)
    ->Args({1000, 168, 0})
    ->Args({200, 167, 2})
    ->Unit(benchmark::kMillisecond);

/// Two arms of 167: enrolment at a rate that doubles after 2 months, exponential failure whose
/// hazard ratio holds from month 3 on, exponential drop-out. Months.
class SurvivalTrials {
 public:
  static constexpr std::size_t patients = 334;
  static constexpr double hazard = 0.058, ratio = 0.65, delay = 3.0, leaving = 0.002;

  SurvivalTrials() : u_(patients), entry_(patients), time_(patients), covariate_(patients) {
    for (std::size_t i = 0; i < patients; ++i) arm_.push_back(static_cast<int>(i % 2));
    failed_.resize(patients);
  }

  void start(std::uint32_t trial) {
    draw_exponentials(trial, 0, u_);
    double now = 0.0;
    for (std::size_t i = 0; i < patients; ++i) {
      now += u_[i] * (now < 2.0 ? 1.0 / 15.0 : 1.0 / 30.0);
      entry_[i] = now;
    }
    draw_exponentials(trial, 1, u_);
    for (std::size_t i = 0; i < patients; ++i) {
      // A cumulative hazard; past the delay the treated gain it more slowly.
      const double months = u_[i] * (1.0 / hazard);
      const bool late = arm_[i] == 1 && months > delay;
      time_[i] = late ? delay + (months - delay) * (1.0 / ratio) : months;
    }
    draw_exponentials(trial, 2, u_);
    for (std::size_t i = 0; i < patients; ++i) {
      const double leaves = u_[i] * (1.0 / leaving);
      failed_[i] = time_[i] <= leaves ? 1 : 0;
      time_[i] = std::min(time_[i], leaves);
    }
    calendar_.clear();
    for (std::size_t i = 0; i < patients; ++i) {
      if (failed_[i] == 1) calendar_.push_back(entry_[i] + time_[i]);
    }
    placed_ = 0;
  }
  /// Calendar time of an event, counted from 1; the last where there are fewer. Later events after
  /// earlier ones.
  double time_of_event(std::size_t event) {
    const std::size_t at = std::min(event, calendar_.size()) - 1;
    const auto from = calendar_.begin();
    std::nth_element(from + static_cast<std::ptrdiff_t>(placed_),
                     from + static_cast<std::ptrdiff_t>(at), calendar_.end());
    placed_ = at;
    return calendar_[at];
  }
  /// The data at a calendar time.
  void cut(double now) {
    sample_.clear();
    group_.clear();
    for (std::size_t i = 0; i < patients && entry_[i] < now; ++i) {  // in the order of entry
      const double followed = now - entry_[i];
      const bool event = (failed_[i] == 1) & (time_[i] <= followed);
      sample_.push_back({std::min(time_[i], followed), event});
      group_.push_back(arm_[i]);
    }
  }
  /// Above 0 where the treated have fewer events than expected.
  double log_rank_z() {
    const LogRank& test = log_rank(sample_, group_, 2, curves_);
    return std::copysign(std::sqrt(test.chi_squared), test.expected[1] - test.observed[1]);
  }
  /// The same by Cox regression with a covariate.
  double cox_z(std::uint32_t trial) {
    random::fill_normal(random::Streams(1, trial, 0), Purpose::design_simulation, 3, covariate_);
    stop_.clear();
    event_.clear();
    design_.clear();
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      stop_.push_back(sample_[i].time);
      event_.push_back(sample_[i].event ? 1 : 0);
      design_.push_back(group_[i]);
      design_.push_back(covariate_[i]);
    }
    CoxData data;
    data.stop = stop_;
    data.event = event_;
    data.design = design_;
    data.columns = 2;
    const CoxFit& fit = fit_cox(data, {}, cox_);
    return fit.status == CoxStatus::fitted ? -fit.coefficients[0] / fit.se[0] : 0.0;
  }

 private:
  std::vector<double> u_, entry_, time_, covariate_, calendar_;
  std::vector<int> arm_, failed_;
  std::size_t placed_ = 0;  ///< calendar times before it are the earliest
  std::vector<Observation> sample_;
  std::vector<int> group_, event_;
  std::vector<double> stop_, design_;
  SurvivalWorkspace curves_;
  CoxWorkspace cox_;
};

/// `decide(trial, number)` is whether the trial rejects.
template <class Decide>
void simulate_survival(benchmark::State& state, std::uint32_t number, Decide&& decide) {
  SurvivalTrials trial;
  for (std::uint32_t t = 0; t < 20; ++t) benchmark::DoNotOptimize(decide(trial, t));
  const Allocations count;
  int rejected = 0;
  for (auto _ : state) {
    rejected = 0;
    for (std::uint32_t t = 0; t < number; ++t) rejected += decide(trial, t) ? 1 : 0;
  }
  count.report(state, number);
  state.counters["power"] = rejected / static_cast<double>(number);
}

/// 200 trials, cut 24 months after the first entry.
void survival_with_cox(benchmark::State& state) {
  simulate_survival(state, 200, [](SurvivalTrials& trial, std::uint32_t t) {
    trial.start(t);
    trial.cut(24.0);
    return trial.cox_z(t) >= 1.96;
  });
}
BENCHMARK(survival_with_cox)->Unit(benchmark::kMillisecond);

/// 100 trials, cut at the 200th event.
void survival_cut_at_events(benchmark::State& state) {
  simulate_survival(state, 100, [](SurvivalTrials& trial, std::uint32_t t) {
    trial.start(t);
    trial.cut(trial.time_of_event(200));
    return trial.log_rank_z() >= 1.96;
  });
}
BENCHMARK(survival_cut_at_events)->Unit(benchmark::kMillisecond);

/// 10,000 trials, looked at at the 100th and the 200th event.
void two_stage_survival(benchmark::State& state) {
  const auto bounds = spending_bounds(std::vector{0.5, 1.0}, 0.025, {});
  simulate_survival(state, 10000, [&](SurvivalTrials& trial, std::uint32_t t) {
    trial.start(t);
    trial.cut(trial.time_of_event(100));
    if (trial.log_rank_z() >= bounds[0]) return true;
    trial.cut(trial.time_of_event(200));
    return trial.log_rank_z() >= bounds[1];
  });
}
BENCHMARK(two_stage_survival)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
