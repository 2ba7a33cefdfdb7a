// SPDX-License-Identifier: Apache-2.0
#include "design/arm_shares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/arms_rule.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double faintest = 1.0e-12;  ///< an arm that cannot be best still fills up what is left

double root_share(std::size_t others) {
  const double root = std::sqrt(static_cast<double>(others));
  return root / (root + static_cast<double>(others));
}

/// An arm whose share is c w, within its limits.
struct Adaptive {
  std::size_t arm = 0;
  double weight = 1.0, least = 0.0, most = 1.0;

  [[nodiscard]] double share(double c) const { return std::clamp(c * weight, least, most); }
  [[nodiscard]] bool inside(double c) const { return least <= c * weight && c * weight <= most; }
};

/// An arm without a share of its own: P(best)^softening, or all alike.
Adaptive adaptive_arm(const AdaptiveArms& d, std::size_t k, double softening, double best) {
  if (d.control_share == ControlShare::root_fixed) return {k, 1.0, 0.0, 1.0};
  const double p = std::max(best, faintest);
  return {k, softening == 1.0 ? p : std::pow(p, softening), number_or(d.least, k, 0.0),
          number_or(d.most, k, 1.0)};
}

double total(std::span<const Adaptive> arms, double c) {
  double sum = 0.0;
  for (const Adaptive& a : arms) sum += a.share(c);
  return sum;
}

/// c with total `free`: the sum rises in c and is straight between the c at which a limit is met.
double scale_of(std::span<const Adaptive> arms, double free) {
  std::vector<double> bends{0.0};
  for (const Adaptive& a : arms) {
    bends.push_back(a.least / a.weight);
    bends.push_back(a.most / a.weight);
  }
  std::ranges::sort(bends);
  for (std::size_t i = 1; i < bends.size(); ++i) {
    const double before = total(arms, bends[i - 1]), after = total(arms, bends[i]);
    if (after < free || after == before) continue;
    return std::lerp(bends[i - 1], bends[i], std::max(0.0, (free - before) / (after - before)));
  }
  return bends.back();
}

void fill(std::span<const Adaptive> arms, double free, std::span<double> shares) {
  double weight = 0.0;
  for (const Adaptive& a : arms) weight += a.weight;
  const double plain = free / weight;
  const bool inside = std::ranges::all_of(arms, [&](const Adaptive& a) { return a.inside(plain); });
  const double c = inside ? plain : scale_of(arms, free);
  for (const Adaptive& a : arms) shares[a.arm] = a.share(c);
}

/// Sum with a control whose share is the largest of these and of `fixed`; it rises in c.
double matched_total(std::span<const Adaptive> arms, double fixed, double c) {
  double sum = 0.0, largest = fixed;
  for (const Adaptive& a : arms) {
    sum += a.share(c);
    largest = std::max(largest, a.share(c));
  }
  return sum + largest;
}

/// c with matched total `free`, by halving; at its end where none is.
double matched_scale(std::span<const Adaptive> arms, double free, double fixed) {
  double low = 0.0, high = 0.0;
  for (const Adaptive& a : arms) high = std::max(high, a.most / a.weight);
  if (matched_total(arms, fixed, high) <= free) return high;
  for (int i = 0; i < 100; ++i) {
    const double middle = std::midpoint(low, high);
    (matched_total(arms, fixed, middle) < free ? low : high) = middle;
  }
  return high;
}

/// Shares of the others that leave the control as much as the largest of them and of `fixed`.
void fill_matched(std::span<const Adaptive> arms, double free, double fixed,
                  std::span<double> shares) {
  double weight = 0.0, heaviest = 0.0;
  for (const Adaptive& a : arms) {
    weight += a.weight;
    heaviest = std::max(heaviest, a.weight);
  }
  const double plain = free / (weight + heaviest);
  const bool inside = std::ranges::all_of(arms, [&](const Adaptive& a) { return a.inside(plain); });
  const double c = inside && fixed <= plain * heaviest ? plain : matched_scale(arms, free, fixed);
  for (const Adaptive& a : arms) shares[a.arm] = a.share(c);
}

}  // namespace

double settled_share(const AdaptiveArms& d, std::size_t others) {
  switch (d.control_share) {
    case ControlShare::fixed:
      return d.control_fixed;
    case ControlShare::root:
    case ControlShare::root_fixed:
      return root_share(others);
    case ControlShare::root_start:
      return root_share(d.arms - 1);
    case ControlShare::adaptive:
    case ControlShare::match:
      break;
  }
  return -1.0;
}

// share_k proportional to P(best)^softening among arms without a share of their own. Limits without
// a solution, now that arms have gone, are met as they stand and rescaled; the sum is above 0, as
// every greatest share is.
void allocate(const AdaptiveArms& d, std::span<const char> left, std::optional<std::size_t> control,
              double softening, std::span<const double> best, std::span<double> shares) {
  thread_local std::vector<Adaptive> adaptive;
  adaptive.clear();
  const auto arms_left =
      static_cast<std::size_t>(std::ranges::count_if(left, [](char in) { return in != 0; }));
  double free = 1.0;
  std::ranges::fill(shares, 0.0);
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (left[k] == 0) continue;
    const bool is_control = control && *control == k && d.control_share != ControlShare::adaptive;
    if (is_control && d.control_share == ControlShare::match) continue;
    const double settled =
        is_control ? settled_share(d, arms_left - 1) : number_or(d.fixed, k, 0.0);
    if (settled > 0.0) {
      shares[k] = settled;
      free -= settled;
    } else {
      adaptive.push_back(adaptive_arm(d, k, softening, best[k]));
    }
  }
  free = std::max(free, 0.0);
  const bool match = control && d.control_share == ControlShare::match;
  if (match) {
    if (!adaptive.empty()) fill_matched(adaptive, free, std::ranges::max(shares), shares);
    shares[*control] = std::ranges::max(shares);
  } else if (!adaptive.empty()) {
    fill(adaptive, free, shares);
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
}

std::vector<double> shares_at_start(const AdaptiveArms& d) {
  std::vector<double> out(d.arms, 1.0);
  if (!d.start.empty()) {
    const double sum = std::accumulate(d.start.begin(), d.start.end(), 0.0);
    std::ranges::transform(d.start, out.begin(), [&](double s) { return s / sum; });
    return out;
  }
  const std::vector<char> all(d.arms, 1);
  const std::vector<double> alike(d.arms, 1.0 / static_cast<double>(d.arms));
  AdaptiveArms unlimited = d;
  unlimited.least.clear();
  unlimited.most.clear();
  allocate(unlimited, all, d.control, 1.0, alike, out);
  return out;
}

std::vector<double> starting_shares(const AdaptiveArms& d) {
  if (check(d) != ArmsStatus::valid) return {};
  return shares_at_start(d);
}

}  // namespace angiotrial::analysis
