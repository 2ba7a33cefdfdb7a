// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/clusters.hpp"
#include "plan/hazard_data.hpp"
#include "plan/method.hpp"

/// Competing risks in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source gray{schema::Provenance::recalled,
                              "Gray RJ. A class of K-sample tests for comparing the cumulative "
                              "incidence of a competing risk. Ann Stat 1988",
                              "10.1214/aos/1176350951"};

enum class Interval { preset, log_log, log, plain };
constexpr std::array<std::string_view, 4> intervals{"preset", "log_log", "log", "plain"};
enum class Variance { delta, jackknife };
constexpr std::array<std::string_view, 2> variances{"delta", "jackknife"};

struct CumulativeIncidenceOptions {
  CauseTimes times;
  std::vector<double> at_times;
  Interval interval = Interval::preset;
  Variance variance = Variance::delta;
  std::vector<std::string> strata;
  double rho = 0.0;
};

void describe(schema::Visitor& visit, CumulativeIncidenceOptions& o) {
  describe_times(visit, o.times);
  visit("at_times", o.at_times, {.least = 0.0}, "times at which the incidence is printed", analyst);
  visit("interval", o.interval, intervals,
        "scale on which intervals are symmetric; preset: log_log, but log for conventions = \"r\"",
        analyst);
  visit("variance", o.variance, variances,
        "of the incidence: the delta method, as cmprsk, or the infinitesimal jackknife, as survfit",
        analyst);
  visit("strata", o.strata, "columns whose combinations are the strata of Gray's test", gray);
  visit("rho", o.rho, {.least = -10.0, .most = 10.0}, "weight (1 - F)^rho in Gray's test", gray);
}

/// Rows of some arms.
struct Competing {
  std::vector<CompetingObservation> sample;
  std::vector<int> group, stratum;
};

/// All arms as they are, or one and the reference as groups 1 and 0.
Competing rows_of(const TimeData& data, std::optional<std::size_t> arm) {
  Competing out;
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    const auto own = static_cast<std::size_t>(data.frame.arm()[i]);
    if (arm && own != *arm && own != data.frame.reference()) continue;
    out.sample.push_back({data.time[i], data.outcome[i]});
    out.group.push_back(arm ? (own == *arm ? 1 : 0) : data.frame.arm()[i]);
    if (!data.stratum.empty()) out.stratum.push_back(data.stratum[i]);
  }
  return out;
}

struct Limits {
  std::optional<double> lower, upper;
};

/// Limits on the scale g(F), cut at 0 and 1; none where F has no variance on that scale.
Limits limits_of(double f, double se, Interval interval, double level) {
  if (!(f > 0.0 && f < 1.0)) return {};
  const double z = wald(0.0, 1.0, level).upper;
  if (interval == Interval::plain) {
    return {std::max(0.0, f - z * se), std::min(1.0, f + z * se)};
  }
  if (interval == Interval::log) {
    const double half = z * se / f;
    return {f * std::exp(-half), std::min(1.0, f * std::exp(half))};
  }
  const double half = z * se / (f * std::log(f));  // below 0
  return {std::pow(f, std::exp(-half)), std::pow(f, std::exp(half))};
}

void put_incidence(const CumulativeIncidenceOptions& o, Interval interval,
                   const std::vector<CompetingObservation>& sample, Task& task) {
  const CumulativeIncidence curve = cumulative_incidence(sample, 2);
  std::vector<double> jackknife;
  if (o.variance == Variance::jackknife) jackknife = jackknife_errors(sample, curve, o.at_times);
  task.out.put("n", static_cast<int>(sample.size()), "subjects");
  for (const int cause : {1, 2}) {
    const auto count = std::ranges::count(sample, cause, &CompetingObservation::cause);
    task.out.put(cause == 1 ? "events" : "competing_events", static_cast<int>(count), "events");
  }
  const double last = std::ranges::max(sample, {}, &CompetingObservation::time).time;
  for (std::size_t t = 0; t < o.at_times.size(); ++t) {
    const IncidenceEstimate e = incidence_at(curve, 1, o.at_times[t]);
    const double se = jackknife.empty() ? std::sqrt(e.variance) : jackknife[3 * t + 1];
    const Limits limits = limits_of(e.incidence, se, interval, task.level());
    task.out.row.group = at(o.at_times[t]);
    if (o.at_times[t] > last) {
      task.out.row.note = "after the last time of the arm: the curve is drawn on";
    }
    task.out.row.level = task.level();
    task.out.put("cumulative_incidence", e.incidence, "probability");
    task.out.put("lower", limits.lower, "probability");
    task.out.put("upper", limits.upper, "probability");
    task.out.row.level.reset();
    task.out.put("se", se, "probability");
    task.out.row.note.clear();
  }
  task.out.row.group.clear();
}

