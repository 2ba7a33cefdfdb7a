// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/response_adaptive_simulation.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plan/method.hpp"
#include "plan/response_adaptive_options.hpp"
#include "plan/sequential_options.hpp"
#include "plan/subject_data.hpp"

/// Response-adaptive trials of several arms in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range a_size{.least = 0.0, .most = 1e6};
constexpr schema::Range a_value{.least = -1e9, .most = 1e9};
constexpr std::array<std::string_view, 3> fallbacks{"none", "control", "best"};

struct DesignOptions {
  ArmsOptions rule;
  std::vector<double> truth, sd;
  ArmsFallback fallback = ArmsFallback::control;
  int trials = 10000;
  int seed = -1;
};

void describe(schema::Visitor& visit, DesignOptions& o) {
  describe_arms(visit, o.rule);
  visit("truth", o.truth, a_value, "true rate or mean of each arm", analyst);
  visit("sd", o.sd, {.least = 0.0, .most = 1e9}, "normal: true standard deviation of each arm",
        analyst);
  visit("fallback", o.fallback, fallbacks,
        "arm taken where none was superior: none, the control if it is left, or the likely best",
        analyst);
  visit("trials", o.trials, {.least = 1.0, .most = 1e7}, "trials to simulate", analyst);
  visit("seed", o.seed, {.least = -1.0, .most = 2147483647.0},
        "seed of the random numbers, 0 or above: must be given", analyst);
}

void put_outcome(const DesignOptions& o, const AdaptiveArms& d, const ArmsOutcome& r,
                 const Task& task) {
  const bool binary = d.endpoint == ArmsEndpoint::binary;
  const std::string unit = binary ? "events" : task.analysis.unit;
  const auto put = [&](std::string_view name, const Simulated& s, std::string_view of) {
    task.out.row.mcse = s.error;
    task.out.put(name, s.value, of);
    task.out.row.mcse.reset();
  };
  put("superiority", r.superiority, "probability");
  put("equivalence", r.equivalence, "probability");
  put("futility", r.futility, "probability");
  put("inconclusive", r.inconclusive, "probability");
  if (d.control) put("control_replaced", r.replaced, "probability");
  const bool null = std::ranges::adjacent_find(o.truth, std::not_equal_to<>()) == o.truth.end();
  if (null) put("type_one_error", d.control ? r.replaced : r.superiority, "probability");
  put("best_selected", r.best_selected, "probability");
  put("none_selected", r.none_selected, "probability");
  put("expected_size", r.size, "subjects");
  task.out.put("sd_of_size", r.size_sd, "subjects");
  put(binary ? "expected_events" : "expected_sum", r.sum, unit);
  put("rmse", r.rmse, binary ? "probability" : std::string_view(task.analysis.unit));
  for (std::size_t k = 0; k < d.arms; ++k) {
    task.out.row.arm = o.rule.arms[k];
    put("selected", r.selected[k], "probability");
    put("expected_size", r.patients[k], "subjects");
    put(binary ? "expected_events" : "expected_sum", r.sums[k], unit);
  }
  task.out.row.arm.clear();
}

void run(const DesignOptions& o, Task& task) {
  task.out.row.method = "simulation of response-adaptive trials";
  if (o.seed < 0) {
    task.bad_option("seed", std::to_string(o.seed), "must be given, 0 or above");
    return;
  }
  const auto design = arms_design(o.rule, task);
  if (!design || !check_unread(o.rule, false, task)) return;
  const bool normal = design->endpoint != ArmsEndpoint::binary;
  if (!has_size(task, "truth", o.truth, design->arms)) return;
  if (normal && !has_size(task, "sd", o.sd, design->arms)) return;
  if (!normal && !none_given(task, {{"sd", !o.sd.empty()}}, "a normal endpoint")) return;
  task.out.row.conventions = arms_in_words(*design) + "; selected if none is superior: " +
                             std::string(fallbacks[static_cast<std::size_t>(o.fallback)]) +
                             "; seed: " + std::to_string(o.seed);
  const ArmsOutcome r = simulate_adaptive_arms(*design, {o.truth, o.sd}, o.fallback, o.trials,
                                               static_cast<std::uint64_t>(o.seed));
  if (r.status != ArmsStatus::valid) {
    task.refuse(std::string(name_of(r.status)));
    return;
  }
  put_outcome(o, *design, r, task);
}

struct LookArmsOptions {
  ArmsOptions rule;
  int look = 1;
  std::string response;
  std::vector<double> n, events, mean, sd;
  std::vector<std::string> dropped;
  std::string current_control;
};

