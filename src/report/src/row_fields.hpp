// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <cstddef>

namespace angiotrial::report {

/// Calls `visit(name, member)` for each field of a row, in the order of the contract.
template <class Visit>
void for_each_field(analysis::Row& row, Visit&& visit) {
  visit("source", row.source);
  visit("scenario", row.scenario);
  visit("arm", row.arm);
  visit("arm_ref", row.arm_ref);
  visit("group", row.group);
  visit("paramcd", row.paramcd);
  visit("param", row.param);
  visit("avisit", row.avisit);
  visit("month", row.month);
  visit("statistic", row.statistic);
  visit("method", row.method);
  visit("estimand", row.estimand);
  visit("analysis", row.analysis);
  visit("conventions", row.conventions);
  visit("note", row.note);
  visit("level", row.level);
  visit("value", row.value);
  visit("unit", row.unit);
  visit("mcse", row.mcse);
  visit("q025", row.q025);
  visit("q500", row.q500);
  visit("q975", row.q975);
}

inline constexpr std::size_t row_field_count = 22;

}  // namespace angiotrial::report
