// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/analyse.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "rows/context.hpp"

#include <algorithm>
#include <array>

namespace angiotrial::analysis {
namespace {

using diagnostics::Problem;

/// The methods, in the order of their rows. Disposition comes last: its reasons vary.
constexpr std::array methods{&baseline_rows, &count_rows, &continuous_rows, &category_rows,
                             &event_rows,    &lab_rows,   &dose_rows,       &disposition_rows};

constexpr std::string_view every_visit = "all";

/// Calls `use` with each name of a list separated by semicolons, blanks around it cut off.
template <class Use>
void for_each_name(std::string_view names, Use&& use) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(';'), names.size());
    std::string_view name = names.substr(0, end);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (!name.empty()) use(name);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

std::vector<std::string> arm_names(const dataset::TrialDataset& data) {
  std::vector<std::string> names;
  for (const dataset::Arm& arm : data.arms) names.push_back(arm.name);
  return names;
}

std::vector<std::string> visit_names(const dataset::TrialDataset& data) {
  std::vector<std::string> names;
  for (const dataset::Visit& visit : data.visits) names.push_back(visit.avisit);
  return names;
}

/// Collects what is wrong with the endpoints of a plan.
struct PlanChecker {
  const dataset::TrialDataset& data;
  std::vector<Problem> problems;

  void add(std::string key, std::string value, std::string rule, std::string hint = "") {
    problems.push_back({"", 0, std::move(key), std::move(value), std::move(rule), std::move(hint)});
  }
  void code(const std::string& key, const std::string& value, bool may_be_empty = false) {
    if (value.size() > dataset::Code::capacity || (value.empty() && !may_be_empty)) {
      add(key, value, "a parameter code has 1 to 8 characters");
    }
  }
  void visits(const std::string& key, const std::string& names) {
    if (names == every_visit) return;
    for_each_name(names, [&](std::string_view name) {
      if (dataset::find_visit(data, name)) return;
      add(key, std::string(name), "the data have no such analysis visit",
          diagnostics::nearest(name, visit_names(data)).value_or(""));
    });
  }
  template <class Endpoint>
  void family(const std::string& family, const std::vector<Endpoint>& endpoints) {
    for (const Endpoint& endpoint : endpoints) {
      const std::string key = family + "." + endpoint.paramcd;
      code(key + ".paramcd", endpoint.paramcd);
      if constexpr (requires { endpoint.visits; }) visits(key + ".visits", endpoint.visits);
      if constexpr (requires { endpoint.change_paramcd; }) {
        code(key + ".change_paramcd", endpoint.change_paramcd, true);
      }
      if constexpr (requires { endpoint.least; }) {
        if (endpoint.least > endpoint.most) {
          add(key + ".least", std::to_string(endpoint.least), "must not exceed most");
        }
      }
    }
  }
};

}  // namespace

void put_status(RowWriter& out, FitStatus status) {
  out.put("fit_status", static_cast<int>(status),
          "0 fitted, 1 Poisson boundary, 2 too few rows, 3 separated, 4 collinear, 5 invalid, "
          "6 not converged");
}

Context::Context(const dataset::TrialDataset& d, const AnalysisPlan& p)
    : data(d),
      plan(p),
      arms(d.arms.size()),
      level(p.level_fraction.value()),
      half_width(normal_half_width(p.level_fraction.value())) {
  const auto found = dataset::find_arm(d, p.reference_arm);
  ANGIOTRIAL_EXPECT(found.has_value(), "the reference arm is in the data: check_plan() says so");
  reference = static_cast<int>(*found);
  arm_of.reserve(d.subjects.size());
  for (const dataset::Subject& subject : d.subjects) {
    const auto arm = dataset::find_arm(d, subject.arm);
    arm_of.push_back(arm ? static_cast<int>(*arm) : -1);
  }
}

bool Context::contains(dataset::SubjectIndex subject, Population population) const {
  const dataset::Subject& s = data.subjects[subject];
  switch (population) {
    case Population::randomised:
      return s.randomised;
    case Population::intention_to_treat:
      return s.intention_to_treat;
    case Population::full_analysis:
      return s.full_analysis;
    case Population::safety:
      return s.safety;
  }
  return false;
}

std::vector<PlannedVisit> Context::visits(std::string_view names) const {
  std::vector<PlannedVisit> out;
  for (std::size_t i = 0; i < data.visits.size(); ++i) {
    const dataset::Visit& visit = data.visits[i];
    bool wanted = names == every_visit &&
                  (visit.month > 0.0 || visit.avisit == dataset::visit_names::baseline);
    if (names != every_visit) {
      for_each_name(names, [&](std::string_view name) { wanted = wanted || name == visit.avisit; });
    }
    if (wanted) out.push_back({static_cast<dataset::VisitIndex>(i), visit.avisit, visit.month});
  }
  return out;
}

void put_summary(RowWriter& out, std::span<double> values, std::string_view unit) {
  const Summary summary = summarise(values);
  out.put("n", summary.n, "subjects");
  out.put("mean", summary.mean, unit);
  out.put("sd", summary.sd, unit);
  out.put("se", summary.se, unit);
  out.put("median", summary.median, unit);
}

std::vector<Row> analyse(const dataset::TrialDataset& data, const AnalysisPlan& plan) {
  Context context(data, plan);
  RowWriter out(data.simulated ? "simulated" : "observed");
  for (const auto method : methods) {
    out.reset();
    method(context, out);
  }
  return out.take();
}

std::vector<Problem> check_plan(const dataset::TrialDataset& data, const AnalysisPlan& plan) {
  PlanChecker checker{data, {}};
  if (!dataset::find_arm(data, plan.reference_arm)) {
    checker.add("reference_arm", plan.reference_arm, "must name one of the arms",
                diagnostics::nearest(plan.reference_arm, arm_names(data)).value_or(""));
  }
  const double level = plan.level_fraction.value();
  if (!(level > 0.0 && level < 1.0)) {
    checker.add("level_fraction", std::to_string(level), "must lie between 0 and 1");
  }
  checker.family("counts", plan.counts);
  checker.family("continuous", plan.continuous);
  checker.family("categories", plan.categories);
  checker.family("events", plan.events);
  checker.family("labs", plan.labs);
  checker.family("findings", plan.findings);
  return std::move(checker.problems);
}

}  // namespace angiotrial::analysis
