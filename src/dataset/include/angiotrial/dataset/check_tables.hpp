// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/data_table.hpp>

#include <span>
#include <string>
#include <vector>

namespace angiotrial::dataset {

/// What a reader of tables is told beside the tables.
struct TableExpectations {
  /// Arms in display order, each of which must have a randomised subject. Empty: the arms are
  /// those of ADSL.
  std::vector<std::string> arms;
};

/// What is wrong with tables in the shape of ADaM (ADSL, ADDIARY, ADEFF, ADTTE, ADEX, ADLB): each
/// problem with file, line, column, value and rule; the first 20 of a kind in a column and a count.
///
/// A missing ADSL or a missing column that is needed (with the nearest name), a text among numbers,
/// a number outside its range, an impossible date, a flag other than Y and N, a code of more than 8
/// characters, a subject twice in ADSL, one that ADSL does not know, an arm that ADSL contradicts
/// or nobody has, two rows for one subject, parameter and visit, a visit with two months. Other
/// tables and other columns are passed over.
[[nodiscard]] std::vector<diagnostics::Problem> check_tables(
    std::span<const formats::DataTable> tables, const TableExpectations& expectations = {});

}  // namespace angiotrial::dataset