void describe(schema::Visitor& visit, LookArmsOptions& o) {
  describe_arms(visit, o.rule);
  visit("look", o.look, {.least = 1.0, .most = 1000.0}, "which look this is, from 1", analyst);
  visit("response", o.response,
        "column of the outcome, of subjects in the arms named; empty: n with events or mean",
        analyst);
  visit("n", o.n, a_size, "patients with an outcome, of each arm: whole numbers", analyst);
  visit("events", o.events, a_size, "binary: events of each arm: whole numbers", analyst);
  visit("mean", o.mean, a_value, "normal: mean of each arm", analyst);
  visit("sd", o.sd, {.least = 0.0, .most = 1e9},
        "normal: standard deviation of each arm, known or observed; with `response` and "
        "normal_estimated: from the data",
        analyst);
  visit("dropped", o.dropped, "arms that earlier looks dropped", analyst);
  visit("current_control", o.current_control,
        "control by now, if it is another than the first, which `dropped` must then name", analyst);
}

/// Numbers of each arm, by the plan's order.
struct ArmNumbers {
  std::vector<double> n, outcome, sd;
  std::optional<std::size_t> missing = {};  ///< of the data: subjects left out without an outcome
};

bool are_whole(std::string_view key, const std::vector<double>& list, const Task& task) {
  if (std::ranges::all_of(list, [](double x) { return x == std::floor(x); })) return true;
  task.bad_option(key, listed(list), "must be whole numbers");
  return false;
}

/// Problems with lists that this endpoint, or a column of the outcome, leaves unread. False if any.
bool check_lists(const LookArmsOptions& o, const AdaptiveArms& d, const Task& task) {
  const std::size_t before = task.problems.size();
  const bool binary = d.endpoint == ArmsEndpoint::binary;
  if (binary) {
    none_given(task, {{"mean", !o.mean.empty()}, {"sd", !o.sd.empty()}}, "a normal endpoint");
  } else {
    none_given(task, {{"events", !o.events.empty()}}, "endpoint = \"binary\"");
  }
  if (!o.response.empty()) {
    const bool estimated = d.endpoint == ArmsEndpoint::normal_estimated;
    none_given(task,
               {{"n", !o.n.empty()},
                {"events", binary && !o.events.empty()},
                {"mean", !binary && !o.mean.empty()},
                {"sd", estimated && !o.sd.empty()}},
               "an empty `response`");
  }
  return task.problems.size() == before;
}

std::optional<ArmNumbers> numbers_given(const LookArmsOptions& o, const AdaptiveArms& d,
                                        const Task& task) {
  const bool binary = d.endpoint == ArmsEndpoint::binary;
  const bool sized =
      has_size(task, "n", o.n, d.arms) &&
      has_size(task, binary ? "events" : "mean", binary ? o.events : o.mean, d.arms) &&
      (binary || has_size(task, "sd", o.sd, d.arms));
  if (!sized || !are_whole("n", o.n, task) || (binary && !are_whole("events", o.events, task))) {
    return std::nullopt;
  }
  return ArmNumbers{o.n, binary ? o.events : o.mean, o.sd};
}

/// From the data: arms of other names are a problem; arms without a subject have none.
std::optional<ArmNumbers> numbers_found(const LookArmsOptions& o, const AdaptiveArms& d,
                                        Task& task) {
  auto data = subject_data(o.response, {}, task);
  if (!data) return std::nullopt;
  const bool estimated = d.endpoint == ArmsEndpoint::normal_estimated;
  if (d.endpoint == ArmsEndpoint::normal && !has_size(task, "sd", o.sd, d.arms))
    return std::nullopt;
  ArmNumbers out{std::vector(d.arms, 0.0), std::vector(d.arms, 0.0),
                 estimated ? std::vector(d.arms, 0.0) : o.sd, data->missing};
  std::vector<std::size_t> place;
  for (const std::string& name : data->frame.arms()) {
    const auto at = named_arm(o.rule, "arms", name, task);
    if (!at) return std::nullopt;
    place.push_back(*at);
  }
  const auto arm_of = [&](std::size_t i) {
    return place[static_cast<std::size_t>(data->frame.arm()[i])];
  };
  for (std::size_t i = 0; i < data->response.size(); ++i) {
    const double y = data->response[i];
    if (d.endpoint == ArmsEndpoint::binary && y != 0.0 && y != 1.0) {
      data->frame.add_problem(i, o.response, y, "must be 0 or 1");
    }
    out.n[arm_of(i)] += 1.0;
    out.outcome[arm_of(i)] += y;
  }
  if (!data->frame.ok()) return std::nullopt;
  if (d.endpoint == ArmsEndpoint::binary) return out;
  for (std::size_t k = 0; k < d.arms; ++k) out.outcome[k] /= std::max(out.n[k], 1.0);
  if (!estimated) return out;
  for (std::size_t i = 0; i < data->response.size(); ++i) {
    const double from_mean = data->response[i] - out.outcome[arm_of(i)];
    out.sd[arm_of(i)] += from_mean * from_mean;
  }
  for (std::size_t k = 0; k < d.arms; ++k) {
    out.sd[k] = std::sqrt(out.sd[k] / std::max(out.n[k] - 1.0, 1.0));
  }
  return out;
}

