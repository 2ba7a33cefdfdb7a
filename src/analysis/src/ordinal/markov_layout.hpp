// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

namespace angiotrial::analysis {

/// Which parameter a previous state and a covariate has.
struct MarkovLayout {
  explicit MarkovLayout(const MarkovTransitions& transitions);

  PreviousState dependence;
  std::vector<bool> absorbing;     ///< by state
  std::vector<std::size_t> level;  ///< by state that is not absorbing: 0 is the reference
  std::size_t levels = 0;          ///< of the factor, without the reference
  std::vector<std::size_t> proportional_covariates, nominal_covariates;

  [[nodiscard]] std::size_t nominal_columns() const;
  [[nodiscard]] std::size_t proportional_columns() const;
  /// The design rows of a transition out of `previous`.
  void append(std::size_t previous, std::span<const double> covariates,
              std::vector<double>& proportional, std::vector<double>& nominal) const;
};

}  // namespace angiotrial::analysis
