// SPDX-License-Identifier: Apache-2.0
#include "rows/context.hpp"

/// The flow of subjects, as a CONSORT diagram shows it.
namespace angiotrial::analysis {
namespace {

void put(RowWriter& out, std::string_view group, int count, std::string_view detail = {}) {
  out.row.group = group;
  out.row.group += detail;
  out.put("n", count, "subjects");
}

}  // namespace

void disposition_rows(Context& c, RowWriter& out) {
  const dataset::Disposition& flow = c.data.disposition;
  out.row.paramcd = "DISP";
  out.row.param = "Subject disposition";
  out.row.method = "count";
  out.row.estimand = "all who consented";
  put(out, "screened", flow.screened);
  put(out, "screen failed", flow.screen_failed());
  put(out, "mobilised", flow.mobilised);
  put(out, "completed mobilisation", flow.completed_mobilisation);
  put(out, "failed harvest", flow.failed_harvest);
  put(out, "randomised", flow.randomised);
  put(out, "treated", flow.treated);
  for (const dataset::ArmFlow& arm : flow.arms) {
    out.row.arm = arm.arm;
    put(out, "randomised", arm.randomised);
    put(out, "treated", arm.treated);
    for (const auto& [visit, count] : arm.followed) put(out, "followed at ", count, visit);
    put(out, "completed", arm.completed);
  }
  for (const dataset::ArmFlow& arm : flow.arms) {
    out.row.arm = arm.arm;
    for (const auto& [reason, count] : arm.discontinued) put(out, "discontinued: ", count, reason);
  }
  out.row.arm.clear();
  for (const auto& [reason, count] : flow.screen_failures) {
    put(out, "screen failed: ", count, reason);
  }
}

}  // namespace angiotrial::analysis
