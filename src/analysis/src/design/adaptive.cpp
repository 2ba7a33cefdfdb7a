// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/adaptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/fisher_recursion.hpp"
#include "design/stage_bounds.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t most_stages = 50;
constexpr std::size_t most_fisher_stages = 6;

bool rising_to_one(std::span<const double> t) {
  double before = 0.0;
  for (const double next : t) {
    if (!(next - before >= 0.999 * least_information_step)) return false;
    before = next;
  }
  return !t.empty() && std::fabs(before - 1.0) < 1.0e-9;
}

bool valid_bound(const AdaptivePlan& plan) {
  if (plan.rule == StageRule::fisher) return true;
  if (plan.family == BoundFamily::haybittle_peto) return plan.parameter > 0.0;
  if (plan.family == BoundFamily::wang_tsiatis) return std::isfinite(plan.parameter);
  return plan.spending.kind != SpendingKind::kim_demets || plan.spending.parameter > 0.0;
}

bool valid_futility(const AdaptivePlan& plan) {
  if (plan.futility.empty()) return !plan.binding;
  if (plan.futility.size() + 1 != plan.information.size()) return false;
  return std::all_of(plan.futility.begin(), plan.futility.end(), [&](double bound) {
    return plan.rule == StageRule::fisher ? bound > plan.alpha && bound <= 1.0
                                          : bound < infinity && !std::isnan(bound);
  });
}

DesignStatus check(const AdaptivePlan& plan) {
  if (!rising_to_one(plan.information)) return DesignStatus::invalid_information;
  if (!(plan.alpha > 0.0 && plan.alpha < 0.5)) return DesignStatus::invalid_level;
  const std::size_t most = plan.rule == StageRule::fisher ? most_fisher_stages : most_stages;
  if (plan.information.size() > most) return DesignStatus::too_many_stages;
  if (!valid_bound(plan)) return DesignStatus::invalid_bound;
  return valid_futility(plan) ? DesignStatus::planned : DesignStatus::invalid_futility;
}

std::vector<double> stage_weights(const AdaptivePlan& plan) {
  std::vector<double> w;
  double before = 0.0;
  for (const double t : plan.information) {
    w.push_back(std::sqrt(t - before));
    before = t;
  }
  if (plan.rule == StageRule::fisher) {
    for (std::size_t k = w.size(); k-- > 0;) w[k] /= w[0];
  }
  return w;
}

std::span<const double> obeyed(const AdaptivePlan& plan) {
  return plan.binding ? std::span<const double>(plan.futility) : std::span<const double>{};
}

std::vector<double> critical_at(const AdaptiveDesign& d, double alpha, std::size_t stages) {
  if (d.plan.rule != StageRule::fisher) return z_bounds(d.plan, alpha, stages);
  return fisher_critical(d.weights, obeyed(d.plan), alpha,
                         d.plan.fisher_levels == FisherLevels::full);
}

void fill_levels(AdaptiveDesign& d) {
  const std::size_t stages = d.critical.size();
  if (d.plan.rule == StageRule::fisher) {
    for (std::size_t k = 0; k < stages; ++k) {
      const auto some = std::span<const double>(d.critical).first(k + 1);
      const auto powers = std::span<const double>(d.weights).first(k + 1);
      const auto futility = obeyed(d.plan);
      d.stage_levels.push_back(fisher_product_level(powers, d.critical[k]));
      d.spent.push_back(
          fisher_rejection({some, powers, futility.first(std::min(k, futility.size()))}, 0, 1.0));
    }
    return;
  }
  const auto p = crossing(d.plan.information, obeyed(d.plan), d.critical, {});
  double sum = 0.0;
  for (std::size_t k = 0; k < stages; ++k) {
    d.stage_levels.push_back(quadrature::normal_cdf(-d.critical[k]));
    d.spent.push_back(sum += p.upper[k]);
  }
}

