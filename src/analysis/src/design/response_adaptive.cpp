// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/response_adaptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/arm_shares.hpp"
#include "design/arms_rule.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::size_t most_arms = 20, most_looks = 1000;
constexpr int most_patients = 1000000;
constexpr double share_slack = 1.0e-9;     ///< sums of shares are rounded
constexpr int most_between_looks = 65536;  ///< two draws each of one occasion of a stream

template <class Inside>
bool list_of(const std::vector<double>& list, std::size_t size, Inside inside) {
  return list.size() == size && std::ranges::all_of(list, inside);
}
template <class Inside>
bool empty_or(const std::vector<double>& list, std::size_t size, Inside inside) {
  return list.empty() || list_of(list, size, inside);
}
template <class Inside>
bool by_look(const std::vector<double>& list, const AdaptiveArms& d, Inside inside) {
  return list_of(list, 1, inside) || list_of(list, d.looks.size(), inside);
}

bool looks_rise(const AdaptiveArms& d) {
  if (d.looks.empty() || d.looks.size() > most_looks || d.looks.back() > most_patients)
    return false;
  const std::vector<int>& recruited = d.randomised.empty() ? d.looks : d.randomised;
  if (recruited.size() != d.looks.size() || recruited.back() > most_patients) return false;
  int seen = 0, in = 0;
  for (std::size_t k = 0; k < d.looks.size(); ++k) {
    if (d.looks[k] <= seen || recruited[k] < d.looks[k] || recruited[k] < in) return false;
    if (recruited[k] - in > most_between_looks) return false;
    seen = d.looks[k];
    in = recruited[k];
  }
  return true;
}

bool limits_hold(const AdaptiveArms& d) {
  const auto power = [](double x) { return x >= 0.0 && x <= 1.0; };
  const auto upper = [](double x) { return x > 0.0 && x <= 1.0; };
  // All arms cannot be inferior at once.
  const double ceiling = d.control ? 1.0 : 1.0 / static_cast<double>(d.arms);
  const auto lower = [&](double x) { return x >= 0.0 && x < ceiling; };
  if (!by_look(d.softening, d, power) || !by_look(d.superiority, d, upper) ||
      !by_look(d.inferiority, d, lower)) {
    return false;
  }
  for (std::size_t k = 0; k < d.looks.size(); ++k) {
    if (!(at_look(d.inferiority, k) < at_look(d.superiority, k))) return false;
  }
  const auto margin = [](double x) { return x >= 0.0 && std::isfinite(x); };
  if (!margin(d.equivalence_margin) || !margin(d.futility_margin)) return false;
  const auto assessed = [&](const std::vector<double>& list, double by) {
    return list.empty() || (by_look(list, d, upper) && by > 0.0);
  };
  return assessed(d.equivalence, d.equivalence_margin) && assessed(d.futility, d.futility_margin) &&
         (d.control || d.futility.empty());
}

double sum(const std::vector<double>& list) {
  return std::accumulate(list.begin(), list.end(), 0.0);
}

bool has_rule(const AdaptiveArms& d, std::size_t k) {
  return d.control_share != ControlShare::adaptive && k == d.control;
}

struct ShareLimits {
  double low = 0.0, high = 0.0;
};

/// Of an arm that is no control with a rule.
ShareLimits limits_of(const AdaptiveArms& d, std::size_t k) {
  const double fixed = number_or(d.fixed, k, 0.0);
  if (fixed > 0.0) return {fixed, fixed};
  return {number_or(d.least, k, 0.0), number_or(d.most, k, 1.0)};
}

/// Whether all arms can have shares that obey; a control with a rule has what that says.
bool some_shares_obey(const AdaptiveArms& d) {
  ShareLimits all, largest;
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (has_rule(d, k)) continue;
    const ShareLimits own = limits_of(d, k);
    all.low += own.low;
    all.high += own.high;
    largest.low = std::max(largest.low, own.low);
    largest.high = std::max(largest.high, own.high);
  }
  const bool match = d.control_share == ControlShare::match;
  const double settled = std::max(settled_share(d, d.arms - 1), 0.0);
  const ShareLimits control = match ? largest : ShareLimits{settled, settled};
  return all.low + control.low <= 1.0 + share_slack && all.high + control.high >= 1.0 - share_slack;
}

