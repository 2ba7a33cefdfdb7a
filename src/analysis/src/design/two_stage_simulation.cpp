// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/two_stage_simulation.hpp>

#include <angiotrial/random/batch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::size_t block = 2048;  ///< trials drawn together

bool positive(double x) { return x > 0.0 && std::isfinite(x); }

SimulationStatus check(const TwoStagePlan& plan, int trials) {
  const AdaptiveDesign& d = plan.design;
  if (d.status != DesignStatus::planned || d.critical.size() != 2 ||
      d.plan.rule == StageRule::fisher) {
    return SimulationStatus::invalid_design;
  }
  bool valid =
      positive(plan.first) && positive(plan.second) && positive(plan.allocation) && trials > 0;
  if (plan.again) {
    const SecondStageRule& rule = *plan.again;
    valid = valid && positive(rule.least) && rule.most >= rule.least && std::isfinite(rule.most) &&
            rule.target > 0.0 && rule.target < 1.0;
  }
  return valid ? SimulationStatus::simulated : SimulationStatus::invalid_parameter;
}

/// Decisions of one plan, with all that does not change between trials worked out.
class Decisions {
 public:
  explicit Decisions(const TwoStagePlan& plan)
      : plan_(plan),
        upper_(plan.design.critical[0]),
        final_(plan.design.critical[1]),
        futility_(plan.design.plan.futility.empty() ? -std::numeric_limits<double>::infinity()
                                                    : plan.design.plan.futility[0]),
        w1_(std::sqrt(plan.design.plan.information[0])),
        w2_(std::sqrt(1.0 - plan.design.plan.information[0])),
        pooled_(plan.design.plan.rule == StageRule::group_sequential),
        z_target_(plan.again ? quadrature::normal_quantile(plan.again->target) : 0.0) {}

  [[nodiscard]] bool stops(double z1) const { return z1 >= upper_ || z1 <= futility_; }
  [[nodiscard]] bool rejects_first(double z1) const { return z1 >= upper_; }

  /// Second stage's size where the z of n patients has mean effect sqrt(n).
  [[nodiscard]] double second_size(double z1, double effect) const {
    if (!plan_.again) return plan_.second;
    const double needed = (final_ - w1_ * z1) / w2_ + z_target_;
    if (needed <= 0.0) return plan_.again->least;
    if (effect <= 0.0) return plan_.again->most;
    return std::clamp(needed * needed / (effect * effect), plan_.again->least, plan_.again->most);
  }
  /// Group sequential designs weigh stages by the sizes they came to.
  [[nodiscard]] bool rejects_last(double z1, double z2, double second) const {
    if (!pooled_) return w1_ * z1 + w2_ * z2 >= final_;
    const double share = plan_.first / (plan_.first + second);
    return std::sqrt(share) * z1 + std::sqrt(1.0 - share) * z2 >= final_;
  }

 private:
  const TwoStagePlan& plan_;
  double upper_, final_, futility_, w1_, w2_;
  bool pooled_;
  double z_target_;
};

/// Sums over trials, in the order of the trials.
struct Tally {
  double rejected = 0.0, first = 0.0, futile = 0.0, size = 0.0, square = 0.0;

  void add(bool reject, bool early, bool stopped, double patients) {
    rejected += reject ? 1.0 : 0.0;
    first += early ? 1.0 : 0.0;
    futile += stopped && !early ? 1.0 : 0.0;
    size += patients;
    square += patients * patients;
  }
  [[nodiscard]] TwoStageOutcome outcome(int trials) const {
    const double n = trials;
    TwoStageOutcome out;
    out.status = SimulationStatus::simulated;
    out.rejected = rejected / n;
    out.rejected_first = first / n;
    out.futile = futile / n;
    out.expected_size = size / n;
    out.se_rejected = std::sqrt(out.rejected * (1.0 - out.rejected) / n);
    out.se_size = std::sqrt(std::max(0.0, square / n - out.expected_size * out.expected_size) / n);
    return out;
  }
};

/// Inverse of a binomial distribution function, by a table of starting points.
class BinomialTable {
 public:
  BinomialTable(int n, double p) {
    double sum = 0.0;
    for (int k = 0; k <= n; ++k) {
      double log_mass = std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
      if (k > 0) log_mass += k * std::log(p);
      if (k < n) log_mass += (n - k) * std::log1p(-p);
      sum += std::exp(log_mass);
      cumulative_.push_back(sum);
    }
    cumulative_.back() = 1.0;
    std::uint32_t k = 0;
    for (std::size_t i = 0; i < guides; ++i) {
      while (cumulative_[k] < static_cast<double>(i) / guides) ++k;
      start_[i] = k;
    }
  }
  [[nodiscard]] double at(double u) const {
    std::uint32_t k = start_[static_cast<std::size_t>(u * guides)];
    while (cumulative_[k] < u) ++k;
    return k;
  }

 private:
  static constexpr std::size_t guides = 128;
  std::vector<double> cumulative_;
  std::array<std::uint32_t, guides> start_{};
};

/// Tables by size, made when first asked for.
class BinomialTables {
 public:
  explicit BinomialTables(double p) : p_(p) {}
  const BinomialTable& of(int n) {
    const auto at = static_cast<std::size_t>(n);
    if (at >= tables_.size()) tables_.resize(at + 1);
    if (!tables_[at]) tables_[at].emplace(n, p_);
    return *tables_[at];
  }

 private:
  double p_;
  std::vector<std::optional<BinomialTable>> tables_;
};

