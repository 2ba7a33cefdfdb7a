// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/closed_testing.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/stage_options.hpp"

/// Several treatments in stages, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class ClosedEndpoint { means, rates };
constexpr std::array<std::string_view, 2> closed_endpoints{"means", "rates"};
constexpr std::array<std::string_view, 4> intersections{"bonferroni", "simes", "sidak", "dunnett"};

struct ClosedOptions {
  RuleOptions rule;
  ClosedEndpoint endpoint = ClosedEndpoint::means;
  IntersectionTest test = IntersectionTest::dunnett;
  std::string control = "control";
  std::vector<std::string> treatments;
  std::vector<double> n, mean, sd, events;
};

void describe(schema::Visitor& visit, ClosedOptions& o) {
  constexpr schema::Source bretz{
      schema::Provenance::recalled,
      "Bretz F et al. Confirmatory seamless phase II/III clinical trials with hypotheses selection "
      "at interim. Biom J 2006",
      "10.1002/bimj.200510232"};
  constexpr schema::Range a_value{.least = -1e12, .most = 1e12};
  describe_rule(visit, o.rule);
  visit("endpoint", o.endpoint, closed_endpoints, "means with n, mean, sd; rates with n, events",
        analyst);
  visit("test", o.test, intersections, "test of each intersection in each stage", bretz);
  visit("control", o.control, "name of the control arm", analyst);
  visit("treatments", o.treatments, "names of the other arms", analyst);
  visit("n", o.n, {.least = 0.0, .most = 1e9},
        "patients of each arm, control first, stage after stage; 0: the arm was dropped", analyst);
  visit("mean", o.mean, a_value, "means in the same order", analyst);
  visit("sd", o.sd, {.least = 0.0, .most = 1e12}, "standard deviations in the same order", analyst);
  visit("events", o.events, {.least = 0.0, .most = 1e9}, "events in the same order", analyst);
}

ClosedStage closed_stage(const ClosedOptions& o, std::size_t from) {
  const bool means = o.endpoint == ClosedEndpoint::means;
  std::vector<ArmSummary> arms;
  for (std::size_t i = from; i <= from + o.treatments.size(); ++i) {
    const double n = o.n[i];
    arms.push_back(means ? ArmSummary{n, o.mean[i], o.sd[i]} : ArmSummary{n, o.events[i] / n, 0.0});
  }
  return means ? closed_stage_of_means(arms) : closed_stage_of_rates(arms);
}

std::optional<std::vector<ClosedStage>> closed_stages(const ClosedOptions& o, const Task& task) {
  const std::size_t arms = o.treatments.size() + 1;
  const std::size_t before = task.problems.size();
  if (o.treatments.empty()) task.bad_option("treatments", "", "must name an arm");
  names_differ(task, "treatments", o.treatments);
  if (std::ranges::find(o.treatments, o.control) != o.treatments.end()) {
    task.bad_option("treatments", o.control, "is the control");
  }
  if (o.n.empty() || o.n.size() % arms != 0) {
    task.bad_option("n", listed(o.n), "needs a number for every arm of every stage");
  }
  const bool means = o.endpoint == ClosedEndpoint::means;
  has_size(task, means ? "mean" : "events", means ? o.mean : o.events, o.n.size());
  if (means) {
    has_size(task, "sd", o.sd, o.n.size());
    none_given(task, {{"events", !o.events.empty()}}, "endpoint = \"rates\"");
  } else {
    none_given(task, {{"mean", !o.mean.empty()}, {"sd", !o.sd.empty()}}, "endpoint = \"means\"");
  }
  if (task.problems.size() > before) return std::nullopt;
  std::vector<ClosedStage> out;
  for (std::size_t from = 0; from < o.n.size(); from += arms) {
    out.push_back(closed_stage(o, from));
  }
  return out;
}

void run(const ClosedOptions& o, Task& task) {
  task.out.row.method = "closed testing of treatments against a control, in stages";
  if (!combines_stages(o.rule, task)) return;
  const auto design = rule_design(o.rule, task);
  if (!design) return;
  task.out.row.conventions =
      rule_in_words(o.rule, design->plan, task.preset()) +
      "; intersections: " + std::string(intersections[static_cast<std::size_t>(o.test)]) +
      "; p-values: one-sided, larger favours the treatment";
  const auto stages = closed_stages(o, task);
  if (!stages) return;
  const ClosedAnalysis a = analyse_closed(*design, *stages, o.test);
  if (a.status != ClosedStatus::tested) {
    task.refuse(std::string(name_of(a.status)));
    return;
  }
  for (std::size_t k = 0; k < a.stages.size(); ++k) {
    const ClosedStageResult& s = a.stages[k];
    for (std::size_t i = 0; i < o.treatments.size(); ++i) {
      task.out.row.arm = o.treatments[i];
      task.out.row.arm_ref = o.control;
      const auto p = std::isnan(s.separate_p[i]) ? std::nullopt : std::optional(s.separate_p[i]);
      put_in(task, look(k), "stage_p_value", p, "probability");
      const auto repeated =
          std::isnan(s.repeated_p[i]) ? std::nullopt : std::optional(s.repeated_p[i]);
      if (!repeated) task.out.row.note = "the bound of this look is the same at every level";
      put_in(task, look(k), "repeated_p_value", repeated, "probability");
      task.out.row.note.clear();
      put_in(task, look(k), "rejected", s.rejected[i] ? 1.0 : 0.0, "1");
      if (k < design->plan.futility.size()) {
        put_in(task, look(k), "stops_for_futility", s.futile[i] ? 1.0 : 0.0, "1");
      }
      if (s.conditional_rejection.empty()) continue;
      put_in(task, look(k), "conditional_rejection_probability", s.conditional_rejection[i],
             "probability");
    }
  }
}

}  // namespace

std::vector<MethodEntry> closed_methods() {
  return {method<ClosedOptions>("closed_testing",
                                "several treatments in stages, by closed combination tests")};
}

}  // namespace angiotrial::analysis