/// The control by now; a new one has taken the place of the first, which the rule then drops.
void set_control(const LookArmsOptions& o, const AdaptiveArms& d, const Task& task,
                 ArmsCourse& course) {
  if (o.current_control.empty()) return;
  if (!d.control) task.bad_option("current_control", o.current_control, "needs `control`");
  course.control = named_arm(o.rule, "current_control", o.current_control, task);
  if (!d.control || !course.control || *course.control == *d.control) return;
  if (course.states[*d.control] != ArmState::active) return;
  task.bad_option("current_control", o.current_control,
                  "has taken the place of " + o.rule.control + ", which `dropped` must then name");
}

std::optional<ArmsCourse> course_of(const LookArmsOptions& o, const AdaptiveArms& d,
                                    const Task& task) {
  const std::size_t before = task.problems.size();
  ArmsCourse course{static_cast<std::size_t>(o.look) - 1, std::vector<ArmState>(d.arms), {}};
  if (course.look >= d.looks.size()) {
    task.bad_option("look", std::to_string(o.look), "is beyond the last of `looks`");
  }
  for (const std::string& name : o.dropped) {
    if (const auto at = named_arm(o.rule, "dropped", name, task)) {
      course.states[*at] = ArmState::inferior;
    }
  }
  set_control(o, d, task, course);
  if (task.problems.size() > before) return std::nullopt;
  return course;
}

/// A problem with more patients than the last look has; other numbers than planned for this one are
/// among the conventions. False with a problem.
bool check_size(const LookArmsOptions& o, const AdaptiveArms& d, std::size_t look,
                const ArmNumbers& numbers, const Task& task) {
  const double total = std::accumulate(numbers.n.begin(), numbers.n.end(), 0.0);
  if (total > d.looks.back()) {
    task.bad_option(o.response.empty() ? "n" : "response", formats::shortest(total) + " patients",
                    "more than the last of `looks` has: " + std::to_string(d.looks.back()));
    return false;
  }
  if (total != d.looks[look]) {
    task.out.row.conventions += "; patients: " + formats::shortest(total) + ", planned " +
                                std::to_string(d.looks[look]) + " at this look";
  }
  return true;
}

void put_look(const LookArmsOptions& o, const AdaptiveArms& d, const ArmsLook& look,
              const Task& task) {
  const std::string note = task.out.row.note;
  task.out.row.note = name_of(look.decision);
  const bool stops = look.decision != TrialDecision::proceeds;
  task.out.put("stops", stops ? 1.0 : 0.0, "1");
  task.out.row.note = note;
  const auto put = [&](std::string_view name, double p) {
    if (!std::isnan(p)) task.out.put(name, p, "probability");
  };
  put("all_equivalent", look.all_equivalent);
  const std::string_view unit =
      d.endpoint == ArmsEndpoint::binary ? "probability" : std::string_view(task.analysis.unit);
  for (std::size_t k = 0; k < d.arms; ++k) {
    task.out.row.arm = o.rule.arms[k];
    task.out.put("posterior_mean", look.estimate[k], unit);
    put("best", look.best[k]);
    put("better_than_control", look.better[k]);
    put("equivalent_to_control", look.equivalent[k]);
    put("futile", look.futile[k]);
    put("best_of_those_left", look.best_left[k]);
    const ArmState state = look.states[k];
    const bool left =
        state == ArmState::active || state == ArmState::control || state == ArmState::superior;
    task.out.row.note = name_of(state);
    task.out.put("in_the_trial", left ? 1.0 : 0.0, "1");
    task.out.row.note = note;
    task.out.put("next_share", look.shares[k], "probability");
  }
  task.out.row.arm.clear();
}

void run(const LookArmsOptions& o, Task& task) {
  task.out.row.method = "look of a response-adaptive trial";
  const auto design = arms_design(o.rule, task);
  if (!design || !check_unread(o.rule, true, task) || !check_lists(o, *design, task)) return;
  const auto course = course_of(o, *design, task);
  if (!course) return;
  task.out.row.conventions = arms_in_words(*design);
  const auto numbers =
      o.response.empty() ? numbers_given(o, *design, task) : numbers_found(o, *design, task);
  if (!numbers || !check_size(o, *design, course->look, *numbers, task)) return;
  const ArmsLook look =
      analyse_adaptive_arms(*design, {numbers->n, numbers->outcome, numbers->sd}, *course);
  if (look.status != ArmsStatus::valid) {
    task.refuse(std::string(name_of(look.status)));
    return;
  }
  put_look(o, *design, look, task);
  if (numbers->missing) {
    task.out.put("n_missing", static_cast<double>(*numbers->missing), "subjects");
  }
}

}  // namespace

std::vector<MethodEntry> response_adaptive_methods() {
  return {method<DesignOptions>("response_adaptive_design",
                                "response-adaptive trials of several arms, simulated"),
          method<LookArmsOptions>("response_adaptive_look",
                                  "what a response-adaptive trial's rule says at a look")};
}

}  // namespace angiotrial::analysis