struct ArmSizes {
  int treatment = 0, control = 0;
};
ArmSizes arms_of(double total, double allocation) {
  const double control = std::max(1.0, std::round(total / (1.0 + allocation)));
  return {static_cast<int>(std::max(1.0, std::round(total * allocation / (1.0 + allocation)))),
          static_cast<int>(control)};
}

double pooled_z(double x1, double n1, double x2, double n2) {
  const double pooled = (x1 + x2) / (n1 + n2);
  const double variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
  return variance > 0.0 ? (x1 / n1 - x2 / n2) / std::sqrt(variance) : 0.0;
}

random::Streams streams_of(std::uint64_t seed, std::size_t number) {
  return {seed, static_cast<std::uint32_t>(number), 0};
}

}  // namespace

std::string_view name_of(SimulationStatus status) {
  switch (status) {
    case SimulationStatus::simulated:
      return "simulated";
    case SimulationStatus::invalid_design:
      return "a planned design of two looks is needed, group sequential or inverse normal; "
             "Fisher's "
             "product is not offered here";
    case SimulationStatus::invalid_parameter:
      return "a parameter outside its range";
  }
  return "unknown";
}

// z_k = N(0, 1) + d / s sqrt(n_k r) / (1 + r)
TwoStageOutcome simulate(const TwoStageMeans& trial, int trials, std::uint64_t seed) {
  TwoStageOutcome refused;
  refused.status = check(trial.plan, trials);
  if (refused.status != SimulationStatus::simulated) return refused;
  if (!positive(trial.sd) || !std::isfinite(trial.difference)) {
    refused.status = SimulationStatus::invalid_parameter;
    return refused;
  }
  const TwoStagePlan& plan = trial.plan;
  const Decisions decisions(plan);
  const double share = std::sqrt(plan.allocation) / (1.0 + plan.allocation);
  const double truth = trial.difference / trial.sd * share;
  const double first_root = std::sqrt(plan.first);
  const bool observed = !plan.again || !plan.again->assumed;
  const double assumed = observed ? 0.0 : *plan.again->assumed / trial.sd * share;
  Tally tally;
  std::vector<double> z1(block), z2(block);
  for (std::size_t from = 0; from < static_cast<std::size_t>(trials); from += block) {
    const std::size_t count = std::min(block, static_cast<std::size_t>(trials) - from);
    const auto streams = streams_of(seed, from / block);
    random::fill_normal(streams, random::Purpose::design_simulation, 0, std::span(z1).first(count));
    random::fill_normal(streams, random::Purpose::design_simulation, 1, std::span(z2).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      const double first = z1[i] + truth * first_root;
      if (decisions.stops(first)) {
        const bool early = decisions.rejects_first(first);
        tally.add(early, early, true, plan.first);
        continue;
      }
      const double second = decisions.second_size(first, observed ? first / first_root : assumed);
      const double last = z2[i] + truth * std::sqrt(second);
      tally.add(decisions.rejects_last(first, last, second), false, false, plan.first + second);
    }
  }
  return tally.outcome(trials);
}

TwoStageOutcome simulate(const TwoStageRates& trial, int trials, std::uint64_t seed) {
  TwoStageOutcome refused;
  refused.status = check(trial.plan, trials);
  if (refused.status != SimulationStatus::simulated) return refused;
  const auto inside = [](double p) { return p > 0.0 && p < 1.0; };
  const TwoStagePlan& plan = trial.plan;
  const double most = std::max({plan.first, plan.second, plan.again ? plan.again->most : 0.0});
  if (!inside(trial.treatment) || !inside(trial.control) || most > 1.0e5) {
    refused.status = SimulationStatus::invalid_parameter;
    return refused;
  }
  const Decisions decisions(plan);
  BinomialTables treated(trial.treatment), controls(trial.control);
  const ArmSizes first_arms = arms_of(plan.first, plan.allocation);
  const double first_size = first_arms.treatment + first_arms.control;
  const double share = std::sqrt(plan.allocation) / (1.0 + plan.allocation);
  const bool observed = !plan.again || !plan.again->assumed;
  Tally tally;
  std::array<std::vector<double>, 4> u;
  for (auto& draws : u) draws.resize(block);
  for (std::size_t from = 0; from < static_cast<std::size_t>(trials); from += block) {
    const std::size_t count = std::min(block, static_cast<std::size_t>(trials) - from);
    const auto streams = streams_of(seed, from / block);
    for (std::uint32_t j = 0; j < 4; ++j) {
      random::fill_uniform(streams, random::Purpose::design_simulation, j,
                           std::span(u[j]).first(count));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double x1 = treated.of(first_arms.treatment).at(u[0][i]);
      const double x2 = controls.of(first_arms.control).at(u[1][i]);
      const double first = pooled_z(x1, first_arms.treatment, x2, first_arms.control);
      if (decisions.stops(first)) {
        const bool early = decisions.rejects_first(first);
        tally.add(early, early, true, first_size);
        continue;
      }
      const double pooled = (x1 + x2) / first_size;
      const double effect =
          observed ? first / std::sqrt(first_size)
                   : *plan.again->assumed * share / std::sqrt(pooled * (1.0 - pooled) + 1.0e-12);
      const ArmSizes arms = arms_of(decisions.second_size(first, effect), plan.allocation);
      const double y1 = treated.of(arms.treatment).at(u[2][i]);
      const double y2 = controls.of(arms.control).at(u[3][i]);
      const double second = arms.treatment + arms.control;
      tally.add(
          decisions.rejects_last(first, pooled_z(y1, arms.treatment, y2, arms.control), second),
          false, false, first_size + second);
    }
  }
  return tally.outcome(trials);
}

}  // namespace angiotrial::analysis