/// Whether what arms without a fixed share would get if they shared the rest equally obeys.
bool equal_shares_obey(const AdaptiveArms& d) {
  double rest = 1.0 - settled_share(d, d.arms - 1), sharing = 0.0;
  ShareLimits tightest{0.0, 1.0};
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (has_rule(d, k)) continue;
    const ShareLimits own = limits_of(d, k);
    if (number_or(d.fixed, k, 0.0) > 0.0) {
      rest -= own.low;
      continue;
    }
    sharing += 1.0;
    tightest = {std::max(tightest.low, own.low), std::min(tightest.high, own.high)};
  }
  if (sharing == 0.0) return true;
  const double share = rest / sharing;
  return share >= tightest.low - share_slack && share <= tightest.high + share_slack;
}

/// Starting shares are given to so many digits.
constexpr double start_slack = 1.0e-6;

/// A control with a rule begins as given, whatever the rule.
bool start_obeys(const AdaptiveArms& d) {
  const std::vector<double> start = shares_at_start(d);
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (has_rule(d, k)) continue;
    const ShareLimits own = limits_of(d, k);
    if (start[k] < own.low - start_slack || start[k] > own.high + start_slack) return false;
  }
  return true;
}

bool shares_exist(const AdaptiveArms& d) {
  const auto share = [](double x) { return x >= 0.0 && x <= 1.0; };
  const auto above_zero = [](double x) { return x > 0.0 && x <= 1.0; };
  for (const auto* list : {&d.start, &d.fixed, &d.least}) {
    if (!empty_or(*list, d.arms, share)) return false;
  }
  if (!empty_or(d.most, d.arms, above_zero)) return false;
  if (!d.start.empty() && std::fabs(sum(d.start) - 1.0) > start_slack) return false;
  const bool ruled = d.control_share != ControlShare::adaptive;
  if (ruled && !d.control) return false;
  const double own = d.control_fixed;
  if (d.control_share == ControlShare::fixed && !(own > 0.0 && own < 1.0)) return false;
  for (std::size_t k = 0; k < d.arms; ++k) {
    if (number_or(d.least, k, 0.0) > number_or(d.most, k, 1.0)) return false;
    if (has_rule(d, k) && number_or(d.fixed, k, 0.0) > 0.0) return false;
  }
  return some_shares_obey(d) &&
         (d.control_share != ControlShare::root_fixed || equal_shares_obey(d));
}

/// Parameters of the posteriors, or why there are none.
struct Parameters {
  ArmsStatus status = ArmsStatus::valid;
  std::vector<double> first, second;
};

Parameters parameters_of(const AdaptiveArms& d, const ArmsData& data,
                         const std::vector<ArmState>& states) {
  Parameters out;
  const bool binary = d.endpoint == ArmsEndpoint::binary;
  const double lost = d.endpoint == ArmsEndpoint::normal_estimated ? 1.0 : 0.0;
  for (std::size_t k = 0; k < d.arms; ++k) {
    const double n = data.totals[k], y = data.outcomes[k];
    const bool in = taking_part(states[k]);
    if (!(n >= 0.0 && n <= most_patients) || !std::isfinite(y))
      out.status = ArmsStatus::invalid_data;
    if (binary) {
      if (!(y >= 0.0 && y <= n)) out.status = ArmsStatus::invalid_data;
      out.first.push_back(d.prior_events + y);
      out.second.push_back(d.prior_others + n - y);
      continue;
    }
    const double sd = data.sds[k];
    if (in && n > lost && !(sd > 0.0 && std::isfinite(sd))) out.status = ArmsStatus::invalid_data;
    if (in && !(n >= lost + 1.0) && out.status == ArmsStatus::valid) {
      out.status = ArmsStatus::too_few;
    }
    out.first.push_back(y);
    out.second.push_back(sd / std::sqrt(n - lost));
  }
  return out;
}

