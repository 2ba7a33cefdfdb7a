// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "plan/dose_data.hpp"
#include "plan/method.hpp"

/// Tests of ordered doses without a curve in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source bartholomew{schema::Provenance::recalled,
                                     "Barlow RE, Bartholomew DJ, Bremner JM, Brunk HD. Statistical "
                                     "Inference under Order Restrictions. Wiley 1972",
                                     ""};
constexpr schema::Source abelson{schema::Provenance::recalled,
                                 "Abelson RP, Tukey JW. Efficient utilization of non-numerical "
                                 "information in quantitative analysis. Ann Math Stat 1963",
                                 "10.1214/aoms/1177703869"};

/// Estimates with the sign that makes the alternative a rise.
DoseEstimates rising(const DoseTrial& trial, Trend alternative) {
  DoseEstimates out = trial.estimates;
  if (alternative == Trend::less) {
    for (double& m : out.estimates) m = -m;
  }
  return out;
}

std::string words_of(Trend alternative) {
  return "; alternative: " + std::string(trends[static_cast<std::size_t>(alternative)]);
}

void describe_trend(schema::Visitor& visit, Trend& alternative) {
  visit("alternative", alternative, trends, "means that rise from the reference, or fall",
        bartholomew);
}

enum class Order { rising, umbrella };
constexpr std::array<std::string_view, 2> orders{"rising", "umbrella"};

struct OrderPlan {
  DoseTerms terms;
  Trend alternative = Trend::greater;
  Order order = Order::rising;
  double peak_dose = 0.0;
};

void describe(schema::Visitor& visit, OrderPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::order);
  describe_trend(visit, o.alternative);
  visit("order", o.order, orders,
        "means that do not fall towards the largest dose, or rise up to `peak_dose` and fall after "
        "it",
        bartholomew);
  visit("peak_dose", o.peak_dose, {.least = 0.0},
        "dose of the peak of an umbrella; where arms rise in their order without doses, its place "
        "after the reference: 1, 2, ...",
        bartholomew);
}

/// The place of the peak among the doses; none with a problem.
std::optional<std::size_t> peak_of(const OrderPlan& o, const DoseTrial& trial, const Task& task) {
  const std::vector<double>& doses = trial.estimates.doses;
  if (o.order == Order::rising) return doses.size() - 1;
  const auto at = std::ranges::find(doses, o.peak_dose);
  if (at != doses.end()) return static_cast<std::size_t>(at - doses.begin());
  task.bad_option("peak_dose", formats::shortest(o.peak_dose), "must be a dose of the data");
  return std::nullopt;
}

void put_restricted(const DoseTrial& trial, const OrderRestrictedTest& test, double sign,
                    Task& task) {
  for (std::size_t g = 0; g < test.means.size(); ++g) {
    const double m = sign * test.means[g];
    at_group(trial, g, task);
    task.out.put(trial.rates ? "restricted_rate" : "restricted_mean", trial.rates ? std::exp(m) : m,
                 task.analysis.unit);
  }
  at_no_group(task);
  for (std::size_t j = 0; j < test.level_probabilities.size(); ++j) {
    task.out.row.group = std::to_string(j + 1) + (j == 0 ? " level" : " levels");
    task.out.put("level_probability", test.level_probabilities[j], "probability");
  }
  task.out.row.group = "flat against the order";
  task.out.put("statistic", test.flat_statistic, "1");
  task.out.put("p_value", test.p_flat, "probability");
  task.out.row.group = "the order against any means";
  task.out.put("statistic", test.order_statistic, "1");
  task.out.put("p_value", test.p_order, "probability");
  task.out.row.group.clear();
}

void run(const OrderPlan& o, Task& task) {
  task.out.row.method = "likelihood-ratio test of ordered means (Bartholomew)";
  if (o.order == Order::rising &&
      !none_given(task, {{"peak_dose", o.peak_dose != 0.0}}, "order = \"umbrella\"")) {
    return;
  }
  const auto trial = dose_trial(o.terms, DoseScale::order, task);
  if (!trial) return;
  const auto peak = peak_of(o, *trial, task);
  if (!peak) return;
  const OrderRestrictedTest test = order_restricted_test(rising(*trial, o.alternative), *peak);
  task.out.row.conventions +=
      "; order: " + std::string(orders[static_cast<std::size_t>(o.order)]) + ", peak at " +
      trial->name(*peak) + words_of(o.alternative) +
      (trial->df() ? "; reference: E-bar-square" : "; reference: chi-bar-square");
  put_groups(*trial, task);
  if (test.status != OrderStatus::tested) {
    task.refuse(std::string(name_of(test.status)));
    return;
  }
  put_restricted(*trial, test, o.alternative == Trend::greater ? 1.0 : -1.0, task);
}

