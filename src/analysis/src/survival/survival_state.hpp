// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/log_rank.hpp>

#include "stable_order.hpp"
#include "survival/event_table.hpp"
#include "survival/quadratic_form.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// Buffers of curves and log-rank tests.
struct SurvivalWorkspace::State {
  StableOrder order;
  std::vector<double> times;
  std::vector<SurvivalPoint> curve;

  EventTable table;
  std::vector<double> weights;
  std::vector<double> at_risk;    ///< by group
  std::vector<std::size_t> used;  ///< groups that were at risk at an event
  Eigen::VectorXd difference;
  Eigen::MatrixXd variance;
  QuadraticFormScratch form;
  WeightedLogRank weighted;
  LogRank plain;
};

using SurvivalState = SurvivalWorkspace::State;

/// Fills s.table; false where a time is not finite or negative.
[[nodiscard]] bool take_event_table(const LogRankData& data, SurvivalState& s);
/// w at every event time.
void take_weights(const EventTable& table, const LogRankWeight& weight, std::vector<double>& w);

}  // namespace angiotrial::analysis
