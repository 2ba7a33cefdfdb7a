// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/response_adaptive_simulation.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/arms_rule.hpp"

namespace angiotrial::analysis {
namespace {

ArmsStatus check(const AdaptiveArms& d, const ArmsTruth& truth, int trials) {
  const ArmsStatus status = analysis::check(d);
  if (status != ArmsStatus::valid) return status;
  if (trials < 1 || truth.means.size() != d.arms) return ArmsStatus::invalid_truth;
  if (d.endpoint == ArmsEndpoint::binary) {
    const auto rate = [](double p) { return p >= 0.0 && p <= 1.0; };
    return std::ranges::all_of(truth.means, rate) ? status : ArmsStatus::invalid_truth;
  }
  const auto positive = [](double sd) { return sd > 0.0 && std::isfinite(sd); };
  const auto finite = [](double mean) { return std::isfinite(mean); };
  if (truth.sds.size() != d.arms || !std::ranges::all_of(truth.sds, positive) ||
      !std::ranges::all_of(truth.means, finite)) {
    return ArmsStatus::invalid_truth;
  }
  return d.looks[0] >= 2 * static_cast<int>(d.arms) ? status : ArmsStatus::too_few;
}

/// Sums of an arm's patients: of events, or of the standard normals behind the outcomes.
struct ArmTally {
  double n = 0.0, sum = 0.0, squares = 0.0;

  void add(double y) {
    n += 1.0;
    sum += y;
    squares += y * y;
  }
};

/// One trial at a time, with buffers that are kept.
class Trial {
 public:
  Trial(const AdaptiveArms& design, const ArmsTruth& truth)
      : design_(design),
        truth_(truth),
        binary_(design.endpoint == ArmsEndpoint::binary),
        rule_(design, false),
        start_(starting_shares(design)),
        recruited_(design.randomised.empty() ? design.looks : design.randomised) {
    const auto most = static_cast<std::size_t>(recruited_.back());
    luck_.resize(2 * most);
    outcome_.resize(most);
    arm_.resize(most);
    for (auto* list : {&first_, &second_, &until_}) list->resize(design.arms);
  }

  /// False: posteriors too unlike.
  bool run(random::Streams streams) {
    begin();
    std::size_t in = 0, seen = 0;
    for (std::size_t look = 0; look < design_.looks.size(); ++look) {
      const auto recruited = static_cast<std::size_t>(recruited_[look]);
      randomise(streams, look, in, recruited);
      in = recruited;
      const auto known = static_cast<std::size_t>(design_.looks[look]);
      if (known == recruited) known_ = all_;  // no one is waited for: the sums are the same
      if (known < recruited) {
        for (; seen < known; ++seen) known_[arm_[seen]].add(outcome_[seen]);
      }
      seen = known;
      set_posteriors();
      if (!rule_.decide(first_, second_, look, state_)) return false;
      if (state_.decision != TrialDecision::proceeds) break;
    }
    return true;
  }

  [[nodiscard]] const ArmsLook& state() const { return state_; }
  [[nodiscard]] double patients(std::size_t k) const { return all_[k].n; }
  [[nodiscard]] double sum(std::size_t k) const {
    return binary_ ? all_[k].sum : all_[k].n * truth_.means[k] + truth_.sds[k] * all_[k].sum;
  }
  /// Posterior mean with every randomised patient in.
  [[nodiscard]] double estimate(std::size_t k) const {
    const double prior = design_.prior_events + design_.prior_others;
    return binary_ ? (design_.prior_events + all_[k].sum) / (prior + all_[k].n)
                   : sum(k) / all_[k].n;
  }

 private:
  void begin() {
    known_.assign(design_.arms, {});
    all_.assign(design_.arms, {});
    state_.states.assign(design_.arms, ArmState::active);
    state_.control = design_.control;
    if (design_.control) state_.states[*design_.control] = ArmState::control;
    state_.shares = start_;
  }

