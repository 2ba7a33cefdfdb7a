// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/number_text.hpp>

#include "rows/context.hpp"

#include <array>

/// Laboratory criteria after the procedures, and the dose that was given.
namespace angiotrial::analysis {
namespace {

using LabRows = std::vector<const dataset::LabRow*>;

/// Counts rows of an arm (-1: everybody, also those never randomised) for which `criterion` is
/// known, and those for which it holds.
template <class Criterion>
void put_criterion(const Context& c, const LabRows& rows, int arm, Criterion&& criterion,
                   RowWriter& out) {
  int known = 0;
  int yes = 0;
  for (const auto* row : rows) {
    if (arm >= 0 && c.arm_of[row->subject] != arm) continue;
    const std::optional<bool> holds = criterion(*row);
    known += holds.has_value() ? 1 : 0;
    yes += holds.value_or(false) ? 1 : 0;
  }
  out.put_share(yes, known, "subjects");
}

template <class Put>
void for_all_and_each_arm(const Context& c, RowWriter& out, Put&& put) {
  for (int arm = -1; arm < static_cast<int>(c.arms); ++arm) {
    out.row.arm = arm < 0 ? "" : c.arm_name(static_cast<std::size_t>(arm));
    put(arm);
  }
}

void put_limits(const Context& c, const LabEndpoint& endpoint, const LabRows& rows,
                RowWriter& out) {
  for (const auto limit : {endpoint.first_limit_uln, endpoint.second_limit_uln}) {
    out.row.group = "> ";
    out.row.group += formats::shortest(limit.value());
    out.row.group += " x ULN";
    for_all_and_each_arm(c, out, [&](int arm) {
      put_criterion(
          c, rows, arm, [&](const dataset::LabRow& row) { return row.above(limit.value()); }, out);
    });
  }
  out.row.group.clear();
}

std::optional<bool> found(const dataset::LabRow& row) {
  return row.aval ? std::optional(*row.aval > 0.0) : std::nullopt;
}

struct DoseColumn {
  std::string_view paramcd, param, unit;
  std::optional<double> (*of)(const dataset::ExposureRow&);
};

template <class Quantity>
std::optional<double> plain(const std::optional<Quantity>& value) {
  return value ? std::optional(value->value()) : std::nullopt;
}

const std::array dose_columns{
    DoseColumn{"CD34TOT", "Viable CD34+ cells given", "cells",
               [](const dataset::ExposureRow& e) { return plain(e.administered_cells); }},
    DoseColumn{"CD34KG", "CD34+ cells given per kg of dosing weight", "cells/kg",
               [](const dataset::ExposureRow& e) { return plain(e.administered_cells_per_kg()); }},
    DoseColumn{"VIAB", "Viability", "%",
               [](const dataset::ExposureRow& e) { return plain(e.viability_percent); }},
    DoseColumn{"PURITY", "CD34+ purity", "%",
               [](const dataset::ExposureRow& e) { return plain(e.purity_percent); }}};

void put_dose(const Context& c, std::size_t arm, std::vector<double>& values, RowWriter& out) {
  out.row.method = "arithmetic mean";
  for (const DoseColumn& column : dose_columns) {
    values.clear();
    for (const dataset::ExposureRow& row : c.data.exposure) {
      if (c.arm_of[row.subject] != static_cast<int>(arm)) continue;
      if (const auto value = column.of(row)) values.push_back(*value);
    }
    out.row.paramcd = column.paramcd;
    out.row.param = column.param;
    put_summary(out, values, column.unit);
  }
}

void put_short(const Context& c, std::size_t arm, RowWriter& out) {
  int known = 0;
  int less = 0;
  for (const dataset::ExposureRow& row : c.data.exposure) {
    if (c.arm_of[row.subject] != static_cast<int>(arm)) continue;
    const auto given = row.administered_cells_per_kg();
    if (!given) continue;
    const units::CellsPerKg planned = c.data.subjects[row.subject].dose_cells_per_kg;
    ++known;
    less += *given < planned * c.plan.least_dose_fraction.value() ? 1 : 0;
  }
  out.row.paramcd = "CD34KG";
  out.row.param = "Subjects given less than the planned dose";
  out.row.group = "short of dose";
  out.row.method = "share of treated";
  out.put_share(less, known, "subjects");
  out.row.group.clear();
}

}  // namespace

void lab_rows(Context& c, RowWriter& out) {
  out.row.method = "share of known";
  for (const LabEndpoint& endpoint : c.plan.labs) {
    const auto rows =
        by_visit(c, c.data.labs, endpoint.paramcd, endpoint.estimand.population, true);
    out.row.paramcd = endpoint.paramcd;
    out.row.param = endpoint.param;
    out.row.estimand = text(endpoint.estimand);
    for (const PlannedVisit& visit : c.visits(endpoint.visits)) {
      at_visit(out, visit);
      put_limits(c, endpoint, rows[visit.index], out);
    }
  }
  for (const FindingEndpoint& endpoint : c.plan.findings) {
    const auto rows =
        by_visit(c, c.data.labs, endpoint.paramcd, endpoint.estimand.population, true);
    out.row.paramcd = endpoint.paramcd;
    out.row.param = endpoint.param;
    out.row.estimand = text(endpoint.estimand);
    for (const PlannedVisit& visit : c.visits(endpoint.visits)) {
      at_visit(out, visit);
      for_all_and_each_arm(c, out,
                           [&](int arm) { put_criterion(c, rows[visit.index], arm, found, out); });
    }
  }
}

void dose_rows(Context& c, RowWriter& out) {
  out.row.estimand = "treated subjects; dose as recorded by the site";
  out.row.avisit = dataset::visit_names::after_injection;
  out.row.month = 0.0;
  std::vector<double> values;
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    if (c.data.arms[arm].dose_cells_per_kg.value() <= 0.0) continue;
    out.row.arm = c.arm_name(arm);
    put_dose(c, arm, values, out);
    put_short(c, arm, out);
  }
}

}  // namespace angiotrial::analysis
