// SPDX-License-Identifier: Apache-2.0
// Every design of c50 with bounds for efficacy alone, as a plan has it.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "deep_block.hpp"
#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

struct Bounds {
  const char* name;
  const char* bounds;
  bool spends = true;
};

std::string listed(const std::vector<double>& numbers) {
  std::ostringstream out;
  out.precision(17);
  for (std::size_t i = 0; i < numbers.size(); ++i) out << (i == 0 ? "" : ", ") << numbers[i];
  return out.str();
}

/// The plan of a block; its parameter is null where the bounds have none.
std::string plan_of(const Deep& block, const char* bounds) {
  std::vector<double> information = block.numbers({"information_rates"});
  std::string text = "[analysis.x]\nmethod = \"group_sequential_design\"\nbounds = \"" +
                     std::string(bounds) + "\"\ninformation = [";
  text += listed(information) + "]\nalpha = " + listed(block.numbers({"alpha"}));
  text += block.numbers({"sided"})[0] == 2.0 ? "\nsides = \"two\"\n" : "\nsides = \"one\"\n";
  for (const double parameter : block.numbers({"parameter"})) {
    text += "parameter = " + listed({parameter}) + "\n";
  }
  return text;
}

void expect_bounds(const Bounds& of) {
  SCOPED_TRACE(of.name);
  const Deep block("c50_gsd_boundaries/expected.json", of.name);
  const std::vector<double> spent = block.numbers({"cumulative_alpha"});
  EXPECT_EQ(spent.empty(), !of.spends);
  for (const int percent : {80, 90}) {
    const auto own =
        rows(plan_of(block, of.bounds) + "power = 0." + std::to_string(percent / 10) + "\n", {});
    block.expect({"z"}, by_look(own, "x", "critical_value"));
    block.expect({"stage_levels"}, by_look(own, "x", "stage_level"));
    block.expect({"power" + std::to_string(percent), "inflation_factor"},
                 value(own, "x", "inflation"));
    if (of.spends) block.expect({"cumulative_alpha"}, by_look(own, "x", "level_spent"));
  }
}

TEST(PlanBounds, LevelsOfStagesAgreeWithTheReferenceCase) {
  for (const Bounds& of :
       {Bounds{"asOF_K3_equal", "obrien_fleming_spending"},
        Bounds{"asOF_K2_half", "obrien_fleming_spending"},
        Bounds{"asOF_K4_unequal", "obrien_fleming_spending"},
        Bounds{"asOF_K5", "obrien_fleming_spending"},
        Bounds{"asOF_K3_two_sided", "obrien_fleming_spending"},
        Bounds{"asP_K3_equal", "pocock_spending"}, Bounds{"asP_K2_0.6", "pocock_spending"},
        Bounds{"asKD_K3_gamma2", "kim_demets"}, Bounds{"asHSD_K4_gamma_m4", "hwang_shih_decani"},
        Bounds{"asHSD_K3_gamma1", "hwang_shih_decani"}, Bounds{"OF_K3", "obrien_fleming", false},
        Bounds{"OF_K5", "obrien_fleming", false}, Bounds{"OF_K2_unequal", "obrien_fleming", false},
        Bounds{"OF_K4_two_sided", "obrien_fleming", false}, Bounds{"P_K2", "pocock", false},
        Bounds{"P_K4", "pocock", false}, Bounds{"P_K3_two_sided", "pocock", false},
        Bounds{"WT_K3_0.25", "wang_tsiatis", false}}) {
    expect_bounds(of);
  }
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
