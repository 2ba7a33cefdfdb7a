// SPDX-License-Identifier: Apache-2.0
#include "plan/borrowing_options.hpp"

#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <utility>

#include "plan/sequential_options.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range a_value{.least = -1e12, .most = 1e12};
constexpr std::size_t few = 12;  ///< components that are worth a row each

}  // namespace

MixtureFamily family_of(BorrowedEndpoint endpoint) {
  constexpr std::array families{MixtureFamily::beta, MixtureFamily::normal, MixtureFamily::gamma};
  return families[static_cast<std::size_t>(endpoint)];
}

std::string unit_of(MixtureFamily family, const Task& task) {
  return family == MixtureFamily::beta ? "probability" : task.analysis.unit;
}

void describe(schema::Visitor& visit, CurrentArm& o) {
  visit("value", o.value, a_value, "rates and counts: events; means: the mean", analyst);
  visit("size", o.size, {.least = 0.0, .most = 1e9},
        "patients (counts: their exposure); 0: no such arm", analyst);
}

void describe_trial(schema::Visitor& visit, BorrowingTrial& o) {
  visit.group("control", o.control);
  visit.group("treatment", o.treatment);
  visit("treatment_prior_weight", o.treatment_prior_weight, {.least = 0.0, .most = 1.0},
        "mixture for the treated; empty: the vague part alone", analyst);
  visit("treatment_prior_a", o.treatment_prior_a, a_value,
        "rates: a; means: mean; counts: shape of each component", analyst);
  visit("treatment_prior_b", o.treatment_prior_b, a_value,
        "rates: b; means: standard deviation; counts: rate of each component", analyst);
  visit("probability", o.probability, {.least = 0.0, .most = 1.0},
        "success needs P(treatment - control > difference) above these; empty: no decision",
        analyst);
  visit("difference", o.difference, a_value, "the difference of each", analyst);
  visit("smaller", o.smaller, "success where the treated have the smaller value", analyst);
  visit("true_control", o.true_control, a_value,
        "true values at which to compute the chance of success with arms of these sizes", analyst);
  visit("true_treatment", o.true_treatment, a_value, "and those of the treated", analyst);
}

namespace {

bool has_both_arms(const BorrowingTrial& trial) {
  return trial.control.size > 0.0 && trial.treatment.size > 0.0;
}

bool reads_treated(const BorrowingTrial& trial) {
  return has_both_arms(trial) || !trial.true_control.empty();
}

}  // namespace

bool check_trial(const BorrowingTrial& trial, const Task& task) {
  const std::size_t before = task.problems.size();
  const bool own_prior = !trial.treatment_prior_weight.empty();
  if (!(trial.control.size > 0.0)) {
    none_given(task, {{"control.value", trial.control.value != 0.0}}, "control.size");
  }
  if (!has_both_arms(trial)) {
    none_given(task, {{"treatment.value", trial.treatment.value != 0.0}},
               "control.size and treatment.size");
  }
  if (!reads_treated(trial)) {
    none_given(task,
               {{"treatment.size", trial.treatment.size != 0.0},
                {"treatment_prior_weight", own_prior},
                {"probability", !trial.probability.empty()},
                {"difference", !trial.difference.empty()}},
               "true_control, or control.size and treatment.size,");
  }
  if (!own_prior) {
    none_given(task,
               {{"treatment_prior_a", !trial.treatment_prior_a.empty()},
                {"treatment_prior_b", !trial.treatment_prior_b.empty()}},
               "treatment_prior_weight");
  }
  if (trial.probability.empty()) none_given(task, {{"smaller", trial.smaller}}, "probability");
  if (trial.true_control.empty()) {
    none_given(task, {{"true_treatment", !trial.true_treatment.empty()}}, "true_control");
  }
  return task.problems.size() == before;
}

bool reads_vague(const BorrowingTrial& trial) {
  return reads_treated(trial) && trial.treatment_prior_weight.empty();
}

std::optional<Mixture> mixture_of(const Task& task, std::string_view key, MixtureFamily family,
                                  double sigma, const std::vector<double>& weight,
                                  const std::vector<double>& a, const std::vector<double>& b) {
  const std::string stem(key);
  if (!has_size(task, stem + "_a", a, weight.size()) ||
      !has_size(task, stem + "_b", b, weight.size())) {
    return std::nullopt;
  }
  Mixture m{family, {}, sigma};
  for (std::size_t i = 0; i < weight.size(); ++i) m.components.push_back({weight[i], a[i], b[i]});
  const MixtureStatus status = check(m);
  if (status == MixtureStatus::valid) return m;
  task.bad_option(stem + "_weight", listed(weight), std::string(name_of(status)));
  return std::nullopt;
}