  void randomise(random::Streams streams, std::size_t look, std::size_t from, std::size_t to) {
    if (to == from) return;
    const auto luck = std::span(luck_).first(2 * (to - from));
    random::fill_uniform(streams, random::Purpose::design_simulation,
                         static_cast<std::uint32_t>(look), luck);
    std::partial_sum(state_.shares.begin(), state_.shares.end(), until_.begin());
    std::size_t last = design_.arms - 1;
    while (state_.shares[last] == 0.0) --last;
    const double* until = until_.data();
    for (std::size_t i = from, at = 0; i < to; ++i, at += 2) {
      std::size_t arm = 0;
      for (std::size_t k = 0; k < last; ++k) arm += luck[at] >= until[k] ? 1 : 0;
      arm_[i] = static_cast<unsigned char>(arm);
      outcome_[i] = luck[at + 1];
    }
    for (std::size_t i = from; i < to; ++i) {
      const std::size_t arm = arm_[i];
      outcome_[i] = binary_ ? static_cast<double>(outcome_[i] < truth_.means[arm])
                            : random::normal_quantile(outcome_[i]);
      all_[arm].add(outcome_[i]);
    }
  }

  void set_posteriors() {
    if (!binary_) {
      set_normal();
      return;
    }
    for (std::size_t k = 0; k < design_.arms; ++k) {
      first_[k] = design_.prior_events + known_[k].sum;
      second_[k] = design_.prior_others + known_[k].n - known_[k].sum;
    }
  }

  // Arms with too few patients: the mean of all, and a hundred times their spread.
  void set_normal() {
    const bool estimated = design_.endpoint == ArmsEndpoint::normal_estimated;
    double n = 0.0, total = 0.0, squares = 0.0, widest = 0.0;
    for (std::size_t k = 0; k < design_.arms; ++k) {
      const ArmTally& t = known_[k];
      const double mean = truth_.means[k], sd = truth_.sds[k];
      n += t.n;
      total += mean * t.n + sd * t.sum;
      squares += mean * mean * t.n + 2.0 * mean * sd * t.sum + sd * sd * t.squares;
    }
    const double vague = 100.0 * std::sqrt(std::max(squares / n - total / n * (total / n), 1e-300));
    for (std::size_t k = 0; k < design_.arms; ++k) {
      const ArmTally& t = known_[k];
      const bool enough = t.n > (estimated ? 1.0 : 0.0);
      const double z = enough ? t.sum / t.n : 0.0;
      const double scatter = std::max(t.squares - t.n * z * z, 0.0);
      const double width = estimated ? std::sqrt(scatter) / (t.n - 1.0) : 1.0 / std::sqrt(t.n);
      first_[k] = enough ? truth_.means[k] + truth_.sds[k] * z : total / n;
      second_[k] = enough ? truth_.sds[k] * width : vague;
      widest = std::max(widest, second_[k]);
    }
    for (double& sd : second_) sd = std::max(sd, 1.0e-4 * widest);
  }

  const AdaptiveArms& design_;
  const ArmsTruth& truth_;
  bool binary_;
  ArmsRule rule_;
  std::vector<double> start_;
  std::vector<int> recruited_;
  ArmsLook state_;
  std::vector<ArmTally> known_, all_;  ///< patients with an outcome; all randomised
  std::vector<double> luck_, outcome_, first_, second_, until_;
  std::vector<unsigned char> arm_;
};

std::optional<std::size_t> selection(const AdaptiveArms& d, const ArmsLook& end,
                                     ArmsFallback fallback) {
  const auto superior = std::ranges::find(end.states, ArmState::superior);
  if (superior != end.states.end()) {
    return static_cast<std::size_t>(superior - end.states.begin());
  }
  if (fallback == ArmsFallback::none) return std::nullopt;
  if (fallback == ArmsFallback::control) {
    const bool left = d.control && end.states[*d.control] == ArmState::control;
    return left ? d.control : std::nullopt;
  }
  std::optional<std::size_t> best;
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (std::isnan(end.best_left[k])) continue;
    if (!best || end.best_left[k] > end.best_left[*best]) best = k;
  }
  return best;
}

/// A mean over trials, summed in their order.
struct Sum {
  double sum = 0.0, squares = 0.0;