void put_gray(const Competing& rows, int groups, double rho, Task& task) {
  const GrayTest test = gray_test({rows.sample, rows.group, groups, 2, rows.stratum}, 1, rho);
  task.out.row.group = "Gray's test";
  const bool fine = test.status == CompetingStatus::fitted;
  if (!fine) task.out.row.note = "refused: " + std::string(name_of(test.status));
  task.out.put("chi_square", fine ? std::optional(test.chi_square) : std::nullopt, "1");
  task.out.put("df", fine ? std::optional<double>(test.df) : std::nullopt, "1");
  task.out.put("p_value", fine ? std::optional(test.p_value) : std::nullopt, "probability");
  task.out.row.group.clear();
  task.out.row.note.clear();
}

std::string conventions_of(const CumulativeIncidenceOptions& o, Interval interval) {
  return "variance: " + std::string(variances[static_cast<std::size_t>(o.variance)]) +
         "; interval: " + std::string(intervals[static_cast<std::size_t>(interval)]) +
         "; Gray's test: rho " + formats::shortest(o.rho);
}

void run(const CumulativeIncidenceOptions& o, Task& task) {
  task.out.row.method = "cumulative incidence (Aalen-Johansen) and Gray's test";
  if (o.at_times.empty() && !none_given(task,
                                        {{"interval", o.interval != Interval::preset},
                                         {"variance", o.variance != Variance::delta}},
                                        "at_times")) {
    return;
  }
  const auto data = time_data(o.times, {.strata = o.strata}, task);
  if (!data) return;
  Interval interval = o.interval;
  if (interval == Interval::preset) {
    interval = task.preset() == Preset::r ? Interval::log : Interval::log_log;
  }
  task.out.row.conventions = conventions_of(o, interval) + data->strategies;
  const Frame& frame = data->frame;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    std::vector<CompetingObservation> own;
    for (std::size_t i = 0; i < data->time.size(); ++i) {
      if (frame.arm()[i] == static_cast<int>(arm)) own.push_back({data->time[i], data->outcome[i]});
    }
    task.out.row.arm = frame.arms()[arm];
    put_incidence(o, interval, own, task);
  }
  for (std::size_t arm = 0; frame.arms().size() > 2 && arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    task.out.row.arm = frame.arms()[arm];
    task.out.row.arm_ref = frame.arms()[frame.reference()];
    put_gray(rows_of(*data, arm), 2, o.rho, task);
  }
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  put_gray(rows_of(*data, std::nullopt), static_cast<int>(frame.arms().size()), o.rho, task);
  put_counts(*data, task);
}

struct FineGray {
  CauseTimes times;
  HazardTerms terms;
  std::vector<std::string> censoring_groups;
};

void describe(schema::Visitor& visit, FineGray& o) {
  describe_times(visit, o.times);
  describe_terms(visit, o.terms);
  visit("censoring_groups", o.censoring_groups,
        "columns whose combinations have a distribution of censoring each; empty: one of all",
        analyst);
}

void run(const FineGray& o, Task& task) {
  task.out.row.method = "Fine-Gray regression of the subdistribution hazard";
  TimeNeeds needs{.columns = Frame::columns_of(o.terms.covariates)};
  needs.columns.insert(needs.columns.end(), o.censoring_groups.begin(), o.censoring_groups.end());
  auto data = time_data(o.times, needs, task);
  if (!data) return;
  task.out.row.conventions =
      "ties: breslow; variance: robust, with the estimation of the censoring weights; weights: "
      "Kaplan-Meier of the censoring" +
      std::string(o.censoring_groups.empty() ? ", all together" : ", by group") +
      "; reference: normal; interval: Wald on the log scale" + words_of_products(o.terms) +
      data->strategies;
  const HazardDesign design = hazard_design(data->frame, o.terms);
  const std::vector<int> groups = combined_codes(data->frame, o.censoring_groups);
  if (!data->frame.ok()) return;
  std::vector<CompetingObservation> sample;
  for (std::size_t i = 0; i < data->time.size(); ++i) {
    sample.push_back({data->time[i], data->outcome[i]});
  }
  const FineGrayFit fit = fit_fine_gray({sample, 1, design.values, design.columns(), groups});
  if (has_maximum(fit.status) &&
      !enough_clusters(data->frame, data->frame.subject(), "subject", design.columns(), task)) {
    return;
  }
  if (fit.status != CoxStatus::fitted) {
    refuse_fit(fit.status, fit.aliased, design, task);
    return;
  }
  put_ratios(data->frame, design, fit.coefficients, fit.se, "subdistribution_hazard_ratio", task);
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
  put_counts(*data, task);
}

}  // namespace

std::vector<MethodEntry> competing_methods() {
  return {method<CumulativeIncidenceOptions>("cumulative_incidence",
                                             "incidence with competing risks, and Gray's test"),
          method<FineGray>("fine_gray", "Fine-Gray regression with competing risks")};
}

}  // namespace angiotrial::analysis
