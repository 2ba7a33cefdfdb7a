// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/commensurate.hpp>
#include <angiotrial/analysis/borrowing/power_prior.hpp>
#include <angiotrial/analysis/borrowing/robust_map.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>

#include "plan/borrowing_options.hpp"
#include "plan/method.hpp"
#include "plan/sequential_options.hpp"

/// Priors from historical data, and trials that use them, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source neuenschwander{
    schema::Provenance::recalled,
    "Neuenschwander B et al. Summarizing historical information on controls in clinical trials. "
    "Clin Trials 2010",
    "10.1177/1740774509356002"};
constexpr schema::Source schmidli{
    schema::Provenance::recalled,
    "Schmidli H et al. Robust meta-analytic-predictive priors in clinical trials with historical "
    "control information. Biometrics 2014",
    "10.1111/biom.12242"};
constexpr schema::Range a_value{.least = -1e12, .most = 1e12};
constexpr schema::Range a_scale{.least = 0.0, .most = 1e12};

struct HistoryOptions {
  BorrowedEndpoint endpoint = BorrowedEndpoint::rates;
  std::vector<double> events, size, estimate, se;
  double sigma = 0.0;
  double tau_scale = 0.0, mu_mean = 0.0, mu_sd = 0.0;
  int components = 2;
};

void describe_history(schema::Visitor& visit, HistoryOptions& o) {
  visit("endpoint", o.endpoint, borrowed_endpoints, "what was measured", analyst);
  visit("events", o.events, a_scale, "events of each historical study (rates and counts)", analyst);
  visit("size", o.size, a_scale, "its patients (rates) or their exposure (counts)", analyst);
  visit("estimate", o.estimate, a_value, "mean of each historical study (means)", analyst);
  visit("se", o.se, a_scale, "its standard error", analyst);
  visit("sigma", o.sigma, a_scale, "means: standard deviation of one observation", analyst);
  visit("tau_scale", o.tau_scale, a_scale,
        "scale of the half-normal prior of tau, the spread between studies: of means, log odds or "
        "log rates; 0: 1 for rates and counts, half of sigma for means",
        neuenschwander);
  visit("mu_mean", o.mu_mean, a_value, "mean of the normal prior of the studies' centre",
        neuenschwander);
  visit("mu_sd", o.mu_sd, a_scale, "its standard deviation; 0: 2 for log odds, 10000 otherwise",
        neuenschwander);
  visit("components", o.components, {.least = 1.0, .most = 8.0},
        "of the mixture that stands for the prior", schmidli);
}

/// Problems with keys of another endpoint, and of studies where there are none. False if any.
bool check_history(const HistoryOptions& o, bool from_studies, const Task& task) {
  const std::size_t before = task.problems.size();
  const HistoryOptions unsaid;
  const bool events = !o.events.empty(), size = !o.size.empty();
  const bool estimate = !o.estimate.empty(), se = !o.se.empty();
  if (o.endpoint == BorrowedEndpoint::means) {
    none_given(task, {{"events", events}, {"size", size}}, "endpoint = \"rates\" or \"counts\"");
  } else {
    none_given(task, {{"estimate", estimate}, {"se", se}, {"sigma", o.sigma != unsaid.sigma}},
               "endpoint = \"means\"");
  }
  if (!from_studies) {
    none_given(task,
               {{"events", events},
                {"size", size},
                {"estimate", estimate},
                {"se", se},
                {"tau_scale", o.tau_scale != unsaid.tau_scale},
                {"mu_mean", o.mu_mean != unsaid.mu_mean},
                {"mu_sd", o.mu_sd != unsaid.mu_sd},
                {"components", o.components != unsaid.components}},
               "an empty prior_weight");
  }
  return task.problems.size() == before;
}

