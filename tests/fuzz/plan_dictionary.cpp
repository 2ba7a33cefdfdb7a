// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan/plan_file.hpp>

#include <set>
#include <string>

#include "fuzz_dictionary.hpp"

// Prints the words of plan files for the fuzzer: every method, every option with its default, and
// the columns of the trial that plan_fuzz analyses.
namespace {

std::set<std::string> words() {
  std::set<std::string> all{"[analysis.a]",
                            "[analysis.b]",
                            "[columns]",
                            "[events]",
                            "[analysis.a.estimand]",
                            "[analysis.a.estimand.events]",
                            "conventions = \"r\"",
                            "conventions = \"sas\"",
                            "where = [\"CHG > 0\"]",
                            "\"time AVAL event EVENT better longer\"",
                            "\"value CHG better higher margin 3\""};
  for (const char* column : {"ARM",   "AVAL", "BASE",   "CHG",    "COUNT",  "EVENT",  "CAUSE",
                             "WEEKS", "DOSE", "AVISIT", "STRAT1", "REGION", "TSTART", "TSTOP",
                             "RESP",  "CCS",  "DTHDY",  "DTHFL",  "RANDNO", "LOGBASE"}) {
    all.insert("\"" + std::string(column) + "\"");
  }
  for (const auto& method : angiotrial::analysis::plan_methods()) {
    all.insert("method = \"" + std::string(method.name) + "\"");
    for (const auto& row : angiotrial::analysis::plan_options(method.name)) {
      all.insert(row.path.substr(row.path.rfind('.') + 1) + " = " + row.value);
    }
  }
  return all;
}

}  // namespace

int main() { angiotrial::fuzz::print_dictionary(words()); }
