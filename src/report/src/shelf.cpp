// SPDX-License-Identifier: Apache-2.0
#include "shelf.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <array>

namespace angiotrial::report {
namespace {

using analysis::Row;

std::string_view scenario_of(std::string_view source, std::string_view scenario) {
  return scenario.empty() && source != "published" ? base_scenario : scenario;
}

bool says(const Row& row, const Want& want) {
  return row.source == want.source && row.arm == want.arm && row.arm_ref == want.arm_ref &&
         row.group == want.group && row.avisit == want.avisit && row.statistic == want.statistic &&
         scenario_of(row.source, row.scenario) == scenario_of(want.source, want.scenario);
}

bool is_estimate(std::string_view statistic) {
  constexpr std::array<std::string_view, 7> others{"n",  "count", "sd",     "median",
                                                   "se", "lower", "p_value"};
  return std::ranges::find(others, statistic) == others.end();
}

auto of_parameter(const std::vector<const Row*>& ordered, std::string_view paramcd) {
  return std::ranges::equal_range(ordered, paramcd, {},
                                  [](const Row* row) { return std::string_view(row->paramcd); });
}

}  // namespace

std::string_view baseline_code(std::string_view paramcd) {
  if (paramcd == "ANGWK") return "ANGFRBL";
  if (paramcd == "ETTDUR") return "ETTBL";
  return paramcd;
}

bool in_decomposition(const Row& row) {
  return row.source == "truth" && row.group.size() > 2 && row.group[0] >= '1' &&
         row.group[0] <= '9' && row.group[1] == ' ';
}

bool is_decomposition(const Row& row) { return in_decomposition(row) && row.statistic == "mean"; }

Shelf::Shelf(const std::vector<Row>& rows) : rows_(&rows) {
  ordered_.reserve(rows.size());
  for (const Row& row : rows) ordered_.push_back(&row);
  std::ranges::stable_sort(ordered_, {},
                           [](const Row* row) { return std::string_view(row->paramcd); });
}

const Row* Shelf::find(const Want& want) const { return find(want, ""); }

const Row* Shelf::find(const Want& want, std::string_view method) const {
  for (const Row* row : of_parameter(ordered_, want.paramcd)) {
    if (says(*row, want) && row->method.starts_with(method)) return row;
  }
  return nullptr;
}

const Row* Shelf::simulated_counterpart(const Row& published) const {
  Want want{"simulated",      "",
            published.arm,    published.arm_ref,
            published.group,  published.paramcd,
            published.avisit, published.statistic};
  if (const Row* row = find(want)) return row;
  want.source = "truth";
  if (const Row* row = find(want)) return row;
  if (published.avisit != "Baseline") return nullptr;
  want.source = "simulated";
  want.paramcd = baseline_code(published.paramcd);
  return find(want);
}

const Row* Shelf::companion(const Row& row, std::string_view statistic) const {
  const bool error = statistic == "se" || statistic == "lower" || statistic == "upper";
  if (error && !is_estimate(row.statistic)) return nullptr;
  return find({row.source, row.scenario, row.arm, row.arm_ref, row.group, row.paramcd, row.avisit,
               statistic},
              row.method);
}

const Row* Shelf::distance(const Row& published) const {
  const Row* counterpart = simulated_counterpart(published);
  if (counterpart == nullptr) return nullptr;
  return find({counterpart->source, counterpart->scenario, published.arm, published.arm_ref,
               published.group, counterpart->paramcd, published.avisit, distance_statistic},
              distance_method(published.statistic));
}

std::size_t Shelf::number(const Row& row) const {
  const auto at = &row - rows_->data();
  ANGIOTRIAL_EXPECT(at >= 0 && static_cast<std::size_t>(at) < rows_->size(),
                    "the row is one of this report");
  return static_cast<std::size_t>(at);
}

}  // namespace angiotrial::report
