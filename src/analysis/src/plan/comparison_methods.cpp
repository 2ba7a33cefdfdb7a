// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include "plan/adjusted_dunnett.hpp"
#include "plan/method.hpp"
#include "plan/one_way.hpp"

/// Each arm against the reference, and all pairs of arms, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

struct Dunnett {
  std::string response;
  std::vector<std::string> covariates, classes;
  Alternative alternative = Alternative::two_sided;
  bool step_down = false;
};

void describe(schema::Visitor& visit, Dunnett& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("covariates", o.covariates, "terms besides the arm, by least squares; or none", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("alternative", o.alternative, alternatives, "two-sided, larger means, or smaller means",
        analyst);
  visit("step_down", o.step_down,
        "p-values of the step-down test; intervals stay those of a single step", analyst);
}

/// Rows of comparisons k = 0, 1, ... of arm names(k) with the reference.
template <class Names>
void put_many_to_one(const std::vector<Comparison>& comparisons,
                     const std::vector<double>& p_values, double sign, const std::string& reference,
                     Names&& names, Task& task) {
  for (std::size_t k = 0; k < comparisons.size(); ++k) {
    task.out.row.arm = names(k);
    task.out.row.arm_ref = reference;
    put_comparison(comparisons[k], sign, task);
    task.out.put("p_value", p_values[k], "probability");
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
}

std::vector<double> p_values_of(const Dunnett& o, const std::vector<Comparison>& comparisons,
                                const std::vector<double>& step_down) {
  if (o.step_down) return step_down;
  std::vector<double> out;
  for (const Comparison& c : comparisons) out.push_back(c.p_adjusted);
  return out;
}

void run_adjusted(const Dunnett& o, Sides sides, double sign, Task& task) {
  const auto d = adjusted_dunnett({o.response, "", o.covariates, o.classes, {}}, sides, sign, task);
  if (!d) return;
  const auto& arms = d->data.frame.arms();
  put_many_to_one(
      d->comparisons, p_values_of(o, d->comparisons, d->step_down), sign,
      arms[d->data.frame.reference()], [&](std::size_t k) { return arms[d->arms[k]]; }, task);
  task.out.put("critical_value", d->critical_value, "1");
  task.out.put("sigma", d->sigma, task.analysis.unit);
  task.out.put("df", d->df, "1");
  put_counts(d->data, task);
}

void run(const Dunnett& o, Task& task) {
  task.out.row.method = "Dunnett's test of each arm against the reference";
  task.out.row.conventions =
      "alternative: " + std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      "; p-value: adjusted, " + (o.step_down ? "step-down" : "single step") +
      (o.covariates.empty()
           ? std::string(one_way_words)
           : "; model: analysis of covariance; reference: multivariate t with the correlation of "
             "the coefficients; interval: simultaneous");
  const double sign = o.alternative == Alternative::less ? -1.0 : 1.0;
  const Sides sides = o.alternative == Alternative::two_sided ? Sides::two : Sides::one;
  if (!o.covariates.empty()) {
    run_adjusted(o, sides, sign, task);
    return;
  }
  auto data = one_way(o.response, true, task);
  if (!data) return;
  if (sign < 0.0) reflect(*data);
  const ManyToOne d = dunnett(data->arms(), sides, task.level());
  put_many_to_one(
      d.comparisons, p_values_of(o, d.comparisons, d.step_down), sign, data->name(0),
      [&](std::size_t k) { return data->name(k + 1); }, task);
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

}  // namespace

std::vector<MethodEntry> comparison_methods() {
  return {method<Dunnett>("many_to_one", "each arm against the reference, simultaneously"),
          method<Tukey>("tukey", "all pairs of arms, simultaneously")};
}

}  // namespace angiotrial::analysis
