// SPDX-License-Identifier: Apache-2.0
#include "composites/peron_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis::peron {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

}  // namespace

void fill_order(const WinTier& tier, std::span<const std::int32_t> patients,
                std::vector<Timed>& sorted, Order& order) {
  sorted.clear();
  order.place.assign(patients.size(), -1);
  order.event.assign(patients.size(), 1);
  order.times.clear();
  for (std::size_t i = 0; i < patients.size(); ++i) {
    const std::size_t patient = at(patients[i]);
    if (std::isnan(tier.values[patient])) continue;
    if (tier.kind == TierKind::event_time) order.event[i] = tier.event[patient];
    sorted.push_back({tier.values[patient], static_cast<std::int32_t>(i)});
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Timed& a, const Timed& b) { return a.time < b.time; });
  for (const Timed& t : sorted) {
    if (order.times.empty() || t.time > order.times.back()) order.times.push_back(t.time);
    order.place[at(t.patient)] = static_cast<std::int32_t>(order.times.size()) - 1;
  }
}

void match_orders(const WinTier& tier, Order& own, const Order& other) {
  const double margin = tier.margin;
  const auto beyond = [&](double difference) {
    return tier.at_margin && margin > 0.0 ? difference >= margin : difference > margin;
  };
  const std::vector<double>& s = other.times;
  // Each count rises with t.
  const auto count = [&](std::vector<std::int32_t>& out, auto counts) {
    out.resize(own.times.size());
    std::size_t q = 0;
    for (std::size_t e = 0; e < own.times.size(); ++e) {
      while (q < s.size() && counts(s[q], own.times[e])) ++q;
      out[e] = static_cast<std::int32_t>(q);
    }
  };
  count(own.reach, [&](double other_time, double t) { return other_time - t <= margin; });
  count(own.sure_from, [&](double other_time, double t) { return other_time - t < margin; });
  count(own.before_event, [&](double other_time, double t) { return beyond(t - other_time); });
  count(own.before_censored, [&](double other_time, double t) { return t - other_time >= margin; });
}

void fill_curve(const Order& order, std::span<const double> weights, Curve& curve) {
  const std::size_t steps = order.times.size();
  curve.at_risk.assign(steps, 0.0);
  curve.events.assign(steps, 0.0);
  curve.survival.assign(steps + 1, 1.0);
  curve.last = -1;
  for (std::size_t i = 0; i < order.place.size(); ++i) {
    if (order.place[i] < 0) continue;
    const double weight = weights.empty() ? 1.0 : weights[i];
    curve.at_risk[at(order.place[i])] += weight;
    if (order.event[i] == 1) curve.events[at(order.place[i])] += weight;
    if (weight > 0.0) curve.last = std::max(curve.last, order.place[i]);
  }
  for (std::size_t e = steps; e-- > 1;) curve.at_risk[e - 1] += curve.at_risk[e];
  for (std::size_t e = 0; e < steps; ++e) {
    const double n = curve.at_risk[e];
    const double kept = curve.events[e] > 0.0 ? (n - curve.events[e]) / n : 1.0;
    curve.survival[e + 1] = curve.survival[e] * kept;
  }
}

void Comparison::fill(std::span<const std::int32_t> own_members,
                      std::span<const std::int32_t> other_members, double sign,
                      std::vector<double>& integral, Half& own_half, Half& other_half) const {
  const std::vector<double>& s = other_curve.survival;
  const std::size_t steps = other.times.size();
  integral.assign(steps + 1, 0.0);
  for (std::size_t e = steps; e-- > 0;) {
    integral[e] = integral[e + 1] + (s[e] - s[e + 1]) * outlived(e);
  }
  own_half.resize(own_members.size());
  for (std::size_t m = 0; m < own_members.size(); ++m) {
    const std::size_t i = at(own_members[m]);
    own_half.key[m] = -sign * infinity;
    own_half.factor[m] = own_half.tail[m] = 0.0;
    if (own.place[i] < 0) continue;
    const std::size_t e = at(own.place[i]);
    const bool event = own.event[i] == 1;
    const std::int32_t beaten = event ? own.before_event[e] : own.before_censored[e];
    own_half.key[m] = sign * beaten;
    own_half.factor[m] = s[at(beaten)];
    if (event) continue;
    own_half.tail[m] = 1.0 / own_curve.survival[e + 1];
    own_half.factor[m] -= integral[at(beaten)] * own_half.tail[m];
  }
  other_half.resize(other_members.size());
  for (std::size_t m = 0; m < other_members.size(); ++m) {
    const std::size_t j = at(other_members[m]);
    other_half.key[m] = sign * infinity;
    other_half.factor[m] = other_half.tail[m] = 0.0;
    if (other.place[j] < 0) continue;
    const std::size_t e = at(other.place[j]);
    const bool event = other.event[j] == 1;
    other_half.key[m] = sign * static_cast<double>(e);
    other_half.factor[m] = event ? 0.0 : 1.0 / s[e + 1];
    other_half.tail[m] = event ? outlived(e) : integral[e + 1] * other_half.factor[m];
  }
}