enum class UmbrellaKind { peaks, blocks };
constexpr std::array<std::string_view, 2> umbrella_kinds{"peaks", "blocks"};

struct UmbrellaPlan {
  DoseTerms terms;
  Trend alternative = Trend::greater;
  UmbrellaKind contrasts = UmbrellaKind::peaks;
  bool falling = false;
};

void describe(schema::Visitor& visit, UmbrellaPlan& o) {
  describe_dose_terms(visit, o.terms, DoseScale::order);
  describe_trend(visit, o.alternative);
  visit("contrasts", o.contrasts, umbrella_kinds,
        "peaks: one contrast for each place of the peak; blocks: every block of neighbouring doses "
        "against all other groups, up to four doses besides placebo",
        abelson);
  visit("falling", o.falling, "with peaks: placebo may be the best, too", abelson);
}

ArmEstimates arms_of(const DoseEstimates& data) {
  return {data.estimates, data.covariance, data.sigma, data.df};
}

/// One contrast: its statistic and p-values.
void put_contrast(const std::string& name, double t, double p, Task& task) {
  task.out.row.group = name;
  task.out.put("t", t, "1");
  task.out.put("adjusted_p_value", p, "probability");
  task.out.row.group.clear();
}

void put_peaks(const DoseTrial& trial, const DoseEstimates& data, bool falling, Task& task) {
  const UmbrellaTest test = umbrella_test(data, falling);
  if (test.status != OrderStatus::tested) {
    task.refuse(std::string(name_of(test.status)));
    return;
  }
  for (const PeakTest& peak : test.peaks) {
    put_contrast("peak at " + trial.name(peak.peak), peak.t, peak.p_adjusted, task);
  }
  task.out.put("p_value", test.p, "probability");
  task.out.row.group = "peak at " + trial.name(test.estimated_peak);
  task.out.put("selected", 1.0, "1");
  task.out.row.group.clear();
}

void put_blocks(const DoseTrial& trial, const DoseEstimates& data, Task& task) {
  const std::size_t doses = data.doses.size() - 1;
  if (doses > 4) {
    task.refuse("blocks are offered for up to four doses besides placebo",
                "contrasts = \"peaks\" takes up to twelve doses");
    return;
  }
  const ManyToOne test =
      contrast_test(arms_of(data), umbrella_contrasts(trial.sizes), Sides::one, task.level());
  double least = 1.0;
  std::size_t at = 0;
  for (std::size_t first = 1; first <= doses; ++first) {
    for (std::size_t last = first; last <= doses; ++last) {
      const Comparison& c = test.comparisons[at++];
      const std::string name =
          trial.name(first) + (last > first ? " to " + trial.name(last) : std::string());
      put_contrast(name, c.t, c.p_adjusted, task);
      least = std::min(least, c.p_adjusted);
    }
  }
  task.out.put("p_value", least, "probability");
}

void run(const UmbrellaPlan& o, Task& task) {
  task.out.row.method = "umbrella test: multiple contrasts for a rise and a fall";
  if (o.contrasts == UmbrellaKind::blocks &&
      !none_given(task, {{"falling", o.falling}}, "contrasts = \"peaks\"")) {
    return;
  }
  const auto trial = dose_trial(o.terms, DoseScale::order, task);
  if (!trial) return;
  const bool peaks = o.contrasts == UmbrellaKind::peaks;
  task.out.row.conventions += std::string("; contrasts: ") +
                              (peaks ? "equally efficient against every step (Abelson and Tukey)"
                                     : "blocks, weighted by size") +
                              words_of(o.alternative) + "; reference: multivariate " +
                              (trial->df() ? "t" : "normal") + " by quadrature";
  put_groups(*trial, task);
  const DoseEstimates data = rising(*trial, o.alternative);
  if (peaks) {
    put_peaks(*trial, data, o.falling, task);
  } else {
    put_blocks(*trial, data, task);
  }
}

}  // namespace

std::vector<MethodEntry> dose_order_methods() {
  return {method<OrderPlan>("order_restricted_test",
                            "likelihood-ratio test of means that rise, or rise and fall"),
          method<UmbrellaPlan>("umbrella_test", "contrast test of a rise and a fall")};
}

}  // namespace angiotrial::analysis
