// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/xpt.hpp>

#include "data_table_demands.hpp"

#include <cstdint>

// Whatever the bytes: sound tables within the limits, or problems.
namespace angiotrial::formats {
namespace {

void try_bytes(std::string_view bytes) {
  TableLimits limits;
  limits.most_rows = 10000;
  limits.most_bytes = std::size_t{1} << 24U;
  const auto tables = parse_xpt(bytes, "a.xpt", limits);
  demand(tables.ok() == tables.problems().empty());
  for (const auto& problem : tables.problems()) demand(!problem.rule.empty());
  if (!tables.ok()) return;
  demand(!tables.value().empty());
  for (const DataTable& table : tables.value()) {
    demand_sound(table);
    demand(table.rows() <= limits.most_rows && !table.name.empty());
  }
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_bytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
