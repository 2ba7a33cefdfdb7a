// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/formats/csv.hpp>

#include <string>
#include <vector>

/// The analysis data sets as tables, ready for a writer of CSV, XPT or Dataset-JSON.
///
/// Every table starts with STUDYID and SIMFL. For simulated data STUDYID begins with `SIMULATED-`
/// and SIMFL is Y on every row, so that no file can be taken for patient data.
namespace angiotrial::dataset {

/// A cell is missing, a text, a real number or an integer.
using Cell = formats::CsvCell;

struct Column {
  std::string name;     ///< ADaM name of at most 8 characters, or a native key with unit suffix
  std::string label;    ///< at most 40 characters, unit included
  bool native = false;  ///< one of ours: left out of a submission file, whose names end at 8
};

struct Table {
  std::string name;   ///< ADSL, ADDIARY, ADEFF, ADTTE, ADEX, ADLB
  std::string label;  ///< at most 40 characters
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`
};

/// All six tables, rows in the order of the data set.
[[nodiscard]] std::vector<Table> to_tables(const TrialDataset& data);

/// The table as RFC 4180 text (formats/csv.hpp): header first, missing cells empty, numbers in the
/// shortest form that reads back to the same double. The same table gives the same bytes.
[[nodiscard]] std::string to_csv(const Table& table);

/// ISO date (YYYY-MM-DD) of a study day; expects `reference_date` to be a valid ISO date.
[[nodiscard]] std::string iso_date(const std::string& reference_date, int day);

}  // namespace angiotrial::dataset
