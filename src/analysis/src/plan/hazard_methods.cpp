// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/accelerated_failure.hpp>
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>

#include <algorithm>
#include <cmath>

#include "plan/clusters.hpp"
#include "plan/hazard_data.hpp"
#include "plan/method.hpp"

/// Cox regression and accelerated failure times in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source grambsch{schema::Provenance::recalled,
                                  "Grambsch PM, Therneau TM. Proportional hazards tests and "
                                  "diagnostics based on weighted residuals. Biometrika 1994",
                                  "10.1093/biomet/81.3.515"};
constexpr schema::Source heinze{schema::Provenance::recalled,
                                "Heinze G, Schemper M. A solution to the problem of monotone "
                                "likelihood in Cox regression. Biometrics 2001",
                                "10.1111/j.0006-341X.2001.00114.x"};

enum class Errors { preset, model, robust };
constexpr std::array<std::string_view, 3> error_names{"preset", "model", "robust"};
enum class Proportionality { none, kaplan_meier, rank, identity, log };
constexpr std::array<std::string_view, 5> transforms{"none", "kaplan_meier", "rank", "identity",
                                                     "log"};

struct Cox {
  EventTimes times;
  HazardTerms terms;
  std::string start, cluster, weight;
  std::vector<std::string> strata;
  TiesChoice ties = TiesChoice::preset;
  Errors errors = Errors::preset;
  bool firth = false;
  Proportionality proportionality = Proportionality::kaplan_meier;
};

void describe(schema::Visitor& visit, Cox& o) {
  describe_times(visit, o.times);
  visit("start", o.start,
        "column where a row's time at risk begins, `time` being its end: covariates that change "
        "with time, late entry, recurrent events",
        analyst);
  describe_terms(visit, o.terms);
  visit("strata", o.strata, "columns whose combinations have a baseline hazard each", analyst);
  visit("ties", o.ties, ties_names,
        "likelihood of tied events; preset: efron, but breslow for conventions = \"sas\"", analyst);
  visit("errors", o.errors, error_names,
        "standard errors from the model or robust by `cluster`; preset: robust where there is a "
        "cluster, weights, or a subject with more than one event; for \"r\": where there is a "
        "cluster, or a weight that is no whole number; for \"sas\": where there is a cluster",
        analyst);
  visit("cluster", o.cluster, "column of the clusters of robust errors; empty: the subject",
        analyst);
  visit("weight", o.weight, "column of weights of the rows; empty: 1", analyst);
  visit("firth", o.firth, "Firth's penalised likelihood, for few events", heinze);
  visit("proportionality", o.proportionality, transforms,
        "function of time in the score test of proportional hazards", grambsch);
}

/// Rows as the model takes them; the numbers live here.
struct CoxRows {
  TimeData data;
  HazardDesign design;
  std::vector<double> weight;
  std::vector<int> cluster;

  [[nodiscard]] CoxData cox() const {
    return {data.start,   data.time, data.outcome, design.values, design.columns(),
            data.stratum, weight,    {},           cluster};
  }
};

bool more_than_one_event(const TimeData& data) {
  std::vector<int> events(data.frame.subjects(), 0);
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    events[static_cast<std::size_t>(data.frame.subject()[i])] += data.outcome[i];
  }
  return std::ranges::any_of(events, [](int count) { return count > 1; });
}

bool any_fraction(const std::vector<double>& weight) {
  return std::ranges::any_of(weight, [](double w) { return w != std::floor(w); });
}

bool check_weights(const CoxRows& rows, const std::string& column) {
  for (std::size_t i = 0; i < rows.weight.size(); ++i) {
    if (rows.weight[i] > 0.0) continue;
    rows.data.frame.add_problem(i, column, rows.weight[i], "a weight is above 0");
  }
  return rows.data.frame.ok();
}

std::optional<CoxRows> rows_of(const Cox& o, Task& task) {
  TimeNeeds needs{.start = o.start, .strata = o.strata};
  needs.columns = Frame::columns_of(o.terms.covariates);
  if (!o.cluster.empty()) needs.columns.push_back(o.cluster);
  if (!o.weight.empty()) needs.columns.push_back(o.weight);
  needs.repeated = !o.start.empty() || !o.cluster.empty();
  auto data = time_data(o.times, needs, task);
  if (!data) return std::nullopt;
  if (o.cluster.empty() && !check_overlap(*data, o.start)) return std::nullopt;
  CoxRows rows{std::move(*data), {}, {}, {}};
  rows.design = hazard_design(rows.data.frame, o.terms);
  if (!o.weight.empty()) rows.weight = rows.data.frame.numbers(o.weight);
  rows.cluster =
      o.cluster.empty() ? rows.data.frame.subject() : combined_codes(rows.data.frame, {o.cluster});
  if (!rows.data.frame.ok() || !check_weights(rows, o.weight)) return std::nullopt;
  return rows;
}

