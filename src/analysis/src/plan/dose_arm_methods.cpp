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

constexpr schema::Source bretz_2006{schema::Provenance::recalled,
                                    "Bretz F. An extension of the Williams trend test to general "
                                    "unbalanced linear models. Comput Stat Data Anal 2006",
                                    "10.1016/j.csda.2005.05.005"};

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
  task.out.put("unadjusted_p_value", c.p_unadjusted, "probability");
}

std::string reference_of(const DoseTrial& trial) {
  return std::string("; reference: multivariate ") + (trial.df() ? "t" : "normal") +
         " by quadrature; intervals: simultaneous, single-step";
}

enum class Alternative { two_sided, greater, less };
constexpr std::array<std::string_view, 3> alternatives{"two_sided", "greater", "less"};

struct DunnettPlan {
  DoseTerms terms;
  Alternative alternative = Alternative::two_sided;
  bool step_down = false;
};

void describe(schema::Visitor& visit, DunnettPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::arm);
  visit("alternative", o.alternative, alternatives, "two-sided, larger means, or smaller means",
        dunnett_1955);
  visit("step_down", o.step_down,
        "p-values of the step-down test; intervals stay those of a single step", dunnett_1955);
}

void run(const DunnettPlan& o, Task& task) {
  task.out.row.method = "Dunnett's test of each arm against the reference";
  const auto trial = dose_trial(o.terms, DoseScale::arm, task);
  if (!trial) return;
  task.out.row.conventions +=
      "; alternative: " + std::string(alternatives[static_cast<std::size_t>(o.alternative)]) +
      "; p-value: adjusted, " + (o.step_down ? "step-down" : "single step") + reference_of(*trial);
  const Signed data(*trial, o.alternative == Alternative::less);
  const Sides sides = o.alternative == Alternative::two_sided ? Sides::two : Sides::one;
  const ManyToOne test = dunnett(data.arms, sides, task.level());
  for (std::size_t i = 0; i < test.comparisons.size(); ++i) {
    task.out.row.arm = trial->name(i + 1);
    task.out.row.arm_ref = trial->name(0);
    put_comparison(test.comparisons[i], data.sign, *trial, task);
    task.out.put("p_value", o.step_down ? test.step_down[i] : test.comparisons[i].p_adjusted,
                 "probability");
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  task.out.put("critical_value", test.critical_value, "1");
  put_groups(*trial, task);
}

struct WilliamsPlan {
  DoseTerms terms;
  Trend alternative = Trend::greater;
};

void describe(schema::Visitor& visit, WilliamsPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::order);
  visit("alternative", o.alternative, trends, "means that rise from the reference, or fall",
        bretz_2006);
}

void run(const WilliamsPlan& o, Task& task) {
  task.out.row.method = "Williams-type test: pooled top doses against the reference";
  const auto trial = dose_trial(o.terms, DoseScale::order, task);
  if (!trial) return;
  task.out.row.conventions += "; contrasts: weighted by size; alternative: " +
                              std::string(trends[static_cast<std::size_t>(o.alternative)]) +
                              reference_of(*trial);
  const Signed data(*trial, o.alternative == Trend::less);
  const ManyToOne test =
      contrast_test(data.arms, williams_contrasts(trial->sizes), Sides::one, task.level());
  const std::size_t doses = test.comparisons.size();
  double least = 1.0;
  for (std::size_t top = 1; top <= doses; ++top) {
    const Comparison& c = test.comparisons[top - 1];
    task.out.row.group = trial->name(doses + 1 - top) +
                         (top > 1 ? " to " + trial->name(doses) : std::string()) + " against " +
                         trial->name(0);
    put_comparison(c, data.sign, *trial, task);
    task.out.put("adjusted_p_value", c.p_adjusted, "probability");
    least = std::min(least, c.p_adjusted);
  }
  task.out.row.group.clear();
  task.out.put("p_value", least, "probability");
  task.out.put("critical_value", test.critical_value, "1");
  put_groups(*trial, task);
}

}  // namespace

std::vector<MethodEntry> dose_arm_methods() {
  return {method<DunnettPlan>("dunnett",
                              "every arm against the reference, single-step and "
                              "step-down"),
          method<WilliamsPlan>("williams", "contrast test of a rise over ordered doses")};
}

}  // namespace angiotrial::analysis
