// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv_table.hpp>

#include "data_table_demands.hpp"

#include <cstdint>

// Whatever the bytes: a sound table or problems with lines, and the same by blocks of any size.
namespace angiotrial::formats {
namespace {

void try_text(std::string_view text) {
  const auto table = parse_csv_table(text, "a.csv");
  demand(table.ok() == table.problems().empty());
  for (const auto& problem : table.problems()) demand(problem.line >= 1 && !problem.rule.empty());
  if (table.ok()) demand_sound(table.value());
  for (const std::size_t block : {1U, 5U, 64U}) {
    CsvTableOptions options;
    options.block_bytes = block;
    const auto again = parse_csv_table(text, "a.csv", options);
    demand(again.ok() == table.ok());
    if (table.ok()) {
      demand_same(table.value(), again.value());
      demand(table.value().lines == again.value().lines);
    }
  }
  if (!table.ok()) return;
  std::vector<diagnostics::Problem> problems;
  for (const DataColumn& column : table.value().columns) {
    const std::size_t before = problems.size();
    const auto numbers = require_numbers(table.value(), column.name, problems);
    demand(numbers.has_value() == (problems.size() == before));
    demand(!numbers || numbers->size() == table.value().rows());
    demand(numbers || column.kind == DataColumn::Kind::text);
  }
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