bool robust_errors(const Cox& o, const CoxRows& rows, const Task& task) {
  if (o.errors != Errors::preset) return o.errors == Errors::robust;
  if (!o.cluster.empty()) return true;
  if (task.preset() == Preset::r) return any_fraction(rows.weight);
  return task.preset() == Preset::recommended &&
         (!o.weight.empty() || more_than_one_event(rows.data));
}

bool tests_proportionality(const Cox& o, const CoxOptions& options) {
  return o.proportionality != Proportionality::none && options.ties != CoxTies::exact &&
         !options.firth;
}

/// Forms that the exact likelihood and the penalised one do not have.
bool check_forms(const Cox& o, const CoxOptions& options, const Task& task) {
  const std::size_t before = task.problems.size();
  if (options.ties == CoxTies::exact) {
    if (options.firth) task.bad_option("firth", "true", "is offered for ties efron and breslow");
    if (options.robust) task.bad_option("errors", "robust", "is offered for efron and breslow");
    if (!o.weight.empty()) task.bad_option("weight", o.weight, "is offered for efron and breslow");
  }
  const bool asked =
      o.proportionality != Proportionality::none && o.proportionality != Cox{}.proportionality;
  if (asked && !tests_proportionality(o, options)) {
    task.bad_option("proportionality",
                    std::string(transforms[static_cast<std::size_t>(o.proportionality)]),
                    "is offered for ties efron and breslow, without firth");
  }
  return task.problems.size() == before;
}

void put_test(const ChiSquareTest& test, std::string group, Task& task) {
  task.out.row.group = std::move(group);
  const bool known = test.df > 0;
  if (!known) task.out.row.note = "refused: no test, the robust covariance is singular";
  task.out.put("chi_square", known ? std::optional(test.chi_square) : std::nullopt, "1");
  task.out.put("df", known ? std::optional<double>(test.df) : std::nullopt, "1");
  task.out.put("p_value", known ? std::optional(test.p_value) : std::nullopt, "probability");
  task.out.row.group.clear();
  task.out.row.note.clear();
}

void put_tests(const CoxFit& fit, bool robust, Task& task) {
  put_test(fit.likelihood_ratio, "model, likelihood ratio", task);
  put_test(fit.wald, "model, Wald", task);
  put_test(robust ? fit.robust_score : fit.score, robust ? "model, robust score" : "model, score",
           task);
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
}

/// Of the linear predictor.
void put_concordance(const CoxRows& rows, const CoxFit& fit, Task& task) {
  const std::size_t columns = rows.design.columns();
  std::vector<double> risk(rows.data.time.size(), 0.0);
  for (std::size_t i = 0; i < rows.design.values.size(); ++i) {
    risk[i / columns] += rows.design.values[i] * fit.coefficients[i % columns];
  }
  const Concordance c = concordance(rows.cox(), risk);
  task.out.put("concordance", c.value, "probability");
  task.out.put("se_concordance", c.se, "probability");
}

void put_proportionality(const Cox& o, const CoxRows& rows, const CoxOptions& options,
                         const CoxFit& fit, Task& task) {
  if (!tests_proportionality(o, options)) return;
  const auto transform = static_cast<TimeTransform>(static_cast<int>(o.proportionality) - 1);
  const CoxProportionality test =
      cox_proportionality(rows.cox(), options, fit, transform, rows.design.term);
  if (test.status != CoxStatus::fitted) {
    task.out.row.group = "proportionality, all terms";
    task.out.row.note =
        "refused: no test of proportionality, the events tell no trend with time (" +
        std::string(angiotrial::analysis::name_of(test.status)) + ")";
    task.out.put("p_value", std::nullopt, "probability");
    task.out.row.group.clear();
    task.out.row.note.clear();
    return;
  }
  for (std::size_t t = 0; t < test.terms.size(); ++t) {
    put_test(test.terms[t], "proportionality, " + rows.design.term_names[t], task);
  }
  put_test(test.global, "proportionality, all terms", task);
}

