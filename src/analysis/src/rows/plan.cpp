// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan.hpp>

#include <array>

namespace angiotrial::analysis {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source losordo{Provenance::seen,
                         "Losordo DW et al. Intramyocardial, autologous CD34+ cell therapy for "
                         "refractory angina. Circ Res 2011;109:428",
                         "10.1161/CIRCRESAHA.111.245993"};
constexpr Source povsic{Provenance::seen,
                        "Povsic TJ et al. Troponin after G-CSF and intramyocardial injection in "
                        "ACT34-CMI. Am Heart J 2012;164:689",
                        "10.1016/j.ahj.2012.06.022"};
constexpr Source ours{};

constexpr std::array<std::string_view, 4> populations{"randomised", "intention_to_treat",
                                                      "full_analysis", "safety"};
constexpr std::array<std::string_view, 4> population_titles{
    "all randomised", "intention to treat", "full analysis set", "safety population"};
constexpr std::array<std::string_view, 2> variances{"model", "hc3"};

Estimand estimand(Population population, std::string variable, std::string intercurrent_events,
                  std::string summary_measure) {
  return {population, std::move(variable), std::move(intercurrent_events),
          std::move(summary_measure)};
}

constexpr const char* observed_cases =
    "treatment policy for rescue and drug changes; while alive; visits not made are taken as "
    "missing at random";

std::vector<CountEndpoint> default_counts() {
  CountEndpoint angina;
  angina.estimand = estimand(Population::full_analysis, "angina episodes per observed diary day",
                             observed_cases, "ratio of rates");
  CountEndpoint nitroglycerin;
  nitroglycerin.paramcd = "NTGWK";
  nitroglycerin.param = "Nitroglycerin doses per week";
  nitroglycerin.compare = false;
  nitroglycerin.baseline_shift_per_week = units::PerWeek(0.5);
  nitroglycerin.estimand =
      estimand(Population::full_analysis, "nitroglycerin doses per observed diary day",
               observed_cases, "mean weekly rate");
  return {angina, nitroglycerin};
}

std::vector<ContinuousEndpoint> default_continuous() {
  ContinuousEndpoint duration;
  duration.estimand = estimand(Population::full_analysis, "total exercise time", observed_cases,
                               "difference of means");
  ContinuousEndpoint onset;
  onset.paramcd = "ETTANG";
  onset.change_paramcd = "";
  onset.param = "Time to onset of angina";
  onset.compare = false;
  onset.estimand = estimand(Population::full_analysis,
                            "time to onset of angina, of tests stopped or accompanied by angina",
                            observed_cases, "mean");
  return {duration, onset};
}

EventEndpoint event(std::string paramcd, std::string param) {
  EventEndpoint endpoint;
  endpoint.estimand = estimand(Population::full_analysis, "time from injection to " + param,
                               "treatment policy; censored at the end of follow-up",
                               "probability of an event by the horizon");
  endpoint.paramcd = std::move(paramcd);
  endpoint.param = std::move(param);
  return endpoint;
}

}  // namespace

AnalysisPlan::AnalysisPlan()
    : counts(default_counts()),
      continuous(default_continuous()),
      categories(1),
      events{event("MACE", "first major adverse cardiac event"), event("DEATH", "death")},
      labs(1),
      findings(1) {
  categories[0].estimand = estimand(Population::full_analysis, "CCS angina class", observed_cases,
                                    "percentage in each class");
  labs[0].estimand =
      estimand(Population::safety, "troponin in multiples of the upper limit of normal",
               "while under observation", "percentage above the limit");
  findings[0].estimand =
      estimand(Population::safety, "enzyme rise fitting non-ST-elevation infarction",
               "while under observation", "percentage with the finding");
}

std::string text(const Estimand& e) {
  std::string out(population_titles[static_cast<std::size_t>(e.population)]);
  for (const std::string* part : {&e.variable, &e.intercurrent_events, &e.summary_measure}) {
    out += "; ";
    out += *part;
  }
  return out;
}

void describe(schema::Visitor& visit, Estimand& p) {
  visit("population", p.population, populations, "subjects analysed, by their flag in ADSL", ours);
  visit("variable", p.variable, "what is measured in each subject", ours);
  visit("intercurrent_events", p.intercurrent_events,
        "strategy for events after randomisation that change the meaning of the variable", ours);
  visit("summary_measure", p.summary_measure, "how arms are summarised or compared", ours);
}

