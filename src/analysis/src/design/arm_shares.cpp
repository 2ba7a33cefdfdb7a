// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/arms_rule.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double faintest = 1.0e-12;  ///< an arm that cannot be best still fills up what is left

double number_or(const std::vector<double>& list, std::size_t k, double otherwise) {
  return list.empty() ? otherwise : list[k];
}

double root_share(std::size_t others) {
  const double root = std::sqrt(static_cast<double>(others));
  return root / (root + static_cast<double>(others));
}

/// An arm whose share is c w, within its limits.
struct Adaptive {
  std::size_t arm = 0;
  double weight = 1.0, least = 0.0, most = 1.0;
};

double total(std::span<const Adaptive> arms, double c) {
  double sum = 0.0;
  for (const Adaptive& a : arms) sum += std::clamp(c * a.weight, a.least, a.most);
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
  const bool inside = std::ranges::all_of(arms, [&](const Adaptive& a) {
    return a.least <= plain * a.weight && plain * a.weight <= a.most;
  });
  const double c = inside ? plain : scale_of(arms, free);
  for (const Adaptive& a : arms) shares[a.arm] = std::clamp(c * a.weight, a.least, a.most);
}

/// Share of the control where it does not follow from the data; below 0 where it does.
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

}  // namespace

// share_k proportional to P(best)^softening among arms without a share of their own.
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
    } else if (d.control_share == ControlShare::root_fixed) {
      adaptive.push_back({k, 1.0, 0.0, 1.0});
    } else {
      const double p = std::max(best[k], faintest);
      adaptive.push_back({k, softening == 1.0 ? p : std::pow(p, softening),
                          number_or(d.least, k, 0.0), number_or(d.most, k, 1.0)});
    }
  }
  if (!adaptive.empty()) fill(adaptive, std::max(free, 0.0), shares);
  if (control && d.control_share == ControlShare::match) {
    shares[*control] = *std::ranges::max_element(shares);
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
}

std::vector<double> starting_shares(const AdaptiveArms& d) {
  if (check(d) != ArmsStatus::valid) return {};
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

}  // namespace angiotrial::analysis
