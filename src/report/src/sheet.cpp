// SPDX-License-Identifier: Apache-2.0
#include "sheet.hpp"

#include <angiotrial/report/published_rows.hpp>

namespace angiotrial::report {

using analysis::Row;

Sheet::Sheet(const ReportInput& in)
    : input(in),
      shelf(in.rows),
      many(in.manifest.replicates > 1),
      interval(
          many
              ? "the range that holds 95 % of the simulated trials"
              : "one standard error to either side, within the one simulated trial; for events the "
                "confidence interval") {
  for (const Row& row : in.rows) {
    if (row.source != "published" || !same_trial(row.scenario, in.study_id)) continue;
    trial = row.scenario;
    break;
  }
}

const Row* Sheet::simulated(Want want) const {
  want.source = "simulated";
  return shelf.find(want);
}

const Row* Sheet::published(Want want) const {
  if (trial.empty()) return nullptr;
  want.source = "published";
  want.scenario = trial;
  return shelf.find(want);
}

std::vector<std::string> Sheet::treated_arms() const {
  std::vector<std::string> out;
  for (const ReportArm& arm : input.arms) {
    if (arm.name != input.reference_arm) out.push_back(arm.name);
  }
  return out;
}

std::size_t Sheet::arm_index(std::string_view arm) const {
  for (std::size_t i = 0; i < input.arms.size(); ++i) {
    if (input.arms[i].name == arm) return i;
  }
  return input.arms.size();
}

}  // namespace angiotrial::report
