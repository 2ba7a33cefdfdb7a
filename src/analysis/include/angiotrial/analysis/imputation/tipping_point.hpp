// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/imputation/reference_based.hpp>

#include <span>
#include <string_view>
#include <vector>

/// How far imputed values must be moved until the conclusion changes.
///
/// Imputed values become y + delta d, d a direction by arm and visit. Conditional means and their
/// analysis are linear in delta, each jackknife replicate too:
///
///   Q(delta) = Q + delta g,   se(delta)^2 = a + 2 b delta + c delta^2
///
/// so that the delta at which |Q| = z se is a root of a quadratic, not of a simulation.
namespace angiotrial::analysis {

enum class TippingStatus {
  found = 0,
  none_in_range = 1,    ///< the conclusion holds from 0 to `limit`
  nothing_imputed = 2,  ///< the direction moves no imputed value
  invalid_input = 3,    ///< no such visit or arm, a limit of 0, alpha outside 0 to 1, ...
  not_imputed = 4       ///< `imputation` says why
};
[[nodiscard]] std::string_view name_of(TippingStatus status);

struct TippingPointPlan {
  int visit = 0;                      ///< of the contrast
  int arm = 1;                        ///< less arm 0
  std::span<const double> direction;  ///< arms x visits
  DeltaScope scope = DeltaScope::after_event;
  double limit = 0.0;   ///< the search goes from 0 to here; of either sign
  int points = 11;      ///< rows of the table, from 0 to limit; 2 or more
  double alpha = 0.05;  ///< two-sided: the conclusion is p < alpha
};

struct TippingRow {
  double delta = 0.0;
  double estimate = 0.0;
  double se = 0.0;
  double statistic = 0.0;
  double p_value = 1.0;
  bool significant = false;
};

struct TippingResult {
  TippingStatus status = TippingStatus::invalid_input;
  ImputationStatus imputation = ImputationStatus::imputed;
  TippingRow tipping;             ///< where found
  std::vector<TippingRow> table;  ///< delta 0 first
};

/// The trial's own `delta`, where there is one, stays as the starting point.
[[nodiscard]] TippingResult find_tipping_point(const IncompleteTrial& trial,
                                               const TippingPointPlan& plan,
                                               ImputationWorkspace& workspace);

struct DeltaTablePlan {
  int visit = 0;
  int arm = 1;
  std::span<const double> first, second;  ///< two directions, arms x visits each
  DeltaScope scope = DeltaScope::after_event;
  std::span<const double> first_deltas, second_deltas;
  double alpha = 0.05;
};

struct DeltaTable {
  TippingStatus status = TippingStatus::invalid_input;  ///< found: the table stands
  ImputationStatus imputation = ImputationStatus::imputed;
  std::vector<TippingRow> rows;  ///< first_deltas x second_deltas; `delta` is the first
};

/// Imputed values become y + delta_1 d_1 + delta_2 d_2: for example one delta an arm.
[[nodiscard]] DeltaTable tabulate_deltas(const IncompleteTrial& trial, const DeltaTablePlan& plan,
                                         ImputationWorkspace& workspace);

}  // namespace angiotrial::analysis
