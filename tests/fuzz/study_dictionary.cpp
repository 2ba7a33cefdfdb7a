// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/read_study.hpp>

#include <set>
#include <string>

#include "fuzz_dictionary.hpp"

// Prints the words of the study language for the fuzzer: every table and key, TOML's marks, and
// values at the edge.
namespace {

std::set<std::string> words() {
  std::set<std::string> all{"schema = 1",    "seed = 1",  "[arms.low]", "[visits.month_6]",
                            "[scenarios.a]", "= true",    "= false",    "= 0.0",
                            "= -1",          "= 1.0e5",   "= inf",      "= nan",
                            "= [1, 2]",      "= {a = 1}", "= 1e308",    "= 9223372036854775807",
                            "= 1979-05-27",  "= 0x10",    "[[visits]]", "= \"placebo\""};
  for (const auto& row : angiotrial::study::all_parameters()) {
    const std::size_t key = row.path.rfind('.');
    all.insert("[" + row.path.substr(0, key) + "]");
    all.insert(row.path.substr(key + 1) + " = " + row.value);
  }
  return all;
}

}  // namespace

int main() { angiotrial::fuzz::print_dictionary(words()); }
