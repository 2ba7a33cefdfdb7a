// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plan/diary.hpp"
#include "plan/method.hpp"
#include "plan/sequential_options.hpp"
#include "rows/ratio_rows.hpp"

/// Posteriors of first-order Markov models in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source vehtari{
    schema::Provenance::recalled,
    "Vehtari A, Gelman A, Simpson D, Carpenter B, Buerkner PC. "
    "Rank-normalization, folding, and localization: an improved R-hat. "
    "Bayesian Analysis 2021;16:667",
    "10.1214/20-BA1221"};
enum class Better { lower, higher };
constexpr std::array<std::string_view, 2> better_names{"lower", "higher"};

struct BayesianMarkov {
  DiaryOptions diary;
  int seed = -1;
  int chains = markov_sampler_settings().chains;
  int warmup = markov_sampler_settings().warmup;
  int iterations = markov_sampler_settings().draws;
  double threshold_prior_sd = MarkovPriors{}.threshold_sd;
  double arm_prior_sd = 5.0;
  double coefficient_prior_sd = 5.0;
  bool subject_intercepts = false;
  double intercept_prior_scale = MarkovPriors{}.intercept_scale;
  int quadrature_points = BayesianMarkovModel{}.nodes;
  int thin = 1;
  Better better = Better::lower;
  double largest_r_hat = 1.01;
  double least_effective_size = 400.0;
};

void describe(schema::Visitor& visit, BayesianMarkov& o) {
  describe_diary(visit, o.diary);
  visit("seed", o.seed, {.least = -1, .most = 2147483647},
        "of the random numbers, 0 or more; must be given (-1: not given)", analyst);
  visit("chains", o.chains, {.least = 2, .most = 64}, "chains of the No-U-Turn sampler", analyst);
  visit("warmup", o.warmup, {.least = 50, .most = 20000}, "iterations of a chain that are dropped",
        analyst);
  visit("iterations", o.iterations, {.least = 100, .most = 40000},
        "iterations of a chain that are kept", analyst);
  visit("threshold_prior_sd", o.threshold_prior_sd, {.least = 1e-3, .most = 1e3},
        "each threshold: normal about 0 with this standard deviation, in order", analyst);
  visit("arm_prior_sd", o.arm_prior_sd, {.least = 1e-3, .most = 1e3},
        "log odds ratio of an arm (and its products with time): normal about 0 with this standard "
        "deviation",
        analyst);
  visit("coefficient_prior_sd", o.coefficient_prior_sd, {.least = 1e-3, .most = 1e3},
        "other coefficients: normal about 0 with this standard deviation", analyst);
  visit("subject_intercepts", o.subject_intercepts, "whether each subject has a normal intercept",
        analyst);
  visit("intercept_prior_scale", o.intercept_prior_scale, {.least = 1e-3, .most = 1e3},
        "standard deviation of intercepts: half-normal of this scale", analyst);
  visit("quadrature_points", o.quadrature_points, {.least = 1, .most = 101},
        "points of the quadrature over a subject's intercept", analyst);
  visit("thin", o.thin, {.least = 1, .most = 1000},
        "every so many-th draw of a chain is used for days and scores; least_effective_size must "
        "be left",
        analyst);
  visit("better", o.better, better_names,
        "which categories are better, for the probability of "
        "benefit",
        analyst);
  visit("largest_r_hat", o.largest_r_hat, {.least = 1.0, .most = 2.0},
        "chains are refused where R-hat is above", vehtari);
  visit("least_effective_size", o.least_effective_size, {.least = 1.0, .most = 1e6},
        "chains, and days and scores, are refused where an effective sample size, bulk or tail, is "
        "below",
        vehtari);
}

/// Draws of all chains that days and scores come from.
int kept_draws(const BayesianMarkov& o) {
  return o.chains * ((o.iterations + o.thin - 1) / o.thin);
}

/// Problems with what does nothing, and with a `thin` that leaves less than the bar asks for. False
/// if any.
bool check_keys(const BayesianMarkov& o, const Task& task) {
  const std::size_t before = task.problems.size();
  const BayesianMarkov unsaid;
  if (o.seed < 0) task.bad_option("seed", "", "must be given: there is no default seed");
  if (!o.diary.occupancy) none_given(task, {{"thin", o.thin != 1}}, "occupancy = true");
  if (!o.subject_intercepts) {
    none_given(task,
               {{"intercept_prior_scale", o.intercept_prior_scale != unsaid.intercept_prior_scale},
                {"quadrature_points", o.quadrature_points != unsaid.quadrature_points}},
               "subject_intercepts = true");
  }
  constexpr int fewest_a_chain = 4;
  const int kept = kept_draws(o);
  if (o.diary.occupancy && o.thin > 1 &&
      (kept < o.least_effective_size || kept < fewest_a_chain * o.chains)) {
    task.bad_option("thin", std::to_string(o.thin),
                    "leaves " + std::to_string(kept) +
                        " draws of all chains: fewer than least_effective_size, or than 4 a chain",
                    "a smaller `thin`, or more `iterations`");
  }
  return task.problems.size() == before;
}