void put_mixture(const Task& task, const std::string& group, const Mixture& mixture) {
  const std::string unit = unit_of(mixture.family, task);
  for (std::size_t i = 0; i < mixture.components.size() && mixture.components.size() <= few; ++i) {
    const MixtureComponent& c = mixture.components[i];
    const std::string here = group + ", component " + std::to_string(i + 1);
    const bool of_mean = mixture.family == MixtureFamily::normal;
    put_in(task, here, "weight", c.weight, "1");
    put_in(task, here, of_mean ? "component_mean" : "shape_a", c.a, of_mean ? unit : "1");
    put_in(task, here, of_mean ? "component_sd" : "shape_b", c.b, of_mean ? unit : "1");
  }
  put_in(task, group, "mean", mean(mixture), unit);
  put_in(task, group, "sd", standard_deviation(mixture), unit);
  put_in(task, group, "median", quantile(mixture, 0.5), unit);
  task.out.row.level = task.level();
  put_in(task, group, "lower", quantile(mixture, 0.5 * (1.0 - task.level())), unit);
  put_in(task, group, "upper", quantile(mixture, 0.5 * (1.0 + task.level())), unit);
  task.out.row.level.reset();
}

void put_effective_sizes(const Task& task, const std::string& group, const Mixture& mixture) {
  constexpr std::array<std::pair<EffectiveSize, std::string_view>, 3> methods{
      {{EffectiveSize::moment, "effective_size_moment"},
       {EffectiveSize::morita, "effective_size_morita"},
       {EffectiveSize::elir, "effective_size_elir"}}};
  for (const auto& [method, name] : methods) {
    const EffectiveSizeAnswer size = effective_size(mixture, method);
    const bool valid = size.status == MixtureStatus::valid;
    if (!valid) task.out.row.note = std::string(name_of(size.status));
    put_in(task, group, name, valid ? std::optional(size.size) : std::nullopt, "observations");
    task.out.row.note.clear();
  }
}

namespace {

void put_probabilities(const Task& task, const BorrowingTrial& trial, const Mixture& treated,
                       const Mixture& controls) {
  bool success = true;
  for (std::size_t i = 0; i < trial.difference.size(); ++i) {
    const double above = probability_of_difference(treated, controls, trial.difference[i]);
    const double p = trial.smaller ? 1.0 - above : above;
    put_in(task, "difference " + formats::shortest(trial.difference[i]),
           trial.smaller ? "probability_below" : "probability_above", p, "probability");
    success = success && p > trial.probability[i];
  }
  task.out.put("success", success ? 1.0 : 0.0, "1");
}

TwoSampleRule rule_of(const BorrowingTrial& trial, const Mixture& treated,
                      const Mixture& controls) {
  TwoSampleRule rule{treated, controls,     trial.treatment.size, trial.control.size,
                     {},      trial.smaller};
  for (std::size_t i = 0; i < trial.difference.size(); ++i) {
    rule.criteria.push_back({trial.probability[i], trial.difference[i]});
  }
  return rule;
}

bool possible(MixtureFamily family, double truth) {
  if (family == MixtureFamily::beta) return truth >= 0.0 && truth <= 1.0;
  return family == MixtureFamily::normal || truth >= 0.0;
}

void put_characteristics(const Task& task, const BorrowingTrial& trial, const Mixture& treated,
                         const Mixture& controls) {
  if (!has_size(task, "true_treatment", trial.true_treatment, trial.true_control.size())) return;
  const DecisionBoundary boundary(rule_of(trial, treated, controls));
  if (boundary.status() != MixtureStatus::valid) {
    task.refuse("no operating characteristics: " + std::string(name_of(boundary.status())),
                "rates need whole arms of at most 2000, counts at most 20000 events");
    return;
  }
  for (std::size_t i = 0; i < trial.true_control.size(); ++i) {
    const double t = trial.true_treatment[i];
    const double c = trial.true_control[i];
    if (!possible(treated.family, t) || !possible(treated.family, c)) {
      task.bad_option("true_treatment", formats::shortest(t), "a true value outside its range");
      return;
    }
    put_in(task, "treatment " + formats::shortest(t) + ", control " + formats::shortest(c),
           "probability_of_success", boundary.success(t, c), "probability");
  }
}

std::optional<Mixture> posterior_of(const Task& task, const Mixture& prior, const CurrentArm& arm,
                                    const std::string& name) {
  const MixtureUpdate after = update(prior, {arm.value, arm.size});
  if (after.status != MixtureStatus::valid) {
    task.refuse("data of the " + name + ": " + std::string(name_of(after.status)));
    return std::nullopt;
  }
  task.out.row.arm = name;
  put_mixture(task, "posterior", after.posterior);
  task.out.row.arm.clear();
  return after.posterior;
}

}  // namespace

void put_trial(const Task& task, const BorrowingTrial& trial, const Mixture& control_prior,
               const Mixture& vague) {
  Mixture treated = vague;
  if (!trial.treatment_prior_weight.empty()) {
    const auto given =
        mixture_of(task, "treatment_prior", vague.family, vague.sigma, trial.treatment_prior_weight,
                   trial.treatment_prior_a, trial.treatment_prior_b);
    if (!given) return;
    treated = *given;
  }
  if (!has_size(task, "difference", trial.difference, trial.probability.size())) return;
  if (!trial.true_control.empty()) put_characteristics(task, trial, treated, control_prior);
  if (!(trial.control.size > 0.0)) return;
  const auto controls = posterior_of(task, control_prior, trial.control, "control");
  if (!controls || !(trial.treatment.size > 0.0)) return;
  const auto after = posterior_of(task, treated, trial.treatment, "treatment");
  if (!after) return;
  if (!trial.difference.empty()) put_probabilities(task, trial, *after, *controls);
}

}  // namespace angiotrial::analysis