DesignStatus check_bounds(const AdaptiveDesign& d) {
  for (const double c : d.critical) {
    if (c == -infinity) return DesignStatus::futility_leaves_none;
  }
  for (std::size_t k = 0; k < d.plan.futility.size(); ++k) {
    if (d.plan.futility[k] > d.critical[k]) return DesignStatus::invalid_futility;
  }
  return std::isfinite(d.critical.back()) ? DesignStatus::planned : DesignStatus::invalid_bound;
}

/// Bounds of the stages after k for the data to come, standardised by their own information.
struct Remainder {
  std::vector<double> times, upper, lower, mean;
};

Remainder remainder(const AdaptiveDesign& d, std::size_t k, double z,
                    std::span<const double> futility, std::span<const double> shift) {
  const auto& t = d.plan.information;
  Remainder out;
  double sum = 0.0;
  for (std::size_t j = k + 1; j < t.size(); ++j) {
    const double gain = t[j] - t[k];
    const auto shifted = [&](double bound) {
      return (bound * std::sqrt(t[j]) - z * std::sqrt(t[k])) / std::sqrt(gain);
    };
    out.times.push_back(gain);
    out.upper.push_back(shifted(d.critical[j]));
    if (j < futility.size()) out.lower.push_back(shifted(futility[j]));
    if (!shift.empty()) sum += d.weights[j] * shift[j - k - 1];
    out.mean.push_back(sum / std::sqrt(gain));
  }
  return out;
}

}  // namespace

std::string_view name_of(DesignStatus status) {
  switch (status) {
    case DesignStatus::planned:
      return "planned";
    case DesignStatus::invalid_information:
      return "information fractions must rise from 0 to 1, by 0.0001 or more at each look";
    case DesignStatus::invalid_level:
      return "the level must lie between 0 and one half";
    case DesignStatus::invalid_futility:
      return "futility bounds: one an interim look, below the efficacy bound (fisher: p-values "
             "above the level)";
    case DesignStatus::invalid_bound:
      return "a bound outside its range, or no level left for the last look";
    case DesignStatus::too_many_stages:
      return "more than 50 looks, or Fisher's combination with more than six stages";
    case DesignStatus::futility_leaves_none:
      return "binding futility stops more trials than the level of a later look needs: that look "
             "has no bound";
  }
  return "unknown";
}

AdaptiveDesign plan_adaptive(AdaptivePlan plan) {
  AdaptiveDesign d;
  d.status = check(plan);
  d.plan = std::move(plan);
  if (d.status != DesignStatus::planned) return d;
  d.weights = stage_weights(d.plan);
  d.critical = critical_at(d, d.plan.alpha, d.plan.information.size());
  if (d.plan.rule != StageRule::fisher) d.status = check_bounds(d);
  if (d.status == DesignStatus::planned) fill_levels(d);
  return d;
}

double combine(const AdaptiveDesign& design, std::span<const double> p) {
  ANGIOTRIAL_EXPECT(!p.empty() && p.size() <= design.weights.size(), "one p-value a stage so far");
  double product = 1.0;
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    ANGIOTRIAL_EXPECT(p[k] >= 0.0 && p[k] <= 1.0, "p-values inside [0, 1]");
    const double w = design.weights[k];
    product *= std::pow(p[k], w);
    // A stage with p = 1 outweighs any other, also one with p = 0.
    const double z = p[k] >= 1.0   ? -infinity
                     : p[k] <= 0.0 ? 1.0e3
                                   : quadrature::upper_quantile(p[k]);
    sum += w * z;
    square += w * w;
  }
  return design.plan.rule == StageRule::fisher ? product : sum / std::sqrt(square);
}

bool rejects(const AdaptiveDesign& design, std::size_t k, double statistic) {
  return design.plan.rule == StageRule::fisher ? statistic <= design.critical[k]
                                               : statistic >= design.critical[k];
}