  void add(double x) {
    sum += x;
    squares += x * x;
  }
  [[nodiscard]] double sd(double n) const {
    return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
  }
  [[nodiscard]] Simulated over(double n) const { return {sum / n, sd(n) / std::sqrt(n)}; }
};

struct Tally {
  Sum superiority, equivalence, futility, inconclusive, replaced, size, total, none, right, square;
  std::vector<Sum> patients, sums, selected;

  explicit Tally(std::size_t arms) : patients(arms), sums(arms), selected(arms) {}

  void add(const AdaptiveArms& d, const ArmsTruth& truth, const Trial& trial,
           ArmsFallback fallback) {
    const ArmsLook& end = trial.state();
    const auto ends = [&](TrialDecision by) { return end.decision == by ? 1.0 : 0.0; };
    superiority.add(ends(TrialDecision::superiority));
    equivalence.add(ends(TrialDecision::equivalence));
    futility.add(ends(TrialDecision::futility));
    inconclusive.add(ends(TrialDecision::maximum));
    replaced.add(end.control != d.control ? 1.0 : 0.0);
    const auto taken = selection(d, end, fallback);
    double n = 0.0, y = 0.0;
    for (std::size_t k = 0; k < d.arms; ++k) {
      n += trial.patients(k);
      y += trial.sum(k);
      patients[k].add(trial.patients(k));
      sums[k].add(trial.sum(k));
      selected[k].add(taken == k ? 1.0 : 0.0);
    }
    size.add(n);
    total.add(y);
    none.add(taken ? 0.0 : 1.0);
    const double aim = d.favours == Favours::larger ? std::ranges::max(truth.means)
                                                    : std::ranges::min(truth.means);
    right.add(taken && truth.means[*taken] == aim ? 1.0 : 0.0);
    if (!taken || !(trial.patients(*taken) > 0.0)) return;
    const double error = trial.estimate(*taken) - truth.means[*taken];
    square.add(error * error);
    ++estimated_;
  }

  [[nodiscard]] ArmsOutcome outcome(int trials) const {
    const double n = trials;
    const auto each = [&](const std::vector<Sum>& list) {
      std::vector<Simulated> out;
      for (const Sum& s : list) out.push_back(s.over(n));
      return out;
    };
    ArmsOutcome out{ArmsStatus::valid, superiority.over(n),  equivalence.over(n),
                    futility.over(n),  inconclusive.over(n), replaced.over(n),
                    size.over(n),      size.sd(n),           total.over(n),
                    each(patients),    each(sums),           each(selected),
                    none.over(n),      right.over(n),        {}};
    if (estimated_ == 0) return out;
    const Simulated mean = square.over(estimated_);
    out.rmse.value = std::sqrt(mean.value);
    out.rmse.error = mean.value > 0.0 ? 0.5 * mean.error / out.rmse.value : 0.0;
    return out;
  }

 private:
  int estimated_ = 0;
};

}  // namespace

ArmsOutcome simulate_adaptive_arms(const AdaptiveArms& design, const ArmsTruth& truth,
                                   ArmsFallback fallback, int trials, std::uint64_t seed) {
  ArmsOutcome refused;
  refused.status = check(design, truth, trials);
  if (refused.status != ArmsStatus::valid) return refused;
  Trial trial(design, truth);
  Tally tally(design.arms);
  for (int i = 0; i < trials; ++i) {
    if (!trial.run({seed, static_cast<std::uint32_t>(i), 0})) {
      refused.status = ArmsStatus::too_unlike;
      return refused;
    }
    tally.add(design, truth, trial, fallback);
  }
  return tally.outcome(trials);
}

}  // namespace angiotrial::analysis
