// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/assurance.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <utility>

#include "plan/method.hpp"
#include "plan/sequential_options.hpp"

/// Power averaged over a prior, and predictive probability, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source ohagan{
    schema::Provenance::recalled,
    "O'Hagan A, Stevens JW, Campbell MJ. Assurance in clinical trial design. Pharm Stat 2005",
    "10.1002/pst.175"};
constexpr schema::Source lee_liu{
    schema::Provenance::recalled,
    "Lee JJ, Liu DD. A predictive probability design for phase II cancer clinical trials. Clin "
    "Trials 2008",
    "10.1177/1740774508089279"};
constexpr schema::Range a_scale{.least = 0.0, .most = 1e9};

enum class Endpoint { means, counts, rates };
constexpr std::array<std::string_view, 3> endpoints{"means", "counts", "rates"};

struct AssuranceOptions {
  Endpoint endpoint = Endpoint::means;
  std::vector<double> per_arm;
  double alpha = 0.025;
  double prior_mean = 0.0, prior_sd = 0.0, sd = 1.0;
  double control_rate = 1.0, exposure = 1.0, dispersion = 0.0;
  double treatment_a = 1.0, treatment_b = 1.0, control_a = 1.0, control_b = 1.0;
};

void describe(schema::Visitor& visit, AssuranceOptions& o) {
  visit("endpoint", o.endpoint, endpoints, "what is compared", analyst);
  visit("per_arm", o.per_arm, a_scale, "patients in each arm, one size or several", analyst);
  visit("alpha", o.alpha, {.least = 1e-9, .most = 0.4999}, "one-sided level", analyst);
  visit("prior_mean", o.prior_mean, {.least = -1e9, .most = 1e9},
        "means: of the difference, larger favours; counts: of the log rate ratio, smaller favours",
        ohagan);
  visit("prior_sd", o.prior_sd, a_scale, "standard deviation of that prior", ohagan);
  visit("sd", o.sd, a_scale, "means: standard deviation of one observation", analyst);
  visit("control_rate", o.control_rate, a_scale, "counts: events in a unit of time", analyst);
  visit("exposure", o.exposure, a_scale, "counts: time at risk, the same for all", analyst);
  visit("dispersion", o.dispersion, a_scale, "counts: phi, variance mean + phi mean^2", analyst);
  visit("treatment_a", o.treatment_a, a_scale, "rates: Beta(a, b) of the treated", ohagan);
  visit("treatment_b", o.treatment_b, a_scale, "see treatment_a", ohagan);
  visit("control_a", o.control_a, a_scale, "rates: Beta(a, b) of the controls", ohagan);
  visit("control_b", o.control_b, a_scale, "see control_a", ohagan);
}

Assurance assurance_of(const AssuranceOptions& o, double n) {
  if (o.endpoint == Endpoint::means) {
    return assurance(NormalAssurance{o.prior_mean, o.prior_sd, o.sd, n, o.alpha});
  }
  if (o.endpoint == Endpoint::rates) {
    return assurance(
        RateAssurance{o.treatment_a, o.treatment_b, o.control_a, o.control_b, n, o.alpha});
  }
  return assurance(CountAssurance{o.prior_mean, o.prior_sd, o.control_rate, o.exposure,
                                  o.dispersion, n, o.alpha});
}

/// The option that keeps the assurance from being computed.
std::pair<std::string_view, double> offender(const AssuranceOptions& o, double n) {
  std::vector<std::pair<std::string_view, double>> above_0{{"sd", o.sd}};
  if (o.endpoint == Endpoint::counts) {
    above_0 = {
        {"prior_sd", o.prior_sd}, {"control_rate", o.control_rate}, {"exposure", o.exposure}};
  } else if (o.endpoint == Endpoint::rates) {
    above_0 = {{"treatment_a", o.treatment_a},
               {"treatment_b", o.treatment_b},
               {"control_a", o.control_a},
               {"control_b", o.control_b}};
  }
  for (const auto& [key, value] : above_0) {
    if (!(value > 0.0)) return {key, value};
  }
  return {"per_arm", n};
}