double conditional_rejection_probability(const AdaptiveDesign& design, std::size_t k,
                                         double statistic) {
  ANGIOTRIAL_EXPECT(k + 1 < design.critical.size(), "a stage before the last");
  if (design.plan.rule == StageRule::fisher) {
    if (rejects(design, k, statistic)) return 1.0;
    return fisher_rejection({design.critical, design.weights, obeyed(design.plan)}, k + 1,
                            statistic);
  }
  const Remainder r = remainder(design, k, statistic, obeyed(design.plan), {});
  return crossing(r.times, r.lower, r.upper, {}).reject();
}

std::vector<double> conditional_power(const AdaptiveDesign& design, std::size_t k, double statistic,
                                      std::span<const double> shift) {
  const std::size_t stages = design.critical.size();
  ANGIOTRIAL_EXPECT(k + 1 < stages && shift.size() == stages - k - 1, "a drift a later stage");
  std::vector<double> out;
  if (design.plan.rule == StageRule::fisher) {
    std::vector<double> full(k + 1, 0.0);
    full.insert(full.end(), shift.begin(), shift.end());
    const std::span<const double> c = design.critical;
    const std::span<const double> v = design.weights;
    for (std::size_t j = k + 2; j <= stages; ++j) {
      out.push_back(
          fisher_power({c.first(j), v.first(j), obeyed(design.plan)}, k + 1, statistic, full));
    }
    return out;
  }
  const Remainder r = remainder(design, k, statistic, design.plan.futility, shift);
  double sum = 0.0;
  for (const double p : crossing(r.times, r.lower, r.upper, r.mean).upper) {
    out.push_back(sum += p);
  }
  return out;
}

namespace {

constexpr double least_repeated = 1.0e-13;
constexpr double most_repeated = 0.5;

/// Stage k's product has the level `share` on its own, so every stage has: no search.
double repeated_p_of_equal_shares(const AdaptiveDesign& d, std::size_t k, double product) {
  const double share = fisher_product_level(std::span(d.weights).first(k + 1), product);
  if (share < least_repeated) return least_repeated;
  if (share >= most_repeated) return most_repeated;
  return std::min(most_repeated, fisher_level_of_share(d.weights, obeyed(d.plan), share));
}

}  // namespace

std::optional<double> repeated_p_value(const AdaptiveDesign& design, std::size_t k,
                                       double statistic) {
  const bool fisher = design.plan.rule == StageRule::fisher;
  const bool given = !fisher && design.plan.family == BoundFamily::haybittle_peto;
  if (given && k + 1 < design.critical.size()) return std::nullopt;
  if (fisher && design.plan.fisher_levels == FisherLevels::equal) {
    return repeated_p_of_equal_shares(design, k, statistic);
  }
  const auto excess = [&](double log_alpha) {
    const double c = critical_at(design, std::exp(log_alpha), k + 1)[k];
    return fisher ? std::log(c / std::max(statistic, 1.0e-300))
                  : std::clamp(statistic, -40.0, 40.0) - std::clamp(c, -50.0, 50.0);
  };
  const double low = std::log(least_repeated);
  const double high = std::log(most_repeated) - 1.0e-9;  // bounds are for levels below one half
  if (excess(low) >= 0.0) return least_repeated;
  if (excess(high) <= 0.0) return most_repeated;
  return std::exp(root(excess, low, high, 1.0e-13));
}

double stagewise_p_value(const AdaptiveDesign& design, std::size_t k, double statistic,
                         std::span<const double> mean) {
  ANGIOTRIAL_EXPECT(k < design.critical.size(), "a stage of the design");
  std::vector<double> bounds(design.critical.begin(),
                             design.critical.begin() + static_cast<std::ptrdiff_t>(k));
  bounds.push_back(statistic);
  auto futility = obeyed(design.plan);
  futility = futility.first(std::min(futility.size(), k));
  if (design.plan.rule == StageRule::fisher) {
    ANGIOTRIAL_EXPECT(mean.empty(), "Fisher's combination under the null");
    return fisher_rejection({bounds, std::span(design.weights).first(k + 1), futility}, 0, 1.0);
  }
  return std::min(1.0, crossing(design.plan.information, futility, bounds, mean).reject());
}

}  // namespace angiotrial::analysis
