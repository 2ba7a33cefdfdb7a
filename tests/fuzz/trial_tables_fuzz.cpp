// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/from_tables.hpp>
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/formats/csv_table.hpp>

#include "data_table_demands.hpp"

#include <cstdint>

// Whatever stands in the six tables, given one after the other with a line `=` between them: a
// trial that passes its own checks, or problems; and a trial is written and read back to the same
// bytes.
namespace angiotrial::dataset {
namespace {

using formats::DataTable;
using formats::demand;

std::vector<DataTable> tables_of(std::string_view text) {
  std::vector<DataTable> tables;
  for (const char* name : {"ADSL", "ADDIARY", "ADEFF", "ADTTE", "ADEX", "ADLB"}) {
    const std::size_t end = text.find("\n=\n");
    auto table = formats::parse_csv_table(text.substr(0, end), std::string(name) + ".csv");
    if (table.ok()) tables.push_back(std::move(table).value());
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 3);
  }
  return tables;
}

void try_text(std::string_view text) {
  const auto trial = read_trial(tables_of(text));
  demand(trial.ok() == trial.problems().empty());
  for (const auto& problem : trial.problems()) demand(!problem.rule.empty());
  if (!trial.ok()) return;
  demand(check(trial.value()).empty());
  const std::vector<Table> once = to_tables(trial.value());
  std::vector<DataTable> tables;
  for (const Table& table : once) {
    auto csv = formats::parse_csv_table(to_csv(table), table.name + ".csv");
    demand(csv.ok());
    tables.push_back(std::move(csv).value());
  }
  const auto again = read_trial(tables);
  if (!again.ok()) {
    // ADLB as we write it has no AVISITN: a name may be all that is left of a visit's month.
    for (const auto& problem : again.problems()) demand(problem.key == "AVISIT");
    return;
  }
  const std::vector<Table> twice = to_tables(again.value());
  for (std::size_t t = 0; t < once.size(); ++t) demand(to_csv(once[t]) == to_csv(twice[t]));
}

}  // namespace
}  // namespace angiotrial::dataset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::dataset::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
