// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "plan/diary.hpp"
#include "plan/method.hpp"

/// First-order Markov models of ordered categories in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Errors { cluster, model };
constexpr std::array<std::string_view, 2> error_names{"cluster", "model"};

struct MarkovOrdinal {
  DiaryOptions diary;
  Errors errors = Errors::cluster;
};

void describe(schema::Visitor& visit, MarkovOrdinal& o) {
  describe_diary(visit, o.diary);
  visit("errors", o.errors, error_names,
        "standard errors: the sandwich by subject, or observed information", analyst);
}

void put_estimate(std::string_view name, const Contrast& c, bool with_p, std::string_view unit,
                  Task& task) {
  task.out.row.level = task.level();
  task.out.put(name, c.estimate, unit);
  task.out.put("lower", c.lower, unit);
  task.out.put("upper", c.upper, unit);
  task.out.row.level.reset();
  task.out.put("se", c.se, unit);
  if (with_p) task.out.put("p_value", c.p_value, "probability");
}

void put_occupancy(const Diary& diary, const Asked& asked, const CumulativeFit& fit,
                   std::span<const double> covariance, Task& task) {
  const MarkovTransitions structure = diary.transitions();
  const Frame& frame = diary.data.frame;
  std::vector<StateOccupancy> by_arm;
  for (const Courses& courses : asked.courses) {
    by_arm.push_back(state_occupancy(structure, fit.coefficients, courses.view()));
  }
  for (const DayScore& score : asked.scores) {
    task.out.row.group = score.group;
    for (std::size_t arm = 0; arm < by_arm.size(); ++arm) {
      task.out.row.arm = frame.arms()[arm];
      put_estimate("expected",
                   occupancy_estimate(by_arm[arm], score.scores, covariance, task.level()), false,
                   score.unit, task);
      if (arm == frame.reference()) continue;
      task.out.row.arm_ref = frame.arms()[frame.reference()];
      put_estimate("difference",
                   occupancy_difference(by_arm[arm], by_arm[frame.reference()], score.scores,
                                        covariance, task.level()),
                   true, score.unit, task);
      task.out.row.arm_ref.clear();
    }
  }
  task.out.row.arm.clear();
  task.out.row.group.clear();
}

void run(const MarkovOrdinal& o, Task& task) {
  task.out.row.method = "first-order Markov cumulative logit model (maximum likelihood)";
  auto diary = read_diary(o.diary, task);
  if (!diary) return;
  const auto asked = asked_of(*diary, o.diary, task);
  if (!asked) return;
  if (o.errors == Errors::cluster && !enough_clusters(diary->data, task)) return;
  task.out.row.conventions =
      diary_conventions(*diary, o.diary, task.preset()) +
      (o.errors == Errors::cluster ? "; variance: sandwich by subject, no small-sample factor"
                                   : "; variance: observed information") +
      "; reference: normal; interval: Wald, of odds ratios on the log scale" +
      (o.diary.occupancy ? "; occupancy errors: delta method" : "");
  const MarkovTransitions transitions = diary->transitions();
  const CumulativeFit fit = fit_markov_ordinal(transitions);
  if (fit.status != OrdinalStatus::fitted) {
    task.refuse(diary->refusal_of(fit));
    return;
  }
  const auto covariance = o.errors == Errors::cluster
                              ? markov_cluster_covariance(transitions, fit, diary->subject)
                              : fit.covariance;
  const Frame& frame = diary->data.frame;
  for (const ArmContrast& contrast : diary->contrasts()) {
    const Contrast c =
        linear_contrast(fit.coefficients, covariance, contrast.weights, task.level());
    task.out.row.group = contrast.group;
    task.put_ratio(frame.arms()[contrast.arm], frame.arms()[frame.reference()],
                   {c.estimate, c.se, c.lower, c.upper, c.p_value, std::nullopt}, "odds_ratio");
  }
  task.out.row.group.clear();
  put_test(joint_wald_test(fit.coefficients, covariance, diary->arm_parameters()), "arm: Wald",
           task);
  put_occupancy(*diary, *asked, fit, covariance, task);
  put_thresholds(diary->data, diary->sign, fit.coefficients, covariance, fit.coefficients.size(),
                 task);
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
  put_diary_sizes(*diary, task);
}

}  // namespace

std::vector<MethodEntry> markov_methods() {
  return {method<MarkovOrdinal>("markov_ordinal",
                                "first-order Markov model of daily ordered categories")};
}

}  // namespace angiotrial::analysis