void describe(schema::Visitor& visit, CountEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADDIARY", losordo);
  visit("param", p.param, "parameter in words", ours);
  visit("unit", p.unit, "unit of the rate", ours);
  visit("visits", p.visits, "visit names separated by ';', or all: baseline and each month",
        losordo);
  visit("compare", p.compare, "whether a rate ratio against the reference arm is estimated", ours);
  visit("baseline_covariate", p.baseline_covariate,
        "whether the logarithm of the baseline rate is a covariate",
        {Provenance::recalled, losordo.citation, losordo.identifier});
  visit("baseline_shift_per_week", p.baseline_shift_per_week, {.least = 0.0, .most = 10.0},
        "added to the baseline rate before its logarithm; above 0 where a baseline may be 0", ours);
  visit.group("estimand", p.estimand);
}

void describe(schema::Visitor& visit, ContinuousEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADEFF", losordo);
  visit("change_paramcd", p.change_paramcd, "code of the change from baseline; empty for none",
        losordo);
  visit("param", p.param, "parameter in words", ours);
  visit("unit", p.unit, "unit of the value", ours);
  visit("visits", p.visits, "visit names separated by ';', or all: baseline and each month",
        losordo);
  visit("compare", p.compare, "whether a difference to the reference arm is estimated", ours);
  visit("variance", p.variance, variances, "standard errors: model-based or HC3",
        {Provenance::seen,
         "Long JS, Ervin LH. Using heteroscedasticity consistent standard errors. Am Stat 2000",
         "10.1080/00031305.2000.10474549"});
  visit.group("estimand", p.estimand);
}

void describe(schema::Visitor& visit, CategoryEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADEFF", ours);
  visit("param", p.param, "parameter in words", ours);
  visit("least", p.least, {.least = 0.0, .most = 20.0}, "lowest category", ours);
  visit("most", p.most, {.least = 0.0, .most = 20.0}, "highest category", ours);
  visit("visits", p.visits, "visit names separated by ';', or all: baseline and each month", ours);
  visit.group("estimand", p.estimand);
}

void describe(schema::Visitor& visit, EventEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADTTE", losordo);
  visit("param", p.param, "parameter in words", ours);
  visit("horizon_months", p.horizon_months, {.least = 0.1, .most = 120.0},
        "time at which the Kaplan-Meier estimate is read", losordo);
  visit.group("estimand", p.estimand);
}

void describe(schema::Visitor& visit, LabEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADLB", povsic);
  visit("param", p.param, "parameter in words", ours);
  visit("first_limit_uln", p.first_limit_uln, {.least = 0.1, .most = 1000.0},
        "lower criterion, multiples of the upper limit of normal", povsic);
  visit("second_limit_uln", p.second_limit_uln, {.least = 0.1, .most = 1000.0},
        "higher criterion, multiples of the upper limit of normal", povsic);
  visit("visits", p.visits, "visit names separated by ';', or all: baseline and each month",
        povsic);
  visit.group("estimand", p.estimand);
}

void describe(schema::Visitor& visit, FindingEndpoint& p) {
  visit("paramcd", p.paramcd, "parameter code in ADLB, 1 or 0", losordo);
  visit("param", p.param, "parameter in words", ours);
  visit("visits", p.visits, "visit names separated by ';', or all: baseline and each month",
        losordo);
  visit.group("estimand", p.estimand);
}

namespace {

/// A group whose members are the endpoints, each under its code.
template <class Endpoint>
struct Family {
  std::vector<Endpoint>& endpoints;
};

template <class Endpoint>
void describe(schema::Visitor& visit, Family<Endpoint>& family) {
  for (Endpoint& endpoint : family.endpoints) {
    const std::string key = endpoint.paramcd;  // its own copy: the visitor may change the member
    visit.group(key, endpoint);
  }
}

template <class Endpoint>
void visit_family(schema::Visitor& visit, std::string_view key, std::vector<Endpoint>& endpoints) {
  Family<Endpoint> family{endpoints};
  visit.group(key, family);
}

}  // namespace

void describe(schema::Visitor& visit, AnalysisPlan& p) {
  visit("reference_arm", p.reference_arm, "the arm that others are compared with", losordo);
  visit("level_fraction", p.level_fraction, {.least = 0.5, .most = 0.9999},
        "coverage of two-sided intervals", ours);
  visit("least_dose_fraction", p.least_dose_fraction, {.least = 0.0, .most = 1.0},
        "given share of the planned dose below which a subject is short of dose", losordo);
  visit_family(visit, "counts", p.counts);
  visit_family(visit, "continuous", p.continuous);
  visit_family(visit, "categories", p.categories);
  visit_family(visit, "events", p.events);
  visit_family(visit, "labs", p.labs);
  visit_family(visit, "findings", p.findings);
}

}  // namespace angiotrial::analysis
