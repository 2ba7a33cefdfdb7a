// SPDX-License-Identifier: Apache-2.0
#include "design/arms_rule.hpp"

#include <algorithm>
#include <limits>

namespace angiotrial::analysis {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::size_t best_of(std::span<const double> probability) {
  return static_cast<std::size_t>(std::ranges::max_element(probability) - probability.begin());
}

void keep(std::span<const double> from, std::span<const char> in, std::vector<double>& to) {
  for (std::size_t k = 0; k < in.size(); ++k) to[k] = in[k] != 0 ? from[k] : missing;
}

}  // namespace

ArmsRule::ArmsRule(const AdaptiveArms& design, bool complete)
    : design_(design), complete_(complete), in_(design.arms) {
  for (auto* list : {&best_, &better_, &equivalent_, &futile_}) list->resize(design.arms);
}

std::size_t ArmsRule::left() const {
  return static_cast<std::size_t>(std::ranges::count_if(in_, [](char in) { return in != 0; }));
}

bool ArmsRule::decide(std::span<const double> first, std::span<const double> second,
                      std::size_t look, ArmsLook& trial) {
  for (auto* list :
       {&trial.best, &trial.best_left, &trial.better, &trial.equivalent, &trial.futile}) {
    list->assign(design_.arms, missing);
  }
  trial.shares.assign(design_.arms, 0.0);
  trial.all_equivalent = missing;
  trial.decision = TrialDecision::proceeds;
  for (std::size_t k = 0; k < design_.arms; ++k) in_[k] = taking_part(trial.states[k]) ? 1 : 0;
  const bool laid_out = design_.endpoint == ArmsEndpoint::binary
                            ? posteriors_.set_beta(first, second, in_)
                            : posteriors_.set_normal(first, second, in_);
  if (!laid_out) return false;
  trial.control ? decide_controlled(look, trial) : decide_alone(look, trial);
  if (trial.decision == TrialDecision::proceeds && look + 1 == design_.looks.size()) {
    trial.decision = TrialDecision::maximum;
  }
  if (trial.decision == TrialDecision::proceeds) {
    allocate(design_, in_, trial.control, at_look(design_.softening, look), best_, trial.shares);
  }
  return true;
}

bool ArmsRule::drop(std::span<const double> probability, bool above, double limit, ArmState state,
                    ArmsLook& trial) {
  bool any = false;
  for (std::size_t k = 0; k < design_.arms; ++k) {
    if (in_[k] == 0 || k == trial.control) continue;
    if (above ? probability[k] > limit : probability[k] < limit) {
      in_[k] = 0;
      trial.states[k] = state;
      any = true;
    }
  }
  return any;
}

// Without control: inferior arms go until none is left to go; then superiority; then equivalence.
void ArmsRule::decide_alone(std::size_t look, ArmsLook& trial) {
  const bool largest = design_.favours == Favours::larger;
  posteriors_.best(in_, largest, best_);
  keep(best_, in_, trial.best);
  while (drop(best_, false, at_look(design_.inferiority, look), ArmState::inferior, trial)) {
    posteriors_.best(in_, largest, best_);
  }
  keep(best_, in_, trial.best_left);
  const bool assessed = !design_.equivalence.empty();
  if ((assessed || complete_) && design_.equivalence_margin > 0.0) {
    trial.all_equivalent = posteriors_.within(in_, design_.equivalence_margin);
  }
  const std::size_t leader = best_of(best_);
  if (left() == 1 || best_[leader] > at_look(design_.superiority, look)) {
    trial.states[leader] = ArmState::superior;
    trial.decision = TrialDecision::superiority;
  } else if (assessed && trial.all_equivalent > at_look(design_.equivalence, look)) {
    for (std::size_t k = 0; k < design_.arms; ++k) {
      if (in_[k] != 0) trial.states[k] = ArmState::equivalent;
    }
    trial.decision = TrialDecision::equivalence;
  }
}

/// Probabilities of the arms left against `control`.
void ArmsRule::compare(ArmsLook& trial, std::size_t control, bool record) {
  const bool larger = design_.favours == Favours::larger;
  const bool equivalence =
      complete_ ? design_.equivalence_margin > 0.0 : !design_.equivalence.empty();
  const bool futility = complete_ ? design_.futility_margin > 0.0 : !design_.futility.empty();
  for (std::size_t k = 0; k < design_.arms; ++k) {
    if (in_[k] == 0 || k == control) continue;
    const double below = posteriors_.below(k, control, 0.0);
    better_[k] = larger ? 1.0 - below : below;
    if (equivalence) {
      equivalent_[k] = posteriors_.below(k, control, design_.equivalence_margin) -
                       posteriors_.below(k, control, -design_.equivalence_margin);
    }
    if (futility) {
      futile_[k] = larger ? posteriors_.below(k, control, design_.futility_margin)
                          : 1.0 - posteriors_.below(k, control, -design_.futility_margin);
    }
  }
  if (!record) return;
  std::vector<char> others = in_;
  others[control] = 0;
  keep(better_, others, trial.better);
  if (equivalence) keep(equivalent_, others, trial.equivalent);
  if (futility) keep(futile_, others, trial.futile);
}

/// Of the arms better than the control, the one most probably the best takes its place.
bool ArmsRule::take_new_control(double limit, ArmsLook& trial) {
  const std::size_t old = *trial.control;
  std::optional<std::size_t> next;
  for (std::size_t k = 0; k < design_.arms; ++k) {
    if (in_[k] == 0 || k == old || !(better_[k] > limit)) continue;
    if (!next || best_[k] > best_[*next]) next = k;
  }
  if (!next) return false;
  in_[old] = 0;
  trial.states[old] = ArmState::inferior;
  trial.states[*next] = ArmState::control;
  trial.control = next;
  return true;
}

// With control, each time there is a new one: inferior arms go; an arm that is better takes the
// control's place; if none is, equivalent arms go, then futile ones.
void ArmsRule::decide_controlled(std::size_t look, ArmsLook& trial) {
  const bool largest = design_.favours == Favours::larger;
  posteriors_.best(in_, largest, best_);
  keep(best_, in_, trial.best);
  const std::size_t before = left();
  compare(trial, *trial.control, true);
  TrialDecision last = TrialDecision::superiority;
  for (;;) {
    drop(better_, false, at_look(design_.inferiority, look), ArmState::inferior, trial);
    if (take_new_control(at_look(design_.superiority, look), trial)) {
      compare(trial, *trial.control, false);
      continue;
    }
    const bool first = trial.control == design_.control;
    if (!design_.equivalence.empty() && (first || !design_.equivalence_first_only) &&
        drop(equivalent_, true, at_look(design_.equivalence, look), ArmState::equivalent, trial)) {
      last = TrialDecision::equivalence;
    }
    if (!design_.futility.empty() && (first || !design_.futility_first_only) &&
        drop(futile_, true, at_look(design_.futility, look), ArmState::futile, trial)) {
      last = TrialDecision::futility;
    }
    break;
  }
  if (left() == 1) {
    trial.decision = last;
    if (last == TrialDecision::superiority) trial.states[*trial.control] = ArmState::superior;
  }
  if (left() < before) posteriors_.best(in_, largest, best_);
  keep(best_, in_, trial.best_left);
}

}  // namespace angiotrial::analysis