void Comparison::spread(std::span<const double> integral, const Half& own_half,
                        const Half& other_half, std::vector<double>& integral_slope,
                        std::vector<double>& own_survival,
                        std::vector<double>& other_survival) const {
  const std::vector<double>& s = other_curve.survival;
  const std::size_t steps = other.times.size();
  integral_slope.assign(steps + 1, 0.0);
  for (std::size_t i = 0; i < own.place.size(); ++i) {
    if (own.place[i] < 0) continue;
    const std::size_t e = at(own.place[i]);
    const bool event = own.event[i] == 1;
    const std::size_t beaten = at(event ? own.before_event[e] : own.before_censored[e]);
    other_survival[beaten] += own_half.factor[i];
    if (event) continue;
    const double inverse = 1.0 / own_curve.survival[e + 1];
    const double tail = own_half.tail[i] - own_half.factor[i] * integral[beaten];
    integral_slope[beaten] -= own_half.factor[i] * inverse;
    own_survival[e + 1] -= tail * inverse * inverse;
  }
  for (std::size_t j = 0; j < other.place.size(); ++j) {
    if (other.place[j] < 0) continue;
    const std::size_t e = at(other.place[j]);
    if (other.event[j] == 1) {
      if (known(e)) own_survival[at(other.reach[e])] += other_half.tail[j];
      continue;
    }
    const double inverse = 1.0 / s[e + 1];
    const double factor = other_half.factor[j] + other_half.tail[j] * integral[e + 1];
    integral_slope[e + 1] += other_half.tail[j] * inverse;
    other_survival[e + 1] -= factor * inverse * inverse;
  }
  double slope = 0.0;  // integral[q] holds the events from q on
  for (std::size_t e = 0; e < steps; ++e) {
    slope += integral_slope[e];
    const double drop = slope * outlived(e);
    other_survival[e] += drop;
    other_survival[e + 1] -= drop;
    if (known(e)) own_survival[at(other.reach[e])] += slope * (s[e] - s[e + 1]);
  }
}

// d log S(t) / d w_p = sum over times s <= t at which p is at risk of d / (n (n - d)),
//                      less 1 / (n - d) where p has the event at s.
void add_influence(const Order& order, const Curve& curve, std::span<const double> slope,
                   std::vector<double>& path, std::span<double> sums) {
  const std::size_t steps = order.times.size();
  path.assign(steps + 1, 0.0);  // first, of each time: what all survivals from there on pass back
  for (std::size_t e = steps; e-- > 0;) {
    path[e] = path[e + 1] + slope[e + 1] * curve.survival[e + 1];
  }
  const auto left = [&](std::size_t e) { return curve.at_risk[e] - curve.events[e]; };
  for (std::size_t i = 0; i < order.place.size(); ++i) {
    if (order.place[i] < 0 || order.event[i] == 0) continue;
    const std::size_t e = at(order.place[i]);
    if (left(e) > 0.0) sums[i] -= path[e] / left(e);
  }
  double risen = 0.0;  // then: what a patient at risk until there has gained
  for (std::size_t e = 0; e < steps; ++e) {
    if (left(e) > 0.0) risen += path[e] * curve.events[e] / (curve.at_risk[e] * left(e));
    path[e] = risen;
  }
  for (std::size_t i = 0; i < order.place.size(); ++i) {
    if (order.place[i] >= 0) sums[i] += path[at(order.place[i])];
  }
}

}  // namespace angiotrial::analysis::peron