/// Problems with options that the endpoint does not have. False if any.
bool check_endpoint(const AssuranceOptions& o, const Task& task) {
  const AssuranceOptions none;
  const bool means = o.endpoint == Endpoint::means, counts = o.endpoint == Endpoint::counts;
  const bool rates = o.endpoint == Endpoint::rates;
  struct Own {
    std::string_view key;
    double value, unsaid;
    bool used;
  };
  const std::size_t before = task.problems.size();
  for (const Own& own : {Own{"prior_mean", o.prior_mean, none.prior_mean, !rates},
                         {"prior_sd", o.prior_sd, none.prior_sd, !rates},
                         {"sd", o.sd, none.sd, means},
                         {"control_rate", o.control_rate, none.control_rate, counts},
                         {"exposure", o.exposure, none.exposure, counts},
                         {"dispersion", o.dispersion, none.dispersion, counts},
                         {"treatment_a", o.treatment_a, none.treatment_a, rates},
                         {"treatment_b", o.treatment_b, none.treatment_b, rates},
                         {"control_a", o.control_a, none.control_a, rates},
                         {"control_b", o.control_b, none.control_b, rates}}) {
    if (own.used || own.value == own.unsaid) continue;
    task.bad_option(
        own.key, formats::shortest(own.value),
        "is not for the endpoint " + std::string(endpoints[static_cast<std::size_t>(o.endpoint)]));
  }
  return task.problems.size() == before;
}

void run(const AssuranceOptions& o, Task& task) {
  constexpr std::array<std::string_view, 3> tests{
      "z test, spread known", "Wald test of the log rate ratio, dispersion known",
      "z test, variance unpooled"};
  task.out.row.method = "assurance: power averaged over a prior";
  task.out.row.conventions = "test: " + std::string(tests[static_cast<std::size_t>(o.endpoint)]) +
                             "; level: " + formats::shortest(o.alpha) + " one-sided";
  if (!check_endpoint(o, task)) return;
  if (o.per_arm.empty()) task.bad_option("per_arm", "", "must name a size");
  for (const double n : o.per_arm) {
    const Assurance a = assurance_of(o, n);
    if (a.status != AssuranceStatus::computed) {
      const auto [key, value] = offender(o, n);
      task.bad_option(key, formats::shortest(value),
                      key == "per_arm" ? std::string(name_of(a.status)) : "must be above 0");
      return;
    }
    const std::string here = formats::shortest(n) + " an arm";
    put_in(task, here, "assurance", a.assurance, "probability");
    put_in(task, here, "power_at_mean", a.power_at_mean, "probability");
    put_in(task, here, "ceiling", a.ceiling, "probability");
  }
}

struct PredictiveOptions {
  int events = 0, observed = 0, largest = 0;
  double null = 0.5, threshold = 0.95, a = 1.0, b = 1.0;
};

void describe(schema::Visitor& visit, PredictiveOptions& o) {
  visit("events", o.events, {.least = 0.0, .most = 1e6}, "responses so far", analyst);
  visit("observed", o.observed, {.least = 0.0, .most = 1e6}, "patients so far", analyst);
  visit("largest", o.largest, {.least = 0.0, .most = 1e6}, "patients at the end", analyst);
  visit("null", o.null, {.least = 0.0, .most = 1.0}, "rate to beat", lee_liu);
  visit("threshold", o.threshold, {.least = 0.0, .most = 1.0},
        "success where the posterior probability of a higher rate is above this", lee_liu);
  visit("a", o.a, a_scale, "Beta(a, b) prior", lee_liu);
  visit("b", o.b, a_scale, "see a", lee_liu);
}

void run(const PredictiveOptions& o, Task& task) {
  task.out.row.method = "predictive probability of success, single arm (beta-binomial)";
  task.out.row.conventions =
      "prior: Beta(" + formats::shortest(o.a) + ", " + formats::shortest(o.b) + ")";
  const Predictive p =
      predictive_probability({o.largest, o.null, o.threshold, o.a, o.b}, o.events, o.observed);
  if (p.status != AssuranceStatus::computed) {
    task.bad_option("observed", std::to_string(o.observed), std::string(name_of(p.status)));
    return;
  }
  task.out.put("predictive_probability", p.probability, "probability");
}

}  // namespace

std::vector<MethodEntry> assurance_methods() {
  return {method<AssuranceOptions>("assurance", "power averaged over a prior of the effect"),
          method<PredictiveOptions>("predictive_probability",
                                    "chance of success at the end, from data so far")};
}

}  // namespace angiotrial::analysis