std::optional<MapPrior> map_of(const HistoryOptions& o, const Task& task) {
  const bool means = o.endpoint == BorrowedEndpoint::means;
  MapHyperprior h;
  h.mean = o.mu_mean;
  h.tau_scale = o.tau_scale > 0.0 ? o.tau_scale : means ? 0.5 * o.sigma : 1.0;
  h.sd = o.mu_sd > 0.0 ? o.mu_sd : o.endpoint == BorrowedEndpoint::rates ? 2.0 : 1.0e4;
  MapPrior map;
  if (means) {
    if (!has_size(task, "se", o.se, o.estimate.size())) return std::nullopt;
    if (!(o.sigma > 0.0)) {
      task.bad_option("sigma", formats::shortest(o.sigma), "must be above 0 for means");
      return std::nullopt;
    }
    std::vector<HistoricalMean> studies;
    for (std::size_t i = 0; i < o.se.size(); ++i) studies.push_back({o.estimate[i], o.se[i]});
    map = map_prior(studies, h, o.sigma);
  } else {
    if (!has_size(task, "size", o.size, o.events.size())) return std::nullopt;
    std::vector<HistoricalRate> rates;
    std::vector<HistoricalCount> counts;
    for (std::size_t i = 0; i < o.size.size(); ++i) {
      rates.push_back({o.events[i], o.size[i]});
      counts.push_back({o.events[i], o.size[i]});
    }
    map = o.endpoint == BorrowedEndpoint::rates ? map_prior(rates, h) : map_prior(counts, h);
  }
  if (map.status == MapStatus::derived) return map;
  task.refuse(std::string(name_of(map.status)));
  return std::nullopt;
}

/// The mixture that stands for the prior, with rows about how it came to be.
std::optional<Mixture> fitted(const HistoryOptions& o, const Task& task) {
  const auto map = map_of(o, task);
  if (!map) return std::nullopt;
  MixtureFit fit =
      fit_mixture(map->theta, family_of(o.endpoint), static_cast<std::size_t>(o.components));
  if (fit.status != MapStatus::derived) {
    task.refuse(std::string(name_of(fit.status)), "ask for fewer components");
    return std::nullopt;
  }
  fit.mixture.sigma = o.endpoint == BorrowedEndpoint::means ? o.sigma : 1.0;
  put_in(task, "studies", "centre_mean", map->mu_mean, "1");
  put_in(task, "studies", "centre_sd", map->mu_sd, "1");
  put_in(task, "studies", "tau_mean", map->tau_mean, "1");
  put_in(task, "studies", "tau_median", map->tau_median, "1");
  put_in(task, "prior", "divergence", fit.divergence, "1");
  return std::move(fit.mixture);
}

struct MapOptions {
  HistoryOptions history;
};
void describe(schema::Visitor& visit, MapOptions& o) { describe_history(visit, o.history); }

void run(const MapOptions& o, Task& task) {
  task.out.row.method = "meta-analytic-predictive prior (quadrature)";
  task.out.row.conventions = "mixture: least Kullback-Leibler divergence";
  if (!check_history(o.history, true, task)) return;
  const auto prior = fitted(o.history, task);
  if (!prior) return;
  put_mixture(task, "prior", *prior);
  put_effective_sizes(task, "prior", *prior);
}

enum class Centre { preset, prior_mean, given };
constexpr std::array<std::string_view, 3> centres{"preset", "prior_mean", "given"};

struct RobustOptions {
  HistoryOptions history;
  std::vector<double> prior_weight, prior_a, prior_b;
  double robust_weight = 0.2, robust_size = 1.0, robust_centre = 0.5;
  Centre robust_at = Centre::preset;
  BorrowingTrial trial;
};

void describe(schema::Visitor& visit, RobustOptions& o) {
  describe_history(visit, o.history);
  visit("prior_weight", o.prior_weight, {.least = 0.0, .most = 1.0},
        "weights of a mixture known already, in place of studies", schmidli);
  visit("prior_a", o.prior_a, a_value, "rates: a; means: mean; counts: shape of each component",
        schmidli);
  visit("prior_b", o.prior_b, a_scale, "rates: b; means: sd; counts: rate of each component",
        schmidli);
  visit("robust_weight", o.robust_weight, {.least = 0.0, .most = 1.0},
        "weight of the vague part; 0: none", schmidli);
  visit("robust_size", o.robust_size, a_scale, "observations that the vague part is worth",
        schmidli);
  visit("robust_at", o.robust_at, centres,
        "centre of the vague part: the prior's mean, or as given; preset: one half for rates, the "
        "prior's mean otherwise",
        schmidli);
  visit("robust_centre", o.robust_centre, a_value, "for robust_at = \"given\"", schmidli);
  describe_trial(visit, o.trial);
}

