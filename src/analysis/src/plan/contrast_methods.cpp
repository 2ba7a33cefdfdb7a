// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/one_way.hpp"

/// Contrasts of arm means with simultaneous intervals in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Trend { greater, less };
constexpr std::array<std::string_view, 2> trends{"greater", "less"};
constexpr std::size_t most_contrasts = 12;
constexpr std::size_t most_umbrella_doses = 4;

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

struct TrendTest {
  std::string response;
  Trend alternative = Trend::greater;
};
struct Williams : TrendTest {};
struct Umbrella : TrendTest {};

void describe_trend(schema::Visitor& visit, TrendTest& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("alternative", o.alternative, trends, "means that rise, or fall, from the reference",
        analyst);
}
void describe(schema::Visitor& visit, Williams& o) { describe_trend(visit, o); }
void describe(schema::Visitor& visit, Umbrella& o) { describe_trend(visit, o); }

void run_trend(const TrendTest& o, bool umbrella_shaped, Task& task) {
  task.out.row.conventions =
      "alternative: " + std::string(trends[static_cast<std::size_t>(o.alternative)]) +
      "; doses: the plan's order of arms after the reference" + std::string(one_way_words);
  auto data = one_way(o.response, true, task);
  if (!data) return;
  const std::size_t doses = data->order.size() - 1;
  const std::size_t most = umbrella_shaped ? most_umbrella_doses : most_contrasts;
  if (doses > most) {
    task.refuse("more than " + std::to_string(most) + " arms besides the reference");
    return;
  }
  const double sign = o.alternative == Trend::less ? -1.0 : 1.0;
  if (sign < 0.0) reflect(*data);
  put_contrasts(
      *data,
      umbrella_shaped ? umbrella(data->arms(), task.level()) : williams(data->arms(), task.level()),
      sign, task);
}

void run(const Williams& o, Task& task) {
  task.out.row.method = "Williams-type test: pooled top doses against the reference";
  run_trend(o, false, task);
}

void run(const Umbrella& o, Task& task) {
  task.out.row.method = "umbrella test: neighbouring doses against all other arms";
  run_trend(o, true, task);
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
  if (o.contrasts.empty() || o.contrasts.size() % arms != 0 ||
      o.contrasts.size() / arms > most_contrasts) {
    task.bad_option("contrasts", std::to_string(o.contrasts.size()) + " numbers",
                    "must be 1 to 12 rows of " + std::to_string(arms) + ", the number of arms");
    return false;
  }
  for (std::size_t first = 0; first < o.contrasts.size(); first += arms) {
    double sum = 0.0, size = 0.0;
    for (std::size_t a = 0; a < arms; ++a) {
      sum += o.contrasts[first + a];
      size += std::fabs(o.contrasts[first + a]);
    }
    if (size > 0.0 && std::fabs(sum) <= 1e-9 * size) continue;
    task.bad_option("contrasts", "row " + std::to_string(first / arms + 1),
                    "must sum to 0, and not be all 0");
    return false;
  }
  return true;
}

void run(const Contrasts& o, Task& task) {
  task.out.row.method = "multiple contrast test";
  task.out.row.conventions =
      "alternative: " + std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      std::string(one_way_words);
  auto data = one_way(o.response, false, task);
  if (!data || !check(o, data->order.size(), task)) return;
  const double sign = o.alternative == Alternative::less ? -1.0 : 1.0;
  if (sign < 0.0) reflect(*data);
  const Sides sides = o.alternative == Alternative::two_sided ? Sides::two : Sides::one;
  put_contrasts(*data, contrast_test(data->arms(), o.contrasts, sides, task.level()), sign, task);
}

}  // namespace

std::vector<MethodEntry> contrast_methods() {
  return {method<Williams>("williams_contrasts", "trend test by pooled top doses"),
          method<Umbrella>("umbrella_contrasts", "test of a rise and fall over doses"),
          method<Contrasts>("contrast_test", "any contrasts of arm means, simultaneously")};
}

}  // namespace angiotrial::analysis