/// Prior standard deviations of the parameters after the thresholds.
std::vector<double> prior_sds(const BayesianMarkov& o, const Diary& diary) {
  const std::size_t thresholds = diary.data.y.names.size() - 1;
  std::vector<double> out(diary.places().parameters, o.coefficient_prior_sd);
  for (const std::size_t parameter : diary.arm_parameters()) out[parameter] = o.arm_prior_sd;
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(thresholds));
  return out;
}

/// Diagnostics, and false with a refusal where they miss the bar.
bool chains_mixed(const BayesianMarkov& o, const MarkovPosterior& posterior, Task& task) {
  double bulk = std::numeric_limits<double>::infinity(), tail = bulk, r_hat = 0.0;
  bool known = true;
  for (const PosteriorSummary& s : posterior.summary) {
    r_hat = std::max(r_hat, s.r_hat);
    bulk = std::min(bulk, s.bulk_size);
    tail = std::min(tail, s.tail_size);
    known = known && std::isfinite(s.r_hat) && std::isfinite(s.bulk_size + s.tail_size);
  }
  task.out.put("r_hat_max", known ? std::optional(r_hat) : std::nullopt, "1");
  task.out.put("ess_bulk_min", known ? std::optional(bulk) : std::nullopt, "draws");
  task.out.put("ess_tail_min", known ? std::optional(tail) : std::nullopt, "draws");
  if (posterior.sample.divergences > 0) {
    task.out.row.note = "divergent transitions: the posterior may be explored in part only";
  }
  task.out.put("divergences", posterior.sample.divergences, "draws");
  task.out.row.note.clear();
  if (known && r_hat <= o.largest_r_hat && std::min(bulk, tail) >= o.least_effective_size) {
    return true;
  }
  task.refuse("the chains have not mixed: R-hat " + formats::six_digits(r_hat) +
                  ", effective sizes from " + formats::shortest(std::floor(std::min(bulk, tail))),
              "more `iterations`; or lower the bar with largest_r_hat, least_effective_size");
  return false;
}

/// Draws of a weighted sum of coefficients, chain after chain.
std::vector<double> draws_of(const NoUTurnSample& sample, const std::vector<double>& weights) {
  std::vector<double> out(sample.chains * sample.draws, 0.0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t c = 0; c < weights.size(); ++c) {
      out[i] += weights[c] * sample.values[i * sample.dimension + c];
    }
  }
  return out;
}

double benefit(const PosteriorSummary& s, bool below) {
  return below ? 1.0 - s.above_zero : s.above_zero;
}

void put_summary(std::string_view name, const PosteriorSummary& s, std::string_view unit,
                 Task& task) {
  task.out.row.level = task.level();
  task.out.put(name, s.mean, unit);
  task.out.put("lower", s.lower, unit);
  task.out.put("upper", s.upper, unit);
  task.out.row.level.reset();
  task.out.put("sd", s.sd, unit);
}

void put_odds_ratios(const BayesianMarkov& o, const Diary& diary, const MarkovPosterior& posterior,
                     Task& task) {
  const Frame& frame = diary.data.frame;
  const bool odds_of_better =
      (o.diary.terms.odds == OddsOf::higher) == (o.better == Better::higher);
  for (const ArmContrast& contrast : diary.contrasts()) {
    const auto draws = draws_of(posterior.sample, contrast.weights);
    const PosteriorSummary s = summarise_draws(draws, posterior.sample.chains, task.level());
    task.out.row.group = contrast.group;
    task.out.row.arm = frame.arms()[contrast.arm];
    task.out.row.arm_ref = frame.arms()[frame.reference()];
    task.out.row.level = task.level();
    put_ratio_of(s.median, "odds_ratio", task.out);
    put_ratio_of(s.lower, "lower", task.out);
    put_ratio_of(s.upper, "upper", task.out);
    task.out.row.level.reset();
    task.out.put("sd_log", s.sd, "ln");
    task.out.put("probability_of_benefit", benefit(s, !odds_of_better), "probability");
  }
  task.out.row.group.clear();
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
}

/// Whether the draws of days or scores are worth enough; constant ones have no such size.
bool enough_draws(const BayesianMarkov& o, const PosteriorSummary& s) {
  return s.sd == 0.0 || std::min(s.bulk_size, s.tail_size) >= o.least_effective_size;
}

