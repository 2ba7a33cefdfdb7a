// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/report/manifest.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What an analysis plan gave, for people: in the terminal, as a page, as a table.
namespace angiotrial::report {

struct PlanReport {
  std::string title;
  std::vector<analysis::Row> rows;  ///< as results.json holds them
  std::vector<schema::LedgerRow> ledger;
  std::vector<InputFile> inputs;
  std::vector<std::string> refusals;  ///< analyses that the data cannot support, in words
  std::string version, commit, date;
};

/// What every output says of these rows: simulated, or of the user's own data.
[[nodiscard]] std::string_view notice_of(const std::vector<analysis::Row>& rows);

/// At most 100 columns where names allow it; each analysis with its conventions.
[[nodiscard]] std::string plan_terminal(const PlanReport& report);

/// One file without network or script. Each number names its row by data-row.
[[nodiscard]] std::string plan_html(const PlanReport& report);

/// Every row of results.json as a line of CSV.
[[nodiscard]] std::string rows_csv(const std::vector<analysis::Row>& rows);

}  // namespace angiotrial::report