std::string conventions_of(const Cox& o, const CoxOptions& options, const CoxRows& rows) {
  std::string out = "ties: " + std::string(name_of(options.ties)) + "; errors: " +
                    (options.robust ? "robust by " + (o.cluster.empty() ? "subject" : o.cluster)
                                    : std::string("model")) +
                    "; reference: normal; interval: Wald on the log scale";
  if (options.firth) out += "; likelihood: penalised (Firth)";
  if (!o.strata.empty()) out += "; strata: a baseline hazard each";
  if (tests_proportionality(o, options)) {
    out += "; proportionality: score test, " +
           std::string(transforms[static_cast<std::size_t>(o.proportionality)]);
  }
  return out + words_of_products(o.terms) + rows.data.strategies;
}

void run(const Cox& o, Task& task) {
  task.out.row.method = "Cox proportional hazards regression";
  const auto rows = rows_of(o, task);
  if (!rows) return;
  const CoxOptions options{ties_of(o.ties, task.preset()), robust_errors(o, *rows, task), o.firth};
  if (!check_forms(o, options, task)) return;
  task.out.row.conventions = conventions_of(o, options, *rows);
  CoxWorkspace workspace;
  const CoxFit& fit = fit_cox(rows->cox(), options, workspace);
  if (options.robust && has_maximum(fit.status) &&
      !enough_clusters(rows->data.frame, rows->cluster, o.cluster.empty() ? "subject" : o.cluster,
                       rows->design.columns(), task)) {
    return;
  }
  if (fit.status != CoxStatus::fitted) {
    refuse_fit(fit.status, fit.aliased, rows->design, task,
               fit.status == CoxStatus::separated ? "firth = true, or the log-rank test" : "");
    return;
  }
  put_ratios(rows->data.frame, rows->design, fit.coefficients,
             options.robust ? fit.se_robust : fit.se, "hazard_ratio", task);
  put_tests(fit, options.robust, task);
  put_concordance(*rows, fit, task);
  put_proportionality(o, *rows, options, fit, task);
  put_counts(rows->data, task);
}

constexpr std::array<std::string_view, 4> distributions{"weibull", "exponential", "lognormal",
                                                        "loglogistic"};

struct AcceleratedFailure {
  EventTimes times;
  HazardTerms terms;
  FailureDistribution distribution = FailureDistribution::weibull;
};

void describe(schema::Visitor& visit, AcceleratedFailure& o) {
  describe_times(visit, o.times);
  describe_terms(visit, o.terms);
  visit("distribution", o.distribution, distributions, "of the times given the covariates",
        analyst);
}

void run(const AcceleratedFailure& o, Task& task) {
  task.out.row.method = "accelerated failure time regression (maximum likelihood)";
  auto data = time_data(o.times, {.columns = Frame::columns_of(o.terms.covariates)}, task);
  if (!data) return;
  task.out.row.conventions =
      "distribution: " + std::string(distributions[static_cast<std::size_t>(o.distribution)]) +
      "; information: observed; reference: normal; interval: Wald on the log scale" +
      words_of_products(o.terms) + data->strategies;
  const HazardDesign design = hazard_design(data->frame, o.terms, true);
  if (!data->frame.ok()) return;
  if (std::ranges::find(data->time, 0.0) != data->time.end()) {
    task.refuse("a time of 0 has no logarithm");
    return;
  }
  const auto sample = data->sample();
  const AcceleratedFailureFit fit =
      fit_accelerated_failure({sample, design.values, design.columns(), o.distribution});
  if (fit.status != CoxStatus::fitted) {
    refuse_fit(fit.status, fit.aliased, design, task);
    return;
  }
  put_ratios(data->frame, design, fit.coefficients, fit.se, "time_ratio", task);
  task.out.put("intercept", fit.coefficients.front(), "ln");
  task.out.put("sigma", fit.sigma, "ln");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
  put_counts(*data, task);
}

}  // namespace

std::vector<MethodEntry> hazard_methods() {
  return {method<Cox>("cox", "Cox regression, counting process, strata, robust, Firth"),
          method<AcceleratedFailure>("accelerated_failure_time",
                                     "accelerated failure time regression")};
}

}  // namespace angiotrial::analysis
