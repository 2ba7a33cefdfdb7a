// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/design/re_estimation.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <boost/math/distributions/normal.hpp>

#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/sample_size_options.hpp"
#include "plan/stage_options.hpp"

/// What an interim look may ask: how likely success is, and whether the size still suffices.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source mehta_pocock{
    schema::Provenance::recalled,
    "Mehta CR, Pocock SJ. Adaptive increase in sample size when interim results are promising. "
    "Stat Med 2011",
    "10.1002/sim.4102"};
constexpr schema::Source friede_schmidli{
    schema::Provenance::recalled,
    "Friede T, Schmidli H. Blinded sample size reestimation with count data. Stat Med 2010",
    "10.1002/sim.3861"};
constexpr schema::Range a_size{.least = 0.0, .most = 1e9};

struct ConditionalPowerOptions {
  double statistic = 0.0, information = 0.5, alpha = 0.025, critical_value = 0.0;
  std::vector<double> drift;
  double interim = 0.0, planned = 0.0, largest = 0.0, target = 0.8, promising = 0.3;
};

void describe(schema::Visitor& visit, ConditionalPowerOptions& o) {
  visit("statistic", o.statistic, {.least = -40.0, .most = 40.0}, "z of the data so far", analyst);
  visit("information", o.information, {.least = 0.001, .most = 0.999},
        "share of the largest information that is there", analyst);
  visit("alpha", o.alpha, {.least = 1e-6, .most = 0.4999}, "one-sided level of the last look",
        analyst);
  visit("critical_value", o.critical_value, {.least = 0.0, .most = 40.0},
        "z of the last look; 0: from alpha, as with one look", analyst);
  visit("drift", o.drift, {.least = -40.0, .most = 40.0},
        "means of the last look's z to assume; the current trend is always given", analyst);
  visit("interim", o.interim, a_size, "patients so far, for the promising zone; 0: no zone",
        mehta_pocock);
  visit("planned", o.planned, a_size, "patients planned in all", mehta_pocock);
  visit("largest", o.largest, a_size, "most patients in all", mehta_pocock);
  visit("target", o.target, {.least = 0.01, .most = 0.9999}, "conditional power aimed at",
        mehta_pocock);
  visit("promising", o.promising, {.least = 0.0, .most = 1.0},
        "least conditional power that is promising", mehta_pocock);
}

void run(const ConditionalPowerOptions& o, Task& task) {
  task.out.row.method = "conditional and predictive power";
  const ConditionalPowerOptions unsaid;
  if (o.interim == 0.0 && !none_given(task,
                                      {{"planned", o.planned != unsaid.planned},
                                       {"largest", o.largest != unsaid.largest},
                                       {"target", o.target != unsaid.target},
                                       {"promising", o.promising != unsaid.promising}},
                                      "interim")) {
    return;
  }
  if (o.interim == 0.0 && o.critical_value > 0.0 &&
      !none_given(task, {{"alpha", o.alpha != unsaid.alpha}}, "critical_value = 0")) {
    return;
  }
  const double critical =
      o.critical_value > 0.0
          ? o.critical_value
          : quantile(complement(boost::math::normal_distribution<double>(), o.alpha));
  task.out.row.conventions = "critical value: " + formats::six_digits(critical) +
                             "; predictive: flat prior of the drift; sides: one";
  const double trend = o.statistic / std::sqrt(o.information);
  put_in(task, "current trend", "conditional_power",
         conditional_power(o.statistic, o.information, trend, critical), "probability");
  for (const double drift : o.drift) {
    put_in(task, "drift " + formats::shortest(drift), "conditional_power",
           conditional_power(o.statistic, o.information, drift, critical), "probability");
  }
  task.out.put("predictive_power", predictive_power(o.statistic, o.information, critical),
               "probability");
  if (o.interim == 0.0) return;
  if (!(o.planned > o.interim && o.largest >= o.planned)) {
    task.bad_option("planned", formats::shortest(o.planned), "interim < planned <= largest");
    return;
  }
  // Patients are whole: half a one either way.
  if (std::fabs(o.interim - o.information * o.planned) > 0.5 + 1e-9) {
    task.bad_option("interim", formats::shortest(o.interim),
                    "must be the share `information` of `planned`, to the nearest patient");
    return;
  }
  if (!(o.statistic > 0.0)) {
    task.refuse("no size gives the target at a trend that is not positive");
    return;
  }
  const PromisingZone zone = promising_zone(
      o.statistic, {o.interim, o.planned, o.largest, o.target, o.promising, o.alpha, critical});
  task.out.row.conventions += "; zone: unadjusted interim";
  put_in(task, "promising zone", "conditional_power", zone.conditional_power, "probability");
  put_in(task, "promising zone", "size_for_target", zone.uncapped, "subjects");
  put_in(task, "promising zone", "size", zone.size, "subjects");
  put_in(task, "promising zone", "critical_value", zone.adjusted_critical, "z");
}

enum class Endpoint { counts, means, rates };
constexpr std::array<std::string_view, 3> endpoints{"counts", "means", "rates"};