/// Problems with keys that nothing reads. False if any.
bool check_keys(const RobustOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const RobustOptions unsaid;
  const bool from_studies = o.prior_weight.empty();
  check_history(o.history, from_studies, task);
  if (from_studies) {
    none_given(task, {{"prior_a", !o.prior_a.empty()}, {"prior_b", !o.prior_b.empty()}},
               "prior_weight");
  }
  if (o.robust_at != Centre::given) {
    none_given(task, {{"robust_centre", o.robust_centre != unsaid.robust_centre}},
               "robust_at = \"given\"");
  }
  if (o.robust_weight == 0.0 && !reads_vague(o.trial)) {
    none_given(task,
               {{"robust_size", o.robust_size != unsaid.robust_size},
                {"robust_at", o.robust_at != unsaid.robust_at}},
               "a robust_weight above 0, or treated without a prior of their own,");
  }
  check_trial(o.trial, task);
  return task.problems.size() == before;
}

double centre_of(const RobustOptions& o, const Mixture& prior) {
  if (o.robust_at == Centre::given) return o.robust_centre;
  const bool half = o.robust_at == Centre::preset && prior.family == MixtureFamily::beta;
  return half ? 0.5 : mean(prior);
}

/// The vague part alone: all the weight on it.
std::optional<Mixture> vague_part(const Mixture& prior, const RobustPart& part, const Task& task) {
  RobustPart half = part;
  half.weight = 0.5;
  const MixtureAnswer answer = robustify(prior, half);
  if (answer.status != MixtureStatus::valid) {
    task.bad_option("robust_centre", formats::shortest(part.centre),
                    std::string(name_of(answer.status)));
    return std::nullopt;
  }
  Mixture out{prior.family, {answer.mixture.components.back()}, prior.sigma};
  out.components[0].weight = 1.0;
  return out;
}

void run(const RobustOptions& o, Task& task) {
  task.out.row.method = "robust meta-analytic-predictive prior (conjugate mixtures, exact)";
  if (!check_keys(o, task)) return;
  task.out.row.conventions = "vague part: weight " + formats::shortest(o.robust_weight) +
                             ", worth " + formats::shortest(o.robust_size) +
                             " observations; interval: equal-tailed credible";
  const auto prior =
      o.prior_weight.empty()
          ? fitted(o.history, task)
          : mixture_of(task, "prior", family_of(o.history.endpoint),
                       o.history.endpoint == BorrowedEndpoint::means ? o.history.sigma : 1.0,
                       o.prior_weight, o.prior_a, o.prior_b);
  if (!prior) return;
  if (o.robust_weight >= 1.0) {
    task.bad_option("robust_weight", "1", "must leave some weight to the prior");
    return;
  }
  const RobustPart part{o.robust_weight, centre_of(o, *prior), o.robust_size};
  const auto vague = vague_part(*prior, part, task);
  if (!vague) return;
  const Mixture robust = o.robust_weight > 0.0 ? robustify(*prior, part).mixture : *prior;
  put_mixture(task, "prior", robust);
  put_effective_sizes(task, "prior", robust);
  put_trial(task, o.trial, robust, *vague);
}

}  // namespace

std::vector<MethodEntry> borrowing_methods() {
  return {method<MapOptions>("map_prior", "meta-analytic-predictive prior from historical studies"),
          method<RobustOptions>("robust_map",
                                "trial that borrows by a robust meta-analytic-predictive prior")};
}

}  // namespace angiotrial::analysis
