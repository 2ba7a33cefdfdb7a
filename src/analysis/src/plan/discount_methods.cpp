// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/commensurate.hpp>
#include <angiotrial/analysis/borrowing/power_prior.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>

#include "plan/borrowing_options.hpp"
#include "plan/method.hpp"
#include "plan/sequential_options.hpp"

/// Trials that borrow from one historical study at a discount, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source ibrahim_chen{
    schema::Provenance::recalled,
    "Ibrahim JG, Chen MH. Power prior distributions for regression models. Stat Sci 2000",
    "10.1214/ss/1009212673"};
constexpr schema::Source hobbs{
    schema::Provenance::recalled,
    "Hobbs BP et al. Hierarchical commensurate and power prior models for adaptive incorporation "
    "of historical information in clinical trials. Biometrics 2011",
    "10.1111/j.1541-0420.2011.01564.x"};
constexpr schema::Range a_value{.least = -1e12, .most = 1e12};
constexpr schema::Range a_scale{.least = 0.0, .most = 1e12};

enum class DeltaRule { fixed, beta };
constexpr std::array<std::string_view, 2> delta_rules{"fixed", "beta"};

struct PowerPriorOptions {
  BorrowedEndpoint endpoint = BorrowedEndpoint::rates;
  CurrentArm history;
  double sigma = 0.0;
  double initial_a = 1.0, initial_b = 1.0;
  DeltaRule delta_rule = DeltaRule::fixed;
  double delta = 0.5, delta_a = 1.0, delta_b = 1.0;
  BorrowingTrial trial;
};

void describe(schema::Visitor& visit, PowerPriorOptions& o) {
  visit("endpoint", o.endpoint, borrowed_endpoints, "what was measured", analyst);
  visit.group("history", o.history);
  visit("sigma", o.sigma, a_scale, "means: standard deviation of one observation", analyst);
  visit("initial_a", o.initial_a, a_value,
        "prior before the historical data, and prior of the treated: Beta(a, b); N(a, b^2); "
        "Gamma(a, b)",
        ibrahim_chen);
  visit("initial_b", o.initial_b, a_scale, "see initial_a", ibrahim_chen);
  visit("delta_rule", o.delta_rule, delta_rules,
        "share of the historical likelihood: fixed, or Beta with its normalising constant",
        ibrahim_chen);
  visit("delta", o.delta, {.least = 0.0, .most = 1.0}, "the fixed share", ibrahim_chen);
  visit("delta_a", o.delta_a, a_scale, "delta ~ Beta(delta_a, delta_b)", ibrahim_chen);
  visit("delta_b", o.delta_b, a_scale, "see delta_a", ibrahim_chen);
  describe_trial(visit, o.trial);
}

/// Problems with keys of another endpoint or another share, and of the trial. False if any.
bool check_keys(const PowerPriorOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const PowerPriorOptions unsaid;
  if (o.endpoint != BorrowedEndpoint::means) {
    none_given(task, {{"sigma", o.sigma != unsaid.sigma}}, "endpoint = \"means\"");
  }
  if (o.delta_rule == DeltaRule::fixed) {
    none_given(task,
               {{"delta_a", o.delta_a != unsaid.delta_a}, {"delta_b", o.delta_b != unsaid.delta_b}},
               "delta_rule = \"beta\"");
  } else {
    none_given(task, {{"delta", o.delta != unsaid.delta}}, "delta_rule = \"fixed\"");
  }
  check_trial(o.trial, task);
  return task.problems.size() == before;
}

void put_delta(const PowerPriorOptions& o, const NormalisedPowerPrior& prior, const Task& task) {
  put_in(task, "prior", "delta_mean", mean_delta(prior, prior.prior), "1");
  if (!(o.trial.control.size > 0.0)) return;
  const MixtureUpdate after = update(prior.prior, {o.trial.control.value, o.trial.control.size});
  if (after.status != MixtureStatus::valid) return;
  put_in(task, "posterior", "delta_mean", mean_delta(prior, after.posterior), "1");
}

void run(const PowerPriorOptions& o, Task& task) {
  const bool fixed = o.delta_rule == DeltaRule::fixed;
  task.out.row.method =
      fixed ? "power prior (conjugate, exact)" : "power prior (conjugate, quadrature over delta)";
  task.out.row.conventions = (fixed ? "delta: fixed at " + formats::shortest(o.delta)
                                    : "delta: Beta(" + formats::shortest(o.delta_a) + ", " +
                                          formats::shortest(o.delta_b) + "), normalised") +
                             "; interval: equal-tailed credible";
  if (!check_keys(o, task)) return;
  const MixtureFamily family = family_of(o.endpoint);
  const Mixture initial{
      family, {{1.0, o.initial_a, o.initial_b}}, family == MixtureFamily::normal ? o.sigma : 1.0};
  if (check(initial) != MixtureStatus::valid) {
    task.bad_option("initial_a", formats::shortest(o.initial_a),
                    "initial_a, initial_b and sigma: " + std::string(name_of(check(initial))));
    return;
  }
  const ArmData data{o.history.value, o.history.size};
  Mixture prior;
  MixtureStatus status = MixtureStatus::valid;
  if (fixed) {
    MixtureUpdate answer = power_prior(initial, data, o.delta);
    status = answer.status;
    prior = std::move(answer.posterior);
  } else {
    NormalisedPowerPrior answer = normalised_power_prior(initial, data, o.delta_a, o.delta_b);
    status = answer.status;
    if (status == MixtureStatus::valid) put_delta(o, answer, task);
    prior = std::move(answer.prior);
  }
  if (status != MixtureStatus::valid) {
    task.refuse("historical data: " + std::string(name_of(status)));
    return;
  }
  put_mixture(task, "prior", prior);
  put_effective_sizes(task, "prior", prior);
  put_trial(task, o.trial, prior, initial);
}