/// Days or scores; without numbers where their draws are worth too little. False then.
bool put_total(const BayesianMarkov& o, std::string_view name, const PosteriorSummary& s,
               std::string_view unit, Task& task) {
  if (enough_draws(o, s)) {
    put_summary(name, s, unit, task);
    return true;
  }
  task.out.row.note =
      "refused: an effective sample size of these draws is below least_effective_size (less "
      "`thin`, or more `iterations`)";
  task.out.put(name, std::nullopt, unit);
  task.out.row.note.clear();
  return false;
}

/// Days and scores of each arm and their differences, draw by draw.
void put_totals(const BayesianMarkov& o, const Diary& diary, const Asked& asked,
                const BayesianMarkovModel& model, const MarkovPosterior& posterior, Task& task) {
  const Frame& frame = diary.data.frame;
  const std::size_t reference = frame.reference(), chains = posterior.sample.chains;
  std::vector<double> scores;
  for (const DayScore& score : asked.scores) {
    scores.insert(scores.end(), score.scores.begin(), score.scores.end());
  }
  std::vector<std::vector<std::vector<double>>> draws;  // arm, score, draw
  for (const Courses& courses : asked.courses) {
    draws.push_back(posterior_total_draws(model, posterior, courses.view(), scores,
                                          static_cast<std::size_t>(o.thin)));
  }
  for (std::size_t s = 0; s < asked.scores.size(); ++s) {
    const std::string& unit = asked.scores[s].unit;
    task.out.row.group = asked.scores[s].group;
    for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
      task.out.row.arm = frame.arms()[arm];
      put_total(o, "expected", summarise_draws(draws[arm][s], chains, task.level()), unit, task);
      if (arm == reference) continue;
      std::vector<double> difference(draws[arm][s]);
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= draws[reference][s][i];
      const PosteriorSummary summary = summarise_draws(difference, chains, task.level());
      task.out.row.arm_ref = frame.arms()[reference];
      if (put_total(o, "difference", summary, unit, task)) {
        task.out.put("probability_above_zero", summary.above_zero, "probability");
      }
      task.out.row.arm_ref.clear();
    }
  }
  task.out.row.arm.clear();
  task.out.row.group.clear();
}

std::string prior_conventions(const BayesianMarkov& o) {
  std::string out = "; priors: thresholds N(0, " + formats::shortest(o.threshold_prior_sd) +
                    "^2), arms N(0, " + formats::shortest(o.arm_prior_sd) + "^2), others N(0, " +
                    formats::shortest(o.coefficient_prior_sd) + "^2)";
  if (o.subject_intercepts) {
    out += ", intercept sd half-normal(" + formats::shortest(o.intercept_prior_scale) + ")";
  }
  return out + "; odds ratio: posterior median; interval: central credible; benefit: of " +
         std::string(better_names[static_cast<std::size_t>(o.better)]) +
         " categories; seed: " + std::to_string(o.seed) + "; chains: " + std::to_string(o.chains) +
         " of " + std::to_string(o.iterations) + " after " + std::to_string(o.warmup) +
         (o.thin > 1 ? "; days and scores: of every draw number " + std::to_string(o.thin) : "");
}

void run(const BayesianMarkov& o, Task& task) {
  task.out.row.method = "first-order Markov cumulative logit model (posterior, No-U-Turn sampler)";
  if (!check_keys(o, task)) return;
  auto diary = read_diary(o.diary, task);
  if (!diary) return;
  const auto asked = asked_of(*diary, o.diary, task);
  if (!asked) return;
  task.out.row.conventions =
      diary_conventions(*diary, o.diary, task.preset()) + prior_conventions(o);
  const std::vector<double> sds = prior_sds(o, *diary);
  BayesianMarkovModel model;
  model.transitions = diary->transitions();
  if (o.subject_intercepts) model.patient = diary->subject;
  model.priors = {o.threshold_prior_sd, sds, o.intercept_prior_scale};
  model.nodes = o.quadrature_points;
  model.sampler.chains = o.chains;
  model.sampler.warmup = o.warmup;
  model.sampler.draws = o.iterations;
  const MarkovPosterior posterior =
      sample_markov_posterior(model, {static_cast<std::uint64_t>(o.seed)});
  if (posterior.status != PosteriorStatus::sampled) {
    task.refuse(std::string(name_of(posterior.status)));
    return;
  }
  if (!chains_mixed(o, posterior, task)) return;
  put_odds_ratios(o, *diary, posterior, task);
  if (o.diary.occupancy) put_totals(o, *diary, *asked, model, posterior, task);
  if (o.subject_intercepts) put_summary("intercept_sd", posterior.summary.back(), "ln odds", task);
  put_diary_sizes(*diary, task);
}

}  // namespace

std::vector<MethodEntry> bayesian_markov_methods() {
  return {method<BayesianMarkov>("bayesian_markov_ordinal",
                                 "posterior of a Markov model of daily ordered categories")};
}

}  // namespace angiotrial::analysis