struct ReviewOptions {
  Endpoint endpoint = Endpoint::counts;
  std::string response, exposure;
  double pooled_rate = 0.0, pooled_dispersion = 0.0, pooled_events = 0.0, pooled_patients = 0.0;
  double alpha = 0.025, power = 0.9, allocation = 1.0;
  bool adjusted = true;
  SizeOfCounts counts;
  SizeOfMeans means;
  SizeOfRates rates;
};

void describe(schema::Visitor& visit, ReviewOptions& o) {
  visit("endpoint", o.endpoint, endpoints,
        "what is compared; the plan's numbers stand in the table of that name", analyst);
  visit("response", o.response,
        "column of the counts, values or 0/1 responses, arms together; empty: from the numbers "
        "below (counts and rates)",
        friede_schmidli);
  visit("exposure", o.exposure, "counts: column of time at risk; empty: 1 for all", analyst);
  visit("pooled_rate", o.pooled_rate, a_size, "counts: rate of both arms, without data", analyst);
  visit("pooled_dispersion", o.pooled_dispersion, {.least = 0.0, .most = 1e4},
        "counts: dispersion of both arms, without data", analyst);
  visit("pooled_events", o.pooled_events, a_size, "rates: events of both arms, without data",
        analyst);
  visit("pooled_patients", o.pooled_patients, a_size, "rates: patients of both arms, without data",
        analyst);
  visit("alpha", o.alpha, {.least = 1e-6, .most = 0.4999}, "one-sided level", analyst);
  visit("power", o.power, {.least = 0.01, .most = 0.9999}, "power that the size gives", analyst);
  visit("allocation", o.allocation, {.least = 0.01, .most = 100.0},
        "patients treated for each control", analyst);
  visit("adjusted", o.adjusted,
        "means: the planned difference's share is taken off the variance of both arms", analyst);
  visit.group("counts", o.counts);
  visit.group("means", o.means);
  visit.group("rates", o.rates);
}

/// Problems with keys that this endpoint, or a column beside the numbers, leaves unread. False if
/// any.
bool check_keys(const ReviewOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const bool counts = o.endpoint == Endpoint::counts, rates = o.endpoint == Endpoint::rates;
  if (!counts || o.response.empty()) {
    none_given(task, {{"exposure", !o.exposure.empty()}}, "endpoint = \"counts\" and `response`");
  }
  if (!counts || !o.response.empty()) {
    none_given(
        task,
        {{"pooled_rate", o.pooled_rate != 0.0}, {"pooled_dispersion", o.pooled_dispersion != 0.0}},
        "endpoint = \"counts\" and an empty `response`");
  }
  if (!rates || !o.response.empty()) {
    none_given(
        task,
        {{"pooled_events", o.pooled_events != 0.0}, {"pooled_patients", o.pooled_patients != 0.0}},
        "endpoint = \"rates\" and an empty `response`");
  }
  if (o.endpoint != Endpoint::means) {
    none_given(task, {{"adjusted", !o.adjusted}}, "endpoint = \"means\"");
  }
  return task.problems.size() == before;
}

/// Problems with planned numbers in whose place the review sets those it finds. False if any.
bool check_nuisance(const ReviewOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const SizeOfCounts counts;
  const SizeOfMeans means;
  for (const auto& [key, given] :
       {Setting{"counts.control_rate", o.counts.control_rate != counts.control_rate},
        {"counts.dispersion", o.counts.dispersion != counts.dispersion},
        {"means.sd", o.means.sd != means.sd}}) {
    if (given) task.bad_option(key, "", "is estimated by the review from both arms together");
  }
  for (const auto& [key, given] :
       {Setting{"means.comparison", o.means.comparison != means.comparison},
        {"means.baseline_correlation",
         o.means.baseline_correlation != means.baseline_correlation}}) {
    if (!given) continue;
    task.bad_option(key, "", "a review takes the spread of the values of `response` as they are");
  }
  if (o.counts.same_exposure) {
    none_given(task, {{"counts.accrual", o.counts.accrual != counts.accrual}},
               "same_exposure = false");
  }
  return task.problems.size() == before;
}

/// Pooled values of complete rows, one a subject; none with problems.
struct Pooled {
  std::vector<double> response, exposure;
  std::size_t missing = 0;
};
std::optional<Pooled> pooled(const ReviewOptions& o, Task& task) {
  std::vector<std::string> needed{o.response};
  if (!o.exposure.empty()) needed.push_back(o.exposure);
  auto frame = task.frame({.needs_arm = false, .response = o.response, .columns = needed});
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_one_row_per_subject()) return std::nullopt;
  Pooled out{frame->response(o.response), std::vector<double>(frame->rows(), 1.0), missing};
  if (!o.exposure.empty()) out.exposure = frame->numbers(o.exposure);
  for (std::size_t i = 0; i < frame->rows(); ++i) {
    const double y = out.response[i];
    const bool whole = y >= 0.0 && y <= 1e6 && y == std::floor(y);
    if ((o.endpoint == Endpoint::counts && !whole) ||
        (o.endpoint == Endpoint::rates && y != 0.0 && y != 1.0)) {
      frame->add_problem(
          i, o.response, y,
          o.endpoint == Endpoint::rates ? "must be 0 or 1" : "must be a count from 0 to 10^6");
    }
    if (!(out.exposure[i] > 0.0)) {
      frame->add_problem(i, o.exposure, out.exposure[i], "an exposure is above 0");
    }
  }
  if (!frame->ok()) return std::nullopt;
  return out;
}

