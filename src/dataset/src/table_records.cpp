// SPDX-License-Identifier: Apache-2.0
#include "table_records.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include "optional_cells.hpp"

#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

namespace angiotrial::dataset {
namespace {

/// Fills the records of a data set.
class Records {
 public:
  Records(const CheckedTables& all, TrialDataset& data) : all_(all), data_(data) {}

  void read() {
    diary();
    exercise();
    events();
    exposure();
    labs();
  }

 private:
  /// For each level of the table's visits, the index in the data set.
  std::vector<VisitIndex> visits_of(const TypedTable& table) const {
    std::vector<VisitIndex> indices;
    const Texts names = table.texts("AVISIT");
    for (std::size_t level = 0; names && level < names.cells()->levels().size(); ++level) {
      const auto visit = find_visit(data_, names.cells()->levels()[level]);
      ANGIOTRIAL_EXPECT(visit.has_value(), "checked tables name visits of the data set");
      indices.push_back(*visit);
    }
    return indices;
  }

  /// Calls `row(i, subject, code, visit)` for each row of a table.
  template <class Row>
  void each(const TypedTable& table, const Row& row) const {
    const Texts codes = table.texts("PARAMCD");
    const Texts names = table.texts("AVISIT");
    const std::vector<VisitIndex> indices = visits_of(table);
    for (std::size_t i = 0; i < table.rows(); ++i) {
      row(i, table.subjects[i], Code(codes[i]),
          names ? indices[names.cells()->codes()[i]] : VisitIndex{0});
    }
  }

  void diary() {
    const TypedTable& table = all_.table("ADDIARY");
    const Numbers count = table.numbers("COUNT");
    const Numbers days = table.numbers("DAYSOBS");
    const Numbers base = table.numbers("BASE");
    data_.diary.reserve(table.rows());
    each(table, [&](std::size_t i, SubjectIndex subject, Code code, VisitIndex visit) {
      data_.diary.push_back(
          {subject, code, visit, static_cast<int>(count[i]), units::Days(days[i]), maybe(base[i])});
    });
  }

  void exercise() {
    const TypedTable& table = all_.table("ADEFF");
    const Numbers value = table.numbers("AVAL");
    const Numbers base = table.numbers("BASE");
    data_.exercise.reserve(table.rows());
    each(table, [&](std::size_t i, SubjectIndex subject, Code code, VisitIndex visit) {
      data_.exercise.push_back({subject, code, visit, maybe(value[i]), maybe(base[i])});
    });
  }

  void events() {
    const TypedTable& table = all_.table("ADTTE");
    const Numbers value = table.numbers("AVAL");
    const Numbers censored = table.numbers("CNSR");
    const Texts description = table.texts("EVNTDESC");
    each(table, [&](std::size_t i, SubjectIndex subject, Code code, VisitIndex) {
      data_.events.push_back(
          {subject, code, units::Days(value[i]), censored[i] != 0.0, std::string(description[i])});
    });
  }

  /// The parameters of a subject become one record, in the order in which subjects are met.
  void exposure() {
    const TypedTable& table = all_.table("ADEX");
    const Numbers value = table.numbers("AVAL");
    const Numbers weight = table.numbers("DOSEWT");
    const Numbers days = table.numbers("GCSFDAYS");
    const Numbers cells = table.numbers("administered_cells");
    std::unordered_map<SubjectIndex, std::size_t> record_of;
    each(table, [&](std::size_t i, SubjectIndex subject, Code code, VisitIndex) {
      const auto [at, added] = record_of.emplace(subject, data_.exposure.size());
      if (added) data_.exposure.emplace_back().subject = subject;
      ExposureRow& row = data_.exposure[at->second];
      if (!row.dosing_weight_kg) {
        row.dosing_weight_kg = maybe_quantity<units::Kilograms>(weight[i]);
      }
      if (!row.gcsf_days) row.gcsf_days = maybe_int(days[i]);
      if (!row.administered_cells) {
        row.administered_cells = maybe_quantity<units::Cells>(cells[i]);
      }
      exposure_value(code, value[i], row);
    });
  }

  static void exposure_value(Code code, double value, ExposureRow& row) {
    if (std::isnan(value)) return;
    if (code == "CD34TOT") row.administered_cells = units::Cells(value);
    if (code == "NINJ") row.injections = static_cast<int>(value);
    if (code == "VIAB") row.viability_percent = units::Percent(value);
    if (code == "PURITY") row.purity_percent = units::Percent(value);
    if (code == "GCSF") row.gcsf_ug_per_kg_per_day = units::UgPerKgPerDay(value);
  }

  void labs() {
    const TypedTable& table = all_.table("ADLB");
    const Numbers value = table.numbers("AVAL");
    const Numbers limit = table.numbers("ANRHI");
    const Numbers base = table.numbers("BASE");
    data_.labs.reserve(table.rows());
    each(table, [&](std::size_t i, SubjectIndex subject, Code code, VisitIndex visit) {
      data_.labs.push_back(
          {subject, code, visit, maybe(value[i]), maybe(limit[i]), maybe(base[i])});
    });
  }

  const CheckedTables& all_;
  TrialDataset& data_;
};

}  // namespace

void read_records(const CheckedTables& all, TrialDataset& data) { Records(all, data).read(); }

}  // namespace angiotrial::dataset
