// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "composites/win_state.hpp"

namespace angiotrial::analysis::wins {
namespace {

bool zero_or_one(std::span<const int> codes) {
  return std::all_of(codes.begin(), codes.end(), [](int c) { return c == 0 || c == 1; });
}

bool valid(const WinTier& tier, std::size_t patients, WinMissing missing) {
  const bool timed = tier.kind == TierKind::event_time;
  ANGIOTRIAL_EXPECT(tier.values.size() == patients, "a value a patient");
  ANGIOTRIAL_EXPECT(tier.event.size() == (timed ? patients : 0), "an event code a time");
  if (!(tier.margin >= 0.0) || !std::isfinite(tier.margin) || !zero_or_one(tier.event)) {
    return false;
  }
  return std::all_of(tier.values.begin(), tier.values.end(), [&](double v) {
    return std::isfinite(v) || (missing == WinMissing::tie && std::isnan(v));
  });
}

template <class Code>
constexpr Code never = std::numeric_limits<Code>::max();

/// Values in the direction in which larger is better; times always run forward.
double directed(const WinTier& tier, std::size_t i) {
  const bool turned = tier.kind == TierKind::value && tier.better == WinDirection::lower;
  return turned ? -tier.values[i] : tier.values[i];
}

void sort_patients(const WinTier& tier, std::vector<Keyed>& sorted) {
  sorted.clear();
  for (std::size_t i = 0; i < tier.values.size(); ++i) {
    if (std::isnan(tier.values[i])) continue;
    sorted.push_back({directed(tier, i), static_cast<std::int32_t>(i)});
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Keyed& a, const Keyed& b) { return a.value < b.value; });
}

/// Without a margin: twice the rank among distinct values. One more for a patient who, censored,
/// outlives an event of the same time.
template <class Code>
void encode_ranks(const WinTier& tier, const WinOptions& options, const std::vector<Keyed>& sorted,
                  TierCodes<Code>& out) {
  const bool timed = tier.kind == TierKind::event_time;
  const bool outlives = timed && options.censored_at_event == CensoredAtEvent::survives;
  Code rank = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    if (k > 0 && sorted[k].value > sorted[k - 1].value) rank = static_cast<Code>(rank + 2);
    const auto i = static_cast<std::size_t>(sorted[k].patient);
    const bool known = !timed || tier.event[i] == 1;
    out.above[i] = static_cast<Code>(rank + (outlives && !known ? 1 : 0));
    out.after[i] = out.above[i];
    if (known) out.event[i] = out.below[i] = rank;
  }
}

/// With a margin: positions in the sorted values. Rounded differences are monotone in either value,
/// so those whom i beats stand first, and those who beat i stand last.
template <class Code>
void encode_positions(const WinTier& tier, const std::vector<Keyed>& sorted, TierCodes<Code>& out) {
  const bool timed = tier.kind == TierKind::event_time;
  const auto beyond = [&](double difference) {
    return tier.at_margin ? difference >= tier.margin : difference > tier.margin;
  };
  std::size_t beaten = 0;
  std::size_t level = 0;  // those who do not beat i
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const double own = sorted[k].value;
    const auto i = static_cast<std::size_t>(sorted[k].patient);
    while (beaten < sorted.size() && beyond(own - sorted[beaten].value)) ++beaten;
    while (level < sorted.size() && !beyond(sorted[level].value - own)) ++level;
    const bool known = !timed || tier.event[i] == 1;
    out.above[i] = static_cast<Code>(beaten);
    out.after[i] = static_cast<Code>(k);
    if (!known) continue;
    out.event[i] = static_cast<Code>(k);
    out.below[i] = static_cast<Code>(static_cast<int>(level) - 1);
  }
}

/// An early event is good: wins and losses change places.
template <class Code>
void turn_round(TierCodes<Code>& codes) {
  const auto negate = [](Code c) { return static_cast<Code>(-c); };
  for (auto* side : {&codes.above, &codes.below, &codes.event, &codes.after}) {
    std::transform(side->begin(), side->end(), side->begin(), negate);
  }
  codes.above.swap(codes.below);
  codes.event.swap(codes.after);
}

}  // namespace

bool valid(const WinTrial& trial, const WinOptions& options) {
  const std::size_t patients = trial.treated.size();
  ANGIOTRIAL_EXPECT(!trial.tiers.empty(), "at least one tier");
  ANGIOTRIAL_EXPECT(options.level > 0.0 && options.level < 1.0, "a confidence level");
  ANGIOTRIAL_EXPECT(trial.stratum.empty() || trial.stratum.size() == patients,
                    "a stratum a patient");
  if (trial.strata < 1 || !zero_or_one(trial.treated)) return false;
  bool good = std::all_of(trial.stratum.begin(), trial.stratum.end(),
                          [&](int h) { return h >= 0 && h < trial.strata; });
  for (const WinTier& tier : trial.tiers) good = valid(tier, patients, options.missing) && good;
  return good;
}

template <class Code>
void encode(const WinTrial& trial, const WinOptions& options, std::vector<Keyed>& sorted,
            std::vector<TierCodes<Code>>& out) {
  const std::size_t patients = trial.treated.size();
  out.resize(trial.tiers.size());
  for (std::size_t k = 0; k < out.size(); ++k) {
    const WinTier& tier = trial.tiers[k];
    TierCodes<Code>& codes = out[k];
    codes.above.assign(patients, static_cast<Code>(-never<Code>));
    codes.after.assign(patients, static_cast<Code>(-never<Code>));
    codes.below.assign(patients, never<Code>);
    codes.event.assign(patients, never<Code>);
    sort_patients(tier, sorted);
    if (tier.margin > 0.0) {
      encode_positions(tier, sorted, codes);
    } else {
      encode_ranks(tier, options, sorted, codes);
    }
    if (tier.kind == TierKind::event_time && tier.better == WinDirection::lower) turn_round(codes);
  }
}

template void encode(const WinTrial&, const WinOptions&, std::vector<Keyed>&,
                     std::vector<TierCodes<std::int16_t>>&);
template void encode(const WinTrial&, const WinOptions&, std::vector<Keyed>&,
                     std::vector<TierCodes<std::int32_t>>&);

}  // namespace angiotrial::analysis::wins
