// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>

#include "plan/method.hpp"
#include "plan/one_way.hpp"

/// All pairs of arms in plan files; each arm against the reference: dose_arm_methods.cpp.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

struct Tukey {
  std::string response;
};

void describe(schema::Visitor& visit, Tukey& o) {
  visit("response", o.response, "column of the response", analyst);
}

void run(const Tukey& o, Task& task) {
  task.out.row.method = "Tukey-Kramer test of all pairs of arms";
  task.out.row.conventions =
      "alternative: two_sided; p-value: adjusted, studentized range; model: one-way, pooled "
      "variance; interval: simultaneous";
  const auto data = one_way(o.response, true, task);
  if (!data) return;
  const AllPairs all = tukey(data->arms(), task.level());
  for (std::size_t k = 0; k < all.pairs.size(); ++k) {
    task.out.row.arm = data->name(all.pairs[k].second);
    task.out.row.arm_ref = data->name(all.pairs[k].first);
    put_comparison(all.comparisons[k], 1.0, task);
    task.out.put("p_value", all.comparisons[k].p_adjusted, "probability");
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  put_common(*data, all.critical_value, task);
}

}  // namespace

std::vector<MethodEntry> comparison_methods() {
  return {method<Tukey>("tukey", "all pairs of arms, simultaneously")};
}

}  // namespace angiotrial::analysis
