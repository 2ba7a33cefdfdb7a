// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/dose_data.hpp"
#include "plan/method.hpp"

/// Many arms against one control in plan files: Dunnett and Williams.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source dunnett_1955{schema::Provenance::recalled,
                                      "Dunnett CW. A multiple comparison procedure for comparing "
                                      "several treatments with a control. JASA 1955",
                                      "10.1080/01621459.1955.10501294"};

constexpr std::array<std::string_view, 2> side_names{"one", "two"};

/// The data with the sign that makes a benefit a rise.
struct Signed {
  std::vector<double> estimates;
  double sign = 1.0;
  ArmEstimates arms;

  Signed(const DoseTrial& trial, bool negate)
      : estimates(trial.estimates.estimates), sign(negate ? -1.0 : 1.0) {
    for (double& m : estimates) m *= sign;
    arms = {estimates, trial.estimates.covariance, trial.estimates.sigma, trial.estimates.df};
  }
};

/// A comparison in the units of the data: the sign and the logarithm taken back.
void put_comparison(const Comparison& c, double sign, const DoseTrial& trial, Task& task) {
  const auto value = [&](double x) -> std::optional<double> {
    if (!std::isfinite(x)) return std::nullopt;
    return trial.rates ? std::exp(x) : x;
  };
  const std::string_view unit = trial.rates ? "ratio" : std::string_view(task.analysis.unit);
  task.out.row.level = task.level();
  task.out.put(trial.rates ? "rate_ratio" : "difference", value(sign * c.estimate), unit);
  task.out.put("lower", value(sign > 0.0 ? c.lower : -c.upper), unit);
  task.out.put("upper", value(sign > 0.0 ? c.upper : -c.lower), unit);
  task.out.row.level.reset();
  task.out.put(trial.rates ? "se_log" : "se", c.se, trial.rates ? "ln" : unit);
  task.out.put("t", sign * c.t, "1");
  task.out.put("p_unadjusted", c.p_unadjusted, "probability");
  task.out.put("p_adjusted", c.p_adjusted, "probability");
}

std::string reference_of(const DoseTrial& trial) {
  return std::string("; reference: multivariate ") + (trial.df() ? "t" : "normal") +
         " by quadrature; intervals: simultaneous, single-step";
}

std::string side_of(Better better) {
  return better == Better::increase ? "one-sided, for larger values"
                                    : "one-sided, for smaller values";
}

struct DunnettPlan {
  DoseTerms terms;
  Sides sides = Sides::two;
};

void describe(schema::Visitor& visit, DunnettPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::arm);
  visit("sides", o.sides, side_names,
        "one: for the direction that `better` names; two: for either direction", dunnett_1955);
}

void run(const DunnettPlan& o, Task& task) {
  task.out.row.method = "Dunnett's test: every arm against the reference";
  const auto trial = dose_trial(o.terms, DoseScale::arm, task);
  if (!trial) return;
  const bool one = o.sides == Sides::one;
  task.out.row.conventions +=
      "; " + (one ? side_of(o.terms.better) : std::string("two-sided")) + reference_of(*trial);
  const Signed data(*trial, one && o.terms.better == Better::decrease);
  const ManyToOne test = dunnett(data.arms, o.sides, task.level());
  put_groups(*trial, task);
  for (std::size_t i = 0; i < test.comparisons.size(); ++i) {
    task.out.row.arm = trial->name(i + 1);
    task.out.row.arm_ref = trial->name(0);
    put_comparison(test.comparisons[i], data.sign, *trial, task);
    task.out.put("p_step_down", test.step_down[i], "probability");
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  task.out.put("critical_value", test.critical_value, "1");
}

struct WilliamsPlan {
  DoseTerms terms;
};

void describe(schema::Visitor& visit, WilliamsPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::order);
}

void run(const WilliamsPlan& o, Task& task) {
  task.out.row.method = "Williams-type multiple contrast test (Bretz 2006)";
  const auto trial = dose_trial(o.terms, DoseScale::order, task);
  if (!trial) return;
  task.out.row.conventions += "; contrasts: the pooled highest groups against the lowest, " +
                              std::string("weighted by size; ") + side_of(o.terms.better) +
                              reference_of(*trial);
  const Signed data(*trial, o.terms.better == Better::decrease);
  const ManyToOne test =
      contrast_test(data.arms, williams_contrasts(trial->sizes), Sides::one, task.level());
  put_groups(*trial, task);
  const std::size_t doses = test.comparisons.size();
  double least = 1.0;
  for (std::size_t top = 1; top <= doses; ++top) {
    const Comparison& c = test.comparisons[top - 1];
    task.out.row.group =
        trial->name(doses + 1 - top) + (top > 1 ? " to " + trial->name(doses) : std::string());
    put_comparison(c, data.sign, *trial, task);
    least = std::min(least, c.p_adjusted);
  }
  task.out.row.group.clear();
  task.out.put("critical_value", test.critical_value, "1");
  task.out.put("p_value", least, "probability");
}

}  // namespace

std::vector<MethodEntry> dose_arm_methods() {
  return {method<DunnettPlan>("dunnett",
                              "every arm against the reference, single-step and "
                              "step-down"),
          method<WilliamsPlan>("williams", "contrast test of a rise over ordered doses")};
}

}  // namespace angiotrial::analysis
