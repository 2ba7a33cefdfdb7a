// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <algorithm>
#include <cmath>

#include "plan/method.hpp"
#include "plan/one_way.hpp"
#include "plan/planned_contrasts.hpp"

/// Contrasts of arm means with simultaneous intervals in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::size_t most_contrasts = 12;

/// Contrasts: a p-value each in a group of its own, and that of the largest for the whole.
void put_contrasts(const OneWay& data, const ManyToOne& m, double sign, Task& task) {
  double least = 1.0;
  for (std::size_t k = 0; k < m.comparisons.size(); ++k) {
    task.out.row.group = "contrast " + std::to_string(k + 1);
    put_comparison(m.comparisons[k], sign, task);
    task.out.put("adjusted_p_value", m.comparisons[k].p_adjusted, "probability");
    least = std::min(least, m.comparisons[k].p_adjusted);
  }
  task.out.row.group.clear();
  task.out.put("p_value", least, "probability");
  put_common(data, m.critical_value, task);
}

struct Contrasts {
  std::string response;
  std::vector<double> contrasts;
  Alternative alternative = Alternative::two_sided;
};

void describe(schema::Visitor& visit, Contrasts& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("contrasts", o.contrasts, {.least = -1e6, .most = 1e6},
        "row by row a number for each arm, in the order of arms, that sum to 0", analyst);
  visit("alternative", o.alternative, alternatives, "two-sided, above 0, or below 0", analyst);
}

bool check(const Contrasts& o, std::size_t arms, const Task& task) {
  if (!o.contrasts.empty()) return check_contrast_rows(o.contrasts, arms, most_contrasts, task);
  task.bad_option(contrasts_key, "", "must list a contrast of the arms");
  return false;
}

void run(const Contrasts& o, Task& task) {
  task.out.row.method = "multiple contrast test";
  task.out.row.conventions =
      "alternative: " + std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      std::string(one_way_words);
  auto data = one_way(o.response, false, task);
  if (!data || !check(o, data->order.size(), task)) return;
  if (!task.check_order_of_arms("contrasts", data->data.frame)) return;
  const double sign = o.alternative == Alternative::less ? -1.0 : 1.0;
  if (sign < 0.0) reflect(*data);
  const Sides sides = o.alternative == Alternative::two_sided ? Sides::two : Sides::one;
  put_contrasts(*data, contrast_test(data->arms(), o.contrasts, sides, task.level()), sign, task);
}

}  // namespace

std::vector<MethodEntry> contrast_methods() {
  return {method<Contrasts>("contrast_test", "any contrasts of arm means, simultaneously")};
}

}  // namespace angiotrial::analysis
