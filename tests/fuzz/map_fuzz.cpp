// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/map_csv.hpp>
#include <angiotrial/delivery/plan.hpp>

#include <cstdint>

// Whatever the bytes: a map or problems with lines; and a map is planned, written and read back to
// the same bytes.
namespace angiotrial::delivery {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void try_text(std::string_view text) {
  Parameters p;
  p.map.fewest_points = 1;
  const auto map = read_map_csv(p, text, "a.csv");
  demand(map.ok() == map.problems().empty());
  for (const auto& problem : map.problems()) demand(problem.line >= 1 && !problem.rule.empty());
  if (!map.ok()) return;
  demand(!map.value().points.empty());
  for (const MapPoint& point : map.value().points) {
    demand(point.segment >= 1 && point.segment <= 17);
  }
  demand(plan(p, map.value()).sites.size() <= static_cast<std::size_t>(p.injection.sites));
  const std::string written = write_map_csv(map.value());
  const auto again = read_map_csv(p, written, "b.csv");
  demand(again.ok());
  demand(write_map_csv(again.value()) == written);
}

}  // namespace
}  // namespace angiotrial::delivery

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::delivery::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
