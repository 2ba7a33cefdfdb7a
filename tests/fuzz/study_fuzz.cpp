// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/read_study.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// Whatever the bytes: a study or problems with file and line; and an accepted study, written as
// resolved, reads back to the same bytes and the same hash.
namespace angiotrial::study {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void demand_places(const std::vector<diagnostics::Problem>& problems) {
  demand(!problems.empty());
  for (const diagnostics::Problem& problem : problems) {
    demand(problem.file == "study.toml" && problem.line >= 0 && !problem.rule.empty());
    demand(!diagnostics::to_string(problem).empty());
  }
}

void demand_sound(const StudySpec& spec) {
  demand(spec.identity.seed.has_value() && spec.arms.size() >= 2 && !spec.visits.empty());
  for (const Visit& visit : spec.visits) {
    demand(visit.month >= 1 && visit.month <= spec.protocol.horizon_months.value());
  }
}

void try_text(std::string_view text) {
  const auto study = read_study(text, "study.toml");
  if (!study.ok()) {
    demand_places(study.problems());
    return;
  }
  demand_sound(study.value().spec);
  demand(study.value().text == text);
  const auto again = read_study(study.value().resolved, "study.resolved.toml");
  demand(again.ok() && again.value().hash == study.value().hash);
  demand(again.value().ledger.size() == study.value().ledger.size());
  for (std::size_t i = 0; i < again.value().ledger.size(); ++i) {
    demand(again.value().ledger[i].path == study.value().ledger[i].path);
    demand(again.value().ledger[i].value == study.value().ledger[i].value);
  }
  // Given on the command line, the seed stands even where the file has none.
  demand(read_study(text, "study.toml", 7).value().spec.identity.seed == 7);
}

}  // namespace
}  // namespace angiotrial::study

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::study::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
