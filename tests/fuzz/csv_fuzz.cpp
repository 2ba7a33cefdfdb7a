// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>

#include <cstdint>

// Whatever the bytes: a rectangular table or problems with lines; and a table is written and read
// back to the same cells.
namespace angiotrial::formats {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void try_text(std::string_view text) {
  const auto table = read_csv(text, "a.csv");
  demand(table.ok() == table.problems().empty());
  for (const auto& problem : table.problems()) demand(problem.line >= 1 && !problem.rule.empty());
  if (!table.ok()) return;
  CsvWriter csv(table.value().header);
  for (const auto& row : table.value().rows) {
    csv.row(std::vector<CsvCell>(row.begin(), row.end()));
  }
  const auto again = read_csv(csv.take(), "b.csv");
  demand(again.ok());
  demand(again.value().header == table.value().header);
  demand(again.value().rows == table.value().rows);
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