enum class GammaRule { fixed, half_normal, spike_and_slab };
constexpr std::array<std::string_view, 3> gamma_rules{"fixed", "half_normal", "spike_and_slab"};

struct CommensurateOptions {
  double estimate = 0.0, se = 1.0, sigma = 0.0;
  GammaRule gamma_rule = GammaRule::half_normal;
  double gamma = 0.0, scale = 1.0;
  double spike_weight = 0.5, spike = 0.0, slab_from = 0.0, slab_to = 1.0;
  double vague_sd = 0.0;
  BorrowingTrial trial;
};

void describe(schema::Visitor& visit, CommensurateOptions& o) {
  visit("estimate", o.estimate, a_value, "historical mean", analyst);
  visit("se", o.se, a_scale, "its standard error", analyst);
  visit("sigma", o.sigma, a_scale, "standard deviation of one observation", analyst);
  visit("gamma_rule", o.gamma_rule, gamma_rules,
        "spread of the new mean about the historical one: fixed, half-normal, or a spike with a "
        "uniform slab",
        hobbs);
  visit("gamma", o.gamma, a_scale, "the fixed spread; 0 pools", hobbs);
  visit("scale", o.scale, a_scale, "of the half-normal", hobbs);
  visit("spike_weight", o.spike_weight, {.least = 0.0, .most = 1.0}, "probability of the spike",
        hobbs);
  visit("spike", o.spike, a_scale, "spread at the spike", hobbs);
  visit("slab_from", o.slab_from, a_scale, "least spread of the slab", hobbs);
  visit("slab_to", o.slab_to, a_scale, "largest spread of the slab", hobbs);
  visit("vague_sd", o.vague_sd, a_scale,
        "standard deviation of the treated's prior about the historical mean; 0: sigma", analyst);
  describe_trial(visit, o.trial);
}

/// Problems with numbers of another spread, and of the trial. False if any.
bool check_keys(const CommensurateOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const CommensurateOptions unsaid;
  if (o.gamma_rule != GammaRule::fixed) {
    none_given(task, {{"gamma", o.gamma != unsaid.gamma}}, "gamma_rule = \"fixed\"");
  }
  if (o.gamma_rule != GammaRule::half_normal) {
    none_given(task, {{"scale", o.scale != unsaid.scale}}, "gamma_rule = \"half_normal\"");
  }
  if (o.gamma_rule != GammaRule::spike_and_slab) {
    none_given(task,
               {{"spike_weight", o.spike_weight != unsaid.spike_weight},
                {"spike", o.spike != unsaid.spike},
                {"slab_from", o.slab_from != unsaid.slab_from},
                {"slab_to", o.slab_to != unsaid.slab_to}},
               "gamma_rule = \"spike_and_slab\"");
  }
  if (!reads_vague(o.trial)) {
    none_given(task, {{"vague_sd", o.vague_sd != unsaid.vague_sd}},
               "treated without a prior of their own");
  }
  check_trial(o.trial, task);
  return task.problems.size() == before;
}

MixtureAnswer commensurate(const CommensurateOptions& o) {
  const HistoricalEstimate h{o.estimate, o.se};
  if (o.gamma_rule == GammaRule::fixed) return commensurate_prior(h, o.gamma, o.sigma);
  if (o.gamma_rule == GammaRule::half_normal) {
    return commensurate_prior_half_normal(h, o.scale, o.sigma);
  }
  return commensurate_prior(h, SpikeAndSlab{o.spike_weight, o.spike, o.slab_from, o.slab_to},
                            o.sigma);
}

void run(const CommensurateOptions& o, Task& task) {
  constexpr std::array<std::string_view, 3> words{"fixed", "half-normal", "spike and slab"};
  task.out.row.method = "commensurate prior of a mean (quadrature)";
  task.out.row.conventions =
      "gamma: " + std::string(words[static_cast<std::size_t>(o.gamma_rule)]) +
      "; interval: equal-tailed credible";
  if (!check_keys(o, task)) return;
  const MixtureAnswer answer = commensurate(o);
  if (answer.status != MixtureStatus::valid) {
    task.bad_option(
        "gamma_rule", std::string(gamma_rules[static_cast<std::size_t>(o.gamma_rule)]),
        "se, sigma and the numbers of the rule: " + std::string(name_of(answer.status)));
    return;
  }
  put_mixture(task, "prior", answer.mixture);
  put_effective_sizes(task, "prior", answer.mixture);
  const double sd = o.vague_sd > 0.0 ? o.vague_sd : o.sigma;
  put_trial(task, o.trial, answer.mixture,
            {MixtureFamily::normal, {{1.0, o.estimate, sd}}, o.sigma});
}

}  // namespace

std::vector<MethodEntry> discount_methods() {
  return {method<CommensurateOptions>("commensurate_prior",
                                      "trial that borrows by a commensurate prior of a mean"),
          method<PowerPriorOptions>("power_prior",
                                    "trial that borrows by a power prior from one study")};
}

}  // namespace angiotrial::analysis
