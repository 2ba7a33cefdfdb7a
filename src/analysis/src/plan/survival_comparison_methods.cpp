// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/survival_data.hpp"

/// Comparisons that do without proportional hazards: combined weights and restricted means.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::size_t most_weights = 12;

enum class Alternative { two_sided, fewer_events };
constexpr std::array<std::string_view, 2> alternatives{"two_sided", "fewer_events"};

struct MaxComboOptions {
  EventTimes times;
  std::vector<std::string> strata;
  std::vector<double> rho{0.0, 0.0, 1.0, 1.0}, gamma{0.0, 1.0, 0.0, 1.0}, modest_until;
  Alternative alternative = Alternative::two_sided;
};

void describe(schema::Visitor& visit, MaxComboOptions& o) {
  describe_times(visit, o.times);
  visit("strata", o.strata, "columns whose combinations are the strata", analyst);
  visit("rho", o.rho, {.least = 0.0, .most = 10.0},
        "Fleming-Harrington weights S^rho (1 - S)^gamma, one of each list for each test", analyst);
  visit("gamma", o.gamma, {.least = 0.0, .most = 10.0}, "see rho", analyst);
  visit("modest_until", o.modest_until, {.least = 0.0},
        "more tests, with modest weights until these times", analyst);
  visit("alternative", o.alternative, alternatives,
        "two-sided, or fewer events on the arm than on the reference", analyst);
}

std::vector<LogRankWeight> weights_of(const MaxComboOptions& o, const Task& task) {
  std::vector<LogRankWeight> weights;
  if (o.rho.size() != o.gamma.size()) {
    task.bad_option("gamma", std::to_string(o.gamma.size()), "must be as many as rho");
    return weights;
  }
  for (std::size_t i = 0; i < o.rho.size(); ++i) weights.push_back({o.rho[i], o.gamma[i], {}});
  for (const double until : o.modest_until) weights.push_back({0.0, 0.0, until});
  if (weights.empty() || weights.size() > most_weights) {
    task.bad_option("rho", std::to_string(weights.size()), "must be 1 to 12 weights in all");
    weights.clear();
  }
  return weights;
}

void put_combo(const MaxCombo& combo, const std::vector<LogRankWeight>& weights, Task& task) {
  if (combo.status != LogRankStatus::fitted) {
    task.refuse(std::string(name_of(combo.status)));
    return;
  }
  for (std::size_t w = 0; w < weights.size(); ++w) {
    task.out.row.group = "weight " + words_of(weights[w]);
    const bool taken = std::isfinite(combo.z[w]);
    if (!taken) task.out.row.note = "no variance: the weight takes no part";
    task.out.put("z", taken ? std::optional(combo.z[w]) : std::nullopt, "1");
    task.out.row.note.clear();
  }
  task.out.row.group.clear();
  task.out.put("largest_z", combo.largest, "1");
  task.out.put("p_value", combo.p_value, "probability");
}

void run(const MaxComboOptions& o, Task& task) {
  task.out.row.method = "largest of weighted log-rank tests (max-combo)";
  const auto weights = weights_of(o, task);
  if (weights.empty()) return;
  const auto data = time_data(o.times, {.strata = o.strata}, task);
  if (!data) return;
  const Frame& frame = data->frame;
  task.out.row.conventions =
      "z: above 0 for more events than expected; sides: " +
      std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      "; variance: hypergeometric, which corrects for ties; p_value: multivariate normal by "
      "quadrature" +
      data->strategies;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    const ArmAndReference pair = pair_of(*data, arm);
    task.out.row.arm = frame.arms()[arm];
    task.out.row.arm_ref = frame.arms()[frame.reference()];
    put_combo(max_combo(pair.data(), weights,
                        o.alternative == Alternative::two_sided ? Sides::two : Sides::one),
              weights, task);
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  put_counts(*data, task);
}

struct RestrictedMeanOptions {
  EventTimes times;
  double horizon = 0.0;
  bool extend = false;
};

void describe(schema::Visitor& visit, RestrictedMeanOptions& o) {
  describe_times(visit, o.times);
  visit("horizon", o.horizon, {.least = 0.0},
        "time up to which the mean is taken, in the unit of `time`; chosen beforehand", analyst);
  visit("extend", o.extend,
        "draws a curve on to a horizon beyond its last time, which is otherwise refused", analyst);
}

Effect effect_of(const RestrictedContrast& c) {
  return {c.estimate, c.se, c.lower, c.upper, c.p_value, std::nullopt};
}

/// The ratio is estimated on the log scale, its contrast holds ratios.
Effect log_effect_of(const RestrictedContrast& c) {
  return {std::log(c.estimate), c.se,      std::log(c.lower),
          std::log(c.upper),    c.p_value, std::nullopt};
}

void put_contrasts(const RestrictedComparison& c, const std::string& arm,
                   const std::string& against, Task& task) {
  task.put_difference(arm, against, effect_of(c.difference));
  if (c.ratio) task.put_ratio(arm, against, log_effect_of(*c.ratio), "ratio", "ratio_");
  if (!c.lost_ratio) return;
  task.out.row.group = "time lost";
  task.put_ratio(arm, against, log_effect_of(*c.lost_ratio), "ratio");
  task.out.row.group.clear();
}

void run(const RestrictedMeanOptions& o, Task& task) {
  task.out.row.method = "restricted mean survival time";
  if (!(o.horizon > 0.0)) {
    task.bad_option("horizon", "", "must be the time up to which the mean is taken");
    return;
  }
  const auto data = time_data(o.times, {}, task);
  if (!data) return;
  const Frame& frame = data->frame;
  task.out.row.conventions = "horizon: " + formats::shortest(o.horizon) +
                             "; variance: Greenwood; reference: normal; interval: Wald, of ratios "
                             "on the log scale" +
                             data->strategies;
  std::vector<RestrictedMean> means;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    means.push_back(restricted_mean(data->sample(arm), o.horizon));
    const RestrictedMean& mean = means.back();
    if (mean.status != SurvivalStatus::fitted) {
      task.refuse(frame.arms()[arm] + ": " + std::string(name_of(mean.status)));
      return;
    }
    if (mean.extended && !o.extend) {
      task.refuse(frame.arms()[arm] + ": the horizon lies beyond the last time of the arm",
                  "an earlier horizon, or extend = true");
      return;
    }
  }
  if (std::ranges::any_of(means, &RestrictedMean::extended)) {
    task.out.row.conventions += "; horizon beyond the last time: curve drawn on";
  }
  for (std::size_t arm = 0; arm < means.size(); ++arm) {
    task.put_mean(frame.arms()[arm], wald(means[arm].mean, means[arm].se, task.level()),
                  "restricted_mean");
  }
  for (std::size_t arm = 0; arm < means.size(); ++arm) {
    if (arm == frame.reference()) continue;
    const RestrictedComparison c =
        compare_restricted_means(means[arm], means[frame.reference()], task.level());
    if (c.status != SurvivalStatus::fitted) {
      task.refuse(frame.arms()[arm] + ": " + std::string(name_of(c.status)));
      continue;
    }
    put_contrasts(c, frame.arms()[arm], frame.arms()[frame.reference()], task);
  }
  put_counts(*data, task);
}

}  // namespace

std::vector<MethodEntry> survival_comparison_methods() {
  return {method<MaxComboOptions>("max_combo", "largest of several weighted log-rank tests"),
          method<RestrictedMeanOptions>("restricted_mean_survival",
                                        "restricted mean survival time, difference and ratio")};
}

}  // namespace angiotrial::analysis
