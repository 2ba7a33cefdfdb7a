// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <algorithm>
#include <set>

namespace angiotrial::dataset {
namespace {

void count(ReasonCounts& counts, const std::string& reason) {
  const auto at = std::ranges::find(counts, reason, &ReasonCounts::value_type::first);
  if (at == counts.end()) {
    counts.emplace_back(reason, 1);
  } else {
    ++at->second;
  }
}

/// A subject was followed at a visit with a row of ADDIARY or ADEFF.
void followed(const TrialDataset& data, Disposition& flow) {
  std::set<std::pair<VisitIndex, SubjectIndex>> seen;
  for (const DiaryRow& row : data.diary) seen.emplace(row.visit, row.subject);
  for (const ExerciseRow& row : data.exercise) seen.emplace(row.visit, row.subject);
  for (std::size_t visit = 0; visit < data.visits.size(); ++visit) {
    if (data.visits[visit].month == 0.0) continue;
    for (ArmFlow& arm : flow.arms) {
      arm.followed.emplace_back(data.visits[visit].avisit, 0);
    }
    const auto at = static_cast<VisitIndex>(visit);
    for (auto i = seen.lower_bound({at, 0}); i != seen.end() && i->first == at; ++i) {
      const Subject& s = data.subjects[i->second];
      const auto arm = find_arm(data, s.arm);
      if (s.randomised && arm) ++flow.arms[*arm].followed.back().second;
    }
  }
}

}  // namespace

Disposition flow_of(const TrialDataset& data) {
  Disposition flow;
  for (const Arm& arm : data.arms) {
    flow.arms.emplace_back().arm = arm.name;
    // Simulated data count each of these, so that a mean over replicates is one.
    if (data.simulated) {
      flow.arms.back().discontinued = {{"Death", 0}, {"Withdrawal", 0}, {"Not treated", 0}};
    }
  }
  for (const Subject& s : data.subjects) {
    const auto arm = find_arm(data, s.arm);
    if (!s.randomised || !arm) continue;
    ArmFlow& of_arm = flow.arms[*arm];
    ++flow.randomised;
    ++of_arm.randomised;
    const bool treated = s.treatment_day || !s.actarm.empty();
    flow.treated += treated ? 1 : 0;
    of_arm.treated += treated ? 1 : 0;
    of_arm.completed += s.end_of_study == EndOfStudy::completed ? 1 : 0;
    if (s.end_of_study == EndOfStudy::discontinued) {
      count(of_arm.discontinued, s.discontinuation_reason);
    }
  }
  followed(data, flow);
  return flow;
}

}  // namespace angiotrial::dataset
