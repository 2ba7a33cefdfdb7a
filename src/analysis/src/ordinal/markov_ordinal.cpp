// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "ordinal/markov_layout.hpp"

#include <algorithm>

namespace angiotrial::analysis {

MarkovLayout::MarkovLayout(const MarkovTransitions& t) : level(static_cast<std::size_t>(t.states)) {
  dependence = t.dependence;
  absorbing.assign(level.size(), false);
  for (const int state : t.absorbing) {
    if (state >= 0 && state < t.states) absorbing[static_cast<std::size_t>(state)] = true;
  }
  std::size_t next = 0;
  for (std::size_t k = 0; k < level.size(); ++k) {
    if (!absorbing[k]) level[k] = next++;
  }
  levels = next > 0 ? next - 1 : 0;
  if (t.dependence == PreviousState::none) levels = 0;
  for (std::size_t c = 0; c < t.columns; ++c) {
    const bool apart =
        std::find(t.by_threshold.begin(), t.by_threshold.end(), c) != t.by_threshold.end();
    (apart ? nominal_covariates : proportional_covariates).push_back(c);
  }
}

std::size_t MarkovLayout::nominal_columns() const {
  return nominal_covariates.size() + (dependence == PreviousState::by_threshold ? levels : 0);
}

std::size_t MarkovLayout::proportional_columns() const {
  return proportional_covariates.size() + (dependence == PreviousState::proportional ? levels : 0);
}

namespace {

void append_row(const MarkovLayout& layout, bool with_state, std::size_t state,
                const std::vector<std::size_t>& columns, std::span<const double> covariates,
                std::vector<double>& out) {
  if (with_state) {
    for (std::size_t l = 1; l <= layout.levels; ++l) {
      out.push_back(layout.level[state] == l ? 1.0 : 0.0);
    }
  }
  for (const std::size_t c : columns) out.push_back(covariates[c]);
}

bool states_valid(const MarkovTransitions& t, const MarkovLayout& layout) {
  const auto inside = [&](int state) { return state >= 0 && state < t.states; };
  return std::all_of(t.current.begin(), t.current.end(), inside) &&
         std::all_of(t.absorbing.begin(), t.absorbing.end(), inside) &&
         std::all_of(t.by_threshold.begin(), t.by_threshold.end(),
                     [&](std::size_t c) { return c < t.columns; }) &&
         std::all_of(t.previous.begin(), t.previous.end(), [&](int state) {
           return inside(state) && !layout.absorbing[static_cast<std::size_t>(state)];
         });
}

}  // namespace

void MarkovLayout::append(std::size_t previous, std::span<const double> covariates,
                          std::vector<double>& proportional, std::vector<double>& nominal) const {
  append_row(*this, dependence == PreviousState::proportional, previous, proportional_covariates,
             covariates, proportional);
  append_row(*this, dependence == PreviousState::by_threshold, previous, nominal_covariates,
             covariates, nominal);
}

MarkovDesign::MarkovDesign(const MarkovTransitions& t) {
  const std::size_t rows = t.current.size();
  ANGIOTRIAL_EXPECT(t.previous.size() == rows, "a previous state a transition");
  ANGIOTRIAL_EXPECT(t.covariates.size() == rows * t.columns, "covariates a transition");
  if (t.states < 2) return;
  const MarkovLayout layout(t);
  if (!states_valid(t, layout)) return;
  valid = true;
  proportional.reserve(rows * layout.proportional_columns());
  nominal.reserve(rows * layout.nominal_columns());
  for (std::size_t r = 0; r < rows; ++r) {
    layout.append(static_cast<std::size_t>(t.previous[r]),
                  t.covariates.subspan(r * t.columns, t.columns), proportional, nominal);
  }
  model.response = t.current;
  model.categories = t.states;
  model.proportional = proportional;
  model.proportional_columns = layout.proportional_columns();
  model.nominal = nominal;
  model.nominal_columns = layout.nominal_columns();
  model.weights = t.weights;
  model.sign = t.sign;
}

CumulativeFit fit_markov_ordinal(const MarkovTransitions& transitions) {
  const MarkovDesign design(transitions);
  if (!design.valid) return {};
  return fit_cumulative_model(design.model);
}

std::vector<double> markov_cluster_covariance(const MarkovTransitions& transitions,
                                              const CumulativeFit& fit,
                                              std::span<const int> patient) {
  const MarkovDesign design(transitions);
  return cluster_covariance(design.model, fit, patient);
}

}  // namespace angiotrial::analysis