/// Arms that take part, with at most one control: the one that the trial has now.
bool begin(const AdaptiveArms& d, const ArmsCourse& course, ArmsLook& out) {
  if (course.look >= d.looks.size()) return false;
  out.states = course.states.empty() ? std::vector<ArmState>(d.arms) : course.states;
  out.control = course.control ? course.control : d.control;
  if (out.states.size() != d.arms || out.control.has_value() != d.control.has_value()) return false;
  for (ArmState& state : out.states) {
    if (state == ArmState::control) state = ArmState::active;
    if (state == ArmState::superior) return false;
  }
  if (out.control) {
    if (*out.control >= d.arms || out.states[*out.control] != ArmState::active) return false;
    out.states[*out.control] = ArmState::control;
  }
  return std::ranges::count_if(out.states, taking_part) >= 2;
}

}  // namespace

std::string_view name_of(ArmsStatus status) {
  switch (status) {
    case ArmsStatus::valid:
      return "valid";
    case ArmsStatus::invalid_design:
      return "2 to 20 arms, looks that rise, lists of one number or one a look, limits between 0 "
             "and 1 with inferiority below superiority (without control: below 1 / arms), margins "
             "where equivalence or futility is assessed, and futility only against a control";
    case ArmsStatus::invalid_shares:
      return "starting shares must sum to 1, greatest shares must be above 0, and some shares must "
             "obey every limit, the control's own share and fixed shares counted";
    case ArmsStatus::invalid_start:
      return "starting shares, equal unless given, must be the fixed ones and obey least and "
             "greatest shares";
    case ArmsStatus::invalid_data:
      return "counts that cannot be, a spread that is not positive, or fewer than two arms left";
    case ArmsStatus::too_few:
      return "an arm has too few patients for a posterior under a flat prior";
    case ArmsStatus::too_unlike:
      return "the arms' posteriors are too unlike in width or place to be compared";
    case ArmsStatus::invalid_truth:
      return "a rate outside 0 to 1, a spread that is not positive, or no trial";
  }
  return "unknown";
}

std::string_view name_of(ArmState state) {
  switch (state) {
    case ArmState::active:
      return "active";
    case ArmState::control:
      return "control";
    case ArmState::superior:
      return "superior";
    case ArmState::inferior:
      return "inferior";
    case ArmState::equivalent:
      return "equivalent";
    case ArmState::futile:
      return "futile";
  }
  return "unknown";
}

std::string_view name_of(TrialDecision decision) {
  switch (decision) {
    case TrialDecision::proceeds:
      return "the trial goes on";
    case TrialDecision::superiority:
      return "stop for superiority";
    case TrialDecision::equivalence:
      return "stop for equivalence";
    case TrialDecision::futility:
      return "stop for futility";
    case TrialDecision::maximum:
      return "maximum size without a decision";
  }
  return "unknown";
}

ArmsStatus check(const AdaptiveArms& d) {
  const auto prior = [](double x) { return x >= 0.1 && x <= 1.0e6; };
  if (d.arms < 2 || d.arms > most_arms || (d.control && *d.control >= d.arms) || !looks_rise(d) ||
      !limits_hold(d) || !prior(d.prior_events) || !prior(d.prior_others)) {
    return ArmsStatus::invalid_design;
  }
  if (!shares_exist(d)) return ArmsStatus::invalid_shares;
  return start_obeys(d) ? ArmsStatus::valid : ArmsStatus::invalid_start;
}

ArmsLook analyse_adaptive_arms(const AdaptiveArms& design, const ArmsData& data,
                               const ArmsCourse& course) {
  ANGIOTRIAL_EXPECT(data.totals.size() == design.arms && data.outcomes.size() == design.arms,
                    "a number an arm");
  ANGIOTRIAL_EXPECT(design.endpoint == ArmsEndpoint::binary || data.sds.size() == design.arms,
                    "a spread an arm");
  ArmsLook out;
  out.status = check(design);
  if (out.status != ArmsStatus::valid) return out;
  if (!begin(design, course, out)) {
    out.status = ArmsStatus::invalid_data;
    return out;
  }
  const Parameters posterior = parameters_of(design, data, out.states);
  out.status = posterior.status;
  if (out.status != ArmsStatus::valid) return out;
  for (std::size_t k = 0; k < design.arms; ++k) {
    const double a = posterior.first[k];
    out.estimate.push_back(design.endpoint == ArmsEndpoint::binary ? a / (a + posterior.second[k])
                                                                   : a);
  }
  if (!ArmsRule(design, true).decide(posterior.first, posterior.second, course.look, out)) {
    out.status = ArmsStatus::too_unlike;
  }
  return out;
}

}  // namespace angiotrial::analysis