CountsDesign count_plan(const ReviewOptions& o) {
  CountsDesign d;
  d.rate_ratio = o.counts.rate_ratio;
  d.null_ratio = o.counts.null_ratio;
  d.accrual = o.counts.same_exposure ? 0.0 : o.counts.accrual;
  d.follow_up = o.counts.follow_up;
  d.allocation = o.allocation;
  return d;
}

/// What a review of counts cannot use.
bool fits_counts(const ReviewOptions& o, const Task& task) {
  const SizeOfCounts& c = o.counts;
  if (!(c.rate_ratio < c.null_ratio)) {
    task.bad_option("counts.rate_ratio", formats::shortest(c.rate_ratio),
                    "must be below null_ratio");
    return false;
  }
  if (c.accrual_speed != 1.0) {
    task.bad_option("counts.accrual_speed", formats::shortest(c.accrual_speed),
                    "a review takes uniform entry: 1");
    return false;
  }
  return true;
}

SizeReview review(const ReviewOptions& o, const Pooled& data, const PlanningErrors& errors) {
  const bool with_data = !o.response.empty();
  if (o.endpoint == Endpoint::means) {
    return review_means(data.response, of_means(o.means, o.allocation), errors, o.adjusted);
  }
  if (o.endpoint == Endpoint::rates) {
    double events = with_data ? 0.0 : o.pooled_events;
    for (const double y : data.response) events += y;
    return review_rates(events,
                        with_data ? static_cast<double>(data.response.size()) : o.pooled_patients,
                        {o.rates.treatment, o.rates.control, o.rates.margin, o.allocation}, errors);
  }
  if (!with_data) {
    return review_count_rate(o.pooled_rate, o.pooled_dispersion, count_plan(o), errors);
  }
  const std::vector<int> counts(data.response.begin(), data.response.end());
  return review_counts(counts, data.exposure, count_plan(o), errors);
}

/// Problems with tables of other endpoints, and a correlation that final values do not use. False
/// if any.
bool check_tables(const ReviewOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const std::array said{!(o.counts == SizeOfCounts{}), !(o.means == SizeOfMeans{}),
                        !(o.rates == SizeOfRates{})};
  check_tables(task, endpoints, said, static_cast<std::size_t>(o.endpoint));
  if (o.endpoint == Endpoint::means) {
    if (const auto found = offence(o.means)) {
      task.bad_option("means." + std::string(found->key), found->value, found->rule);
    }
  }
  return task.problems.size() == before;
}

void run(const ReviewOptions& o, Task& task) {
  task.out.row.method = "blinded sample size review";
  constexpr std::array<std::string_view, 3> how{
      "nuisance: rate and dispersion of pooled counts, maximum likelihood; ratio as planned",
      "nuisance: variance of pooled values", "nuisance: pooled rate; difference as planned"};
  task.out.row.conventions = std::string(how[static_cast<std::size_t>(o.endpoint)]);
  if (!check_tables(o, task) || !check_keys(o, task) || !check_nuisance(o, task)) return;
  if (o.endpoint == Endpoint::means) {
    task.out.row.conventions += o.adjusted ? ", less the planned difference's share" : "";
    if (o.response.empty()) {
      task.bad_option("response", "", "must name the column of the values");
      return;
    }
  }
  if (o.endpoint == Endpoint::counts && !fits_counts(o, task)) return;
  Pooled data;
  if (!o.response.empty()) {
    auto read = pooled(o, task);
    if (!read) return;
    data = std::move(*read);
  }
  const SizeReview r = review(o, data, {o.alpha, o.power});
  if (r.status != ReviewStatus::revised) {
    task.refuse(std::string(name_of(r.status)));
    return;
  }
  constexpr std::array<std::string_view, 3> names{"pooled_rate", "sd", "pooled_rate"};
  task.out.put(names[static_cast<std::size_t>(o.endpoint)], r.nuisance, task.analysis.unit);
  if (o.endpoint == Endpoint::counts) task.out.put("dispersion", r.dispersion, "1");
  task.out.put("size", r.total, "subjects");
  const double share = o.allocation / (1.0 + o.allocation);
  task.out.put("n_treatment", std::ceil(r.total * share - 1e-9), "subjects");
  task.out.put("n_control", std::ceil(r.total * (1.0 - share) - 1e-9), "subjects");
  if (o.response.empty()) return;
  task.out.put("n", static_cast<int>(data.response.size()), "subjects");
  task.out.put("n_missing", static_cast<int>(data.missing), "subjects");
}

}  // namespace

std::vector<MethodEntry> interim_methods() {
  return {method<ConditionalPowerOptions>("conditional_power",
                                          "conditional and predictive power; the promising zone"),
          method<ReviewOptions>("sample_size_review",
                                "sample size again from blinded data: counts, means or rates")};
}

}  // namespace angiotrial::analysis
