// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/subject_data.hpp"

/// Many arms compared in one-way data, with simultaneous intervals, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Alternative { two_sided, greater, less };
constexpr std::array<std::string_view, 3> alternatives{"two_sided", "greater", "less"};
enum class Trend { greater, less };
constexpr std::array<std::string_view, 2> trends{"greater", "less"};
constexpr std::size_t most_contrasts = 12;
constexpr std::size_t most_umbrella_doses = 4;

/// Means of the arms in `order` (the reference first, unless asked otherwise), pooled variance.
struct OneWay {
  SubjectData data;
  std::vector<std::size_t> order;
  std::vector<double> means, sizes;
  double sigma = 0.0;
  double df = 0.0;

  [[nodiscard]] ArmMeans arms() const { return {means, sizes, sigma, df}; }
  [[nodiscard]] const std::string& name(std::size_t place) const {
    return data.frame.arms()[order[place]];
  }
};

/// Sums of squares about the arms' means, over n - k degrees of freedom.
void pool(OneWay& out) {
  const std::size_t arms = out.order.size();
  std::vector<double> mean(arms, 0.0), size(arms, 0.0);
  const auto& arm = out.data.frame.arm();
  for (std::size_t i = 0; i < arm.size(); ++i) {
    size[static_cast<std::size_t>(arm[i])] += 1.0;
    mean[static_cast<std::size_t>(arm[i])] += out.data.response[i];
  }
  for (std::size_t a = 0; a < arms; ++a) mean[a] /= size[a];
  double squares = 0.0;
  for (std::size_t i = 0; i < arm.size(); ++i) {
    const double left = out.data.response[i] - mean[static_cast<std::size_t>(arm[i])];
    squares += left * left;
  }
  for (const std::size_t a : out.order) {
    out.means.push_back(mean[a]);
    out.sizes.push_back(size[a]);
  }
  out.df = static_cast<double>(arm.size()) - static_cast<double>(arms);
  out.sigma = out.df > 0.0 ? std::sqrt(squares / out.df) : 0.0;
}

std::optional<OneWay> one_way(const std::string& response, bool reference_first, Task& task) {
  auto data = subject_data(response, {}, task);
  if (!data) return std::nullopt;
  OneWay out{std::move(*data), {}, {}, {}};
  const std::size_t reference = out.data.frame.reference();
  if (reference_first) out.order.push_back(reference);
  for (std::size_t a = 0; a < out.data.frame.arms().size(); ++a) {
    if (!reference_first || a != reference) out.order.push_back(a);
  }
  pool(out);
  if (out.sigma > 0.0) return out;
  task.refuse("no variation within arms to compare their means by");
  return std::nullopt;
}

/// The comparison as it reads in the units of the response; `sign` undoes a reflection.
void put_comparison(const Comparison& c, double sign, Task& task) {
  const std::string& unit = task.analysis.unit;
  task.out.put("difference", sign * c.estimate, unit);
  put_interval(task, sign > 0.0 ? c.lower : -c.upper, sign > 0.0 ? c.upper : -c.lower, unit);
  task.out.put("se", c.se, unit);
  task.out.put("t", sign * c.t, "1");
  task.out.put("unadjusted_p_value", c.p_unadjusted, "probability");
}

void put_common(const OneWay& data, double critical_value, Task& task) {
  task.out.put("critical_value", critical_value, "1");
  task.out.put("sigma", data.sigma, task.analysis.unit);
  task.out.put("df", data.df, "1");
  put_subjects(data.data, task);
}

void reflect(OneWay& data) {
  for (double& mean : data.means) mean = -mean;
}

constexpr std::string_view one_way_words =
    "; model: one-way, pooled variance; reference: multivariate t; interval: simultaneous";

struct Dunnett {
  std::string response;
  Alternative alternative = Alternative::two_sided;
  bool step_down = false;
};

void describe(schema::Visitor& visit, Dunnett& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("alternative", o.alternative, alternatives, "two-sided, larger means, or smaller means",
        analyst);
  visit("step_down", o.step_down,
        "p-values of the step-down test; intervals stay those of a single step", analyst);
}

void run(const Dunnett& o, Task& task) {
  task.out.row.method = "Dunnett's test of each arm against the reference";
  task.out.row.conventions =
      "alternative: " + std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      "; p-value: adjusted, " + (o.step_down ? "step-down" : "single step") +
      std::string(one_way_words);
  auto data = one_way(o.response, true, task);
  if (!data) return;
  const double sign = o.alternative == Alternative::less ? -1.0 : 1.0;
  if (sign < 0.0) reflect(*data);
  const Sides sides = o.alternative == Alternative::two_sided ? Sides::two : Sides::one;
  const ManyToOne d = dunnett(data->arms(), sides, task.level());
  for (std::size_t k = 0; k < d.comparisons.size(); ++k) {
    task.out.row.arm = data->name(k + 1);
    task.out.row.arm_ref = data->name(0);
    put_comparison(d.comparisons[k], sign, task);
    task.out.put("p_value", o.step_down ? d.step_down[k] : d.comparisons[k].p_adjusted,
                 "probability");
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  put_common(*data, d.critical_value, task);
}

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

std::vector<MethodEntry> comparison_methods() {
  return {method<Dunnett>("dunnett", "each arm against the reference, simultaneously"),
          method<Tukey>("tukey", "all pairs of arms, simultaneously"),
          method<Williams>("williams", "trend test by pooled top doses"),
          method<Umbrella>("umbrella_test", "test of a rise and fall over doses"),
          method<Contrasts>("contrast_test", "any contrasts of arm means, simultaneously")};
}

}  // namespace angiotrial::analysis
