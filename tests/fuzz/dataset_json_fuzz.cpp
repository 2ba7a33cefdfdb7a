// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/dataset_json.hpp>

#include "data_table_demands.hpp"

#include <cstdint>

// Whatever the bytes: a sound table within the limits, or problems.
namespace angiotrial::formats {
namespace {

void try_text(std::string_view text) {
  TableLimits limits;
  limits.most_rows = 1000;
  const auto table = parse_dataset_json(text, "a.json", limits);
  demand(table.ok() == table.problems().empty());
  for (const auto& problem : table.problems()) demand(!problem.rule.empty());
  if (!table.ok()) return;
  demand_sound(table.value());
  demand(table.value().rows() <= limits.most_rows && !table.value().name.empty());
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
